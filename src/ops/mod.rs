//! Use cases: the only place where the parts meet and where files, stores and providers are reached.

pub mod read_spec;
