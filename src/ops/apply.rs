//! `apply`: opens an operation with the plan, runs it, commits what was done, closes it.
//!
//! The caller holds the leases. Heads move only after a Committing record that names them all; what changes
//! nothing opens and commits nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use mpctl_provider::Fault;
use mpctl_provider::contract::Object;
use mpctl_provider::value::codec::Seal;
use mpctl_state::{
    Authorship, ClosedStatus, CommitRequest, Delta, Direction, Head, JournalEvent, JournalRecord,
    Nonce, OpenRequest, OperationId, PlanId, Record as StoreRecord, Scope, Snapshot, Timestamp,
};
use tokio_util::sync::CancellationToken;

use crate::address::{Address, Subject};
use crate::apply::inputs::Finals;
use crate::apply::{Earlier, Event, Execution, Providers, Report, StepEnd, execute, fold};
use crate::expr::{EvalContext, NoFiles};
use crate::ops::clock::OperationClock;
use crate::ops::error::OpsError;
use crate::ops::journal::StoreJournal;
use crate::ops::lock::Locks;
use crate::ops::project::{Project, basis_of};
use crate::ops::surroundings::Surroundings;
use crate::plan::{Action, Change, Drift, Mode, Plan, file};
use crate::state::{OutputRecord, Record, stored};

/// What an apply is given beside the plan.
pub struct ApplyInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The versions that it was made on.
    pub snapshots: &'a HashMap<Arc<str>, Option<Snapshot>>,
    /// The providers, configured.
    pub providers: &'a Providers,
    /// The leases on all its environments.
    pub locks: &'a Locks,
    /// `--parallelism`
    pub parallelism: usize,
    /// Set by the first signal.
    pub stop: CancellationToken,
    /// Set by the second.
    pub cancel: CancellationToken,
}

/// How an apply ended.
#[derive(Debug)]
pub struct Applied {
    /// What it is called, if one was opened.
    pub operation: Option<OperationId>,
    /// Objects made, changed, destroyed, forgotten.
    pub counts: Counts,
    /// What failed, by address.
    pub failures: Vec<(Address, Fault)>,
    /// What is in doubt, by address.
    pub doubts: Vec<(Address, Fault)>,
    /// Whether the user stopped it.
    pub canceled: bool,
    /// The outputs as they are recorded now, by environment.
    pub outputs: BTreeMap<Address, mpctl_provider::Value>,
}

/// How many objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Made, replacements included.
    pub added: usize,
    /// Changed in place.
    pub changed: usize,
    /// Destroyed, replacements included.
    pub destroyed: usize,
    /// No longer managed.
    pub forgotten: usize,
}

/// Applies a plan.
pub async fn apply(
    surroundings: &Surroundings,
    project: &Project,
    input: ApplyInput<'_>,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<Applied, OpsError> {
    let body = &input.plan.body;
    let nothing = body.steps.is_empty() && !body.has_changes() && body.drift.is_empty();
    if nothing {
        return Ok(Applied::nothing());
    }
    let operation = OperationId::new(uuid::Uuid::now_v7().to_string());
    open(surroundings, project, &input, &operation).await?;
    let fences = input.locks.fences();
    let mut journal =
        StoreJournal::new(project.store.clone(), operation.clone(), 1, fences, input.locks.pulse());
    input.locks.name_operation(&operation).await?;
    let clock = OperationClock::of(&operation);
    let context = EvalContext::new(&NoFiles, &clock);
    let report = execute(Execution {
        plan: input.plan,
        providers: input.providers,
        journal: &mut journal,
        seal: project.key.as_ref(),
        parallelism: input.parallelism,
        context,
        stop: input.stop.clone(),
        cancel: input.cancel.clone(),
        events,
        earlier: Earlier::default(),
    })
    .await;
    if let Some(broken) = &report.broken {
        let lost = matches!(broken, crate::apply::JournalError::Lost(_));
        return Err(OpsError::Broken { reason: broken.to_string(), lost });
    }
    let mut applied = Applied::of(operation.clone(), input.plan, &report);
    if !applied.doubts.is_empty() {
        // Left open: settled by the next command, not guessed at.
        return Ok(applied);
    }
    commit(surroundings, project, &input, &report, &mut journal, &mut applied, Closing::default())
        .await?;
    Ok(applied)
}

