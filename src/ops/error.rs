//! How a use case ends when it does not end well, and the exit code that scripts see.

use mpctl_state::{Lease, StoreError};
use thiserror::Error;

use crate::address::Address;
use crate::diagnostic::{Diagnostics, code};
use crate::plan::file::PlanFileError;

/// Why a use case did not do what it was asked.
#[derive(Debug, Error)]
pub enum OpsError {
    /// What the user wrote, or what came of it, is wrong.
    #[error("there are errors")]
    Diagnostics(Diagnostics),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder.
    #[error("{what}: {error}")]
    Io {
        /// What was to be done.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A saved plan cannot be applied.
    #[error("the plan cannot be applied: {reason}")]
    PlanRefused {
        /// Why.
        reason: String,
    },
    /// An earlier operation was interrupted.
    #[error("operation {operation} on {environments} was interrupted and has to be settled first")]
    OpenOperation {
        /// Its id.
        operation: String,
        /// Its environments.
        environments: String,
        /// Who ran it, where, since when.
        who: String,
    },
    /// Nobody agreed.
    #[error("{reason}")]
    Declined {
        /// Why.
        reason: String,
    },
    /// An environment is protected.
    #[error(
        "environment {environment} is protected, and the plan destroys or replaces something in it"
    )]
    Protected {
        /// The environment.
        environment: String,
    },
    /// A recorded value cannot be read.
    #[error("the record of {address} cannot be read: {reason}")]
    Record {
        /// Whose.
        address: String,
        /// Why.
        reason: String,
    },
    /// The journal could not be written in the middle of an apply.
    #[error("{reason}")]
    Broken {
        /// Why.
        reason: String,
        /// Whether the lease was lost.
        lost: bool,
    },
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(Address),
}

impl OpsError {
    /// The exit code that the contract gives it.
    pub fn exit_code(&self) -> u8 {
        match self {
            OpsError::PlanRefused { .. } => 4,
            OpsError::OpenOperation { .. } => 9,
            OpsError::Protected { .. } => 5,
            OpsError::Broken { lost: true, .. } => 3,
            OpsError::Store(error) => store_exit_code(error),
            _ => 1,
        }
    }

    /// The code of its page.
    pub fn code(&self) -> crate::diagnostic::Code {
        match self {
            OpsError::Diagnostics(_) => code::INTERNAL,
            OpsError::PlanRefused { .. } => code::PLAN_REFUSED,
            OpsError::OpenOperation { .. } => code::OPEN_OPERATION,
            OpsError::Declined { .. } | OpsError::Protected { .. } => code::DECLINED,
            OpsError::Store(StoreError::Held { .. } | StoreError::LeaseLost { .. }) => code::LOCKED,
            OpsError::Store(StoreError::Damaged { .. }) | OpsError::Record { .. } => code::DAMAGED,
            OpsError::Store(StoreError::PlanUsed { .. }) => code::PLAN_REFUSED,
            OpsError::Store(StoreError::OperationOpen { .. }) => code::OPEN_OPERATION,
            OpsError::Store(_) | OpsError::Broken { .. } => code::STORE,
            OpsError::Io { .. } => code::UNREADABLE,
            OpsError::NotFound(_) => code::UNDECLARED,
        }
    }

    /// What the user can do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            OpsError::OpenOperation { who, .. } => {
                format!(
                    "it was run by {who}; `mpctl resume` finishes it, `mpctl operation close` gives it up"
                )
            }
            OpsError::PlanRefused { .. } => "make a new plan with `mpctl plan --out FILE`".into(),
            OpsError::Protected { environment } => {
                format!("approve it by name: `--approve {environment}`")
            }
            OpsError::Store(StoreError::Held { lease }) => held(lease),
            OpsError::Store(StoreError::Damaged { .. }) => {
                "nothing was changed; put the file back from a backup".into()
            }
            _ => return None,
        })
    }
}

fn held(lease: &Lease) -> String {
    let operation =
        lease.holder.operation.as_ref().map_or(String::new(), |id| format!(" for operation {id}"));
    let seen =
        lease.unseen_for().map_or(String::new(), |d| format!(", last seen {} s ago", d.as_secs()));
    format!(
        "held since {}{operation}{seen}; wait for it with `--lock-timeout 5m`",
        jiff::Timestamp::from_millisecond(lease.since.0)
            .map_or_else(|_| "?".to_owned(), |t| t.to_string())
    )
}

fn store_exit_code(error: &StoreError) -> u8 {
    match error {
        StoreError::Held { .. } | StoreError::LeaseLost { .. } => 3,
        StoreError::PlanUsed { .. }
        | StoreError::WrongProject { .. }
        | StoreError::Conflict { .. } => 4,
        StoreError::OperationOpen { .. } => 9,
        _ => 1,
    }
}

impl From<Diagnostics> for OpsError {
    fn from(diagnostics: Diagnostics) -> OpsError {
        OpsError::Diagnostics(diagnostics)
    }
}

impl From<PlanFileError> for OpsError {
    fn from(error: PlanFileError) -> OpsError {
        OpsError::PlanRefused { reason: error.to_string() }
    }
}
