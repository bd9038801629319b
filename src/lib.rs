//! mpctl: a declarative planner.

pub mod address;
pub mod apply;
pub mod diagnostic;
pub mod ops;
pub mod plan;
pub mod source;
pub mod spec;
pub mod state;
