//! Executing a plan: its steps in their order, journalled, through the providers.

pub mod event;

pub use event::{Event, EventKind};
