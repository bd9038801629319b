//! Text in other encodings than UTF-8, as Base64. Terraform knows every encoding of IANA's list; here are those
//! that are computed, not looked up in tables.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mpctl_provider::Value;

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text};
use crate::expr::EvalContext;
use crate::expr::describe::quote;

type Outcome = Result<Value, Fault>;

/// Both directions.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "textdecodebase64",
        parameters: &[
            Parameter::new("source", Kind::String),
            Parameter::new("encoding", Kind::String),
        ],
        variadic: None,
        returns: Returns::Kind(Kind::String),
        body: decode,
    },
    Function {
        name: "textencodebase64",
        parameters: &[
            Parameter::new("string", Kind::String),
            Parameter::new("encoding", Kind::String),
        ],
        variadic: None,
        returns: Returns::Kind(Kind::String),
        body: encode,
    },
];

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
    /// One byte a character, up to this one.
    Byte(u8),
}

impl Encoding {
    fn named(name: &str) -> Result<Encoding, Fault> {
        Ok(match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Encoding::Utf8,
            "UTF-16LE" => Encoding::Utf16Little,
            "UTF-16BE" => Encoding::Utf16Big,
            "ISO-8859-1" | "LATIN1" => Encoding::Byte(0xff),
            "US-ASCII" | "ASCII" => Encoding::Byte(0x7f),
            _ => {
                return Err(quoted(1, "there is no encoding ", name, " here")
                    .hint("there are UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 and US-ASCII"));
            }
        })
    }

    /// `None` if a character has no place in it.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Utf8 => Some(text.as_bytes().to_vec()),
            Encoding::Utf16Little => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Encoding::Utf16Big => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Encoding::Byte(last) => {
                text.chars().map(|c| u8::try_from(c).ok().filter(|b| *b <= last)).collect()
            }
        }
    }

    /// `None` if the bytes are no text in it.
    fn decode(self, bytes: Vec<u8>) -> Option<String> {
        match self {
            Encoding::Utf8 => String::from_utf8(bytes).ok(),
            Encoding::Utf16Little => utf16(&bytes, u16::from_le_bytes),
            Encoding::Utf16Big => utf16(&bytes, u16::from_be_bytes),
            Encoding::Byte(last) => {
                bytes.into_iter().map(|byte| (byte <= last).then_some(char::from(byte))).collect()
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text = char::decode_utf16(units).collect::<Result<String, _>>().ok();
    text.filter(|_| rest.is_empty())
}

fn encode(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let encoding = Encoding::named(text(arguments, 1))?;
    match encoding.encode(text(arguments, 0)) {
        Some(bytes) => Ok(Value::string(BASE64.encode(bytes))),
        None => {
            let name = quote(text(arguments, 1));
            Err(Fault::of(0, format!("the text has characters that {name} does not have")))
        }
    }
}

fn decode(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let encoding = Encoding::named(text(arguments, 1))?;
    let source = text(arguments, 0);
    let bytes = BASE64.decode(source).map_err(|_| quoted(0, "", source, " is not Base64"))?;
    match encoding.decode(bytes) {
        Some(decoded) => Ok(Value::string(decoded)),
        None => {
            let name = quote(text(arguments, 1));
            Err(Fault::of(0, format!("the decoded bytes are no text in {name}")))
        }
    }
}
