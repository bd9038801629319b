//! The lines that a diagnostic shows, cut out of their files: escaped, and clipped around the mark where a line
//! is long. What is drawn from is this, never the file, so that a line of a megabyte costs nothing.

use std::ops::Range;
use std::sync::Arc;

use super::escape::push_escaped;
use crate::source::{FileId, Source, Sources, Span};

/// A tab is shown as so many spaces.
const TAB: &str = "    ";

/// The lines of one file that are shown.
#[derive(Default)]
pub(super) struct Excerpt {
    pub(super) file: FileId,
    pub(super) name: String,
    /// The shown lines, each with a line break.
    pub(super) text: String,
    lines: Vec<Line>,
    /// Where the marks begin in the excerpt, and in which column of the file that is.
    columns: Vec<(usize, usize)>,
}

/// One line of an excerpt.
struct Line {
    /// Its number in the file.
    number: u32,
    /// Its first byte in the excerpt.
    start: usize,
    /// The clipped part of the line, in bytes of the file.
    shown: Range<usize>,
    /// Bytes of the excerpt before the shown part: the ellipsis.
    lead: usize,
}

impl Excerpt {
    /// The lines on which the spans begin, those between two near ones, and nothing else; none is wider than
    /// about `width` characters. All spans are of `file`; the first one decides where a long line is cut.
    pub(super) fn new(sources: &Sources, file: FileId, spans: &[Span], width: usize) -> Excerpt {
        let mut excerpt = Excerpt { file, name: "?".into(), ..Excerpt::default() };
        let Some(source) = sources.get(file) else { return excerpt };
        excerpt.name = super::escape::escape_line(&source.name).into_owned();
        let mut marks: Vec<(u32, Span)> =
            spans.iter().map(|span| (source.position(span.start).line, *span)).collect();
        // Stable: of several spans on a line the first one given stays first.
        marks.sort_by_key(|(line, _)| *line);
        marks.dedup_by_key(|(line, _)| *line);
        let mut before: Option<u32> = None;
        for (line, span) in marks {
            match before.map(|before| line - before) {
                Some(2) => excerpt.push(source, line - 1, None, width),
                // Two lines that are not shown, so that the gap is drawn as one.
                Some(gap) if gap > 2 => {
                    excerpt.push_gap(line - 2);
                    excerpt.push_gap(line - 1);
                }
                _ => {}
            }
            excerpt.push(source, line, Some(span), width);
            before = Some(line);
        }
        for span in spans {
            let column = source.position(span.start).column as usize;
            let place = excerpt.locate(source, *span).start;
            excerpt.columns.push((place, column));
        }
        excerpt
    }

    fn push_gap(&mut self, number: u32) {
        self.lines.push(Line { number, start: self.text.len(), shown: 0..0, lead: 0 });
        self.text.push('\n');
    }

    fn push(&mut self, source: &Source, number: u32, mark: Option<Span>, width: usize) {
        let range = source.line_range(number);
        let text: &Arc<str> = &source.text;
        let shown = match mark {
            Some(mark) => clip(text, range.clone(), mark, width),
            None => clip_start(text, range.clone(), width),
        };
        let start = self.text.len();
        if shown.start > range.start {
            self.text.push_str("... ");
        }
        let lead = self.text.len() - start;
        for character in text[shown.clone()].chars() {
            match character {
                '\t' => self.text.push_str(TAB),
                _ => push_escaped(&mut self.text, character),
            }
        }
        if shown.end < range.end {
            self.text.push_str(" ...");
        }
        self.text.push('\n');
        self.lines.push(Line { number, start, shown, lead });
    }

    /// The bytes of the excerpt that show a span, up to the end of its first line; at least one character wide
    /// where there is one.
    pub(super) fn locate(&self, source: &Source, span: Span) -> Range<usize> {
        let number = source.position(span.start).line;
        let Some(line) =
            self.lines.iter().find(|l| l.number == number && l.shown.start <= l.shown.end)
        else {
            return 0..0;
        };
        let place = |byte: usize| {
            let byte = floor(&source.text, byte.clamp(line.shown.start, line.shown.end));
            line.start
                + line.lead
                + shown_length(&source.text[line.shown.start..byte.max(line.shown.start)])
        };
        let start = place(span.start as usize);
        let end = place(span.end as usize).max(start);
        if end > start {
            return start..end;
        }
        let next = self.text[start..].chars().next().filter(|c| *c != '\n');
        start..start + next.map_or(0, char::len_utf8)
    }

    /// The column in the file of a byte of the excerpt at which a mark begins.
    pub(super) fn column(&self, byte: usize) -> Option<usize> {
        self.columns.iter().find(|(place, _)| *place == byte).map(|(_, column)| *column)
    }

    /// The index of the shown line that holds a byte of the excerpt.
    pub(super) fn line_index(&self, byte: usize) -> usize {
        self.lines.partition_point(|line| line.start <= byte).saturating_sub(1)
    }

    /// The number in the file of a shown line.
    pub(super) fn line_number(&self, index: usize) -> Option<usize> {
        self.lines.get(index).map(|line| line.number as usize)
    }

    /// The bytes of a shown line, with its line break.
    pub(super) fn line_range(&self, index: usize) -> Option<Range<usize>> {
        let start = self.lines.get(index)?.start;
        let end = self.lines.get(index + 1).map_or(self.text.len(), |next| next.start);
        Some(start..end)
    }
}

/// How many bytes a stretch of a line takes when it is shown.
fn shown_length(text: &str) -> usize {
    let mut shown = String::new();
    text.chars().for_each(|character| match character {
        '\t' => shown.push_str(TAB),
        _ => push_escaped(&mut shown, character),
    });
    shown.len()
}

/// The part of a line to show: all of it, or about `width` bytes around the start of the mark.
fn clip(text: &str, line: Range<usize>, mark: Span, width: usize) -> Range<usize> {
    if line.len() <= width {
        return line;
    }
    let start = (mark.start as usize).clamp(line.start, line.end);
    let end = (mark.end as usize).clamp(start, line.end);
    // The mark in the middle, or, if it is long, its start a quarter in.
    let marked = (end - start).min(width * 3 / 4);
    let from = start.saturating_sub((width - marked) / 2).max(line.start);
    let from = from.min(line.end - width.min(line.len()));
    floor(text, from)..floor(text, (from + width).min(line.end))
}

fn clip_start(text: &str, line: Range<usize>, width: usize) -> Range<usize> {
    line.start..floor(text, line.end.min(line.start + width))
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
