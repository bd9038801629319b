//! Evaluation: one walk over the tree, no allocation but for results.
//!
//! Names bound by `for` are a chain on the stack. Both branches of a conditional are evaluated, since the type
//! of its result is that of both; errors of the branch not taken are dropped, as in HCL.

mod access;
mod call;
mod comprehension;
mod conditional;
mod operators;
mod template;

use std::sync::Arc;

pub(super) use operators::{compare, unknown};

use mpctl_provider::Value;
use mpctl_provider::value::Entries;

use super::describe::{describe, kind};
use super::scope::{EvalContext, Found, LookupFailure, Reference, Scope, step_name};
use super::{MAX_DEPTH, MAX_TEXT};
use crate::diagnostic::nearest;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::syntax::{Accessor, Expr, ExprKind, ObjectItem, ObjectKey};

/// What every part of evaluation gives.
pub(super) type Evaluated = Result<Value, Diagnostics>;

/// The value of an expression: perhaps unknown, perhaps sensitive, in whole or in part. All independent
/// mistakes are reported together.
pub fn evaluate(expr: &Expr, scope: &dyn Scope, context: &EvalContext<'_>) -> Evaluated {
    Evaluator { scope, context, bound: None, depth: 0 }.value(expr)
}

/// Where evaluation stands.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'e> {
    pub(super) scope: &'e dyn Scope,
    pub(super) context: &'e EvalContext<'e>,
    pub(super) bound: Option<&'e Bound<'e>>,
    pub(super) depth: u32,
}

/// A name bound by `for`, and those bound further out.
#[derive(Clone, Copy)]
pub(super) struct Bound<'b> {
    pub(super) name: &'b str,
    pub(super) value: &'b Value,
    pub(super) outer: Option<&'b Bound<'b>>,
}

/// One error at one place.
pub(super) fn error(
    code: Code,
    span: Span,
    summary: impl Into<String>,
    label: impl Into<String>,
) -> Diagnostics {
    Diagnostic::error(code, summary).at(span, label).into()
}

impl<'e> Evaluator<'e> {
    /// The value of a node.
    pub(super) fn value(&self, expr: &Expr) -> Evaluated {
        // The leaves first: they need no deeper level.
        match &expr.kind {
            ExprKind::Literal(value) => return Ok(value.clone()),
            ExprKind::Variable(name) => return self.reference(name, &[], expr.span),
            _ => {}
        }
        let deeper = Evaluator { depth: self.depth + 1, ..*self };
        if deeper.depth > MAX_DEPTH {
            return Err(error(
                code::LIMIT,
                expr.span,
                format!("expressions nest more than {MAX_DEPTH} levels deep"),
                "too deep here",
            ));
        }
        match &expr.kind {
            ExprKind::Parenthesized(inner) => deeper.value(inner),
            ExprKind::Access { of, steps } => deeper.access(of, steps, expr.span),
            ExprKind::Template(parts) => deeper.template(parts, expr.span),
            ExprKind::Tuple(items) => deeper.tuple(items),
            ExprKind::Object(items) => deeper.object(items),
            ExprKind::Splat { of, each } => deeper.splat(of, each),
            ExprKind::Call { function, arguments, expand } => {
                deeper.call(function, arguments, *expand, expr.span)
            }
            ExprKind::Unary { operator, operand } => deeper.unary(*operator, operand),
            ExprKind::Binary { operator, operands } => {
                deeper.binary(*operator, &operands.0, &operands.1, expr.span)
            }
            ExprKind::Conditional(parts) => deeper.conditional(parts, expr.span),
            ExprKind::For(parts) => deeper.comprehension(parts, expr.span),
            ExprKind::Literal(_) | ExprKind::Variable(_) => unreachable!("handled above"),
            // Reported by the parser: nothing more to say, and nothing known.
            ExprKind::Malformed => Ok(Value::unknown(mpctl_provider::Type::Dynamic)),
        }
    }

