//! What a supervisor says of its service: one small file, written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::procfs::Identity;

/// The layout of the file; another one is not read.
const FORMAT: u32 = 1;

/// How a service is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Started, and not long or well enough to count as running or healthy.
    Starting,
    /// Up; there is no health check.
    Running,
    /// Up, and its health check passes.
    Healthy,
    /// Up, and its health check fails.
    Unhealthy,
    /// It ended, and will be started again in a moment.
    Restarting,
    /// It ended badly and is not started again, or keeps ending so.
    Crashed,
    /// It ended with success and is not to be started again.
    Completed,
    /// Nobody supervises it and it does not run.
    Stopped,
}

impl Status {
    /// The word that users see.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Starting => "starting",
            Status::Running => "running",
            Status::Healthy => "healthy",
            Status::Unhealthy => "unhealthy",
            Status::Restarting => "restarting",
            Status::Crashed => "crashed",
            Status::Completed => "completed",
            Status::Stopped => "stopped",
        }
    }

    /// Whether a service in the state that this word names needs to be started again by a plan. What its
    /// supervisor is still busy with needs no plan.
    pub(crate) fn needs_start(word: &str) -> bool {
        [Status::Unhealthy, Status::Crashed, Status::Stopped].iter().any(|s| s.as_str() == word)
    }
}

/// The supervised process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Child {
    /// The process; it leads a process group of its own.
    #[serde(flatten)]
    pub(crate) process: Identity,
    /// When it was started, in RFC 3339.
    pub(crate) started_at: String,
}

/// The supervisor's record. Holds nothing secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    format: u32,
    /// The idempotency key of the step that started the supervisor.
    pub(crate) key: String,
    /// The boot that the process ids belong to.
    pub(crate) boot: String,
    /// The supervisor; it leads a session of its own, in which the service runs.
    pub(crate) supervisor: Identity,
    /// The service, while it is up.
    pub(crate) child: Option<Child>,
    /// How it is, in the supervisor's eyes.
    pub(crate) status: Status,
    /// More about that: what a probe met, how the process ended.
    pub(crate) detail: Option<String>,
    /// How often the process was started again.
    pub(crate) restarts: u64,
    /// How often in a row it ended before it was up for good.
    pub(crate) failures: u32,
    /// How long a stop may take, in milliseconds.
    pub(crate) stop_grace: u64,
    /// Where in the log this supervisor's service began to write.
    pub(crate) log_offset: u64,
}

impl Record {
    /// The record of a supervisor that is about to start its service.
    pub(crate) fn new(key: String, boot: String, supervisor: Identity) -> Record {
        Record {
            format: FORMAT,
            key,
            boot,
            supervisor,
            child: None,
            status: Status::Starting,
            detail: None,
            restarts: 0,
            failures: 0,
            stop_grace: 0,
            log_offset: 0,
        }
    }

    /// Reads a record; `None` where there is none or it is damaged (it is rewritten by every supervisor, and
    /// means nothing after the supervisor's end but how that came).
    pub(crate) fn read(path: &Path) -> Option<Record> {
        let bytes = fs::read(path).ok()?;
        let record: Record = serde_json::from_slice(&bytes).ok()?;
        (record.format == FORMAT).then_some(record)
    }

    /// Writes the record. It is not synced: after a power cut nothing that it says would be true.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension("new");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        drop(file);
        fs::rename(&new, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_damaged_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert_eq!(Record::read(&path), None);
        let me = Identity { pid: 7, start_time: 8 };
        let mut record = Record::new("key".into(), "boot".into(), me);
        record.child = Some(Child { process: me, started_at: "2026-01-02T03:04:05Z".into() });
        record.write(&path).unwrap();
        assert_eq!(Record::read(&path), Some(record));
        fs::write(&path, b"{\"format\":").unwrap();
        assert_eq!(Record::read(&path), None);
    }
}
