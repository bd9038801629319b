//! Whether two texts are better compared by what they say: JSON and YAML.

use mpctl_provider::Value;

use super::same;
use crate::expr::functions::yaml_as_written;
use crate::render::human::value::{is_multi_line, json_collection};

/// Longer YAML is compared line by line.
const LONGEST_YAML: usize = 64 << 10;

/// What both sides of a text say.
pub(super) struct Structured {
    /// The function that would have written them.
    pub(super) function: &'static str,
    pub(super) before: Value,
    pub(super) after: Value,
}

/// Both sides, if they are to be compared by what they say.
pub(super) fn structured(before: &str, after: &str) -> Option<Structured> {
    if let (Some(before), Some(after)) = (json_collection(before), json_collection(after)) {
        return Some(Structured { function: "jsonencode", before, after });
    }
    let (before, after) = (yaml_collection(before)?, yaml_collection(after)?);
    // Where comments and layout are all that changes, and where nulls come or go, the lines say more.
    if same(&before, &after) || nulls(&before) != nulls(&after) {
        return None;
    }
    Some(Structured { function: "yamlencode", before, after })
}

/// The list or mapping in a text of several lines that is YAML. Much else can be read as YAML; scripts and prose
/// have spaces in what would be their keys.
fn yaml_collection(text: &str) -> Option<Value> {
    if !is_multi_line(text) || text.len() > LONGEST_YAML || text.starts_with("#!") {
        return None;
    }
    let value = yaml_as_written(text)?;
    let is_collection = match value.as_entries() {
        Some(entries) => entries.iter().all(|(key, _)| !key.contains(char::is_whitespace)),
        None => value.as_items().is_some(),
    };
    is_collection.then_some(value)
}

/// The keys whose value is null, in order of their places: a difference by structure does not show these.
fn nulls(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        open.extend(value.as_items().into_iter().flatten());
        for (key, value) in value.as_entries().into_iter().flat_map(|entries| entries.iter()) {
            if value.is_null() {
                found.push(key.as_ref());
            }
            open.push(value);
        }
    }
    found
}
