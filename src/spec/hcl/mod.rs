//! The HCL spelling: lexer, parser with error recovery, templates, and `fmt`.
//!
//! * [`parse_file`] reads a whole file into a [`Body`]; [`parse_expression`] one expression;
//!   [`parse_template`] the text of a YAML string, which is a template without quotes.
//! * [`lexer`] keeps white space and comments, so that [`fmt()`] works on tokens and loses nothing.
//!
//! The grammar is HCL's native syntax as Terraform 1.11 accepts it. Every function here is pure; none panics,
//! whatever the text; each takes time linear in its length. A tree that comes out is never deeper than
//! [`MAX_DEPTH`], so that code which walks it by recursion is safe.

mod fmt;
pub mod lexer;
mod parser;
mod places;

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::{FileId, Span};
use crate::spec::syntax::{Body, Expr, ExprKind};

pub use fmt::fmt;
pub use places::Places;

/// The longest text that is read, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// How deeply blocks, brackets, operators and templates may nest, all together.
pub const MAX_DEPTH: u32 = 200;

/// After this many errors in one text the rest of it is not looked at.
pub const MAX_ERRORS: usize = 100;

/// Reads a file. The body holds everything that could be understood, also where there are errors; what could
/// not is left out or [`ExprKind::Malformed`].
pub fn parse_file(file: FileId, text: &str) -> (Body, Diagnostics) {
    let places = Places::linear(file, 0);
    if let Some(refused) = too_long(text, &places) {
        let span = Span::new(file, 0..0);
        return (Body { attributes: Vec::new(), blocks: Vec::new(), span }, refused);
    }
    parser::file(text, &places)
}

/// Reads one expression, which must be all of the text. Line breaks within it have no meaning.
pub fn parse_expression(text: &str, places: &Places) -> (Expr, Diagnostics) {
    match too_long(text, places) {
        Some(refused) => (Expr::new(ExprKind::Malformed, places.span(0..0)), refused),
        None => parser::expression(text, places),
    }
}

/// Reads a template without quotes, such as the text of a YAML string: `$${` and `%%{` are the only escapes.
///
/// Text without any `${` or `%{` becomes a literal string. A template that is one `${…}` and nothing else is a
/// template of one interpolation, whose value keeps its type.
pub fn parse_template(text: &str, places: &Places) -> (Expr, Diagnostics) {
    if !text.contains("${") && !text.contains("%{") {
        // The usual case costs no parser at all.
        return (parser::literal_text(text, places), Diagnostics::default());
    }
    match too_long(text, places) {
        Some(refused) => (Expr::new(ExprKind::Malformed, places.span(0..0)), refused),
        None => parser::template(text, places),
    }
}

fn too_long(text: &str, places: &Places) -> Option<Diagnostics> {
    (text.len() > MAX_SOURCE_BYTES).then(|| {
        let summary = format!("this text is {} MiB long", text.len() >> 20);
        let limit = format!("at most {} MiB are read", MAX_SOURCE_BYTES >> 20);
        let hint = "split it into several files";
        Diagnostic::error(code::LIMIT, summary).at(places.span(0..0), limit).hint(hint).into()
    })
}

#[cfg(test)]
mod tests;
