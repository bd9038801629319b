//! Byte offsets for a parser that counts characters.

use std::ops::Range;

use saphyr_parser::Marker;

/// Follows the parser through the text. Its marks are never far apart, so each takes a few steps.
pub(super) struct Offsets<'text> {
    text: &'text [u8],
    /// All ASCII: characters are bytes.
    ascii: bool,
    /// Where the parser's text begins.
    base: usize,
    character: usize,
    byte: usize,
}

impl<'text> Offsets<'text> {
    /// For a parser that reads `text` from the byte `base` on.
    pub(super) fn new(text: &'text str, base: usize) -> Offsets<'text> {
        let ascii = text.is_ascii();
        Offsets { text: text.as_bytes(), ascii, base, character: 0, byte: base }
    }

    /// Starts again, for a parser that reads from `base` on.
    pub(super) fn restart(&mut self, base: usize) {
        (self.base, self.character, self.byte) = (base, 0, base);
    }

    /// The byte offset of a mark.
    pub(super) fn byte(&mut self, mark: Marker) -> usize {
        let wanted = mark.index();
        if self.ascii {
            return (self.base + wanted).min(self.text.len());
        }
        while self.character < wanted && self.byte < self.text.len() {
            self.byte += 1;
            while self.text.get(self.byte).is_some_and(is_continuation) {
                self.byte += 1;
            }
            self.character += 1;
        }
        while self.character > wanted && self.byte > self.base {
            self.byte -= 1;
            while is_continuation(&self.text[self.byte]) {
                self.byte -= 1;
            }
            self.character -= 1;
        }
        self.byte
    }

    /// The byte offsets of a span.
    pub(super) fn range(&mut self, span: saphyr_parser::Span) -> Range<usize> {
        let start = self.byte(span.start);
        start..self.byte(span.end).max(start)
    }
}

fn is_continuation(byte: &u8) -> bool {
    byte & 0xC0 == 0x80
}
