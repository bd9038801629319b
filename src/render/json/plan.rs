//! `show --json PLAN`: Terraform's plan shape, and what is ours in keys beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use mpctl_provider::{Path, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::causes::{CauseRow, Compensation, Risk, causes, compensation, risks};
use super::marks::{Known, SensitiveMarks, Sight, UnknownMarks};
use super::outputs::{OutputDelta, PlannedOutput};
use super::resource::{Naming, bound_provider};
use super::state::{MapOf, Module, SeqOf, StateRow, Values};
use super::{PLAN_FORMAT, STATE_FORMAT, VERSION, WriteResult, document};
use crate::address::Address;
use crate::plan::{
    Action, Change, Drift, Mode, OutputChange, Plan, PlanBody, Reason, ReplaceOrder,
    ReversibilityClass,
};
use crate::render::tally::is_data;
use crate::render::{Schemas, Tally};
use crate::resolve::residuals::Residual;

/// Writes the plan as one JSON document.
pub fn plan(writer: impl Write, plan: &Plan, schemas: &Schemas<'_>, reveal: bool) -> WriteResult {
    document(writer, &Document { plan, view: View { body: &plan.body, schemas, reveal } })
}

/// The body, and how it is looked at.
#[derive(Clone, Copy)]
struct View<'a> {
    body: &'a PlanBody,
    schemas: &'a Schemas<'a>,
    reveal: bool,
}

impl<'a> View<'a> {
    fn sight(self, resource_type: &str) -> Sight<'a> {
        let schema = self.schemas.get(resource_type).copied();
        Sight { schema, ..Sight::alone(self.reveal) }
    }

    /// The key of something that each environment has by name.
    fn key(self, address: &Address) -> String {
        self.named(&address.environment, address.local.subject.name())
    }

    fn named(self, environment: &str, name: &str) -> String {
        if self.body.environments.len() > 1 {
            format!("{environment}/{name}")
        } else {
            name.to_owned()
        }
    }
}

struct Document<'a> {
    plan: &'a Plan,
    view: View<'a>,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.view;
        let body = view.body;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format_version", PLAN_FORMAT)?;
        map.serialize_entry("mpctl_version", VERSION)?;
        map.serialize_entry("project", &body.project)?;
        map.serialize_entry("mode", &body.mode)?;
        map.serialize_entry("environments", &Environments(body))?;
        map.serialize_entry("variables", &variables(view))?;
        map.serialize_entry("planned_values", &planned_values(view))?;
        if !body.drift.is_empty() {
            map.serialize_entry(
                "resource_drift",
                &Rows(&body.drift, |d| Some(drift_row(view, d))),
            )?;
        }
        let row = |change| change_row(view, change);
        map.serialize_entry("resource_changes", &Rows(&body.changes, row))?;
        map.serialize_entry("output_changes", &OutputChanges(view))?;
        if has_prior(body) {
            map.serialize_entry("prior_state", &prior_state(view))?;
        }
        map.serialize_entry("relevant_attributes", &relevant(body))?;
        map.serialize_entry("summary", &summary(&Tally::of(body)))?;
        if let Some(left_out) = &body.left_out {
            map.serialize_entry("left_out", left_out)?;
        }
        map.serialize_entry("spec_digest", &body.spec_digest)?;
        map.serialize_entry("timestamp", &self.plan.created_at)?;
        let drifted = body.mode == Mode::RefreshOnly && !body.drift.is_empty();
        map.serialize_entry("applyable", &(body.has_changes() || drifted))?;
        map.serialize_entry("complete", &body.left_out.is_none())?;
        map.serialize_entry("errored", &false)?;
        map.end()
    }
}

/// Rows that are made one by one while they are written.
struct Rows<'a, T, F>(&'a [T], F);

impl<'a, T, R: Serialize, F: Fn(&'a T) -> Option<R>> Serialize for Rows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter_map(&self.1))
    }
}

struct Environments<'a>(&'a PlanBody);

impl Serialize for Environments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Row {
            serial: u64,
            protect: bool,
        }
        serializer.collect_map(self.0.environments.iter().map(|(name, environment)| {
            let serial = environment.basis.as_ref().map_or(0, |basis| basis.serial);
            (name, Row { serial, protect: environment.protect })
        }))
    }
}

#[derive(serde::Serialize)]
struct VariableRow<'a> {
    value: Known<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

