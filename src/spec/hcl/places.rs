//! Where the bytes of a parsed text stand in the file.
//!
//! A file is its own text. The text of a YAML string is not: quotes, escapes and indentation are gone from it,
//! so its places are a piecewise linear map.

use std::ops::Range;

use crate::source::{FileId, Span};

/// Maps byte offsets of a text to places in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Places {
    file: FileId,
    /// Byte of the text at which a piece begins → byte of the file where it stands. Sorted.
    pieces: Pieces,
}

/// One piece needs no memory of its own: most strings have just one.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Pieces {
    One(u32),
    Many(Vec<(u32, u32)>),
}

impl Places {
    /// A text that stands in the file as it is, from the byte `base` on.
    pub fn linear(file: FileId, base: u32) -> Places {
        Places { file, pieces: Pieces::One(base) }
    }

    /// A text in pieces: each is the byte of the text at which it begins and the byte of the file at which
    /// that stands; it reaches to the next one. They come in rising order, the first one at byte 0.
    pub fn piecewise(file: FileId, pieces: Vec<(u32, u32)>) -> Places {
        match pieces[..] {
            [] => Places::linear(file, 0),
            [(0, base)] => Places::linear(file, base),
            _ => Places { file, pieces: Pieces::Many(pieces) },
        }
    }

    /// The place of a stretch of the text.
    pub fn span(&self, text: Range<u32>) -> Span {
        let start = self.map(text.start);
        // The end is that of the last byte: what lies between two pieces belongs to neither.
        let end = if text.end > text.start { self.map(text.end - 1) + 1 } else { start };
        Span::new(self.file, start..end)
    }

    fn map(&self, at: u32) -> u32 {
        match &self.pieces {
            Pieces::One(base) => base.saturating_add(at),
            Pieces::Many(pieces) => {
                let next = pieces.partition_point(|(text, _)| *text <= at);
                let (text, source) = pieces[next.saturating_sub(1)];
                source.saturating_add(at.saturating_sub(text))
            }
        }
    }
}
