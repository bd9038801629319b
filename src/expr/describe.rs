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

/// A type as `type(…)` shows it: over several lines where it has attributes or elements of their own.
pub fn type_text(ty: &Type) -> String {
    let mut text = String::new();
    write_type(ty, 0, &mut text);
    text
}

fn write_type(ty: &Type, depth: usize, out: &mut String) {
    let within = |name: &str, element: &Type, out: &mut String| {
        out.push_str(name);
        out.push('(');
        let is_plain = match element {
            Type::Tuple(items) => items.is_empty(),
            Type::Object(object) => object.attributes.is_empty(),
            other => !other.to_string().contains(['[', '{']),
        };
        if is_plain {
            write_type(element, depth, out);
        } else {
            out.push_str(&format!("\n{}", "    ".repeat(depth + 1)));
            write_type(element, depth + 1, out);
            out.push_str(&format!(",\n{}", "    ".repeat(depth)));
        }
        out.push(')');
    };
    let inside = "    ".repeat(depth + 1);
    match ty {
        Type::Dynamic => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::List(element) => within("list", element, out),
        Type::Set(element) => within("set", element, out),
        Type::Map(element) => within("map", element, out),
        Type::Tuple(items) if items.is_empty() => out.push_str("tuple([])"),
        Type::Object(object) if object.attributes.is_empty() => out.push_str("object({})"),
        Type::Tuple(items) => {
            out.push_str("tuple([\n");
            for item in items.iter() {
                out.push_str(&inside);
                write_type(item, depth + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&"    ".repeat(depth));
            out.push_str("])");
        }
        Type::Object(object) => {
            out.push_str("object({\n");
            for (name, ty) in &object.attributes {
                out.push_str(&inside);
                let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
                    && name.chars().next().is_some_and(|c| !c.is_ascii_digit() && c != '-');
                match plain {
                    true => out.push_str(name),
                    false => out.push_str(&format!("{name:?}")),
                }
                out.push_str(": ");
                write_type(ty, depth + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&"    ".repeat(depth));
            out.push_str("})");
        }
    }
}
