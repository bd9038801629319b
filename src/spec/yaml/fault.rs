//! What the YAML parser's errors mean to a user, with the mistakes that everybody makes recognized.

use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Span};

/// How far before an error its cause is looked for, in bytes.
const LOOK_BACK: usize = 2048;

/// The parser's error at the byte `at` as a diagnostic.
pub(super) fn explain(file: FileId, text: &str, at: usize, info: &str) -> Diagnostic {
    let at = floor_char_boundary(text, at.min(text.len()));
    let (line_start, line_end) = line_around(text, at);
    if let Some(expression) = unquoted_expression(text, at) {
        return quote_it(file, text, expression);
    }
    let indentation = &text[line_start..line_end];
    let blank = indentation.len() - indentation.trim_start_matches([' ', '\t']).len();
    if let Some(tab) = indentation[..blank].find('\t') {
        let start = (line_start + tab) as u32;
        return Diagnostic::error(code::YAML_SYNTAX, "a tab cannot indent in YAML")
            .at(Span::new(file, start..start + 1), "this is a tab")
            .hint("indent with spaces");
    }
    let end = text[at..].chars().next().filter(|c| *c != '\n').map_or(at, |c| at + c.len_utf8());
    let (summary, hint) = translate(info);
    let diagnostic = Diagnostic::error(code::YAML_SYNTAX, summary)
        .at(Span::new(file, at as u32..end as u32), "malformed here");
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

fn quote_it(file: FileId, text: &str, (start, end): (usize, usize)) -> Diagnostic {
    let span = Span::new(file, start as u32..end as u32);
    let written = &text[start..end];
    if written.starts_with("{{") {
        return Diagnostic::error(
            code::YAML_SYNTAX,
            "`{{ … }}` is not how an expression is written",
        )
        .at(span, "YAML reads this as a mapping in a mapping")
        .hint("write `\"${…}\"`");
    }
    let (summary, label) = if in_flow(text, start) {
        ("inside `{}` or `[]` an expression must be quoted", "YAML takes this brace for its own")
    } else {
        (
            "an expression that holds `: ` or ` #` must be quoted",
            "YAML takes a part of this for its own",
        )
    };
    let quoted =
        if written.contains('"') { format!("'{written}'") } else { format!("\"{written}\"") };
    Diagnostic::error(code::YAML_SYNTAX, summary).at(span, label).hint(format!("write `{quoted}`"))
}

/// The unquoted `${…}`, `%{…}` or `{{…}}` that an error at the byte `at` is probably about: the last one that
/// begins before it, on its own line or the line before.
fn unquoted_expression(text: &str, at: usize) -> Option<(usize, usize)> {
    let (line_start, line_end) = line_around(text, at);
    let from = floor_char_boundary(text, line_start.max(at.saturating_sub(LOOK_BACK)));
    let until = floor_char_boundary(text, line_end.min(at + LOOK_BACK));
    find_unquoted(text, from, until).or_else(|| {
        // Some errors are noticed on the line after.
        let before = line_start.checked_sub(1)?;
        let (start, end) = line_around(text, before);
        let start = floor_char_boundary(text, start.max(end.saturating_sub(LOOK_BACK)));
        text[line_start..at].trim().is_empty().then(|| find_unquoted(text, start, end)).flatten()
    })
}

fn find_unquoted(text: &str, from: usize, until: usize) -> Option<(usize, usize)> {
    let line = &text.as_bytes()[from..until];
    let mut quote = None;
    for (at, byte) in line.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') if at == 0 || !line[at - 1].is_ascii_alphanumeric() => {
                quote = Some(*byte);
            }
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'$' | b'%' | b'{') if line.get(at + 1) == Some(&b'{') => {
                return Some((from + at, from + at + expression_length(&line[at..])));
            }
            (None, b'#') if at > 0 && line[at - 1] == b' ' => return None,
            _ => {}
        }
    }
    None
}

/// Up to the brace that closes the first one, or to the end of the line.
fn expression_length(text: &[u8]) -> usize {
    let mut depth = 0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    std::str::from_utf8(text).map_or(2, |text| text.trim_end().len())
}

/// Whether a `{` or `[` is open on the line before the byte.
fn in_flow(text: &str, at: usize) -> bool {
    let (start, _) = line_around(text, at);
    let before = &text.as_bytes()[start.max(at.saturating_sub(LOOK_BACK))..at];
    let count = |wanted: &[u8]| before.iter().filter(|b| wanted.contains(b)).count();
    count(b"{[") > count(b"}]")
}

/// The parser's words in ours, and what to do.
fn translate(info: &str) -> (&str, Option<&'static str>) {
    match info {
        _ if info.contains("mapping values are not allowed") => (
            "a second `: ` stands in one line",
            Some(
                "quote the value if it holds a colon and a space, or move the key to a line of its own",
            ),
        ),
        _ if info.contains("simple key expect") => (
            "this line is no `key: value`",
            Some("every line of a mapping needs a key with a colon and a space after it"),
        ),
        _ if info.contains("did not find expected key") => (
            "a key is expected here",
            Some(
                "keys of one mapping begin in the same column; an item of a list begins with `- `",
            ),
        ),
        _ if info.contains("unexpected end of stream") || info.contains("unexpected eof") => {
            ("the file ends within a quoted string", Some("close the quote"))
        }
        _ if info.contains("expected ',' or '}'") => {
            ("a `,` or `}` is missing", Some("entries within `{}` are separated by commas"))
        }
        _ if info.contains("expected ',' or ']'") => {
            ("a `,` or `]` is missing", Some("entries within `[]` are separated by commas"))
        }
        _ if info.contains("unknown escape character") => (
            "a double-quoted string holds an unknown escape",
            Some("a backslash is written `\\\\`; between single quotes it needs no escape"),
        ),
        _ if info.contains("unknown anchor") => {
            ("this alias has no anchor", Some("`&name` must stand before `*name`"))
        }
        _ if info.contains("recursion limit") => {
            ("brackets nest too deeply", Some("flatten the structure"))
        }
        _ if info.contains("invalid trailing content") => (
            "text follows the closing quote",
            Some("quote the whole value, or escape the quote within it"),
        ),
        _ => (info.trim_start_matches("while "), None),
    }
}

fn line_around(text: &str, at: usize) -> (usize, usize) {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    (start, end)
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
