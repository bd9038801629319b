//! Plain scalars by the YAML 1.2 core schema.

use std::borrow::Cow;

use mpctl_provider::{Number, Value};

/// What a plain scalar is.
#[derive(Debug, PartialEq)]
pub(super) enum Plain {
    /// A null, a truth value or a number.
    Value(Value),
    /// Text.
    Text,
    /// Written like a number that does not exist here: infinite, not a number, or too large.
    NoNumber(&'static str),
}

/// Resolves a plain scalar as the tags of the core schema say (YAML 1.2.2, section 10.3.2).
pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Value(Value::NULL),
        "true" | "True" | "TRUE" => Plain::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => Plain::Value(Value::Bool(false)),
        _ => number(text),
    }
}

fn number(text: &str) -> Plain {
    // Most scalars are words, and their first letter says so.
    if !matches!(text.as_bytes()[0], b'0'..=b'9' | b'+' | b'-' | b'.') {
        return Plain::Text;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Plain::NoNumber("there is no infinite number");
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NoNumber("it is not a number");
    }
    if !is_decimal(unsigned) {
        return Plain::Text;
    }
    decimal(text).parse::<Number>().map_or(Plain::NoNumber("the number is too large"), |number| {
        Plain::Value(Value::Number(number))
    })
}

/// `[0-9]+ ( \. [0-9]* )?` or `\. [0-9]+`, then perhaps an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent_is_one = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_is_one
}

/// The number as everybody else writes it: no plus sign, a digit on both sides of the point.
fn decimal(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let Some(at) = text.find('.') else { return Cow::Borrowed(text) };
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at)).is_some_and(|b| b.is_ascii_digit())
    };
    if digit(at.checked_sub(1)) && digit(Some(at + 1)) {
        return Cow::Borrowed(text);
    }
    let (before, after) = (&text[..at], &text[at + 1..]);
    let before =
        if before.is_empty() || before == "-" { format!("{before}0") } else { before.into() };
    let fraction = if digit(Some(at + 1)) { format!(".{after}") } else { after.to_owned() };
    Cow::Owned(before + &fraction)
}

/// A hexadecimal or octal number. Those beyond 128 bits are refused: nobody writes them.
fn radix(digits: &str, radix: u32) -> Plain {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Plain::Text;
    }
    match u128::from_str_radix(digits, radix).ok().and_then(|n| n.to_string().parse().ok()) {
        Some(number) => Plain::Value(Value::Number(number)),
        None => Plain::NoNumber("the number is too large"),
    }
}

/// Whether this is a decimal number that begins with a needless zero, which older YAML reads as octal.
pub(super) fn looks_octal(text: &str) -> bool {
    text.len() > 1
        && text.starts_with('0')
        && text.bytes().all(|b| (b'0'..=b'7').contains(&b))
        && text.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        match resolve(text) {
            Plain::Value(value) => value,
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn whole_numbers_are_decimal_octal_or_hexadecimal() {
        assert_eq!(value("8080"), Value::int(8080));
        assert_eq!(value("-17"), Value::int(-17));
        assert_eq!(value("+3"), Value::int(3));
        assert_eq!(value("0o17"), Value::int(15));
        assert_eq!(value("0xFf"), Value::int(255));
        assert_eq!(value("007"), Value::int(7));
    }

    #[test]
    fn what_older_yaml_took_for_truth_values_is_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "Yes",
            "TrUe",
            "0b1",
            "0x",
            "1_000",
            "-",
            "+",
            ".",
            "1e",
            "e1",
            "1.2.3",
            "0x-1",
            "190:20:30",
        ] {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
    }

    #[test]
    fn numbers_that_do_not_exist_are_not_taken_for_text() {
        for text in [".inf", "-.INF", "+.Inf", ".nan"] {
            assert!(matches!(resolve(text), Plain::NoNumber(_)), "{text}");
        }
    }

    #[test]
    fn points_without_a_digit_on_one_side_are_filled_in() {
        assert_eq!(decimal("+.5"), "0.5");
        assert_eq!(decimal("-.5e3"), "-0.5e3");
        assert_eq!(decimal("5."), "5");
        assert_eq!(decimal("5.e1"), "5e1");
        assert_eq!(decimal("1.25"), "1.25");
    }
}