async fn open(
    surroundings: &Surroundings,
    project: &Project,
    input: &ApplyInput<'_>,
    operation: &OperationId,
) -> Result<(), OpsError> {
    let plan = input.plan;
    let kind = match plan.body.mode {
        Mode::Apply => "apply",
        Mode::Destroy => "destroy",
        Mode::RefreshOnly => "refresh",
    };
    let request = OpenRequest {
        operation: operation.clone(),
        plan: PlanId::new(plan.id.clone()),
        kind: kind.into(),
        direction: Direction::Forward,
        who: surroundings.holder.who.clone(),
        host: surroundings.holder.host.clone(),
        at: now(),
        plan_body: file::encode(plan, project.key.as_ref())?.into(),
        nonce: Nonce::from_bytes(*uuid::Uuid::new_v4().as_bytes()),
        fences: input.locks.fences(),
    };
    project.store.open(&request).await?;
    Ok(())
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// How an operation is closed, where that does not follow from how its steps ended.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// The heads that an earlier run has announced: these and no others are moved to.
    pub(super) announced: Option<Vec<(Scope, Head)>>,
    /// The status, if it is not the steps' own.
    pub(super) status: Option<ClosedStatus>,
}

/// Commits what the steps did: announces every head, moves each, closes the operation.
pub(super) async fn commit(
    surroundings: &Surroundings,
    project: &Project,
    input: &ApplyInput<'_>,
    report: &Report,
    journal: &mut StoreJournal,
    applied: &mut Applied,
    closing: Closing,
) -> Result<(), OpsError> {
    let operation = journal.operation().clone();
    let mut heads: Vec<(Scope, Head)> = Vec::new();
    let mut deltas: Vec<Delta> = Vec::new();
    let outputs = settle_outputs(input.plan, report, OperationClock::of(&operation));
    for environment in input.plan.body.environments.keys() {
        let base = input.snapshots.get(environment).and_then(Option::as_ref);
        let delta = delta(project.key.as_ref(), input.plan, report, &outputs, environment, base)?;
        if delta.is_empty() {
            continue;
        }
        let scope = project.scope(environment)?;
        let announced =
            closing.announced.iter().flatten().find(|(announced, _)| *announced == scope);
        let head = match announced {
            Some((_, head)) => head.clone(),
            None => {
                let who = surroundings.holder.who.clone();
                let authorship =
                    Authorship { operation: operation.clone(), who, at: now(), message: None };
                Head::after(
                    base.map(Snapshot::head),
                    &delta,
                    authorship,
                    &uuid::Uuid::new_v4().to_string(),
                )
            }
        };
        heads.push((scope, head));
        deltas.push(delta);
    }
    if !heads.is_empty() {
        if closing.announced.is_none() {
            journal
                .write(vec![JournalRecord::bare(JournalEvent::Committing { heads: heads.clone() })])
                .await?;
        }
        let fences = input.locks.fences();
        for ((scope, head), delta) in heads.into_iter().zip(deltas) {
            let Some(fence) = fences.iter().find(|fence| fence.scope == scope).cloned() else {
                continue;
            };
            let request = CommitRequest { operation: operation.clone(), scope, head, delta, fence };
            project.store.commit(&request).await?;
        }
    }
    let status = closing.status.unwrap_or(match (applied.failures.is_empty(), applied.canceled) {
        (false, _) => ClosedStatus::Failed,
        (true, true) => ClosedStatus::Canceled,
        (true, false) => ClosedStatus::Succeeded,
    });
    journal.write(vec![JournalRecord::bare(JournalEvent::Closed { status })]).await?;
    applied.outputs =
        outputs.into_iter().filter_map(|(address, value)| Some((address, value?))).collect();
    Ok(())
}

