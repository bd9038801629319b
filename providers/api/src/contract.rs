//! The trait that every provider implements, and its requests and replies.
//!
//! The life of a resource has five values: *prior* (recorded), *config* (what the user wrote, unset attributes
//! null), *proposed* (config merged with prior), *planned* (the provider's promise, with unknowns) and *final*.
//! The final value must equal the planned one wherever that was known.
//!
//! Who calls: `ops` while planning (everything but `apply` and `lookup`), the executor while applying. A
//! provider must not keep anything that matters only in memory: the process may be killed at any instant.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;
use crate::schema::ProviderSchema;
use crate::value::{Path, Value};

/// An adapter that owns resource types. Batched calls answer in the order of the requests, one reply each.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it offers. Does not change during the life of the provider.
    fn schema(&self) -> &ProviderSchema;

    /// Hands over the provider's configuration before any other call but `schema`. `config` has the type of
    /// the schema's `configuration`.
    async fn configure(&self, request: ConfigureRequest) -> Result<(), Fault>;

    /// Checks configurations beyond what the schema says. Values may be unknown.
    async fn validate(&self, requests: Vec<ValidateRequest>) -> Vec<Vec<Fault>> {
        requests.iter().map(|_| Vec::new()).collect()
    }

    /// Says what each object would become. Must not change anything.
    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>>;

    /// Looks at real objects. Must not change anything. An object that is gone is `None`.
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>>;

    /// Reads data sources.
    async fn read_data(&self, requests: Vec<DataRequest>) -> Vec<Result<Value, Fault>> {
        requests
            .iter()
            .map(|request| {
                Err(Fault::permanent(format!("there is no data source {:?}", request.source_type)))
            })
            .collect()
    }

    /// Creates, updates or deletes one object. The same `idempotency_key` means the same step, tried again.
    async fn apply(
        &self,
        request: ApplyRequest,
        context: ApplyContext,
    ) -> Result<ApplyReply, Fault>;

    /// Settles a create of unknown outcome: the object made under the key, if there is one.
    async fn lookup(&self, request: LookupRequest) -> Result<Option<Object>, Fault> {
        Err(Fault::permanent(format!("{} cannot look up objects", request.resource_type)))
    }

    /// Finds an existing object by the id that its users know it by.
    async fn import(&self, request: ImportRequest) -> Result<Option<Object>, Fault> {
        Err(Fault::permanent(format!("{} cannot be imported", request.resource_type)))
    }

    /// Turns records of older schema versions into the present one.
    async fn upgrade(&self, requests: Vec<UpgradeRequest>) -> Vec<Result<Object, Fault>> {
        requests.into_iter().map(|request| Ok(request.object)).collect()
    }

    /// Says which instances a workload will have and what each calls its own (`self`): the shape, before the
    /// rest of the workload is evaluated for each instance. Only for runtimes.
    async fn instances(
        &self,
        requests: Vec<InstancesRequest>,
    ) -> Vec<Result<Vec<Instance>, Fault>> {
        requests.iter().map(|_| Err(Fault::permanent("this provider runs no workloads"))).collect()
    }

    /// Turns workloads into resources of the provider's own. Only for runtimes. An unknown may be moved whole
    /// (it keeps its id); nothing may be computed from it.
    async fn lower(&self, requests: Vec<LowerRequest>) -> Vec<Result<LowerReply, Fault>> {
        requests.iter().map(|_| Err(Fault::permanent("this provider runs no workloads"))).collect()
    }
}

/// A real object as a provider knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Object {
    /// Every attribute of the schema.
    pub value: Value,
    /// What the provider wants to be given back with it; opaque to everybody else, and holds no secret.
    pub private: Arc<[u8]>,
}

impl Object {
    /// An object without private bytes.
    pub fn new(value: Value) -> Object {
        Object { value, private: Arc::from([]) }
    }
}

/// See [`Provider::configure`].
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// The configuration, of the type of the schema's `configuration`.
    pub config: Value,
    /// The project.
    pub project: ProjectContext,
}

