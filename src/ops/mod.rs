//! Use cases: the only place where the parts meet and where files, stores and providers are reached.

pub mod error;
pub mod files;
pub mod keys;
pub mod project;
pub mod read_spec;
pub mod surroundings;
