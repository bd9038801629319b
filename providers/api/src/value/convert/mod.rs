//! Conversion of values to types, with Terraform's rules.
//!
//! Primitives convert through text where nothing is lost; tuples become lists or sets, objects maps, and back
//! where every part fits. Unknowns become unknowns of the new type and keep their identity; sensitive marks
//! stay where they were (a set, whose elements have no place, takes its elements' marks on itself).

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::sync::Arc;

use thiserror::Error;

use crate::value::{Entries, ObjectType, Path, PathStep, Refinement, Type, Unknown, Value, unify};

/// Why a value does not convert: where in it, and what was wrong there.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{}{message}", if path.0.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct ConvertError {
    /// The part that does not fit.
    pub path: Path,
    /// What is wrong with it, never quoting a sensitive value.
    pub message: String,
}

type Result<T> = std::result::Result<T, ConvertError>;

impl ConvertError {
    fn new(message: impl Into<String>) -> ConvertError {
        ConvertError { path: Path::default(), message: message.into() }
    }

    /// The same error seen from one level further out.
    pub(in crate::value) fn within(mut self, step: PathStep) -> ConvertError {
        self.path.0.insert(0, step);
        self
    }
}

/// What a message asks for where `ty` was required.
fn required(ty: &Type) -> String {
    let name = ty.friendly_name();
    let article = if name.starts_with(['a', 'o']) { "an" } else { "a" };
    format!("{article} {name} is required")
}

impl Value {
    /// The value as a value of type `to`: primitives convert through text where nothing is lost, tuples become
    /// lists or sets, objects maps and back; marks are kept, unknowns become unknowns of the new type.
    pub fn convert(&self, to: &Type) -> Result<Value> {
        match (self, to) {
            (_, Type::Dynamic)
            | (Value::Bool(_), Type::Bool)
            | (Value::Number(_), Type::Number)
            | (Value::String(_), Type::String) => Ok(self.clone()),
            (Value::Sensitive(inner), _) => inner.convert(to).map(Value::sensitive).map_err(quiet),
            (Value::Null(from), _) => null(from, to),
            (Value::Unknown(unknown), _) => convert_unknown(self, unknown, to),
            (Value::Bool(_) | Value::Number(_) | Value::String(_), _) => primitive(self, to),
            (Value::Tuple(_) | Value::Object(_), Type::List(e) | Type::Set(e) | Type::Map(e))
                if !e.is_concrete() && self.any(&mut is_open) =>
            {
                // What the elements' common type is shows only when that of each is known.
                Ok(Value::unknown(to.without_optional()).sensitive_if(self.contains_sensitive()))
            }
            (Value::List(s) | Value::Set(s), Type::List(element)) => {
                sequence(self, &s.items, element, "list").map(|(e, items)| Value::list(e, items))
            }
            (Value::Tuple(items), Type::List(element)) => {
                sequence(self, items, element, "list").map(|(e, items)| Value::list(e, items))
            }
            (Value::List(s) | Value::Set(s), Type::Set(element)) => set(self, &s.items, element),
            (Value::Tuple(items), Type::Set(element)) => set(self, items, element),
            (Value::Tuple(items), Type::Tuple(types)) => tuple(items, types),
            (Value::Map(m), Type::Map(element)) => map(&m.entries, &m.element, element),
            (Value::Object(entries), Type::Map(element)) => map(entries, &Type::Dynamic, element),
            (Value::Map(m), Type::Object(object)) => to_object(&m.entries, object, true),
            (Value::Object(entries), Type::Object(object)) => to_object(entries, object, false),
            _ => Err(ConvertError::new(required(to))),
        }
    }
}

/// Whether the value is unknown and so is, at least in part, its type.
fn is_open(value: &Value) -> bool {
    matches!(value, Value::Unknown(unknown) if !unknown.ty.is_concrete())
}

/// An error about a sensitive value, without what it quotes.
fn quiet(error: ConvertError) -> ConvertError {
    let quotes = error.message.contains('"');
    let message = if quotes { "the sensitive value does not fit".into() } else { error.message };
    ConvertError { message, ..error }
}

fn null(from: &Type, to: &Type) -> Result<Value> {
    if !from.converts_to(to) {
        return Err(ConvertError::new(required(to)));
    }
    Ok(Value::Null(if to.is_concrete() { to.without_optional() } else { from.clone().filled(to) }))
}

fn convert_unknown(value: &Value, unknown: &Unknown, to: &Type) -> Result<Value> {
    if unknown.ty == *to {
        return Ok(value.clone());
    }
    if !unknown.ty.converts_to(to) {
        return Err(ConvertError::new(required(to)));
    }
    let ty = if to.is_concrete() { to.without_optional() } else { unknown.ty.clone().filled(to) };
    let is_sequence = |ty: &Type| matches!(ty, Type::List(_) | Type::Map(_));
    let length = (is_sequence(&unknown.ty) && is_sequence(to)).then_some(unknown.refinement.length);
    let refinement = Refinement {
        not_null: unknown.refinement.not_null,
        prefix: None,
        length: length.flatten(),
    };
    Ok(Value::Unknown(Arc::new(Unknown { id: unknown.id, ty, refinement })))
}

