//! Type constraints, which are written as expressions: `list(string)`, `object({ a = optional(number, 3) })`.

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpctl_provider::value::{Entries, ObjectType, Sequence};
use mpctl_provider::{Type, Value};

use crate::diagnostic::nearest;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::syntax::{Expr, ExprKind, ObjectItem, ObjectKey};

/// A type with the defaults of its optional attributes.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeConstraint {
    /// The type that a value is converted to.
    pub ty: Type,
    /// What replaces optional attributes that are absent or null.
    pub defaults: Defaults,
}

/// Defaults of optional attributes, in the shape of the type.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Defaults {
    /// Of the attributes of an object: the default, already of the attribute's type.
    attributes: BTreeMap<Arc<str>, Value>,
    /// Within attributes of an object.
    nested: BTreeMap<Arc<str>, Defaults>,
    /// Within the elements of a collection.
    element: Option<Box<Defaults>>,
    /// Within the elements of a tuple.
    positions: BTreeMap<usize, Defaults>,
}

/// The type constraint that the expression spells, with every mistake in it.
pub fn type_constraint(expr: &Expr) -> Result<TypeConstraint, Diagnostics> {
    let (ty, defaults) = read(expr)?;
    Ok(TypeConstraint { ty, defaults })
}

impl TypeConstraint {
    /// The constraint that everything meets.
    pub fn any() -> TypeConstraint {
        TypeConstraint { ty: Type::Dynamic, defaults: Defaults::default() }
    }

    /// The value with defaults filled in, converted to the type.
    pub fn apply(&self, value: &Value) -> Result<Value, mpctl_provider::value::ConvertError> {
        self.defaults.fill(value).convert(&self.ty)
    }
}

fn fault(code: Code, span: Span, summary: impl Into<String>) -> Diagnostics {
    Diagnostic::error(code, summary)
        .at(span, "not a type")
        .hint("types are string, number, bool, any, list(T), set(T), map(T), object({…}) and tuple([…])")
        .into()
}

type Read = Result<(Type, Defaults), Diagnostics>;

fn read(expr: &Expr) -> Read {
    match &expr.kind {
        ExprKind::Parenthesized(inner) => read(inner),
        ExprKind::Variable(word) => keyword(word, expr.span).map(|ty| (ty, Defaults::default())),
        // `type: string` in YAML, and `type = "string"` of old.
        ExprKind::Literal(Value::String(word)) => {
            keyword(word, expr.span).map(|ty| (ty, Defaults::default()))
        }
        ExprKind::Call { function, arguments, expand: false } => {
            let [argument] = arguments.as_slice() else {
                let summary = format!("`{}` takes one type", function.text.escape_debug());
                return Err(fault(code::WRONG_TYPE, expr.span, summary));
            };
            call(&function.text, argument, expr.span)
        }
        _ => Err(fault(code::WRONG_TYPE, expr.span, "this is not a type")),
    }
}

fn keyword(word: &str, span: Span) -> Result<Type, Diagnostics> {
    Ok(match word {
        "any" => Type::Dynamic,
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        "list" => Type::list(Type::Dynamic),
        "map" => Type::map(Type::Dynamic),
        _ => {
            let known =
                ["any", "string", "number", "bool", "list", "set", "map", "object", "tuple"];
            let summary = match nearest(word, known) {
                Some(near) if word != near => {
                    format!("there is no type `{}`; did you mean `{near}`?", word.escape_debug())
                }
                Some(near) => format!("`{near}` has to say of what: `{near}(…)`"),
                None => format!("there is no type `{}`", word.escape_debug()),
            };
            return Err(fault(code::WRONG_TYPE, span, summary));
        }
    })
}

fn call(name: &str, argument: &Expr, span: Span) -> Read {
    let collection = |make: fn(Type) -> Type| {
        let (element, defaults) = read(argument)?;
        let element_defaults = (!defaults.is_empty()).then(|| Box::new(defaults));
        Ok((make(element), Defaults { element: element_defaults, ..Defaults::default() }))
    };
    match name {
        "list" => collection(Type::list),
        "set" => collection(Type::set),
        "map" => collection(Type::map),
        "tuple" => match &argument.kind {
            ExprKind::Tuple(items) => tuple(items),
            _ => Err(fault(
                code::WRONG_TYPE,
                argument.span,
                "`tuple` takes a list of types: tuple([string, number])",
            )),
        },
        "object" => match &argument.kind {
            ExprKind::Object(items) => object(items),
            _ => Err(fault(
                code::WRONG_TYPE,
                argument.span,
                "`object` takes attributes with their types: object({ name = string })",
            )),
        },
        "optional" => Err(fault(
            code::WRONG_TYPE,
            span,
            "`optional` stands only at an attribute of an object",
        )),
        _ => Err(fault(
            code::WRONG_TYPE,
            span,
            format!("there is no type `{}`", name.escape_debug()),
        )),
    }
}

fn tuple(items: &[Expr]) -> Read {
    let mut types = Vec::with_capacity(items.len());
    let mut defaults = Defaults::default();
    let mut mistakes = Diagnostics::default();
    for (at, item) in items.iter().enumerate() {
        match read(item) {
            Ok((ty, nested)) => {
                types.push(ty);
                if !nested.is_empty() {
                    defaults.positions.insert(at, nested);
                }
            }
            Err(more) => mistakes.append(more),
        }
    }
    if mistakes.has_errors() { Err(mistakes) } else { Ok((Type::Tuple(types.into()), defaults)) }
}

