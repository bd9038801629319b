//! The last stage: what the forked child does before it becomes the service.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{
    Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setrlimit,
};

use super::SuperviseError;
use crate::service::Limits;

/// Takes `PARENT LIMITS COMMAND…` and becomes the command. Returns only with an error.
pub(super) fn become_service(
    mut arguments: impl Iterator<Item = OsString>,
) -> Result<(), SuperviseError> {
    let mut text = || arguments.next().and_then(|argument| argument.into_string().ok());
    let parent: i32 = text().and_then(|text| text.parse().ok()).ok_or(SuperviseError::Usage)?;
    let limits = text().ok_or(SuperviseError::Usage)?;
    let limits: Limits = serde_json::from_str(&limits).map_err(|_| SuperviseError::Usage)?;
    let program = arguments.next().ok_or(SuperviseError::Usage)?;

    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(SuperviseError::system("ask to end with the supervisor"))?;
    // The supervisor may have died before the kernel was asked; nobody would tell us then.
    if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err(SuperviseError::Orphaned);
    }
    limit(Resource::Nofile, limits.nofile, "limit the number of open files")?;
    limit(Resource::Data, limits.memory, "limit the memory")?;
    let source = Command::new(&program).args(arguments).exec();
    Err(SuperviseError::Exec { program: program.to_string_lossy().into_owned(), source })
}

fn limit(
    resource: Resource,
    wanted: Option<u64>,
    what: &'static str,
) -> Result<(), SuperviseError> {
    let Some(wanted) = wanted else { return Ok(()) };
    // A privileged process may go beyond the present maximum; others learn that they may not.
    let maximum = getrlimit(resource).maximum.map_or(wanted, |maximum| maximum.max(wanted));
    let limit = |maximum| Rlimit { current: Some(wanted), maximum: Some(maximum) };
    setrlimit(resource, limit(maximum)).map_err(SuperviseError::system(what))
}
