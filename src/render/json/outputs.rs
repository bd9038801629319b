//! Outputs in JSON. An output is sensitive as a whole or not at all.

use std::io::Write;
use std::sync::Arc;

use mpctl_provider::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::marks::{Known, Sight, UnknownMarks};
use super::{JsonType, WriteResult, by_environment};
use crate::plan::OutputChange;
use crate::state::{Record, State};

/// `output --json`: `{name: {sensitive, type, value}}`, values in clear, since they were asked for.
pub fn outputs(writer: impl Write, environments: &[(Arc<str>, &State)]) -> WriteResult {
    by_environment(writer, environments.iter().map(|(name, state)| (name.as_ref(), Outputs(state))))
}

struct Outputs<'a>(&'a State);

impl Serialize for Outputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.records.iter().filter_map(|(local, record)| match record {
            Record::Output(output) => {
                Some((local.subject.name(), OutputRow::new(&output.value, true)))
            }
            Record::Resource(_) => None,
        }))
    }
}

/// A known output.
pub(super) struct OutputRow<'a> {
    pub(super) value: &'a Value,
    pub(super) sensitive: bool,
    /// Sensitive values too.
    pub(super) clear: bool,
}

impl<'a> OutputRow<'a> {
    pub(super) fn new(value: &'a Value, clear: bool) -> OutputRow<'a> {
        OutputRow { value, sensitive: value.contains_sensitive(), clear }
    }
}

impl Serialize for OutputRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sensitive = self.sensitive;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("sensitive", &sensitive)?;
        map.serialize_entry("type", &JsonType(&self.value.ty()))?;
        if sensitive && !self.clear {
            map.serialize_entry("value", &())?;
        } else {
            map.serialize_entry("value", &Known(self.value, Sight::alone(true)))?;
        }
        map.end()
    }
}

/// An output as planned or recorded: nothing but its mark where it is not wholly known.
pub(super) struct PlannedOutput<'a> {
    value: &'a Value,
    sensitive: bool,
    reveal: bool,
}

impl<'a> PlannedOutput<'a> {
    /// One side of the output; sensitive if one of its sides is.
    pub(super) fn new(
        output: &'a OutputChange,
        side: Option<&'a Value>,
        reveal: bool,
    ) -> Option<PlannedOutput<'a>> {
        Some(PlannedOutput { value: side?, sensitive: is_sensitive(output), reveal })
    }
}

impl Serialize for PlannedOutput<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.value.is_wholly_known() {
            let PlannedOutput { value, sensitive, reveal } = *self;
            return OutputRow { value, sensitive, clear: reveal }.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("sensitive", &self.sensitive)?;
        map.end()
    }
}

/// A row of `output_changes`.
pub(super) struct OutputDelta<'a> {
    output: &'a OutputChange,
    reveal: bool,
}

impl<'a> OutputDelta<'a> {
    pub(super) fn new(output: &'a OutputChange, reveal: bool) -> OutputDelta<'a> {
        OutputDelta { output, reveal }
    }
}

/// What happens to an output, as Terraform names it in plans.
pub(super) fn action(output: &OutputChange) -> &'static str {
    if !output.is_change() {
        return "no-op";
    }
    match (&output.before, &output.after) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    }
}

pub(super) fn is_sensitive(output: &OutputChange) -> bool {
    [&output.before, &output.after].into_iter().flatten().any(Value::contains_sensitive)
}

impl Serialize for OutputDelta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sensitive = is_sensitive(self.output);
        let sight = Sight::alone(self.reveal);
        let masked = sensitive && !self.reveal;
        let side = |value: &'_ Option<Value>| value.as_ref().filter(|_| !masked).cloned();
        let (before, after) = (side(&self.output.before), side(&self.output.after));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("actions", &[action(self.output)])?;
        map.serialize_entry("before", &before.as_ref().map(|value| Known(value, sight)))?;
        let declared = self.output.after.as_ref();
        if !declared.is_some_and(Value::is_unknown) {
            map.serialize_entry("after", &after.as_ref().map(|value| Known(value, sight)))?;
        }
        match declared {
            Some(value) if !value.is_wholly_known() => {
                map.serialize_entry("after_unknown", &UnknownMarks(value))?;
            }
            _ => map.serialize_entry("after_unknown", &false)?,
        }
        map.serialize_entry("before_sensitive", &sensitive)?;
        map.serialize_entry("after_sensitive", &sensitive)?;
        map.end()
    }
}
