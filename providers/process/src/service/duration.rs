//! Durations as people write them: `30s`, `1m30s`, `500ms`.

use std::time::Duration;

use jiff::SignedDuration;

/// The longest duration that is taken: long enough for any service, and sums of a few stay in range.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Reads a duration; the error says what is expected.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let expected =
        || format!("{text:?} is no duration; write one like \"30s\", \"1m30s\" or \"500ms\"");
    let signed: SignedDuration = text.trim().parse().map_err(|_| expected())?;
    let duration = Duration::try_from(signed).map_err(|_| format!("{text:?} is negative"))?;
    if duration > LONGEST {
        return Err(format!("{text:?} is longer than a week"));
    }
    Ok(duration)
}

/// A duration for a message: `30s`, `1m 30s`, `500ms`.
pub(crate) fn shown(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{}s", duration.as_secs()), |signed| format!("{signed:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn says_what_is_wrong() {
        insta::assert_snapshot!(parse("soon").unwrap_err(), @r#""soon" is no duration; write one like "30s", "1m30s" or "500ms""#);
        insta::assert_snapshot!(parse("-3s").unwrap_err(), @r#""-3s" is negative"#);
        insta::assert_snapshot!(parse("1000h").unwrap_err(), @r#""1000h" is longer than a week"#);
    }

    #[test]
    fn shows_them_shortly() {
        assert_eq!(shown(Duration::from_secs(90)), "1m 30s");
        assert_eq!(shown(Duration::from_millis(500)), "500ms");
    }
}
