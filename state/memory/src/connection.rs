//! What all handles of one memory store share: the data behind one lock, the clock, the counter of
//! writes.
//!
//! A write is one closure under the lock. It changes nothing before its last check has passed, so
//! an error leaves the store as it was.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpctl_state::{
    Clock, Head, JournalEntry, Lease, Nonce, OpenRequest, OperationId, PlanId, ProjectKey,
    ProjectRecord, Result, Scope, Timestamp,
};

use crate::record::RecordChains;

/// How the store is named in messages.
pub(crate) const PLACE: &str = "memory:";

/// All that a memory store holds.
#[derive(Debug, Default)]
pub(crate) struct Data {
    /// Projects by name.
    pub(crate) projects: BTreeMap<ProjectKey, ProjectRecord>,
    /// Environments by name.
    pub(crate) scopes: BTreeMap<Scope, ScopeData>,
    /// Operations by id.
    pub(crate) operations: HashMap<OperationId, OperationData>,
    /// Counts the changes, so that a write that found everything done is told from one.
    pub(crate) changes: u64,
    /// Which operation used a plan.
    pub(crate) plans: HashMap<PlanId, OperationId>,
}

/// What is kept for one environment.
#[derive(Debug, Default)]
pub(crate) struct ScopeData {
    /// The head with serial *n* at place *n - 1*.
    pub(crate) heads: Vec<Head>,
    /// Its records, in every version.
    pub(crate) records: RecordChains,
    /// The operation with number *n* at place *n - 1*.
    pub(crate) operations: Vec<OperationId>,
    /// The newest lease entry and its nonce; older ones are never asked for.
    pub(crate) lease: Option<(Lease, Nonce)>,
}

/// One operation with its journal.
#[derive(Debug)]
pub(crate) struct OperationData {
    /// What it was opened with, environments sorted.
    pub(crate) request: OpenRequest,
    /// Its environments with its number in each.
    pub(crate) environments: Vec<(Scope, u64)>,
    /// The entry with number *n* at place *n*.
    pub(crate) journal: Vec<JournalEntry>,
}

#[derive(Debug)]
struct Shared {
    data: Mutex<Data>,
    writes: AtomicU64,
    clock: Arc<dyn Clock>,
}

/// A handle on the data.
#[derive(Clone, Debug)]
pub struct Connection {
    shared: Arc<Shared>,
}

impl Connection {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                data: Mutex::new(Data::default()),
                writes: AtomicU64::new(0),
                clock,
            }),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) fn writes(&self) -> u64 {
        self.shared.writes.load(Ordering::SeqCst)
    }

    pub(crate) fn read<Answer>(&self, query: impl FnOnce(&Data) -> Answer) -> Answer {
        query(&self.lock())
    }

    /// One durable write; the closure gets the time under the lock.
    pub(crate) fn write<Answer>(
        &self,
        change: impl FnOnce(&mut Data, Timestamp) -> Result<Answer>,
    ) -> Result<Answer> {
        let mut data = self.lock();
        let now = self.shared.clock.now();
        let before = data.changes;
        let answer = change(&mut data, now)?;
        self.shared.writes.fetch_add(u64::from(data.changes != before), Ordering::SeqCst);
        Ok(answer)
    }

    pub(crate) fn damage(&self, change: impl FnOnce(&mut Data) -> bool) -> bool {
        change(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        // A write that panicked has changed nothing yet: checks come before changes.
        self.shared.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
