//! A configured provider and one resource type of it, with short ways to take an object through its life.
//! Provider crates use it in their own tests too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Scenario, Setting};
use crate::contract::{
    ApplyAction, ApplyContext, ApplyEvent, ApplyRequest, ConfigureRequest, DataRequest,
    LookupRequest, Object, PlanReply, PlanRequest, ProjectContext, Provider, ReadRequest,
};
use crate::fault::Fault;
use crate::proposal::proposed;
use crate::schema::{BlockSchema, ResourceSchema};
use crate::value::{Entries, Value};

/// A configured provider and one of its resource types.
pub struct Subject {
    provider: Arc<dyn Provider>,
    project: ProjectContext,
    resource_type: Arc<str>,
    keys: AtomicU64,
    _keep: Box<dyn std::any::Any + Send + Sync>,
}

/// What an apply did and said.
#[derive(Debug)]
pub struct Applied {
    /// The answer.
    pub outcome: Result<Option<Object>, Fault>,
    /// The lines of its log.
    pub log: Vec<String>,
    /// The plan that it followed.
    pub planned: Value,
}

impl Subject {
    /// Configures the provider of a setting for the type of a scenario, every attribute of its own
    /// configuration null.
    pub async fn start(setting: Setting, scenario: &Scenario) -> Result<Subject, Fault> {
        Subject::of(setting, scenario.resource_type).await
    }

    /// Configures the provider of a setting for a resource type.
    pub async fn of(setting: Setting, resource_type: &str) -> Result<Subject, Fault> {
        let config = complete(&setting.provider.schema().configuration, &Value::NULL);
        let project = setting.project.clone();
        setting.provider.configure(ConfigureRequest { config, project }).await?;
        Ok(Subject {
            provider: setting.provider,
            project: setting.project,
            resource_type: resource_type.into(),
            keys: AtomicU64::new(0),
            _keep: setting.keep,
        })
    }

    /// The provider.
    pub fn provider(&self) -> &dyn Provider {
        self.provider.as_ref()
    }

    /// The project that it works in.
    pub fn project(&self) -> &ProjectContext {
        &self.project
    }

    /// The schema of the resource type.
    pub fn resource(&self) -> Result<&ResourceSchema, Fault> {
        let resources = &self.provider.schema().resources;
        resources
            .get(&self.resource_type)
            .ok_or_else(|| Fault::permanent(format!("no resource type {:?}", self.resource_type)))
    }

    /// A key that no other step has.
    pub fn new_key(&self) -> Arc<str> {
        format!("step-{}", self.keys.fetch_add(1, Ordering::Relaxed)).into()
    }

    /// The request to plan an object.
    pub fn plan_request(
        &self,
        prior: Option<&Object>,
        given: &Value,
    ) -> Result<PlanRequest, Fault> {
        let block = &self.resource()?.block;
        let config = complete(block, given);
        Ok(PlanRequest {
            resource_type: self.resource_type.clone(),
            prior: prior.cloned(),
            proposed: proposed(block, prior.map(|prior| &prior.value), &config),
            config,
        })
    }

    /// Plans an object.
    pub async fn plan(&self, prior: Option<&Object>, given: &Value) -> Result<PlanReply, Fault> {
        only(self.provider.plan(vec![self.plan_request(prior, given)?]).await)?
    }

    /// Plans and applies, under a new key.
    pub async fn apply(&self, prior: Option<&Object>, given: &Value) -> Result<Object, Fault> {
        let applied = self.apply_as(self.new_key(), prior, given).await?;
        applied.outcome?.ok_or_else(|| Fault::permanent("apply answered without an object"))
    }

    /// Plans and applies under a key.
    pub async fn apply_as(
        &self,
        idempotency_key: Arc<str>,
        prior: Option<&Object>,
        given: &Value,
    ) -> Result<Applied, Fault> {
        let request = self.apply_request(idempotency_key, prior, given).await?;
        Ok(self.run(request, CancellationToken::new()).await)
    }

