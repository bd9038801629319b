//! The time as an operation's late expressions see it: the moment at which the operation was opened.
//!
//! It is one and the same for every step, and after a `resume` too, so that two uses of `timestamp()` never differ
//! and what was computed before an interruption would be computed again.

use mpctl_state::OperationId;

use crate::expr::Clock;

/// The clock of one operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct OperationClock(jiff::Timestamp);

impl OperationClock {
    /// The clock of an operation, whose id is a UUID of version 7 and holds its time.
    pub(super) fn of(operation: &OperationId) -> OperationClock {
        let id = uuid::Uuid::parse_str(operation.as_str()).ok();
        let opened = id.and_then(|id| id.get_timestamp()).and_then(|opened| {
            let (seconds, nanoseconds) = opened.to_unix();
            let (seconds, nanoseconds) =
                (i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?);
            jiff::Timestamp::new(seconds, nanoseconds).ok()
        });
        OperationClock(opened.unwrap_or_else(jiff::Timestamp::now))
    }
}

impl Clock for OperationClock {
    /// What needs it has been worked out while planning.
    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        Some(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_the_operations_id() {
        let id = OperationId::new("01a20d92-c1a5-7312-937f-20440a1aad48");
        let clock = OperationClock::of(&id);
        assert_eq!(clock.now(), OperationClock::of(&id).now());
        insta::assert_snapshot!(clock.now().map_or_else(String::new, |now| now.to_string()), @"2026-11-24T12:40:51.365Z");
    }
}
