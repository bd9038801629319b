//! The http provider: reads a URL as data.
//!
//! Data `http` behaves as Terraform's of that name: GET, HEAD or POST of one URL, any status is an answer, and a
//! `retry` block says how often to try again after an error of the connection or the server.
//!
//! * An answer is at most 16 MiB and must come within the time-out.
//! * Where something that is sent is sensitive, what comes back is: a server may repeat it.
//!
//! Must not: change anything, or keep connections or cookies from one read to the next.

mod data;
mod exchange;
mod retry;
mod schema;

use std::sync::Arc;

use async_trait::async_trait;
use mpctl_provider::contract::{
    ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, DataRequest, Object, PlanReply,
    PlanRequest, ReadRequest,
};
use mpctl_provider::fault::Fault;
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::{Provider, Value};

/// A fresh instance.
pub fn provider() -> Arc<dyn Provider> {
    Arc::new(Http { schema: schema::provider() })
}

struct Http {
    schema: ProviderSchema,
}

#[async_trait]
impl Provider for Http {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, _request: ConfigureRequest) -> Result<(), Fault> {
        Ok(())
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        requests.iter().map(|request| Err(no_resource(&request.resource_type))).collect()
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        requests.iter().map(|request| Err(no_resource(&request.resource_type))).collect()
    }

    async fn read_data(&self, requests: Vec<DataRequest>) -> Vec<Result<Value, Fault>> {
        data::read(requests).await
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        _context: ApplyContext,
    ) -> Result<ApplyReply, Fault> {
        Err(no_resource(&request.resource_type))
    }
}

fn no_resource(resource_type: &str) -> Fault {
    Fault::permanent(format!("the http provider has no resource type {resource_type:?}"))
        .hint("it offers the data source `http`")
}
