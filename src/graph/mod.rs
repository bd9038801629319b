//! Directed acyclic graphs of numbered nodes: order, levels, reach, cycles. A leaf: it knows nothing of
//! addresses, plans or specs; whoever uses it keeps its own table from number to thing.
//!
//! It keeps true: every answer depends on the nodes' numbers and the set of edges alone, never on the order in
//! which edges were given; every walk takes time linear in nodes and edges (times a logarithm for
//! [`Dag::order`], which prefers low numbers).

mod cycle;
mod dag;
pub mod render;

pub use cycle::Cycle;
pub use dag::{Dag, Direction};
