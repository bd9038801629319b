//! mpctl: a declarative planner.

pub mod address;
pub mod apply;
pub mod diagnostic;
pub mod expr;
pub mod graph;
pub mod ops;
pub mod plan;
pub mod render;
pub mod resolve;
pub mod source;
pub mod spec;
pub mod state;
