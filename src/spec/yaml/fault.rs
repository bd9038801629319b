//! What the YAML parser's errors mean to a user, with the mistakes that everybody makes recognized.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Span};

/// How far around an error its cause is looked for, in bytes.
const LOOK_AROUND: usize = 2048;

/// A longer text is not repeated in a hint, in bytes.
const LONGEST_HINT: usize = 100;

/// The parser's error at the byte `at` as a diagnostic.
pub(super) fn explain(file: FileId, text: &str, at: usize, info: &str) -> Diagnostic {
    let fault = Fault { file, text, at: floor(text, at) };
    if let Some(expression) = fault.unquoted_expression() {
        return fault.quote_expression(expression);
    }
    if let Some(tab) = fault.indenting_tab() {
        return Diagnostic::error(code::YAML_SYNTAX, "a tab cannot indent in YAML")
            .at(fault.span(tab..tab + 1), "this is a tab")
            .hint("indent with spaces");
    }
    if info.contains("mapping values are not allowed")
        && let Some(line) = fault.line_without_colon()
    {
        return Diagnostic::error(code::YAML_SYNTAX, "this line is no `key: value`")
            .at(fault.span(line), "the line after it is a key, so this must be one")
            .hint("write a colon and a space after the key, even where it has no value");
    }
    if info.contains("unknown escape character")
        && let Some(escape) = fault.unknown_escape()
    {
        return Diagnostic::error(
            code::YAML_SYNTAX,
            "a double-quoted string holds an unknown escape",
        )
        .at(fault.span(escape), "YAML does not know it")
        .hint("a backslash is written `\\\\`; between single quotes it needs no escape");
    }
    let (summary, hint) = translate(info);
    let diagnostic = Diagnostic::error(code::YAML_SYNTAX, summary)
        .at(fault.span(fault.word()), "malformed here");
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// What to say of a plain scalar whose template is malformed since a comment cuts it off, as in
/// `${f(" #")}`; `None` if no comment follows it.
pub(super) fn cut_by_comment(
    file: FileId,
    text: &str,
    scalar: &Range<usize>,
) -> Option<Diagnostic> {
    let fault = Fault { file, text, at: scalar.end };
    text[scalar.end..fault.line(scalar.end).end].trim_start().starts_with('#').then(|| {
        let line = scalar.start..fault.line(scalar.end).end;
        let start = text[line.clone()].find("${").map_or(line.start, |at| line.start + at);
        fault.quote_expression(start..start + expression_length(&text[start..line.end]))
    })
}

/// An error in a text.
struct Fault<'text> {
    file: FileId,
    text: &'text str,
    at: usize,
}

impl Fault<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start as u32..range.end as u32)
    }

    /// The line of a byte, without its line break.
    fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n);
        start..end
    }

    /// The line of a byte, or as much of it as is looked at.
    fn near(&self, at: usize) -> Range<usize> {
        let line = self.line(at);
        floor(self.text, line.start.max(at.saturating_sub(LOOK_AROUND)))
            ..floor(self.text, line.end.min(at + LOOK_AROUND))
    }

    /// The line before the one of the error.
    fn line_before(&self) -> Option<Range<usize>> {
        let end = self.line(self.at).start.checked_sub(1)?;
        Some(self.near(end))
    }

    /// The alias, or the character, at the error.
    fn word(&self) -> Range<usize> {
        let rest = &self.text[self.at..];
        let length = match rest.chars().next() {
            Some('*') => rest.bytes().take_while(|b| !b.is_ascii_whitespace()).take(80).count(),
            Some('\n') | None => 0,
            Some(character) => character.len_utf8(),
        };
        self.at..floor(self.text, self.at + length)
    }

    fn indenting_tab(&self) -> Option<usize> {
        let line = self.line(self.at);
        let text = &self.text[line.clone()];
        let blank = text.len() - text.trim_start_matches([' ', '\t']).len();
        text[..blank].find('\t').map(|tab| line.start + tab)
    }

    /// The line before, if it is a bare word and the error's own line is the first that has a colon.
    fn line_without_colon(&self) -> Option<Range<usize>> {
        let before = &self.text[self.near(self.at).start..self.at];
        if before.contains(": ") {
            return None;
        }
        let line = self.line_before()?;
        let text = &self.text[line.clone()];
        let word = text.trim();
        if word.is_empty() || word.contains(':') {
            return None;
        }
        let start = line.start + text.len() - text.trim_start().len();
        Some(start..start + word.len())
    }

    /// The first escape of the double-quoted string at the error that YAML does not know.
    fn unknown_escape(&self) -> Option<Range<usize>> {
        let mut rest = self.text[self.at..].char_indices().skip(1);
        while let Some((at, character)) = rest.next() {
            if character == '"' {
                return None;
            }
            if character == '\\' {
                let (_, kind) = rest.next()?;
                if !"0abt\tnvfre \"/\\N_LPxuU\n\r".contains(kind) {
                    return Some(self.at + at..self.at + at + 1 + kind.len_utf8());
                }
            }
        }
        None
    }

    /// The unquoted `${…}`, `%{…}` or `{{…}}` that the error is probably about: on its line, or on the one
    /// before, since some errors are noticed late.
    fn unquoted_expression(&self) -> Option<Range<usize>> {
        let near = self.near(self.at);
        find_unquoted(self.text, near).or_else(|| {
            let line = self.line(self.at);
            let late = self.text[line.start..self.at].trim().is_empty();
            late.then(|| find_unquoted(self.text, self.line_before()?)).flatten()
        })
    }

    fn quote_expression(&self, expression: Range<usize>) -> Diagnostic {
        let written = &self.text[expression.clone()];
        if written.starts_with("{{") {
            return Diagnostic::error(
                code::YAML_SYNTAX,
                "`{{ … }}` is not how an expression is written",
            )
            .at(self.span(expression), "YAML reads this as a mapping in a mapping")
            .hint("write `\"${…}\"`");
        }
        let (summary, label, value) = if self.in_flow(expression.start) {
            let summary = "inside `{}` or `[]` an expression must be quoted";
            (summary, "YAML takes this brace for its own", expression)
        } else if written.starts_with('%') && self.value_start(expression.start) == expression.start
        {
            let value = self.value(expression.start);
            ("a value that begins with `%` must be quoted", "YAML takes this for its own", value)
        } else {
            let summary = "an expression that holds `: ` or ` #` must be quoted";
            (summary, "YAML takes a part of this for its own", self.value(expression.start))
        };
        let written = &self.text[value.clone()];
        let diagnostic = Diagnostic::error(code::YAML_SYNTAX, summary).at(self.span(value), label);
        if written.len() > LONGEST_HINT {
            return diagnostic.hint("put quotes around it");
        }
        let quote = if written.contains('"') { '\'' } else { '"' };
        let quoted = if quote == '\'' { written.replace('\'', "''") } else { written.to_owned() };
        diagnostic.hint(format!("write `{quote}{quoted}{quote}`"))
    }

    /// Where the value begins that holds the byte: after `key: ` or `- `.
    fn value_start(&self, at: usize) -> usize {
        let start = self.near(at).start;
        let before = &self.text[start..at];
        let value = match (before.find(": "), before.rfind("- ")) {
            (Some(colon), _) => colon + 2,
            (None, Some(dash)) => dash + 2,
            (None, None) => 0,
        };
        start + value + before[value..].len() - before[value..].trim_start().len()
    }

    fn value(&self, at: usize) -> Range<usize> {
        let start = self.value_start(at);
        start..start + self.text[start..self.near(at).end].trim_end().len()
    }

    /// Whether a `{` or `[` is open on the line before the byte.
    fn in_flow(&self, at: usize) -> bool {
        let before = &self.text.as_bytes()[self.near(at).start..at];
        let count = |wanted: &[u8]| before.iter().filter(|b| wanted.contains(b)).count();
        count(b"{[") > count(b"}]")
    }
}

