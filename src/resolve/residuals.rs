//! Residuals: what each unknown value of a plan will be computed from.
//!
//! A residual expression is closed: what was known is in it as literals, and what was not is in it as literal
//! unknowns with identities of their own. So apply needs no names, only the values behind the identities.

use mpctl_provider::Path;
use mpctl_provider::value::UnknownId;

use crate::address::Address;
use crate::spec::syntax::Expr;

/// What an unknown will be computed from.
#[derive(Clone, Debug, PartialEq)]
pub enum Residual {
    /// An attribute of an object: known when its step is done.
    Attribute {
        /// The object.
        address: Address,
        /// Which part of it.
        path: Path,
    },
    /// A closed expression, and which part of its value.
    Expression {
        /// The expression.
        expression: Expr,
        /// Which part of its value.
        path: Path,
    },
}

/// Gives unknowns their identity. Numbers are handed out in the order of asking, which the planner makes
/// independent of hashing and of the order of files.
#[derive(Debug, Default)]
pub struct Residuals {
    /// What each unknown will be computed from, by number.
    pub found: Vec<Residual>,
}

impl Residuals {
    /// A new identity for what `residual` will yield.
    pub fn allocate(&mut self, residual: Residual) -> UnknownId {
        self.found.push(residual);
        UnknownId(self.found.len() as u32 - 1)
    }
}
