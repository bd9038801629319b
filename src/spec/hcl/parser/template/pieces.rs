//! The pieces of a template in a row, and what is done to white space between them.

use crate::spec::syntax::{Expr, Name};

/// What a piece is.
pub(super) enum PieceKind {
    /// Text, escapes resolved. In templates without quotes, at most one line.
    Text(String),
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
pub(super) struct Piece {
    pub(super) kind: PieceKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// All pieces of a template.
#[derive(Default)]
pub(super) struct Pieces {
    all: Vec<Piece>,
    /// The sequence before ended with `~}`.
    strip_next: bool,
    height: u32,
}

impl Pieces {
    /// Adds text.
    pub(super) fn push_text(&mut self, mut text: String, start: u32) {
        if std::mem::take(&mut self.strip_next) {
            text = text.trim_start().to_owned();
        }
        let end = start + text.len() as u32;
        self.all.push(Piece { kind: PieceKind::Text(text), start, end });
    }

    /// Adds an interpolation or directive, in which an expression of a height stands.
    pub(super) fn push_sequence(&mut self, piece: Piece, height: u32, strips: bool) {
        self.all.push(piece);
        self.height = self.height.max(height);
        self.strip_next = strips;
    }

    /// Strips white space before a sequence that begins with `${~` or `%{~`.
    pub(super) fn strip_before(&mut self) {
        if let Some(Piece { kind: PieceKind::Text(text), .. }) = self.all.last_mut() {
            text.truncate(text.trim_end().len());
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
                PieceKind::Text(text) => Some(text.as_str()),
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
                text.drain(..bytes);
            }
        }
    }

    /// The text, if there is nothing but text; else the pieces, neighbouring texts joined.
    pub(super) fn into_text(self) -> Result<String, Vec<Piece>> {
        let mut joined: Vec<Piece> = Vec::with_capacity(self.all.len().min(8));
        for piece in self.all {
            match (joined.last_mut(), piece.kind) {
                (Some(Piece { kind: PieceKind::Text(before), end, .. }), PieceKind::Text(text)) => {
                    before.push_str(&text);
                    *end = piece.end;
                }
                (_, kind) => joined.push(Piece { kind, ..piece }),
            }
        }
        match joined.pop() {
            None => Ok(String::new()),
            Some(Piece { kind: PieceKind::Text(text), .. }) if joined.is_empty() => Ok(text),
            Some(last) => {
                joined.push(last);
                Err(joined)
            }
        }
    }
}
