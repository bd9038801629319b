//! Going on behind an error.
//!
//! People indent. After an error in an item, the next item is taken to be at the next line that is indented no
//! deeper than the damaged one and looks like a beginning or an end; what lies between belongs to the damage.
//! So a bracket that was never closed swallows one item and not the rest of the file.

use super::Kind;
use super::cursor::Parser;

impl Parser<'_> {
    /// Goes to where the next item, or the end of the surrounding block, can be expected after the item that
    /// began at the byte `item`, when `open` brackets were open, was found to be damaged.
    pub(super) fn resync(&mut self, item: u32, open: usize) {
        if self.silent {
            return self.restart(self.text.len() as u32, open);
        }
        let unclosed = self.open.len() > open;
        // A brace of the surrounding block in the same line: `a { b = }`.
        if !unclosed && open > 0 && self.peek() == Kind::BraceClose {
            return self.restart(self.start, open);
        }
        let indentation = self.indentation(item as usize);
        // The damage may have shown only at the beginning of the next item: `[1, 2` without its bracket.
        let here = self.line_start(self.start as usize);
        if here > item as usize && self.is_resumable(here, indentation, unclosed) {
            return self.restart(here as u32, open);
        }
        let mut line = self.line_end(self.start as usize);
        while line < self.text.len() {
            let next = line + 1;
            if self.is_resumable(next, indentation, unclosed) {
                return self.restart(next as u32, open);
            }
            line = self.line_end(next);
        }
        self.restart(self.text.len() as u32, open);
    }

    /// Whether an item or the end of a block can be read from the line that begins at `line`.
    fn is_resumable(&self, line: usize, indentation: usize, unclosed: bool) -> bool {
        let rest = self.text[line..].trim_start_matches([' ', '\t']);
        let indented = self.text.len() - line - rest.len();
        match rest.chars().next() {
            // The brace may be of a bracket that is open within the damaged item.
            Some('}') => indented < indentation || !unclosed,
            Some(c) if c.is_alphabetic() || c == '_' => indented <= indentation,
            _ => false,
        }
    }

    /// How far the line of a byte is indented.
    pub(super) fn indentation(&self, at: usize) -> usize {
        let line = &self.text[self.line_start(at)..];
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text.as_bytes()[..at]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |newline| newline + 1)
    }

    /// The byte of the next line break, or of the end.
    fn line_end(&self, at: usize) -> usize {
        self.text.as_bytes()[at..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.text.len(), |n| at + n)
    }
}
