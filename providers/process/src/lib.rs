//! The process provider: supervised local processes, and the runtime that lowers workloads to them.
//!
//! * [`ProcessProvider`] is what the planner talks to: it plans, reads and applies `process_service` objects
//!   and lowers workloads to them.
//! * [`supervise_main`] is the other half: the hidden subcommand under which the program runs as the
//!   supervisor of one service, detached from the command that started it.
//!
//! The two meet only in the instance's folder (`.mpctl/process/ENVIRONMENT/NAME`): the supervisor keeps a
//! small record there, written whole or not at all, and holds a lock while it lives. Who reads the record
//! believes a process id only together with the process's start time and the machine's boot id. What the
//! supervisor is to run reaches it through a pipe, so that no secret lies on disk.
//!
//! Must not: trust a process id alone, signal a process that it has not identified, or keep anything that
//! matters only in memory.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod apply;
mod observe;
mod place;
mod plan;
mod ports;
mod procfs;
mod provider;
mod record;
mod runtime;
mod schema;
mod service;
mod supervisor;
mod text;

pub use provider::ProcessProvider;
pub use supervisor::{SUPERVISE, supervise_main};