/// The outputs with their final values: those that are known; `None` takes one away.
fn settle_outputs(
    plan: &Plan,
    report: &Report,
    clock: OperationClock,
) -> BTreeMap<Address, Option<mpctl_provider::Value>> {
    let context = EvalContext::new(&NoFiles, &clock);
    let mut finals = Finals::new(&plan.body.residuals);
    for (address, value) in &report.finals {
        finals.insert(address.clone(), value.clone());
    }
    let undone = undone(plan, report);
    let mut outputs = BTreeMap::new();
    for output in &plan.body.outputs {
        match &output.after {
            // What it was made of is not as planned: what is recorded stands.
            _ if output
                .dependencies
                .iter()
                .any(|needed| undone.contains(&(&output.address.environment, needed.clone()))) => {}
            None if !undone.is_empty() => {}
            None => {
                outputs.insert(output.address.clone(), None);
            }
            Some(after) => {
                let settled = finals.settle(after, &context);
                if let Ok(value) = settled
                    && value.is_wholly_known()
                {
                    outputs.insert(output.address.clone(), Some(value));
                }
            }
        }
    }
    outputs
}

/// The declarations of which not everything was done.
fn undone<'p>(plan: &'p Plan, report: &Report) -> HashSet<(&'p Arc<str>, Subject)> {
    let ends = plan.body.steps.iter().zip(&report.steps);
    let undone = ends.filter(|(_, end)| !matches!(end, StepEnd::Done));
    let changes = undone.filter_map(|(step, _)| plan.body.changes.get(step.change? as usize));
    changes
        .map(|change| (&change.address.environment, change.address.local.subject.owner()))
        .collect()
}

/// What an environment's commit changes: what steps did, what refresh found, outputs, and what is recorded
/// beside unchanged objects.
fn delta(
    seal: &dyn Seal,
    plan: &Plan,
    report: &Report,
    outputs: &BTreeMap<Address, Option<mpctl_provider::Value>>,
    environment: &Arc<str>,
    base: Option<&Snapshot>,
) -> Result<Delta, OpsError> {
    let mut put: Vec<(String, Record)> = Vec::new();
    let mut remove: Vec<Arc<str>> = Vec::new();
    let mut edit = |address: &Address, record: Option<Record>| {
        let key = address.local.to_string();
        match record {
            Some(record) => put.push((key, record)),
            None => remove.push(key.into()),
        }
    };
    let here = |address: &Address| address.environment == *environment;
    for drift in plan.body.drift.iter().filter(|drift| here(&drift.address)) {
        let recorded = base.and_then(|base| base.get(&drift.address.local.to_string()));
        edit(&drift.address, refreshed(seal, drift, recorded)?);
    }
    for change in plan.body.changes.iter().filter(|change| here(&change.address)) {
        if let Some(previous) = &change.previous_address {
            edit(previous, None);
        }
        if let Some(record) = report.records.get(&change.address) {
            edit(&change.address, record.clone().map(|record| Record::Resource(Arc::new(record))));
        } else if worth_recording(change) {
            let record = fold::unchanged(change).map(|record| Record::Resource(Arc::new(record)));
            edit(&change.address, record);
        }
    }
    for (address, value) in outputs.iter().filter(|(address, _)| here(address)) {
        edit(address, value.clone().map(|value| Record::Output(OutputRecord { value })));
    }
    let mut records = Vec::with_capacity(put.len());
    for (key, record) in put {
        let failed = |reason: String| OpsError::Record { address: key.clone(), reason };
        let body = stored::encode(&record, seal).map_err(|error| failed(error.to_string()))?;
        records.push(StoreRecord::new(key.as_str(), body));
    }
    // A key that is both removed (gone outside) and put (made again) is put: the record wins.
    Ok(Delta::new(base, records, remove))
}

