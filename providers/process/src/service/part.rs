//! A part of a configuration while it is read: the value, where it stands, and whether it may be quoted.
//!
//! Reading collects every mistake instead of stopping at the first, and takes an unknown value for "not there
//! yet": it is reported by [`Mistakes::unknown`], never as an error.

use std::time::Duration;

use mpctl_provider::Fault;
use mpctl_provider::value::{Path, PathStep, Value};

use super::duration;

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Mistakes {
    /// One fault a mistake, each with the attribute it is about.
    pub(crate) faults: Vec<Fault>,
    /// Something that was looked at is not known yet.
    pub(crate) unknown: bool,
}

/// A value with its place.
#[derive(Clone)]
pub(crate) struct Part<'v> {
    value: Option<&'v Value>,
    path: Path,
    sensitive: bool,
}

impl<'v> Part<'v> {
    /// The whole configuration.
    pub(crate) fn whole(value: &'v Value) -> Part<'v> {
        Part { value: Some(value), path: Path::default(), sensitive: false }
    }

    /// The part under `key`; absent if there is none.
    pub(crate) fn get(&self, key: &str) -> Part<'v> {
        self.below(PathStep::Key(key.into()), self.bare().and_then(|value| value.get(key)))
    }

    fn below(&self, step: PathStep, value: Option<&'v Value>) -> Part<'v> {
        let sensitive = self.sensitive || self.value.is_some_and(|value| value.unmark().1);
        Part { value, path: self.path.then(step), sensitive }
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn bare(&self) -> Option<&'v Value> {
        self.value.map(Value::bare).filter(|value| !value.is_null())
    }

    /// Whether something other than null stands here.
    pub(crate) fn is_present(&self) -> bool {
        self.bare().is_some()
    }

    /// The value, if it is there and known; notes an unknown one.
    fn known(&self, mistakes: &mut Mistakes) -> Option<&'v Value> {
        let value = self.bare()?;
        if value.is_unknown() {
            mistakes.unknown = true;
            return None;
        }
        Some(value)
    }

    /// Adds a mistake about this part.
    pub(crate) fn wrong(&self, mistakes: &mut Mistakes, what: impl std::fmt::Display) {
        mistakes.faults.push(self.fault(what));
    }

    /// A fault about this part.
    pub(crate) fn fault(&self, what: impl std::fmt::Display) -> Fault {
        Fault::permanent(format!("{}: {what}", self.path)).attribute(self.path.clone())
    }

    /// `text` in quotes, or that it is sensitive.
    pub(crate) fn quoted(&self, text: &str) -> String {
        let sensitive = self.sensitive || self.value.is_some_and(|value| value.unmark().1);
        if sensitive { "the sensitive value".into() } else { format!("{text:?}") }
    }

    /// Text; numbers and truth values are taken by their spelling.
    pub(crate) fn text(&self, mistakes: &mut Mistakes) -> Option<String> {
        match self.known(mistakes)? {
            Value::String(text) => Some(text.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            other => {
                self.wrong(mistakes, format_args!("a string is needed, not {}", kind(other)));
                None
            }
        }
    }

    /// A whole number, also one in text.
    pub(crate) fn whole_number(&self, mistakes: &mut Mistakes) -> Option<i64> {
        let value = self.known(mistakes)?;
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(mistakes, "a whole number is needed");
        }
        number
    }

    /// A duration: text such as `30s`, or a number of seconds.
    pub(crate) fn duration(&self, mistakes: &mut Mistakes) -> Option<Duration> {
        let value = self.known(mistakes)?;
        if let Some(seconds) = value.as_number().and_then(|number| number.as_i64()) {
            return match u64::try_from(seconds) {
                Ok(seconds) if seconds <= 7 * 24 * 3600 => Some(Duration::from_secs(seconds)),
                _ => {
                    self.wrong(mistakes, "must lie between 0 and a week");
                    None
                }
            };
        }
        let text = self.text(mistakes)?;
        duration::parse(&text).map_err(|why| self.wrong(mistakes, why)).ok()
    }

    /// The elements of a list.
    pub(crate) fn items(&self, mistakes: &mut Mistakes) -> Option<Vec<Part<'v>>> {
        let value = self.known(mistakes)?;
        let Some(items) = value.as_items() else {
            self.wrong(mistakes, format_args!("a list is needed, not {}", kind(value)));
            return None;
        };
        let parts = items.iter().enumerate();
        Some(parts.map(|(at, item)| self.below(PathStep::Index(at as u64), Some(item))).collect())
    }

    /// The entries of a map or object. A list of one object counts as the object: that is what a nested block
    /// looks like.
    pub(crate) fn entries(&self, mistakes: &mut Mistakes) -> Option<Vec<(String, Part<'v>)>> {
        let object = self.object(mistakes)?;
        let entries = object.bare().and_then(Value::as_entries)?;
        let parts = entries.iter();
        Some(parts.map(|(key, _)| (key.to_string(), object.get(key))).collect())
    }

    /// This part as an object: itself, or the only element of a list of one.
    pub(crate) fn object(&self, mistakes: &mut Mistakes) -> Option<Part<'v>> {
        let value = self.known(mistakes)?;
        if value.as_entries().is_some() {
            return Some(self.clone());
        }
        match value.as_items() {
            Some([only]) if only.as_entries().is_some() => {
                Some(self.below(PathStep::Index(0), Some(only)))
            }
            Some([]) => None,
            _ => {
                let found = kind(value);
                self.wrong(mistakes, format_args!("an object is needed, not {found}"));
                None
            }
        }
    }

    /// Checks that an object has only these keys. Both spellings of a key of several words are taken.
    pub(crate) fn only_keys(&self, mistakes: &mut Mistakes, known: &[&str]) {
        let entries = self.bare().and_then(Value::as_entries);
        for (key, _) in entries.into_iter().flat_map(|entries| entries.iter()) {
            if !known.contains(&snake_case(key).as_str()) {
                mistakes.faults.push(unknown_key(&self.path, key, known));
            }
        }
    }

    /// Like [`Part::get`], and takes the key's other spelling (`startPeriod` for `start_period`) too.
    pub(crate) fn get_either(&self, key: &str) -> Part<'v> {
        let entries = self.bare().and_then(Value::as_entries);
        let spelled = entries.and_then(|e| e.iter().map(|(k, _)| k).find(|k| snake_case(k) == key));
        self.get(spelled.map_or(key, |spelled| spelled.as_ref()))
    }
}

/// A fault about a key that means nothing at `path`, with the nearest one that does.
pub(crate) fn unknown_key(path: &Path, key: &str, known: &[&str]) -> Fault {
    let near = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&snake_case(key), name), *name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1) && *distance < name.len())
        .min();
    let hint = match near {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => format!("known are: {}", known.join(", ")),
    };
    let place = if path.0.is_empty() { String::new() } else { format!(" in {path}") };
    Fault::permanent(format!("unknown key `{key}`{place}"))
        .attribute(path.then(PathStep::Key(key.into())))
        .hint(hint)
}

fn snake_case(key: &str) -> String {
    key.chars().fold(String::with_capacity(key.len() + 2), |mut text, letter| {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
        text
    })
}

fn kind(value: &Value) -> String {
    match value {
        Value::Tuple(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => format!("a {}", other.ty().friendly_name()),
    }
}
