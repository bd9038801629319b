//! A writer that goes through the whole protocol, so that tests can say what they are about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::delta::Delta;
use crate::error::{Result, StoreError};
use crate::head::{Authorship, Head};
use crate::journal::{JournalEvent, JournalRecord};
use crate::lease::{Evidence, HolderIdentity, Lease, LeaseRequest};
use crate::name::{Nonce, OperationId, PlanId, Scope};
use crate::operation::{AppendRequest, ClosedStatus, Direction, OpenRequest, Operation};
use crate::record::Record;
use crate::store::{CommitOutcome, CommitRequest, Store};

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// A number that no other call gets.
fn fresh() -> u64 {
    COUNTER.fetch_add(1, Ordering::SeqCst)
}

/// A nonce that no other call gets.
#[must_use]
pub fn fresh_nonce() -> Nonce {
    Nonce::from_bytes(u128::from(fresh()).to_le_bytes())
}

/// A holder by this name.
#[must_use]
pub fn holder(who: &str) -> HolderIdentity {
    HolderIdentity {
        who: who.to_owned(),
        host: "build-1".to_owned(),
        boot_id: Some("5f0c6f1e-boot".to_owned()),
        process_id: 4711,
        process_start: Some(123_456),
        operation: None,
    }
}

/// A request for a lease of half a second.
#[must_use]
pub fn lease_request(who: &str, evidence: Option<Evidence>) -> LeaseRequest {
    LeaseRequest {
        holder: holder(who),
        ttl: Duration::from_millis(500),
        nonce: fresh_nonce(),
        evidence,
    }
}

/// Somebody who holds the lease of one environment.
#[derive(Debug)]
pub struct Writer {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The lease.
    pub lease: Lease,
}

impl Writer {
    /// Takes the lease.
    ///
    /// # Errors
    /// Those of [`Store::acquire`].
    pub async fn acquire(store: Arc<dyn Store>, scope: &Scope) -> Result<Self> {
        let request = LeaseRequest { ttl: Duration::from_secs(60), ..lease_request("ada", None) };
        let lease = store.acquire(scope, &request).await?;
        Ok(Self { store, lease })
    }

    /// Takes the lease, waiting for it as long as somebody else holds it.
    pub async fn wait(store: Arc<dyn Store>, scope: &Scope) -> Self {
        loop {
            match Self::acquire(store.clone(), scope).await {
                Ok(writer) => return writer,
                Err(StoreError::Held { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The environment.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.lease.scope
    }

    /// A request to open a new operation with a new plan.
    #[must_use]
    pub fn open_request(&self) -> OpenRequest {
        let number = fresh();
        OpenRequest {
            operation: OperationId::new(format!("operation-{number}")),
            plan: PlanId::new(format!("plan-{number}")),
            kind: "apply".to_owned(),
            direction: Direction::Forward,
            who: "ada".to_owned(),
            host: "build-1".to_owned(),
            at: Timestamp(1_700_000_000_000),
            plan_body: Arc::from(&b"the plan, whole"[..]),
            nonce: fresh_nonce(),
            fences: vec![self.lease.fence()],
        }
    }

    /// Opens a new operation.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open(&self) -> Result<Operation> {
        self.store.open(&self.open_request()).await
    }

    /// A request to append records at a number.
    #[must_use]
    pub fn append_request(
        &self,
        operation: &OperationId,
        first: u64,
        records: Vec<JournalRecord>,
    ) -> AppendRequest {
        AppendRequest {
            operation: operation.clone(),
            first,
            nonce: fresh_nonce(),
            at: Timestamp(1_700_000_000_001),
            records,
            fences: vec![self.lease.fence()],
        }
    }

    /// Appends records after the last entry of an operation.
    ///
    /// # Errors
    /// Those of [`Store::append`].
    pub async fn append(&self, operation: &OperationId, events: Vec<JournalEvent>) -> Result<u64> {
        let first = self.store.operation(operation).await?.map_or(0, |found| found.entries);
        let records = events.into_iter().map(JournalRecord::bare).collect();
        self.store.append(&self.append_request(operation, first, records)).await
    }

    /// Makes the commit that would put and remove these, against the newest version.
    ///
    /// # Errors
    /// Those of [`Store::read`].
    pub async fn prepare(
        &self,
        operation: &OperationId,
        put: Vec<Record>,
        remove: &[&str],
    ) -> Result<CommitRequest> {
        let base = self.store.read(self.scope(), None).await?;
        let delta = Delta::new(base.as_ref(), put, remove.iter().map(|key| Arc::from(*key)));
        let authorship = Authorship {
            operation: operation.clone(),
            who: "ada".to_owned(),
            at: Timestamp(1_700_000_000_002),
            message: Some("because the test says so".to_owned()),
        };
        let lineage = format!("lineage of {}", self.scope());
        let head = Head::after(base.as_ref().map(|base| base.head()), &delta, authorship, &lineage);
        Ok(CommitRequest {
            operation: operation.clone(),
            scope: self.scope().clone(),
            head,
            delta,
            fence: self.lease.fence(),
        })
    }

    /// Announces a commit.
    ///
    /// # Errors
    /// Those of [`Store::append`].
    pub async fn announce(&self, request: &CommitRequest) -> Result<u64> {
        let heads = vec![(request.scope.clone(), request.head.clone())];
        self.append(&request.operation, vec![JournalEvent::Committing { heads }]).await
    }

    /// Closes an operation.
    ///
    /// # Errors
    /// Those of [`Store::append`].
    pub async fn close(&self, operation: &OperationId) -> Result<u64> {
        self.append(operation, vec![JournalEvent::Closed { status: ClosedStatus::Succeeded }]).await
    }

    /// One whole operation: opens, announces, commits, closes; gives the new head.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn commit(&self, put: Vec<Record>, remove: &[&str]) -> Result<Head> {
        let operation = self.open().await?.id;
        let request = self.prepare(&operation, put, remove).await?;
        self.announce(&request).await?;
        assert_eq!(self.store.commit(&request).await?, CommitOutcome::Committed);
        self.close(&operation).await?;
        Ok(request.head)
    }
}
