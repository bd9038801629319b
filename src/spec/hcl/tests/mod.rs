//! What the HCL front end promises, by example and by law.
//!
//! Trees are compared and shown in a short notation ([`notation`]) without places.

#![allow(clippy::unwrap_used, missing_docs)]

mod errors;
mod fmt;
mod hcl_edit;
mod hostile;
mod laws;
mod notation;
mod places;
mod syntax;
mod templates;

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources};
use crate::spec::hcl::{Places, parse_expression, parse_file, parse_template};
use notation::{body_notation, notation};

/// The tree of a file without errors.
fn file(text: &str) -> String {
    let (body, diagnostics) = parse_file(FileId(0), text);
    assert!(diagnostics.is_empty(), "{}", complaints(text, &diagnostics));
    body_notation(&body)
}

/// The tree of an expression without errors.
fn expression(text: &str) -> String {
    let (expr, diagnostics) = parse_expression(text, &Places::linear(FileId(0), 0));
    assert!(diagnostics.is_empty(), "{}", complaints(text, &diagnostics));
    notation(&expr)
}

/// The tree of a template without quotes and without errors.
fn template(text: &str) -> String {
    let (expr, diagnostics) = parse_template(text, &Places::linear(FileId(0), 0));
    assert!(diagnostics.is_empty(), "{}", complaints(text, &diagnostics));
    notation(&expr)
}

/// What is wrong with a file, in short.
fn file_errors(text: &str) -> String {
    complaints(text, &parse_file(FileId(0), text).1)
}

/// Each error with its places and hint: `line:column "the words": what`.
fn complaints(text: &str, diagnostics: &Diagnostics) -> String {
    let mut sources = Sources::new();
    sources.add("test.hcl", text);
    let mut lines = Vec::new();
    for diagnostic in diagnostics.iter() {
        lines.push(format!("{}: {}", diagnostic.code, diagnostic.summary));
        for label in &diagnostic.labels {
            let place = sources.position(label.span);
            let words = sources.text(label.span);
            lines.push(format!("  {}:{} {words:?}: {}", place.line, place.column, label.text));
        }
        lines.extend(diagnostic.hint.iter().map(|hint| format!("  = {hint}")));
    }
    lines.join("\n")
}
