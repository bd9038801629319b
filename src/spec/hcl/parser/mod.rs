//! Tokens into the syntax tree, by recursive descent.
//!
//! A function that parses a thing gives `Err(Failed)` when it cannot; by then the error is reported. Whoever
//! can go on behind the damage (a body at its next item, a template at its next part) catches it, so that one
//! mistake hides no other.
//!
//! Kept true: a tree is never deeper than [`super::MAX_DEPTH`]; each token is looked at a bounded number of
//! times; vectors in the tree are allocated once, at their exact length (items gather on stacks that live as
//! long as the parser).

mod body;
mod collection;
mod cursor;
mod expression;
mod literal;
mod message;
mod names;
mod postfix;
mod recover;
mod template;

use super::lexer::{Entry, Kind};
use super::places::Places;
use crate::diagnostic::Diagnostics;
use crate::spec::syntax::{Body, Expr, ExprKind};
use cursor::Parser;
use mpctl_provider::Value;

/// Something could not be parsed; the error is reported.
#[derive(Clone, Copy, Debug)]
struct Failed;

/// What came of parsing something.
type Parsed<T = Expr> = Result<T, Failed>;

/// Parses a file.
pub(super) fn file(text: &str, places: &Places) -> (Body, Diagnostics) {
    let mut parser = Parser::new(text, places, Entry::Code, true);
    let body = parser.file_body();
    (body, parser.diagnostics)
}

/// Parses a text that is one expression.
pub(super) fn expression(text: &str, places: &Places) -> (Expr, Diagnostics) {
    let mut parser = Parser::new(text, places, Entry::Code, false);
    let expr = parser.expression().and_then(|expr| match parser.peek() {
        Kind::End => Ok(expr),
        _ => Err(parser.unexpected_after("the expression")),
    });
    let malformed = |_| Expr::new(ExprKind::Malformed, places.span(0..text.len() as u32));
    (expr.unwrap_or_else(malformed), parser.diagnostics)
}

/// Parses a text that is a template.
pub(super) fn template(text: &str, places: &Places) -> (Expr, Diagnostics) {
    let mut parser = Parser::new(text, places, Entry::Template, true);
    let malformed = |_| Expr::new(ExprKind::Malformed, places.span(0..text.len() as u32));
    (parser.bare_template().unwrap_or_else(malformed), parser.diagnostics)
}

/// Text that is nothing but itself.
pub(super) fn literal_text(text: &str, places: &Places) -> Expr {
    Expr::new(ExprKind::Literal(Value::string(text)), places.span(0..text.len() as u32))
}
