//! Functions of points in time, which are RFC 3339 text.

use jiff::civil::Weekday;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use mpctl_provider::{Number, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text};
use crate::expr::EvalContext;
use crate::expr::evaluate::unknown;

const STRING: Returns = Returns::Kind(Kind::String);

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "formatdate",
        parameters: &[Parameter::new("format", Kind::String), Parameter::new("time", Kind::String)],
        variadic: None,
        returns: STRING,
        body: format_date,
    },
    Function {
        name: "timeadd",
        parameters: &[
            Parameter::new("timestamp", Kind::String),
            Parameter::new("duration", Kind::String),
        ],
        variadic: None,
        returns: STRING,
        body: time_add,
    },
    Function {
        name: "timecmp",
        parameters: &[
            Parameter::new("timestamp_a", Kind::String),
            Parameter::new("timestamp_b", Kind::String),
        ],
        variadic: None,
        returns: Returns::Kind(Kind::Number),
        body: time_compare,
    },
    Function {
        name: "plantimestamp",
        parameters: &[],
        variadic: None,
        returns: STRING,
        body: |_, c| Ok(moment(c.clock.plan_time())),
    },
    Function {
        name: "timestamp",
        parameters: &[],
        variadic: None,
        returns: STRING,
        body: |_, c| Ok(moment(c.clock.now())),
    },
];

fn moment(time: Option<Timestamp>) -> Value {
    match time {
        Some(time) => Value::string(show(&time.to_zoned_datetime(TimeZone::UTC))),
        None => unknown(mpctl_provider::Type::String),
    }
}

/// RFC 3339 to the second, as Terraform writes it.
fn show(time: &ZonedDateTime) -> String {
    format!("{}{}", time.strftime("%Y-%m-%dT%H:%M:%S"), zone(time.offset(), true, true))
}

/// An offset: `Z` for UTC if wanted, else hours and minutes.
fn zone(offset: Offset, z_for_utc: bool, colon: bool) -> String {
    let seconds = offset.seconds();
    if seconds == 0 && z_for_utc {
        return "Z".into();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    format!("{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}

/// A point in time with the offset that it is written with.
fn parse(argument: usize, text: &str) -> Result<ZonedDateTime, Fault> {
    let fault = || {
        quoted(argument, "", text, " is no RFC 3339 time").hint("write it as 2006-01-02T15:04:05Z")
    };
    // The library takes more forms than RFC 3339 has.
    let bytes = text.as_bytes();
    let strict = bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[16] == b':';
    if !strict {
        return Err(fault());
    }
    let rest = &text[19..];
    let fraction =
        rest.strip_prefix('.').map_or(0, |r| 1 + r.bytes().take_while(u8::is_ascii_digit).count());
    let offset = match &rest[fraction..] {
        "Z" => Offset::UTC,
        written => {
            let b = written.as_bytes();
            if b.len() != 6 || !matches!(b[0], b'+' | b'-') || b[3] != b':' {
                return Err(fault());
            }
            let number = |range: std::ops::Range<usize>| written[range].parse::<i32>().ok();
            let (hours, minutes) = number(1..3).zip(number(4..6)).ok_or_else(fault)?;
            if minutes > 59 || hours > 23 {
                return Err(fault());
            }
            let seconds = hours * 3600 + minutes * 60;
            Offset::from_seconds(if b[0] == b'-' { -seconds } else { seconds })
                .map_err(|_| fault())?
        }
    };
    let time: Timestamp = text.parse().map_err(|_| fault())?;
    Ok(time.to_zoned_datetime(TimeZone::fixed(offset)))
}

fn time_add(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let time = parse(0, text(arguments, 0))?;
    let written = text(arguments, 1);
    let duration = duration(written).ok_or_else(|| {
        quoted(1, "", written, " is no duration")
            .hint("write it as a number and a unit: 90s, 1h30m, -2h (units ns, us, ms, s, m, h)")
    })?;
    let sum = time.checked_add(duration).map_err(|_| Fault::new("the time is out of range"))?;
    Ok(Value::string(show(&sum)))
}

/// A duration as Go writes it: `1h30m`, `-1.5h`, `300ms`.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let amount: Number = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(|b| !b.is_ascii_digit() && *b != b'.').count();
        let unit: i64 = match &rest[..letters] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = &rest[letters..];
        let part = amount.multiply(&Number::from(unit)).ok()?.truncate();
        nanoseconds += i128::from(part.as_i64()?);
    }
    let signed = if negative { -nanoseconds } else { nanoseconds };
    i64::try_from(signed).ok().map(SignedDuration::from_nanos)
}

fn time_compare(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let (a, b) = (parse(0, text(arguments, 0))?, parse(1, text(arguments, 1))?);
    Ok(Value::int(a.timestamp().cmp(&b.timestamp()) as i64))
}

fn format_date(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let (format, time) = (text(arguments, 0), parse(1, text(arguments, 1))?);
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, length) = quoted_literal(rest)
                .ok_or_else(|| Fault::of(0, "a quoted part has no closing quote"))?;
            out.push_str(&literal);
            rest = &rest[length..];
        } else if first.is_ascii_alphabetic() {
            let length = rest.chars().take_while(|c| *c == first).count();
            out.push_str(&field(&rest[..length], &time).ok_or_else(|| {
                quoted(0, "there is no field ", &rest[..length], "")
                    .hint("text that is to stand as it is belongs between single quotes: 'T'")
            })?);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(Value::string(out))
}

/// The text of a quoted part, in which two quotes are one, and its length with the quotes.
fn quoted_literal(text: &str) -> Option<(String, usize)> {
    let mut literal = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            literal.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            literal.push('\'');
        } else {
            // Two quotes with nothing between them are one.
            let literal = if at == 1 { "'".into() } else { literal };
            return Some((literal, at + 1));
        }
    }
    None
}

fn field(letters: &str, time: &ZonedDateTime) -> Option<String> {
    let hour12 = |hour: i8| if hour % 12 == 0 { 12 } else { hour % 12 };
    Some(match letters {
        "YYYY" => format!("{:04}", time.year()),
        "YY" => format!("{:02}", time.year().rem_euclid(100)),
        "MMMM" => month(time.month()).into(),
        "MMM" => month(time.month())[..3].into(),
        "MM" => format!("{:02}", time.month()),
        "M" => time.month().to_string(),
        "DD" => format!("{:02}", time.day()),
        "D" => time.day().to_string(),
        "EEEE" => weekday(time.weekday()).into(),
        "EEE" => weekday(time.weekday())[..3].into(),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{:02}", hour12(time.hour())),
        "H" => hour12(time.hour()).to_string(),
        "AA" => if time.hour() < 12 { "AM" } else { "PM" }.into(),
        "aa" => if time.hour() < 12 { "am" } else { "pm" }.into(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => zone(time.offset(), false, true),
        "ZZZZ" => zone(time.offset(), false, false),
        "ZZZ" if time.offset() == Offset::UTC => "UTC".into(),
        "ZZZ" => zone(time.offset(), false, false),
        "Z" => zone(time.offset(), true, true),
        _ => return None,
    })
}

fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[(number.clamp(1, 12) - 1) as usize]
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
