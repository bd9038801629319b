//! When elements of collections must be hidden for what the other side of a change says of them.
//!
//! Attributes have names by which a mark on one side is carried over to the other. Elements have none, so their
//! collection is hidden as a whole where one side shows what the other side hides.

use mpctl_provider::Value;

/// Whether neither of two collections may be shown: only one has marks, or one has in clear what is marked in
/// the other.
pub(crate) fn hides(before: &Value, after: &Value) -> bool {
    match (before.contains_sensitive(), after.contains_sensitive()) {
        (false, false) => false,
        (true, true) => betrays(before, after) || betrays(after, before),
        _ => true,
    }
}

/// Whether `clear` holds, without mark, a text or number that is marked in `marked`.
fn betrays(clear: &Value, marked: &Value) -> bool {
    let mut secrets = Vec::new();
    collect(marked, false, &mut secrets);
    secrets.sort_by(|a, b| Value::total_order(a, b));
    shows(clear, &secrets)
}

fn collect<'v>(value: &'v Value, within: bool, secrets: &mut Vec<&'v Value>) {
    match value {
        Value::Sensitive(inner) => collect(inner, true, secrets),
        Value::String(_) | Value::Number(_) if within => secrets.push(value),
        value => each_part(value, &mut |part| collect(part, within, secrets)),
    }
}

fn shows(value: &Value, secrets: &[&Value]) -> bool {
    match value {
        Value::Sensitive(_) => false,
        Value::String(_) | Value::Number(_) => {
            secrets.binary_search_by(|secret| Value::total_order(secret, value)).is_ok()
        }
        value => {
            let mut shown = false;
            each_part(value, &mut |part| shown = shown || shows(part, secrets));
            shown
        }
    }
}

fn each_part<'v>(value: &'v Value, each: &mut dyn FnMut(&'v Value)) {
    match value {
        Value::List(s) | Value::Set(s) => s.items.iter().for_each(each),
        Value::Tuple(items) => items.iter().for_each(each),
        Value::Map(m) => m.entries.iter().for_each(|(_, part)| each(part)),
        Value::Object(entries) => entries.iter().for_each(|(_, part)| each(part)),
        _ => {}
    }
}