/// Where a provider works. Providers take nothing from the surroundings of the process that is not here.
#[derive(Clone, Debug)]
pub struct ProjectContext {
    /// The project's folder: relative paths are relative to it, commands start in it.
    pub root: Arc<std::path::Path>,
    /// The project's private folder (`.mpctl`): logs, sockets, caches. Made by whoever writes there first.
    pub private: Arc<std::path::Path>,
    /// The name of the project.
    pub project: Arc<str>,
    /// The environment that this instance of the provider serves.
    pub environment: Arc<str>,
    /// The running program, for processes that are started as its subcommands.
    pub executable: Arc<std::path::Path>,
}

/// See [`Provider::validate`].
#[derive(Clone, Debug)]
pub struct ValidateRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// What the user wrote.
    pub config: Value,
}

/// See [`Provider::plan`].
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The object as it is; `None` when it is to be made.
    pub prior: Option<Object>,
    /// What the user wrote; unset attributes are null. Null when the object is to be deleted.
    pub config: Value,
    /// `config`, with computed attributes taken from `prior` (see [`crate::proposal::proposed`]). Null when the
    /// object is to be deleted.
    pub proposed: Value,
}

/// How an effect begins that says that a step of unknown outcome cannot be settled by looking.
pub const CANNOT_BE_SETTLED: &str = "cannot be settled after a crash";

/// A provider's promise.
#[derive(Clone, Debug)]
pub struct PlanReply {
    /// The object as it will be; what only `apply` can tell is unknown.
    pub planned: Value,
    /// Attributes whose change needs a new object.
    pub replace: Vec<Path>,
    /// What others will notice beside the attributes, in the words of the plan: "restarts the process". One
    /// that begins with [`CANNOT_BE_SETTLED`] warns that a crash at the wrong instant leaves a doubt that only
    /// the user can settle.
    pub effects: Vec<String>,
    /// Given back at apply.
    pub private: Arc<[u8]>,
    /// A provider of the older kind: breaches of the promise are warnings.
    pub legacy: bool,
}

/// See [`Provider::read`].
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The object as recorded.
    pub object: Object,
}

/// See [`Provider::read_data`].
#[derive(Clone, Debug)]
pub struct DataRequest {
    /// The data source's type.
    pub source_type: Arc<str>,
    /// What the user wrote; wholly known, with its sensitive marks, which the answer keeps.
    pub config: Value,
}

/// What is to be done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyAction {
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Destroy it.
    Delete,
}

/// See [`Provider::apply`].
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// What to do.
    pub action: ApplyAction,
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The object as it is; `None` for a create.
    pub prior: Option<Object>,
    /// The object as promised, now wholly known but for computed attributes; `None` for a delete.
    pub planned: Option<Value>,
    /// What the user wrote, wholly known; `None` for a delete.
    pub config: Option<Value>,
    /// The private bytes of the plan reply.
    pub private: Arc<[u8]>,
    /// The same on every try of one step, never used by another.
    pub idempotency_key: Arc<str>,
}

/// A finished apply.
#[derive(Clone, Debug)]
pub struct ApplyReply {
    /// The object as it is now; `None` after a delete.
    pub object: Option<Object>,
}

/// What goes on while an apply runs.
#[derive(Debug)]
pub enum ApplyEvent {
    /// A line for the log.
    Log(String),
    /// How far it is, in words: "waiting for health (2 of 3)".
    Progress(String),
    /// The object as far as it got; durable once `saved` has been answered. A provider whose create has
    /// several effects sends one after the first.
    Checkpoint {
        /// The partial object.
        object: Object,
        /// Answered when the checkpoint is durable.
        saved: oneshot::Sender<()>,
    },
}

/// The surroundings of one apply call.
#[derive(Clone, Debug)]
pub struct ApplyContext {
    /// Where events go.
    pub events: mpsc::UnboundedSender<ApplyEvent>,
    /// Set when the user wants out: end quickly, answer with a [`Fault`] of unknown outcome if it is unclear.
    pub cancel: CancellationToken,
}

impl ApplyContext {
    /// Reports a line for the log. Whether anybody listens does not matter.
    pub fn log(&self, line: impl Into<String>) {
        let _ = self.events.send(ApplyEvent::Log(line.into()));
    }

