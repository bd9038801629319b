//! What can go wrong with a store, in one enum.
//!
//! Each variant is a different answer to "what now?": try again, wait, plan anew, restore, upgrade.
//! No variant carries a record's body or a credential.

use crate::clock::Timestamp;
use crate::lease::Lease;
use crate::name::{OperationId, PlanId, ProjectKey, Scope};

/// What a store operation gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else committed this serial, or the version that the commit builds on is not the
    /// newest. Nothing was changed: read again and plan anew.
    #[error("version {serial} of {scope} was committed by another operation{}", by(.winner.as_ref()))]
    Conflict {
        /// The environment.
        scope: Scope,
        /// The serial that was asked for.
        serial: u64,
        /// The newest serial that there is; 0 where there is none.
        newest: u64,
        /// The operation that committed the serial that was asked for.
        winner: Option<OperationId>,
    },

    /// A journal number is taken, or is not the next one. Nothing was written: the operation has
    /// another writer.
    #[error("entry {number} of operation {operation} is not free: its next entry is {next}")]
    NumberTaken {
        /// The operation.
        operation: OperationId,
        /// The number that was asked for.
        number: u64,
        /// The next free number.
        next: u64,
    },

    /// Somebody else holds the lease.
    #[error(
        "{} is locked by {} on {} (process {})",
        .lease.scope, .lease.holder.who, .lease.holder.host, .lease.holder.process_id
    )]
    Held {
        /// Who, since when, for which operation, last seen when.
        lease: Box<Lease>,
    },

    /// The fence is not the present holder's: the lease was taken over, released, or never held.
    /// Nothing was written, and nothing more may be.
    #[error("the lock on {scope} was lost{}", taken_by(.now.as_deref()))]
    LeaseLost {
        /// The environment.
        scope: Scope,
        /// The fence that the write carried.
        fence: u64,
        /// How the lease stands now.
        now: Option<Box<Lease>>,
    },

    /// What is stored is not what was stored. Nothing was changed.
    #[error("the state store {place} is damaged: {what}")]
    Damaged {
        /// Where the store is.
        place: String,
        /// What is wrong.
        what: String,
    },

    /// The store was written by a newer version of this program.
    #[error(
        "the state store {place} has format {found}, and this version reads formats up to \
         {supported}: a newer mpctl wrote it"
    )]
    NewerFormat {
        /// Where the store is.
        place: String,
        /// The format that it has.
        found: u32,
        /// The newest format that is understood.
        supported: u32,
    },

    /// The store cannot be reached or used now. Nothing was changed.
    #[error("the state store {place} cannot be used: {why}")]
    Unavailable {
        /// Where the store is.
        place: String,
        /// Why.
        why: String,
    },

    /// Whether a write was done is not known. Repeating the same call (same nonce, same head)
    /// decides; another call must not be made first.
    #[error("whether the state store {place} did {what} is not known: {why}")]
    UnknownOutcome {
        /// Where the store is.
        place: String,
        /// What was asked for.
        what: &'static str,
        /// Why the outcome is not known.
        why: String,
    },

    /// The plan was used up by another operation.
    #[error("plan {plan} was already used by operation {operation}")]
    PlanUsed {
        /// The plan.
        plan: PlanId,
        /// The operation that used it.
        operation: OperationId,
        /// When that was.
        at: Timestamp,
        /// Who it was.
        who: String,
    },

    /// The store keeps another project under this name.
    #[error("the state store holds another project named {project} (id {stored}, not {given})")]
    WrongProject {
        /// The project.
        project: ProjectKey,
        /// The id that was written at first use.
        stored: String,
        /// The id that was given.
        given: String,
    },

    /// An operation in this environment has not been closed.
    #[error("operation {operation} in {scope} has not been closed")]
    OperationOpen {
        /// The environment.
        scope: Scope,
        /// The operation that is open.
        operation: OperationId,
    },

    /// The operation has been closed: nothing can be appended to it or committed by it.
    #[error("operation {operation} has been closed")]
    OperationClosed {
        /// The operation.
        operation: OperationId,
    },

    /// There is no such operation.
    #[error("there is no operation {operation} in the state store")]
    NoSuchOperation {
        /// The operation.
        operation: OperationId,
    },

    /// There is no such version.
    #[error("there is no version {serial} of {scope}")]
    NoSuchVersion {
        /// The environment.
        scope: Scope,
        /// The serial that was asked for.
        serial: u64,
    },

    /// A head was to move without a Committing record that announces it.
    #[error("operation {operation} has not announced version {serial} of {scope}")]
    NotAnnounced {
        /// The operation.
        operation: OperationId,
        /// The environment.
        scope: Scope,
        /// The serial that was to be committed.
        serial: u64,
    },

    /// A name or a record key that not every store could keep.
    #[error("the {what} {name:?} {why}")]
    InvalidName {
        /// What it was to name.
        what: &'static str,
        /// The name, shortened.
        name: String,
        /// Why it cannot be kept.
        why: &'static str,
    },

    /// A record that is larger than every store can keep.
    #[error("record {key} has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// The record's key.
        key: String,
        /// Its size in bytes.
        bytes: u64,
        /// The largest size.
        limit: u64,
    },

    /// A request that contradicts itself: a defect of the caller.
    #[error("the request to the state store is not valid: {what}")]
    InvalidRequest {
        /// What is wrong with it.
        what: String,
    },
}

fn by(operation: Option<&OperationId>) -> String {
    operation.map(|operation| format!(" ({operation})")).unwrap_or_default()
}

fn taken_by(lease: Option<&Lease>) -> String {
    match lease {
        Some(lease) if !lease.released => format!(
            ": {} on {} (process {}) took it over",
            lease.holder.who, lease.holder.host, lease.holder.process_id
        ),
        _ => String::new(),
    }
}
