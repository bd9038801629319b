//! When to try again, and after how long. Pure.

use std::time::Duration;

use mpctl_provider::{Fault, Path, PathStep, Value};

/// What the `retry` block asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Retry {
    /// So many tries after the first.
    pub(crate) attempts: u32,
    min_delay: Duration,
    max_delay: Duration,
}

impl Retry {
    /// Reads the block; without one nothing is tried again.
    pub(crate) fn of(config: &Value) -> Result<Retry, Fault> {
        let block = config.get("retry").filter(|block| !block.is_null());
        let number = |name: &str, otherwise: u64| match block.and_then(|block| block.get(name)) {
            Some(value) => whole(value, otherwise, || {
                Path::attribute("retry").then(PathStep::Key(name.into()))
            }),
            None => Ok(otherwise),
        };
        let retry = Retry {
            attempts: u32::try_from(number("attempts", 0)?).unwrap_or(u32::MAX),
            min_delay: Duration::from_millis(number("min_delay_ms", 1_000)?),
            max_delay: Duration::from_millis(number("max_delay_ms", 30_000)?),
        };
        if retry.max_delay < retry.min_delay {
            return Err(Fault::permanent("`max_delay_ms` is less than `min_delay_ms`")
                .attribute(Path::attribute("retry")));
        }
        Ok(retry)
    }

    /// The wait before try number `again` (from 1); a server that named one is listened to, within bounds.
    pub(crate) fn delay(&self, again: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.min_delay.saturating_mul(2_u32.saturating_pow(again.saturating_sub(1)));
        asked.unwrap_or(doubled).clamp(self.min_delay, self.max_delay)
    }
}

/// Whether an answer of this status may be another one later.
pub(crate) fn may_pass(status: u16) -> bool {
    status == 429 || (status >= 500 && status != 501)
}

/// A whole number from 0 on; `otherwise` where it is null or not known.
pub(crate) fn whole(
    value: &Value,
    otherwise: u64,
    path: impl FnOnce() -> Path,
) -> Result<u64, Fault> {
    let Some(number) = value.as_number() else { return Ok(otherwise) };
    number.as_i64().and_then(|number| u64::try_from(number).ok()).ok_or_else(|| {
        let path = path();
        Fault::permanent(format!("`{path}` is {number}, not a whole number from 0 on"))
            .attribute(path)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_a_server_is_listened_to_within_bounds() {
        let retry = Retry::of(&Value::object([(
            "retry",
            Value::object([("attempts", Value::int(9)), ("max_delay_ms", Value::int(5_000))]),
        )]))
        .unwrap();
        let waits: Vec<_> = (1..=5).map(|again| retry.delay(again, None).as_millis()).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 5_000, 5_000]);
        assert_eq!(retry.delay(1, Some(Duration::from_secs(3))).as_secs(), 3);
        assert_eq!(retry.delay(1, Some(Duration::from_secs(600))).as_secs(), 5);
        assert_eq!(retry.delay(40, None).as_secs(), 5);
    }

    #[test]
    fn nothing_is_tried_again_where_nothing_is_said() {
        assert_eq!(Retry::of(&Value::object::<&str>([])).unwrap().attempts, 0);
    }
}
