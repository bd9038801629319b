//! What names mean in an environment, and for one instance within it.
//!
//! Nothing is built per resource: a reference is answered from the planner's table of values with one look-up,
//! and everything that it hands out is shared.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_provider::Value;

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::{self, EvalContext, Found, LookupFailure, Reference, Scope};
use crate::resolve::nodes::{Kind, Nodes};
use crate::resolve::residuals::{Residual, Residuals};
use crate::resolve::variables::Variables;
use crate::spec::syntax::Expr;

/// What the names of one environment mean, as far as is known yet.
#[derive(Debug)]
pub struct EnvironmentValues {
    /// The environment's name.
    pub name: Arc<str>,
    /// `environment`: an object with `name` and `labels`.
    pub environment: Value,
    /// `var`
    pub variables: Variables,
    /// `secret`, each marked as sensitive.
    pub secrets: HashMap<Arc<str>, Value>,
    /// `path`: an object with `root` and `mpctl`.
    pub path: Value,
    /// The value of each node; `None` while it is not there.
    pub values: Vec<NodeValue>,
}

/// What a reference to a node gives.
#[derive(Clone, Debug, Default)]
pub enum NodeValue {
    /// It has not been worked out.
    #[default]
    Pending,
    /// There is none here: disabled, or not in this environment.
    Absent,
    /// It could not be worked out, which has been reported.
    Failed,
    /// The value.
    Known(Value),
}

/// The names of one instance: those of its environment, and its own.
pub struct InstanceScope<'a> {
    /// The declarations of the project.
    pub nodes: &'a Nodes,
    /// The environment.
    pub environment: &'a EnvironmentValues,
    /// `each`: an object with `key` and `value`.
    pub each: Option<Value>,
    /// `count`: an object with `index`.
    pub count: Option<Value>,
    /// `self`
    pub own: Option<Value>,
    /// Iterators of `dynamic` blocks, innermost last.
    pub iterators: Vec<(Arc<str>, Value)>,
}

impl<'a> InstanceScope<'a> {
    /// The names of an environment alone.
    pub fn of(nodes: &'a Nodes, environment: &'a EnvironmentValues) -> InstanceScope<'a> {
        InstanceScope {
            nodes,
            environment,
            each: None,
            count: None,
            own: None,
            iterators: Vec::new(),
        }
    }

    fn member(
        &self,
        reference: &Reference<'_>,
        what: &'static str,
        get: impl Fn(&str) -> Option<Value>,
        candidates: impl Fn() -> Vec<Arc<str>>,
    ) -> Result<Found, LookupFailure> {
        let found = reference.name(0).and_then(get);
        match found {
            Some(value) => Ok(Found { value, consumed: 1 }),
            None => Err(LookupFailure::UnknownMember { step: 0, what, candidates: candidates() }),
        }
    }

    fn node(&self, kind: Kind, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        let name = reference.name(0).unwrap_or_default();
        let Some(node) = self.nodes.find(kind, name) else {
            let candidates = self.nodes.names(kind).map(Arc::from).collect();
            return Err(LookupFailure::UnknownMember { step: 0, what: kind.root(), candidates });
        };
        match self.environment.values.get(node as usize) {
            Some(NodeValue::Known(value)) => Ok(Found { value: value.clone(), consumed: 1 }),
            // What failed has been reported; dependents are not evaluated, so this is only for the unforeseen.
            Some(NodeValue::Failed) => Err(LookupFailure::Reported(Diagnostics::default())),
            Some(NodeValue::Absent) | None => {
                let root = kind.root();
                let summary =
                    format!("there is no {root} `{name}` in environment {}", self.environment.name);
                Err(LookupFailure::Reported(
                    Diagnostic::error(code::NOT_IN_ENVIRONMENT, summary)
                        .at(reference.span, "disabled, or not in this environment")
                        .hint("wrap the reference in `try(…, null)` if it may be absent")
                        .into(),
                ))
            }
            Some(NodeValue::Pending) => {
                let summary = format!("{}.{name} cannot be used here", kind.root());
                Err(LookupFailure::Reported(
                    Diagnostic::error(code::NOT_IN_ENVIRONMENT, summary)
                        .at(reference.span, "this is worked out before any resource is")
                        .hint("use variables, secrets and `environment` here")
                        .into(),
                ))
            }
        }
    }

    fn whole(&self, value: &Option<Value>) -> Result<Found, LookupFailure> {
        match value {
            Some(value) => Ok(Found { value: value.clone(), consumed: 0 }),
            None => Err(LookupFailure::UnknownRoot),
        }
    }
}

