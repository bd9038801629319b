//! Text from users made safe for a terminal: no control character but newline and tab gets through, nor one
//! that turns the direction of writing or hides.

use std::borrow::Cow;

/// Whether the character must not reach a terminal.
fn is_unsafe(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        _ if character.is_control() => true,
        // Marks, embeddings, overrides and isolates of direction; zero-width space, joiners and no-break space.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' => true,
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{061C}' => true,
        _ => false,
    }
}

/// The text with every unsafe character written as an escape, such as `\u{1b}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_escaped(&mut escaped, character);
    }
    Cow::Owned(escaped)
}

/// The same in one line: line breaks and tabs are escaped too.
pub fn escape_line(text: &str) -> Cow<'_, str> {
    match escape(text) {
        text if text.contains(['\n', '\t']) => {
            Cow::Owned(text.replace('\n', "\\n").replace('\t', "\\t"))
        }
        text => text,
    }
}

/// Appends one character, escaped if it is unsafe.
pub(super) fn push_escaped(text: &mut String, character: char) {
    if is_unsafe(character) {
        text.extend(character.escape_unicode());
    } else {
        text.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_text_is_not() {
        assert_eq!(escape("plain\n\ttext, ümläut, 日本"), "plain\n\ttext, ümläut, 日本");
        assert_eq!(escape("\x1b[31mred\0\u{7f}\u{9b}"), "\\u{1b}[31mred\\u{0}\\u{7f}\\u{9b}");
        assert_eq!(escape("abc\u{202e}fed"), "abc\\u{202e}fed");
        assert_eq!(escape("a\r\n"), "a\\u{d}\n");
        assert_eq!(escape_line("a\n\tb"), "a\\n\\tb");
    }
}
