//! Attributes, indices and splats.

use mpctl_provider::{Type, Value};

use super::{Evaluated, Evaluator, error, found};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::describe::{describe, kind, quote};
use crate::source::Span;
use crate::spec::syntax::{Accessor, Expr, ExprKind, Name};

impl Evaluator<'_> {
    /// `of` and the steps after it; a root name is looked up together with them.
    pub(super) fn access(&self, of: &Expr, steps: &[Accessor], span: Span) -> Evaluated {
        match &of.kind {
            ExprKind::Variable(root) => self.reference(root, steps, span),
            _ => self.steps(&self.value(of)?, steps),
        }
    }

    /// Steps into a value.
    pub(super) fn steps(&self, value: &Value, steps: &[Accessor]) -> Evaluated {
        let Some((first, rest)) = steps.split_first() else {
            return Ok(value.clone());
        };
        let mut current = self.step(value, first)?;
        for step in rest {
            current = self.step(&current, step)?;
        }
        Ok(current)
    }

    fn step(&self, value: &Value, step: &Accessor) -> Evaluated {
        match step {
            Accessor::Attribute(name) => attribute(value, name),
            Accessor::Index(expr) => index(value, &self.value(expr)?, expr.span),
            Accessor::Splat(each) => self.splat_of(value, each),
        }
    }

    /// `of[*]`: the steps applied to each element.
    pub(super) fn splat(&self, of: &Expr, each: &[Accessor]) -> Evaluated {
        self.splat_of(&self.value(of)?, each)
    }

    fn splat_of(&self, value: &Value, each: &[Accessor]) -> Evaluated {
        let (bare, sensitive) = value.unmark();
        let result = match bare {
            Value::Null(_) => Value::Tuple([].into()),
            Value::Tuple(items) => Value::Tuple(self.each(items, each)?.into()),
            Value::List(s) | Value::Set(s) => {
                let items = self.each(&s.items, each)?;
                let element = match items.first() {
                    Some(first) => first.ty(),
                    None => self.element_type(&s.element, each),
                };
                if items.iter().all(|item| item.ty() == element) {
                    Value::list(element, items)
                } else {
                    Value::Tuple(items.into())
                }
            }
            Value::Unknown(unknown) => match &unknown.ty {
                Type::List(element) | Type::Set(element) => {
                    Value::unknown(Type::list(self.element_type(element, each)))
                }
                Type::Tuple(types) => {
                    let items: Vec<_> = types.iter().cloned().map(Value::unknown).collect();
                    Value::Tuple(self.each(&items, each)?.into())
                }
                // Whether it is null, and so an empty list, is open as well.
                _ => Value::unknown(Type::Dynamic),
            },
            single => Value::Tuple([self.steps(single, each)?].into()),
        };
        Ok(result.sensitive_if(sensitive))
    }

    fn each(&self, items: &[Value], steps: &[Accessor]) -> Result<Vec<Value>, Diagnostics> {
        items.iter().map(|item| self.steps(item, steps)).collect()
    }

    /// The type that the steps lead to from an element of a type.
    fn element_type(&self, element: &Type, steps: &[Accessor]) -> Type {
        let sample = Value::unknown(element.clone());
        self.steps(&sample, steps).map_or(Type::Dynamic, |value| value.ty())
    }
}

/// `value.name`
fn attribute(value: &Value, name: &Name) -> Evaluated {
    let (bare, sensitive) = value.unmark();
    let result = match bare {
        Value::Object(entries) => match entries.get(&name.text) {
            Some(value) => value.clone(),
            None => return Err(missing(value, &name.text, name.span, "attribute")),
        },
        Value::Map(m) => match m.entries.get(&name.text) {
            Some(value) => value.clone(),
            None => return Err(missing(value, &name.text, name.span, "key")),
        },
        Value::Unknown(unknown) => match &unknown.ty {
            Type::Dynamic => Value::unknown(Type::Dynamic),
            Type::Map(element) => Value::unknown(element.as_ref().clone()),
            Type::Object(object) => match object.attributes.get(&name.text) {
                Some(ty) => Value::unknown(ty.clone()),
                None => return Err(missing(value, &name.text, name.span, "attribute")),
            },
            _ => return Err(no_attributes(value, name)),
        },
        _ => return Err(no_attributes(value, name)),
    };
    Ok(result.sensitive_if(sensitive))
}

