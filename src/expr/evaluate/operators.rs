//! The operators, with HCL's conversions of their operands.

use mpctl_provider::value::{Refinement, Unknown};
use mpctl_provider::{Number, Type, Value};

use super::{Evaluated, Evaluator, error, found};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::syntax::{BinaryOperator, Expr, UnaryOperator};

/// An unknown result of an operator: of a certain type and certainly not null.
pub(in crate::expr) fn unknown(ty: Type) -> Value {
    let refinement = Refinement { not_null: true, ..Refinement::default() };
    Value::Unknown(std::sync::Arc::new(Unknown { id: None, ty, refinement }))
}

impl Evaluator<'_> {
    pub(super) fn unary(&self, operator: UnaryOperator, operand: &Expr) -> Evaluated {
        let value = self.value(operand)?;
        let (ty, symbol) = match operator {
            UnaryOperator::Not => (Type::Bool, "!"),
            UnaryOperator::Negate => (Type::Number, "-"),
        };
        let value = to_operand(value, &ty, symbol, operand.span)?;
        let (bare, sensitive) = value.unmark();
        let result = match bare {
            Value::Bool(truth) => Value::Bool(!truth),
            Value::Number(number) => Value::Number(number.negate()),
            _ => unknown(ty),
        };
        Ok(result.sensitive_if(sensitive))
    }

    pub(super) fn binary(
        &self,
        operator: BinaryOperator,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Evaluated {
        use BinaryOperator as Op;
        let (left_value, right_value) = both(self.value(left), self.value(right))?;
        let wanted = match operator {
            Op::Equal | Op::NotEqual => {
                let result = equal(&left_value, &right_value);
                return Ok(if operator == Op::Equal { result } else { negated(result) });
            }
            Op::Or | Op::And => Type::Bool,
            _ => Type::Number,
        };
        let symbol = symbol(operator);
        let (a, b) = both(
            to_operand(left_value, &wanted, symbol, left.span),
            to_operand(right_value, &wanted, symbol, right.span),
        )?;
        let ((a, a_marked), (b, b_marked)) = (a.unmark(), b.unmark());
        let result = match (a, b) {
            (Value::Number(a), Value::Number(b)) => arithmetic(operator, a, b, span)?,
            (Value::Bool(a), Value::Bool(b)) => {
                Value::Bool(if operator == Op::And { *a && *b } else { *a || *b })
            }
            // One known operand may decide alone.
            (Value::Bool(truth), _) | (_, Value::Bool(truth)) if *truth == (operator == Op::Or) => {
                Value::Bool(*truth)
            }
            _ => unknown(match operator {
                Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Modulo => Type::Number,
                _ => Type::Bool,
            }),
        };
        Ok(result.sensitive_if(a_marked || b_marked))
    }
}

/// Both results, or the mistakes of both.
pub(super) fn both<A, B>(
    left: Result<A, Diagnostics>,
    right: Result<B, Diagnostics>,
) -> Result<(A, B), Diagnostics> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(mut left), Err(right)) => {
            left.append(right);
            Err(left)
        }
        (Err(mistakes), _) | (_, Err(mistakes)) => Err(mistakes),
    }
}

/// How the operator is written.
pub(super) fn symbol(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Or => "||",
        BinaryOperator::And => "&&",
        BinaryOperator::Equal => "==",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Less => "<",
        BinaryOperator::LessOrEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterOrEqual => ">=",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
    }
}

/// The value as an operand of the type, or what is wrong with it.
fn to_operand(value: Value, ty: &Type, symbol: &str, span: Span) -> Evaluated {
    match (&value, ty) {
        (Value::Number(_), Type::Number) | (Value::Bool(_), Type::Bool) => return Ok(value),
        _ => {}
    }
    let wanted = ty.friendly_name();
    if value.is_null() {
        return Err(error(
            code::BAD_OPERAND,
            span,
            format!("`{symbol}` needs a {wanted}, not null"),
            "this is null",
        ));
    }
    value.convert(ty).map_err(|_| {
        let diagnostic =
            Diagnostic::error(code::BAD_OPERAND, format!("`{symbol}` needs a {wanted}"))
                .at(span, found(&value));
        match (symbol, value.bare()) {
            ("+", Value::String(_)) => {
                diagnostic.hint("text is joined in a template: \"${a}${b}\"")
            }
            ("+", Value::List(_) | Value::Tuple(_) | Value::Set(_)) => {
                diagnostic.hint("lists are joined with concat(a, b)")
            }
            ("+", Value::Map(_) | Value::Object(_)) => {
                diagnostic.hint("maps are joined with merge(a, b)")
            }
            _ => diagnostic,
        }
        .into()
    })
}

