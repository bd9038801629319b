//! The journal of an operation, in the store.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use mpctl_state::{
    AppendRequest, Fence, JournalRecord, Nonce, OperationId, Store, StoreError, Timestamp,
};

use crate::apply::{Journal, JournalError};
use crate::ops::lock::Pulse;

/// Appends to one operation's journal.
pub struct StoreJournal {
    store: Arc<dyn Store>,
    operation: OperationId,
    next: u64,
    fences: Vec<Fence>,
    by_environment: HashMap<Arc<str>, u64>,
    pulse: Arc<Pulse>,
}

impl StoreJournal {
    /// The journal of an operation whose next entry has the number `next`.
    pub fn new(
        store: Arc<dyn Store>,
        operation: OperationId,
        next: u64,
        fences: Vec<Fence>,
        pulse: Arc<Pulse>,
    ) -> StoreJournal {
        let by_environment =
            fences.iter().map(|fence| (fence.scope.environment.clone(), fence.number)).collect();
        StoreJournal { store, operation, next, fences, by_environment, pulse }
    }

    /// The operation whose journal it is.
    pub fn operation(&self) -> &OperationId {
        &self.operation
    }

    /// Appends the records as one durable write.
    pub async fn write(&mut self, records: Vec<JournalRecord>) -> Result<(), StoreError> {
        let request = AppendRequest {
            operation: self.operation.clone(),
            first: self.next,
            nonce: Nonce::from_bytes(*uuid::Uuid::new_v4().as_bytes()),
            at: Timestamp(jiff::Timestamp::now().as_millisecond()),
            records,
            fences: self.fences.clone(),
        };
        self.next = match self.store.append(&request).await {
            // The same request again decides what the first one did.
            Err(StoreError::UnknownOutcome { .. }) => self.store.append(&request).await?,
            other => other?,
        };
        Ok(())
    }
}

#[async_trait]
impl Journal for StoreJournal {
    async fn append(&mut self, records: Vec<JournalRecord>) -> Result<(), JournalError> {
        self.write(records).await.map_err(|error| match error {
            StoreError::LeaseLost { .. } | StoreError::NumberTaken { .. } => {
                JournalError::Lost(error.to_string())
            }
            other => JournalError::Store(other.to_string()),
        })
    }

    fn may_start(&self) -> bool {
        self.pulse.may_start()
    }

    fn fence(&self, environment: &str) -> u64 {
        self.by_environment.get(environment).copied().unwrap_or_default()
    }
}
