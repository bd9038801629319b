//! The processes that a sandbox's commands have started, found again and ended by id.
//!
//! A process id is used again sooner or later: a process is its id and its start time, and a signal goes only to
//! one that is still the same.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

/// A process of this machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Process {
    /// Its id.
    pub id: i32,
    /// When it started, in clock ticks since the machine did.
    pub start_time: u64,
}

impl Process {
    /// The process with this id, if it lives. One that has ended and is only waited for does not.
    pub fn of(id: i32) -> Option<Process> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name, in parentheses, may hold anything: fields are counted from its end.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let ended = matches!(*fields.first()?, "Z" | "X" | "x");
        let start_time = fields.get(19)?.parse().ok()?;
        (!ended).then_some(Process { id, start_time })
    }

    /// Whether it still lives.
    pub fn lives(self) -> bool {
        Process::of(self.id) == Some(self)
    }

    /// Sends it a signal, if it still lives.
    pub fn signal(self, signal: Signal) {
        if let (true, Some(id)) = (self.lives(), Pid::from_raw(self.id)) {
            let _ = kill_process(id, signal);
        }
    }

    /// Its words, for messages.
    pub fn command_line(self) -> String {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    }
}

/// The process that `{"pid": …, "start_time": …}` names, if it lives.
pub(crate) fn identified(json: &Json) -> Option<Process> {
    let id = i32::try_from(json["pid"].as_i64()?).ok()?;
    let process = Process { id, start_time: json["start_time"].as_u64()? };
    process.lives().then_some(process)
}

/// The processes that work in a folder: their working directory, their program's arguments or the service that
/// they were told they are lie in it. The folder is a sandbox's, so nobody else has business there.
pub fn of_folder(folder: &Path) -> Vec<Process> {
    let mine = std::process::id();
    let ids = fs::read_dir("/proc").unwrap().flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| u32::try_from(*id) != Ok(mine) && works_in(*id, folder))
        .filter_map(Process::of)
        .collect()
}

fn works_in(id: i32, folder: &Path) -> bool {
    let working_directory = fs::read_link(format!("/proc/{id}/cwd"));
    if working_directory.is_ok_and(|directory| directory.starts_with(folder)) {
        return true;
    }
    let holds = |file: &str, before: &[u8]| {
        let bytes = fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
        let folder = folder.as_os_str().as_encoded_bytes();
        let word = [before, folder, b"/"].concat();
        bytes.split(|byte| *byte == 0).any(|entry| entry.starts_with(&word))
    };
    holds("environ", b"MPCTL_SERVICE=") || holds("cmdline", b"")
}

/// Ends every process that works in a folder, and waits until they are gone. Supervisors come first in what they
/// started, so their children are killed as often as it takes.
pub(crate) fn end_all(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = of_folder(folder);
        if left.is_empty() || Instant::now() > deadline {
            return;
        }
        for process in left {
            process.signal(Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
