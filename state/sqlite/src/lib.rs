//! The SQLite store: the default, one database file under `.mpctl/`.
//!
//! It keeps the whole contract of [`mpctl_state`] in one file that several processes of one machine
//! may use at once. Every call runs on a thread of its own, so no runtime is ever blocked; every
//! write is one transaction that is on the disk when the call returns (WAL, `synchronous=FULL`).
//!
//! What it keeps true: no stored row is changed but the few counters of an environment that say
//! which version and operation are the newest, so that a hidden row is found; reading creates
//! nothing; a database that is empty, foreign, vanished, or of a newer format is refused. It must
//! not be put on a network disk: SQLite's shared memory does not work there.
//!
//! The modules have the names that they have in every adapter: [`connection`] opens, births and
//! migrates the database and runs transactions, and `project`, `scope`, `head`, `record`,
//! `operation`, `journal` and `lease` each hold one part of the contract. [`host`] tells whether a
//! holder's process still exists.

pub mod connection;
mod error;
mod head;
pub mod host;
mod journal;
mod lease;
mod operation;
mod project;
mod record;
mod scope;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mpctl_state::{
    AppendRequest, Clock, CommitOutcome, CommitRequest, Fence, Head, JournalEntry, Lease,
    LeaseRequest, OpenRequest, Operation, OperationId, ProjectKey, ProjectRecord, Result, Scope,
    Snapshot, Store, StoreError, SystemClock,
};

use crate::connection::Connection;

/// How a store may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The first write makes the database where there is none.
    Write,
    /// Nothing is ever written; a write is an error.
    ReadOnly,
}

/// Where a store is, and how it is used.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file. Its folder is made at the first write.
    pub path: PathBuf,
    /// What may be done.
    pub mode: Mode,
    /// How long to wait for another process that is writing.
    pub busy_timeout: Duration,
    /// The clock that leases are judged by.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The usual options for a database file: writing, ten seconds' patience, the machine's clock.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            mode: Mode::Write,
            busy_timeout: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
        }
    }
}

/// A store in a SQLite database. Clones share one connection and its thread.
///
/// Making one touches nothing: the file is looked for at the first call. Dropping the last clone
/// waits for upkeep that is under way.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// A store with these options.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { connection: Connection::new(options) }
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn place(&self) -> String {
        self.connection.place()
    }

    fn durable_writes(&self) -> u64 {
        self.connection.writes()
    }

    async fn projects(&self, tenant: &str) -> Result<Vec<ProjectRecord>> {
        let tenant = tenant.to_owned();
        let found = self.connection.read(move |session| project::list(session, &tenant)).await?;
        Ok(found.unwrap_or_default())
    }

    async fn claim_project(&self, project: &ProjectRecord) -> Result<()> {
        let project = project.clone();
        self.connection.write(move |session| project::claim(session, &project)).await
    }

    async fn environments(&self, project: &ProjectKey) -> Result<Vec<Scope>> {
        let project = project.clone();
        let found =
            self.connection.read(move |session| scope::environments(session, &project)).await?;
        Ok(found.unwrap_or_default())
    }

    async fn head(&self, scope: &Scope) -> Result<Option<Head>> {
        let scope = scope.clone();
        let found = self.connection.read(move |session| head::newest(session, &scope)).await?;
        Ok(found.flatten())
    }

    async fn read(&self, scope: &Scope, at: Option<u64>) -> Result<Option<Snapshot>> {
        let wanted = scope.clone();
        let found = self.connection.read(move |session| head::read(session, &wanted, at)).await?;
        match (found, at) {
            (Some(found), _) => Ok(found),
            (None, None) => Ok(None),
            (None, Some(serial)) => Err(StoreError::NoSuchVersion { scope: scope.clone(), serial }),
        }
    }

    async fn history(&self, scope: &Scope) -> Result<Vec<Head>> {
        let scope = scope.clone();
        let found = self.connection.read(move |session| head::history(session, &scope)).await?;
        Ok(found.unwrap_or_default())
    }

    async fn open(&self, request: &OpenRequest) -> Result<Operation> {
        let request = request.clone();
        self.connection.write(move |session| operation::open(session, &request)).await
    }

    async fn append(&self, request: &AppendRequest) -> Result<u64> {
        let request = request.clone();
        self.connection.write(move |session| journal::append(session, &request)).await
    }

    async fn journal(&self, operation: &OperationId) -> Result<Vec<JournalEntry>> {
        let wanted = operation.clone();
        let found = self.connection.read(move |session| journal::read(session, &wanted)).await?;
        found.ok_or_else(|| StoreError::NoSuchOperation { operation: operation.clone() })
    }

    async fn operation(&self, operation: &OperationId) -> Result<Option<Operation>> {
        let operation = operation.clone();
        let found =
            self.connection.read(move |session| operation::get(session, &operation)).await?;
        Ok(found.flatten())
    }

    async fn operations(&self, scope: &Scope) -> Result<Vec<Operation>> {
        let scope = scope.clone();
        let found = self.connection.read(move |session| operation::list(session, &scope)).await?;
        Ok(found.unwrap_or_default())
    }

    async fn newest_operation(&self, scope: &Scope) -> Result<Option<Operation>> {
        let scope = scope.clone();
        let found = self.connection.read(move |session| operation::newest(session, &scope)).await?;
        Ok(found.flatten())
    }

    async fn commit(&self, request: &CommitRequest) -> Result<CommitOutcome> {
        let request = request.clone();
        let scope = request.scope.clone();
        self.connection
            .write_then(
                move |session| head::commit(session, &request),
                move |session| record::checkpoint_if_due(session, &scope),
            )
            .await
    }

    async fn lease(&self, scope: &Scope) -> Result<Option<Lease>> {
        let scope = scope.clone();
        let found = self.connection.read(move |session| lease::newest(session, &scope)).await?;
        Ok(found.flatten())
    }

    async fn acquire(&self, scope: &Scope, request: &LeaseRequest) -> Result<Lease> {
        let (scope, request) = (scope.clone(), request.clone());
        self.connection.write(move |session| lease::acquire(session, &scope, &request)).await
    }

    async fn renew(&self, fence: &Fence, operation: Option<&OperationId>) -> Result<Lease> {
        let (fence, operation) = (fence.clone(), operation.cloned());
        self.connection
            .write(move |session| lease::renew(session, &fence, operation.as_ref()))
            .await
    }

    async fn release(&self, fence: &Fence) -> Result<()> {
        let fence = fence.clone();
        self.connection.write(move |session| lease::release(session, &fence)).await
    }
}
