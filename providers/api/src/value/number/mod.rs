//! Numbers as Terraform's: integers of any size exact, other numbers binary floats with a 512-bit mantissa
//! rounded to nearest even, printed as the shortest decimal that reads back the same.
//!
//! Whole numbers within `i64` take a fast path. There is no infinity, no NaN and no negative zero. A value has
//! one representation only, so equality and hashing are those of the parts. Numbers whose binary exponent
//! passes `MAX_BITS` are refused, so that no short text or expression can ask for gigabytes of digits.
//!
//! Must not: pass through `f64`, except where a caller asks for one.

mod arithmetic;
mod notation;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod text;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use dashu_int::ops::BitTest;
use dashu_int::{IBig, Sign, UBig};
use thiserror::Error;

/// The size of the mantissa of a number that is not whole, in bits.
pub(super) const MANTISSA_BITS: usize = 512;

/// The largest binary exponent, and the longest integer, in bits: about 19,700 decimal digits.
pub(super) const MAX_BITS: i64 = 1 << 16;

/// A number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Repr);

/// A value has exactly one of these, whatever it was computed from.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Every whole number within `i64`.
    Small(i64),
    /// Everything else.
    Big(Arc<Big>),
}

/// `mantissa * 2^exponent`, the mantissa odd.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Big {
    mantissa: IBig,
    exponent: i64,
}

