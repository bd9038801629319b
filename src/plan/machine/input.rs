//! What a plan is made of.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::schema::ProviderSchema;

use crate::address::Address;
use crate::expr::{Clock, Files};
use crate::plan::Mode;
use crate::resolve::variables::Variables;
use crate::source::Sources;
use crate::spec::document::{Documents, OnFailure};
use crate::state::State;

/// Everything that planning takes from outside, but for what providers answer.
pub struct PlanInput {
    /// The documents.
    pub documents: Arc<Documents>,
    /// The environments to plan, sorted by name.
    pub environments: Vec<EnvironmentInput>,
    /// What each provider offers, by the provider's name.
    pub schemas: BTreeMap<Arc<str>, Arc<ProviderSchema>>,
    /// The project's name.
    pub project: Arc<str>,
    /// `path`: an object with `root` and `mpctl`.
    pub path: Value,
    /// Files that functions may read.
    pub files: Arc<dyn Files + Send + Sync>,
    /// The plan's time.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// What kind of plan, of what, and how.
    pub options: Options,
    /// A digest of the spec files.
    pub spec_digest: Arc<str>,
    /// The texts of the documents, for naming places.
    pub sources: Arc<Sources>,
}

/// An environment to plan.
pub struct EnvironmentInput {
    /// Its name.
    pub name: Arc<str>,
    /// Its document, by position; `None` for the implied one and for one that only the state knows.
    pub document: Option<usize>,
    /// Whether the spec knows it; one that only the state knows is desired empty.
    pub declared: bool,
    /// The variables' values.
    pub variables: Variables,
    /// The secrets' values, each marked as sensitive.
    pub secrets: HashMap<Arc<str>, Value>,
    /// What is recorded.
    pub state: State,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
}

/// What kind of plan, of what, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// What kind.
    pub mode: Mode,
    /// Whether real objects are looked at first.
    pub refresh: bool,
    /// Whether nothing of the outside is looked at, data sources neither: what they would say is unknown.
    pub offline: bool,
    /// Only these and what they need.
    pub targets: Vec<Selector>,
    /// All but these and what needs them.
    pub excludes: Vec<Selector>,
    /// To be made anew whatever they are.
    pub replace: Vec<Address>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            mode: Mode::Apply,
            refresh: true,
            offline: false,
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: Vec::new(),
        }
    }
}

/// What `--target` and `--exclude` name: an address, with or without instance key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selector {
    /// The environment; all that are planned if unset.
    pub environment: Option<Arc<str>>,
    /// The address within it.
    pub local: crate::address::LocalAddress,
}

impl Selector {
    /// Whether the address is meant: the same, or an instance or lowered resource of it.
    pub fn matches(&self, environment: &str, address: &crate::address::LocalAddress) -> bool {
        use crate::address::{Key, Subject};
        if self.environment.as_deref().is_some_and(|named| named != environment) {
            return false;
        }
        let key = self.local.key == Key::None || self.local.key == address.key;
        match (&self.local.subject, &address.subject) {
            (Subject::Workload(named), Subject::Lowered { workload, .. }) => named == workload,
            (named, subject) => named == subject && key,
        }
    }
}