fn primitive(value: &Value, to: &Type) -> Result<Value> {
    match (value, to) {
        (Value::Bool(truth), Type::String) => {
            Ok(Value::string(if *truth { "true" } else { "false" }))
        }
        (Value::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        (Value::String(text), Type::Number) => text
            .parse()
            .map(Value::Number)
            .map_err(|_| ConvertError::new(format!("a number is required, not {}", quote(text)))),
        (Value::String(text), Type::Bool) => match text.as_ref() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(ConvertError::new(format!(
                "a bool is required: \"true\" or \"false\", not {}",
                quote(text)
            ))),
        },
        _ => Err(ConvertError::new(required(to))),
    }
}

/// The text in quotes, cut where it is long.
fn quote(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(SHOWN).collect::<String>())
}

/// The items converted to `element`, or to what they unify to where that is open.
fn sequence(
    value: &Value,
    items: &[Value],
    element: &Type,
    what: &str,
) -> Result<(Type, Vec<Value>)> {
    let element = element_type(items.iter(), element, || match value {
        Value::List(s) | Value::Set(s) => Some(s.element.clone()),
        _ => None,
    })
    .ok_or_else(|| ConvertError::new(format!("all {what} elements must have the same type")))?;
    let convert = |(index, item): (usize, &Value)| {
        item.convert(&element).map_err(|e| e.within(PathStep::Index(index as u64)))
    };
    let items = items.iter().enumerate().map(convert).collect::<Result<Vec<_>>>()?;
    Ok((element.without_optional(), items))
}

/// The type that elements get: `wanted` where it is determined, otherwise that to which all unify.
fn element_type<'v>(
    mut items: impl Iterator<Item = &'v Value> + Clone,
    wanted: &Type,
    present: impl Fn() -> Option<Type>,
) -> Option<Type> {
    if wanted.is_concrete() {
        return Some(wanted.clone());
    }
    if let Some(element) = present()
        && element.is_concrete()
        && *wanted == Type::Dynamic
    {
        return Some(element);
    }
    if *wanted != Type::Dynamic {
        // `list(map(any))`: each element is brought to the pattern first, then all to one type.
        let types: Option<Vec<Type>> =
            items.clone().map(|item| item.convert(wanted).ok().map(|v| v.ty())).collect();
        return match types {
            Some(types) if !types.is_empty() => unify(&types),
            Some(_) => Some(wanted.clone()),
            // The conversion that fails says why.
            None => Some(wanted.clone()),
        };
    }
    let Some(first) = items.next() else {
        return Some(present().unwrap_or(Type::Dynamic));
    };
    let mut types = vec![first.ty()];
    for item in items {
        let ty = item.ty();
        if types.last() != Some(&ty) {
            types.push(ty);
        }
    }
    let all_open = types.iter().all(|ty| *ty == Type::Dynamic);
    unify(&types).filter(|common| *common != Type::Dynamic || all_open)
}

fn set(value: &Value, items: &[Value], element: &Type) -> Result<Value> {
    let (element, items) = sequence(value, items, element, "set")?;
    if !items.iter().any(Value::contains_sensitive) {
        return Ok(Value::set(element, items));
    }
    let items = items.iter().map(|item| item.unmark_deep().0).collect();
    Ok(Value::set(element, items).sensitive())
}

fn tuple(items: &[Value], types: &[Type]) -> Result<Value> {
    if items.len() != types.len() {
        return Err(ConvertError::new(format!(
            "a tuple of {} elements is required, not of {}",
            types.len(),
            items.len()
        )));
    }
    let convert = |(index, (item, ty)): (usize, (&Value, &Type))| {
        item.convert(ty).map_err(|e| e.within(PathStep::Index(index as u64)))
    };
    let items = items.iter().zip(types).enumerate().map(convert).collect::<Result<Arc<[_]>>>()?;
    Ok(Value::Tuple(items))
}

fn map(entries: &Entries, present: &Type, wanted: &Type) -> Result<Value> {
    let present = || (*present != Type::Dynamic).then(|| present.clone());
    let element = element_type(entries.iter().map(|(_, v)| v), wanted, present)
        .ok_or_else(|| ConvertError::new("all map elements must have the same type"))?;
    let convert = |(key, value): (&Arc<str>, &Value)| match value.convert(&element) {
        Ok(value) => Ok((key.clone(), value)),
        Err(error) => Err(error.within(PathStep::Key(key.clone()))),
    };
    let entries = entries.iter().map(convert).collect::<Result<Entries>>()?;
    Ok(Value::map(element.without_optional(), entries))
}

