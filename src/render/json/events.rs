//! The stream of events that `plan --json` and `apply --json` write, one object a line, in the shape of
//! Terraform's machine-readable interface.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use mpctl_provider::Value;
use serde::Serialize;

use super::outputs::{self, OutputRow};
use super::resource::Index;
use super::{VERSION, WriteResult};
use crate::address::Address;
use crate::apply::{Event, EventKind};
use crate::plan::{Action, Change, Drift, PlanBody, Reason, StepKind};
use crate::render::Tally;
use crate::render::progress::{Counts, words};
use crate::render::tally::is_shown;

/// The version of the shape of events.
const UI_VERSION: &str = "1.2";
const MODULE: &str = "mpctl.ui";

/// Tells the time, as RFC 3339 in UTC: the clock is not ours.
pub type Stamp = Box<dyn Fn() -> String + Send>;

/// Writes events.
pub struct EventWriter<W> {
    writer: W,
    now: Stamp,
}

#[derive(Serialize)]
struct Line<'a, B> {
    #[serde(rename = "@level")]
    level: &'a str,
    #[serde(rename = "@message")]
    message: &'a str,
    #[serde(rename = "@module")]
    module: &'a str,
    #[serde(rename = "@timestamp")]
    timestamp: String,
    #[serde(flatten)]
    body: B,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// An object, as events name it.
#[derive(Serialize)]
struct Resource<'a> {
    addr: &'a Address,
    module: &'a str,
    resource: &'a Address,
    implied_provider: &'a str,
    resource_type: &'a str,
    resource_name: &'a str,
    resource_key: Option<Index<'a>>,
    environment: &'a str,
}

impl<'a> Resource<'a> {
    fn new(address: &'a Address, resource_type: &'a str) -> Resource<'a> {
        Resource {
            addr: address,
            module: "",
            resource: address,
            implied_provider: resource_type.split('_').next().unwrap_or(resource_type),
            resource_type,
            resource_name: address.local.subject.name(),
            resource_key: Index::of(&address.local.key),
            environment: &address.environment,
        }
    }
}

#[derive(Serialize)]
struct ChangeBody<'a> {
    change: ChangeOf<'a>,
}

#[derive(Serialize)]
struct ChangeOf<'a> {
    resource: Resource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_resource: Option<Resource<'a>>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Hook<'a> {
    hook: HookOf<'a>,
}

#[derive(Serialize)]
struct HookOf<'a> {
    resource: Resource<'a>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_key: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_seconds: Option<f64>,
}

impl<W: Write> EventWriter<W> {
    /// Events to `writer`, stamped by `now`.
    pub fn new(writer: W, now: Stamp) -> EventWriter<W> {
        EventWriter { writer, now }
    }

    fn line(
        &mut self,
        level: &str,
        kind: &str,
        message: &str,
        body: impl Serialize,
    ) -> WriteResult {
        let timestamp = (self.now)();
        let line = Line { level, message, module: MODULE, timestamp, body, kind };
        super::document(&mut self.writer, &line)?;
        // A reader at the other end of a pipe wants each event when it happens.
        self.writer.flush().map_err(serde_json::Error::io)
    }

    /// The first event of every stream.
    pub fn version(&mut self) -> WriteResult {
        #[derive(Serialize)]
        struct Body {
            mpctl: &'static str,
            ui: &'static str,
        }
        let message = format!("mpctl {VERSION}");
        self.line("info", "version", &message, Body { mpctl: VERSION, ui: UI_VERSION })
    }

    /// A plan: its drift, its changes, their number, its outputs.
    pub fn plan(&mut self, body: &PlanBody) -> WriteResult {
        body.drift.iter().try_for_each(|drift| self.drift(drift))?;
        let shown = body.changes.iter().filter(|change| is_shown(change));
        shown.into_iter().try_for_each(|change| self.planned(change))?;
        self.plan_summary(&Tally::of(body))?;
        self.planned_outputs(body)
    }

    fn drift(&mut self, drift: &Drift) -> WriteResult {
        let action = if drift.after.is_some() { "update" } else { "delete" };
        let message = format!("{}: Drift detected ({action})", drift.address);
        let resource = Resource::new(&drift.address, &drift.resource_type);
        let change = ChangeOf { resource, previous_resource: None, action, reason: None };
        self.line("info", "resource_drift", &message, ChangeBody { change })
    }

