//! Values in three JSON forms with Terraform's conventions: what is known, what is not, what is sensitive.
//!
//! * Known: unknown attributes and entries are left out, unknown elements are null; sensitive parts are null.
//! * Unknown and sensitive marks: `true` for a part with the mark, `false` for a leaf without; a collection has
//!   the marks of its parts, and leaves without mark are left out of objects and maps.
//!
//! Where a value has two sides, a part is sensitive on both if it is on one: what the spec calls a secret from
//! now on is most often the value that the state still has in clear.

use mpctl_provider::schema::ResourceSchema;
use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::render::{identity, secret};

/// How a value is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'s> {
    /// In clear.
    pub(super) reveal: bool,
    /// Only for an object with the attributes of this schema, which may call them sensitive.
    pub(super) schema: Option<&'s ResourceSchema>,
    /// The same part of the other side.
    pub(super) beside: Option<&'s Value>,
}

impl<'s> Sight<'s> {
    /// A value that has no other side and no schema.
    pub(super) fn alone(reveal: bool) -> Sight<'s> {
        Sight { reveal, schema: None, beside: None }
    }

    /// The same with another side.
    pub(super) fn beside(self, other: Option<&'s Value>) -> Sight<'s> {
        Sight { beside: other, ..self }
    }

    fn below_key(self, key: &str) -> Sight<'s> {
        Sight { schema: None, beside: self.beside.and_then(|other| other.get(key)), ..self }
    }

    /// Elements have no names, so that no element of the other side is that of this one.
    fn below_index(self) -> Sight<'s> {
        Sight::alone(self.reveal)
    }

    /// Whether all of `value` is sensitive.
    fn is_sensitive(self, value: &Value) -> bool {
        match (value, self.beside) {
            (Value::Sensitive(_), _) => true,
            // What is not there, or not known, shows nothing of the other side.
            (Value::Null(_) | Value::Unknown(_), _) => false,
            (_, Some(Value::Sensitive(_))) => true,
            (_, Some(Value::Null(_) | Value::Unknown(_))) => false,
            // Entries have names; what has none is shown on both sides or on neither.
            (_, Some(other)) if value.as_entries().is_some() && other.as_entries().is_some() => {
                false
            }
            (_, Some(other)) => secret::hides(value, other),
            (_, None) => false,
        }
    }
}

/// What is known of a value.
#[derive(Clone, Copy)]
pub(super) struct Known<'v>(pub(super) &'v Value, pub(super) Sight<'v>);

impl Serialize for Known<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Known(value, sight) = *self;
        if !sight.reveal && sight.is_sensitive(value) {
            return serializer.serialize_unit();
        }
        match value {
            Value::Null(_) | Value::Unknown(_) => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(number) => serializer.serialize_i64(number),
                None => number.to_json().serialize(serializer),
            },
            Value::String(text) => serializer.serialize_str(text),
            Value::List(s) | Value::Set(s) => known_items(&s.items, sight, serializer),
            Value::Tuple(items) => known_items(items, sight, serializer),
            Value::Map(m) => known_entries(&m.entries, sight, serializer),
            Value::Object(entries) => known_entries(entries, sight, serializer),
            Value::Sensitive(inner) => Known(inner, sight).serialize(serializer),
        }
    }
}

fn known_items<S: Serializer>(
    items: &[Value],
    sight: Sight<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(items.iter().map(|item| Known(item, sight.below_index())))
}

fn known_entries<S: Serializer>(
    entries: &Entries,
    sight: Sight<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_unknown()) {
        if !sight.reveal && identity::is_secret(key, sight.schema) {
            map.serialize_entry(key, &())?;
        } else {
            map.serialize_entry(key, &Known(value, sight.below_key(key)))?;
        }
    }
    map.end()
}

/// Which parts of a value are not known.
#[derive(Clone, Copy)]
pub(super) struct UnknownMarks<'v>(pub(super) &'v Value);

impl Serialize for UnknownMarks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0.bare();
        match (value.as_items(), value.as_entries()) {
            (Some(items), _) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(&UnknownMarks(item)))?;
                seq.end()
            }
            (_, Some(entries)) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in entries.iter().filter(|(_, value)| !is_known_leaf(value)) {
                    map.serialize_entry(key, &UnknownMarks(value))?;
                }
                map.end()
            }
            _ => serializer.serialize_bool(value.is_unknown()),
        }
    }
}

fn is_known_leaf(value: &Value) -> bool {
    matches!(value.bare(), Value::Null(_) | Value::Bool(_) | Value::Number(_) | Value::String(_))
}

/// Which parts of a value are sensitive.
#[derive(Clone, Copy)]
pub(super) struct SensitiveMarks<'v>(pub(super) &'v Value, pub(super) Sight<'v>);

impl Serialize for SensitiveMarks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let SensitiveMarks(value, sight) = *self;
        if sight.is_sensitive(value) {
            return serializer.serialize_bool(true);
        }
        match value {
            Value::Unknown(unknown) => match unknown.ty {
                Type::List(_) | Type::Set(_) | Type::Tuple(_) => {
                    serializer.collect_seq(std::iter::empty::<bool>())
                }
                Type::Map(_) | Type::Object(_) => {
                    serializer.collect_map(std::iter::empty::<(&str, bool)>())
                }
                _ => serializer.serialize_bool(false),
            },
            value => match (value.as_items(), value.as_entries()) {
                (Some(items), _) => serializer.collect_seq(
                    items.iter().map(|item| SensitiveMarks(item, sight.below_index())),
                ),
                (_, Some(entries)) => sensitive_entries(entries, sight, serializer),
                _ => serializer.serialize_bool(false),
            },
        }
    }
}

fn sensitive_entries<S: Serializer>(
    entries: &Entries,
    sight: Sight<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (key, value) in entries.iter() {
        let below = sight.below_key(key);
        if identity::is_secret(key, sight.schema) || below.is_sensitive(value) {
            map.serialize_entry(key, &true)?;
        } else if !is_clear_leaf(value) {
            map.serialize_entry(key, &SensitiveMarks(value, below))?;
        }
    }
    map.end()
}

/// Whether the marks of the value, which is not sensitive, are a plain `false`.
fn is_clear_leaf(value: &Value) -> bool {
    match value {
        Value::Null(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Unknown(unknown) => unknown.ty.is_primitive() || unknown.ty == Type::Dynamic,
        _ => false,
    }
}
