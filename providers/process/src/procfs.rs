//! Processes as the kernel shows them under `/proc`.
//!
//! A process id is used again sooner or later, so a process is identified by its id, its start time and the
//! boot that both belong to.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// A process of the present boot: its id alone would not do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The process id.
    pub(crate) pid: i32,
    /// When it started, in clock ticks since the machine did (field 22 of `/proc/PID/stat`).
    pub(crate) start_time: u64,
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    /// The process.
    pub(crate) identity: Identity,
    /// One letter: `R`, `S`, `Z`, …
    pub(crate) state: u8,
    /// Its parent's id.
    pub(crate) parent: i32,
    /// Its session's id.
    pub(crate) session: i32,
}

impl Identity {
    /// The process with this id, if it lives.
    pub(crate) fn of(pid: i32) -> Option<Identity> {
        Stat::of(pid).filter(Stat::lives).map(|stat| stat.identity)
    }

    /// Whether the very process still lives. One that has ended and is only waited for does not.
    pub(crate) fn lives(self) -> bool {
        Identity::of(self.pid) == Some(self)
    }

    /// Sends a signal to the very process; `false` if it is gone. The descriptor holds on to the process, so
    /// that the signal cannot reach another one that got the id meanwhile.
    pub(crate) fn signal(self, signal: Signal) -> bool {
        let Some(pid) = Pid::from_raw(self.pid) else { return false };
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(descriptor) => self.lives() && pidfd_send_signal(descriptor, signal).is_ok(),
            // An older kernel, or one that keeps this from us: the check and the signal are two steps there.
            Err(Errno::NOSYS | Errno::PERM) => self.lives() && kill_process(pid, signal).is_ok(),
            Err(_) => false,
        }
    }
}

impl Stat {
    fn of(pid: i32) -> Option<Stat> {
        parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn lives(&self) -> bool {
        !matches!(self.state, b'Z' | b'X' | b'x')
    }
}

/// The name of a process may hold blanks and parentheses, so fields are counted from the last parenthesis.
fn parse_stat(text: &str) -> Option<Stat> {
    let (front, rest) = text.rsplit_once(')')?;
    let pid = front.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Stat {
        identity: Identity { pid, start_time: fields.get(19)?.parse().ok()? },
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
    })
}

/// The id of the machine's present boot.
pub(crate) fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

/// All processes that can be seen.
fn processes() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(Stat::of)
}

/// The living processes of the session that `leader` led, if they have `variable` in their environment. The id
/// of a session is not given to a new process while the session has members, so a process that has the leader's
/// id but is another one means that nothing is left of the session.
pub(crate) fn left_of_session(leader: Identity, variable: &str) -> Vec<Identity> {
    if Stat::of(leader.pid).is_some_and(|stat| stat.identity != leader) {
        return Vec::new();
    }
    let has_variable = |pid: i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    processes()
        .filter(|stat| stat.session == leader.pid && stat.lives())
        .map(|stat| stat.identity)
        .filter(|process| has_variable(process.pid))
        .collect()
}

/// The living descendants of a process.
pub(crate) fn descendants(ancestor: i32) -> Vec<Identity> {
    let mut children: BTreeMap<i32, Vec<Stat>> = BTreeMap::new();
    for stat in processes() {
        children.entry(stat.parent).or_default().push(stat);
    }
    let mut found = Vec::new();
    let mut open = vec![ancestor];
    while let Some(parent) = open.pop() {
        for stat in children.remove(&parent).unwrap_or_default() {
            open.push(stat.identity.pid);
            if stat.lives() {
                found.push(stat.identity);
            }
        }
    }
    found
}

/// A process that has a socket open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Holder {
    /// Its id.
    pub(crate) pid: i32,
    /// Its session's id.
    pub(crate) session: i32,
    /// The name of its program.
    pub(crate) program: String,
}

/// Who has these sockets open, by inode, as far as that can be seen.
pub(crate) fn holders(inodes: &[u64]) -> BTreeMap<u64, Holder> {
    let mut found = BTreeMap::new();
    for stat in processes() {
        let pid = stat.identity.pid;
        for descriptor in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
            let Some(inode) = fs::read_link(descriptor.path()).ok().and_then(socket_inode) else {
                continue;
            };
            if inodes.contains(&inode) {
                let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
                let program = crate::text::printable(program.trim_end());
                let holder = Holder { pid, session: stat.session, program };
                found.entry(inode).or_insert(holder);
            }
        }
        if found.len() == inodes.len() {
            break;
        }
    }
    found
}

fn socket_inode(link: PathBuf) -> Option<u64> {
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_cannot_forge_its_fields() {
        let text = "42 (a) S 9 9 (b) R 1 42 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 1";
        let stat = parse_stat(text).unwrap();
        assert_eq!(stat.identity, Identity { pid: 42, start_time: 987_654 });
        assert_eq!((stat.state, stat.parent, stat.session), (b'R', 1, 7));
    }

    #[test]
    fn this_process_lives_and_one_with_another_start_time_does_not() {
        let me = Identity::of(std::process::id().cast_signed()).unwrap();
        assert!(me.lives());
        assert!(!Identity { start_time: me.start_time + 1, ..me }.lives());
        assert!(!boot_id().is_empty());
    }
}
