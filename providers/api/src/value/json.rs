//! Values as plain JSON, the way people and `jsonencode` write them; no types, no marks.
//!
//! Numbers keep every digit in both directions.

use std::sync::Arc;

use thiserror::Error;

use super::{Number, NumberError, Value};

/// Why a value has no plain JSON form, or a JSON text no value.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Part of it is not known yet.
    #[error("a value that is not known yet has no JSON form")]
    Unknown,
    /// A number is too large to be held.
    #[error("a number in it cannot be held: {0}")]
    Number(#[from] NumberError),
    /// The text is not JSON, or nested too deeply.
    #[error("{0}")]
    Syntax(String),
}

impl Value {
    /// Plain JSON: sensitive values in clear, so only for where they were asked for; sets as arrays.
    pub fn to_json(&self) -> Result<serde_json::Value, JsonError> {
        Ok(match self {
            Value::Null(_) => serde_json::Value::Null,
            Value::Bool(truth) => serde_json::Value::Bool(*truth),
            Value::Number(number) => serde_json::Value::Number(number.to_json()),
            Value::String(text) => serde_json::Value::String(text.as_ref().to_owned()),
            Value::List(s) | Value::Set(s) => array(&s.items)?,
            Value::Tuple(items) => array(items)?,
            Value::Map(m) => object(m.entries.iter())?,
            Value::Object(entries) => object(entries.iter())?,
            Value::Unknown(_) => return Err(JsonError::Unknown),
            Value::Sensitive(inner) => inner.to_json()?,
        })
    }

    /// What the JSON means: arrays become tuples, objects become objects, numbers stay exact. A number beyond
    /// what can be held becomes its text; [`Value::try_from_json`] refuses it instead.
    pub fn from_json(json: &serde_json::Value) -> Value {
        read(json, &mut |number, _| {
            Ok::<_, std::convert::Infallible>(Value::string(number.as_str()))
        })
        .unwrap_or_else(|never| match never {})
    }

    /// What the JSON means, or why a number in it cannot be held.
    pub fn try_from_json(json: &serde_json::Value) -> Result<Value, JsonError> {
        read(json, &mut |_, error| Err(JsonError::Number(error)))
    }

    /// What the JSON text means. Its nesting is bounded (128 levels).
    pub fn parse_json(text: &str) -> Result<Value, JsonError> {
        let json = serde_json::from_str(text).map_err(|e| JsonError::Syntax(e.to_string()))?;
        Value::try_from_json(&json)
    }
}

fn array(items: &[Value]) -> Result<serde_json::Value, JsonError> {
    items.iter().map(Value::to_json).collect::<Result<_, _>>().map(serde_json::Value::Array)
}

fn object<'v>(
    entries: impl Iterator<Item = (&'v Arc<str>, &'v Value)>,
) -> Result<serde_json::Value, JsonError> {
    entries
        .map(|(key, value)| Ok((key.as_ref().to_owned(), value.to_json()?)))
        .collect::<Result<_, _>>()
        .map(serde_json::Value::Object)
}

fn read<E>(
    json: &serde_json::Value,
    unheld: &mut dyn FnMut(&serde_json::Number, NumberError) -> Result<Value, E>,
) -> Result<Value, E> {
    Ok(match json {
        serde_json::Value::Null => Value::NULL,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match Number::from_json(number) {
            Ok(number) => Value::Number(number),
            Err(error) => unheld(number, error)?,
        },
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(items) => {
            Value::Tuple(items.iter().map(|item| read(item, unheld)).collect::<Result<_, E>>()?)
        }
        serde_json::Value::Object(members) => {
            let entry = |(key, value): (&String, &serde_json::Value)| {
                Ok((Arc::from(key.as_str()), read(value, unheld)?))
            };
            Value::Object(Arc::new(members.iter().map(entry).collect::<Result<_, E>>()?))
        }
    })
}
