//! Paths into a value: how attributes are named in schemas, replacements, marks and messages.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Value;

/// A way from a value down to a part of it; empty means the value itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(pub Vec<PathStep>);

/// One step of a [`Path`]. In JSON a name is a string and an index a number, as in Terraform's `replace_paths`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum PathStep {
    /// An element of a list or tuple.
    Index(u64),
    /// An attribute of an object or an entry of a map.
    Key(Arc<str>),
}

// Not derived: with exact numbers on, serde_json cannot buffer them for an untagged enum.
impl<'de> Deserialize<'de> for PathStep {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<PathStep, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(key) => Ok(PathStep::Key(key.into())),
            serde_json::Value::Number(index) => index
                .as_u64()
                .map(PathStep::Index)
                .ok_or_else(|| serde::de::Error::custom("not an index")),
            _ => Err(serde::de::Error::custom("a path step is a name or an index")),
        }
    }
}

impl Path {
    /// The path to the top-level attribute `name`.
    pub fn attribute(name: impl Into<Arc<str>>) -> Path {
        Path(vec![PathStep::Key(name.into())])
    }

    /// This path, one step longer.
    pub fn then(&self, step: PathStep) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// The part of `value` that the path leads to; `None` where there is no such part. Looks through
    /// sensitive marks.
    pub fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            PathStep::Key(key) => value.get(key),
            PathStep::Index(index) => value.as_items()?.get(usize::try_from(*index).ok()?),
        })
    }

    /// Whether `other` is this path or lies below it.
    pub fn contains(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// `tags["a b"].names[0]`
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Key(key) if is_identifier(key) => {
                    write!(f, "{}{key}", if at > 0 { "." } else { "" })?;
                }
                PathStep::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
