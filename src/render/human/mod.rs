//! Text for people.
//!
//! One painter writes into one `String`; nothing is built in between, so that a plan of ten
//! thousand changes costs what its text costs.

mod diff;
mod outputs;
pub(crate) mod paint;
mod plan;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
pub(crate) mod text;
mod value;

pub use outputs::{output_value, outputs};
pub use plan::plan;
pub use state::{state, state_record};