fn variables(view: View<'_>) -> BTreeMap<String, VariableRow<'_>> {
    let sight = Sight::alone(view.reveal);
    let mut rows = BTreeMap::new();
    for (environment, plan) in &view.body.environments {
        for (name, value) in &plan.variables {
            let row =
                VariableRow { value: Known(value, sight), sensitive: value.contains_sensitive() };
            rows.insert(view.named(environment, name), row);
        }
    }
    rows
}

/// A row of `resource_changes` or `resource_drift`.
#[derive(serde::Serialize)]
struct ChangeRow<'a> {
    #[serde(flatten)]
    naming: Naming<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<&'a str>,
    change: Delta<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<Reason>,
    environment: &'a str,
    #[serde(flatten)]
    ours: Option<Ours<'a>>,
}

/// What Terraform's shape does not have.
#[derive(serde::Serialize)]
struct Ours<'a> {
    wave: u32,
    reversibility: Undo<'a>,
    compensation: Compensation,
    cause: Vec<CauseRow<'a>>,
    risk: Vec<Risk<'a>>,
    effects: &'a [String],
}

/// Whether a change can be undone; every key is always there.
#[derive(serde::Serialize)]
struct Undo<'a> {
    class: ReversibilityClass,
    loses: &'a [String],
}

/// Both sides of an object.
#[derive(serde::Serialize)]
struct Delta<'a> {
    actions: &'static [&'static str],
    before: Option<Known<'a>>,
    after: Option<Known<'a>>,
    after_unknown: Unknowns<'a>,
    before_sensitive: Marks<'a>,
    after_sensitive: Marks<'a>,
    #[serde(skip_serializing_if = "<[Path]>::is_empty")]
    replace_paths: &'a [Path],
}

impl<'a> Delta<'a> {
    fn new(
        actions: &'static [&'static str],
        before: Option<&'a Value>,
        after: Option<&'a Value>,
        sight: Sight<'a>,
    ) -> Delta<'a> {
        let (from, to) = (sight.beside(after), sight.beside(before));
        Delta {
            actions,
            before: before.map(|value| Known(value, from)),
            after: after.map(|value| Known(value, to)),
            after_unknown: Unknowns(after),
            before_sensitive: Marks(before, from),
            after_sensitive: Marks(after, to),
            replace_paths: &[],
        }
    }
}

/// The unknown marks of an object, `{}` where there is none.
struct Unknowns<'a>(Option<&'a Value>);

impl Serialize for Unknowns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(value) => UnknownMarks(value).serialize(serializer),
            None => serializer.serialize_map(Some(0))?.end(),
        }
    }
}

/// The sensitive marks of an object, `false` where there is none.
struct Marks<'a>(Option<&'a Value>, Sight<'a>);

impl Serialize for Marks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(value) => SensitiveMarks(value, self.1).serialize(serializer),
            None => serializer.serialize_bool(false),
        }
    }
}

fn change_row<'a>(view: View<'a>, change: &'a Change) -> Option<ChangeRow<'a>> {
    // Data that was read while planning is part of the prior state, not a change.
    if is_data(change) && change.action == Action::NoOp {
        return None;
    }
    let sight = view.sight(&change.resource_type);
    let environment = &change.address.environment;
    let provider = bound_provider(view.body, environment, &change.provider);
    let mut naming = Naming::new(&change.address, &change.resource_type, provider);
    naming.previous_address = change.previous_address.as_ref();
    let before = change.before.as_ref().map(|object| &object.value);
    let gone = matches!(change.action, Action::Delete | Action::Forget);
    let after = change.after.as_ref().filter(|_| !gone);
    let protected = view.body.environments.get(environment).is_some_and(|e| e.protect);
    Some(ChangeRow {
        naming,
        deposed: change.deposed.as_deref(),
        change: Delta {
            replace_paths: &change.replace_paths,
            ..Delta::new(actions(change.action), before, after, sight)
        },
        action_reason: change.reason,
        environment,
        ours: Some(Ours {
            wave: change.wave,
            reversibility: Undo {
                class: change.reversibility.class,
                loses: &change.reversibility.loses,
            },
            compensation: compensation(change),
            cause: causes(change, sight),
            risk: risks(change, protected),
            effects: &change.effects,
        }),
    })
}

