//! Ending a service from outside: by its supervisor if that lives, and by hand what is left if it does not.

use std::fs::File;
use std::time::Duration;

use mpctl_provider::Fault;
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::observe;
use crate::place::{Place, SERVICE_VARIABLE};
use crate::procfs;
use crate::record::Record;

/// How often one looks whether processes are gone.
const LOOK: Duration = Duration::from_millis(10);

/// How long the supervisor may take beyond the grace of its service.
const MARGIN: Duration = Duration::from_secs(5);

/// How long a killed process may take to vanish.
const VANISH: Duration = Duration::from_secs(5);

/// How long a supervisor that was just started may take to write its first record.
const FIRST_RECORD: Duration = Duration::from_secs(5);

/// Ends the service and everything that belongs to it. Afterwards no process of it lives; its folder stays.
/// Nothing to end is fine.
pub(super) async fn stop(place: &Place) -> Result<(), Fault> {
    let Some(record) = last_record(place).await? else { return Ok(()) };
    if record.boot != procfs::boot_id() {
        return Ok(());
    }
    let supervisor = record.supervisor;
    if supervisor.signal(Signal::TERM) {
        let patience = Duration::from_millis(record.stop_grace).saturating_add(MARGIN);
        if !until(patience, || !observe::lives(&record)).await {
            // Its service goes with it, by the parent-death signal.
            supervisor.signal(Signal::KILL);
        }
    }
    // What is left is there only because the supervisor was killed.
    let mark = format!("{SERVICE_VARIABLE}={}", place.folder.display());
    let gone = until(VANISH, || {
        let mut left = procfs::left_of_session(supervisor, &mark);
        left.extend(record.child.iter().map(|child| child.process).filter(|p| p.lives()));
        left.iter().for_each(|process| {
            process.signal(Signal::KILL);
        });
        left.is_empty() && !observe::lives(&record)
    });
    if gone.await {
        return Ok(());
    }
    Err(Fault::unknown(format!("service {} was killed and its processes do not end", place.id()))
        .hint(format!("see `ps -s {}`", supervisor.pid)))
}

/// The record, waiting for the first one if a supervisor holds the service already.
async fn last_record(place: &Place) -> Result<Option<Record>, Fault> {
    let deadline = Instant::now() + FIRST_RECORD;
    loop {
        let record = Record::read(&place.record());
        if record.is_some() || !is_held(place) {
            return Ok(record);
        }
        if Instant::now() > deadline {
            let summary = format!("service {} has a supervisor but no readable record", place.id());
            return Err(Fault::unknown(summary)
                .hint(format!("see who has {} open and end it", place.lock().display())));
        }
        sleep(LOOK).await;
    }
}

/// Whether a supervisor holds the service's lock.
fn is_held(place: &Place) -> bool {
    let Ok(file) = File::open(place.lock()) else { return false };
    matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}

/// Waits until `done` says so, at most for so long.
async fn until(longest: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + longest;
    while !done() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK).await;
    }
    true
}
