//! Executing a plan: its steps in their order, journalled, through the providers.
//!
//! [`executor`] is the loop, [`call`] one call with its retries, [`inputs`] how unknowns become values,
//! [`fold`] what is recorded of each outcome, [`journal`] where it is written. Nothing here decides what to
//! do, and nothing here imports rollback.

pub mod call;
pub mod event;
pub mod executor;
pub mod fold;
pub mod inputs;
pub mod journal;
mod lanes;
pub mod message;
pub mod payload;

pub use event::{Event, EventKind};
pub use executor::{Earlier, Execution, Providers, Report, StepEnd, execute};
pub use journal::{Journal, JournalError};
pub use payload::OutcomePayload;