fn object(items: &[ObjectItem]) -> Read {
    let (mut attributes, mut optional) = (BTreeMap::new(), BTreeSet::new());
    let mut defaults = Defaults::default();
    let mut mistakes = Diagnostics::default();
    for item in items {
        let name = match &item.key {
            ObjectKey::Literal(name) => name.text.clone(),
            ObjectKey::Expr(key) => {
                mistakes.append(fault(
                    code::WRONG_TYPE,
                    key.span,
                    "an attribute's name has to be a plain name",
                ));
                continue;
            }
        };
        match attribute(&item.value) {
            Ok((ty, nested, default)) => {
                if let Some(default) = default {
                    optional.insert(name.clone());
                    if !default.is_null() {
                        defaults.attributes.insert(name.clone(), default);
                    }
                }
                if !nested.is_empty() {
                    defaults.nested.insert(name.clone(), nested);
                }
                attributes.insert(name, ty);
            }
            Err(more) => mistakes.append(more),
        }
    }
    if mistakes.has_errors() {
        return Err(mistakes);
    }
    Ok((Type::Object(Arc::new(ObjectType { attributes, optional })), defaults))
}

/// The type of an attribute, the defaults within it, and if it is optional its default (or null).
fn attribute(expr: &Expr) -> Result<(Type, Defaults, Option<Value>), Diagnostics> {
    let (arguments, span) = match &expr.kind {
        ExprKind::Call { function, arguments, expand: false }
            if function.text.as_ref() == "optional" =>
        {
            (arguments.as_slice(), expr.span)
        }
        _ => return read(expr).map(|(ty, nested)| (ty, nested, None)),
    };
    let (inner, default) = match arguments {
        [inner] => (inner, None),
        [inner, default] => (inner, Some(default)),
        _ => {
            return Err(fault(
                code::WRONG_TYPE,
                span,
                "`optional` takes a type and perhaps a default",
            ));
        }
    };
    let (ty, nested) = read(inner)?;
    let Some(default) = default else {
        return Ok((ty.clone(), nested, Some(Value::Null(ty))));
    };
    let closed = crate::expr::evaluate(default, &NoNames, &crate::expr::EvalContext::closed())?;
    let value = nested.fill(&closed).convert(&ty).map_err(|problem| {
        Diagnostics::from(
            Diagnostic::error(code::WRONG_TYPE, "the default does not fit the attribute's type")
                .at(default.span, problem.to_string())
                .at(inner.span, "the type"),
        )
    })?;
    Ok((ty, nested, Some(value)))
}

/// The scope of defaults in types: no names at all.
struct NoNames;

impl crate::expr::Scope for NoNames {
    fn lookup(
        &self,
        _: &crate::expr::Reference<'_>,
    ) -> Result<crate::expr::Found, crate::expr::LookupFailure> {
        Err(crate::expr::LookupFailure::UnknownRoot)
    }
    fn roots(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

impl Defaults {
    /// Whether there is no default anywhere.
    pub fn is_empty(&self) -> bool {
        *self == Defaults::default()
    }

    /// The value with defaults in place of attributes that are absent or null, at any depth.
    pub fn fill(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        match value {
            Value::Sensitive(inner) => self.fill(inner).sensitive(),
            Value::Object(entries) => Value::Object(Arc::new(self.fill_entries(entries))),
            Value::Map(m) if self.element.is_none() => {
                // A map that becomes an object: its entries are the attributes.
                Value::Object(Arc::new(self.fill_entries(&m.entries)))
            }
            Value::Map(m) => {
                let entries = m.entries.map(|value| self.fill_element(value));
                Value::Object(Arc::new(entries))
            }
            Value::List(s) => self.fill_sequence(s),
            Value::Set(s) => self.fill_sequence(s),
            Value::Tuple(items) => {
                let fill = |(at, item): (usize, &Value)| match self.positions.get(&at) {
                    Some(defaults) => defaults.fill(item),
                    None => self.fill_element(item),
                };
                Value::Tuple(items.iter().enumerate().map(fill).collect())
            }
            other => other.clone(),
        }
    }

    /// Elements may change their type, so the sequence becomes a tuple, which converts to either.
    fn fill_sequence(&self, sequence: &Sequence) -> Value {
        Value::Tuple(sequence.items.iter().map(|item| self.fill_element(item)).collect())
    }

    fn fill_element(&self, value: &Value) -> Value {
        self.element.as_ref().map_or_else(|| value.clone(), |defaults| defaults.fill(value))
    }

    fn fill_entries(&self, entries: &Entries) -> Entries {
        let mut filled: Vec<(Arc<str>, Value)> = Vec::with_capacity(entries.len());
        for (name, value) in entries.iter() {
            let value = match self.attributes.get(name) {
                Some(default) if value.is_null() => default.clone(),
                _ => value.clone(),
            };
            let nested = self.nested.get(name).or(self.element.as_deref());
            filled.push((
                name.clone(),
                nested.map_or(value.clone(), |defaults| defaults.fill(&value)),
            ));
        }
        for (name, default) in &self.attributes {
            if entries.get(name).is_none() {
                filled.push((name.clone(), default.clone()));
            }
        }
        filled.into_iter().collect()
    }
}