    /// Plans an object and makes the request to apply that.
    pub async fn apply_request(
        &self,
        idempotency_key: Arc<str>,
        prior: Option<&Object>,
        given: &Value,
    ) -> Result<ApplyRequest, Fault> {
        let reply = self.plan(prior, given).await?;
        let config = complete(&self.resource()?.block, given);
        Ok(ApplyRequest {
            action: if prior.is_none() { ApplyAction::Create } else { ApplyAction::Update },
            resource_type: self.resource_type.clone(),
            prior: prior.cloned(),
            planned: Some(reply.planned),
            config: Some(config),
            private: reply.private,
            idempotency_key,
        })
    }

    /// Runs a step and listens to it, making its checkpoints durable at once.
    pub async fn run(&self, request: ApplyRequest, cancel: CancellationToken) -> Applied {
        let (events, mut heard) = mpsc::unbounded_channel();
        let planned = request.planned.clone().unwrap_or(Value::NULL);
        let apply = self.provider.apply(request, ApplyContext { events, cancel });
        tokio::pin!(apply);
        let mut log = Vec::new();
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = heard.recv() => note(event, &mut log),
                outcome = &mut apply => break outcome,
            }
        };
        while let Ok(event) = heard.try_recv() {
            note(event, &mut log);
        }
        Applied { outcome: outcome.map(|reply| reply.object), log, planned }
    }

    /// Deletes an object, under a new key.
    pub async fn delete(&self, object: &Object) -> Result<Option<Object>, Fault> {
        let request = ApplyRequest {
            action: ApplyAction::Delete,
            resource_type: self.resource_type.clone(),
            prior: Some(object.clone()),
            planned: None,
            config: None,
            private: object.private.clone(),
            idempotency_key: self.new_key(),
        };
        self.run(request, CancellationToken::new()).await.outcome
    }

    /// Reads an object.
    pub async fn read(&self, object: &Object) -> Result<Option<Object>, Fault> {
        let request =
            ReadRequest { resource_type: self.resource_type.clone(), object: object.clone() };
        only(self.provider.read(vec![request]).await)?
    }

    /// Looks up what was made under a key.
    pub async fn lookup(
        &self,
        idempotency_key: Arc<str>,
        given: &Value,
    ) -> Result<Option<Object>, Fault> {
        let config = complete(&self.resource()?.block, given);
        let resource_type = self.resource_type.clone();
        self.provider
            .lookup(LookupRequest { resource_type, idempotency_key, config, partial: None })
            .await
    }

    /// Reads a data source.
    pub async fn data(&self, source_type: &str, given: &Value) -> Result<Value, Fault> {
        let sources = &self.provider.schema().data_sources;
        let block = sources
            .get(source_type)
            .ok_or_else(|| Fault::permanent(format!("no data source {source_type:?}")))?;
        let config = complete(block, given);
        let request = DataRequest { source_type: source_type.into(), config };
        only(self.provider.read_data(vec![request]).await)?
    }
}

/// The configuration with every attribute and block of the schema, converted to their types as the core does.
pub fn complete(block: &BlockSchema, given: &Value) -> Value {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let value = given.get(name).cloned().unwrap_or_else(|| Value::Null(attribute.ty.clone()));
        let converted = value.convert(&attribute.ty);
        (name.clone(), converted.unwrap_or(value).sensitive_if(attribute.sensitive))
    });
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let value = given.get(name).cloned().unwrap_or_else(|| Value::Null(nested.ty()));
        (name.clone(), value)
    });
    Value::Object(Arc::new(attributes.chain(blocks).collect::<Entries>()))
}

fn only<T>(mut replies: Vec<T>) -> Result<T, Fault> {
    match (replies.pop(), replies.is_empty()) {
        (Some(reply), true) => Ok(reply),
        _ => Err(Fault::permanent("a batch of one got another number of answers")),
    }
}

fn note(event: ApplyEvent, log: &mut Vec<String>) {
    match event {
        ApplyEvent::Log(line) | ApplyEvent::Progress(line) => log.push(line),
        ApplyEvent::Checkpoint { saved, .. } => {
            let _ = saved.send(());
        }
    }
}