fn no_attributes(value: &Value, name: &Name) -> Diagnostics {
    let text = &name.text;
    let summary = match value.bare() {
        Value::Null(_) => format!("there is no attribute `{text}` in null"),
        _ => format!("there is no attribute `{text}` in {}", kind(value)),
    };
    let diagnostic = Diagnostic::error(code::NO_SUCH_ATTRIBUTE, summary).at(
        name.span,
        match value.bare() {
            Value::Null(_) => "the value before this is null".to_owned(),
            _ => format!("the value before this is {}", describe(value)),
        },
    );
    match value.bare().ty() {
        Type::List(_) | Type::Tuple(_) | Type::Set(_) => diagnostic
            .hint(format!("to take `{text}` of every element write [*].{text}, of one [0].{text}")),
        _ => diagnostic,
    }
    .into()
}

/// A name that a map or object lacks.
fn missing(value: &Value, name: &str, span: Span, what: &str) -> Diagnostics {
    let names: Vec<&str> = match value.bare() {
        Value::Map(m) => m.entries.iter().map(|(k, _)| k.as_ref()).collect(),
        Value::Object(entries) => entries.iter().map(|(k, _)| k.as_ref()).collect(),
        _ => Vec::new(),
    };
    let sensitive = matches!(value, Value::Sensitive(_));
    let label = match value {
        Value::Unknown(_) => "no such attribute in its type".to_owned(),
        _ => format!("looked for in {}", describe(value)),
    };
    let summary = match what {
        "attribute" => format!("there is no attribute {}", ticked(name)),
        _ => format!("there is no element with the key {}", quote(name)),
    };
    let diagnostic = Diagnostic::error(code::NO_SUCH_ATTRIBUTE, summary).at(span, label);
    match nearest(name, names).filter(|_| !sensitive) {
        Some(near) => diagnostic.hint(format!("did you mean {}?", ticked(near))).into(),
        None => diagnostic.into(),
    }
}

fn ticked(name: &str) -> String {
    format!("`{}`", name.escape_debug())
}

/// `value[key]`
pub(in crate::expr) fn index(value: &Value, key: &Value, span: Span) -> Evaluated {
    let ((bare, value_marked), (key_bare, key_marked)) = (value.unmark(), key.unmark());
    let sensitive = value_marked || key_marked;
    if key_bare.is_null() {
        return Err(error(
            code::NO_SUCH_ATTRIBUTE,
            span,
            "an index cannot be null",
            "this is null",
        ));
    }
    let result = match bare {
        Value::Null(_) => {
            return Err(error(
                code::NO_SUCH_ATTRIBUTE,
                span,
                "null has no elements",
                "the value before this is null",
            ));
        }
        Value::Tuple(items) => match position(key_bare, key, span)? {
            Some(at) => items.get(at).cloned().ok_or_else(|| out_of_range(value, key, span))?,
            None => Value::unknown(Type::Dynamic),
        },
        Value::List(s) => match position(key_bare, key, span)? {
            Some(at) => s.items.get(at).cloned().ok_or_else(|| out_of_range(value, key, span))?,
            None => Value::unknown(s.element.clone()),
        },
        Value::Map(m) => match map_key(key_bare, key, span)? {
            Some(name) => {
                let element = m.entries.get(&name).cloned();
                element.ok_or_else(|| missing_key(value, &name, key_marked, span))?
            }
            None => Value::unknown(m.element.clone()),
        },
        Value::Object(entries) => match map_key(key_bare, key, span)? {
            Some(name) => {
                let element = entries.get(&name).cloned();
                element.ok_or_else(|| missing_key(value, &name, key_marked, span))?
            }
            None => Value::unknown(Type::Dynamic),
        },
        Value::Unknown(unknown) => index_unknown(&unknown.ty, value, key, span)?,
        Value::Set(_) => return Err(not_indexed(value, span)),
        _ => return Err(not_indexed(value, span)),
    };
    Ok(result.sensitive_if(sensitive))
}

