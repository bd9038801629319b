//! How a provider says that something went wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::value::Path;

/// A provider's error: plain data, made to be shown to a user and carried over a wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{summary}")]
pub struct Fault {
    /// What can be concluded from it.
    pub kind: FaultKind,
    /// One line: what happened.
    pub summary: String,
    /// More: the command's last words, the server's answer. Must hold nothing sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the user can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The attribute concerned, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<Path>,
}

/// What can be concluded from a fault. A time-out is `Unknown`, never `Permanent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FaultKind {
    /// Nothing was done; the same call may succeed later, not before `after`.
    Retryable {
        /// How long the other side asked to wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Duration>,
    },
    /// Nothing was done, and trying again would not help.
    Permanent,
    /// It may or may not have been done: to be settled by looking.
    Unknown,
}

impl Fault {
    /// A fault after which nothing was done and repeating is pointless.
    pub fn permanent(summary: impl Into<String>) -> Fault {
        Fault {
            kind: FaultKind::Permanent,
            summary: summary.into(),
            detail: None,
            hint: None,
            attribute: None,
        }
    }

    /// A fault after which the same call may be tried again.
    pub fn retryable(summary: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Retryable { after: None }, ..Fault::permanent(summary) }
    }

    /// A fault after which it is open whether anything was done.
    pub fn unknown(summary: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Unknown, ..Fault::permanent(summary) }
    }

    /// Adds more text.
    pub fn detail(mut self, detail: impl Into<String>) -> Fault {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// Names the attribute concerned.
    pub fn attribute(mut self, path: Path) -> Fault {
        self.attribute = Some(path);
        self
    }
}
