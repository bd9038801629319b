//! The expression language: what `${…}` and the right side of `=` mean.
//!
//! [`evaluate()`] computes the [`Value`](mpctl_provider::Value) of a syntax tree. What names mean is asked of a [`Scope`], what the
//! outside holds (files, the time) of an [`EvalContext`]; both are handed in, so this module is pure. Unknown
//! and sensitive marks flow through every operator and function; evaluation is monotone: knowing more never
//! turns one known result into another.
//!
//! * [`references`]: which names an expression uses, without evaluating it.
//! * [`residual()`]: what is left of an expression once all that is known has been put in; [`identify()`] gives
//!   every unknown leaf of a value an identity with its residual; [`stored`] is its form in a plan file.
//! * [`type_expr`]: type constraints such as `list(string)`.
//! * [`functions`]: the table of functions.
//!
//! Must not: perform I/O, read the clock or the environment, know addresses or documents.

pub mod describe;
mod evaluate;
pub mod functions;
mod identify;
pub mod references;
pub mod residual;
mod scope;
pub mod stored;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
pub mod type_expr;

pub use evaluate::evaluate;
pub use identify::{identify, identify_leaves};
pub use residual::{residual, substitute};
pub use scope::{
    Clock, Definition, EvalContext, FileFault, Files, Found, LookupFailure, NoClock, NoFiles,
    Reference, Scope,
};

/// How deeply evaluation may nest, locals and templates counted by their own calls.
pub const MAX_DEPTH: u32 = 250;

/// The most elements that one function or expression may produce in a collection.
pub const MAX_ELEMENTS: usize = 1 << 20;

/// The longest text that one function or template may produce, in bytes.
pub const MAX_TEXT: usize = 32 << 20;
