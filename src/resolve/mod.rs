//! From documents and an environment to what is desired: variables, references, repetition, configuration.
//!
//! It keeps true: nothing here asks a provider or reads a file; what is evaluated is a function of the
//! documents, the inputs and the values that the planner has so far. The planner ([`crate::plan::machine`])
//! drives it wave by wave.

pub mod config;
pub mod nodes;
pub mod notices;
pub mod repetition;
pub mod residuals;
pub mod scope;
pub mod variables;
pub mod workload;