    /// Reports how far it is.
    pub fn progress(&self, words: impl Into<String>) {
        let _ = self.events.send(ApplyEvent::Progress(words.into()));
    }

    /// Saves a partial object and waits until it is durable.
    pub async fn checkpoint(&self, object: Object) {
        let (saved, done) = oneshot::channel();
        if self.events.send(ApplyEvent::Checkpoint { object, saved }).is_ok() {
            let _ = done.await;
        }
    }
}

/// See [`Provider::lookup`].
#[derive(Clone, Debug)]
pub struct LookupRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The key of the step whose outcome is unknown.
    pub idempotency_key: Arc<str>,
    /// The configuration that the step was given.
    pub config: Value,
    /// The last checkpoint, if there was one.
    pub partial: Option<Object>,
}

/// See [`Provider::import`].
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The id that the user gave.
    pub id: Arc<str>,
}

/// See [`Provider::upgrade`].
#[derive(Clone, Debug)]
pub struct UpgradeRequest {
    /// The resource type.
    pub resource_type: Arc<str>,
    /// The schema version of the record.
    pub from_version: u64,
    /// The recorded object.
    pub object: Object,
}

/// See [`Provider::instances`].
#[derive(Clone, Debug)]
pub struct InstancesRequest {
    /// The workload's name.
    pub workload: Arc<str>,
    /// How many are wanted.
    pub replicas: u64,
    /// Declared ports by name; 0 leaves the choice to the runtime.
    pub ports: Vec<(Arc<str>, u16)>,
    /// The workload's recorded resources, so that what was chosen once is kept: index and value.
    pub recorded: Vec<(u64, Value)>,
}

/// One instance of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its index, from 0.
    pub index: u64,
    /// Its ports by name.
    pub ports: Vec<(Arc<str>, u16)>,
}

/// See [`Provider::lower`].
#[derive(Clone, Debug)]
pub struct LowerRequest {
    /// The workload's name.
    pub workload: Arc<str>,
    /// Each instance with the workload's attributes evaluated for it.
    pub instances: Vec<(Instance, WorkloadSpec)>,
}

/// A workload's attributes for one instance. Values may hold unknowns and sensitive marks.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadSpec {
    /// `image`: string or null.
    pub image: Value,
    /// `command`: sequence of strings, or null.
    pub command: Value,
    /// `env`, secrets merged into it and marked: map of strings.
    pub env: Value,
    /// `files`: map of path → content.
    pub files: Value,
    /// `health`: object or null, as written (`http`, `tcp`, `command`, `interval`, `timeout`, …).
    pub health: Value,
    /// `resources`: object or null (`cpu`, `memory`).
    pub resources: Value,
    /// `strategy`: object or null (`type`, `max_unavailable`).
    pub strategy: Value,
    /// `working_directory`: string or null.
    pub working_directory: Value,
    /// `restart`, `stop_signal`, `stop_grace` and other runtime settings, as written: object.
    pub settings: Value,
}

/// A workload in a runtime's own resources.
#[derive(Clone, Debug)]
pub struct LowerReply {
    /// The resources. Together with type and name the index makes the address
    /// `workload.W/TYPE.NAME[INDEX]`.
    pub resources: Vec<LoweredResource>,
    /// What `workload.W.ATTR` gives.
    pub attributes: Vec<(Arc<str>, LoweredAttribute)>,
    /// At most so many of the resources are replaced or restarted at the same time.
    pub max_unavailable: Option<u64>,
}

/// A resource that a workload was lowered to.
#[derive(Clone, Debug)]
pub struct LoweredResource {
    /// Its type, one of the runtime's own.
    pub resource_type: Arc<str>,
    /// Its name, usually the workload's.
    pub name: Arc<str>,
    /// Its index.
    pub index: u64,
    /// Its configuration, of the type of the schema.
    pub config: Value,
}

/// An attribute of a workload as others see it.
#[derive(Clone, Debug)]
pub enum LoweredAttribute {
    /// A value that is there already.
    Value(Value),
    /// An attribute of one of the reply's resources, known when that is.
    Of {
        /// Which of the reply's resources.
        resource: usize,
        /// Which part of it.
        path: Path,
    },
    /// A list of such.
    List(Vec<LoweredAttribute>),
}
