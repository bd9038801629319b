//! `fmt`: the canonical layout, byte for byte that of `terraform fmt` 1.11.
//!
//! The text must be free of syntax errors; then its tokens get new white space between them. Two steps:
//! [`rewrite`] modernises a few old spellings, [`layout`] decides the spaces. Comments and line breaks, `\r\n`
//! among them, stay as they are; nothing is wrapped or joined.
//!
//! Known differences, in all of which `terraform fmt` loses something that the user wrote:
//!
//! * a comment between the labels of a block is kept, theirs is dropped;
//! * a label that holds `$` or `%` is kept, theirs is dropped;
//! * `"${…}"` is not unwrapped where its line would end too early, theirs becomes invalid;
//! * a byte order mark stays away here as there, but leaves no spaces behind.

mod layout;
mod rewrite;
mod spacing;

use std::borrow::Cow;

use super::lexer::{Entry, Kind, tokens};
use crate::diagnostic::Diagnostics;
use crate::source::FileId;

/// A token with what stands before it.
#[derive(Clone, Debug)]
struct Piece<'text> {
    kind: Kind,
    text: Cow<'text, str>,
    /// Its first byte in the source; for a token that a rewrite has added, that of what it replaces.
    start: u32,
    /// How many spaces are written before it.
    spaces: usize,
}

/// The text in canonical layout, or what is wrong with its syntax. Applied to its own result it changes
/// nothing.
pub fn fmt(file: FileId, text: &str) -> Result<String, Diagnostics> {
    let (body, diagnostics) = super::parse_file(file, text);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let (pieces, trailing) = pieces(text);
    let mut pieces = rewrite::modernise(pieces, &body);
    layout::lay_out(&mut pieces);
    Ok(write(&pieces, trailing))
}

/// The tokens of the text without white space, and how much white space stands at its very end.
fn pieces(text: &str) -> (Vec<Piece<'_>>, usize) {
    let tokens = tokens(text, Entry::Code);
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(tokens.len());
    let mut trailing = 0;
    for pair in tokens.windows(2) {
        let (start, end) = (pair[0].start, pair[1].start);
        let piece = Cow::Borrowed(&text[start as usize..end as usize]);
        match (pair[0].kind, pieces.last_mut()) {
            (Kind::Whitespace, _) => {
                trailing = piece.len();
                continue;
            }
            (Kind::ByteOrderMark, _) => continue,
            // A line comment takes the line break with it: it ends the line.
            (Kind::Newline, Some(comment))
                if comment.kind == Kind::LineComment && !ends_line(comment) =>
            {
                comment.text = Cow::Borrowed(&text[comment.start as usize..end as usize]);
            }
            (kind, _) => pieces.push(Piece { kind, text: piece, start, spaces: 0 }),
        }
        trailing = 0;
    }
    (pieces, trailing)
}

/// Whether the line ends with this token.
fn ends_line(piece: &Piece<'_>) -> bool {
    match piece.kind {
        Kind::Newline => true,
        Kind::LineComment => piece.text.ends_with('\n'),
        _ => false,
    }
}

fn write(pieces: &[Piece<'_>], trailing: usize) -> String {
    let length = pieces.iter().map(|piece| piece.spaces + piece.text.len()).sum::<usize>();
    let mut text = String::with_capacity(length + trailing);
    for piece in pieces {
        text.extend(std::iter::repeat_n(' ', piece.spaces));
        text.push_str(&piece.text);
    }
    // White space at the end of the text belongs to no line and stays, as spaces.
    text.extend(std::iter::repeat_n(' ', trailing));
    text
}
