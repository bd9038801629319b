//! The JSON spelling: the YAML model in strict JSON (RFC 8259), read into the same tree by the same builder.
//!
//! JSON is nearly a subset of YAML, but not for a YAML parser that knows no surrogate pairs and lets trailing
//! commas and comments pass; other tools that read these files would not.

use mpctl_provider::{Number, Value};

use super::YamlDocument;
use super::builder::{Abandoned, Builder, text as text_expr};
use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Span};
use crate::spec::hcl::{Places, parse_template};
use crate::spec::syntax::{Expr, ExprKind};

/// Reads a file that is one JSON value. The text is at most `u32::MAX` bytes long.
pub fn read_json(file: FileId, text: &str) -> YamlDocument {
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader {
        file,
        text,
        at: base,
        builder: Builder::new(text.len()),
        open: Vec::new(),
        pieces: Vec::new(),
    };
    let complete = reader.document().is_ok();
    let (root, diagnostics) = reader.builder.finish();
    let span = Span::new(file, base as u32..text.len() as u32);
    YamlDocument { root: root.filter(|_| complete), span, diagnostics }
}

struct Reader<'text> {
    file: FileId,
    text: &'text str,
    at: usize,
    builder: Builder,
    /// The brackets that are open, as the bytes that close them.
    open: Vec<u8>,
    /// Where the last string's characters stand; see [`Places::piecewise`].
    pieces: Vec<(u32, u32)>,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    Value,
    /// A value, or the end of an empty array.
    ValueOrEnd,
    Key,
    /// A key, or the end of an empty object.
    KeyOrEnd,
    /// A comma, or the end of what is open.
    CommaOrEnd,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Abandoned> {
        let mut expected = Expected::Value;
        loop {
            self.skip_space();
            if expected == Expected::CommaOrEnd && self.open.is_empty() {
                return match self.peek() {
                    None => Ok(()),
                    Some(_) => self.fail("something follows the value", "the file should end here"),
                };
            }
            expected = match (expected, self.peek()) {
                (Expected::Value | Expected::ValueOrEnd, Some(b'{')) => self.enter(b'}')?,
                (Expected::Value | Expected::ValueOrEnd, Some(b'[')) => self.enter(b']')?,
                (
                    Expected::ValueOrEnd | Expected::KeyOrEnd | Expected::CommaOrEnd,
                    Some(byte @ (b'}' | b']')),
                ) if self.open.last() == Some(&byte) => self.leave()?,
                (Expected::CommaOrEnd, Some(b',')) => {
                    self.at += 1;
                    if self.open.last() == Some(&b'}') { Expected::Key } else { Expected::Value }
                }
                (Expected::CommaOrEnd, _) => return self.missing_comma(),
                (Expected::Key | Expected::KeyOrEnd, Some(b'"')) => self.key()?,
                (Expected::Key | Expected::KeyOrEnd, _) => {
                    return self.fail("a key in double quotes is missing", "expected here");
                }
                (Expected::Value | Expected::ValueOrEnd, _) => self.scalar()?,
            };
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32..end as u32)
    }

    fn enter(&mut self, closing: u8) -> Result<Expected, Abandoned> {
        let span = self.span(self.at, self.at + 1);
        self.at += 1;
        self.open.push(closing);
        if closing == b'}' {
            self.builder.open_mapping(span, 0)?;
            return Ok(Expected::KeyOrEnd);
        }
        self.builder.open_sequence(span, 0)?;
        Ok(Expected::ValueOrEnd)
    }

    fn leave(&mut self) -> Result<Expected, Abandoned> {
        self.open.pop();
        self.at += 1;
        self.builder.close(self.at as u32)?;
        Ok(Expected::CommaOrEnd)
    }

    fn key(&mut self) -> Result<Expected, Abandoned> {
        let start = self.at;
        let text = self.string()?;
        self.builder.key(&text, self.span(start, self.at));
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.fail("a colon is missing after the key", "expected here");
        }
        self.at += 1;
        Ok(Expected::Value)
    }

    fn scalar(&mut self) -> Result<Expected, Abandoned> {
        let start = self.at;
        let expr = match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                let span = self.span(start, self.at);
                if text.contains("${") || text.contains("%{") {
                    let places = Places::piecewise(self.file, std::mem::take(&mut self.pieces));
                    let (expr, diagnostics) = parse_template(&text, &places);
                    diagnostics.into_iter().for_each(|d| self.builder.report(d));
                    Expr { span, ..expr }
                } else {
                    text_expr(text, span)
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => {
                let rest = &self.text[self.at..];
                let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
                let value = match &rest[..word] {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    "null" => Value::NULL,
                    _ => return self.fail("a value is missing", "expected here"),
                };
                self.at += word;
                Expr::new(ExprKind::Literal(value), self.span(start, self.at))
            }
        };
        self.builder.scalar(expr, 0)?;
        Ok(Expected::CommaOrEnd)
    }

    fn number(&mut self) -> Result<Expr, Abandoned> {
        let start = self.at;
        let rest = &self.text[start..];
        let length =
            rest.bytes().take_while(|b| b.is_ascii_digit() || b"+-.eE".contains(b)).count();
        let text = &rest[..length];
        let Some(number) = is_number(text).then(|| text.parse::<Number>().ok()).flatten() else {
            return self.fail("this is no number that can be used", "malformed or too large");
        };
        self.at += length;
        let span = self.span(start, self.at);
        Ok(Expr::new(ExprKind::Literal(Value::Number(number)), span))
    }

    /// The string at the present place, decoded; leaves its places in `pieces`.
    fn string(&mut self) -> Result<String, Abandoned> {
        self.at += 1;
        self.pieces.clear();
        self.pieces.push((0, self.at as u32));
        let mut decoded = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain =
                rest.bytes().take_while(|b| *b >= b' ' && *b != b'"' && *b != b'\\').count();
            decoded.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(decoded);
                }
                Some(b'\\') => {
                    self.pieces.push((decoded.len() as u32, self.at as u32));
                    decoded.push(self.escape()?);
                    self.pieces.push((decoded.len() as u32, self.at as u32));
                }
                Some(_) => {
                    return self
                        .fail("a string holds a control character", "write it as an escape");
                }
                None => return self.fail("a string does not end", "the file ends here"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Abandoned> {
        let kind = self.text.as_bytes().get(self.at + 1).copied();
        let decoded = match kind {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(byte @ (b'"' | b'\\' | b'/')) => byte as char,
            Some(b'u') => return self.unicode(),
            _ => return self.fail("a string holds an unknown escape", "JSON does not know it"),
        };
        self.at += 2;
        Ok(decoded)
    }

    /// `\uXXXX`, or two of them that make one character together.
    fn unicode(&mut self) -> Result<char, Abandoned> {
        let unit = |at: usize| {
            let text = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            text.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
            u16::from_str_radix(text, 16).ok()
        };
        let units = [unit(self.at), unit(self.at + 6)];
        let decoded = match units {
            [Some(high @ 0xD800..=0xDBFF), Some(low)] => {
                char::decode_utf16([high, low]).next().and_then(Result::ok).map(|c| (c, 12))
            }
            [Some(unit), _] => char::from_u32(u32::from(unit)).map(|c| (c, 6)),
            [None, _] => None,
        };
        match decoded {
            Some((character, length)) => {
                self.at += length;
                Ok(character)
            }
            None => self.fail("this escape is no character", "malformed"),
        }
    }

    fn missing_comma<T>(&mut self) -> Result<T, Abandoned> {
        match self.open.last() {
            Some(b'}') => self.fail("a `,` or `}` is missing", "expected here"),
            _ => self.fail("a `,` or `]` is missing", "expected here"),
        }
    }

    fn fail<T>(&mut self, summary: &str, label: &str) -> Result<T, Abandoned> {
        let end = self.text[self.at..].chars().next().map_or(self.at, |c| self.at + c.len_utf8());
        let diagnostic = Diagnostic::error(code::YAML_SYNTAX, format!("malformed JSON: {summary}"))
            .at(self.span(self.at, end), label);
        self.builder.report(diagnostic);
        Err(Abandoned)
    }
}

/// Whether the text is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) =
        text.find(['e', 'E']).map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
