//! Starting processes as children that die with the supervisor, and learning how they ended.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, WaitOptions, WaitStatus, wait};

use super::files::VARIABLE;
use super::{Orders, SUPERVISE};
use crate::place::{Place, SERVICE_VARIABLE};
use crate::service::{Limits, signal_name};

/// The running program, even if its file has been replaced or deleted since.
const RUNNING_PROGRAM: &str = "/proc/self/exe";

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Killed(i32),
}

impl Ending {
    fn of(status: WaitStatus) -> Option<Ending> {
        status
            .exit_status()
            .map(Ending::Exited)
            .or_else(|| status.terminating_signal().map(Ending::Killed))
    }

    /// Whether it did what it was for.
    pub(super) fn succeeded(self) -> bool {
        self == Ending::Exited(0)
    }
}

/// `exited with status 1`, `was killed by SIGSEGV (signal 11)`
impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Ending::Exited(status) => write!(f, "exited with status {status}"),
            Ending::Killed(signal) => {
                write!(f, "was killed by {} (signal {signal})", signal_name(signal))
            }
        }
    }
}

/// Starts a command of the service in a process group of its own, by way of the shim. Only from the main thread.
pub(super) fn spawn(
    orders: &Orders,
    place: &Place,
    command: &[String],
    limits: &Limits,
    output: Option<File>,
) -> io::Result<Pid> {
    let limits = serde_json::to_string(limits)?;
    let (out, err) = match output {
        Some(file) => (Stdio::from(file.try_clone()?), Stdio::from(file)),
        None => (Stdio::null(), Stdio::null()),
    };
    let mut process = Command::new(RUNNING_PROGRAM);
    process
        .arg0("mpctl")
        .args([SUPERVISE, "child", &std::process::id().to_string(), &limits])
        .args(command)
        .envs(&orders.service.env)
        .env(SERVICE_VARIABLE, &place.folder)
        .current_dir(&orders.working_directory)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err);
    if !orders.service.files.is_empty() {
        process.env(VARIABLE, place.files());
    }
    let child = process.spawn()?;
    Pid::from_raw(child.id().cast_signed())
        .ok_or_else(|| io::Error::other("the system gave no process id"))
}

/// Collects one child that has ended, whichever: services leave orphans, and all of them come to the supervisor.
/// `None` when there is none now.
pub(super) fn collect() -> Option<(Pid, Ending)> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => {
                if let Some(ending) = Ending::of(status) {
                    return Some((pid, ending));
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Ok(None) | Err(_) => return None,
        }
    }
}
