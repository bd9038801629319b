//! Keeping sensitive text out of what providers say.
//!
//! A provider quotes paths, command output and answers of servers in its faults and logs, and any of them may
//! repeat a sensitive value that it was given. [`Secrets`] knows the sensitive text of some values and takes it
//! out. Text is found as it is, line by line and as JSON writes it; what was transformed in another way is not.

use std::borrow::Cow;
use std::sync::Arc;

use crate::contract::{
    ApplyRequest, DataRequest, ImportRequest, LookupRequest, Object, PlanRequest, ReadRequest,
};
use crate::fault::Fault;
use crate::value::Value;

/// What stands in the place of a sensitive text.
pub const REDACTED: &str = "(sensitive value)";

/// Shorter texts are left alone: they guard nothing, and taking them out would make other text unreadable.
const SHORTEST: usize = 3;

/// The same for one line of several: short ones are braces and the like, which stand everywhere.
const SHORTEST_LINE: usize = 6;

/// The sensitive text of some values.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Arc<str>>);

impl Secrets {
    /// Collects everything that is marked as sensitive within the values.
    pub fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Secrets {
        let mut texts = Vec::new();
        for value in values {
            collect(value, false, &mut texts);
        }
        // What stands in the place of a secret cannot be one.
        texts.retain(|text| text.len() >= SHORTEST && !REDACTED.contains(text.as_ref()));
        // The longest first: one may be part of another.
        texts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        texts.dedup();
        Secrets(texts)
    }

    /// Whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without sensitive parts.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        for secret in &self.0 {
            if redacted.contains(secret.as_ref()) {
                redacted = Cow::Owned(redacted.replace(secret.as_ref(), REDACTED));
            }
        }
        redacted
    }

    /// The fault without sensitive parts.
    pub fn redact_fault(&self, fault: Fault) -> Fault {
        if self.is_empty() {
            return fault;
        }
        let redact = |text: Option<String>| text.map(|text| self.redact(&text).into_owned());
        Fault {
            summary: self.redact(&fault.summary).into_owned(),
            detail: redact(fault.detail),
            hint: redact(fault.hint),
            ..fault
        }
    }
}

/// A request, as far as it hands values over.
pub trait Values {
    /// The values, in no particular order.
    fn values(&self) -> Vec<&Value>;
}

fn of_object(object: &Option<Object>) -> Option<&Value> {
    object.as_ref().map(|object| &object.value)
}

impl Values for PlanRequest {
    fn values(&self) -> Vec<&Value> {
        let mut values = vec![&self.config, &self.proposed];
        values.extend(of_object(&self.prior));
        values
    }
}

impl Values for ReadRequest {
    fn values(&self) -> Vec<&Value> {
        vec![&self.object.value]
    }
}

impl Values for DataRequest {
    fn values(&self) -> Vec<&Value> {
        vec![&self.config]
    }
}

impl Values for ApplyRequest {
    fn values(&self) -> Vec<&Value> {
        let prior = of_object(&self.prior);
        prior.into_iter().chain(&self.planned).chain(&self.config).collect()
    }
}

impl Values for LookupRequest {
    fn values(&self) -> Vec<&Value> {
        let mut values = vec![&self.config];
        values.extend(of_object(&self.partial));
        values
    }
}

impl Values for ImportRequest {
    fn values(&self) -> Vec<&Value> {
        Vec::new()
    }
}

/// Shows how many there are, and none of them.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

fn collect(value: &Value, marked: bool, texts: &mut Vec<Arc<str>>) {
    match value {
        Value::Sensitive(inner) => collect(inner, true, texts),
        Value::String(text) if marked => add(text, texts),
        Value::Number(number) if marked => texts.push(number.to_string().into()),
        Value::List(sequence) | Value::Set(sequence) => {
            sequence.items.iter().for_each(|item| collect(item, marked, texts));
        }
        Value::Tuple(items) => items.iter().for_each(|item| collect(item, marked, texts)),
        Value::Map(mapping) => {
            mapping.entries.iter().for_each(|(_, item)| collect(item, marked, texts));
        }
        Value::Object(entries) => entries.iter().for_each(|(_, item)| collect(item, marked, texts)),
        _ => {}
    }
}

fn add(text: &Arc<str>, texts: &mut Vec<Arc<str>>) {
    texts.push(text.clone());
    let lines = text.lines().map(str::trim);
    let part = |line: &&str| line.len() >= SHORTEST_LINE && *line != text.as_ref();
    texts.extend(lines.filter(part).map(Arc::from));
    let json = serde_json::Value::String(text.as_ref().into()).to_string();
    let escaped = &json[1..json.len() - 1];
    if escaped != text.as_ref() {
        texts.push(escaped.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensitive_text_is_taken_out_wherever_it_is_quoted() {
        let secrets = Secrets::of([&Value::object([
            ("user", Value::string("deploy")),
            ("password", Value::string("hunter2").sensitive()),
            ("key", Value::object([("pem", Value::string("BEGIN\nabc\"def\nEND"))]).sensitive()),
            ("pin", Value::int(7).sensitive()),
        ])]);
        insta::assert_snapshot!(
            secrets.redact("deploy:hunter2@host said: abc\"def, and BEGIN\\nabc\\\"def\\nEND, 7 times"),
            @"deploy:(sensitive value)@host said: (sensitive value), and (sensitive value), 7 times"
        );
        insta::assert_debug_snapshot!(secrets, @"Secrets(4)");
    }

    proptest::proptest! {
        #[test]
        fn no_secret_is_left_whatever_surrounds_it(
            secrets in proptest::collection::vec("[a-z]{3,6}", 1..4),
            around in proptest::collection::vec("[a-z\n ]{0,8}", 1..6),
        ) {
            let marked = secrets.iter().map(|secret| Value::string(secret.as_str()).sensitive());
            let known = Secrets::of([&Value::tuple(marked)]);
            let text: String =
                around.iter().zip(secrets.iter().cycle()).map(|(a, b)| format!("{a}{b}")).collect();
            let told = known.redact(&text);
            let left = told.replace(REDACTED, "|");
            for secret in secrets.iter().filter(|secret| !REDACTED.contains(secret.as_str())) {
                proptest::prop_assert!(!left.contains(secret.as_str()), "{secret} is left in {told}");
            }
        }
    }

    #[test]
    fn a_fault_is_redacted_in_every_part() {
        let secrets = Secrets::of([&Value::string("hunter2").sensitive()]);
        let fault = Fault::permanent("no hunter2").detail("hunter2!").hint("try hunter2");
        insta::assert_debug_snapshot!(secrets.redact_fault(fault), @r#"
        Fault {
            kind: Permanent,
            summary: "no (sensitive value)",
            detail: Some(
                "(sensitive value)!",
            ),
            hint: Some(
                "try (sensitive value)",
            ),
            attribute: None,
        }
        "#);
    }
}