fn find_unquoted(text: &str, within: Range<usize>) -> Option<Range<usize>> {
    let line = &text.as_bytes()[within.clone()];
    let mut quote = None;
    for (at, byte) in line.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') if at == 0 || !line[at - 1].is_ascii_alphanumeric() => {
                quote = Some(*byte);
            }
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'$' | b'%' | b'{') if line.get(at + 1) == Some(&b'{') => {
                let start = within.start + at;
                return Some(start..start + expression_length(&text[start..within.end]));
            }
            (None, b'#') if at > 0 && line[at - 1] == b' ' => return None,
            _ => {}
        }
    }
    None
}

/// Up to the brace that closes the first one, or to the end of the text.
fn expression_length(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.trim_end().len()
}

/// The parser's words in ours, and what to do.
fn translate(info: &str) -> (&str, Option<&'static str>) {
    const KNOWN: [(&str, &str, &str); 15] = [
        (
            "mapping values are not allowed",
            "a second `: ` stands in one line",
            "quote the value if it holds a colon and a space, or give the key a line of its own",
        ),
        (
            "simple key expect",
            "this line is no `key: value`",
            "every line of a mapping needs a key with a colon and a space after it",
        ),
        (
            "did not find expected key",
            "a key is expected here",
            "keys of one mapping begin in the same column; an item of a list begins with `- `",
        ),
        (
            "did not find expected '-' indicator",
            "an item of the list is expected here",
            "items of one list begin in the same column, each with `- `",
        ),
        (
            "indentation in quoted scalar",
            "this string does not end where it should",
            "close the quote",
        ),
        ("unexpected end of stream", "this string is never closed", "close the quote"),
        ("unexpected document indicator", "this string is never closed", "close the quote"),
        ("unexpected eof", "the document ends too early", "close what is open"),
        (
            "expected ',' or '}'",
            "a `,` or `}` is missing",
            "entries within `{}` are separated by commas",
        ),
        (
            "expected ',' or ']'",
            "a `,` or `]` is missing",
            "entries within `[]` are separated by commas",
        ),
        ("unknown anchor", "this alias has no anchor", "`&name` must stand before `*name`"),
        ("recursion limit", "brackets nest too deeply", "flatten the structure"),
        (
            "invalid trailing content",
            "text follows the closing quote",
            "quote the whole value, or escape the quote within it",
        ),
        ("unexpected character", "a value cannot begin with this character", "quote the value"),
        (
            "invalid indentation",
            "this line is indented too little",
            "close the `[` or `{` that is open above, or indent this line",
        ),
    ];
    KNOWN
        .iter()
        .find(|(part, ..)| info.contains(part))
        .map_or((info.trim_start_matches("while "), None), |(_, summary, hint)| {
            (summary, Some(hint))
        })
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
