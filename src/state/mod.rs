//! The state model: what is recorded of each object, apart from how and where it is stored.
//!
//! [`record`] is the model, [`stored`] its form as bytes, [`seal`] how sensitive values are kept in it.

pub mod record;
pub mod seal;
pub mod stored;

pub use record::{Basis, Deposed, OutputRecord, Record, ResourceRecord, State, Status};
pub use seal::SealKey;
