//! Where each character of a scalar's text stands in the file, so that an error inside `"${…}"` points at the
//! user's own words whatever the quoting, escaping, folding or indentation.
//!
//! The parser hands over the decoded text only. Decoded text and source are walked side by side, and each
//! stretch in which they run in step becomes one piece. The walk knows how YAML folds; should it ever lose
//! step, the text is placed as if it stood at the scalar's start.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use crate::source::FileId;
use crate::spec::hcl::Places;

/// A scalar in its file.
pub(super) struct Scalar<'a> {
    pub(super) file: FileId,
    /// The whole file.
    pub(super) source: &'a str,
    /// The scalar within it, quotes included.
    pub(super) range: Range<usize>,
    pub(super) style: ScalarStyle,
    /// By how many spaces a block scalar is indented.
    pub(super) indent: usize,
}

/// The places of the characters of `text`, which is what `scalar` says.
pub(super) fn places(scalar: &Scalar<'_>, text: &str) -> Places {
    let Range { start, end } = scalar.range;
    let source = &scalar.source[scalar.range.clone()];
    if scalar.style == ScalarStyle::Plain && source == text {
        return Places::linear(scalar.file, start as u32);
    }
    let mut walk =
        Walk { source: scalar.source, at: start, end, text, reached: 0, pieces: Vec::new() };
    let in_step = match scalar.style {
        ScalarStyle::Plain => walk.flow(Quote::None),
        ScalarStyle::SingleQuoted => walk.flow(Quote::Single),
        ScalarStyle::DoubleQuoted => walk.flow(Quote::Double),
        ScalarStyle::Literal | ScalarStyle::Folded => walk.block(scalar.indent),
    };
    walk.end_at_end_of_file();
    if in_step.is_none() || walk.pieces.is_empty() {
        return Places::linear(scalar.file, start as u32);
    }
    if walk.pieces[0].0 != 0 {
        walk.pieces.insert(0, (0, start as u32));
    }
    Places::piecewise(scalar.file, walk.pieces)
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

struct Walk<'a> {
    source: &'a str,
    /// The next byte of the source.
    at: usize,
    end: usize,
    text: &'a str,
    /// The next byte of the text.
    reached: usize,
    pieces: Vec<(u32, u32)>,
}

impl Walk<'_> {
    /// The text stands here from now on.
    fn piece(&mut self) {
        let piece = (self.reached as u32, self.at as u32);
        match self.pieces.last_mut() {
            Some(last) if last.0 == piece.0 => *last = piece,
            // Still in step with the piece before.
            Some(last) if piece.1.checked_sub(last.1) == Some(piece.0 - last.0) => {}
            _ => self.pieces.push(piece),
        }
    }

    fn next(&self) -> Option<u8> {
        (self.at < self.end).then(|| self.source.as_bytes()[self.at])
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.next().is_some_and(&test) {
            self.at += 1;
        }
    }

    fn skip_line_break(&mut self) {
        if self.source[self.at..self.end].starts_with("\r\n") {
            self.at += 1;
        }
        self.at += 1;
    }

    /// Takes source and text on together over `bytes` bytes, if they agree.
    fn together(&mut self, bytes: usize) -> Option<()> {
        let source = self.source.get(self.at..self.at + bytes)?;
        (self.text.get(self.reached..self.reached + bytes)? == source).then_some(())?;
        self.at += bytes;
        self.reached += bytes;
        Some(())
    }

    /// A block scalar whose last line has no line break has one in the text all the same: it is placed on the
    /// last character, since there is nothing behind that.
    fn end_at_end_of_file(&mut self) {
        let (length, end) = (self.text.len() as u32, self.source.len() as u32);
        let beyond = self.pieces.last().is_some_and(|(text, at)| at + (length - text) > end);
        if beyond && length > 0 {
            let last = self.source.chars().next_back().map_or(0, char::len_utf8) as u32;
            self.pieces.push((length - 1, end - last));
            self.pieces.push((length, end));
        }
    }

    /// Plain and quoted scalars: lines are trimmed and folded.
    fn flow(&mut self, quote: Quote) -> Option<()> {
        if quote != Quote::None {
            self.at += 1;
            self.end -= 1;
        }
        self.piece();
        while let Some(byte) = self.next() {
            match byte {
                b'\n' | b'\r' => self.fold()?,
                b' ' | b'\t' => {
                    let blanks = self.at;
                    self.skip_while(is_blank);
                    if self.next().is_some_and(is_break) {
                        continue;
                    }
                    let bytes = self.at - blanks;
                    self.at = blanks;
                    self.together(bytes)?;
                }
                b'\'' if quote == Quote::Single => {
                    self.together(1)?;
                    self.at += 1;
                    self.piece();
                }
                b'\\' if quote == Quote::Double => self.escape()?,
                _ => self.together(width(byte))?,
            }
        }
        Some(())
    }

    /// A line break and the blanks around it: one break is a space, each further one a line break.
    fn fold(&mut self) -> Option<()> {
        let mut breaks = 0;
        while self.next().is_some_and(is_break) {
            self.skip_line_break();
            self.skip_while(is_blank);
            breaks += 1;
        }
        self.reached += if breaks == 1 { 1 } else { breaks - 1 };
        self.piece();
        (self.reached <= self.text.len()).then_some(())
    }

    fn escape(&mut self) -> Option<()> {
        let kind = *self.source.as_bytes().get(self.at + 1)?;
        if is_break(kind) {
            // An escaped line break is nothing; each further one is itself.
            self.at += 1;
            let mut breaks = 0;
            while self.next().is_some_and(is_break) {
                self.skip_line_break();
                self.skip_while(is_blank);
                breaks += 1;
            }
            self.reached += breaks - 1;
            self.piece();
            return Some(());
        }
        self.piece();
        self.at += match kind {
            b'x' => 4,
            b'u' => 6,
            b'U' => 10,
            _ => 2,
        };
        self.reached += self.text.get(self.reached..)?.chars().next()?.len_utf8();
        self.piece();
        Some(())
    }

    /// Literal and folded scalars: each line without its indentation.
    fn block(&mut self, indent: usize) -> Option<()> {
        loop {
            let line_end = self.source[self.at..]
                .find(['\n', '\r'])
                .map_or(self.source.len(), |n| self.at + n);
            let line_end = line_end.min(self.end.max(self.at));
            if line_end > self.at {
                let content = &self.source[self.at..line_end];
                // Between two lines the text has line breaks, or one space where the source is folded.
                let rest = self.text.get(self.reached..)?;
                let breaks = rest.bytes().take_while(|b| *b == b'\n').count();
                self.reached += breaks;
                if breaks == 0 && !self.pieces.is_empty() {
                    (self.text.as_bytes().get(self.reached) == Some(&b' ')).then_some(())?;
                    self.reached += 1;
                }
                self.piece();
                self.text.get(self.reached..)?.starts_with(content).then_some(())?;
                self.reached += content.len();
                self.at = line_end;
            }
            if self.next().is_none() {
                return Some(());
            }
            self.skip_line_break();
            let limit = self.at + indent;
            while self.at < limit && self.next() == Some(b' ') {
                self.at += 1;
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// How many bytes the character has that begins with this one.
fn width(byte: u8) -> usize {
    match byte {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}
