//! `resume` and `operation close`: what becomes of an operation that was interrupted.
//!
//! Both take the leases, seal the journal against the process that wrote it, and settle every step that was
//! begun and has no outcome. `resume` then carries the recorded plan on, the very plan that was approved;
//! closing commits what stands and drops the rest. Neither reads a spec: the plan is in the journal.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_state::{ClosedStatus, JournalEntry, JournalEvent, JournalRecord, Operation};
use tokio_util::sync::CancellationToken;

use crate::apply::{Earlier, Event, Execution, OutcomePayload, execute};
use crate::expr::{EvalContext, NoFiles};
use crate::ops::apply::{Applied, ApplyInput, Closing, commit};
use crate::ops::clock::OperationClock;
use crate::ops::configure::configure;
use crate::ops::error::OpsError;
use crate::ops::journal::StoreJournal;
use crate::ops::lock;
use crate::ops::project::Project;
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::{Plan, StepId, file};
use crate::state::{Record, stored};

/// What to do with what was interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Carry the plan on.
    Resume,
    /// Commit what stands, drop the rest.
    Close,
}

/// How to carry it on.
pub struct ResumeInput {
    /// What to do.
    pub way: Way,
    /// `--parallelism`
    pub parallelism: usize,
    /// `--lock-timeout`
    pub lock_timeout: std::time::Duration,
    /// Set by the first signal.
    pub stop: CancellationToken,
    /// Set by the second.
    pub cancel: CancellationToken,
}

/// The operation that is open in any of the environments; they have to agree on one.
pub async fn open_operation(
    project: &Project,
    environments: &[Arc<str>],
) -> Result<Option<Operation>, OpsError> {
    for name in environments {
        if let Some(operation) = project.store.newest_operation(&project.scope(name)?).await?
            && !operation.is_closed()
        {
            return Ok(Some(operation));
        }
    }
    Ok(None)
}

/// Carries an open operation on, or closes it.
pub async fn resume(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    operation: &Operation,
    input: ResumeInput,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<(Plan, Applied), OpsError> {
    let scopes: Vec<_> = operation.environments.iter().map(|(scope, _)| scope.clone()).collect();
    let locks =
        lock::take(surroundings, project.store.clone(), &scopes, input.lock_timeout).await?;
    let result =
        carry_on(surroundings, connections, project, operation, &locks, input, events).await;
    let released = locks.release().await;
    let done = result?;
    released?;
    Ok(done)
}

async fn carry_on(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    operation: &Operation,
    locks: &lock::Locks,
    input: ResumeInput,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<(Plan, Applied), OpsError> {
    let entries = project.store.journal(&operation.id).await?;
    let fences = locks.fences();
    let mut journal = StoreJournal::new(
        project.store.clone(),
        operation.id.clone(),
        entries.len() as u64,
        fences.clone(),
        locks.pulse(),
    );
    let sealed = JournalEvent::Sealed {
        fence: fences.first().map_or(0, |fence| fence.number),
        who: surroundings.holder.who.clone(),
        host: surroundings.holder.host.clone(),
    };
    journal.write(vec![JournalRecord::bare(sealed)]).await?;
    locks.name_operation(&operation.id).await?;
    let damaged =
        || OpsError::PlanRefused { reason: format!("the journal of {} has no plan", operation.id) };
    let opened = entries.first().ok_or_else(damaged)?;
    let plan = file::decode(&opened.record.payload, project.key.as_ref())?;
    let mut earlier = earlier(project, &entries)?;
    let committing =
        entries.iter().any(|entry| matches!(entry.record.event, JournalEvent::Committing { .. }));
    // After the announcement nothing is done any more: the heads only move forward.
    earlier.settle_only = committing || input.way == Way::Close;
    if committing {
        earlier.begun.clear();
    }
    let snapshots = snapshots(project, &plan).await?;
    let providers = configure(surroundings, connections, project, &plan).await?;
    let clock = OperationClock::of(&operation.id);
    let report = execute(Execution {
        plan: &plan,
        providers: &providers,
        journal: &mut journal,
        seal: project.key.as_ref(),
        parallelism: input.parallelism,
        context: EvalContext::new(&NoFiles, &clock),
        stop: input.stop.clone(),
        cancel: input.cancel.clone(),
        events,
        earlier,
    })
    .await;
    if let Some(broken) = &report.broken {
        let lost = matches!(broken, crate::apply::JournalError::Lost(_));
        return Err(OpsError::Broken { reason: broken.to_string(), lost });
    }
    let mut applied = Applied::of(operation.id.clone(), &plan, &report);
    if !applied.doubts.is_empty() && input.way == Way::Resume {
        return Ok((plan, applied));
    }
    let applying = ApplyInput {
        plan: &plan,
        snapshots: &snapshots,
        providers: &providers,
        locks,
        parallelism: input.parallelism,
        stop: input.stop,
        cancel: input.cancel,
    };
    let closing = Closing {
        announced: entries.iter().rev().find_map(announced),
        status: (input.way == Way::Close).then_some(ClosedStatus::Abandoned),
    };
    commit(surroundings, project, &applying, &report, &mut journal, &mut applied, closing).await?;
    Ok((plan, applied))
}

fn announced(entry: &JournalEntry) -> Option<Vec<(mpctl_state::Scope, mpctl_state::Head)>> {
    match &entry.record.event {
        JournalEvent::Committing { heads } => Some(heads.clone()),
        _ => None,
    }
}

/// What the journal says of each step.
fn earlier(project: &Project, entries: &[JournalEntry]) -> Result<Earlier, OpsError> {
    let mut earlier = Earlier::default();
    for entry in entries {
        let Some(step) = entry.record.event.step().and_then(|step| step.parse().ok()).map(StepId)
        else {
            continue;
        };
        match &entry.record.event {
            JournalEvent::Begun { .. } | JournalEvent::InDoubt { .. } => {
                earlier.begun.insert(step);
            }
            JournalEvent::Succeeded { .. } => {
                earlier.begun.remove(&step);
                earlier.done.insert(step);
            }
            JournalEvent::Failed { .. } => {
                earlier.begun.remove(&step);
            }
            _ => continue,
        }
        let Some(payload) = OutcomePayload::decode(&entry.record.payload) else { continue };
        let record = match payload.record {
            None => None,
            Some(text) => {
                let failed = |error: stored::RecordError| OpsError::Record {
                    address: payload.address.to_string(),
                    reason: error.to_string(),
                };
                match stored::decode(text.as_bytes(), project.key.as_ref()).map_err(failed)? {
                    Record::Resource(record) => Some((*record).clone()),
                    Record::Output(_) => continue,
                }
            }
        };
        earlier.records.insert(payload.address, record);
    }
    Ok(earlier)
}

/// The versions that the plan was made on: still the newest, or, where some heads have moved already, older.
async fn snapshots(
    project: &Project,
    plan: &Plan,
) -> Result<HashMap<Arc<str>, Option<mpctl_state::Snapshot>>, OpsError> {
    let mut snapshots = HashMap::new();
    for (name, environment) in &plan.body.environments {
        let snapshot = match &environment.basis {
            None => None,
            Some(basis) => project.store.read(&project.scope(name)?, Some(basis.serial)).await?,
        };
        snapshots.insert(name.clone(), snapshot);
    }
    Ok(snapshots)
}
