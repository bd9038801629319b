//! What evaluation asks of its surroundings: the meaning of names, files, the time.

use std::fmt;
use std::sync::Arc;

use mpctl_provider::Value;

use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::spec::syntax::{Accessor, Expr, ExprKind};

/// What the names of an expression mean.
///
/// A scope is asked for a root together with the steps that follow, so that `resource.db.url` need never build
/// an object of all resources; it answers with a value and with how many steps led to it, and evaluation takes
/// the remaining ones. Names bound by `for` are not asked for.
pub trait Scope {
    /// The value of the reference, or of a beginning of it.
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure>;

    /// The root names that mean something here, for "did you mean".
    fn roots(&self) -> Vec<Arc<str>>;

    /// The expression that defines what the reference begins with, if it is a name for an expression
    /// (`local.x`): residual expressions put it in place of the reference.
    fn definition(&self, root: &str, steps: &[Accessor]) -> Option<Definition<'_>> {
        let _ = (root, steps);
        None
    }
}

/// A value, and how many of the reference's steps led to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// The number of steps that it answers.
    pub consumed: usize,
}

/// A defining expression.
pub struct Definition<'d> {
    /// The expression.
    pub expr: &'d Expr,
    /// The number of steps of the reference that it answers.
    pub consumed: usize,
    /// What names mean within it, where that differs from where the reference stands.
    pub scope: Option<&'d dyn Scope>,
}

/// Why a reference has no value.
#[derive(Clone, PartialEq, Debug)]
pub enum LookupFailure {
    /// The root name means nothing here.
    UnknownRoot,
    /// The root exists, but a step names nothing.
    UnknownMember {
        /// The step, counted from 0.
        step: usize,
        /// What is missing, as in "there is no variable `x`": `variable`.
        what: &'static str,
        /// The names that there are.
        candidates: Vec<Arc<str>>,
    },
    /// Anything else, already put in words.
    Reported(Diagnostics),
}

/// A reference that a [`Scope`] is asked for.
pub struct Reference<'r> {
    /// The root name.
    pub root: &'r str,
    /// The steps after it.
    pub steps: &'r [Accessor],
    /// The place of the whole reference.
    pub span: Span,
    keys: &'r dyn Fn(&Expr) -> Result<Value, Diagnostics>,
}

impl<'r> Reference<'r> {
    /// A reference whose index expressions are evaluated by `keys`.
    pub fn new(
        root: &'r str,
        steps: &'r [Accessor],
        span: Span,
        keys: &'r dyn Fn(&Expr) -> Result<Value, Diagnostics>,
    ) -> Reference<'r> {
        Reference { root, steps, span, keys }
    }

    /// The name in step `at`: `.name` or `["name"]` with literal text.
    pub fn name(&self, at: usize) -> Option<&'r str> {
        step_name(self.steps.get(at)?)
    }

    /// The key in step `at` if that is an index, evaluated.
    pub fn key(&self, at: usize) -> Option<Result<Value, Diagnostics>> {
        match self.steps.get(at)? {
            Accessor::Attribute(_) | Accessor::Splat(_) => None,
            Accessor::Index(expr) => Some((self.keys)(expr)),
        }
    }
}

/// The name that a step spells out.
pub(super) fn step_name(step: &Accessor) -> Option<&str> {
    match step {
        Accessor::Attribute(name) => Some(&name.text),
        Accessor::Index(Expr { kind: ExprKind::Literal(value), .. }) => value.as_str(),
        Accessor::Index(_) | Accessor::Splat(_) => None,
    }
}

/// What functions may ask of the outside while an expression is evaluated.
#[derive(Clone, Copy)]
pub struct EvalContext<'c> {
    /// The files that `file` and its kin read.
    pub files: &'c dyn Files,
    /// The time.
    pub clock: &'c dyn Clock,
    /// Whether a template file is being rendered, which must not render another.
    pub(super) in_template: bool,
}

impl<'c> EvalContext<'c> {
    /// A context with the given files and clock.
    pub const fn new(files: &'c dyn Files, clock: &'c dyn Clock) -> EvalContext<'c> {
        EvalContext { files, clock, in_template: false }
    }
}

impl EvalContext<'static> {
    /// A context with no files and no clock.
    pub const fn closed() -> EvalContext<'static> {
        EvalContext::new(&NoFiles, &NoClock)
    }
}

/// Files as the spec names them, confined to what it may read.
pub trait Files {
    /// The content of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileFault>;

    /// Whether there is a regular file of that name.
    fn exists(&self, path: &str) -> Result<bool, FileFault>;

    /// The path made absolute.
    fn absolute(&self, path: &str) -> Result<String, FileFault>;

    /// Every regular file below a folder, as paths relative to it with `/` between names, sorted.
    fn list(&self, folder: &str) -> Result<Vec<String>, FileFault>;
}

/// Why a file cannot be used: a phrase that follows the path in a message, such as `does not exist`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileFault(pub String);

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// No files at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl NoFiles {
    fn refuse<T>() -> Result<T, FileFault> {
        Err(FileFault("cannot be read here".into()))
    }
}

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, FileFault> {
        NoFiles::refuse()
    }
    fn exists(&self, _: &str) -> Result<bool, FileFault> {
        NoFiles::refuse()
    }
    fn absolute(&self, _: &str) -> Result<String, FileFault> {
        NoFiles::refuse()
    }
    fn list(&self, _: &str) -> Result<Vec<String>, FileFault> {
        NoFiles::refuse()
    }
}

/// The time as functions see it.
pub trait Clock {
    /// When the plan was made, if it is being or has been made (`plantimestamp`).
    fn plan_time(&self) -> Option<jiff::Timestamp>;

    /// The present (`timestamp`); `None` while planning, where it is not known yet.
    fn now(&self) -> Option<jiff::Timestamp>;
}

/// A clock that knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

impl Clock for NoClock {
    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }
    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }
}
