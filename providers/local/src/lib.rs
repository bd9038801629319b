//! The local provider: files and directories of the machine that mpctl runs on.
//!
//! * `local_file`: written whole or not at all. New content is an update, a new `filename` a replacement; an
//!   edit by hand is drift that the next plan takes back; a file deleted by hand is planned as a create. A
//!   create never overwrites a file that mpctl did not make, since no rollback could bring it back.
//! * `local_directory`: made with its parents, deleted only when empty.
//! * data `local_file`: reads a file.
//!
//! An object's id is its path as the user wrote it; relative paths are relative to the project's folder. What
//! a plan needs of a `source` travels in the plan (`source`), so that apply writes what was reviewed.
//!
//! Must not: follow a symbolic link when it replaces a file, leave a half-written file, or delete what it did
//! not make.

mod apply;
mod content;
mod data;
mod directory;
mod import;
mod path;
mod permission;
mod plan;
mod read;
mod schema;
mod source;
mod validate;
mod write;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use mpctl_provider::contract::{
    ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, DataRequest, ImportRequest,
    LookupRequest, Object, PlanReply, PlanRequest, ProjectContext, ReadRequest, ValidateRequest,
};
use mpctl_provider::fault::Fault;
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::secrets::{Secrets, Values};
use mpctl_provider::{Provider, Value};

/// A fresh instance.
pub fn provider() -> Arc<dyn Provider> {
    Arc::new(Local { schema: Arc::new(schema::provider()), project: OnceLock::new() })
}

struct Local {
    schema: Arc<ProviderSchema>,
    project: OnceLock<ProjectContext>,
}

impl Local {
    fn project(&self) -> Result<ProjectContext, Fault> {
        let project = self.project.get();
        project.cloned().ok_or_else(|| Fault::permanent("the local provider is not configured"))
    }

    /// Answers each request of a batch with `answer`, away from the threads that must not block, and keeps what
    /// is sensitive in a request out of the faults.
    async fn each<Request, Reply>(
        &self,
        requests: Vec<Request>,
        answer: fn(&ProviderSchema, &ProjectContext, Request) -> Result<Reply, Fault>,
    ) -> Vec<Result<Reply, Fault>>
    where
        Request: Values + Send + 'static,
        Reply: Send + 'static,
    {
        let expected = requests.len();
        let schema = self.schema.clone();
        let work = self.project().map(|project| {
            tokio::task::spawn_blocking(move || {
                let answer = |request: Request| {
                    let secrets = Secrets::of(request.values());
                    answer(&schema, &project, request).map_err(|fault| secrets.redact_fault(fault))
                };
                requests.into_iter().map(answer).collect::<Vec<_>>()
            })
        });
        let fault = match work {
            Ok(work) => match work.await {
                Ok(replies) => return replies,
                Err(error) => Fault::unknown(format!("the local provider failed: {error}")),
            },
            Err(fault) => fault,
        };
        (0..expected).map(|_| Err(fault.clone())).collect()
    }

    async fn one<Request, Reply>(
        &self,
        request: Request,
        answer: fn(&ProviderSchema, &ProjectContext, Request) -> Result<Reply, Fault>,
    ) -> Result<Reply, Fault>
    where
        Request: Values + Send + 'static,
        Reply: Send + 'static,
    {
        let reply = self.each(vec![request], answer).await.pop();
        reply.unwrap_or_else(|| Err(Fault::unknown("the local provider gave no answer")))
    }
}

#[async_trait]
impl Provider for Local {
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
            Err(Fault::permanent("this local provider works in another project already"))
        }
    }

    async fn validate(&self, requests: Vec<ValidateRequest>) -> Vec<Vec<Fault>> {
        requests.iter().map(validate::validate).collect()
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        self.each(requests, plan::plan).await
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        self.each(requests, read::read).await
    }

    async fn read_data(&self, requests: Vec<DataRequest>) -> Vec<Result<Value, Fault>> {
        self.each(requests, data::read).await
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        _context: ApplyContext,
    ) -> Result<ApplyReply, Fault> {
        self.one(request, apply::apply).await
    }

    async fn lookup(&self, request: LookupRequest) -> Result<Option<Object>, Fault> {
        self.one(request, import::lookup).await
    }

    async fn import(&self, request: ImportRequest) -> Result<Option<Object>, Fault> {
        self.one(request, import::import).await
    }
}

/// The fault for a type that is not ours.
fn unknown_type(resource_type: &str) -> Fault {
    Fault::permanent(format!("the local provider has no type {resource_type:?}"))
}
