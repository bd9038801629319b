//! Killing whole process groups when mpctl is killed.
//!
//! The death signal of `shim` reaches a command, but not what the command has started. So one more process, the
//! watcher, is told of every group that begins and ends; when mpctl dies, however that happens, the kernel
//! closes the pipe between them, and the watcher kills the groups that are left. It is in a group of its own.
//!
//! Both together: whoever kills mpctl, and even the watcher with it, kills every command; whoever kills mpctl
//! alone kills everything that its commands have started.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::shim::SUBCOMMAND;

/// Process groups by the id of their leader.
#[derive(Default)]
pub(crate) struct Groups(BTreeSet<i32>);

impl Groups {
    /// `+ID` adds a group, `-ID` takes it off; anything else is not understood and does nothing.
    pub(crate) fn follow(&mut self, order: &str) {
        if let Some(id) = order.strip_prefix('+').and_then(|id| id.parse().ok()) {
            self.0.insert(id);
        } else if let Some(id) = order.strip_prefix('-').and_then(|id| id.parse().ok()) {
            self.0.remove(&id);
        }
    }

    /// Kills every group.
    pub(crate) fn kill(&self) {
        for group in self.0.iter().copied().filter(|id| *id > 1).filter_map(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// This process' end of the pipe.
struct Watcher {
    groups: Groups,
    orders: Option<ChildStdin>,
}

static WATCHER: Mutex<Watcher> =
    Mutex::new(Watcher { groups: Groups(BTreeSet::new()), orders: None });

/// Has the group killed if this process dies. `executable` is the program whose subcommand the watcher is.
pub(crate) fn begin(executable: &Path, group: Pid) {
    give(&format!("+{}", group.as_raw_nonzero()), Some(executable));
}

/// The group has ended, or may live on.
pub(crate) fn end(group: Pid) {
    give(&format!("-{}", group.as_raw_nonzero()), None);
}

fn give(order: &str, executable: Option<&Path>) {
    let mut watcher = WATCHER.lock().unwrap_or_else(PoisonError::into_inner);
    watcher.groups.follow(order);
    let told = watcher.orders.as_mut().map(|orders| writeln!(orders, "{order}"));
    if let Some(Ok(())) = told {
        return;
    }
    // There is none yet, or it has been killed: a new one learns of every group there is.
    watcher.orders = None;
    if let Some(executable) = executable
        && let Some(mut orders) = start(executable)
    {
        let all: String = watcher.groups.0.iter().map(|group| format!("+{group}\n")).collect();
        if orders.write_all(all.as_bytes()).is_ok() {
            watcher.orders = Some(orders);
        }
    }
}

/// Starts a watcher. Without one commands still die with mpctl, only what they have started does not.
fn start(executable: &Path) -> Option<ChildStdin> {
    let child = Command::new(executable)
        .args([SUBCOMMAND, "watch"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    // Nobody waits for it: it ends after this process.
    child.ok().and_then(|mut child| child.stdin.take())
}
