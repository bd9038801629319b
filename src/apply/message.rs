//! What the running calls tell the executor.

use std::time::Duration;

use mpctl_provider::Fault;
use mpctl_provider::contract::Object;
use tokio::sync::oneshot;

use crate::apply::call::Outcome;
use crate::plan::StepId;

/// Something from a running call.
pub struct Message {
    /// The step.
    pub step: StepId,
    /// What it is.
    pub kind: MessageKind,
}

/// What a running call tells.
pub enum MessageKind {
    /// A line for the log.
    Log(String),
    /// How far it is.
    Progress(String),
    /// It will be tried again.
    Retry {
        /// Which try is next.
        attempt: u32,
        /// After how long.
        after: Duration,
        /// What went wrong.
        fault: Fault,
    },
    /// A partial object to be made durable.
    Checkpoint {
        /// The object.
        object: Object,
        /// Answered when it is.
        saved: oneshot::Sender<()>,
    },
    /// It ended.
    Ended(Outcome),
}
