//! What a supervisor is told, through its standard input: the service, with everything secret in it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::service::Service;

/// The orders. No `Debug`: they hold secrets.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// The service's name, for messages.
    pub(crate) name: String,
    /// The idempotency key of the step.
    pub(crate) key: String,
    /// The service.
    pub(crate) service: Service,
    /// Where it runs; absolute.
    pub(crate) working_directory: PathBuf,
    /// Where its output goes; absolute.
    pub(crate) log_file: PathBuf,
}
