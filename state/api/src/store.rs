//! The trait that adapters implement.
//!
//! Reading never creates anything: a store that does not exist yet answers with nothing. Writing
//! creates what is missing. Every write that needs a lease carries its fence and is refused with
//! [`StoreError::LeaseLost`] where another has taken over. Every write can be repeated as it is:
//! where it was done already, the answer is that of the first time. That is what to do after
//! [`StoreError::UnknownOutcome`], and where the future of a write was dropped before it answered:
//! that stops nobody's waiting but one's own, and the write may be done all the same.
//!
//! # How a change is made
//!
//! 1. [`Store::acquire`] the lease of each environment, in sorted order
//!    ([`acquire_all`](crate::acquire_all)), and [`Store::renew`] it from then on at a third of its
//!    TTL.
//! 2. [`Store::read`] the state; plan.
//! 3. [`Store::open`] the operation with the plan. Entry 0 of its journal, Opened, is durable.
//! 4. [`Store::append`] Begun before each provider call, and each outcome before anything that
//!    depends on it; what is ready together goes in one group.
//! 5. For each environment that changed, make a [`Delta`] against what was read and the
//!    [`Head::after`] it; append one Committing record that names them all; then [`Store::commit`]
//!    each. After the Committing record anybody who holds the leases may do the rest, and gets the
//!    same heads. What changes nothing is not committed.
//! 6. Append Closed; [`Store::release`] the leases.

use std::fmt;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::delta::Delta;
use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::journal::JournalEntry;
use crate::lease::{Fence, Lease, LeaseRequest};
use crate::name::{OperationId, ProjectKey, Scope};
use crate::operation::{AppendRequest, OpenRequest, Operation};
use crate::snapshot::{Difference, Snapshot};

