//! The memory store, for tests and trials (`--state memory:`).
//!
//! It keeps the whole contract of [`mpctl_state`] for as long as the process lives: handles are
//! clones of one another and see the same store, as several processes see one database. It must not
//! be used where anything is to outlive the process.
//!
//! The modules have the names that they have in every adapter: [`connection`] is what all handles
//! share, and `project`, `head`, `record`, `operation`, `journal` and `lease` each hold one part of
//! the contract.

pub mod connection;
mod head;
mod journal;
mod lease;
mod operation;
mod project;
mod record;

use std::sync::Arc;

use async_trait::async_trait;
use mpctl_state::{
    AppendRequest, Clock, CommitOutcome, CommitRequest, Fence, Head, JournalEntry, Lease,
    LeaseRequest, OpenRequest, Operation, OperationId, ProjectKey, ProjectRecord, Result, Scope,
    Snapshot, Store, SystemClock,
};

use crate::connection::Connection;

/// A store in memory. Clones see the same store.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    connection: Connection,
}

impl MemoryStore {
    /// An empty store that reads the machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store with a clock of its own.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { connection: Connection::new(clock) }
    }

    /// Flips a bit in the newest body of a record, as a failing disk would; says whether there was
    /// one. For tests of what happens next.
    #[must_use]
    pub fn damage_record(&self, scope: &Scope, key: &str) -> bool {
        self.connection.read(|data| data.scopes.contains_key(scope))
            && self.connection.damage(|data| {
                data.scopes.get_mut(scope).is_some_and(|scope| scope.records.flip_bit(key))
            })
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn place(&self) -> String {
        connection::PLACE.to_owned()
    }

    fn durable_writes(&self) -> u64 {
        self.connection.writes()
    }

    async fn projects(&self, tenant: &str) -> Result<Vec<ProjectRecord>> {
        Ok(self.connection.read(|data| project::list(data, tenant)))
    }

    async fn claim_project(&self, project: &ProjectRecord) -> Result<()> {
        self.connection.write(|data, _| project::claim(data, project))
    }

    async fn environments(&self, project: &ProjectKey) -> Result<Vec<Scope>> {
        Ok(self.connection.read(|data| project::environments(data, project)))
    }

    async fn head(&self, scope: &Scope) -> Result<Option<Head>> {
        Ok(self.connection.read(|data| head::newest(data, scope).cloned()))
    }

    async fn read(&self, scope: &Scope, at: Option<u64>) -> Result<Option<Snapshot>> {
        self.connection.read(|data| head::read(data, scope, at))
    }

    async fn history(&self, scope: &Scope) -> Result<Vec<Head>> {
        Ok(self.connection.read(|data| head::history(data, scope)))
    }

    async fn open(&self, request: &OpenRequest) -> Result<Operation> {
        self.connection.write(|data, _| operation::open(data, request))
    }

    async fn append(&self, request: &AppendRequest) -> Result<u64> {
        self.connection.write(|data, _| journal::append(data, request))
    }

    async fn journal(&self, operation: &OperationId) -> Result<Vec<JournalEntry>> {
        self.connection.read(|data| journal::read(data, operation))
    }

    async fn operation(&self, operation: &OperationId) -> Result<Option<Operation>> {
        Ok(self.connection.read(|data| operation::get(data, operation)))
    }

    async fn operations(&self, scope: &Scope) -> Result<Vec<Operation>> {
        Ok(self.connection.read(|data| operation::list(data, scope)))
    }

    async fn newest_operation(&self, scope: &Scope) -> Result<Option<Operation>> {
        Ok(self.connection.read(|data| operation::newest(data, scope)))
    }

    async fn commit(&self, request: &CommitRequest) -> Result<CommitOutcome> {
        self.connection.write(|data, _| head::commit(data, request))
    }

    async fn lease(&self, scope: &Scope) -> Result<Option<Lease>> {
        let now = self.connection.now();
        Ok(self.connection.read(|data| lease::newest(data, scope, now)))
    }

    async fn acquire(&self, scope: &Scope, request: &LeaseRequest) -> Result<Lease> {
        self.connection.write(|data, now| lease::acquire(data, scope, request, now))
    }

    async fn renew(&self, fence: &Fence, operation: Option<&OperationId>) -> Result<Lease> {
        self.connection.write(|data, now| lease::renew(data, fence, operation, now))
    }

    async fn release(&self, fence: &Fence) -> Result<()> {
        self.connection.write(|data, now| lease::release(data, fence, now))
    }
}
