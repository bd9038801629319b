//! The executor: runs a plan's steps in parallel, each after what it needs, each journalled.
//!
//! It keeps true: no call starts before its Begun record is durable; nothing that depends on a step starts
//! before that step's outcome is durable. Everything that is ready together is written together: one durable
//! write carries the outcomes that have come in and the Begun records of all that can start because of them.
//! It decides nothing: what is done, in which order and with which values is in the plan.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use mpctl_provider::contract::{
    ApplyAction, ApplyContext, ApplyEvent, ApplyRequest, DataRequest, Object,
};
use mpctl_provider::schema::{Abilities, Concurrency};
use mpctl_provider::value::codec::Seal;
use mpctl_provider::{Fault, Provider, Value};
use mpctl_state::{JournalEvent, JournalRecord};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::address::Address;
use crate::apply::call::{BegunBefore, Call, Outcome, Request};
use crate::apply::event::{Event, EventKind};
use crate::apply::fold;
use crate::apply::inputs::Finals;
use crate::apply::journal::{Journal, JournalError};
use crate::apply::lanes::{LaneKey, Lanes};
use crate::apply::message::{Message, MessageKind};
use crate::apply::payload::{OutcomePayload, error_payload, input_digest};
use crate::expr::EvalContext;
use crate::plan::{Change, Plan, PlanBody, StepId, StepKind};
use crate::spec::document::OnFailure;
use crate::state::ResourceRecord;

/// The configured providers by environment and instance name.
pub type Providers = HashMap<(Arc<str>, Arc<str>), Arc<dyn Provider>>;

/// What an execution needs beside the plan.
pub struct Execution<'e> {
    /// The plan.
    pub plan: &'e Plan,
    /// The providers.
    pub providers: &'e Providers,
    /// Where intents and outcomes are written.
    pub journal: &'e mut dyn Journal,
    /// How sensitive values are kept in the journal.
    pub seal: &'e dyn Seal,
    /// How many external calls run at once.
    pub parallelism: usize,
    /// Files and time for what is evaluated late.
    pub context: EvalContext<'e>,
    /// Set: start no new step.
    pub stop: CancellationToken,
    /// Set: ask providers to give up.
    pub cancel: CancellationToken,
    /// Where events go.
    pub events: &'e mut (dyn FnMut(Event) + Send),
    /// What an earlier run of the same operation has left behind.
    pub earlier: Earlier,
}

/// What an earlier run of an operation has left behind; nothing for a first run.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Steps that are done.
    pub done: HashSet<StepId>,
    /// Steps that were begun and whose outcome is not known.
    pub begun: HashSet<StepId>,
    /// The records of the objects that its steps touched.
    pub records: BTreeMap<Address, Option<ResourceRecord>>,
    /// Only what was begun is settled; nothing is started.
    pub settle_only: bool,
}

/// How one step ended.
#[derive(Clone, Debug)]
pub enum StepEnd {
    /// It is done.
    Done,
    /// It failed and had no effect, or what effect it had is recorded.
    Failed(Fault),
    /// Whether it had an effect cannot be told.
    InDoubt(Fault),
    /// It was not started.
    Skipped,
}

/// How an execution ended.
pub struct Report {
    /// One for each step.
    pub steps: Vec<StepEnd>,
    /// What is to be recorded of each object that was touched; `None` takes its record away.
    pub records: BTreeMap<Address, Option<ResourceRecord>>,
    /// Final values, for outputs: what residuals are settled from.
    pub finals: BTreeMap<Address, Value>,
    /// Why it ended early, if the journal could not be written.
    pub broken: Option<JournalError>,
    /// The user stopped it before everything had been started.
    pub stopped: bool,
}

/// Runs the plan's steps.
pub async fn execute(execution: Execution<'_>) -> Report {
    let body = &execution.plan.body;
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut run = Run::new(execution, body, sender);
    let broken = run.drive(receiver).await.err();
    let stopped = run.stop.is_cancelled()
        && run.ends.iter().any(|end| matches!(end, StepEnd::Skipped | StepEnd::InDoubt(_)));
    Report { steps: run.ends, records: run.records, finals: run.values, broken, stopped }
}

