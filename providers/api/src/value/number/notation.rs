//! Other ways to write a number: fixed places, exponents, and the shorter of both, as C and Go format them.

use dashu_int::ops::UnsignedAbs;

use super::text::{Digits, shortest_digits};
use super::{Number, Repr};

/// With no precision given, `%g` changes to an exponent at this many digits before the point.
const GENERAL_DIGITS: i64 = 6;

impl Number {
    /// With exactly so many digits after the point, rounded half to even: `%.2f`.
    pub fn to_fixed(&self, places: usize) -> String {
        let mut digits = self.digits();
        digits.round(digits.point.saturating_add(places as i64));
        self.signed(fixed(&digits, places))
    }

    /// With one digit before the point, an exponent of two digits at least, and so many digits after the
    /// point, or as many as it takes to read back the same: `%e`.
    pub fn to_scientific(&self, places: Option<usize>) -> String {
        let digits = match places {
            Some(places) => {
                let mut digits = self.digits();
                digits.round(places as i64 + 1);
                digits
            }
            None => self.shortest(),
        };
        let places = places.unwrap_or(digits.digits.len().saturating_sub(1));
        self.signed(scientific(&digits, places))
    }

    /// With so many significant digits, or as many as it takes to read back the same, and an exponent if that
    /// is very small or large: `%g`.
    pub fn to_general(&self, precision: Option<usize>) -> String {
        let digits = match precision {
            Some(precision) => {
                let mut digits = self.digits();
                digits.round(precision.max(1) as i64);
                digits
            }
            None => self.shortest(),
        };
        let count = digits.digits.len() as i64;
        let threshold = match precision {
            None => GENERAL_DIGITS,
            Some(precision) if precision as i64 > count && count >= digits.point => count,
            Some(precision) => precision.max(1) as i64,
        };
        let exponent = digits.point - 1;
        if !digits.digits.is_empty() && (exponent < -4 || exponent >= threshold) {
            return self.signed(scientific(&digits, (count - 1).max(0) as usize));
        }
        self.signed(fixed(&digits, (count - digits.point).max(0) as usize))
    }

    fn signed(&self, text: String) -> String {
        if self.signum() < 0 { format!("-{text}") } else { text }
    }

    fn digits(&self) -> Digits {
        let big = self.parts();
        match big.whole() {
            Some(whole) => Digits::whole((&whole).unsigned_abs()),
            None => Digits::exact((&big.mantissa).unsigned_abs(), big.exponent),
        }
    }

    fn shortest(&self) -> Digits {
        match &self.0 {
            Repr::Big(big) if big.exponent < 0 => shortest_digits(big),
            _ => self.digits(),
        }
    }
}

fn fixed(digits: &Digits, places: usize) -> String {
    let digit = |at: i64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| digits.digits.get(at))
            .map_or('0', |d| char::from(*d))
    };
    let mut text: String =
        if digits.point > 0 { (0..digits.point).map(digit).collect() } else { "0".into() };
    if places > 0 {
        text.push('.');
        text.extend((0..places as i64).map(|at| digit(digits.point + at)));
    }
    text
}

fn scientific(digits: &Digits, places: usize) -> String {
    let digit = |at: usize| digits.digits.get(at).map_or('0', |d| char::from(*d));
    let exponent = if digits.digits.is_empty() { 0 } else { digits.point - 1 };
    let fraction: String = (1..=places).map(digit).collect();
    let point = if places > 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{point}{fraction}e{sign}{:02}", digit(0), exponent.abs())
}
