//! Diagnostics as text: the snippet, the marked part, the hint.
//!
//! Drawn by codespan-reporting from excerpts; what it is given has been escaped, so that nothing of the
//! user's can act on the terminal. Colour and width are inputs; this module knows no terminal.

use std::fmt::Write as _;
use std::ops::Range;

use codespan_reporting::diagnostic as drawn;
use codespan_reporting::files::{Error as FilesError, Files};
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{self, Chars, Config};

use super::escape::{escape, escape_line};
use super::excerpt::Excerpt;
use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{FileId, Sources, Span};

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
    /// How many diagnostics are drawn; the rest is counted.
    pub limit: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 100, limit: 50 }
    }
}

/// More labels than this are counted, not drawn.
const MAX_LABELS: usize = 12;

/// Longer messages are cut, in characters.
const LONGEST_TEXT: usize = 2000;

/// Narrower than this nothing can be read.
const MIN_WIDTH: usize = 40;

/// All diagnostics, each followed by an empty line; then, if there are more than are drawn, how many.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(style.limit) {
        text.push_str(&render_one(diagnostic, sources, style));
        text.push('\n');
    }
    let more =
        |severity| diagnostics.iter().skip(style.limit).filter(|d| d.severity == severity).count();
    let (errors, warnings) = (more(Severity::Error), more(Severity::Warning));
    let counted = |count: usize, word: &str| {
        (count > 0).then(|| format!("{count} more {word}{}", if count == 1 { "" } else { "s" }))
    };
    let rest: Vec<String> =
        [counted(errors, "error"), counted(warnings, "warning")].into_iter().flatten().collect();
    if !rest.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "... and {}", rest.join(" and "));
    }
    text
}

/// One diagnostic, ending with a line break.
pub fn render_one(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let excerpts = excerpts(diagnostic, sources, style.width.max(MIN_WIDTH) - 12);
    let config = Config {
        chars: Chars::ascii(),
        start_context_lines: 1,
        end_context_lines: 1,
        ..Config::default()
    };
    let mut buffer = if style.color { Buffer::ansi() } else { Buffer::no_color() };
    let drawn = to_drawn(diagnostic, &excerpts, sources, style);
    let styles = term::Styles::default();
    let mut writer = term::StylesWriter::new(&mut buffer, &styles);
    if term::emit_to_write_style(&mut writer, &config, &excerpts, &drawn).is_err() {
        return plain(diagnostic, sources);
    }
    let text = String::from_utf8_lossy(buffer.as_slice()).into_owned();
    // One line break, whatever the drawing ends with; no blanks at the ends of lines.
    let mut text = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Without a snippet, should drawing ever fail.
fn plain(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.span().map(|span| format!(" at {}", sources.describe(span)));
    let summary = line(&diagnostic.summary);
    format!("{severity}[{}]: {summary}{}\n", diagnostic.code, place.unwrap_or_default())
}

fn to_drawn(
    diagnostic: &Diagnostic,
    excerpts: &Excerpts,
    sources: &Sources,
    style: Style,
) -> drawn::Diagnostic<usize> {
    let severity = match diagnostic.severity {
        Severity::Error => drawn::Severity::Error,
        Severity::Warning => drawn::Severity::Warning,
    };
    let labels = diagnostic.labels.iter().take(MAX_LABELS).enumerate().filter_map(|(at, label)| {
        let (id, range) = excerpts.locate(sources, label.span)?;
        let mark = if at == 0 { drawn::LabelStyle::Primary } else { drawn::LabelStyle::Secondary };
        Some(drawn::Label::new(mark, id, range).with_message(line(&label.text)))
    });
    drawn::Diagnostic::new(severity)
        .with_code(diagnostic.code.to_string())
        .with_message(line(&diagnostic.summary))
        .with_labels(labels.collect())
        .with_notes(notes(diagnostic, style.width.max(MIN_WIDTH) - 10))
}

/// A text of one line, safe and not endless.
fn line(text: &str) -> String {
    let shown = cut(text);
    let more = if shown.len() < text.len() { " ..." } else { "" };
    format!("{}{more}", escape_line(shown))
}

/// The start of a text that quotes the user without bound.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

fn notes(diagnostic: &Diagnostic, width: usize) -> Vec<String> {
    let left_out = diagnostic.labels.len().saturating_sub(MAX_LABELS);
    let more = (left_out > 0).then(|| format!("{left_out} more places are not shown"));
    let address = diagnostic.address.as_ref().map(|address| format!("in {}", line(address)));
    let detail = diagnostic.detail.as_ref().map(|detail| escape(cut(detail)).into_owned());
    let hint = diagnostic.hint.as_ref().map(|hint| format!("help: {}", escape(cut(hint))));
    let notes = [more, address, detail, hint].into_iter().flatten();
    notes.map(|note| wrap(&note, width)).collect()
}

/// Breaks lines between words so that they fit, where they can.
fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            wrapped.push('\n');
        }
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if column > 0 && column + length > width {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push('\n');
                column = 0;
            }
            wrapped.push_str(word);
            column += word.chars().count();
        }
    }
    wrapped
}

/// The excerpts of one diagnostic: one for each file that it has labels in.
struct Excerpts(Vec<Excerpt>);

fn excerpts(diagnostic: &Diagnostic, sources: &Sources, width: usize) -> Excerpts {
    let labels: Vec<&Label> = diagnostic.labels.iter().take(MAX_LABELS).collect();
    let mut files: Vec<FileId> = Vec::new();
    for label in &labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let of_file = |file: FileId| {
        let spans: Vec<Span> =
            labels.iter().map(|label| label.span).filter(|span| span.file == file).collect();
        Excerpt::new(sources, file, &spans, width)
    };
    Excerpts(files.into_iter().map(of_file).collect())
}

impl Excerpts {
    fn locate(&self, sources: &Sources, span: Span) -> Option<(usize, Range<usize>)> {
        let id = self.0.iter().position(|excerpt| excerpt.file == span.file)?;
        Some((id, self.0[id].locate(sources.get(span.file)?, span)))
    }

    fn excerpt(&self, id: usize) -> Result<&Excerpt, FilesError> {
        self.0.get(id).ok_or(FilesError::FileMissing)
    }
}

impl<'a> Files<'a> for Excerpts {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, FilesError> {
        Ok(&self.excerpt(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, FilesError> {
        Ok(&self.excerpt(id)?.text)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, FilesError> {
        Ok(self.excerpt(id)?.line_index(byte))
    }

    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, FilesError> {
        let excerpt = self.excerpt(id)?;
        excerpt.line_number(index).ok_or(FilesError::LineTooLarge { given: index, max: index })
    }

    fn column_number(&'a self, id: usize, index: usize, byte: usize) -> Result<usize, FilesError> {
        let excerpt = self.excerpt(id)?;
        let start = excerpt.line_range(index).map_or(byte, |line| line.start);
        Ok(excerpt.column(byte).unwrap_or(byte - start.min(byte) + 1))
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, FilesError> {
        let excerpt = self.excerpt(id)?;
        excerpt.line_range(index).ok_or(FilesError::LineTooLarge { given: index, max: index })
    }
}
