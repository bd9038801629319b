//! The syntax tree that both spellings are read into: bodies, blocks, attributes, expressions, templates.
//!
//! A YAML mapping becomes an [`ExprKind::Object`] with literal keys, a YAML string a template or a literal;
//! from here on nobody sees which spelling it was. Every node knows its [`Span`]. The tree holds what was
//! meant; comments and layout stay on the tokens ([`crate::spec::hcl`]), where `fmt` works.

pub mod expr;

use std::sync::Arc;

use crate::source::Span;

pub use expr::{
    Accessor, BinaryOperator, Expr, ExprKind, ForExpr, ObjectItem, ObjectKey, TemplatePart,
    UnaryOperator,
};

/// A name as the user wrote it, with its place.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Name {
    /// The text; a quoted label without its quotes.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// The content of a file or block.
#[derive(Clone, PartialEq, Debug)]
pub struct Body {
    /// `name = value`, in the order of the text.
    pub attributes: Vec<Attribute>,
    /// Blocks, in the order of the text.
    pub blocks: Vec<Block>,
    /// From the first to the last byte between the braces, or the whole file.
    pub span: Span,
}

/// `name = value`
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Expr,
}

/// `kind "label" { … }`
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The word that the block begins with.
    pub kind: Name,
    /// The labels, quoted or not.
    pub labels: Vec<Name>,
    /// What is between the braces.
    pub body: Body,
    /// The whole block.
    pub span: Span,
}
