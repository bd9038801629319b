//! The pieces of a template in a row, and what is done to white space between them.

use std::borrow::Cow;
use std::slice::SliceIndex;

use crate::spec::syntax::{Expr, Name};

/// What a piece is.
pub(super) enum PieceKind<'text> {
    /// Text, escapes resolved. In templates without quotes, at most one line.
    Text(Cow<'text, str>),
    /// `${…}`
    Interpolation(Expr),
    /// `%{if …}`
    If(Expr),
    /// `%{else}`
    Else,
    /// `%{endif}`
    EndIf,
    /// `%{for … in …}`
    For { key: Option<Name>, value: Name, collection: Expr },
    /// `%{endfor}`
    EndFor,
}

/// A piece of a template and its bytes.
pub(super) struct Piece<'text> {
    pub(super) kind: PieceKind<'text>,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// All pieces of a template.
#[derive(Default)]
pub(super) struct Pieces<'text> {
    all: Vec<Piece<'text>>,
    /// The sequence before ended with `~}`.
    strip_next: bool,
    height: u32,
}

impl<'text> Pieces<'text> {
    /// Adds text.
    pub(super) fn push_text(&mut self, mut text: Cow<'text, str>, start: u32) {
        if std::mem::take(&mut self.strip_next) {
            let stripped = text.len() - text.trim_start().len();
            cut(&mut text, stripped..);
        }
        let end = start + text.len() as u32;
        self.all.push(Piece { kind: PieceKind::Text(text), start, end });
    }

    /// Adds an interpolation or directive, in which an expression of a height stands.
    pub(super) fn push_sequence(&mut self, piece: Piece<'text>, height: u32, strips: bool) {
        self.all.push(piece);
        self.height = self.height.max(height);
        self.strip_next = strips;
    }

    /// Strips white space before a sequence that begins with `${~` or `%{~`.
    pub(super) fn strip_before(&mut self) {
        if let Some(Piece { kind: PieceKind::Text(text), .. }) = self.all.last_mut() {
            let stripped = text.trim_end().len();
            cut(text, ..stripped);
        }
    }

    /// The height of the highest expression.
    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// Takes from each line the white space that all lines have in common at their start (`<<-`). Empty lines
    /// do not count; a line that begins with a sequence has none.
    pub(super) fn remove_indentation(&mut self) {
        let mut common = usize::MAX;
        let mut starts = Vec::new();
        let mut at_line_start = true;
        for (at, piece) in self.all.iter().enumerate() {
            let text = match &piece.kind {
                PieceKind::Text(text) => Some(&**text),
                _ => None,
            };
            if at_line_start {
                match text {
                    Some(text) if text.trim().is_empty() && text.ends_with('\n') => {}
                    Some(text) => {
                        let indentation = text.chars().take_while(|c| c.is_whitespace()).count();
                        common = common.min(indentation);
                        starts.push(at);
                    }
                    None => common = 0,
                }
            }
            at_line_start = text.is_some_and(|text| text.ends_with('\n'));
        }
        for at in starts {
            if let PieceKind::Text(text) = &mut self.all[at].kind {
                let bytes: usize = text.chars().take(common).map(char::len_utf8).sum();
                cut(text, bytes..);
            }
        }
    }

    /// The text, if there is nothing but text; else the pieces, neighbouring texts joined.
    pub(super) fn into_text(self) -> Result<String, Vec<Piece<'text>>> {
        let text = |piece: &Piece<'text>| match &piece.kind {
            PieceKind::Text(text) => Some(text.len()),
            _ => None,
        };
        let Some(length) = self.all.iter().map(text).sum::<Option<usize>>() else {
            return Err(self.joined());
        };
        let mut joined = String::with_capacity(length);
        for piece in self.all {
            if let PieceKind::Text(text) = piece.kind {
                joined.push_str(&text);
            }
        }
        Ok(joined)
    }

    fn joined(self) -> Vec<Piece<'text>> {
        let mut joined: Vec<Piece<'text>> = Vec::with_capacity(self.all.len());
        for piece in self.all {
            match (joined.last_mut(), piece.kind) {
                (Some(Piece { kind: PieceKind::Text(before), end, .. }), PieceKind::Text(text)) => {
                    before.to_mut().push_str(&text);
                    *end = piece.end;
                }
                (_, kind) => joined.push(Piece { kind, ..piece }),
            }
        }
        joined
    }
}

/// Leaves only a part of the text, without a copy where it is borrowed.
fn cut<R: SliceIndex<str, Output = str>>(text: &mut Cow<'_, str>, part: R) {
    match text {
        Cow::Borrowed(borrowed) => *borrowed = &borrowed[part],
        Cow::Owned(owned) => *owned = owned[part].to_owned(),
    }
}
