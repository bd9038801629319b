//! The form in which state, journal and plan keep a value: JSON from which exactly the same value comes back.
//!
//! Where JSON itself implies the value it stands for itself: a bare `null`, truth values, numbers, strings,
//! arrays for tuples, objects for objects. Everything else is an object tagged by the key `"$"`: `list`, `set`,
//! `map`, typed `null`, `unknown`, `sensitive`, and `object` for an object that has a key `"$"` of its own. The
//! text is the same for the same value, but for what [`Seal`] adds. A sensitive value is sealed, never kept in
//! clear; that it is not known yet is no secret.
//!
//! What is read may be hostile: nesting is bounded and everything is checked.

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use crate::value::{Entries, JsonError, Number, Refinement, Type, Unknown, UnknownId, Value};

/// How deeply the JSON may nest: JSON parsers accept 128 levels, and what holds the value needs some.
pub const MAX_DEPTH: usize = 100;

/// Encrypts what must not be kept in clear.
pub trait Seal {
    /// Encrypts.
    fn seal(&self, clear: &[u8]) -> Result<Sealed, SealError>;
    /// Decrypts, and checks that nothing was changed.
    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError>;
}

/// Encrypted bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Names the key that opens it.
    pub key: String,
    /// The cipher text with all it needs besides the key.
    pub bytes: Vec<u8>,
}

/// Why something cannot be sealed or opened.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum SealError {
    /// There is no key to seal with.
    #[error("there is no key for sensitive values")]
    NoKey,
    /// The key that it was sealed with is not at hand.
    #[error("the key {0:?}, with which it was sealed, is not at hand")]
    UnknownKey(String),
    /// The bytes were changed, or are no sealed bytes.
    #[error("the sealed bytes are damaged")]
    Damaged,
    /// The cipher itself failed.
    #[error("{0}")]
    Failed(String),
}

/// Why a value cannot be stored or read back.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum CodecError {
    /// A sensitive part cannot be sealed or opened.
    #[error("a sensitive value: {0}")]
    Seal(#[from] SealError),
    /// It nests too deeply.
    #[error("the value nests more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// The JSON is not a stored value.
    #[error("not a stored value: {0}")]
    Malformed(&'static str),
    /// A number cannot be held, or sealed text is no JSON.
    #[error("not a stored value: {0}")]
    Json(#[from] JsonError),
}

type Result<T, E = CodecError> = std::result::Result<T, E>;

/// The stored form of a value.
pub fn encode(value: &Value, seal: &dyn Seal) -> Result<Json> {
    let json = write(value, seal)?;
    if deeper_than(&json, MAX_DEPTH) { Err(CodecError::TooDeep) } else { Ok(json) }
}

/// The value of a stored form.
pub fn decode(json: &Json, seal: &dyn Seal) -> Result<Value> {
    if deeper_than(json, MAX_DEPTH) {
        return Err(CodecError::TooDeep);
    }
    read(json, seal)
}

/// Seals nothing and opens nothing: for values that must not be sensitive.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSeal;

impl Seal for NoSeal {
    fn seal(&self, _: &[u8]) -> Result<Sealed, SealError> {
        Err(SealError::NoKey)
    }
    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        Err(SealError::UnknownKey(sealed.key.clone()))
    }
}

/// Whether the JSON nests more than so many levels deep.
pub fn deeper_than(json: &Json, levels: usize) -> bool {
    let Some(within) = levels.checked_sub(1) else { return true };
    match json {
        Json::Array(items) => items.iter().any(|item| deeper_than(item, within)),
        Json::Object(members) => members.values().any(|member| deeper_than(member, within)),
        _ => false,
    }
}

fn write(value: &Value, seal: &dyn Seal) -> Result<Json> {
    Ok(match value {
        Value::Null(Type::Dynamic) => Json::Null,
        Value::Null(ty) => json!({"$": "null", "type": ty.to_json()}),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(number) => Json::Number(number.to_json()),
        Value::String(text) => Json::String(text.as_ref().to_owned()),
        Value::Tuple(items) => write_items(items, seal)?,
        Value::Object(entries) => {
            let members = write_entries(entries, seal)?;
            if entries.get("$").is_some() {
                json!({"$": "object", "entries": members})
            } else {
                members
            }
        }
        Value::List(s) => {
            json!({"$": "list", "of": s.element.to_json(), "items": write_items(&s.items, seal)?})
        }
        Value::Set(s) => {
            json!({"$": "set", "of": s.element.to_json(), "items": write_items(&s.items, seal)?})
        }
        Value::Map(m) => {
            json!({"$": "map", "of": m.element.to_json(), "entries": write_entries(&m.entries, seal)?})
        }
        Value::Unknown(unknown) => write_unknown(unknown),
        Value::Sensitive(inner) => match inner.as_ref() {
            Value::Unknown(unknown) => json!({"$": "sensitive", "value": write_unknown(unknown)}),
            inner => {
                let clear = encode(inner, seal)?.to_string();
                let Sealed { key, bytes } = seal.seal(clear.as_bytes())?;
                json!({"$": "sensitive", "key": key, "sealed": BASE64.encode(bytes)})
            }
        },
    })
}

fn write_items(items: &[Value], seal: &dyn Seal) -> Result<Json> {
    items.iter().map(|item| write(item, seal)).collect::<Result<_>>().map(Json::Array)
}

fn write_entries(entries: &Entries, seal: &dyn Seal) -> Result<Json> {
    let member = |(key, value): (&Arc<str>, &Value)| Ok((key.to_string(), write(value, seal)?));
    entries.iter().map(member).collect::<Result<_>>().map(Json::Object)
}

fn write_unknown(unknown: &Unknown) -> Json {
    let mut members = Map::new();
    members.insert("$".into(), json!("unknown"));
    members.insert("type".into(), unknown.ty.to_json());
    if let Some(id) = unknown.id {
        members.insert("id".into(), json!(id.0));
    }
    let Refinement { not_null, prefix, length } = &unknown.refinement;
    if *not_null {
        members.insert("not_null".into(), json!(true));
    }
    if let Some(prefix) = prefix {
        members.insert("prefix".into(), json!(prefix.as_ref()));
    }
    if let Some((least, most)) = length {
        members.insert("length".into(), json!([least, most]));
    }
    Json::Object(members)
}

fn read(json: &Json, seal: &dyn Seal) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::NULL,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            Value::Number(Number::from_json(number).map_err(JsonError::Number)?)
        }
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::Tuple(read_items(items, seal)?.into()),
        Json::Object(members) => match members.get("$") {
            None => Value::Object(Arc::new(read_entries(members, seal)?)),
            Some(Json::String(tag)) => read_tagged(tag, members, seal)?,
            Some(_) => return Err(CodecError::Malformed("\"$\" is no tag")),
        },
    })
}

