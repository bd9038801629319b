//! `yamldecode`, and `yamlencode`: YAML in block style, as Terraform writes it: every string in double quotes, those of several
//! lines as literal blocks, keys sorted.

use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};

use super::encoding::json_text;
use super::signature::{Fault, Function, Kind, Parameter, Returns, text};
use super::strings::too_long;
use crate::expr::MAX_TEXT;
use crate::spec::yaml::{DataFault, Words, decode_data};

/// Where a long quoted string is folded.
const LINE: usize = 80;

/// Both directions.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "yamldecode",
        parameters: &[Parameter::new("src", Kind::String)],
        variadic: None,
        returns: Returns::Computed(|_| Type::Dynamic),
        body: |arguments, _| decode(text(arguments, 0)),
    },
    Function {
        name: "yamlencode",
        parameters: &[Parameter::new("value", Kind::Any).null()],
        variadic: None,
        returns: Returns::Kind(Kind::String),
        body: |arguments, _| encode(&arguments[0]).map(Value::string),
    },
];

/// What a text says as YAML, with words and keys as they are written there, for showing it; `None` if it is not
/// one YAML document.
pub fn yaml_as_written(text: &str) -> Option<Value> {
    decode_data(text, Words::Core).ok()
}

fn decode(source: &str) -> Result<Value, Fault> {
    decode_data(source, Words::Terraform).map_err(|error| {
        let fault = Fault::of(0, format!("not YAML: {error}"));
        match error.fault {
            DataFault::SecondDocument => {
                fault.hint("split(\"\\n---\\n\", …) makes one text of each document")
            }
            DataFault::Empty => fault.hint("`---` alone is a document, which is null"),
            _ => fault,
        }
    })
}

fn encode(value: &Value) -> Result<String, Fault> {
    let mut out = String::new();
    write(value, 0, &mut out)?;
    // A document that is a bare word has to be ended.
    if matches!(value, Value::Null(_) | Value::Bool(_) | Value::Number(_)) {
        out.push_str("...\n");
    }
    Ok(out)
}

/// Writes a value where a line has begun already, and ends its last line.
fn write(value: &Value, indent: usize, out: &mut String) -> Result<(), Fault> {
    if out.len() > MAX_TEXT {
        return Err(too_long());
    }
    if let Some(items) = value.as_items().filter(|items| !items.is_empty()) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push_str(&" ".repeat(indent));
            }
            out.push_str("- ");
            // A block within a list is indented from the dash.
            let inner = if item.as_str().is_some() { indent } else { indent + 2 };
            write(item, inner, out)?;
        }
        return Ok(());
    }
    match value.as_entries().filter(|entries| !entries.is_empty()) {
        Some(entries) => write_entries(entries, indent, out),
        None => write_scalar(value, indent, out),
    }
}

fn write_entries(entries: &Entries, indent: usize, out: &mut String) -> Result<(), Fault> {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push_str(&" ".repeat(indent));
        }
        write_quoted(key, None, out);
        out.push(':');
        let is_list = value.as_items().is_some_and(|items| !items.is_empty());
        let is_map = value.as_entries().is_some_and(|entries| !entries.is_empty());
        if is_list || is_map {
            // Lists stand as far out as their key.
            let inner = if is_list { indent } else { indent + 2 };
            out.push('\n');
            out.push_str(&" ".repeat(inner));
            write(value, inner, out)?;
        } else {
            out.push(' ');
            write_scalar(value, indent, out)?;
        }
    }
    Ok(())
}

fn write_scalar(value: &Value, indent: usize, out: &mut String) -> Result<(), Fault> {
    match value {
        Value::String(text) if is_block(text) => write_block(text, indent, out),
        Value::String(text) => write_quoted(text, Some(indent), out),
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => out.push_str("[]"),
        Value::Map(_) | Value::Object(_) => out.push_str("{}"),
        other => out.push_str(&json_text(other)?),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    Ok(())
}

/// Whether the text can be a literal block: several lines, nothing that needs an escape, no space at an end.
fn is_block(text: &str) -> bool {
    let plain = |c: char| matches!(c, '\n' | '"' | '\\') || escape(c).is_none();
    text.contains('\n') && text.chars().all(plain) && !text.contains(" \n") && !text.ends_with(' ')
}

fn write_block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    out.push('|');
    // Where the text itself begins with white space, the indent has to be said.
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    out.push_str(match text.len() - body.len() {
        0 => "-\n",
        1 if !body.is_empty() => "\n",
        _ => "+\n",
    });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent + 2));
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Writes a string in double quotes. A value is folded at spaces beyond [`LINE`] columns, onto lines indented
/// by two more than `indent`; a key is not.
fn write_quoted(text: &str, indent: Option<usize>, out: &mut String) {
    let mut column = out.chars().rev().take_while(|c| *c != '\n').count() + 1;
    out.push('"');
    let mut after_space = false;
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let fold = indent.filter(|_| {
            c == ' ' && !after_space && column > LINE && at > 0 && chars.peek().is_some()
        });
        if let Some(indent) = fold {
            out.push_str(&format!("\n{}", " ".repeat(indent + 2)));
            column = indent + 2;
            if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                out.push('\\');
                column += 1;
            }
        } else {
            let start = out.len();
            match escape(c) {
                Some(escaped) => out.push_str(&escaped),
                None => out.push(c),
            }
            column += out[start..].chars().count();
        }
        after_space = c == ' ';
    }
    out.push('"');
}

/// The escape of a character that cannot stand in quotes as it is.
fn escape(c: char) -> Option<String> {
    Some(match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '\u{85}' => "\\N".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        '\u{feff}' => "\\uFEFF".into(),
        c if c.is_control() => format!("\\x{:02X}", u32::from(c)),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let word = prop_oneof![
            "[ \\-#:,\\[{&*!|>'\"%@`a-c0-9.~\n\t]{0,12}",
            any::<String>(),
            prop::sample::select(vec![
                "yes",
                "null",
                "<<",
                "2001-12-14",
                "1e3",
                "0x10",
                "=",
                "---"
            ])
            .prop_map(str::to_owned),
        ];
        let leaf = prop_oneof![
            Just(Value::NULL),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::int),
            word.clone().prop_map(Value::string),
        ];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            let key = word.clone().prop_filter("`<<` merges", |key| key != "<<");
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
                prop::collection::vec((key, inner), 0..4).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_to_the_same(value in any_value()) {
            let text = encode(&value).unwrap();
            prop_assert_eq!(decode(&text), Ok(value), "{}", text);
        }

        #[test]
        fn no_text_is_too_strange_to_be_decoded_or_refused(
            text in prop_oneof![any::<String>(), "[ \\-#:,\\[\\]{}&*!|>'\"?%a<\n\t]{0,40}"],
        ) {
            let _ = decode(&text);
        }
    }
}
