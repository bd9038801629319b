//! The YAML spelling, and its JSON one: from parser events straight into the syntax tree.
//!
//! What this keeps true: scalars follow the YAML 1.2 core schema (`yes` and `on` are strings), a key stands once
//! in a mapping, every node knows the place where it was written, strings are templates whose errors point into
//! the file, and no input takes more than linear time and memory: nesting has a limit, and so has what aliases
//! expand to.
//!
//! It knows nothing of kinds and keys: that is [`crate::spec::decode`].

mod anchors;
mod builder;
mod data;
mod fault;
mod json;
mod keys;
mod offsets;
mod places;
mod reader;
mod scalar;
mod words;

use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::spec::syntax::Expr;

pub use data::{DataError, DataFault, Words, decode_data};
pub use json::read_json;
pub use reader::{DocumentReader, documents};

/// How deep mappings and sequences may nest, with what aliases add.
pub const MAX_DEPTH: usize = 128;

/// How many nodes aliases and merge keys may add to one file, whatever its size.
pub const MIN_ALIAS_BUDGET: usize = 100_000;

/// A larger file may have one aliased node for this many bytes.
pub const BYTES_FOR_AN_ALIASED_NODE: usize = 8;

/// After so many mistakes the rest of a document's are not reported.
pub const MAX_MISTAKES: usize = 100;

/// One document of a file.
#[derive(Debug)]
pub struct YamlDocument {
    /// What it says; `None` if it is malformed.
    pub root: Option<Expr>,
    /// From its first byte to its last.
    pub span: Span,
    /// What is wrong with it.
    pub diagnostics: Diagnostics,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
