//! mpctl: a declarative planner.

pub mod diagnostic;
pub mod source;
pub mod spec;
