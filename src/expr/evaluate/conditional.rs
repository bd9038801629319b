//! `condition ? yes : no`
//!
//! The result has the type to which both branches convert, so both are evaluated; mistakes in the branch that
//! is not taken do not matter.

use mpctl_provider::value::{Refinement, Unknown, unify};
use mpctl_provider::{Type, Value};

use super::{Evaluated, Evaluator, error, found};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::describe::kind;
use crate::source::Span;
use crate::spec::syntax::Expr;

impl Evaluator<'_> {
    pub(super) fn conditional(&self, parts: &(Expr, Expr, Expr), span: Span) -> Evaluated {
        let (condition, yes, no) = parts;
        let decided = self.condition(condition, "the condition of `? :`");
        let (yes_value, no_value) = (self.value(yes), self.value(no));
        let (truth, sensitive) = decided?;
        let Some(truth) = truth else {
            let (a, b) = super::operators::both(yes_value, no_value)?;
            let ty = common_type(&a, &b).ok_or_else(|| inconsistent(&a, &b, yes, no, span))?;
            return undecided(&a, &b, ty, sensitive, span);
        };
        let (taken, other) = if truth { (yes_value, no_value) } else { (no_value, yes_value) };
        let taken = taken?;
        let mut sensitive = sensitive;
        let result = match other {
            Ok(other) => {
                // The type is that of both, so both may tell something.
                sensitive |= matches!(other, Value::Sensitive(_));
                let ty =
                    if truth { common_type(&taken, &other) } else { common_type(&other, &taken) };
                let Some(ty) = ty else {
                    let (a, b) = if truth { (&taken, &other) } else { (&other, &taken) };
                    return Err(inconsistent(a, b, yes, no, span));
                };
                match taken.bare() {
                    // Which conversion it will undergo shows only when its own type is known.
                    Value::Unknown(unknown) if unknown.ty == Type::Dynamic => {
                        let marked = matches!(taken, Value::Sensitive(_));
                        Value::unknown(Type::Dynamic).sensitive_if(marked)
                    }
                    _ => convert(&taken, &ty, span)?,
                }
            }
            // As if it were an unknown of any type: primitives stay what they are.
            Err(_) => taken,
        };
        Ok(result.sensitive_if(sensitive))
    }

    /// The truth of a condition, `None` if it is not known, and whether it is sensitive.
    pub(super) fn condition(
        &self,
        expr: &Expr,
        what: &str,
    ) -> Result<(Option<bool>, bool), Diagnostics> {
        let value = self.value(expr)?;
        let (bare, sensitive) = value.unmark();
        if bare.is_null() {
            return Err(error(
                code::EVALUATION,
                expr.span,
                format!("{what} cannot be null"),
                "this is null",
            ));
        }
        match bare.convert(&Type::Bool) {
            Ok(Value::Bool(truth)) => Ok((Some(truth), sensitive)),
            Ok(_) => Ok((None, sensitive)),
            Err(_) => Err(error(
                code::EVALUATION,
                expr.span,
                format!("{what} has to be a bool"),
                found(&value),
            )),
        }
    }
}

/// The type of the result; a bare `null` takes the type of the other branch.
fn common_type(a: &Value, b: &Value) -> Option<Type> {
    match (a.bare(), b.bare()) {
        (Value::String(_), Value::String(_)) => Some(Type::String),
        (Value::Number(_), Value::Number(_)) => Some(Type::Number),
        (Value::Bool(_), Value::Bool(_)) => Some(Type::Bool),
        (Value::Null(Type::Dynamic), other) | (other, Value::Null(Type::Dynamic)) => {
            Some(other.ty())
        }
        (a, b) => unify(&[a.ty(), b.ty()]),
    }
}

fn convert(value: &Value, ty: &Type, span: Span) -> Evaluated {
    value.convert(ty).map_err(|fault| {
        error(
            code::EVALUATION,
            span,
            "the branches of the conditional have no common type",
            fault.to_string(),
        )
    })
}

fn inconsistent(a: &Value, b: &Value, yes: &Expr, no: &Expr, span: Span) -> Diagnostics {
    Diagnostic::error(code::EVALUATION, "the branches of the conditional have no common type")
        .at(span, "both branches have to give one type")
        .at(yes.span, format!("this is {}", kind(a)))
        .at(no.span, format!("this is {}", kind(b)))
        .into()
}

/// What can be said when the condition is not known.
fn undecided(a: &Value, b: &Value, ty: Type, sensitive: bool, span: Span) -> Evaluated {
    let (a, b) = (convert(a, &ty, span)?, convert(b, &ty, span)?);
    let ((a, a_marked), (b, b_marked)) = (a.unmark(), b.unmark());
    let sensitive = sensitive || a_marked || b_marked;
    if a.is_null() && b.is_null() {
        return Ok(a.clone().sensitive_if(sensitive));
    }
    let not_null = |value: &Value| match value {
        Value::Null(_) => false,
        Value::Unknown(unknown) => unknown.refinement.not_null,
        _ => true,
    };
    let refinement = Refinement { not_null: not_null(a) && not_null(b), ..Refinement::default() };
    let unknown = Unknown { id: None, ty, refinement };
    Ok(Value::Unknown(std::sync::Arc::new(unknown)).sensitive_if(sensitive))
}
