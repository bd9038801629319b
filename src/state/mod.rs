//! The state model: what is recorded of each object, apart from how and where it is stored.

pub mod record;

pub use record::{Basis, Deposed, OutputRecord, Record, ResourceRecord, State, Status};