fn missing_key(value: &Value, name: &str, hidden: bool, span: Span) -> Diagnostics {
    let name = if hidden { "(sensitive value)" } else { name };
    missing(
        value,
        name,
        span,
        if matches!(value.bare(), Value::Object(_)) { "attribute" } else { "key" },
    )
}

fn index_unknown(ty: &Type, value: &Value, key: &Value, span: Span) -> Evaluated {
    let bare = key.bare();
    Ok(Value::unknown(match ty {
        Type::Dynamic => Type::Dynamic,
        Type::List(element) => {
            position(bare, key, span)?;
            element.as_ref().clone()
        }
        Type::Map(element) => {
            map_key(bare, key, span)?;
            element.as_ref().clone()
        }
        Type::Tuple(types) => match position(bare, key, span)? {
            Some(at) => types.get(at).cloned().ok_or_else(|| out_of_range(value, key, span))?,
            None => Type::Dynamic,
        },
        Type::Object(object) => match map_key(bare, key, span)? {
            Some(name) => match object.attributes.get(&name) {
                Some(ty) => ty.clone(),
                None => return Err(missing(value, &name, span, "attribute")),
            },
            None => Type::Dynamic,
        },
        _ => return Err(not_indexed(value, span)),
    }))
}

/// The key as a position; `None` if it is not known.
fn position(key: &Value, shown: &Value, span: Span) -> Result<Option<usize>, Diagnostics> {
    let fault = |why: &str| error(code::NO_SUCH_ATTRIBUTE, span, why, found(shown));
    match key.convert(&Type::Number) {
        Ok(Value::Number(number)) => match number.as_usize() {
            Some(at) => Ok(Some(at)),
            None if number.signum() < 0 => Err(fault("an index cannot be negative")
                .into_iter()
                .map(|d| {
                    d.hint(
                        "to count from the end write [length(list) - 1], or use element(list, -1)",
                    )
                })
                .collect()),
            None if !number.is_whole() => Err(fault("an index has to be a whole number")),
            None => Err(fault("the index is too large")),
        },
        Ok(_) => Ok(None),
        Err(_) => Err(fault("the index of a list has to be a number")),
    }
}

fn map_key(
    key: &Value,
    shown: &Value,
    span: Span,
) -> Result<Option<std::sync::Arc<str>>, Diagnostics> {
    match key.convert(&Type::String) {
        Ok(Value::String(text)) => Ok(Some(text)),
        Ok(_) => Ok(None),
        Err(_) => {
            Err(error(code::NO_SUCH_ATTRIBUTE, span, "the key has to be a string", found(shown)))
        }
    }
}

fn out_of_range(value: &Value, key: &Value, span: Span) -> Diagnostics {
    let length = match value.bare() {
        Value::Tuple(items) => items.len(),
        Value::List(s) => s.items.len(),
        Value::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(types) => types.len(),
            _ => 0,
        },
        _ => 0,
    };
    let has = match length {
        0 => "it is empty".to_owned(),
        1 => "it has one element, [0]".to_owned(),
        n => format!("it has {n} elements, [0] to [{}]", n - 1),
    };
    error(
        code::NO_SUCH_ATTRIBUTE,
        span,
        format!("there is no element {} in this {}", describe(key), short_name(value)),
        has,
    )
}

fn not_indexed(value: &Value, span: Span) -> Diagnostics {
    let set = matches!(value.bare().ty(), Type::Set(_));
    let diagnostic = Diagnostic::error(
        code::NO_SUCH_ATTRIBUTE,
        if set {
            "the elements of a set have no index".to_owned()
        } else {
            format!("{} has no elements", kind(value))
        },
    )
    .at(span, format!("the value before this is {}", describe(value)));
    if set {
        return diagnostic
            .hint("make it a list first: tolist(…)[0], or one(…) for its only element")
            .into();
    }
    diagnostic.into()
}

fn short_name(value: &Value) -> &'static str {
    match value.bare().ty() {
        Type::List(_) => "list",
        _ => "tuple",
    }
}
