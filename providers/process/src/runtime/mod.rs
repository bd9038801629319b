//! Workloads as supervised processes.
//!
//! An instance is a `process_service` named `WORKLOAD-INDEX`. `image` and `resources` are for container runtimes:
//! a plain process has no image, and shares its machine.

mod instances;
mod lower;

pub(crate) use instances::{Shape, instances};
pub(crate) use lower::lower;

use std::sync::Arc;

/// The name of the service that instance `index` of a workload becomes.
fn service_name(workload: &str, index: u64) -> Arc<str> {
    format!("{workload}-{index}").into()
}
