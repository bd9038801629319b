//! The texts that the user wrote, and places within them.
//!
//! A [`Span`] is three small integers; only [`Sources`] can turn it into a path, a line and a column, and it
//! does so only when a message is written. Must not read files: texts are handed in.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One text within [`Sources`].
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct FileId(pub u32);

/// A stretch of one text, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch `range` of `file`.
    pub fn new(file: FileId, range: Range<u32>) -> Span {
        Span { file, start: range.start, end: range.end }
    }

    /// The stretch from the start of this one to the end of `other`, which is in the same text.
    pub fn to(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }
}

/// A text with its name.
#[derive(Debug)]
pub struct Source {
    /// How the user would name it: a path relative to the project's folder, or `<stdin>`.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// The byte at which each line starts.
    line_starts: Vec<u32>,
}

/// A place as people count: line and column from 1, the column in characters; the byte from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte offset in the text, from 0.
    pub byte: u32,
}

/// All texts of one run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No text yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Takes a text in. Texts are at most `u32::MAX` bytes long; the reader of files refuses longer ones.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        self.files.push(Source { name: name.into(), text, line_starts });
        FileId(self.files.len() as u32 - 1)
    }

    /// The text behind an id that [`Sources::add`] gave.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    /// Every text, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at as u32), source))
    }

    /// What the span covers.
    pub fn text(&self, span: Span) -> &str {
        let text = self.get(span.file).map_or("", |source| &source.text);
        text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The place at which the span starts.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.file)
            .map_or(Position { line: 1, column: 1, byte: 0 }, |s| s.position(span.start))
    }

    /// `path:line:column` of the span's start.
    pub fn describe(&self, span: Span) -> String {
        let Position { line, column, .. } = self.position(span);
        format!("{}:{line}:{column}", self.get(span.file).map_or("?", |source| &source.name))
    }
}

impl Source {
    /// The place of a byte.
    pub fn position(&self, byte: u32) -> Position {
        let byte = byte.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1);
        let before = &self.text.as_bytes()[self.line_starts[line - 1] as usize..byte as usize];
        // Characters are counted by their leading bytes, so that a span inside one cannot panic.
        let column = before.iter().filter(|b| (**b & 0xC0) != 0x80).count() + 1;
        Position { line: line as u32, column: column as u32, byte }
    }

    /// The bytes of a line, from 1, without its line break.
    pub fn line_range(&self, line: u32) -> Range<usize> {
        let start =
            self.line_starts.get(line.saturating_sub(1) as usize).copied().unwrap_or(0) as usize;
        start..start + self.text[start..].lines().next().unwrap_or("").len()
    }

    /// The line, from 1, without its line break.
    pub fn line(&self, line: u32) -> &str {
        &self.text[self.line_range(line)]
    }
}
