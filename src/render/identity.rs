//! Which attributes say what an object is: they are shown though they do not change, and do not keep equal
//! changes of many objects apart.

use mpctl_provider::schema::{Presence, ResourceSchema};

/// Whether an unchanged attribute is shown all the same.
pub(crate) fn is_kept(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags" | "filename" | "path")
}

/// Whether the attribute's value tells one object of many apart, without being part of what is changed.
pub(crate) fn is_own(name: &str, schema: Option<&ResourceSchema>) -> bool {
    name == "id"
        || schema
            .and_then(|schema| schema.block.attributes.get(name))
            .is_some_and(|attribute| attribute.presence == Presence::Computed)
}

/// Whether the schema says that the attribute is sensitive, whatever its marks.
pub(crate) fn is_secret(name: &str, schema: Option<&ResourceSchema>) -> bool {
    schema
        .and_then(|schema| schema.block.attributes.get(name))
        .is_some_and(|attribute| attribute.sensitive)
}
