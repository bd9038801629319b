//! Use cases: the only place where the parts meet and where files, stores and providers are reached.

pub mod apply;
mod clock;
pub mod configure;
pub mod drive;
pub mod error;
pub mod files;
pub mod journal;
pub mod keys;
pub mod lock;
pub mod plan;
pub mod project;
pub mod read_spec;
pub mod resume;
pub mod state;
pub mod surroundings;
pub mod validate;
