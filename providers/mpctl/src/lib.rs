//! The mpctl provider: `mpctl_data`, a resource that holds values and nothing else.
//!
//! It gives the same verdicts as Terraform's `terraform_data`: a changed `input` is an update that makes
//! `output` known after apply, a changed `triggers_replace` a replacement. Unlike there, `output` keeps the
//! sensitive marks of `input`.
//!
//! Nothing exists outside the state, so a create that was interrupted has left nothing behind ([`lookup`]
//! finds nothing), and reading gives the recorded object back. Works in memory only; must stay so.
//!
//! [`lookup`]: Provider::lookup

mod apply;
mod plan;
mod read;
mod schema;

use std::sync::Arc;

use async_trait::async_trait;
use mpctl_provider::Provider;
use mpctl_provider::contract::{
    ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, LookupRequest, Object, PlanReply,
    PlanRequest, ReadRequest,
};
use mpctl_provider::fault::Fault;
use mpctl_provider::schema::ProviderSchema;

/// A fresh instance.
pub fn provider() -> Arc<dyn Provider> {
    Arc::new(Mpctl { schema: schema::provider() })
}

struct Mpctl {
    schema: ProviderSchema,
}

#[async_trait]
impl Provider for Mpctl {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, _request: ConfigureRequest) -> Result<(), Fault> {
        Ok(())
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        let names = plan::Names::of(&self.schema);
        requests.into_iter().map(|request| plan::plan(&names, request)).collect()
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        requests.into_iter().map(read::read).collect()
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        _context: ApplyContext,
    ) -> Result<ApplyReply, Fault> {
        apply::apply(request)
    }

    async fn lookup(&self, _request: LookupRequest) -> Result<Option<Object>, Fault> {
        Ok(None)
    }
}

/// The fault for a type that is not ours.
fn unknown_type(resource_type: &str) -> Fault {
    Fault::permanent(format!("the mpctl provider has no resource type {resource_type:?}"))
}
