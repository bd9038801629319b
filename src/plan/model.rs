//! The plan as data: everything that a reader, a gate or the executor needs, and nothing that has to be
//! looked up elsewhere.
//!
//! It keeps true: changes are sorted by address; a step's number is its position and it needs only steps of
//! lower numbers in some topological order; every unknown in `after` or `config` that is not computed by the
//! change's own provider has an id with a residual in `residuals`.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_provider::contract::Object;
use mpctl_provider::{Path, Value};

use crate::address::{Address, LocalAddress, Subject};
use crate::plan::reason::{Cause, Reason};
use crate::resolve::residuals::Residual;
use crate::spec::document::OnFailure;
use crate::spec::syntax::Expr;
use crate::state::{Basis, ResourceRecord};

/// A plan: its identity and its body. The same inputs give the same body; the identity is random, and an
/// operation uses it up.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Random; single-use.
    pub id: Arc<str>,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: Arc<str>,
    /// What is planned.
    pub body: PlanBody,
}

/// What is planned.
#[derive(Clone, Debug, Default)]
pub struct PlanBody {
    /// The project.
    pub project: Arc<str>,
    /// What kind of plan.
    pub mode: Mode,
    /// The environments concerned, by name.
    pub environments: BTreeMap<Arc<str>, EnvironmentPlan>,
    /// One for each object that is managed or was, unchanged ones included, sorted by address.
    pub changes: Vec<Change>,
    /// What refresh found changed outside, sorted by address.
    pub drift: Vec<Drift>,
    /// Outputs, unchanged ones included, sorted by address.
    pub outputs: Vec<OutputChange>,
    /// What the executor does, in an order in which it could be done one by one.
    pub steps: Vec<Step>,
    /// What each unknown will be computed from, by the number of its identity.
    pub residuals: Vec<Residual>,
    /// What a targeted plan left out; `None` for a whole plan.
    pub left_out: Option<Vec<Address>>,
    /// A digest of the spec files that it was made from, for the record only.
    pub spec_digest: Arc<str>,
}

/// What kind of plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Make the world as the spec says.
    #[default]
    Apply,
    /// Destroy everything.
    Destroy,
    /// Only take over what changed outside.
    RefreshOnly,
}

/// An environment within a plan.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentPlan {
    /// The state that the plan was made on; `None` where there was none yet.
    pub basis: Option<Basis>,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
    /// Destroying and replacing need an approval by name.
    pub protect: bool,
    /// Provider instances that the plan uses, by name (`cloud`, `cloud.eu`).
    pub providers: BTreeMap<Arc<str>, ProviderBinding>,
    /// The variables' values.
    pub variables: BTreeMap<Arc<str>, Value>,
}

/// A provider instance as the plan binds it.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderBinding {
    /// `builtin`, or where the plugin is.
    pub source: Arc<str>,
    /// The provider's name (`cloud` of `cloud.eu`).
    pub provider: Arc<str>,
    /// The version of schema and behaviour that the plan relies on.
    pub version: u64,
    /// Its configuration.
    pub config: Value,
}

/// What happens to one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The object's address.
    pub address: Address,
    /// The address that it had, if a `moved` gave it a new one.
    pub previous_address: Option<Address>,
    /// The object's record, where old objects lie beside it that have to be kept in it.
    pub recorded: Option<Arc<ResourceRecord>>,
    /// The key of a deposed object: what a half-done replacement left behind.
    pub deposed: Option<Arc<str>>,
    /// Its type.
    pub resource_type: Arc<str>,
    /// The provider instance that owns it.
    pub provider: Arc<str>,
    /// The schema version of `after`.
    pub schema_version: u64,
    /// What is done.
    pub action: Action,
    /// Why, where the action alone does not say it.
    pub reason: Option<Reason>,
    /// The object as it is (recorded, then refreshed); `None` if there is none.
    pub before: Option<Object>,
    /// The object as it will be, with unknowns; `None` if there will be none.
    pub after: Option<Value>,
    /// What the user wrote, with unknowns; `None` if the spec does not have it.
    pub config: Option<Value>,
    /// The provider's private bytes for apply.
    pub private: Arc<[u8]>,
    /// The attributes that made a replacement necessary.
    pub replace_paths: Vec<Path>,
    /// What others will notice beside the attributes: "restarts the process".
    pub effects: Vec<String>,
    /// What it refers to or depends on, directly, in its own environment: recorded with it.
    pub dependencies: Vec<Subject>,
    /// What its record says that it depended on: the order of destruction follows this.
    pub previous_dependencies: Vec<Subject>,
    /// Replacements create before they destroy: recorded with it.
    pub create_before_destroy: bool,
    /// The object is left alone when it leaves the spec: recorded with it.
    pub retain_on_destroy: bool,
    /// What has to hold of the object once it is there, where planning could not tell.
    pub postconditions: Vec<Postcondition>,
    /// From the attribute to the place where the value is written; the first is the nearest.
    pub cause: Vec<Cause>,
    /// The wave in which its last step runs, from 1; 0 where there is nothing to do.
    pub wave: u32,
    /// Whether it can be undone.
    pub reversibility: Reversibility,
}