fn drift_row<'a>(view: View<'a>, drift: &'a Drift) -> ChangeRow<'a> {
    let sight = view.sight(&drift.resource_type);
    let environment = &drift.address.environment;
    let provider = bound_provider(view.body, environment, &drift.provider);
    let actions: &'static [&'static str] =
        if drift.after.is_some() { &["update"] } else { &["delete"] };
    ChangeRow {
        naming: Naming::new(&drift.address, &drift.resource_type, provider),
        deposed: None,
        change: Delta::new(actions, Some(&drift.before), drift.after.as_ref(), sight),
        action_reason: None,
        environment,
        ours: None,
    }
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::Replace(ReplaceOrder::DeleteThenCreate) => &["delete", "create"],
        Action::Replace(ReplaceOrder::CreateThenDelete) => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

struct OutputChanges<'a>(View<'a>);

impl Serialize for OutputChanges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        serializer.collect_map(
            view.body
                .outputs
                .iter()
                .map(|output| (view.key(&output.address), OutputDelta::new(output, view.reveal))),
        )
    }
}

fn planned_values<'a>(view: View<'a>) -> impl Serialize + 'a {
    let outputs = move || {
        let declared = move |output: &'a OutputChange| {
            let row = PlannedOutput::new(output, output.after.as_ref(), view.reveal)?;
            Some((view.key(&output.address), row))
        };
        view.body.outputs.iter().filter_map(declared)
    };
    let resources = move || {
        view.body.changes.iter().filter_map(move |change| {
            let gone = matches!(change.action, Action::Delete | Action::Forget);
            let after = change.after.as_ref().filter(|_| !gone && change.deposed.is_none())?;
            let before = change.before.as_ref().map(|object| &object.value);
            Some(object_row(view, change, after, before))
        })
    };
    Values { outputs: MapOf(outputs), root_module: Module { resources: SeqOf(resources) } }
}

fn prior_state<'a>(view: View<'a>) -> impl Serialize + 'a {
    #[derive(serde::Serialize)]
    struct Prior<V> {
        format_version: &'static str,
        values: V,
    }
    let outputs = move || {
        let recorded = move |output: &'a OutputChange| {
            let row = PlannedOutput::new(output, output.before.as_ref(), view.reveal)?;
            Some((view.key(&output.address), row))
        };
        view.body.outputs.iter().filter_map(recorded)
    };
    let resources = move || {
        view.body.changes.iter().filter_map(move |change| {
            let before = change.before.as_ref()?;
            let mut row = object_row(view, change, &before.value, change.after.as_ref());
            row.deposed_key = change.deposed.as_deref();
            Some(row)
        })
    };
    let values =
        Values { outputs: MapOf(outputs), root_module: Module { resources: SeqOf(resources) } };
    Prior { format_version: STATE_FORMAT, values }
}

fn has_prior(body: &PlanBody) -> bool {
    body.environments.values().any(|environment| environment.basis.is_some())
        || body.changes.iter().any(|change| change.before.is_some())
}

fn object_row<'a>(
    view: View<'a>,
    change: &'a Change,
    value: &'a Value,
    other: Option<&'a Value>,
) -> StateRow<'a> {
    let environment = &change.address.environment;
    let provider = bound_provider(view.body, environment, &change.provider);
    let naming = Naming::new(&change.address, &change.resource_type, provider);
    let sight = view.sight(&change.resource_type).beside(other);
    StateRow::new(naming, change.schema_version, value, sight)
}

/// Attributes that other parts of the plan wait for.
fn relevant(body: &PlanBody) -> Vec<impl Serialize + '_> {
    #[derive(serde::Serialize)]
    struct Row<'a> {
        resource: &'a Address,
        attribute: &'a Path,
    }
    let referred = body.residuals.iter().filter_map(|residual| match residual {
        Residual::Attribute { address, path } => Some((address, path)),
        Residual::Expression { .. } => None,
    });
    let distinct: BTreeSet<_> = referred.collect();
    distinct.into_iter().map(|(resource, attribute)| Row { resource, attribute }).collect()
}

/// The numbers of objects, by what is done to them.
fn summary(tally: &Tally) -> impl Serialize + use<> {
    #[derive(serde::Serialize)]
    struct Row {
        create: usize,
        update: usize,
        replace: usize,
        destroy: usize,
        forget: usize,
        #[serde(rename = "move")]
        moved: usize,
        import: usize,
        read: usize,
    }
    let Tally { create, update, replace, destroy, forget, moved, import, read } = *tally;
    Row { create, update, replace, destroy, forget, moved, import, read }
}
