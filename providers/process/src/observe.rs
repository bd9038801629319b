//! How a service is, from its supervisor's record and from what the kernel says of the processes named there.

use mpctl_provider::value::{Entries, Value};
use std::sync::Arc;

use crate::place::Place;
use crate::procfs;
use crate::record::{Child, Record, Status};

/// A service that is there.
pub(crate) struct Present {
    /// The last supervisor's record, if it left a readable one.
    pub(crate) record: Option<Record>,
    /// How the service is.
    pub(crate) status: Status,
    /// Its process, if it is up.
    pub(crate) child: Option<Child>,
}

impl Present {
    /// Whether the process has ended and its supervisor has not said anything about that yet.
    pub(crate) fn has_just_ended(&self) -> bool {
        self.child.is_none() && self.supervised().is_some_and(|record| record.child.is_some())
    }

    /// The record of a supervisor that lives.
    pub(crate) fn supervised(&self) -> Option<&Record> {
        self.record.as_ref().filter(|record| lives(record))
    }
}

/// Whether the supervisor that wrote the record lives.
pub(crate) fn lives(record: &Record) -> bool {
    record.boot == procfs::boot_id() && record.supervisor.lives()
}

/// Looks at the service; `None` where there is no such service.
pub(crate) fn observe(place: &Place) -> Option<Present> {
    let mut record = Record::read(&place.record());
    if record.as_ref().is_none_or(|record| !lives(record)) {
        // Its last words may have come after the first look and before the second.
        record = Record::read(&place.record());
    }
    if record.is_none() && !place.exists() {
        return None;
    }
    let supervised = record.as_ref().filter(|record| lives(record));
    let child = supervised.and_then(|r| r.child.clone()).filter(|child| child.process.lives());
    let status = match (supervised, record.as_ref()) {
        // Ended since: the supervisor will notice in a moment.
        (Some(record), _) if record.child.is_some() && child.is_none() => Status::Restarting,
        (Some(record), _) => record.status,
        (None, Some(record)) => match record.status {
            ended @ (Status::Completed | Status::Crashed) => ended,
            _ => Status::Stopped,
        },
        (None, None) => Status::Stopped,
    };
    Some(Present { record, status, child })
}

/// The attributes of `value`, with those that only looking can tell as they were found.
pub(crate) fn with_observed(value: &Value, present: &Present) -> Value {
    let null = |ty| Value::Null(ty);
    let pid = present.child.as_ref().map(|child| Value::int(child.process.pid.into()));
    let started = present.child.as_ref().map(|child| Value::string(child.started_at.as_str()));
    with(
        value,
        [
            ("pid", pid.unwrap_or_else(|| null(mpctl_provider::Type::Number))),
            ("started_at", started.unwrap_or_else(|| null(mpctl_provider::Type::String))),
            ("status", Value::string(present.status.as_str())),
        ],
    )
}

/// The object `value` with some attributes replaced.
pub(crate) fn with<const N: usize>(value: &Value, changes: [(&str, Value); N]) -> Value {
    let mut entries: Entries = value.as_entries().cloned().unwrap_or_default();
    for (name, change) in changes {
        entries.insert(name.into(), change);
    }
    Value::Object(Arc::new(entries))
}