struct Run<'e> {
    plan: &'e Plan,
    body: &'e PlanBody,
    providers: &'e Providers,
    journal: &'e mut dyn Journal,
    seal: &'e dyn Seal,
    context: EvalContext<'e>,
    stop: CancellationToken,
    cancel: CancellationToken,
    events: &'e mut (dyn FnMut(Event) + Send),
    sender: mpsc::UnboundedSender<Message>,
    finals: Finals<'e>,
    dependents: Vec<Vec<StepId>>,
    missing: Vec<u32>,
    lanes: Lanes,
    ends: Vec<StepEnd>,
    records: BTreeMap<Address, Option<ResourceRecord>>,
    values: BTreeMap<Address, Value>,
    started: HashMap<StepId, Instant>,
    partial: HashMap<StepId, Object>,
    /// Environments in which a step has failed and nothing more is to be started.
    halted: HashSet<Arc<str>>,
    /// Steps that an earlier run began.
    begun: HashSet<StepId>,
    settle_only: bool,
}

impl<'e> Run<'e> {
    fn new(
        execution: Execution<'e>,
        body: &'e PlanBody,
        sender: mpsc::UnboundedSender<Message>,
    ) -> Run<'e> {
        let mut dependents = vec![Vec::new(); body.steps.len()];
        let mut missing = vec![0; body.steps.len()];
        for (at, step) in body.steps.iter().enumerate() {
            missing[at] = step.needs.len() as u32;
            for needed in &step.needs {
                dependents[needed.0 as usize].push(StepId(at as u32));
            }
        }
        let earlier = execution.earlier.done.iter().map(|step| step.0 as usize);
        let mut ends = vec![StepEnd::Skipped; body.steps.len()];
        earlier.for_each(|at| ends[at] = StepEnd::Done);
        let mut finals = Finals::new(&body.residuals);
        let mut values = BTreeMap::new();
        for (address, record) in &execution.earlier.records {
            if let Some(object) = record.as_ref().and_then(|record| record.object.as_ref()) {
                finals.insert(address.clone(), object.value.clone());
                values.insert(address.clone(), object.value.clone());
            }
        }
        Run {
            plan: execution.plan,
            body,
            providers: execution.providers,
            journal: execution.journal,
            seal: execution.seal,
            context: execution.context,
            stop: execution.stop,
            cancel: execution.cancel,
            events: execution.events,
            sender,
            finals,
            dependents,
            missing,
            lanes: Lanes::new(execution.parallelism),
            ends,
            records: execution.earlier.records,
            values,
            started: HashMap::new(),
            partial: HashMap::new(),
            halted: HashSet::new(),
            begun: execution.earlier.begun,
            settle_only: execution.earlier.settle_only,
        }
    }

    async fn drive(
        &mut self,
        mut receiver: mpsc::UnboundedReceiver<Message>,
    ) -> Result<(), JournalError> {
        self.skip_what_is_done();
        let roots: Vec<StepId> = (0..self.missing.len())
            .filter(|at| self.missing[*at] == 0)
            .map(|at| StepId(at as u32))
            .collect();
        for step in roots {
            self.becomes_ready(step);
        }
        let mut records = Vec::new();
        loop {
            let calls = self.begin(&mut records);
            if !records.is_empty() {
                self.journal.append(std::mem::take(&mut records)).await?;
            }
            for call in calls {
                self.launch(call);
            }
            if self.lanes.is_idle() {
                return Ok(());
            }
            let Some(first) = receiver.recv().await else { return Ok(()) };
            let mut saved = Vec::new();
            self.take_in(first, &mut records, &mut saved);
            // What has come in meanwhile shares the next durable write.
            while let Ok(message) = receiver.try_recv() {
                self.take_in(message, &mut records, &mut saved);
            }
            if !saved.is_empty() {
                // Providers wait for their checkpoints; they do not wait for others' steps to begin.
                self.journal.append(std::mem::take(&mut records)).await?;
                saved.into_iter().for_each(|saved: tokio::sync::oneshot::Sender<()>| {
                    let _ = saved.send(());
                });
            }
        }
    }

    /// What an earlier run has done counts as done.
    fn skip_what_is_done(&mut self) {
        let done: Vec<StepId> = (0..self.ends.len() as u32)
            .map(StepId)
            .filter(|step| matches!(self.ends[step.0 as usize], StepEnd::Done))
            .collect();
        for step in done {
            self.release(step);
        }
    }

    fn change(&self, step: StepId) -> Option<&'e Change> {
        let change = self.body.steps[step.0 as usize].change?;
        self.body.changes.get(change as usize)
    }

    fn lane(&self, change: &Change) -> LaneKey {
        (change.address.environment.clone(), change.provider.clone())
    }

    /// A step's needs are met: it waits for its turn; a join is done at once.
    fn becomes_ready(&mut self, step: StepId) {
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            if matches!(self.ends[step.0 as usize], StepEnd::Done) {
                continue;
            }
            match self.change(step) {
                None => {
                    self.ends[step.0 as usize] = StepEnd::Done;
                    open.extend(self.release(step));
                }
                Some(change) => {
                    let lane = self.lane(change);
                    let concurrency = self
                        .providers
                        .get(&lane)
                        .map_or(Concurrency::Parallelism, |p| p.schema().concurrency);
                    self.lanes.push(lane, concurrency, step);
                }
            }
        }
    }

    /// The dependents of a finished step whose last need it was.
    fn release(&mut self, step: StepId) -> Vec<StepId> {
        let mut ready = Vec::new();
        for dependent in std::mem::take(&mut self.dependents[step.0 as usize]) {
            let missing = &mut self.missing[dependent.0 as usize];
            *missing -= 1;
            if *missing == 0 {
                ready.push(dependent);
            }
        }
        ready
    }

    /// Prepares everything that may start now and writes its Begun records into `records`.
    fn begin(&mut self, records: &mut Vec<JournalRecord>) -> Vec<Call> {
        let mut calls = Vec::new();
        loop {
            if self.stop.is_cancelled() || !self.journal.may_start() {
                return calls;
            }
            let taken = self.lanes.take();
            if taken.is_empty() {
                return calls;
            }
            for step in taken {
                let Some(change) = self.change(step) else { continue };
                let lane = self.lane(change);
                let before = self.begun.contains(&step);
                if self.halted.contains(&change.address.environment) || self.settle_only && !before
                {
                    self.lanes.ended(&lane);
                    continue;
                }
                match self.prepare(step, change) {
                    Ok(Some((call, begun))) => {
                        records.push(begun);
                        calls.push(call);
                    }
                    Ok(None) => {
                        // Nothing to call: forgetting is done by recording it.
                        self.lanes.ended(&lane);
                        self.done(step, change, None, records);
                    }
                    Err(fault) => {
                        self.lanes.ended(&lane);
                        self.failed(step, change, fault, records);
                    }
                }
            }
        }
    }

    fn prepare(
        &mut self,
        step: StepId,
        change: &'e Change,
    ) -> Result<Option<(Call, JournalRecord)>, Fault> {
        let kind = self.body.steps[step.0 as usize].kind;
        let action = match kind {
            StepKind::Create => Some(ApplyAction::Create),
            StepKind::Update => Some(ApplyAction::Update),
            StepKind::Delete => Some(ApplyAction::Delete),
            StepKind::Read => None,
            StepKind::Forget | StepKind::Join => return Ok(None),
        };
        let provider = self.providers.get(&self.lane(change)).cloned().ok_or_else(|| {
            Fault::permanent(format!("provider `{}` is not available", change.provider))
        })?;
        let keeps = action != Some(ApplyAction::Delete);
        let mut settle = |value: &Option<Value>| -> Result<Option<Value>, Fault> {
            value
                .as_ref()
                .filter(|_| keeps)
                .map(|value| self.finals.settle(value, &self.context))
                .transpose()
        };
        let config = settle(&change.config)?;
        let planned = settle(&change.after)?;
        let idempotency_key: Arc<str> = format!("{}-{}", self.plan.id, step.0).into();
        let request = match action {
            Some(action) => Request::Apply(ApplyRequest {
                action,
                resource_type: change.resource_type.clone(),
                prior: change.before.clone().filter(|_| action != ApplyAction::Create),
                planned,
                config,
                private: change.private.clone(),
                idempotency_key: idempotency_key.clone(),
            }),
            None => Request::Read(DataRequest {
                source_type: change.resource_type.clone(),
                config: config.unwrap_or(Value::NULL),
            }),
        };
        let begun = JournalRecord::bare(JournalEvent::Begun {
            step: step.0.to_string(),
            fence: self.journal.fence(&change.address.environment),
            idempotency_key: idempotency_key.to_string(),
            input: input_digest(&request, self.seal),
        });
        let abilities = abilities(provider.as_ref(), change, &request);
        let (events, relay) = relay(step, self.sender.clone());
        let context = ApplyContext { events, cancel: self.cancel.clone() };
        let begun_before = match (self.begun.contains(&step), self.settle_only) {
            (false, _) => BegunBefore::No,
            (true, false) => BegunBefore::SettleThenRun,
            (true, true) => BegunBefore::SettleOnly,
        };
        let messages = self.sender.clone();
        let call = Call {
            step,
            provider,
            abilities,
            request,
            messages,
            context,
            relay: Some(relay),
            begun_before,
        };
        Ok(Some((call, begun)))
    }

    fn launch(&mut self, call: Call) {
        let step = call.step;
        tracing::debug!(step = step.0, "calling the provider");
        self.started.insert(step, Instant::now());
        self.tell(step, EventKind::Started);
        let messages = self.sender.clone();
        tokio::spawn(async move {
            let outcome = call.run().await;
            let _ = messages.send(Message { step, kind: MessageKind::Ended(outcome) });
        });
    }

    fn take_in(
        &mut self,
        message: Message,
        records: &mut Vec<JournalRecord>,
        saved: &mut Vec<tokio::sync::oneshot::Sender<()>>,
    ) {
        let Message { step, kind } = message;
        let Some(change) = self.change(step) else { return };
        match kind {
            MessageKind::Log(line) => self.tell(step, EventKind::Log(line)),
            MessageKind::Progress(words) => self.tell(step, EventKind::Progress(words)),
            MessageKind::Retry { attempt, after, fault } => {
                self.tell(step, EventKind::Retry { attempt, after, fault });
            }
            MessageKind::Checkpoint { object, saved: waiting } => {
                let record = fold::tainted(change, self.now(change), object.clone());
                let event = JournalEvent::Checkpoint { step: step.0.to_string() };
                records
                    .push(JournalRecord::new(event, self.payload(&change.address, Some(&record))));
                self.partial.insert(step, object);
                saved.push(waiting);
            }
            MessageKind::Ended(outcome) => {
                self.lanes.ended(&self.lane(change));
                match outcome {
                    Outcome::Done(object) => self.done(step, change, object, records),
                    Outcome::Failed(fault) => self.failed(step, change, fault, records),
                    Outcome::InDoubt(fault) => self.in_doubt(step, change, fault, records),
                }
            }
        }
    }

    /// The record of an object as the steps so far left it.
    fn now(&self, change: &Change) -> Option<ResourceRecord> {
        self.records.get(&change.address).cloned().unwrap_or_else(|| fold::before(change))
    }

    fn done(
        &mut self,
        step: StepId,
        change: &'e Change,
        object: Option<Object>,
        records: &mut Vec<JournalRecord>,
    ) {
        let kind = self.body.steps[step.0 as usize].kind;
        let mut object = object;
        let mut broken = None;
        let mut refused = None;
        if let (Some(found), Some(planned)) = (&mut object, &change.after)
            && kind != StepKind::Delete
        {
            match self.finals.settle(planned, &self.context) {
                Ok(planned) => {
                    broken = fold::breach(&planned, &found.value);
                    found.value = found.value.clone().marked_like(&planned);
                }
                Err(fault) => return self.failed(step, change, fault, records),
            }
            self.finals.insert(change.address.clone(), found.value.clone());
            self.values.insert(change.address.clone(), found.value.clone());
            let mut conditions = change.postconditions.iter();
            refused =
                conditions.find_map(|condition| self.finals.refuses(condition, &self.context));
        }
        let id = object.as_ref().and_then(|o| Some(o.value.get("id")?.clone()));
        let id =
            id.filter(|id| !id.contains_sensitive()).and_then(|id| id.as_str().map(str::to_owned));
        if kind == StepKind::Read {
            records.push(JournalRecord::bare(JournalEvent::Succeeded { step: step.0.to_string() }));
        } else {
            let record = fold::after(change, kind, self.now(change), object);
            let event = JournalEvent::Succeeded { step: step.0.to_string() };
            records.push(JournalRecord::new(event, self.payload(&change.address, record.as_ref())));
            self.records.insert(change.address.clone(), record);
        }
        let broken = broken.map(|(path, planned, found)| {
            let summary = format!(
                "provider `{}` broke its word: `{path}` was planned as {planned:?} and is {found:?}",
                change.provider
            );
            Fault::permanent(summary).hint("this is a defect of the provider; what it did is recorded")
        });
        if let Some(fault) = broken.or(refused) {
            return self.end_failed(
                step,
                change,
                StepEnd::Failed(fault.clone()),
                EventKind::Failed(fault),
            );
        }
        self.ends[step.0 as usize] = StepEnd::Done;
        self.tell(step, EventKind::Succeeded { id });
        for ready in self.release(step) {
            self.becomes_ready(ready);
        }
    }

    fn failed(
        &mut self,
        step: StepId,
        change: &'e Change,
        fault: Fault,
        records: &mut Vec<JournalRecord>,
    ) {
        let mut payload = error_payload(&fault);
        if let Some(partial) = self.partial.remove(&step) {
            // Part of it is there: recorded, so that the next plan replaces it.
            let record = fold::tainted(change, self.now(change), partial);
            payload = self.payload(&change.address, Some(&record));
            self.records.insert(change.address.clone(), Some(record));
        }
        let event = JournalEvent::Failed { step: step.0.to_string() };
        records.push(JournalRecord::new(event, payload));
        self.end_failed(step, change, StepEnd::Failed(fault.clone()), EventKind::Failed(fault));
    }

    fn in_doubt(
        &mut self,
        step: StepId,
        change: &'e Change,
        fault: Fault,
        records: &mut Vec<JournalRecord>,
    ) {
        let event = JournalEvent::InDoubt { step: step.0.to_string() };
        records.push(JournalRecord::new(event, error_payload(&fault)));
        self.end_failed(step, change, StepEnd::InDoubt(fault.clone()), EventKind::Failed(fault));
    }

    fn end_failed(&mut self, step: StepId, change: &'e Change, end: StepEnd, event: EventKind) {
        self.ends[step.0 as usize] = end;
        self.tell(step, event);
        let environment = &change.address.environment;
        let on_failure =
            self.body.environments.get(environment).map_or(OnFailure::Stop, |e| e.on_failure);
        if on_failure != OnFailure::Continue {
            self.halted.insert(environment.clone());
        }
    }

    fn payload(&self, address: &Address, record: Option<&ResourceRecord>) -> Vec<u8> {
        OutcomePayload::encode(address, record, self.seal)
    }

    fn tell(&mut self, step: StepId, what: EventKind) {
        let Some(change) = self.change(step) else { return };
        let elapsed = self.started.get(&step).map(Instant::elapsed).unwrap_or_default();
        (self.events)(Event {
            step,
            address: change.address.clone(),
            resource_type: change.resource_type.clone(),
            kind: self.body.steps[step.0 as usize].kind,
            elapsed,
            what,
        });
    }
}