/// Why an operation on numbers has no result.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum NumberError {
    /// Division, or remainder, by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The result would be infinite or too large to be held.
    #[error("the result is too large")]
    Overflow,
    /// The result is not zero, yet too close to it to be held.
    #[error("the result is too close to zero")]
    Underflow,
    /// The text is no number.
    #[error("{0:?} is not a number")]
    Syntax(String),
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number(Repr::Small(0));
    /// One.
    pub const ONE: Number = Number(Repr::Small(1));

    /// The number as an `i64`, if it is a whole number within its range.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(number) => Some(*number),
            Repr::Big(_) => None,
        }
    }

    /// The number as a `u64`, if it is a whole number within its range.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(number) => u64::try_from(*number).ok(),
            Repr::Big(big) => big.whole().and_then(|whole| u64::try_from(whole).ok()),
        }
    }

    /// The number as a `usize`, if it is a whole number within its range.
    pub fn as_usize(&self) -> Option<usize> {
        self.as_u64().and_then(|number| usize::try_from(number).ok())
    }

    /// The nearest `f64`; infinite where the number lies beyond its range.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small(number) => *number as f64,
            // The text reads back as the same number, and reading an `f64` rounds correctly.
            Repr::Big(_) => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The number that the shortest decimal spelling of `float` denotes: 0.1 becomes exactly what `0.1` is.
    /// Infinities are an overflow, NaN a syntax error.
    pub fn from_f64(float: f64) -> Result<Number, NumberError> {
        if float.is_infinite() {
            return Err(NumberError::Overflow);
        }
        format!("{float:e}").parse()
    }

    /// Whether it has no fractional part.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Small(_) => true,
            Repr::Big(big) => big.exponent >= 0,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(0)
    }

    /// -1, 0 or 1, as the number is negative, zero or positive.
    pub fn signum(&self) -> i64 {
        match &self.0 {
            Repr::Small(number) => number.signum(),
            Repr::Big(big) if big.mantissa.sign() == Sign::Negative => -1,
            Repr::Big(_) => 1,
        }
    }

    /// The number that the JSON number denotes.
    pub fn from_json(json: &serde_json::Number) -> Result<Number, NumberError> {
        json.as_i64().map_or_else(|| json.as_str().parse(), |small| Ok(Number::from(small)))
    }

    /// The JSON number with the same text.
    pub fn to_json(&self) -> serde_json::Number {
        match &self.0 {
            Repr::Small(number) => (*number).into(),
            Repr::Big(_) => self.to_string().parse().expect("a number's text is a JSON number"),
        }
    }

    /// Whole digits in a base from 2 to 36, lower case; `None` if the number is not whole.
    pub fn to_radix(&self, base: u8) -> Option<String> {
        let whole = self.parts().whole()?;
        (2..=36).contains(&base).then(|| whole.in_radix(base).to_string())
    }

    /// The whole number that `text` spells in a base from 2 to 62, with a sign perhaps. Up to base 36 the case
    /// of letters does not matter; above, capitals follow the small ones.
    pub fn from_radix(text: &str, base: u8) -> Result<Number, NumberError> {
        let syntax = || NumberError::Syntax(text.chars().take(80).collect());
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !(2..=62).contains(&base) {
            return Err(syntax());
        }
        if digits.len() as i64 > MAX_BITS {
            return Err(NumberError::Overflow);
        }
        let mut sum = IBig::ZERO;
        for digit in digits.bytes() {
            let worth = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'z' => digit - b'a' + 10,
                b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
                b'A'..=b'Z' => digit - b'A' + 36,
                _ => return Err(syntax()),
            };
            if worth >= base {
                return Err(syntax());
            }
            sum = sum * IBig::from(base) + IBig::from(worth);
        }
        Number::exact(if text.starts_with('-') { -sum } else { sum }, 0)
    }

    /// Mantissa and exponent, whichever representation.
    fn parts(&self) -> Big {
        match &self.0 {
            Repr::Small(number) => Big { mantissa: IBig::from(*number), exponent: 0 },
            Repr::Big(big) => big.as_ref().clone(),
        }
    }

    /// The one representation of `mantissa * 2^exponent`, exactly.
    fn exact(mantissa: IBig, exponent: i64) -> Result<Number, NumberError> {
        let Some(zeros) = mantissa.trailing_zeros() else {
            return Ok(Number::ZERO);
        };
        let exponent = exponent + zeros as i64;
        let mantissa = if zeros > 0 { mantissa >> zeros } else { mantissa };
        let top = mantissa.bit_len() as i64 + exponent;
        if top > MAX_BITS {
            return Err(NumberError::Overflow);
        }
        if exponent < -MAX_BITS {
            return Err(NumberError::Underflow);
        }
        if exponent >= 0
            && top <= 64
            && let Ok(small) = i64::try_from(&mantissa << exponent as usize)
        {
            return Ok(Number(Repr::Small(small)));
        }
        Ok(Number(Repr::Big(Arc::new(Big { mantissa, exponent }))))
    }

    /// `mantissa * 2^exponent`, and a little more if `inexact`: exact if it is whole and exact, otherwise
    /// rounded to [`MANTISSA_BITS`], half to even.
    fn rounded(mantissa: IBig, exponent: i64, inexact: bool) -> Result<Number, NumberError> {
        let (sign, magnitude) = mantissa.into_parts();
        let length = magnitude.bit_len();
        let whole = exponent + magnitude.trailing_zeros().unwrap_or(0) as i64 >= 0;
        if length <= MANTISSA_BITS || (whole && !inexact) {
            return Number::exact(IBig::from_parts(sign, magnitude), exponent);
        }
        let dropped = length - MANTISSA_BITS;
        let (low, mut kept) = magnitude.split_bits(dropped);
        let half = UBig::ONE << (dropped - 1);
        let up = match low.cmp(&half) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => inexact || kept.bit(0),
        };
        if up {
            kept += UBig::ONE;
        }
        Number::exact(IBig::from_parts(sign, kept), exponent + dropped as i64)
    }
}

impl Big {
    /// The integer that it is, if it is one. Bounded, since exponents are.
    fn whole(&self) -> Option<IBig> {
        usize::try_from(self.exponent).ok().map(|shift| &self.mantissa << shift)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Number {
        Number(Repr::Small(number))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Number {
        i64::try_from(number).map_or_else(
            |_| Number::exact(IBig::from(number), 0).expect("64 bits are within the limit"),
            Number::from,
        )
    }
}

impl From<i32> for Number {
    fn from(number: i32) -> Number {
        Number::from(i64::from(number))
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Number {
        Number::from(i64::from(number))
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Number {
        Number::from(number as u64)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By size.
impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0) {
            return a.cmp(b);
        }
        let by_sign = self.signum().cmp(&other.signum());
        if by_sign != Ordering::Equal {
            return by_sign;
        }
        let (a, b) = (self.parts(), other.parts());
        let common = a.exponent.min(b.exponent);
        let align = |n: Big| n.mantissa << (n.exponent - common) as usize;
        align(a).cmp(&align(b))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
