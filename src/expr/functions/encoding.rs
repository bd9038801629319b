//! Functions that encode and decode: Base64, gzip, JSON, URLs.

use std::fmt::Write;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::{Compression, GzBuilder};
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text};
use super::strings::too_long;
use crate::expr::{EvalContext, MAX_TEXT};

const STR: Parameter = Parameter::new("str", Kind::String);
const STRING: Returns = Returns::Kind(Kind::String);

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "base64decode",
        parameters: &[STR],
        variadic: None,
        returns: STRING,
        body: base64_decode,
    },
    Function {
        name: "base64encode",
        parameters: &[STR],
        variadic: None,
        returns: STRING,
        body: |arguments, _| Ok(Value::string(BASE64.encode(text(arguments, 0)))),
    },
    Function {
        name: "base64gzip",
        parameters: &[STR],
        variadic: None,
        returns: STRING,
        body: base64_gzip,
    },
    Function {
        name: "jsondecode",
        parameters: &[STR],
        variadic: None,
        returns: Returns::Computed(|_| Type::Dynamic),
        body: json_decode,
    },
    Function {
        name: "jsonencode",
        parameters: &[Parameter::new("val", Kind::Any).null()],
        variadic: None,
        returns: STRING,
        body: |arguments, _| json_text(&arguments[0]).map(Value::string),
    },
    Function {
        name: "urlencode",
        parameters: &[STR],
        variadic: None,
        returns: STRING,
        body: |arguments, _| Ok(Value::string(url_encode(text(arguments, 0)))),
    },
];

fn base64_decode(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let encoded = text(arguments, 0);
    let bytes = BASE64.decode(encoded).map_err(|_| quoted(0, "", encoded, " is not Base64"))?;
    match String::from_utf8(bytes) {
        Ok(decoded) => Ok(Value::string(decoded)),
        Err(_) => Err(Fault::of(0, "the decoded bytes are not UTF-8 text")),
    }
}

/// The same text always gives the same bytes: the header holds neither a time nor the operating system.
fn base64_gzip(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    const UNKNOWN_SYSTEM: u8 = 255;
    let mut writer =
        GzBuilder::new().operating_system(UNKNOWN_SYSTEM).write(Vec::new(), Compression::default());
    let zipped = writer.write_all(text(arguments, 0).as_bytes()).and_then(|()| writer.finish());
    match zipped {
        Ok(bytes) => Ok(Value::string(BASE64.encode(bytes))),
        Err(error) => Err(Fault::new(format!("cannot compress: {error}"))),
    }
}

fn json_decode(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    Value::parse_json(text(arguments, 0))
        .map_err(|fault| Fault::of(0, format!("not JSON: {fault}")))
}

/// JSON as `jsonencode` writes it: on one line, keys sorted, and what HTML gives a meaning escaped.
pub(super) fn json_text(value: &Value) -> Result<String, Fault> {
    let mut out = String::new();
    write_json(value, &mut out)?;
    Ok(out)
}

fn write_json(value: &Value, out: &mut String) -> Result<(), Fault> {
    if out.len() > MAX_TEXT {
        return Err(too_long());
    }
    let items = |items: &[Value], out: &mut String| {
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_json(item, out)?;
        }
        out.push(']');
        Ok(())
    };
    let entries = |entries: &mpctl_provider::value::Entries, out: &mut String| {
        out.push('{');
        for (at, (key, value)) in entries.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_json_string(key, out);
            out.push(':');
            write_json(value, out)?;
        }
        out.push('}');
        Ok(())
    };
    match value {
        Value::Null(_) => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_json_string(text, out),
        Value::List(s) | Value::Set(s) => return items(&s.items, out),
        Value::Tuple(parts) => return items(parts, out),
        Value::Map(m) => return entries(&m.entries, out),
        Value::Object(e) => return entries(e, out),
        Value::Sensitive(inner) => return write_json(inner, out),
        Value::Unknown(_) => return Err(Fault::new("part of the value is not known yet")),
    }
    Ok(())
}

fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// As a value in a query: letters, digits and `-_.~` stay, a space is `+`.
fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn gzip_gives_back_the_text_and_says_nothing_of_the_machine() {
        let text = "müesli\n".repeat(100);
        let zipped = base64_gzip(&[Value::string(text.clone())], &EvalContext::closed()).unwrap();
        let bytes = BASE64.decode(zipped.as_str().unwrap()).unwrap();
        let mut back = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        assert!(bytes.len() < 60, "{}", bytes.len());
        assert_eq!((&bytes[4..8], bytes[9]), (&[0; 4][..], 255), "neither time nor system");
    }
}
