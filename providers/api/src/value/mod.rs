//! The value model: what expressions compute, providers exchange and state keeps.
//!
//! A [`Value`] is cheap to clone: everything that owns memory is behind an `Arc`. Two marks travel with the
//! data itself rather than beside it: *unknown* (a provider computes it later) and *sensitive*. Equality
//! (`==`) is structural, marks and types of collections included; the language's own `==` is an operator of
//! the evaluator, not this one.
//!
//! Must not: evaluate anything, know addresses, or print a sensitive value (its `Debug` does not).

pub mod codec;
mod convert;
mod entries;
mod json;
mod marks;
mod number;
mod path;
mod substitute;
mod type_json;
mod types;
mod unify;

use std::fmt;
use std::sync::Arc;

pub use convert::ConvertError;
pub use entries::Entries;
pub use json::JsonError;
pub use number::{Number, NumberError};
pub use path::{Path, PathStep};
pub use types::{ObjectType, Type};
pub use unify::unify;

/// A value of the language.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// The absence of a value, with the type that it would have (`Type::Dynamic` for a bare `null`).
    Null(Type),
    /// A truth value.
    Bool(bool),
    /// A number, exact or with a 512-bit mantissa.
    Number(Number),
    /// Unicode text.
    String(Arc<str>),
    /// An ordered collection of values of one type.
    List(Arc<Sequence>),
    /// An unordered collection of distinct values of one type, kept sorted.
    Set(Arc<Sequence>),
    /// Values of one type under text keys.
    Map(Arc<Mapping>),
    /// An ordered collection in which each element has its own type.
    Tuple(Arc<[Value]>),
    /// Named attributes, each of its own type.
    Object(Arc<Entries>),
    /// A value that is not known yet.
    Unknown(Arc<Unknown>),
    /// A value that must not be shown or stored in clear. Never nested directly in itself.
    Sensitive(Arc<Value>),
}

/// The elements of a list or a set.
#[derive(Clone, PartialEq, Debug)]
pub struct Sequence {
    /// The type of every element.
    pub element: Type,
    /// The elements: in order for a list; sorted and distinct for a set.
    pub items: Vec<Value>,
}

/// The entries of a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    /// The type of every value.
    pub element: Type,
    /// The entries, sorted by key.
    pub entries: Entries,
}

/// A value to be known later.
#[derive(Clone, PartialEq, Debug)]
pub struct Unknown {
    /// Which unknown it is, where the core has given it an identity; see [`UnknownId`].
    pub id: Option<UnknownId>,
    /// The type that the value will have, `Type::Dynamic` where even that is open.
    pub ty: Type,
    /// What is known about it all the same.
    pub refinement: Refinement,
}

/// Names one unknown within one plan; the plan maps it to the expression that will yield the value.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct UnknownId(pub u32);

/// What can be said of an unknown value beforehand.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Refinement {
    /// It will certainly not be null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    /// The string will begin with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Arc<str>>,
    /// Bounds of a collection's length, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<(u64, Option<u64>)>,
}

impl Value {
    /// A bare `null`.
    pub const NULL: Value = Value::Null(Type::Dynamic);

    /// Text.
    pub fn string(text: impl Into<Arc<str>>) -> Value {
        Value::String(text.into())
    }

    /// A whole number.
    pub fn int(number: i64) -> Value {
        Value::Number(Number::from(number))
    }

    /// A tuple of the values.
    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Value {
        Value::Tuple(items.into_iter().collect())
    }