/// A condition of an object that waits for apply: both expressions are closed, like residuals.
#[derive(Clone, PartialEq, Debug)]
pub struct Postcondition {
    /// Must be true.
    pub condition: Expr,
    /// What to say where it is not.
    pub message: Expr,
}

/// What is done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// Data is read during apply.
    Read,
    /// It is changed in place.
    Update,
    /// It is destroyed and made anew, or made anew and then destroyed.
    Replace(ReplaceOrder),
    /// It is destroyed.
    Delete,
    /// It is no longer managed; the object stays.
    Forget,
}

/// Which half of a replacement comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceOrder {
    /// The usual one.
    DeleteThenCreate,
    /// `create_before_destroy`
    CreateThenDelete,
}

/// Whether a change can be undone, and at what price.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Reversibility {
    /// The class.
    pub class: ReversibilityClass,
    /// What an undo would not bring back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
}

/// The classes of [`Reversibility`].
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ReversibilityClass {
    /// The same values and the same identity come back.
    #[default]
    Reversible,
    /// It can be undone, but something that others can see differs.
    Lossy,
    /// There is nothing to run, or nothing kept to run it with.
    Irreversible,
}

/// What refresh found changed outside.
#[derive(Clone, Debug)]
pub struct Drift {
    /// The object.
    pub address: Address,
    /// Its type.
    pub resource_type: Arc<str>,
    /// The provider instance that owns it.
    pub provider: Arc<str>,
    /// As recorded.
    pub before: Value,
    /// As found; `None` if it is gone.
    pub after: Option<Value>,
    /// The private bytes of what was found.
    pub private: Arc<[u8]>,
}

/// What happens to an output.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Its address.
    pub address: Address,
    /// The recorded value.
    pub before: Option<Value>,
    /// The new value, with unknowns; `None` if it is no longer declared.
    pub after: Option<Value>,
    /// What it refers to or depends on, directly: where that failed, the recorded value stands.
    pub dependencies: Vec<Subject>,
}

/// The number of a step: its position in the plan.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// One thing that the executor does.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// The change that it belongs to, by position; a join belongs to none.
    pub change: Option<u32>,
    /// What must be done before.
    pub needs: Vec<StepId>,
    /// When it can run if every step takes one turn, from 1.
    pub wave: u32,
}

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Makes the object.
    Create,
    /// Changes it.
    Update,
    /// Destroys it.
    Delete,
    /// Reads data.
    Read,
    /// Drops it from the state, and leaves the object alone.
    Forget,
    /// Nothing: stands for "all of these", so that edges stay few.
    Join,
}

impl Action {
    /// Whether it counts as a change in summaries and exit codes.
    pub fn is_change(self) -> bool {
        !matches!(self, Action::NoOp | Action::Read)
    }

    /// Whether an object goes away.
    pub fn destroys(self) -> bool {
        matches!(self, Action::Delete | Action::Replace(_))
    }
}

impl PlanBody {
    /// Whether there is anything to apply: a change of an object or of an output, or something to take over.
    pub fn has_changes(&self) -> bool {
        self.changes
            .iter()
            .any(|change| change.action.is_change() || change.previous_address.is_some())
            || self.outputs.iter().any(OutputChange::is_change)
    }

    /// The change of an object, deposed objects aside.
    pub fn change(&self, environment: &str, local: &LocalAddress) -> Option<&Change> {
        let key = |change: &Change| {
            let address = &change.address;
            address.environment.as_ref().cmp(environment).then_with(|| address.local.cmp(local))
        };
        let at = self.changes.binary_search_by(key).ok()?;
        let first = self.changes[..at].iter().rposition(|c| key(c).is_ne()).map_or(0, |p| p + 1);
        self.changes[first..]
            .iter()
            .take_while(|c| key(c).is_eq())
            .find(|change| change.deposed.is_none())
    }
}

impl OutputChange {
    /// Whether the recorded output will change.
    pub fn is_change(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => before != after,
            (None, None) => false,
            (None, Some(after)) => !after.is_null(),
            (Some(_), None) => true,
        }
    }
}
