//! Ending everything that belongs to a service: the process, its group, and whatever it left behind.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::time::{Instant, sleep};

use super::child;
use crate::procfs;

/// How often one looks whether processes are gone.
const LOOK: Duration = Duration::from_millis(10);

/// How long killed processes may take to vanish. The kernel needs no time for it, but a process in an
/// uninterruptible wait does.
const VANISH: Duration = Duration::from_secs(3);

/// Asks the group to end, waits up to `grace`, kills what is left of it and of the supervisor's other
/// descendants. Afterwards none lives, unless the kernel holds one fast.
pub(super) async fn stop(group: Option<Pid>, signal: Signal, grace: Duration) {
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
        // A suspended process would not see the signal otherwise.
        let _ = kill_process_group(group, Signal::CONT);
        wait_for(grace, || test_kill_process_group(group).is_err()).await;
        let _ = kill_process_group(group, Signal::KILL);
    }
    kill_descendants().await;
}

/// Kills every descendant of the supervisor. It adopts those whose parents end (it is a subreaper), so not even
/// a process that made itself a daemon gets away.
pub(super) async fn kill_descendants() {
    let me = std::process::id().cast_signed();
    wait_for(VANISH, || {
        let left = procfs::descendants(me);
        left.iter().for_each(|process| {
            process.signal(Signal::KILL);
        });
        left.is_empty()
    })
    .await;
}

/// Collects ended children until `gone` says so or the time is over.
async fn wait_for(longest: Duration, mut gone: impl FnMut() -> bool) {
    let deadline = Instant::now() + longest;
    loop {
        while child::collect().is_some() {}
        if gone() || Instant::now() >= deadline {
            return;
        }
        sleep(LOOK).await;
    }
}
