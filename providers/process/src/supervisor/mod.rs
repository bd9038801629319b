//! The program as the supervisor of one service: `mpctl supervise …`, started by an apply and detached from it.
//!
//! Three stages, each an exec of the running program:
//!
//! 1. `launch FOLDER` leaves the terminal's session, lets go of every inherited descriptor and of most of the
//!    environment, and becomes
//! 2. `run FOLDER`, the supervisor. It reads its orders from standard input.
//! 3. `child PARENT LIMITS COMMAND…` runs in the forked child of the supervisor: it asks to be killed when the
//!    supervisor dies, sets its limits, and becomes the service.
//!
//! The supervisor runs in one thread. That is not only thrift: the parent-death signal comes when the *thread*
//! that forked ends, so forking belongs to the main thread.

mod backoff;
mod child;
mod files;
mod launch;
mod life;
mod log;
mod orders;
mod probe;
mod run;
mod shim;
mod stop;
mod watch;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

pub(crate) use orders::Orders;

/// The name of the hidden subcommand.
pub const SUPERVISE: &str = "supervise";

/// Why a supervisor gives up.
#[derive(Debug, Error)]
pub(crate) enum SuperviseError {
    /// The subcommand was not called by the provider.
    #[error(
        "`{SUPERVISE}` is started by mpctl itself, for each service; there is nothing to call by hand"
    )]
    Usage,
    /// The orders did not arrive whole.
    #[error("the orders are incomplete: {0}")]
    Orders(#[source] serde_json::Error),
    /// Another supervisor holds the service.
    #[error("another supervisor runs this service")]
    Locked,
    /// The parent died before the child was ready.
    #[error("the supervisor ended first")]
    Orphaned,
    /// The service's program could not be started.
    #[error("cannot start {program}: {source}")]
    Exec {
        /// The program.
        program: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// Something else that the machine refused.
    #[error("cannot {what}: {source}")]
    System {
        /// What was attempted.
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

impl SuperviseError {
    /// For `map_err`: what was attempted.
    fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> SuperviseError {
        move |source| SuperviseError::System { what, source: source.into() }
    }
}

/// Runs the hidden subcommand; `arguments` are those after its name. Must be called from the main thread, before
/// any other thread is started.
pub fn supervise_main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let stage = arguments.next();
    let folder = |next: Option<OsString>| next.map(PathBuf::from).ok_or(SuperviseError::Usage);
    let result = match stage.as_ref().and_then(|stage| stage.to_str()) {
        Some("launch") => folder(arguments.next()).and_then(|folder| launch::launch(&folder)),
        Some("run") => folder(arguments.next()).and_then(run::run),
        Some("child") => shim::become_service(arguments),
        _ => Err(SuperviseError::Usage),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpctl: {error}");
            match error {
                // As shells do, so that both read the same in logs.
                SuperviseError::Exec { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                    ExitCode::from(127)
                }
                SuperviseError::Exec { .. } => ExitCode::from(126),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
