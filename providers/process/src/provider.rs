//! The provider as the planner sees it: hands requests to the modules that answer them.

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use mpctl_provider::contract::{
    ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, Instance, InstancesRequest,
    LookupRequest, LowerReply, LowerRequest, Object, PlanReply, PlanRequest, ReadRequest,
    ValidateRequest,
};
use mpctl_provider::proposal::proposed;
use mpctl_provider::schema::{BlockSchema, ProviderSchema};
use mpctl_provider::value::{Path, Value};
use mpctl_provider::{Fault, Provider};

use crate::observe::{self, with_observed};
use crate::place::Places;
use crate::runtime::{self, Shape};
use crate::schema::{SERVICE, provider_schema};
use crate::{apply, plan, service};

/// Supervised local processes.
pub struct ProcessProvider {
    schema: ProviderSchema,
    places: OnceLock<Places>,
    shape: Mutex<Shape>,
}

impl ProcessProvider {
    /// A provider that is still to be configured.
    pub fn new() -> ProcessProvider {
        ProcessProvider {
            schema: provider_schema(),
            places: OnceLock::new(),
            shape: Mutex::default(),
        }
    }

    fn places(&self) -> Result<&Places, Fault> {
        self.places.get().ok_or_else(|| Fault::permanent("the process provider is not configured"))
    }

    fn block(&self, resource_type: &str) -> Result<&BlockSchema, Fault> {
        match self.schema.resources.get(resource_type) {
            Some(resource) => Ok(&resource.block),
            None => Err(Fault::permanent(format!("there is no resource type {resource_type:?}"))
                .hint(format!("the process provider has `{SERVICE}`"))),
        }
    }

    fn plan_one(&self, request: &PlanRequest) -> Result<PlanReply, Fault> {
        Ok(plan::plan(self.block(&request.resource_type)?, self.places()?, request))
    }

    fn read_one(&self, request: &ReadRequest) -> Result<Option<Object>, Fault> {
        let places = self.places()?;
        let id = request.object.value.get("id").and_then(Value::as_str);
        let place = id.and_then(|id| places.of_id(id));
        let place =
            place.ok_or_else(|| Fault::permanent("the recorded service has no valid id"))?;
        Ok(observe::observe(&place).map(|present| Object {
            value: with_observed(&request.object.value, &present),
            private: request.object.private.clone(),
        }))
    }
}

impl Default for ProcessProvider {
    fn default() -> ProcessProvider {
        ProcessProvider::new()
    }
}

#[async_trait]
impl Provider for ProcessProvider {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<(), Fault> {
        let log_dir = request.config.get("log_dir").filter(|value| !value.is_null());
        let log_dir = match log_dir.map(|value| value.as_str().filter(|path| !path.is_empty())) {
            None => None,
            Some(Some(path)) => Some(PathBuf::from(path)),
            Some(None) => {
                return Err(Fault::permanent("log_dir must be the path of a folder")
                    .attribute(Path::attribute("log_dir")));
            }
        };
        let places = Places::new(request.project, log_dir);
        self.places
            .set(places)
            .map_err(|_| Fault::permanent("the process provider is configured already"))
    }

    async fn validate(&self, requests: Vec<ValidateRequest>) -> Vec<Vec<Fault>> {
        let faults = |request: &ValidateRequest| match self.block(&request.resource_type) {
            Ok(_) => service::read(&request.config).faults,
            Err(fault) => vec![fault],
        };
        requests.iter().map(faults).collect()
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        requests.iter().map(|request| self.plan_one(request)).collect()
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        requests.iter().map(|request| self.read_one(request)).collect()
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        context: ApplyContext,
    ) -> Result<ApplyReply, Fault> {
        self.block(&request.resource_type)?;
        apply::apply(self.places()?, request, &context).await
    }

    async fn lookup(&self, request: LookupRequest) -> Result<Option<Object>, Fault> {
        let places = self.places()?;
        // What was planned had the defaults of what is not written.
        let given = proposed(self.block(SERVICE)?, None, &request.config);
        let found = apply::made_under(places, &request.config, &request.idempotency_key);
        Ok(found.map(|(place, present)| apply::object_of(places, &place, &given, &present)))
    }

    async fn instances(
        &self,
        requests: Vec<InstancesRequest>,
    ) -> Vec<Result<Vec<Instance>, Fault>> {
        let seed = match self.places() {
            Ok(places) => {
                let project = places.project();
                format!("{}/{}", project.project, project.environment)
            }
            Err(fault) => return requests.iter().map(|_| Err(fault.clone())).collect(),
        };
        // The shape is whole after every step, so one that panicked has left it usable.
        let mut shape = self.shape.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().map(|request| runtime::instances(request, &seed, &mut shape)).collect()
    }

    async fn lower(&self, requests: Vec<LowerRequest>) -> Vec<Result<LowerReply, Fault>> {
        let block = match self.block(SERVICE) {
            Ok(block) => block,
            Err(fault) => return requests.iter().map(|_| Err(fault.clone())).collect(),
        };
        let shape = self.shape.lock().unwrap_or_else(PoisonError::into_inner);
        let lower = |request: &LowerRequest| {
            runtime::lower(block, request, shape.is_shifting(&request.workload))
        };
        requests.iter().map(lower).collect()
    }
}
