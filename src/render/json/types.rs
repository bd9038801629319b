//! Types as Terraform spells them in JSON: `"string"`, `["list","number"]`, `["object",{…}]`.

use mpctl_provider::Type;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A type, to be written.
#[derive(Clone, Copy, Debug)]
pub struct JsonType<'t>(pub &'t Type);

impl Serialize for JsonType<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Type::Dynamic => serializer.serialize_str("dynamic"),
            Type::Bool => serializer.serialize_str("bool"),
            Type::Number => serializer.serialize_str("number"),
            Type::String => serializer.serialize_str("string"),
            Type::List(element) => ("list", JsonType(element)).serialize(serializer),
            Type::Set(element) => ("set", JsonType(element)).serialize(serializer),
            Type::Map(element) => ("map", JsonType(element)).serialize(serializer),
            Type::Tuple(items) => ("tuple", Items(items)).serialize(serializer),
            Type::Object(object) if object.optional.is_empty() => {
                ("object", Attributes(&object.attributes)).serialize(serializer)
            }
            Type::Object(object) => {
                ("object", Attributes(&object.attributes), &object.optional).serialize(serializer)
            }
        }
    }
}

struct Items<'t>(&'t [Type]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        self.0.iter().try_for_each(|item| items.serialize_element(&JsonType(item)))?;
        items.end()
    }
}

struct Attributes<'t>(&'t std::collections::BTreeMap<std::sync::Arc<str>, Type>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut attributes = serializer.serialize_map(Some(self.0.len()))?;
        for (name, ty) in self.0 {
            attributes.serialize_entry(name, &JsonType(ty))?;
        }
        attributes.end()
    }
}
