//! What the executor tells while it works. Events are for people and machines that watch; nothing in the
//! program depends on their being received.

use std::sync::Arc;
use std::time::Duration;

use mpctl_provider::Fault;

use crate::address::Address;
use crate::plan::{StepId, StepKind};

/// Something that happened to a step.
#[derive(Clone, Debug)]
pub struct Event {
    /// The step.
    pub step: StepId,
    /// The object that it is about.
    pub address: Address,
    /// The object's type.
    pub resource_type: Arc<str>,
    /// What the step does.
    pub kind: StepKind,
    /// Since the step was started.
    pub elapsed: Duration,
    /// What happened.
    pub what: EventKind,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// Its Begun record is durable and the provider is being called.
    Started,
    /// A line that the provider logged.
    Log(String),
    /// How far it is, in words.
    Progress(String),
    /// It is tried again, after a wait.
    Retry {
        /// Which try is next, from 2.
        attempt: u32,
        /// How long until then.
        after: Duration,
        /// What went wrong.
        fault: Fault,
    },
    /// It is done.
    Succeeded {
        /// The object's `id`, where it has one that may be shown.
        id: Option<String>,
    },
    /// It failed; whether it had an effect is said by the fault.
    Failed(Fault),
}
