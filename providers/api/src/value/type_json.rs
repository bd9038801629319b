//! Types as JSON, spelled as Terraform does: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
//!
//! Optional attributes follow as a third element: `["object",{…},["a"]]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{ObjectType, Type};

/// How deeply types may be nested in what is read.
const MAX_DEPTH: usize = 128;

impl Type {
    /// The type in Terraform's JSON spelling.
    pub fn to_json(&self) -> Json {
        match self {
            Type::Dynamic => json!("dynamic"),
            Type::Bool => json!("bool"),
            Type::Number => json!("number"),
            Type::String => json!("string"),
            Type::List(element) => json!(["list", element.to_json()]),
            Type::Set(element) => json!(["set", element.to_json()]),
            Type::Map(element) => json!(["map", element.to_json()]),
            Type::Tuple(items) => {
                json!(["tuple", items.iter().map(Type::to_json).collect::<Vec<_>>()])
            }
            Type::Object(object) => {
                let attribute = |(name, ty): (&Arc<str>, &Type)| (name.to_string(), ty.to_json());
                let attributes: serde_json::Map<_, _> =
                    object.attributes.iter().map(attribute).collect();
                if object.optional.is_empty() {
                    return json!(["object", attributes]);
                }
                let optional: Vec<&str> = object.optional.iter().map(AsRef::as_ref).collect();
                json!(["object", attributes, optional])
            }
        }
    }

    /// The type that the JSON spells; `None` if it spells none, or is nested beyond reason.
    pub fn from_json(json: &Json) -> Option<Type> {
        read(json, MAX_DEPTH)
    }
}

fn read(json: &Json, depth: usize) -> Option<Type> {
    let depth = depth.checked_sub(1)?;
    if let Json::String(word) = json {
        return Some(match word.as_str() {
            "dynamic" => Type::Dynamic,
            "bool" => Type::Bool,
            "number" => Type::Number,
            "string" => Type::String,
            _ => return None,
        });
    }
    let parts = json.as_array()?;
    let element = |at: usize| read(parts.get(at)?, depth);
    match (parts.first()?.as_str()?, parts.len()) {
        ("list", 2) => element(1).map(Type::list),
        ("set", 2) => element(1).map(Type::set),
        ("map", 2) => element(1).map(Type::map),
        ("tuple", 2) => {
            let items = parts[1].as_array()?.iter().map(|item| read(item, depth));
            items.collect::<Option<Arc<[_]>>>().map(Type::Tuple)
        }
        ("object", 2 | 3) => {
            let entry =
                |(name, ty): (&String, &Json)| Some((Arc::from(name.as_str()), read(ty, depth)?));
            let attributes: BTreeMap<Arc<str>, Type> =
                parts[1].as_object()?.iter().map(entry).collect::<Option<_>>()?;
            let optional =
                parts.get(2).map_or(Some(&[][..]), |o| o.as_array().map(Vec::as_slice))?;
            let name =
                |name: &Json| attributes.get_key_value(name.as_str()?).map(|(k, _)| k.clone());
            let optional = optional.iter().map(name).collect::<Option<_>>()?;
            Some(Type::Object(Arc::new(ObjectType { attributes, optional })))
        }
        _ => None,
    }
}
