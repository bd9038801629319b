//! Literals: numbers, and the escapes of text.

use std::borrow::Cow;
use std::str::FromStr;

use mpctl_provider::{Number, Value};

use super::cursor::Parser;
use super::message::shown;
use super::{Failed, Parsed};
use crate::diagnostic::{Diagnostic, code};
use crate::spec::syntax::{Expr, ExprKind};

impl Parser<'_> {
    /// A number.
    pub(super) fn number(&mut self) -> Parsed {
        let (text, span) = (self.token_text(), self.token_span());
        self.bump();
        self.height = 1;
        match Number::from_str(text) {
            Ok(number) => Ok(Expr::new(ExprKind::Literal(Value::Number(number)), span)),
            Err(_) => {
                let error = Diagnostic::error(
                    code::HCL_SYNTAX,
                    format!("`{}` is not a number", shown(text)),
                )
                .at(span, "not a number")
                .hint("write a text with dots, such as a version, in quotes");
                Err(self.report(error))
            }
        }
    }

    /// Text between quotes with its escapes resolved; `start` is its first byte. What is no escape is reported
    /// and left out.
    pub(super) fn unescape_quoted<'t>(&mut self, text: &'t str, start: u32) -> Cow<'t, str> {
        if !text.bytes().any(|byte| matches!(byte, b'\\' | b'$' | b'%')) {
            return Cow::Borrowed(text);
        }
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            resolved.push_str(&rest[..at]);
            rest = &rest[at..];
            let offset = start + (text.len() - rest.len()) as u32;
            if rest.starts_with('\\') {
                match escape(rest) {
                    Ok((character, length)) => {
                        resolved.push(character);
                        rest = &rest[length..];
                    }
                    Err(length) => {
                        self.bad_escape(&rest[..length], offset);
                        rest = &rest[length..];
                    }
                }
            } else {
                rest = doubled_sign(rest, &mut resolved);
            }
        }
        resolved.push_str(rest);
        Cow::Owned(resolved)
    }

    fn bad_escape(&mut self, escape: &str, start: u32) -> Failed {
        let span = self.places.span(start..start + escape.len() as u32);
        let hint = match escape.as_bytes().get(1) {
            Some(b'u') => "`\\u` takes four hexadecimal digits of a character, as in `\\u00e9`",
            Some(b'U') => {
                "`\\U` takes eight hexadecimal digits of a character, as in `\\U0001f600`"
            }
            Some(b'$' | b'%') => "double the sign for a literal `${` or `%{`: `$${`, `%%{`",
            _ => {
                "the escapes are \\n \\r \\t \\\" \\\\ \\uNNNN and \\UNNNNNNNN; a backslash itself is \\\\"
            }
        };
        let error =
            Diagnostic::error(code::HCL_SYNTAX, format!("`{}` is not an escape", shown(escape)));
        self.report(error.at(span, "unknown escape").hint(hint))
    }
}

/// Text without quotes, in which only `$${` and `%%{` are escapes.
pub(super) fn unescape_line(text: &str) -> Cow<'_, str> {
    if !text.contains("$${") && !text.contains("%%{") {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        resolved.push_str(&rest[..at]);
        rest = doubled_sign(&rest[at..], &mut resolved);
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// `$${` stands for `${`; any other sign for itself. Gives what follows.
fn doubled_sign<'t>(rest: &'t str, resolved: &mut String) -> &'t str {
    match rest.as_bytes() {
        [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => {
            resolved.push_str(&rest[1..3]);
            &rest[3..]
        }
        _ => {
            resolved.push_str(&rest[..1]);
            &rest[1..]
        }
    }
}

/// The character that an escape stands for and the escape's length, or the length of what is no escape.
fn escape(rest: &str) -> Result<(char, usize), usize> {
    let digits = match rest.as_bytes().get(1) {
        Some(b'n') => return Ok(('\n', 2)),
        Some(b'r') => return Ok(('\r', 2)),
        Some(b't') => return Ok(('\t', 2)),
        Some(b'"') => return Ok(('"', 2)),
        Some(b'\\') => return Ok(('\\', 2)),
        Some(b'u') => 4,
        Some(b'U') => 8,
        _ => return Err(1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
    };
    let found = rest.bytes().skip(2).take(digits).take_while(u8::is_ascii_hexdigit).count();
    let character = rest.get(2..2 + digits).filter(|_| found == digits);
    let character = character.and_then(|hex| u32::from_str_radix(hex, 16).ok());
    character.and_then(char::from_u32).map(|c| (c, 2 + digits)).ok_or(2 + found)
}
