//! This host and its processes, as a lease holder names them.
//!
//! A process is named by its id and its start: an id alone comes round again. Everything is read
//! from `/proc`; where there is none, nothing is known, and a lease then has to expire.

use std::fs;

/// The name of this host.
#[must_use]
pub fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The id of this boot.
#[must_use]
pub fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

/// When a process started, in clock ticks since boot (field 22 of `/proc/PID/stat`, see proc(5));
/// none where there is no such process, or only its remains that nobody has waited for.
#[must_use]
pub fn process_start(process_id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).ok()?;
    // The command's name stands in parentheses and may itself hold spaces and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    // The state is field 3, so the start, field 22, is the nineteenth after it.
    fields.nth(18)?.parse().ok()
}

/// Whether the process with this id and this start still exists. Where processes cannot be seen at
/// all, the answer is that it does: nobody is to be taken for dead without evidence.
#[must_use]
pub fn process_exists(process_id: u32, start: u64) -> bool {
    if process_start(std::process::id()).is_none() {
        return true;
    }
    process_start(process_id) == Some(start)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn this_process_exists_and_one_with_another_start_does_not() {
        let start = process_start(std::process::id()).unwrap();
        assert!(process_exists(std::process::id(), start));
        assert!(!process_exists(std::process::id(), start + 1));
    }

    #[test]
    fn a_child_that_has_ended_is_gone_even_before_it_is_waited_for() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let start = process_start(child.id()).unwrap();
        assert!(process_exists(child.id(), start));
        child.kill().unwrap();
        for _ in 0..500 {
            if !process_exists(child.id(), start) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(!process_exists(child.id(), start));
        child.wait().unwrap();
    }
}
