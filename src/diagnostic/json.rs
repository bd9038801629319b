//! Diagnostics as JSON: the objects of `validate --json` and of the events on other commands' streams.

use serde::Serialize;

use super::escape::escape;
use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{Position, Sources, Span};

/// The version of the report's form: keys are only ever added within one.
pub const FORMAT_VERSION: &str = "1.0";

/// A longer line is cut in a snippet, in bytes.
const LONGEST_SNIPPET: usize = 400;

/// What `validate --json` prints.
#[derive(Debug, Serialize)]
pub struct Report {
    /// See [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// Whether there is no error.
    pub valid: bool,
    /// How many errors there are.
    pub error_count: usize,
    /// How many warnings there are.
    pub warning_count: usize,
    /// All of them.
    pub diagnostics: Vec<Entry>,
}

/// One diagnostic.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The stable code.
    pub code: String,
    /// What happened, in one line.
    pub summary: String,
    /// More about it; may be empty.
    pub detail: String,
    /// What to do; null if nothing is known.
    pub hint: Option<String>,
    /// The object concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The main place; null if there is none.
    pub range: Option<Range>,
    /// The line of the main place; null if there is none.
    pub snippet: Option<String>,
    /// The other places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

/// A stretch of a file.
#[derive(Debug, Serialize)]
pub struct Range {
    /// The file, as the user would name it.
    pub filename: String,
    /// The first character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

/// Another place of the same diagnostic.
#[derive(Debug, Serialize)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub range: Range,
}

/// The report on all diagnostics of a run.
pub fn report(diagnostics: &Diagnostics, sources: &Sources) -> Report {
    Report {
        format_version: FORMAT_VERSION,
        valid: !diagnostics.has_errors(),
        error_count: diagnostics.count(Severity::Error),
        warning_count: diagnostics.count(Severity::Warning),
        diagnostics: diagnostics.iter().map(|diagnostic| entry(diagnostic, sources)).collect(),
    }
}

/// One diagnostic as an object.
pub fn entry(diagnostic: &Diagnostic, sources: &Sources) -> Entry {
    let related = diagnostic.labels.iter().skip(1).filter_map(|label| {
        Some(Related {
            message: escape(&label.text).into_owned(),
            range: range(label.span, sources)?,
        })
    });
    Entry {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: diagnostic.code.to_string(),
        summary: escape(&diagnostic.summary).into_owned(),
        detail: diagnostic.detail.as_deref().map(escape).unwrap_or_default().into_owned(),
        hint: diagnostic.hint.as_deref().map(|hint| escape(hint).into_owned()),
        address: diagnostic.address.as_deref().map(|address| escape(address).into_owned()),
        range: diagnostic.span().and_then(|span| range(span, sources)),
        snippet: diagnostic.span().and_then(|span| snippet(span, sources)),
        related: related.collect(),
    }
}

fn range(span: Span, sources: &Sources) -> Option<Range> {
    let source = sources.get(span.file)?;
    Some(Range {
        filename: escape(&source.name).into_owned(),
        start: source.position(span.start),
        end: source.position(span.end.max(span.start)),
    })
}

fn snippet(span: Span, sources: &Sources) -> Option<String> {
    let source = sources.get(span.file)?;
    let line = source.line(source.position(span.start).line);
    let mut end = line.len().min(LONGEST_SNIPPET);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let cut = if end < line.len() { " ..." } else { "" };
    Some(format!("{}{cut}", escape(&line[..end])))
}