/// A place where states, operations and leases are kept.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Where the store is, for messages; without credentials.
    fn place(&self) -> String;

    /// How many durable writes this handle has made: transactions, or documents where a store has
    /// none. Upkeep that no call waits for is not counted.
    fn durable_writes(&self) -> u64;

    /// The projects of a tenant, sorted by name.
    async fn projects(&self, tenant: &str) -> Result<Vec<ProjectRecord>>;

    /// Writes the id of a project at first use; afterwards checks it.
    ///
    /// # Errors
    /// [`StoreError::WrongProject`] where another id was written.
    async fn claim_project(&self, project: &ProjectRecord) -> Result<()>;

    /// The environments of a project for which there is a head or an operation, sorted.
    async fn environments(&self, project: &ProjectKey) -> Result<Vec<Scope>>;

    /// The newest head; none before the first commit.
    async fn head(&self, scope: &Scope) -> Result<Option<Head>>;

    /// A version with all its records, checked: the newest, or the one with this serial. None
    /// where the environment has no version yet and none was named.
    ///
    /// # Errors
    /// [`StoreError::NoSuchVersion`], [`StoreError::Damaged`].
    async fn read(&self, scope: &Scope, at: Option<u64>) -> Result<Option<Snapshot>>;

    /// Every head, from the first to the newest, checked as a chain.
    async fn history(&self, scope: &Scope) -> Result<Vec<Head>>;

    /// What differs between two versions, sorted by key.
    ///
    /// # Errors
    /// [`StoreError::NoSuchVersion`] for a serial that is not there.
    async fn differences(&self, scope: &Scope, from: u64, to: u64) -> Result<Vec<Difference>> {
        let missing = |serial| StoreError::NoSuchVersion { scope: scope.clone(), serial };
        let before = self.read(scope, Some(from)).await?.ok_or_else(|| missing(from))?;
        let after = self.read(scope, Some(to)).await?.ok_or_else(|| missing(to))?;
        Ok(before.differences(&after))
    }

    /// Opens an operation: takes the next operation number in every environment concerned, uses up
    /// the plan id and writes the Opened record, as one write. Repeating it with the same operation
    /// id and nonce gives the same answer.
    ///
    /// # Errors
    /// [`StoreError::PlanUsed`]; [`StoreError::OperationOpen`] where the newest operation of one of
    /// the environments has not been closed; [`StoreError::LeaseLost`].
    async fn open(&self, request: &OpenRequest) -> Result<Operation>;

    /// Appends a group of records to an operation's journal as one durable write and gives the
    /// number of the next. Repeating it with the same nonce gives the same answer.
    ///
    /// # Errors
    /// [`StoreError::NumberTaken`] where the first number is not the next one;
    /// [`StoreError::OperationClosed`]; [`StoreError::LeaseLost`].
    async fn append(&self, request: &AppendRequest) -> Result<u64>;

    /// An operation's journal, from Opened on, checked: numbers without a gap, every digest.
    ///
    /// # Errors
    /// [`StoreError::NoSuchOperation`], [`StoreError::Damaged`].
    async fn journal(&self, operation: &OperationId) -> Result<Vec<JournalEntry>>;

    /// One operation; none where there is no such.
    async fn operation(&self, operation: &OperationId) -> Result<Option<Operation>>;

    /// The operations of an environment, the oldest first.
    async fn operations(&self, scope: &Scope) -> Result<Vec<Operation>>;

    /// The newest operation of an environment.
    async fn newest_operation(&self, scope: &Scope) -> Result<Option<Operation>>;

    /// Moves a head, after the operation's Committing record has announced it. Exactly one wins a
    /// serial; repeating a commit that was done answers [`CommitOutcome::AlreadyCommitted`].
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::NotAnnounced`], [`StoreError::LeaseLost`],
    /// [`StoreError::TooLarge`].
    async fn commit(&self, request: &CommitRequest) -> Result<CommitOutcome>;

    /// How the lease of an environment stands: its newest entry, released or expired ones too;
    /// none where nobody ever held it.
    async fn lease(&self, scope: &Scope) -> Result<Option<Lease>>;

    /// Takes the lease of an environment, or takes it over.
    ///
    /// # Errors
    /// [`StoreError::Held`] where somebody else holds it.
    async fn acquire(&self, scope: &Scope, request: &LeaseRequest) -> Result<Lease>;

    /// Renews a lease by the next number of its sequence. It may have expired, as long as nobody
    /// has taken it over. Where `operation` is given, the entry names it from now on.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where another has taken over.
    async fn renew(&self, fence: &Fence, operation: Option<&OperationId>) -> Result<Lease>;

    /// Gives a lease back. Giving it back again is no error.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where another has taken over.
    async fn release(&self, fence: &Fence) -> Result<()>;
}

/// The identity of a project, as it was written at first use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The project.
    pub project: ProjectKey,
    /// Its id: a UUID that the caller made.
    pub id: String,
    /// Who used it first.
    pub who: String,
    /// When that was.
    pub at: Timestamp,
}

/// What committing a version needs.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// The operation whose Committing record announces the head.
    pub operation: OperationId,
    /// The environment.
    pub scope: Scope,
    /// The head that it is to have.
    pub head: Head,
    /// What changes. It must have been made against the head's parent.
    pub delta: Delta,
    /// The fence of the lease on the environment.
    pub fence: Fence,
}

impl CommitRequest {
    /// Checks head and delta against each other and against the parent that the store has:
    /// serial, lineage, count, set digest, and that every record can be kept.
    ///
    /// # Errors
    /// [`StoreError::InvalidRequest`], [`StoreError::InvalidName`], [`StoreError::TooLarge`].
    pub fn check(&self, parent: Option<&Head>) -> Result<()> {
        let invalid = |what: String| Err(StoreError::InvalidRequest { what });
        if self.fence.scope != self.scope {
            return invalid(format!("a fence of {} to write in {}", self.fence.scope, self.scope));
        }
        if self.delta.base() != self.head.parent {
            return invalid("the delta was made against another version than the head".to_owned());
        }
        let expected =
            Head::after(parent, &self.delta, self.head.authorship.clone(), &self.head.lineage);
        if expected != self.head {
            return invalid(format!(
                "the head with serial {} does not follow from its parent and the delta",
                self.head.serial
            ));
        }
        self.delta.changes().iter().try_for_each(|change| match change {
            crate::delta::Change::Put { record, .. } => record.check(),
            crate::delta::Change::Remove { .. } => Ok(()),
        })
    }
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It moved the head.
    Committed,
    /// This very head had been committed before, by this writer or by one who finished its work.
    AlreadyCommitted,
}
