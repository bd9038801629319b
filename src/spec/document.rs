//! Documents: what the user wrote, typed. Nothing is evaluated here; every value is still an expression with
//! its place, and nobody can tell which spelling it came from.
//!
//! Free-form parts (a resource's configuration, a workload's `env`) keep the names that the user wrote;
//! all other names are snake_case here, whatever the spelling.

use super::syntax::{Attribute, Body, Expr, Name};
use crate::source::Span;

/// All documents of a project, each kind in the order in which it was read.
#[derive(Debug, Default)]
pub struct Documents {
    /// `Project`, at most one.
    pub project: Option<Project>,
    /// `Environment`
    pub environments: Vec<Environment>,
    /// `Workload`
    pub workloads: Vec<Workload>,
    /// `Resource`
    pub resources: Vec<Resource>,
    /// `Data`: same form as a resource, and its lifecycle knows conditions only.
    pub data: Vec<Resource>,
    /// `Variable`
    pub variables: Vec<Variable>,
    /// `Locals`, all documents together.
    pub locals: Vec<Attribute>,
    /// `Output`
    pub outputs: Vec<Output>,
    /// `Secret`
    pub secrets: Vec<Secret>,
    /// `Moved`
    pub moved: Vec<Moved>,
    /// `Removed`
    pub removed: Vec<Removed>,
    /// `Import`
    pub imports: Vec<Import>,
    /// `Check`
    pub checks: Vec<Check>,
}

/// The project as a whole.
#[derive(Debug)]
pub struct Project {
    /// Its name.
    pub name: Name,
    /// Where state is kept: `backend` and its settings. Expressions see variables' defaults,
    /// `MPCTL_VAR_*`, `--var` and `--var-file` only.
    pub state: Option<StateBackend>,
    /// Which providers there are and where they come from.
    pub providers: Vec<ProviderSource>,
    /// Folders outside the project that may be read.
    pub allow_paths: Vec<Name>,
    /// The whole document.
    pub span: Span,
}

/// The choice of a state backend.
#[derive(Debug)]
pub struct StateBackend {
    /// `sqlite`, `postgres`, `mongodb`, `memory`.
    pub backend: Name,
    /// Its settings.
    pub settings: Vec<Attribute>,
}

/// Where a provider comes from.
#[derive(Debug)]
pub struct ProviderSource {
    /// What it is called here.
    pub name: Name,
    /// `builtin`, or a path.
    pub source: Option<Name>,
    /// A version constraint.
    pub version: Option<Name>,
}

/// Where things run.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: Name,
    /// Labels, free-form.
    pub labels: Option<Expr>,
    /// The provider that runs workloads here; `process` if unset.
    pub runtime: Option<Name>,
    /// Configurations of providers.
    pub providers: Vec<ProviderInstance>,
    /// Values of variables.
    pub variables: Vec<Attribute>,
    /// What to do when an apply fails.
    pub on_failure: Option<(OnFailure, Span)>,
    /// Destroying and replacing here need an approval.
    pub protect: bool,
    /// The whole document.
    pub span: Span,
}

/// A configured instance of a provider in an environment.
#[derive(Debug)]
pub struct ProviderInstance {
    /// `cloud`, or `cloud.eu` for another instance of the same provider.
    pub name: Name,
    /// Its configuration.
    pub config: Body,
}

/// What to do when an apply fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Start no further step, commit what was done.
    #[default]
    Stop,
    /// Go on with whatever does not depend on the failed step.
    Continue,
    /// Undo what this apply has done.
    Rollback,
}

/// A declared deployable.
#[derive(Debug)]
pub struct Workload {
    /// Its name.
    pub name: Name,
    /// Where it runs; everywhere if unset.
    pub environments: Option<Vec<Name>>,
    /// Whether it runs at all.
    pub enabled: Option<Expr>,
    /// What must be there first, beside what it refers to.
    pub depends_on: Vec<Expr>,
    /// `image`, `command`, `replicas`, `ports`, `env`, `secrets`, `files`, `health`, `resources`, `strategy`,
    /// `working_directory`, `restart`, `stop_signal`, `stop_grace`, `log_file`. Nested blocks are objects.
    pub attributes: Vec<Attribute>,
    /// Differences for single environments.
    pub overrides: Vec<Override>,
    /// The whole document.
    pub span: Span,
}

/// What differs in one environment: maps merge, lists replace, null removes.
#[derive(Debug)]
pub struct Override {
    /// The environment.
    pub environment: Name,
    /// The attributes that differ.
    pub attributes: Vec<Attribute>,
}