    /// The value that a bound name has.
    pub(super) fn bound(&self, name: &str) -> Option<&'e Value> {
        let mut link = self.bound;
        while let Some(bound) = link {
            if bound.name == name {
                return Some(bound.value);
            }
            link = bound.outer;
        }
        None
    }

    /// `root`, with the steps that follow it.
    pub(super) fn reference(&self, root: &str, steps: &[Accessor], span: Span) -> Evaluated {
        if let Some(value) = self.bound(root) {
            return self.steps(value, steps);
        }
        let keys = |expr: &Expr| self.value(expr);
        let reference = Reference::new(root, steps, span, &keys);
        match self.scope.lookup(&reference) {
            Ok(Found { value, consumed }) if consumed >= steps.len() => Ok(value),
            Ok(Found { value, consumed }) => self.steps(&value, &steps[consumed..]),
            Err(failure) => Err(self.explain(failure, root, steps, span)),
        }
    }

    fn explain(
        &self,
        failure: LookupFailure,
        root: &str,
        steps: &[Accessor],
        span: Span,
    ) -> Diagnostics {
        match failure {
            LookupFailure::Reported(diagnostics) => diagnostics,
            LookupFailure::UnknownRoot => {
                let mut known = self.scope.roots();
                let mut link = self.bound;
                while let Some(bound) = link {
                    known.push(bound.name.into());
                    link = bound.outer;
                }
                let place = Span {
                    end: span.start + (root.len() as u32).min(span.end - span.start),
                    ..span
                };
                let diagnostic =
                    Diagnostic::error(code::UNKNOWN_NAME, format!("`{root}` means nothing here"))
                        .at(place, "not a name in this place");
                hinted(diagnostic, root, &known)
            }
            LookupFailure::UnknownMember { step, what, candidates } => {
                let name = steps.get(step).and_then(step_name).unwrap_or("?");
                let place = match steps.get(step) {
                    Some(Accessor::Attribute(name)) => name.span,
                    Some(Accessor::Index(index)) => index.span,
                    Some(Accessor::Splat(_)) | None => span,
                };
                let diagnostic =
                    Diagnostic::error(code::UNKNOWN_NAME, format!("there is no {what} `{name}`"))
                        .at(place, format!("no such {what}"));
                hinted(diagnostic, name, &candidates)
            }
        }
    }

    fn tuple(&self, items: &[Expr]) -> Evaluated {
        let mut values = Vec::with_capacity(items.len());
        let mut mistakes = Diagnostics::default();
        for item in items {
            match self.value(item) {
                Ok(value) => values.push(value),
                Err(more) => mistakes.append(more),
            }
        }
        if mistakes.has_errors() { Err(mistakes) } else { Ok(Value::Tuple(values.into())) }
    }

    fn object(&self, items: &[ObjectItem]) -> Evaluated {
        let mut attributes = Vec::with_capacity(items.len());
        let mut mistakes = Diagnostics::default();
        let (mut sensitive, mut unknown) = (false, false);
        for ObjectItem { key, value } in items {
            let key = self.object_key(key);
            match (key, self.value(value)) {
                (Ok(Some((key, marked))), Ok(value)) => {
                    sensitive |= marked;
                    attributes.push((key, value));
                }
                (Ok(None), Ok(_)) => unknown = true,
                (key, value) => {
                    for more in [key.err(), value.err()].into_iter().flatten() {
                        mistakes.append(more);
                    }
                }
            }
        }
        if mistakes.has_errors() {
            return Err(mistakes);
        }
        if unknown {
            return Ok(Value::unknown(mpctl_provider::Type::Dynamic).sensitive_if(sensitive));
        }
        let entries: Entries = attributes.into_iter().collect();
        Ok(Value::Object(Arc::new(entries)).sensitive_if(sensitive))
    }

    /// The text of a key and whether it was sensitive; `None` if it is not known.
    fn object_key(&self, key: &ObjectKey) -> Result<Option<(Arc<str>, bool)>, Diagnostics> {
        let expr = match key {
            ObjectKey::Literal(name) => return Ok(Some((name.text.clone(), false))),
            ObjectKey::Expr(expr) => expr,
        };
        let value = self.value(expr)?;
        self.key_text(&value, expr.span)
    }

    /// The text of a computed key; `None` if it is not known.
    pub(super) fn object_key_text(&self, key: &Expr) -> Result<Option<Arc<str>>, Diagnostics> {
        let value = self.value(key)?;
        Ok(self.key_text(&value, key.span)?.map(|(text, _)| text))
    }

    /// A value as the key of an object.
    fn key_text(&self, value: &Value, span: Span) -> Result<Option<(Arc<str>, bool)>, Diagnostics> {
        let (bare, sensitive) = value.unmark();
        if bare.is_null() {
            return Err(error(
                code::EVALUATION,
                span,
                "an object's key cannot be null",
                "this is null",
            ));
        }
        match bare.convert(&mpctl_provider::Type::String) {
            Ok(Value::String(text)) => Ok(Some((text, sensitive))),
            Ok(_) => Ok(None),
            Err(_) => Err(error(
                code::EVALUATION,
                span,
                "an object's key has to be a string",
                format!("this is {}", describe(value)),
            )),
        }
    }
}

fn hinted(diagnostic: Diagnostic, written: &str, known: &[Arc<str>]) -> Diagnostics {
    match nearest(written, known.iter().map(AsRef::as_ref)) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")).into(),
        None => diagnostic.into(),
    }
}

/// Adds text, refusing what grows beyond the limit.
pub(super) fn push_text(text: &mut String, more: &str, span: Span) -> Result<(), Diagnostics> {
    if text.len() + more.len() > MAX_TEXT {
        let limit = MAX_TEXT >> 20;
        return Err(error(
            code::LIMIT,
            span,
            format!("the text grows beyond {limit} MiB"),
            "too long",
        ));
    }
    text.push_str(more);
    Ok(())
}

/// `a string was given` for labels.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Sensitive(_) => format!("this is sensitive, {}", kind(value)),
        _ => format!("this is {}", super::describe::with_kind(value)),
    }
}
