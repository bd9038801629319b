//! The first stage: away from the command, its terminal, its descriptors and its environment.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{SUPERVISE, SuperviseError};

/// The variables that a service gets from the surroundings; everything else is for its user to declare.
const KEPT: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"];

/// Detaches and becomes the supervisor. Returns only with an error.
pub(super) fn launch(folder: &Path) -> Result<(), SuperviseError> {
    // Only to be run by a process that leads no group yet; a failure means that it has its own session already.
    let _ = rustix::process::setsid();
    // Whatever the command had inherited (a pipe of a shell, a lock) must not live on in the supervisor.
    close_fds::set_fds_cloexec(3, &[]);
    let program = env::current_exe().map_err(SuperviseError::system("find the running program"))?;
    let mut command = Command::new(program);
    command.args([SUPERVISE, "run"]).arg(folder);
    command.env_clear().envs(env::vars_os().filter(|(name, _)| is_kept(name)));
    Err(SuperviseError::System { what: "start the supervisor", source: command.exec() })
}

/// Whether a service gets the variable from the surroundings.
fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| KEPT.contains(&name) || name.starts_with("LC_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_surroundings_do_not_reach_a_service() {
        assert!(is_kept(OsStr::new("PATH")) && is_kept(OsStr::new("LC_ALL")));
        for name in ["MPCTL_STATE_PASSPHRASE", "GITHUB_TOKEN", "LD_PRELOAD"] {
            assert!(!is_kept(OsStr::new(name)), "{name}");
        }
    }
}
