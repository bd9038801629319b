//! Plain scalars as Terraform's `yamldecode` reads them: the core schema, and beyond it the truth values and
//! the points in time of YAML 1.1.

use jiff::civil::{Date, Time};
use mpctl_provider::Value;

use super::scalar::{self, Plain};

/// What a plain scalar is.
pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Plain::Value(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Plain::Value(Value::Bool(false)),
        _ => match point_in_time(text) {
            Some(time) => Plain::Value(Value::string(time)),
            None => scalar::resolve(text),
        },
    }
}

/// A date, or a date with a time, as RFC 3339 text in whole seconds.
pub(super) fn point_in_time(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        None => (text, None),
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
    };
    let [year, month, day] = three(date, '-')?;
    if date.find('-') != Some(4) {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let (time, offset) = match time {
        None => (Time::midnight(), "Z"),
        Some((b' ', clock)) => (time_of_day(clock)?, "Z"),
        Some((_, clock)) => {
            let (clock, offset) = clock.split_at(clock.find(['Z', '+', '-'])?);
            (time_of_day(clock)?, if is_offset(offset)? { offset } else { "Z" })
        }
    };
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

/// `H:M:S`, perhaps with a fraction, which is dropped.
fn time_of_day(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let [hour, minute, second] = three(whole, ':')?;
    let part = |part: i16| i8::try_from(part).ok();
    Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

/// Whether this is an offset other than zero; `None` if it is no offset at all.
fn is_offset(text: &str) -> Option<bool> {
    if text == "Z" {
        return Some(false);
    }
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours + minutes != 0)
}

/// Three whole numbers.
fn three(text: &str, separator: char) -> Option<[i16; 3]> {
    let mut parts = text.split(separator);
    let found = [number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?];
    parts.next().is_none().then_some(found)
}

/// A whole number of digits alone.
fn number(text: &str) -> Option<i16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_become_rfc_3339_in_whole_seconds() {
        let time = |text| point_in_time(text).unwrap();
        assert_eq!(time("2001-1-2"), "2001-01-02T00:00:00Z");
        assert_eq!(time("2001-12-14 21:59:43.25"), "2001-12-14T21:59:43Z");
        assert_eq!(time("2001-12-14t1:2:3.5-05:30"), "2001-12-14T01:02:03-05:30");
        assert_eq!(time("2001-12-14T21:59:43+00:00"), "2001-12-14T21:59:43Z");
    }

    #[test]
    fn what_only_resembles_a_point_in_time_is_none() {
        for text in [
            "2001-13-02",
            "2001-02-29",
            "2001-12-14T21:59:43",
            "2001-12-14 21:59:43 -5",
            "2001-12-14T25:00:00Z",
            "2001-12-14T01:00:00+1:00",
            "2001-12",
            "2001-12-14-15",
            "20011-2-14",
            "2001-é-14",
            "1.2.3-4-5",
        ] {
            assert_eq!(point_in_time(text), None, "{text}");
        }
    }
}