fn arithmetic(operator: BinaryOperator, a: &Number, b: &Number, span: Span) -> Evaluated {
    use BinaryOperator as Op;
    let result = match operator {
        Op::Less => return Ok(Value::Bool(a < b)),
        Op::LessOrEqual => return Ok(Value::Bool(a <= b)),
        Op::Greater => return Ok(Value::Bool(a > b)),
        Op::GreaterOrEqual => return Ok(Value::Bool(a >= b)),
        Op::Add => a.add(b),
        Op::Subtract => a.subtract(b),
        Op::Multiply => a.multiply(b),
        Op::Divide => a.divide(b),
        _ => a.remainder(b),
    };
    result.map(Value::Number).map_err(|fault| {
        error(
            code::BAD_OPERAND,
            span,
            format!("`{}`: {fault}", symbol(operator)),
            "in this calculation",
        )
    })
}

fn negated(truth: Value) -> Value {
    match truth {
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Sensitive(inner) => negated((*inner).clone()).sensitive(),
        other => other,
    }
}

/// The language's `==`: of one type and equal, null only to null; unknown where a part that decides is.
pub(in crate::expr) fn equal(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => return Value::Bool(a == b),
        (Value::String(a), Value::String(b)) => return Value::Bool(a == b),
        (Value::Bool(a), Value::Bool(b)) => return Value::Bool(a == b),
        _ => {}
    }
    let ((a, a_marked), (b, b_marked)) = (a.unmark_deep(), b.unmark_deep());
    let result = compare(&a, &b).map_or_else(|| unknown(Type::Bool), Value::Bool);
    result.sensitive_if(a_marked || b_marked)
}

/// Whether two values without marks are equal; `None` if that is not known.
pub(in crate::expr) fn compare(a: &Value, b: &Value) -> Option<bool> {
    let all = |pairs: &mut dyn Iterator<Item = Option<bool>>| {
        let mut result = Some(true);
        for pair in pairs {
            match pair {
                Some(false) => return Some(false),
                None => result = None,
                Some(true) => {}
            }
        }
        result
    };
    let items = |a: &[Value], b: &[Value]| {
        if a.len() != b.len() {
            return Some(false);
        }
        all(&mut a.iter().zip(b).map(|(a, b)| compare(a, b)))
    };
    match (a, b) {
        (Value::Null(_), Value::Null(_)) => Some(true),
        (Value::Null(_), Value::Unknown(u)) | (Value::Unknown(u), Value::Null(_)) => {
            u.refinement.not_null.then_some(false)
        }
        (Value::Unknown(u), other) | (other, Value::Unknown(u)) => {
            differs(u, other).then_some(false)
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::Tuple(a), Value::Tuple(b)) => items(a, b),
        (Value::List(a), Value::List(b)) if a.element == b.element => items(&a.items, &b.items),
        (Value::Set(a), Value::Set(b)) if a.element == b.element => {
            let known = |s: &[Value]| s.iter().all(Value::is_wholly_known);
            if !known(&a.items) || !known(&b.items) {
                return None;
            }
            Some(a.items == b.items)
        }
        (Value::Map(a), Value::Map(b)) if a.element == b.element => {
            entries(&a.entries, &b.entries, &all)
        }
        (Value::Object(a), Value::Object(b)) => entries(a, b, &all),
        _ => Some(false),
    }
}

type All<'a> = &'a dyn Fn(&mut dyn Iterator<Item = Option<bool>>) -> Option<bool>;

fn entries(
    a: &mpctl_provider::value::Entries,
    b: &mpctl_provider::value::Entries,
    all: All<'_>,
) -> Option<bool> {
    if a.len() != b.len() || !a.iter().map(|(k, _)| k).eq(b.iter().map(|(k, _)| k)) {
        return Some(false);
    }
    all(&mut a.iter().zip(b.iter()).map(|((_, a), (_, b))| compare(a, b)))
}

/// Whether what is known of an unknown rules the other value out.
fn differs(unknown: &Unknown, other: &Value) -> bool {
    if let (Some(prefix), Value::String(text)) = (&unknown.refinement.prefix, other) {
        return !text.starts_with(prefix.as_ref());
    }
    let other_type = other.ty();
    unknown.ty.is_concrete()
        && other_type.is_concrete()
        && unknown.ty != other_type
        && unknown.refinement.not_null
}
