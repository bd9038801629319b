//! The shim between mpctl and a command, so that no command outlives a killed mpctl.
//!
//! A hidden subcommand of the program, with two uses:
//!
//! * `exec-shim run PID -- PROGRAM ARGUMENTS…` asks the kernel for a kill when its parent dies, makes sure that
//!   the parent `PID` still lives, and becomes the program. The wish outlives that: it ends only with the
//!   process.
//! * `exec-shim watch` is the other half: see `watch`.
//!
//! A program that cannot be started answers as a command would that did nothing, with the reason beside it.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use rustix::process::{Pid, getppid};
use serde::{Deserialize, Serialize};

use crate::watch;

/// The hidden subcommand that must lead to [`shim_main`].
pub const SUBCOMMAND: &str = "exec-shim";

/// The answer when the program could not be started.
#[derive(Serialize, Deserialize)]
pub(crate) struct NotStarted {
    effect: Nothing,
    /// Why not.
    #[serde(rename = "mpctl_exec_shim")]
    pub(crate) reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Nothing {
    None,
}

/// The exit code of a shell for a program that was not found; the answer tells it from a command's own.
pub(crate) const NOT_STARTED: u8 = 127;

/// What the subcommand [`SUBCOMMAND`] does with the arguments after it.
pub fn shim_main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let words: Vec<Option<&str>> = arguments.iter().map(|word| word.to_str()).collect();
    match words.as_slice() {
        [Some("run"), Some(parent), Some("--"), _, ..] => {
            run(parent, &arguments[3], &arguments[4..])
        }
        [Some("watch")] => {
            watch_groups(std::io::stdin().lock());
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("`{SUBCOMMAND}` is for mpctl itself");
            ExitCode::FAILURE
        }
    }
}

fn run(parent: &str, program: &OsStr, arguments: &[OsString]) -> ExitCode {
    let reason = match die_with(parent) {
        Ok(()) => {
            // Returns only where it failed.
            let error = Command::new(program).args(arguments).exec();
            format!("cannot run {}: {error}", program.to_string_lossy())
        }
        Err(reason) => reason,
    };
    let answer = NotStarted { effect: Nothing::None, reason };
    if let Ok(answer) = serde_json::to_string(&answer) {
        let _ = writeln!(std::io::stdout(), "{answer}");
    }
    ExitCode::from(NOT_STARTED)
}

/// Has this process killed when its parent dies, or says that it has died already.
fn die_with(parent: &str) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(|error| format!("cannot be tied to mpctl: {error}"))?;
    let expected = parent.parse().ok().and_then(Pid::from_raw);
    if expected.is_some() && getppid() == expected {
        Ok(())
    } else {
        Err("mpctl has ended".to_owned())
    }
}

/// Keeps the list of groups that the other end of `orders` tells of, and kills what is left on it when that
/// end is closed.
fn watch_groups(orders: impl BufRead) {
    let mut groups = watch::Groups::default();
    for order in orders.lines().map_while(Result::ok) {
        groups.follow(&order);
    }
    groups.kill();
}
