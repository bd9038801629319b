//! What the executor writes before and after each call, and where.

use async_trait::async_trait;
use mpctl_state::JournalRecord;
use thiserror::Error;

/// Why nothing more can be written, and so nothing more be done.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Somebody else holds the lease, or has taken the operation over.
    #[error("the lock was lost: {0}")]
    Lost(String),
    /// The store failed.
    #[error("the journal cannot be written: {0}")]
    Store(String),
}

/// The journal of the operation that is being executed.
#[async_trait]
pub trait Journal: Send {
    /// Appends the records as one durable write.
    async fn append(&mut self, records: Vec<JournalRecord>) -> Result<(), JournalError>;

    /// Whether the lease still has enough of its life left to start a call.
    fn may_start(&self) -> bool;

    /// The fence under which calls are made.
    fn fence(&self, environment: &str) -> u64;
}
