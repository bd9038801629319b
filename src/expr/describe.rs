//! Values and types in the words of a message: short, on one line, nothing sensitive.

use mpctl_provider::{Type, Value};

/// The longest text that is quoted.
const SHOWN: usize = 60;

/// A value as a message names it: `"eu"`, `a list of 3`, `an object with a, b`, `(sensitive value)`.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null(_) => "null".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => cut(&number.to_string()),
        Value::String(text) => quote(text),
        Value::List(s) => format!("a list of {}", s.items.len()),
        Value::Set(s) => format!("a set of {}", s.items.len()),
        Value::Tuple(items) => format!("a tuple of {}", items.len()),
        Value::Map(m) => with_keys("a map", m.entries.iter().map(|(k, _)| k.as_ref())),
        Value::Object(e) => with_keys("an object", e.iter().map(|(k, _)| k.as_ref())),
        Value::Unknown(_) => "a value known only after apply".into(),
        Value::Sensitive(_) => "(sensitive value)".into(),
    }
}

/// The kind of a value with its article: `a string`, `an object`; of a sensitive one as well.
pub fn kind(value: &Value) -> String {
    match value.bare() {
        Value::Null(_) => "null".into(),
        other => with_article(&other.ty().friendly_name()),
    }
}

/// `a list of string`, `an object`.
pub fn type_with_article(ty: &Type) -> String {
    with_article(&ty.friendly_name())
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    if name.starts_with("any") { name.into() } else { format!("{article} {name}") }
}

/// The value with its kind where the value alone does not show it: `"abc", a string`.
pub fn with_kind(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Sensitive(_) => {
            format!("{}, {}", describe(value), kind(value))
        }
        _ => describe(value),
    }
}

/// Text in quotes, control characters escaped, cut where it is long.
pub fn quote(text: &str) -> String {
    if text.chars().nth(SHOWN).is_none() {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(SHOWN).collect::<String>())
}

fn cut(text: &str) -> String {
    if text.len() <= SHOWN { text.into() } else { format!("{}…", &text[..SHOWN]) }
}

fn with_keys<'k>(what: &str, keys: impl ExactSizeIterator<Item = &'k str>) -> String {
    const LISTED: usize = 6;
    let count = keys.len();
    if count == 0 {
        return format!("{what} with nothing in it");
    }
    let listed: Vec<String> = keys.take(LISTED).map(escape).collect();
    let more = if count > LISTED { format!(" and {} more", count - LISTED) } else { String::new() };
    format!("{what} with {}{more}", listed.join(", "))
}

fn escape(text: &str) -> String {
    text.escape_debug().take(SHOWN).collect()
}

/// The candidate nearest to what was written, near enough to be a typing error.
pub fn nearest<'n>(
    written: &str,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}
