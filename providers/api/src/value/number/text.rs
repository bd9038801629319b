//! Reading and writing numbers.

use std::fmt;
use std::str::FromStr;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::arithmetic::quotient;
use super::{Big, MANTISSA_BITS, MAX_BITS, Number, NumberError, Repr};

/// The most decimal digits, written out or implied by an exponent, that are read.
const MAX_DIGITS: i64 = MAX_BITS * 3 / 10;

/// A decimal number: `[+-]digits[.digits][e[+-]digits]`, with a digit on one side of the point at least.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Number, NumberError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(|small: i64| Number::from(small)).map_err(|_| syntax(text));
        }
        let decimal = Decimal::read(text).ok_or_else(|| syntax(text))?;
        decimal.number()
    }
}

fn syntax(text: &str) -> NumberError {
    NumberError::Syntax(text.chars().take(80).collect())
}

/// A decimal number taken apart.
struct Decimal {
    negative: bool,
    /// Every digit, without leading zeros.
    digits: String,
    /// The power of ten that the digits are multiplied by.
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], read_exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
        Some(Decimal { negative, digits, exponent: exponent.saturating_sub(fraction.len() as i64) })
    }

    fn number(mut self) -> Result<Number, NumberError> {
        if self.digits.is_empty() {
            return Ok(Number::ZERO);
        }
        let significant = self.digits.trim_end_matches('0').len();
        self.exponent = self.exponent.saturating_add((self.digits.len() - significant) as i64);
        self.digits.truncate(significant);
        if self.exponent.saturating_add(significant as i64) > MAX_DIGITS {
            return Err(NumberError::Overflow);
        }
        if self.exponent < -MAX_DIGITS {
            return Err(NumberError::Underflow);
        }
        let magnitude = UBig::from_str_radix(&self.digits, 10)
            .map_err(|_| NumberError::Syntax(self.digits.clone()))?;
        let mantissa = IBig::from(magnitude) * IBig::from(if self.negative { -1 } else { 1 });
        let scale = IBig::from(10).pow(self.exponent.unsigned_abs() as usize);
        if self.exponent >= 0 {
            Number::exact(mantissa * scale, 0)
        } else {
            quotient(mantissa, &scale, 0)
        }
    }
}

/// A decimal exponent; one too long for `i64` counts as the largest, which every limit refuses.
fn read_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if negative { -magnitude } else { magnitude })
}

/// The shortest decimal that reads back as the same number, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(number) => fmt::Display::fmt(number, f),
            Repr::Big(big) => match big.whole() {
                Some(whole) => fmt::Display::fmt(&whole, f),
                None => f.pad_integral(self.signum() > 0, "", &shortest(big)),
            },
        }
    }
}

/// Decimal digits and where the point stands among them: `0.DIGITS * 10^point`.
pub(super) struct Digits {
    pub(super) digits: Vec<u8>,
    pub(super) point: i64,
}

impl Digits {
    /// `magnitude * 2^exponent` exactly; the exponent is not positive.
    pub(super) fn exact(magnitude: UBig, exponent: i64) -> Digits {
        let places = exponent.unsigned_abs() as usize;
        // A division by two is a multiplication by five and a shift of the point.
        let mut digits = Digits::whole(magnitude * UBig::from(5u8).pow(places));
        digits.point -= places as i64;
        digits
    }

    /// A whole number.
    pub(super) fn whole(magnitude: UBig) -> Digits {
        if magnitude == UBig::ZERO {
            return Digits { digits: Vec::new(), point: 0 };
        }
        let text = magnitude.to_string().into_bytes();
        let point = text.len() as i64;
        let kept = text.len() - text.iter().rev().take_while(|digit| **digit == b'0').count();
        Digits { digits: text[..kept].to_vec(), point }
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Keeps `count` digits, the last one enlarged by one if `up`.
    fn cut(&mut self, count: usize, up: bool) {
        self.digits.truncate(count);
        if !up {
            return;
        }
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(digit) => *digit += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
    }

    /// Rounds to `count` digits, none of them if that is negative.
    pub(super) fn round(&mut self, count: i64) {
        let Ok(count) = usize::try_from(count) else {
            self.digits.clear();
            return;
        };
        if count < self.digits.len() {
            let up = self.rounds_up(count);
            self.cut(count, up);
        }
        let kept = self.digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        self.digits.truncate(kept);
    }

    /// Whether rounding to `count` digits goes up: half to even.
    fn rounds_up(&self, count: usize) -> bool {
        if self.at(count) == b'5' && count + 1 == self.digits.len() {
            return count > 0 && !self.at(count - 1).is_multiple_of(2);
        }
        self.at(count) >= b'5'
    }
}

/// The digits of a number that is not whole, without its sign: the method of Go's `math/big` (the one that
/// Terraform prints with): walk the exact digits until what has been read so far, rounded, lies within half a
/// unit of the last binary place.
pub(super) fn shortest_digits(big: &Big) -> Digits {
    let magnitude = (&big.mantissa).unsigned_abs();
    let mut digits = Digits::exact(magnitude.clone(), big.exponent);
    // One bit more than the mantissa, so that half a unit in the last place is one.
    let shift = MANTISSA_BITS + 1 - magnitude.bit_len();
    let scaled = magnitude << shift;
    let exponent = big.exponent - shift as i64;
    let even = !scaled.bit(1);
    let lower = Digits::exact(&scaled - UBig::ONE, exponent);
    let upper = Digits::exact(scaled + UBig::ONE, exponent);
    for index in 0..digits.digits.len() {
        let (low, here, high) = (lower.at(index), digits.at(index), upper.at(index));
        let down = low != here || (even && index + 1 == lower.digits.len());
        let up = here != high && (even || here + 1 < high || index + 1 < upper.digits.len());
        if down || up {
            let up = up && (!down || digits.rounds_up(index + 1));
            digits.cut(index + 1, up);
            break;
        }
    }
    digits
}

/// [`shortest_digits`] with the point set, without a sign.
fn shortest(big: &Big) -> String {
    let digits = shortest_digits(big);
    let text = String::from_utf8_lossy(&digits.digits);
    match usize::try_from(digits.point) {
        Ok(point) if point >= text.len() => format!("{text:0<point$}"),
        Ok(point) if point > 0 => format!("{}.{}", &text[..point], &text[point..]),
        _ => format!(
            "0.{:0>width$}",
            text,
            width = text.len() + digits.point.unsigned_abs() as usize
        ),
    }
}