fn read_tagged(tag: &str, members: &Map<String, Json>, seal: &dyn Seal) -> Result<Value> {
    let ty = |key: &str| {
        members.get(key).and_then(Type::from_json).ok_or(CodecError::Malformed("a type is missing"))
    };
    let items = || match members.get("items") {
        Some(Json::Array(items)) => read_items(items, seal),
        _ => Err(CodecError::Malformed("the items are missing")),
    };
    let entries = || match members.get("entries") {
        Some(Json::Object(entries)) => read_entries(entries, seal),
        _ => Err(CodecError::Malformed("the entries are missing")),
    };
    Ok(match tag {
        "null" => Value::Null(ty("type")?),
        "object" => Value::Object(Arc::new(entries()?)),
        "list" => Value::list(ty("of")?, items()?),
        "set" => Value::set(ty("of")?, items()?),
        "map" => Value::map(ty("of")?, entries()?),
        "unknown" => read_unknown(members, ty("type")?)?,
        "sensitive" => read_sensitive(members, seal)?,
        _ => return Err(CodecError::Malformed("the tag is not known")),
    })
}

fn read_items(items: &[Json], seal: &dyn Seal) -> Result<Vec<Value>> {
    items.iter().map(|item| read(item, seal)).collect()
}

fn read_entries(members: &Map<String, Json>, seal: &dyn Seal) -> Result<Entries> {
    let entry = |(key, json): (&String, &Json)| Ok((Arc::from(key.as_str()), read(json, seal)?));
    members.iter().map(entry).collect()
}

fn read_unknown(members: &Map<String, Json>, ty: Type) -> Result<Value> {
    let malformed = CodecError::Malformed("what is said of an unknown value");
    let id = match members.get("id") {
        None => None,
        Some(id) => {
            let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
            Some(UnknownId(id.ok_or(malformed.clone())?))
        }
    };
    let prefix = match members.get("prefix") {
        None => None,
        Some(prefix) => Some(Arc::from(prefix.as_str().ok_or(malformed.clone())?)),
    };
    let length = match members.get("length").map(Json::as_array) {
        None => None,
        Some(Some(bounds)) => match bounds.as_slice() {
            [least, most] if most.is_null() || most.is_u64() => {
                Some((least.as_u64().ok_or(malformed)?, most.as_u64()))
            }
            _ => return Err(malformed),
        },
        Some(None) => return Err(malformed),
    };
    let not_null = members.get("not_null") == Some(&Json::Bool(true));
    let refinement = Refinement { not_null, prefix, length };
    Ok(Value::Unknown(Arc::new(Unknown { id, ty, refinement })))
}

fn read_sensitive(members: &Map<String, Json>, seal: &dyn Seal) -> Result<Value> {
    if let Some(Json::Object(inner)) = members.get("value") {
        if inner.get("$") != Some(&json!("unknown")) {
            return Err(CodecError::Malformed("a sensitive value in clear"));
        }
        return read(&Json::Object(inner.clone()), seal).map(Value::sensitive);
    }
    let text = |key: &str| {
        members.get(key).and_then(Json::as_str).ok_or(CodecError::Malformed("a sealed value"))
    };
    let bytes = BASE64.decode(text("sealed")?).map_err(|_| SealError::Damaged)?;
    let clear = seal.open(&Sealed { key: text("key")?.to_owned(), bytes })?;
    let json: Json = serde_json::from_slice(&clear).map_err(|_| SealError::Damaged)?;
    Ok(decode(&json, seal)?.sensitive())
}
