//! Journal entries: the write-ahead record of an operation.
//!
//! An entry is an event, whose few fields the store's readers need, and a payload of opaque bytes
//! (the plan, a partial state, an outcome). Entries of an operation are numbered from 0, which is
//! always Opened; a number is taken once. Each entry's digest covers operation and number, so that
//! one which has strayed is found.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::{Digest, Fields};
use crate::head::Head;
use crate::name::{Nonce, OperationId, Scope};
use crate::operation::{ClosedStatus, OpenedEvent};
use crate::record::Body;

/// What happened. Each says what it is durable before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JournalEvent {
    /// The operation exists, and its plan is used up. Before anything else; payload: the plan.
    Opened(Box<OpenedEvent>),
    /// A provider is about to be called. Before the call; payload: what recovery may want to know.
    Begun {
        /// The step, as the plan names it.
        step: String,
        /// The fence under which it is called.
        fence: u64,
        /// The key that is the same on every try of this step and used by no other.
        idempotency_key: String,
        /// The digest of the input that the provider gets.
        input: Digest,
    },
    /// A provider reports a partial state. Before the provider goes on, where it waits for it;
    /// payload: the partial state.
    Checkpoint {
        /// The step.
        step: String,
    },
    /// A step is done. Before any dependent starts; payload: the outcome.
    Succeeded {
        /// The step.
        step: String,
    },
    /// A step has definitely not been done. Before any dependent is given up; payload: the error.
    Failed {
        /// The step.
        step: String,
    },
    /// Whether a step was done is not known; payload: what is known.
    InDoubt {
        /// The step.
        step: String,
    },
    /// A step was undone. Before any compensation that depends on it; payload: the outcome.
    Compensated {
        /// The step.
        step: String,
    },
    /// A new holder takes over. Before it does anything: the next append of the one before it
    /// collides with this entry.
    Sealed {
        /// The fence of the new holder.
        fence: u64,
        /// Who takes over.
        who: String,
        /// From which host.
        host: String,
    },
    /// From forward to rollback. Before the first compensation.
    TurnedBack {
        /// Why.
        reason: String,
    },
    /// The heads that are to be. Before any of them moves; after it, recovery only rolls forward.
    Committing {
        /// For each environment that changes, the head it gets, in sorted order.
        heads: Vec<(Scope, Head)>,
    },
    /// The operation is over. Before the next one opens; payload: the report.
    Closed {
        /// How it ended.
        status: ClosedStatus,
    },
}

impl JournalEvent {
    /// The name of its kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Begun { .. } => "begun",
            Self::Checkpoint { .. } => "checkpoint",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in_doubt",
            Self::Compensated { .. } => "compensated",
            Self::Sealed { .. } => "sealed",
            Self::TurnedBack { .. } => "turned_back",
            Self::Committing { .. } => "committing",
            Self::Closed { .. } => "closed",
        }
    }

    /// The step it is about, if it is about one.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Begun { step, .. }
            | Self::Checkpoint { step }
            | Self::Succeeded { step }
            | Self::Failed { step }
            | Self::InDoubt { step }
            | Self::Compensated { step } => Some(step),
            _ => None,
        }
    }
}

/// What is appended: an event with its payload. Cloning shares the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecord {
    /// What happened.
    pub event: JournalEvent,
    /// Opaque bytes that belong to it; may be empty.
    pub payload: Body,
}

impl JournalRecord {
    /// An event with its payload.
    #[must_use]
    pub fn new(event: JournalEvent, payload: impl Into<Body>) -> Self {
        Self { event, payload: payload.into() }
    }

    /// An event without a payload.
    #[must_use]
    pub fn bare(event: JournalEvent) -> Self {
        Self::new(event, [])
    }
}

/// What is read back: a record with its place in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number, from 0.
    pub number: u64,
    /// The nonce of the group that it was written with.
    pub nonce: Nonce,
    /// When it was written, by the writer's clock.
    pub at: Timestamp,
    /// The record.
    pub record: JournalRecord,
}

/// The digest that is stored beside an entry: over operation, number, nonce, time, the event as it
/// is stored, and the payload.
#[must_use]
pub fn entry_digest(
    operation: &OperationId,
    number: u64,
    nonce: &Nonce,
    at: Timestamp,
    stored_event: &str,
    payload: &[u8],
) -> Digest {
    Fields::new("mpctl journal 1")
        .text(operation.as_str())
        .number(number)
        .bytes(nonce.as_bytes())
        .bytes(&at.0.to_le_bytes())
        .text(stored_event)
        .bytes(payload)
        .finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_stored_as_an_object_with_its_kind() {
        let event = JournalEvent::Begun {
            step: "dev/resource.web create".into(),
            fence: 7,
            idempotency_key: "6f1c-1".into(),
            input: Digest::from_bytes([0xab; 32]),
        };
        insta::assert_snapshot!(
            serde_json::to_string(&event).unwrap(),
            @r#"{"event":"begun","step":"dev/resource.web create","fence":7,"idempotency_key":"6f1c-1","input":"abababababababababababababababababababababababababababababababab"}"#
        );
    }

    #[test]
    fn the_stored_name_of_a_kind_is_the_one_that_kind_gives() {
        let step = || "a".to_owned();
        for event in [
            JournalEvent::Checkpoint { step: step() },
            JournalEvent::Succeeded { step: step() },
            JournalEvent::Failed { step: step() },
            JournalEvent::InDoubt { step: step() },
            JournalEvent::Compensated { step: step() },
            JournalEvent::Sealed { fence: 1, who: step(), host: step() },
            JournalEvent::TurnedBack { reason: step() },
            JournalEvent::Committing { heads: Vec::new() },
            JournalEvent::Closed { status: ClosedStatus::Canceled },
        ] {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["event"], event.kind());
        }
    }
}
