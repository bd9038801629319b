//! Operations: one execution of one plan, in one environment or in several at once.
//!
//! Opening takes the next operation number in *every* environment concerned, in sorted order, and
//! uses up the plan id in the same write; an opening that did not get all of it leaves nothing that
//! counts. While an operation is not closed, no other opens in any of its environments.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::journal::{JournalEvent, JournalRecord};
use crate::lease::Fence;
use crate::name::{Nonce, OperationId, PlanId, Scope, check_name};
use crate::record::Body;

/// Which way an operation was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It carries out the steps of its plan.
    Forward,
    /// It carries out compensations.
    Rollback,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedStatus {
    /// All of it was done.
    Succeeded,
    /// Some of it failed; what was done has been committed.
    Failed,
    /// It was cancelled cleanly; what was done has been committed.
    Canceled,
    /// What it did was undone.
    RolledBack,
    /// Undoing it failed; what stands has been committed.
    RollbackFailed,
    /// It was closed by hand: settled, what stands committed, the rest dropped.
    Abandoned,
}

impl ClosedStatus {
    /// The status as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::RolledBack => "rolled_back",
            Self::RollbackFailed => "rollback_failed",
            Self::Abandoned => "abandoned",
        }
    }
}

/// The fields of an Opened entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedEvent {
    /// The operation.
    pub operation: OperationId,
    /// The plan that it uses up.
    pub plan: PlanId,
    /// What was asked for: `apply`, `destroy`, `refresh`, `state mv`, …
    pub kind: String,
    /// Which way it goes.
    pub direction: Direction,
    /// The user.
    pub who: String,
    /// The host it was opened from.
    pub host: String,
    /// The environments it is about, sorted, each with the fence that it was opened under.
    pub fences: Vec<Fence>,
}

/// What opening an operation needs.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// A new id.
    pub operation: OperationId,
    /// The plan to use up. A command without a plan (`state mv`) makes an id for itself.
    pub plan: PlanId,
    /// What was asked for: `apply`, `destroy`, `refresh`, `state mv`, …
    pub kind: String,
    /// Which way it goes.
    pub direction: Direction,
    /// The user, as it should be shown.
    pub who: String,
    /// The host.
    pub host: String,
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// The plan, whole.
    pub plan_body: Body,
    /// Marks the write as the caller's own.
    pub nonce: Nonce,
    /// The environments concerned, each with the fence of the lease that the caller holds on it.
    pub fences: Vec<Fence>,
}

impl OpenRequest {
    /// Checks what a store need not look anything up for, and sorts the environments.
    ///
    /// # Errors
    /// [`StoreError::InvalidRequest`] without an environment or with one named twice;
    /// [`StoreError::InvalidName`] for an id that some store could not keep.
    pub fn checked_fences(&self) -> Result<Vec<Fence>> {
        check_name("operation id", self.operation.as_str())?;
        check_name("plan id", self.plan.as_str())?;
        let mut fences = self.fences.clone();
        fences.sort_by(|first, second| first.scope.cmp(&second.scope));
        if fences.is_empty() {
            return Err(StoreError::InvalidRequest {
                what: "an operation needs an environment".to_owned(),
            });
        }
        match fences.windows(2).find(|pair| pair[0].scope == pair[1].scope) {
            Some(pair) => Err(StoreError::InvalidRequest {
                what: format!("environment {} is named twice in one operation", pair[0].scope),
            }),
            None => Ok(fences),
        }
    }

    /// The entry with number 0 of the operation's journal.
    #[must_use]
    pub fn opened_record(&self, sorted_fences: Vec<Fence>) -> JournalRecord {
        let event = JournalEvent::Opened(Box::new(OpenedEvent {
            operation: self.operation.clone(),
            plan: self.plan.clone(),
            kind: self.kind.clone(),
            direction: self.direction,
            who: self.who.clone(),
            host: self.host.clone(),
            fences: sorted_fences,
        }));
        JournalRecord::new(event, self.plan_body.clone())
    }
}

/// A group of journal records to append as one durable write.
#[derive(Clone, Debug)]
pub struct AppendRequest {
    /// Whose journal.
    pub operation: OperationId,
    /// The number that the first record takes: the number of entries that the caller knows of.
    pub first: u64,
    /// Marks the group as the caller's own.
    pub nonce: Nonce,
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// The records, at least one.
    pub records: Vec<JournalRecord>,
    /// The fences of all the operation's environments.
    pub fences: Vec<Fence>,
}

impl AppendRequest {
    /// Checks what a store need not look anything up for.
    ///
    /// # Errors
    /// [`StoreError::InvalidRequest`] for an empty group, for Opened (only
    /// [`Store::open`](crate::Store::open) writes it), and for anything that follows Closed.
    pub fn check(&self) -> Result<()> {
        let invalid = |what: &str| Err(StoreError::InvalidRequest { what: what.to_owned() });
        let Some((_, all_but_last)) = self.records.split_last() else {
            return invalid("a group of journal records has at least one");
        };
        if self.records.iter().any(|record| matches!(record.event, JournalEvent::Opened(_))) {
            return invalid("only opening an operation writes its Opened record");
        }
        if all_but_last.iter().any(|record| matches!(record.event, JournalEvent::Closed { .. })) {
            return invalid("nothing follows the Closed record of an operation");
        }
        Ok(())
    }

    /// Whether `fences` names every environment of the operation.
    ///
    /// # Errors
    /// [`StoreError::InvalidRequest`], naming one that is missing.
    pub fn check_covers(&self, operation: &Operation) -> Result<()> {
        let missing = operation
            .environments
            .iter()
            .find(|(scope, _)| !self.fences.iter().any(|fence| fence.scope == *scope));
        match missing {
            None => Ok(()),
            Some((scope, _)) => Err(StoreError::InvalidRequest {
                what: format!("no fence is given for {scope}, which the operation is about"),
            }),
        }
    }
}

/// What a store tells about an operation without its journal being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The plan that it used up.
    pub plan: PlanId,
    /// What was asked for: `apply`, `destroy`, `refresh`, `state mv`, …
    pub kind: String,
    /// Which way it was opened.
    pub direction: Direction,
    /// The user.
    pub who: String,
    /// The host.
    pub host: String,
    /// When it was opened.
    pub at: Timestamp,
    /// Its environments, sorted, each with the number that the operation has there.
    pub environments: Vec<(Scope, u64)>,
    /// How many entries its journal has; the number of the next one.
    pub entries: u64,
    /// How it ended; none while it is open.
    pub closed: Option<ClosedStatus>,
}

impl Operation {
    /// Whether it has been closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Its number in one environment.
    #[must_use]
    pub fn number_in(&self, scope: &Scope) -> Option<u64> {
        self.environments
            .iter()
            .find_map(|(environment, number)| (environment == scope).then_some(*number))
    }
}

/// Finds the head that a Committing event announces for an environment.
#[must_use]
pub fn announced_head<'event>(event: &'event JournalEvent, scope: &Scope) -> Option<&'event Head> {
    match event {
        JournalEvent::Committing { heads } => {
            heads.iter().find_map(|(environment, head)| (environment == scope).then_some(head))
        }
        _ => None,
    }
}
