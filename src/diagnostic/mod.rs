//! Diagnostics: everything that is said to a user about their input, with a stable code, the place, the
//! user's own words, and a way out.
//!
//! They accumulate: a stage hands over all that it found, not the first. This module knows no terminal;
//! [`render`] turns a diagnostic into text, and the program decides where that goes.

pub mod code;
mod escape;
mod excerpt;
pub mod json;
mod nearest;
pub mod render;

use crate::source::Span;

pub use code::Code;
pub use escape::{escape, escape_line};
pub use nearest::nearest;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Nothing was or will be done.
    Error,
    /// Probably not what was meant.
    Warning,
}

/// One thing to tell the user.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its stable code.
    pub code: Code,
    /// One line: what happened, in the user's words.
    pub summary: String,
    /// More, where one line does not do.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The object concerned, as a full address.
    pub address: Option<String>,
    /// The places, the main one first.
    pub labels: Vec<Label>,
}

/// A marked place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, summary: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            summary: summary.into(),
            detail: None,
            hint: None,
            address: None,
            labels: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: Code, summary: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, summary) }
    }

    /// Adds a place; the first one added is the main one.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a longer explanation.
    pub fn detail(mut self, detail: impl Into<String>) -> Diagnostic {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// Names the object concerned.
    pub fn address(mut self, address: impl ToString) -> Diagnostic {
        self.address = Some(address.to_string());
        self
    }

    /// The main place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The diagnostics of one run, in the order in which they were found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another run's.
    pub fn append(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Brings them into the order of the files and of the places in each; those without a place come first.
    pub fn sort(&mut self) {
        self.0.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.file, span.start)));
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity == severity).count()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Diagnostics {
        Diagnostics(iter.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