fn to_object(entries: &Entries, object: &ObjectType, from_map: bool) -> Result<Value> {
    let mut attributes = Vec::with_capacity(object.attributes.len());
    for (name, ty) in &object.attributes {
        let value = match entries.get(name) {
            Some(value) => value.convert(ty).map_err(|e| e.within(PathStep::Key(name.clone())))?,
            None if object.optional.contains(name) => Value::Null(ty.without_optional()),
            None if from_map => {
                return Err(ConvertError::new(format!(
                    "map has no element for required attribute {name:?}"
                )));
            }
            None => return Err(ConvertError::new(format!("attribute {name:?} is required"))),
        };
        attributes.push((name.clone(), value));
    }
    Ok(Value::Object(Arc::new(attributes.into_iter().collect())))
}

impl Type {
    /// Whether some value of this type may convert to `to`: a string may be a number, a tuple a list.
    pub fn converts_to(&self, to: &Type) -> bool {
        match (self, to) {
            (Type::Dynamic, _) | (_, Type::Dynamic) => true,
            (a, b) if a == b => true,
            (Type::Bool | Type::Number, Type::String)
            | (Type::String, Type::Bool | Type::Number) => true,
            (Type::List(a) | Type::Set(a), Type::List(b) | Type::Set(b))
            | (Type::Map(a), Type::Map(b)) => a.converts_to(b),
            (Type::Tuple(items), Type::List(b) | Type::Set(b)) => {
                items.iter().all(|item| item.converts_to(b))
                    && (**b != Type::Dynamic || items.is_empty() || unify(items).is_some())
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.converts_to(b))
            }
            (Type::Object(a), Type::Map(b)) => {
                let types: Vec<Type> = a.attributes.values().cloned().collect();
                types.iter().all(|ty| ty.converts_to(b))
                    && (**b != Type::Dynamic || types.is_empty() || unify(&types).is_some())
            }
            (Type::Map(a), Type::Object(b)) => b.attributes.values().all(|ty| a.converts_to(ty)),
            (Type::Object(a), Type::Object(b)) => b.attributes.iter().all(|(name, ty)| {
                a.attributes
                    .get(name)
                    .map_or(b.optional.contains(name), |from| from.converts_to(ty))
            }),
            _ => false,
        }
    }

    /// Whether every value of this type converts to `to`: all but what may fail on the text of a string or the
    /// keys of a map. This is the conversion that unification may choose.
    pub fn converts_safely_to(&self, to: &Type) -> bool {
        match (self, to) {
            (Type::String, Type::Bool | Type::Number) | (Type::Map(_), Type::Object(_)) => false,
            (Type::List(a) | Type::Set(a), Type::List(b) | Type::Set(b))
            | (Type::Map(a), Type::Map(b)) => a.converts_safely_to(b),
            (Type::Tuple(items), Type::List(b) | Type::Set(b)) => {
                items.iter().all(|item| item.converts_safely_to(b))
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.converts_safely_to(b))
            }
            (Type::Object(a), Type::Map(b)) => {
                a.attributes.values().all(|ty| ty.converts_safely_to(b))
            }
            (Type::Object(a), Type::Object(b)) => b.attributes.iter().all(|(name, ty)| {
                let from = a.attributes.get(name);
                from.map_or(b.optional.contains(name), |from| from.converts_safely_to(ty))
            }),
            _ => self.converts_to(to),
        }
    }

    /// The type that a value has after conversion: no attribute is optional any more.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => self.clone(),
            Type::List(element) => Type::list(element.without_optional()),
            Type::Set(element) => Type::set(element.without_optional()),
            Type::Map(element) => Type::map(element.without_optional()),
            Type::Tuple(items) => Type::Tuple(items.iter().map(Type::without_optional).collect()),
            Type::Object(object) => Type::object(
                object.attributes.iter().map(|(k, t)| (k.clone(), t.without_optional())),
            ),
        }
    }

    /// The type after conversion to `pattern`, which holds `any` somewhere: from this type what the pattern
    /// leaves open, where both have the same shape.
    fn filled(self, pattern: &Type) -> Type {
        match (self, pattern) {
            (from, Type::Dynamic) => from,
            (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list((*a).clone().filled(b)),
            (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set((*a).clone().filled(b)),
            (Type::Map(a), Type::Map(b)) => Type::map((*a).clone().filled(b)),
            (Type::Tuple(items), Type::List(b)) => {
                Type::list(unify(&items).unwrap_or(Type::Dynamic).filled(b))
            }
            (Type::Tuple(items), Type::Set(b)) => {
                Type::set(unify(&items).unwrap_or(Type::Dynamic).filled(b))
            }
            (Type::Object(object), Type::Map(b)) => {
                let types: Vec<Type> = object.attributes.values().cloned().collect();
                Type::map(unify(&types).unwrap_or(Type::Dynamic).filled(b))
            }
            (_, pattern) => pattern.without_optional(),
        }
    }
}