    fn planned(&mut self, change: &Change) -> WriteResult {
        let action = planned_action(change);
        let message = format!("{}: Plan to {action}", change.address);
        let resource_type = &change.resource_type;
        let previous = change.previous_address.as_ref();
        let change = ChangeOf {
            resource: Resource::new(&change.address, resource_type),
            previous_resource: previous.map(|address| Resource::new(address, resource_type)),
            action,
            reason: change.reason.map(reason),
        };
        self.line("info", "planned_change", &message, ChangeBody { change })
    }

    fn plan_summary(&mut self, tally: &Tally) -> WriteResult {
        let (add, change, remove) = (tally.added(), tally.update, tally.destroyed());
        let mut message = format!("Plan: {add} to add, {change} to change, {remove} to destroy");
        if tally.forget > 0 {
            message.push_str(&format!(", {} to forget", tally.forget));
        }
        message.push('.');
        let Tally { import, replace, forget, moved, read, .. } = *tally;
        let changes = Summary {
            add,
            change,
            import,
            remove,
            replace,
            forget,
            moved,
            read,
            operation: "plan",
        };
        self.line("info", "change_summary", &message, SummaryBody { changes })
    }

    /// How much was done. `operation` is `apply`, `destroy` or another of our own.
    pub fn apply_summary(
        &mut self,
        operation: &str,
        counts: &Counts,
        message: &str,
    ) -> WriteResult {
        let changes = Summary {
            add: counts.added,
            change: counts.changed,
            import: 0,
            remove: counts.destroyed,
            replace: 0,
            forget: counts.forgotten,
            moved: 0,
            read: counts.read,
            operation,
        };
        self.line("info", "change_summary", message, SummaryBody { changes })
    }

    fn planned_outputs(&mut self, body: &PlanBody) -> WriteResult {
        #[derive(Serialize)]
        struct Row {
            sensitive: bool,
            action: &'static str,
        }
        if body.outputs.is_empty() {
            return Ok(());
        }
        let several = body.environments.len() > 1;
        let row = |output: &crate::plan::OutputChange| {
            let action = match outputs::action(output) {
                "no-op" => "noop",
                action => action,
            };
            let name = output.address.local.subject.name();
            let environment = &output.address.environment;
            let key =
                if several { format!("{environment}/{name}") } else { name.as_ref().to_owned() };
            (key, Row { sensitive: outputs::is_sensitive(output), action })
        };
        let rows: std::collections::BTreeMap<_, _> = body.outputs.iter().map(row).collect();
        let message = format!("Outputs: {}", rows.len());
        self.line("info", "outputs", &message, Outputs { outputs: rows })
    }

