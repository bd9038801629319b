//! The exec provider: resources that commands manage.
//!
//! An `exec_command` names a command (a program and its arguments, no shell) for each thing that can be done
//! to it. A command gets one JSON object on standard input and answers with one on standard output; what it
//! writes to standard error is its log. How exits and answers are understood is in `answer`.
//!
//! * Only `input` and `triggers_replace` are the object. Everything else says how its commands are run, so a
//!   change there is recorded and runs nothing.
//! * A command runs in a process group of its own and does not outlive a killed mpctl: see `shim` and `watch`.
//! * What a command gets in clear because it was marked as sensitive never appears in its log or in a fault,
//!   and makes its `output` sensitive.
//!
//! Must not: take a failure for "nothing was done" unless the contract allows it, or run a command while
//! planning (but for `read`).

mod answer;
mod apply;
mod call;
mod plan;
mod process;
mod read;
mod schema;
mod shim;
mod spawn;
mod streams;
mod validate;
mod watch;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use mpctl_provider::contract::{
    ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, DataRequest, LookupRequest, Object,
    PlanReply, PlanRequest, ProjectContext, ReadRequest, ValidateRequest,
};
use mpctl_provider::fault::Fault;
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::{Provider, Value};

pub use shim::{SUBCOMMAND, shim_main};

/// A fresh instance.
pub fn provider() -> Arc<dyn Provider> {
    Arc::new(Exec { schema: schema::provider(), project: OnceLock::new() })
}

struct Exec {
    schema: ProviderSchema,
    project: OnceLock<ProjectContext>,
}

impl Exec {
    fn project(&self) -> Result<&ProjectContext, Fault> {
        self.project.get().ok_or_else(|| Fault::permanent("the exec provider is not configured"))
    }
}

#[async_trait]
impl Provider for Exec {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<(), Fault> {
        let project = self.project.get_or_init(|| request.project.clone());
        if (&project.root, &project.environment)
            == (&request.project.root, &request.project.environment)
        {
            Ok(())
        } else {
            Err(Fault::permanent("this exec provider works in another project already"))
        }
    }

    async fn validate(&self, requests: Vec<ValidateRequest>) -> Vec<Vec<Fault>> {
        requests.iter().map(|request| validate::validate(&request.config)).collect()
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        requests.iter().map(|request| plan::plan(&self.schema, request)).collect()
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        read::batch(self.project(), requests, read::read).await
    }

    async fn read_data(&self, requests: Vec<DataRequest>) -> Vec<Result<Value, Fault>> {
        read::batch(self.project(), requests, read::read_data).await
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        context: ApplyContext,
    ) -> Result<ApplyReply, Fault> {
        apply::apply(self.project()?, request, context).await
    }

    async fn lookup(&self, request: LookupRequest) -> Result<Option<Object>, Fault> {
        read::lookup(self.project()?, request).await
    }
}

/// The fault for a type that is not ours.
fn unknown_type(resource_type: &str) -> Fault {
    Fault::permanent(format!("the exec provider has no type {resource_type:?}"))
}
