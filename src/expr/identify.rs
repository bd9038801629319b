//! Giving unknown values an identity: which expression will yield them.
//!
//! The walk follows the value and the expression that gave it side by side through constructors, so that each
//! unknown leaf is tied to the smallest expression that yields it. One that already has an identity was moved
//! whole from elsewhere and keeps it.

use std::sync::Arc;

use mpctl_provider::value::{Entries, Refinement, Unknown, UnknownId};
use mpctl_provider::{Path, PathStep, Value};

use super::evaluate::Evaluator;
use super::residual::residual;
use super::scope::{EvalContext, Scope};
use crate::diagnostic::Diagnostics;
use crate::spec::syntax::{Expr, ExprKind, ObjectItem, ObjectKey};

/// `value`, which is what `expr` evaluates to in `scope`, with an identity on every unknown in it. `assign` is
/// given the residual of an expression and the path into its value that a new identity stands for.
pub fn identify(
    value: &Value,
    expr: &Expr,
    scope: &dyn Scope,
    context: &EvalContext<'_>,
    assign: &mut dyn FnMut(Expr, Path) -> UnknownId,
) -> Result<Value, Diagnostics> {
    Identifier { scope, context }.walk(value, expr, assign)
}

type Assign<'a> = &'a mut dyn FnMut(Expr, Path) -> UnknownId;

#[derive(Clone, Copy)]
struct Identifier<'e> {
    scope: &'e dyn Scope,
    context: &'e EvalContext<'e>,
}

impl<'e> Identifier<'e> {
    fn evaluator(&self) -> Evaluator<'e> {
        Evaluator { scope: self.scope, context: self.context, bound: None, depth: 0 }
    }

    fn walk(&self, value: &Value, expr: &Expr, assign: Assign<'_>) -> Result<Value, Diagnostics> {
        if value.is_identified() {
            return Ok(value.clone());
        }
        match (value, &expr.kind) {
            (_, ExprKind::Parenthesized(inner)) => self.walk(value, inner, assign),
            (Value::Tuple(values), ExprKind::Tuple(exprs)) if values.len() == exprs.len() => {
                let pairs = values.iter().zip(exprs);
                let walked = pairs.map(|(value, expr)| self.walk(value, expr, assign));
                Ok(Value::Tuple(walked.collect::<Result<_, _>>()?))
            }
            (Value::Object(entries), ExprKind::Object(items)) => {
                self.object(entries, items, assign)
            }
            (_, ExprKind::Conditional(parts)) => self.conditional(value, expr, parts, assign),
            (_, ExprKind::Variable(root)) => self.defined(value, expr, root, &[], assign),
            (_, ExprKind::Access { of, steps }) => match &of.kind {
                ExprKind::Variable(root) => self.defined(value, expr, root, steps, assign),
                _ => Ok(self.leaves(value, expr, assign)),
            },
            _ => Ok(self.leaves(value, expr, assign)),
        }
    }

    fn object(
        &self,
        entries: &Entries,
        items: &[ObjectItem],
        assign: Assign<'_>,
    ) -> Result<Value, Diagnostics> {
        let mut attributes: Vec<(Arc<str>, Value)> = Vec::with_capacity(items.len());
        for ObjectItem { key, value: expr } in items {
            let key = match key {
                ObjectKey::Literal(name) => name.text.clone(),
                ObjectKey::Expr(key) => match self.evaluator().object_key_text(key)? {
                    Some(text) => text,
                    None => continue,
                },
            };
            if let Some(value) = entries.get(&key) {
                // Of equal keys the last one made the value; the walk of the others is overwritten.
                let walked = self.walk(value, expr, assign)?;
                attributes.push((key, walked));
            }
        }
        Ok(Value::Object(Arc::new(attributes.into_iter().collect())))
    }

    /// Follows the branch that was taken, if its value was not converted.
    fn conditional(
        &self,
        value: &Value,
        expr: &Expr,
        parts: &(Expr, Expr, Expr),
        assign: Assign<'_>,
    ) -> Result<Value, Diagnostics> {
        let taken = match self.evaluator().value(&parts.0)? {
            Value::Bool(true) => &parts.1,
            Value::Bool(false) => &parts.2,
            _ => return Ok(self.leaves(value, expr, assign)),
        };
        // One whose type is open will still be converted to that of the other branch.
        if value.ty().is_concrete() && self.evaluator().value(taken)? == *value {
            return self.walk(value, taken, assign);
        }
        Ok(self.leaves(value, expr, assign))
    }

    /// Follows a name for an expression into that expression.
    fn defined(
        &self,
        value: &Value,
        expr: &Expr,
        root: &str,
        steps: &[crate::spec::syntax::Accessor],
        assign: Assign<'_>,
    ) -> Result<Value, Diagnostics> {
        match self.scope.definition(root, steps) {
            Some(definition) if definition.consumed == steps.len() => {
                let scope = definition.scope.unwrap_or(self.scope);
                Identifier { scope, ..*self }.walk(value, definition.expr, assign)
            }
            _ => Ok(self.leaves(value, expr, assign)),
        }
    }

    /// Ties every unknown leaf to the expression as a whole.
    fn leaves(&self, value: &Value, expr: &Expr, assign: Assign<'_>) -> Value {
        let rest = residual(expr, self.scope, self.context);
        identify_leaves(value, &Path::default(), &mut |path| assign(rest.clone(), path.clone()))
    }
}

/// The value with an identity on every unknown in it, asked for by its path.
pub fn identify_leaves(
    value: &Value,
    path: &Path,
    assign: &mut dyn FnMut(&Path) -> UnknownId,
) -> Value {
    if value.is_identified() {
        return value.clone();
    }
    let items = |items: &[Value], assign: &mut dyn FnMut(&Path) -> UnknownId| -> Vec<Value> {
        let at = |at: usize| path.then(PathStep::Index(at as u64));
        items.iter().enumerate().map(|(i, item)| identify_leaves(item, &at(i), assign)).collect()
    };
    let entries = |entries: &Entries, assign: &mut dyn FnMut(&Path) -> UnknownId| -> Entries {
        let at = |key: &Arc<str>| path.then(PathStep::Key(key.clone()));
        entries.iter().map(|(k, v)| (k.clone(), identify_leaves(v, &at(k), assign))).collect()
    };
    match value {
        Value::Unknown(unknown) => {
            let unknown = Unknown { id: Some(assign(path)), ..unknown.as_ref().clone() };
            Value::Unknown(Arc::new(unknown))
        }
        Value::Sensitive(inner) => identify_leaves(inner, path, assign).sensitive(),
        Value::Tuple(parts) => Value::Tuple(items(parts, assign).into()),
        Value::List(s) => Value::list(s.element.clone(), items(&s.items, assign)),
        Value::Map(m) => Value::map(m.element.clone(), entries(&m.entries, assign)),
        Value::Object(parts) => Value::Object(Arc::new(entries(parts, assign))),
        // No path leads into a set, and what is learnt may make elements equal: it is unknown as a whole.
        Value::Set(s) => {
            let length = Some((1, Some(s.items.len() as u64)));
            let refinement = Refinement { not_null: true, prefix: None, length };
            Value::Unknown(Arc::new(Unknown { id: Some(assign(path)), ty: value.ty(), refinement }))
        }
        leaf => leaf.clone(),
    }
}