/// The record of an object that refresh found otherwise; `None` where it is gone and nothing is left of it.
fn refreshed(
    seal: &dyn Seal,
    drift: &Drift,
    recorded: Option<&StoreRecord>,
) -> Result<Option<Record>, OpsError> {
    let (Some(recorded), Some(value)) = (recorded, &drift.after) else { return Ok(None) };
    let failed = |reason: String| OpsError::Record { address: drift.address.to_string(), reason };
    let decoded =
        stored::decode(recorded.body(), seal).map_err(|error| failed(error.to_string()))?;
    let Record::Resource(record) = decoded else { return Ok(None) };
    let object = Object { value: value.clone(), private: drift.private.clone() };
    Ok(Some(Record::Resource(Arc::new(fold::refreshed(&record, object)))))
}

/// Whether an untouched object's record may differ from what is recorded: refreshed, moved, or with other
/// references.
fn worth_recording(change: &Change) -> bool {
    change.action == Action::NoOp && change.before.is_some()
}

impl Applied {
    fn nothing() -> Applied {
        Applied {
            operation: None,
            counts: Counts::default(),
            failures: Vec::new(),
            doubts: Vec::new(),
            canceled: false,
            outputs: BTreeMap::new(),
        }
    }

    pub(super) fn of(operation: OperationId, plan: &Plan, report: &Report) -> Applied {
        use crate::plan::StepKind;
        let mut applied =
            Applied { operation: Some(operation), canceled: report.stopped, ..Applied::nothing() };
        for (step, end) in plan.body.steps.iter().zip(&report.steps) {
            let Some(change) = step.change.and_then(|at| plan.body.changes.get(at as usize)) else {
                continue;
            };
            match end {
                StepEnd::Done => match step.kind {
                    StepKind::Create => applied.counts.added += 1,
                    StepKind::Update => applied.counts.changed += 1,
                    StepKind::Delete => applied.counts.destroyed += 1,
                    StepKind::Forget => applied.counts.forgotten += 1,
                    StepKind::Read | StepKind::Join => {}
                },
                StepEnd::Failed(fault) => {
                    applied.failures.push((change.address.clone(), fault.clone()))
                }
                StepEnd::InDoubt(fault) => {
                    applied.doubts.push((change.address.clone(), fault.clone()))
                }
                StepEnd::Skipped => {}
            }
        }
        applied
    }

    /// The exit code that the contract gives to this end.
    pub fn exit_code(&self) -> u8 {
        match (self.doubts.is_empty(), self.canceled, self.failures.is_empty()) {
            (_, true, _) => 6,
            (false, ..) => 8,
            (true, false, false) => 1,
            (true, false, true) => 0,
        }
    }
}

/// Refuses a saved plan that was made for another project or on another version of the state than there is.
pub async fn check_saved_plan(
    project: &Project,
    plan: &Plan,
) -> Result<HashMap<Arc<str>, Option<Snapshot>>, OpsError> {
    let refused = |reason: String| OpsError::PlanRefused { reason };
    if plan.body.project != project.name {
        return Err(refused(format!(
            "it was made for project `{}`, and this is `{}`",
            plan.body.project, project.name
        )));
    }
    let mut snapshots = HashMap::new();
    for (name, environment) in &plan.body.environments {
        let snapshot = project.store.read(&project.scope(name)?, None).await?;
        let now = snapshot.as_ref().map(|snapshot| basis_of(snapshot.head()));
        if now != environment.basis {
            let operations = project.store.operations(&project.scope(name)?).await?;
            if let Some(user) = operations.iter().find(|used| used.plan.as_str() == &*plan.id) {
                return Err(refused(format!("it has been used already, by operation {}", user.id)));
            }
            let serial = |basis: &Option<crate::state::Basis>| match basis {
                None => "no state yet".to_owned(),
                Some(basis) => format!("version {}", basis.serial),
            };
            return Err(refused(format!(
                "it is stale: it was made on {} of environment {name}, which has {} now",
                serial(&environment.basis),
                serial(&now)
            )));
        }
        snapshots.insert(name.clone(), snapshot);
    }
    Ok(snapshots)
}
