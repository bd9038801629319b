//! `enabled`, `count` and `for_each`: which instances a declaration has.
//!
//! The shape of a plan has to be known while planning; where it depends on something that only apply can
//! tell, that is an error with a way out, never a guess.

use std::sync::Arc;

use mpctl_provider::{Type, Value};

use crate::address::Key;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::{self, EvalContext, Scope};
use crate::spec::document::Repetition;
use crate::spec::syntax::Expr;

/// More instances than this of one declaration are refused.
pub const MAX_INSTANCES: u64 = 1_000_000;

/// The instances of a declaration.
#[derive(Clone, PartialEq, Debug)]
pub enum Instances {
    /// Disabled: none, and references to it are errors.
    Disabled,
    /// One, without a key.
    Single,
    /// `count`
    Count(u64),
    /// `for_each`: keys, sorted, with their values.
    Each(Vec<(Arc<str>, Value)>),
}

impl Instances {
    /// The keys in order, each with what `each.value` is for it.
    pub fn iter(&self) -> Box<dyn Iterator<Item = (Key, Option<Value>)> + '_> {
        match self {
            Instances::Disabled => Box::new(std::iter::empty()),
            Instances::Single => Box::new(std::iter::once((Key::None, None))),
            Instances::Count(count) => Box::new((0..*count).map(|index| (Key::Index(index), None))),
            Instances::Each(entries) => Box::new(
                entries.iter().map(|(key, value)| (Key::Name(key.clone()), Some(value.clone()))),
            ),
        }
    }

    /// Whether an instance with this key is among them.
    pub fn contains(&self, key: &Key) -> bool {
        match (self, key) {
            (Instances::Single, Key::None) => true,
            (Instances::Count(count), Key::Index(index)) => index < count,
            (Instances::Each(entries), Key::Name(name)) => {
                entries.binary_search_by(|(key, _)| key.cmp(name)).is_ok()
            }
            _ => false,
        }
    }
}

/// Works the instances out.
pub fn instances(
    enabled: Option<&Expr>,
    repetition: Option<&Repetition>,
    scope: &dyn Scope,
    context: &EvalContext<'_>,
) -> Result<Instances, Diagnostics> {
    if let Some(expression) = enabled
        && !self::enabled(expression, scope, context)?
    {
        return Ok(Instances::Disabled);
    }
    match repetition {
        None => Ok(Instances::Single),
        Some(Repetition::Count(expression)) => whole_number("count", expression, scope, context)
            .and_then(|count| {
                if count > MAX_INSTANCES {
                    let summary = format!(
                        "`count` is {count}, more than the {MAX_INSTANCES} that are allowed"
                    );
                    return Err(fault(code::BAD_REPETITION, expression, summary));
                }
                Ok(Instances::Count(count))
            }),
        Some(Repetition::ForEach(expression)) => each(expression, scope, context),
    }
}

/// A whole number of at least zero that has to be known now: `count`, `replicas`.
pub fn whole_number(
    what: &str,
    expression: &Expr,
    scope: &dyn Scope,
    context: &EvalContext<'_>,
) -> Result<u64, Diagnostics> {
    let value = expr::evaluate(expression, scope, context)?;
    let value = known(what, expression, &value)?;
    let number =
        value.convert(&Type::Number).ok().and_then(|v| v.as_number().and_then(|n| n.as_i64()));
    number.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| {
        let summary = format!("`{what}` has to be a whole number, 0 or more");
        fault(code::BAD_REPETITION, expression, summary)
    })
}

fn enabled(
    expression: &Expr,
    scope: &dyn Scope,
    context: &EvalContext<'_>,
) -> Result<bool, Diagnostics> {
    let value = expr::evaluate(expression, scope, context)?;
    let value = known("enabled", expression, &value)?;
    let truth = value.convert(&Type::Bool).ok().and_then(|v| v.as_bool());
    truth.ok_or_else(|| {
        fault(code::BAD_REPETITION, expression, "`enabled` has to be true or false".into())
    })
}

fn each(
    expression: &Expr,
    scope: &dyn Scope,
    context: &EvalContext<'_>,
) -> Result<Instances, Diagnostics> {
    let value = expr::evaluate(expression, scope, context)?;
    let value = known("for_each", expression, &value)?;
    let entries = match value {
        Value::Map(_) | Value::Object(_) => {
            let entries = value.as_entries().into_iter().flat_map(|entries| entries.iter());
            entries.map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        Value::Set(set) => {
            let mut entries = Vec::with_capacity(set.items.len());
            for item in &set.items {
                let Value::String(key) = item else {
                    let summary = "`for_each` takes a set of strings, without nulls".to_owned();
                    return Err(fault(code::BAD_REPETITION, expression, summary));
                };
                entries.push((key.clone(), item.clone()));
            }
            entries
        }
        other => {
            let name = other.ty().friendly_name();
            let diagnostic = Diagnostic::error(
                code::BAD_REPETITION,
                format!("`for_each` takes a map or a set of strings, not a {name}"),
            );
            return Err(diagnostic
                .at(expression.span, "")
                .hint("make a set of a list with `toset(…)`")
                .into());
        }
    };
    if entries.len() as u64 > MAX_INSTANCES {
        let summary = format!(
            "`for_each` has {} elements, more than the {MAX_INSTANCES} that are allowed",
            entries.len()
        );
        return Err(fault(code::BAD_REPETITION, expression, summary));
    }
    Ok(Instances::Each(entries))
}

/// The value, if it is known, not null and not sensitive: instance keys are shown in the clear.
fn known<'v>(what: &str, expression: &Expr, value: &'v Value) -> Result<&'v Value, Diagnostics> {
    let (bare, sensitive) = value.unmark();
    if sensitive {
        let summary = format!("`{what}` is made of a sensitive value, and would show it");
        return Err(fault(code::BAD_REPETITION, expression, summary));
    }
    if bare.is_null() {
        return Err(fault(code::BAD_REPETITION, expression, format!("`{what}` must not be null")));
    }
    let keys_known = match bare {
        Value::Unknown(_) => false,
        Value::Set(set) => !set.items.iter().any(Value::is_unknown),
        _ => true,
    };
    if !keys_known {
        let diagnostic = Diagnostic::error(
            code::UNKNOWN_SHAPE,
            format!("`{what}` depends on what is known only after apply"),
        );
        return Err(diagnostic
            .at(expression.span, "not known while planning")
            .hint("derive it from variables, or apply what it depends on first with --target")
            .into());
    }
    Ok(bare)
}

fn fault(code: crate::diagnostic::Code, expression: &Expr, summary: String) -> Diagnostics {
    Diagnostic::error(code, summary).at(expression.span, "").into()
}