    /// An object with the attributes; the last of equal names wins.
    pub fn object<K: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(Arc::new(attributes.into_iter().map(|(k, v)| (k.into(), v)).collect()))
    }

    /// A list whose elements all have the type `element`.
    pub fn list(element: Type, items: Vec<Value>) -> Value {
        Value::List(Arc::new(Sequence { element, items }))
    }

    /// A set of the values, which all have the type `element`; sorts and drops duplicates.
    pub fn set(element: Type, mut items: Vec<Value>) -> Value {
        items.sort_by(Value::total_order);
        items.dedup();
        Value::Set(Arc::new(Sequence { element, items }))
    }

    /// A map whose values all have the type `element`.
    pub fn map(element: Type, entries: Entries) -> Value {
        Value::Map(Arc::new(Mapping { element, entries }))
    }

    /// An unknown of a type, without identity.
    pub fn unknown(ty: Type) -> Value {
        Value::Unknown(Arc::new(Unknown { id: None, ty, refinement: Refinement::default() }))
    }

    /// The value marked as sensitive; marking twice changes nothing.
    pub fn sensitive(self) -> Value {
        match self {
            Value::Sensitive(_) => self,
            other => Value::Sensitive(Arc::new(other)),
        }
    }

    /// Marks the value as sensitive where `condition` holds: how marks flow from operands to results.
    pub fn sensitive_if(self, condition: bool) -> Value {
        if condition { self.sensitive() } else { self }
    }

    /// The value without its own outermost sensitive mark, and whether it had one.
    pub fn unmark(&self) -> (&Value, bool) {
        match self {
            Value::Sensitive(inner) => (inner, true),
            other => (other, false),
        }
    }

    /// The value without its own outermost sensitive mark.
    pub fn bare(&self) -> &Value {
        self.unmark().0
    }

    /// The value with every sensitive mark within it taken away, and whether there was any.
    pub fn unmark_deep(&self) -> (Value, bool) {
        if !self.contains_sensitive() {
            return (self.clone(), false);
        }
        // A marked collection may hold marks of its own.
        let bare = self.map_leaves(&mut |leaf| match leaf {
            Value::Sensitive(inner) => inner.unmark_deep().0,
            other => other.clone(),
        });
        (bare, true)
    }

    /// Whether it is null, whatever its type; looks through a sensitive mark.
    pub fn is_null(&self) -> bool {
        matches!(self.bare(), Value::Null(_))
    }

    /// Whether it is itself unknown; looks through a sensitive mark, not into collections.
    pub fn is_unknown(&self) -> bool {
        matches!(self.bare(), Value::Unknown(_))
    }

    /// Whether nothing within it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        !self.any(&mut |v| matches!(v, Value::Unknown(_)))
    }

    /// Whether it or anything within it is marked as sensitive.
    pub fn contains_sensitive(&self) -> bool {
        self.any(&mut |v| matches!(v, Value::Sensitive(_)))
    }

    /// Whether `test` holds for this value or any value within it.
    pub fn any(&self, test: &mut impl FnMut(&Value) -> bool) -> bool {
        if test(self) {
            return true;
        }
        match self {
            Value::List(s) | Value::Set(s) => s.items.iter().any(|v| v.any(test)),
            Value::Map(m) => m.entries.iter().any(|(_, v)| v.any(test)),
            Value::Tuple(items) => items.iter().any(|v| v.any(test)),
            Value::Object(entries) => entries.iter().any(|(_, v)| v.any(test)),
            Value::Sensitive(inner) => inner.any(test),
            _ => false,
        }
    }

    /// The same value with `change` applied to every leaf: everything that is no collection (a sensitive value
    /// is handed over whole, mark and all).
    pub fn map_leaves(&self, change: &mut dyn FnMut(&Value) -> Value) -> Value {
        let mut each =
            |items: &[Value]| items.iter().map(|v| v.map_leaves(change)).collect::<Vec<_>>();
        match self {
            Value::List(s) => Value::list(s.element.clone(), each(&s.items)),
            Value::Set(s) => Value::set(s.element.clone(), each(&s.items)),
            Value::Map(m) => Value::map(m.element.clone(), m.entries.map(|v| v.map_leaves(change))),
            Value::Tuple(items) => Value::Tuple(each(items).into()),
            Value::Object(e) => Value::Object(Arc::new(e.map(|v| v.map_leaves(change)))),
            leaf => change(leaf),
        }
    }

    /// The text, if it is a known string; looks through a sensitive mark.
    pub fn as_str(&self) -> Option<&str> {
        match self.bare() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.bare() {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number, if it is a known one.
    pub fn as_number(&self) -> Option<&Number> {
        match self.bare() {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match self.bare() {
            Value::List(s) | Value::Set(s) => Some(&s.items),
            Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    pub fn as_entries(&self) -> Option<&Entries> {
        match self.bare() {
            Value::Map(m) => Some(&m.entries),
            Value::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attribute or map entry named `key`, if this is an object or map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_entries()?.get(key)
    }

    /// The type of the value; that of an unknown is the type it will have.
    pub fn ty(&self) -> Type {
        match self {
            Value::Null(ty) => ty.clone(),
            Value::Bool(_) => Type::Bool,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::String,
            Value::List(s) => Type::list(s.element.clone()),
            Value::Set(s) => Type::set(s.element.clone()),
            Value::Map(m) => Type::map(m.element.clone()),
            Value::Tuple(items) => Type::Tuple(items.iter().map(Value::ty).collect()),
            Value::Object(e) => Type::object(e.iter().map(|(k, v)| (k.clone(), v.ty()))),
            Value::Unknown(u) => u.ty.clone(),
            Value::Sensitive(inner) => inner.ty(),
        }
    }

    /// A total order over values, for sets and for output that does not depend on hashing: by kind, then by
    /// content; strings by bytes, numbers by size.
    pub fn total_order(a: &Value, b: &Value) -> std::cmp::Ordering {
        use std::cmp::Ordering::Equal;
        let entries = |a: &Entries, b: &Entries| {
            let by_entry = a
                .iter()
                .zip(b.iter())
                .map(|((ak, av), (bk, bv))| ak.cmp(bk).then_with(|| Value::total_order(av, bv)));
            by_entry.fold(Equal, std::cmp::Ordering::then).then(a.len().cmp(&b.len()))
        };
        let items = |a: &[Value], b: &[Value]| {
            let by_item = a.iter().zip(b).map(|(a, b)| Value::total_order(a, b));
            by_item.fold(Equal, std::cmp::Ordering::then).then(a.len().cmp(&b.len()))
        };
        match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.cmp(b),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => {
                items(&a.items, &b.items)
            }
            (Value::Tuple(a), Value::Tuple(b)) => items(a, b),
            (Value::Map(a), Value::Map(b)) => entries(&a.entries, &b.entries),
            (Value::Object(a), Value::Object(b)) => entries(a, b),
            (Value::Sensitive(a), Value::Sensitive(b)) => Value::total_order(a, b),
            (Value::Unknown(a), Value::Unknown(b)) => a.id.cmp(&b.id),
            _ => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null(_) => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            Value::String(_) => 3,
            Value::List(_) => 4,
            Value::Set(_) => 5,
            Value::Tuple(_) => 6,
            Value::Map(_) => 7,
            Value::Object(_) => 8,
            Value::Sensitive(_) => 9,
            Value::Unknown(_) => 10,
        }
    }
}

/// Shows structure for debugging; what is sensitive shows only that it is.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null(_) => f.write_str("null"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::String(text) => write!(f, "{text:?}"),
            Value::List(s) | Value::Set(s) => f.debug_list().entries(&s.items).finish(),
            Value::Tuple(items) => f.debug_list().entries(items.iter()).finish(),
            Value::Map(m) => f.debug_map().entries(m.entries.iter()).finish(),
            Value::Object(entries) => f.debug_map().entries(entries.iter()).finish(),
            Value::Unknown(unknown) => match unknown.id {
                Some(id) => write!(f, "(unknown #{})", id.0),
                None => f.write_str("(unknown)"),
            },
            Value::Sensitive(_) => f.write_str("(sensitive)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_within_marks_are_taken_away_too() {
        let secret = || Value::string("x").sensitive();
        let nested = Value::tuple([secret(), Value::tuple([secret()]).sensitive()]);
        for value in [nested.clone(), nested.sensitive()] {
            let (bare, marked) = value.unmark_deep();
            assert!(marked && !bare.contains_sensitive(), "{bare:?}");
        }
    }
}