/// A resource or a data source.
#[derive(Debug)]
pub struct Resource {
    /// Its name, unique in its kind whatever the type.
    pub name: Name,
    /// Its type: `local_file`.
    pub resource_type: Name,
    /// The provider instance, if not the type's first segment: `cloud.eu`.
    pub provider: Option<Name>,
    /// Where it is; everywhere if unset.
    pub environments: Option<Vec<Name>>,
    /// Whether it is at all.
    pub enabled: Option<Expr>,
    /// How often it is.
    pub repetition: Option<Repetition>,
    /// What must be there first, beside what it refers to.
    pub depends_on: Vec<Expr>,
    /// How changes are made.
    pub lifecycle: Lifecycle,
    /// The attributes and nested blocks of its type.
    pub config: Body,
    /// The whole document.
    pub span: Span,
}

/// How often a resource is.
#[derive(Debug)]
pub enum Repetition {
    /// `count`
    Count(Expr),
    /// `for_each`
    ForEach(Expr),
}

/// How changes to a resource are made.
#[derive(Debug, Default)]
pub struct Lifecycle {
    /// Refuse plans that would destroy it; the place is that of the setting.
    pub prevent_destroy: Option<(bool, Span)>,
    /// Make the new object before the old one is destroyed.
    pub create_before_destroy: Option<(bool, Span)>,
    /// Changes that are none.
    pub ignore_changes: Option<IgnoreChanges>,
    /// References whose change replaces this.
    pub replace_triggered_by: Vec<Expr>,
    /// Leave the object alone when it leaves the spec.
    pub retain_on_destroy: bool,
    /// Must hold before it is planned or applied.
    pub preconditions: Vec<Condition>,
    /// Must hold of the result; sees `self`.
    pub postconditions: Vec<Condition>,
}

/// Which changes are none.
#[derive(Debug)]
pub enum IgnoreChanges {
    /// `all`
    All(Span),
    /// Attribute paths, as expressions: `tags`, `tags["a"]`.
    Paths(Vec<Expr>),
}

/// A condition and what to say when it does not hold.
#[derive(Debug)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// A template.
    pub error_message: Expr,
    /// The whole block.
    pub span: Span,
}

/// A declared variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// Its type constraint, as an expression; `any` if unset.
    pub type_constraint: Option<Expr>,
    /// Its default.
    pub default: Option<Expr>,
    /// Its value is sensitive.
    pub sensitive: bool,
    /// It may be null.
    pub nullable: bool,
    /// What it is for.
    pub description: Option<Name>,
    /// Rules for its value.
    pub validations: Vec<Condition>,
    /// The whole document.
    pub span: Span,
}

/// An output.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// Shown only where asked for by name.
    pub sensitive: bool,
    /// What it is.
    pub description: Option<Name>,
    /// What must be there first.
    pub depends_on: Vec<Expr>,
    /// Must hold.
    pub preconditions: Vec<Condition>,
    /// The whole document.
    pub span: Span,
}

/// A secret: a reference, never a value.
#[derive(Debug)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Where it is read.
    pub source: SecretSource,
    /// The whole document.
    pub span: Span,
}

/// Where a secret is read.
#[derive(Debug)]
pub enum SecretSource {
    /// An environment variable.
    Env(Name),
    /// A file.
    File(Name),
    /// The standard output of a command.
    Command(Vec<Name>),
}

/// Something has a new address.
#[derive(Debug)]
pub struct Moved {
    /// The old address, as an expression.
    pub from: Expr,
    /// The new address.
    pub to: Expr,
    /// Where; everywhere if unset.
    pub environments: Option<Vec<Name>>,
    /// The whole document.
    pub span: Span,
}

/// Something is no longer declared.
#[derive(Debug)]
pub struct Removed {
    /// Its address.
    pub from: Expr,
    /// Whether the object is destroyed or only forgotten.
    pub destroy: bool,
    /// Where; everywhere if unset.
    pub environments: Option<Vec<Name>>,
    /// The whole document.
    pub span: Span,
}

/// Something that exists is to be managed.
#[derive(Debug)]
pub struct Import {
    /// The address that it gets.
    pub to: Expr,
    /// The id that its users know it by.
    pub id: Expr,
    /// Where; everywhere if unset.
    pub environments: Option<Vec<Name>>,
    /// The whole document.
    pub span: Span,
}

/// Conditions that are watched, without blocking anything.
#[derive(Debug)]
pub struct Check {
    /// Its name.
    pub name: Name,
    /// The conditions.
    pub assertions: Vec<Condition>,
    /// The whole document.
    pub span: Span,
}
