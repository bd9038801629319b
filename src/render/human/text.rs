//! Text from users and providers, made fit for a terminal.
//!
//! It keeps true: whatever goes in, no control character but newline and tab comes out, and no character that
//! turns the direction of writing around.

use std::fmt::Write;

/// Whether the character must not reach a terminal as it is.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn escape(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", c as u32);
        }
    }
}

/// Whether every byte can be written as it is, between quotes too.
fn is_harmless(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b) && !matches!(b, b'"' | b'\\' | b'$' | b'%'))
}

/// As a quoted string of the language, on one line.
pub(crate) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    if is_harmless(text) {
        out.push_str(text);
    } else {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                '$' | '%' if chars.peek() == Some(&'{') => {
                    out.push(c);
                    out.push(c);
                }
                c if is_harmful(c) => escape(out, c),
                c => out.push(c),
            }
        }
    }
    out.push('"');
}

/// As it is, on one line.
pub(crate) fn one_line(out: &mut String, text: &str) {
    if is_harmless(text) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        if is_harmful(c) { escape(out, c) } else { out.push(c) }
    }
}

/// One line of a longer text: tabs stay.
pub(crate) fn line_of(out: &mut String, text: &str) {
    for c in text.chars() {
        if is_harmful(c) && c != '\t' { escape(out, c) } else { out.push(c) }
    }
}

/// Whether the text can stand as a key without quotes.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Cuts what stands after the byte `start` to so many characters.
pub(crate) fn cut(text: &mut String, start: usize, room: usize) {
    if let Some((end, _)) = text[start..].char_indices().nth(room) {
        let end = text[start..start + end].char_indices().next_back().map_or(0, |(at, _)| at);
        text.truncate(start + end);
        text.push('…');
    }
}

/// `1 thing`, `2 things`.
pub(crate) fn count(out: &mut String, number: usize, one: &str, many: &str) {
    let _ = write!(out, "{number} {}", if number == 1 { one } else { many });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(f: fn(&mut String, &str), text: &str) -> String {
        let mut out = String::new();
        f(&mut out, text);
        out
    }

    #[test]
    fn quoted_strings_read_back_as_the_language_writes_them() {
        assert_eq!(through(quoted, "plain"), r#""plain""#);
        assert_eq!(through(quoted, "a \"b\" \\ ${c} %{d} $e"), r#""a \"b\" \\ $${c} %%{d} $e""#);
        assert_eq!(through(quoted, "tab\tend\r\n"), r#""tab\tend\r\n""#);
    }

    #[test]
    fn nothing_that_steers_a_terminal_comes_through() {
        let hostile = "a\u{1b}[31mred\u{7}\u{9b}2J\u{202e}txt";
        for f in [quoted, one_line, line_of] {
            let out = through(f, hostile);
            assert!(!out.chars().any(is_harmful), "{out:?}");
        }
        assert_eq!(through(one_line, "\u{1b}[31m"), "\\u001b[31m");
        assert_eq!(through(line_of, "a\tb\u{0}"), "a\tb\\u0000");
    }
}
