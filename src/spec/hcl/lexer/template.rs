//! Template text: how far a piece of it reaches, and what ends a heredoc.
//!
//! Each function looks at the bytes from the current place on and must take at least one of them.

use super::Kind;

/// `${` or `%{`, with the `~` that may follow, if that is what stands here; and its length.
pub(super) fn opening(rest: &[u8]) -> Option<(Kind, usize)> {
    let kind = match rest {
        [b'$', b'{', ..] => Kind::InterpolationOpen,
        [b'%', b'{', ..] => Kind::DirectiveOpen,
        _ => return None,
    };
    Some((kind, if rest.get(2) == Some(&b'~') { 3 } else { 2 }))
}

/// The length of the text between quotes that begins here: up to a quote, a line break or an opening.
pub(super) fn quoted_text(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'"' | b'\n' | b'\r' => return at,
            // A backslash takes the next character with it, so that `\"` ends nothing.
            b'\\' if rest.get(at + 1).is_some_and(|next| !matches!(next, b'\n' | b'\r')) => at += 2,
            b'$' | b'%' => match at_sign(&rest[at..]) {
                Some(length) => at += length,
                None => return at,
            },
            _ => at += 1,
        }
    }
    at
}

/// The length of the text without quotes that begins here: up to an opening, or the end of the line, its
/// line break included.
pub(super) fn line_text(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\n' => return at + 1,
            b'$' | b'%' => match at_sign(&rest[at..]) {
                Some(length) => at += length,
                None => return at,
            },
            _ => at += 1,
        }
    }
    at
}

/// How many bytes of `$…` or `%…` are text: three for the escapes `$${` and `%%{`, none for an opening.
fn at_sign(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'$', b'{', ..] | [b'%', b'{', ..] => None,
        [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => Some(3),
        _ => Some(1),
    }
}

/// Where the name of a heredoc lies in its opening `<<NAME\n`, which lies at `start..end`.
pub(super) fn heredoc_name(text: &str, start: usize, end: usize) -> (u32, u32) {
    let opening = &text[start..end];
    let name = opening.trim_start_matches('<').trim_start_matches('-').trim_end();
    let name_end = start + opening.trim_end().len();
    ((name_end - name.len()) as u32, name_end as u32)
}

/// The length of the line that begins at `at` if it ends the heredoc: nothing but its name, and a line break
/// after it, which does not count.
pub(super) fn heredoc_close(text: &str, at: usize, name: (u32, u32)) -> Option<usize> {
    if text.as_bytes().get(at.wrapping_sub(1)) != Some(&b'\n') {
        return None;
    }
    let name = &text[name.0 as usize..name.1 as usize];
    let rest = &text[at..];
    // Most lines differ early, so that the search for the line's end is rarely made.
    let indented = rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
    let length = indented.starts_with(name).then(|| rest.find('\n'))??;
    let line = &rest[..length];
    (line.trim() == name).then(|| line.strip_suffix('\r').unwrap_or(line).len())
}
