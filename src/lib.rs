//! mpctl: a declarative planner.

pub mod diagnostic;
pub mod expr;
pub mod source;
pub mod spec;