    /// Outputs as they are after an apply; sensitive ones without their value.
    pub fn applied_outputs<'v>(
        &mut self,
        outputs: impl IntoIterator<Item = (&'v Arc<str>, &'v Value)>,
    ) -> WriteResult {
        let row = |(name, value)| (name, OutputRow::new(value, false));
        let rows: std::collections::BTreeMap<&Arc<str>, _> = outputs.into_iter().map(row).collect();
        let message = format!("Outputs: {}", rows.len());
        self.line("info", "outputs", &message, Outputs { outputs: rows })
    }

    /// A diagnostic in its own JSON shape.
    pub fn diagnostic(
        &mut self,
        error: bool,
        summary: &str,
        diagnostic: &impl Serialize,
    ) -> WriteResult {
        #[derive(Serialize)]
        struct Body<'a, D> {
            diagnostic: &'a D,
        }
        let (level, word) = if error { ("error", "Error") } else { ("warn", "Warning") };
        self.line(level, "diagnostic", &format!("{word}: {summary}"), Body { diagnostic })
    }

    /// What happened to a step.
    pub fn step(&mut self, event: &Event) -> WriteResult {
        let address = &event.address;
        let verbs = words(event.kind);
        let elapsed = event.elapsed.as_secs();
        let hook = hook(event);
        match &event.what {
            EventKind::Started => {
                let message = format!("{address}: {}...", verbs.doing);
                self.line("info", "apply_start", &message, Hook { hook })
            }
            EventKind::Log(line) => {
                let message = format!("{address}: {line}");
                let hook = HookOf { line: Some(line), ..hook };
                self.line("info", "apply_log", &message, Hook { hook })
            }
            EventKind::Progress(line) => {
                let message = format!("{address}: {line}");
                let hook = HookOf { line: Some(line), elapsed_seconds: Some(elapsed), ..hook };
                self.line("info", "apply_progress", &message, Hook { hook })
            }
            EventKind::Retry { attempt, after, fault } => {
                let message = format!("{address}: {fault}; trying again (try {attempt})");
                let hook = HookOf {
                    line: Some(&fault.summary),
                    attempt: Some(*attempt),
                    after_seconds: Some(after.as_secs_f64()),
                    ..hook
                };
                self.line("warn", "apply_retry", &message, Hook { hook })
            }
            EventKind::Succeeded { id } => {
                let shown = id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default();
                let message = format!("{address}: {} complete after {elapsed}s{shown}", verbs.noun);
                let hook = HookOf {
                    id_key: id.as_ref().map(|_| "id"),
                    id_value: id.as_deref(),
                    elapsed_seconds: Some(elapsed),
                    ..hook
                };
                self.line("info", "apply_complete", &message, Hook { hook })
            }
            EventKind::Failed(fault) => {
                let message = format!("{address}: {} errored after {elapsed}s", verbs.noun);
                let line = Some(fault.summary.as_str());
                let hook = HookOf { line, elapsed_seconds: Some(elapsed), ..hook };
                self.line("error", "apply_errored", &message, Hook { hook })
            }
        }
    }

    /// A step that goes on.
    pub fn still(&mut self, event: &Event, elapsed: Duration) -> WriteResult {
        let verbs = words(event.kind);
        let elapsed = elapsed.as_secs();
        let message = format!("{}: Still {}... [{elapsed}s elapsed]", event.address, verbs.still);
        let hook = HookOf { elapsed_seconds: Some(elapsed), ..hook(event) };
        self.line("info", "apply_progress", &message, Hook { hook })
    }
}

fn hook(event: &Event) -> HookOf<'_> {
    HookOf {
        resource: Resource::new(&event.address, &event.resource_type),
        action: match event.kind {
            StepKind::Create => "create",
            StepKind::Update => "update",
            StepKind::Delete => "delete",
            StepKind::Read => "read",
            StepKind::Forget => "remove",
            StepKind::Join => "noop",
        },
        id_key: None,
        id_value: None,
        elapsed_seconds: None,
        line: None,
        attempt: None,
        after_seconds: None,
    }
}

#[derive(Serialize)]
struct SummaryBody<'a> {
    changes: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    add: usize,
    change: usize,
    import: usize,
    remove: usize,
    replace: usize,
    forget: usize,
    #[serde(rename = "move")]
    moved: usize,
    read: usize,
    operation: &'a str,
}

#[derive(Serialize)]
struct Outputs<R> {
    outputs: R,
}

/// The action's name in events, which differs from that in plans.
fn planned_action(change: &Change) -> &'static str {
    match change.action {
        Action::NoOp if change.previous_address.is_some() => "move",
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Replace(_) => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

/// The reason's name in events, which differs from that in plans for replacements.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ReplaceBecauseCannotUpdate => "cannot_update",
        Reason::ReplaceBecauseTainted => "tainted",
        Reason::ReplaceByRequest => "requested",
        Reason::ReplaceByTriggers => "replace_triggered_by",
        Reason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
        Reason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
        Reason::DeleteBecauseCountIndex => "delete_because_count_index",
        Reason::DeleteBecauseEachKey => "delete_because_each_key",
        Reason::DeleteBecauseDisabled => "delete_because_disabled",
        Reason::DeleteBecauseNoEnvironment => "delete_because_no_environment",
        Reason::DeleteBecauseDestroy => "delete_because_destroy",
        Reason::DeleteBecauseDeposed => "delete_because_deposed",
        Reason::ReadBecauseConfigUnknown => "read_because_config_unknown",
        Reason::ReadBecauseDependencyPending => "read_because_dependency_pending",
        Reason::CreateBecauseGone => "create_because_gone",
        Reason::UpdateBecauseDrift => "update_because_drift",
    }
}