/// Carries what a provider tells while it works over to the executor.
fn relay(
    step: StepId,
    messages: mpsc::UnboundedSender<Message>,
) -> (mpsc::UnboundedSender<ApplyEvent>, JoinHandle<()>) {
    let (events, mut received) = mpsc::unbounded_channel();
    let carrying = tokio::spawn(async move {
        while let Some(event) = received.recv().await {
            let kind = match event {
                ApplyEvent::Log(line) => MessageKind::Log(line),
                ApplyEvent::Progress(words) => MessageKind::Progress(words),
                ApplyEvent::Checkpoint { object, saved } => {
                    MessageKind::Checkpoint { object, saved }
                }
            };
            let _ = messages.send(Message { step, kind });
        }
    });
    (events, carrying)
}

/// What the object can do, which may depend on how it is configured: settling must not believe a `read` that
/// only gives back what is recorded.
fn abilities(provider: &dyn Provider, change: &Change, request: &Request) -> Option<Abilities> {
    let Request::Apply(request) = request else { return None };
    let schema = provider.schema().resources.get(&change.resource_type)?;
    let recorded = request.prior.as_ref().map(|prior| &prior.value);
    Some(schema.abilities_of(recorded.or(request.config.as_ref()).unwrap_or(&Value::NULL)))
}