impl Scope for InstanceScope<'_> {
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        if let Some((_, value)) =
            self.iterators.iter().rev().find(|(name, _)| name.as_ref() == reference.root)
        {
            return Ok(Found { value: value.clone(), consumed: 0 });
        }
        let environment = self.environment;
        match reference.root {
            "var" => self.member(
                reference,
                "variable",
                |name| environment.variables.get(name).map(|given| given.value.clone()),
                || environment.variables.keys().cloned().collect(),
            ),
            "secret" => self.member(
                reference,
                "secret",
                |name| environment.secrets.get(name).cloned(),
                || environment.secrets.keys().cloned().collect(),
            ),
            "environment" => Ok(Found { value: environment.environment.clone(), consumed: 0 }),
            "path" => Ok(Found { value: environment.path.clone(), consumed: 0 }),
            "each" => self.whole(&self.each),
            "count" => self.whole(&self.count),
            "self" => self.whole(&self.own),
            root => match Kind::of_root(root) {
                Some(kind) => self.node(kind, reference),
                None => Err(LookupFailure::UnknownRoot),
            },
        }
    }

    fn roots(&self) -> Vec<Arc<str>> {
        let fixed =
            ["var", "local", "environment", "resource", "workload", "data", "secret", "path"];
        let own = [("each", &self.each), ("count", &self.count), ("self", &self.own)];
        let own = own.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name);
        let iterators = self.iterators.iter().map(|(name, _)| name.clone());
        fixed.into_iter().chain(own).map(Arc::from).chain(iterators).collect()
    }
}

/// A scope in which no name means anything: for values of variables.
pub struct NoNames;

impl Scope for NoNames {
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        let summary = format!("`{}` cannot be used here", reference.root);
        Err(LookupFailure::Reported(
            Diagnostic::error(code::UNKNOWN_NAME, summary)
                .at(reference.span, "values of variables refer to nothing")
                .hint("use a local for what is computed from other values")
                .into(),
        ))
    }

    fn roots(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

/// Evaluates expressions of one instance and gives the unknowns in their values an identity.
pub struct Evaluator<'a> {
    /// What names mean.
    pub scope: InstanceScope<'a>,
    /// Files and time.
    pub context: EvalContext<'a>,
    /// Where unknowns get their identity.
    pub residuals: &'a mut Residuals,
}

impl Evaluator<'_> {
    /// The value of an expression, for deciding something now.
    pub fn evaluate(&self, expression: &Expr) -> Result<Value, Diagnostics> {
        expr::evaluate(expression, &self.scope, &self.context)
    }

    /// The value of an expression, for keeping: every unknown in it has an identity.
    pub fn identified(&mut self, expression: &Expr) -> Result<Value, Diagnostics> {
        let value = self.evaluate(expression)?;
        if value.is_wholly_known() {
            return Ok(value);
        }
        let residuals = &mut *self.residuals;
        let mut unreadable = None;
        let identified = expr::identify(
            &value,
            expression,
            &self.scope,
            &self.context,
            &mut |expression, path| {
                unreadable =
                    unreadable.take().or_else(|| expr::residual::file_function(&expression));
                residuals.allocate(Residual::Expression { expression, path })
            },
        )?;
        match unreadable {
            None => Ok(identified),
            Some(function) => {
                let summary =
                    format!("`{}` depends on what is known only after apply", function.text);
                let diagnostic = Diagnostic::error(code::BAD_ARGUMENT, summary)
                    .at(function.span, "files are read while planning")
                    .hint("name the file by what is known before, or read it as `data` of type local_file");
                Err(diagnostic.into())
            }
        }
    }

    /// Binds the iterator of a `dynamic` block.
    pub fn push_name(&mut self, name: Arc<str>, value: Value) {
        self.scope.iterators.push((name, value));
    }

    /// Ends the last binding.
    pub fn pop_name(&mut self) {
        self.scope.iterators.pop();
    }
}
