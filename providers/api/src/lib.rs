//! The provider contract of mpctl: what a provider is asked, what it answers, and the values both speak in.
//!
//! * [`value`]: the one value model of the whole program (numbers, collections, unknown, sensitive), with
//!   types and conversion between them.
//! * [`schema`]: what a resource type looks like.
//! * [`contract`]: the [`Provider`] trait and its requests and replies. They are plain owned data, so that a
//!   gRPC mirror carries them unchanged; nothing here assumes that a provider shares our process.
//! * [`proposal`]: the usual planning behaviour, derived from a schema, that a provider starts from.
//! * [`secrets`]: keeping sensitive text out of faults and logs.
//! * `conformance` (a feature of the same name): the laws of the contract, to be run against any provider.
//!
//! This crate depends on nothing else of ours, performs no I/O (but for the conformance suite, which looks at
//! the files of the project that it is given), and must stay that way.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contract;
pub mod fault;
pub mod proposal;
pub mod schema;
pub mod secrets;
pub mod value;

pub use contract::Provider;
pub use fault::{Fault, FaultKind};
pub use value::{Number, Path, PathStep, Type, Value};
