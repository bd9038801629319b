//! Arithmetic: exact between integers wherever the result is one, otherwise rounded once.

use dashu_int::ops::{Abs, BitTest, DivRem, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::{Big, MANTISSA_BITS, MAX_BITS, Number, NumberError, Repr};

/// More quotient bits than the mantissa keeps, so that rounding sees what follows.
const QUOTIENT_BITS: usize = MANTISSA_BITS + 2;

impl Number {
    /// `self + other`
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0)
            && let Some(sum) = a.checked_add(*b)
        {
            return Ok(Number::from(sum));
        }
        let (a, b) = (self.parts(), other.parts());
        let common = a.exponent.min(b.exponent);
        let align = |n: Big| n.mantissa << (n.exponent - common) as usize;
        Number::rounded(align(a) + align(b), common, false)
    }

    /// `self - other`
    pub fn subtract(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0)
            && let Some(difference) = a.checked_sub(*b)
        {
            return Ok(Number::from(difference));
        }
        self.add(&other.negate())
    }

    /// `self * other`
    pub fn multiply(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0)
            && let Some(product) = a.checked_mul(*b)
        {
            return Ok(Number::from(product));
        }
        let (a, b) = (self.parts(), other.parts());
        Number::rounded(a.mantissa * b.mantissa, a.exponent + b.exponent, false)
    }

    /// `self / other`
    pub fn divide(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0)
            && a.checked_rem(*b) == Some(0)
            && let Some(quotient) = a.checked_div(*b)
        {
            return Ok(Number::from(quotient));
        }
        let (a, b) = (self.parts(), other.parts());
        quotient(a.mantissa, &b.mantissa, a.exponent - b.exponent)
    }

    /// `self % other`: `self - other * truncate(self / other)`, so it has the sign of `self`.
    pub fn remainder(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0) {
            return Ok(Number::from(a.checked_rem(*b).unwrap_or(0)));
        }
        self.subtract(&other.multiply(&self.divide(other)?.truncate())?)
    }

    /// `-self`
    pub fn negate(&self) -> Number {
        match &self.0 {
            Repr::Small(number) => number
                .checked_neg()
                .map_or_else(|| Number::from(number.unsigned_abs()), Number::from),
            // The other way round, -2^63 as a big number's negation is small.
            Repr::Big(big) => Number::exact(-&big.mantissa, big.exponent)
                .expect("the magnitude stays within the limit"),
        }
    }

    /// The distance from zero.
    pub fn abs(&self) -> Number {
        if self.signum() < 0 { self.negate() } else { self.clone() }
    }

    /// The whole number next to it towards zero.
    pub fn truncate(&self) -> Number {
        match &self.0 {
            Repr::Big(big) if big.exponent < 0 => {
                let negative = self.signum() < 0;
                let magnitude =
                    (&big.mantissa).unsigned_abs() >> big.exponent.unsigned_abs() as usize;
                let whole = if negative { -IBig::from(magnitude) } else { IBig::from(magnitude) };
                Number::exact(whole, 0).expect("truncating does not enlarge")
            }
            _ => self.clone(),
        }
    }

    /// The largest whole number that is not larger.
    pub fn floor(&self) -> Number {
        let truncated = self.truncate();
        if self.signum() < 0 && truncated != *self {
            return truncated.subtract(&Number::ONE).unwrap_or(truncated);
        }
        truncated
    }

    /// The smallest whole number that is not smaller.
    pub fn ceil(&self) -> Number {
        self.negate().floor().negate()
    }

    /// `self ^ exponent`: exact where both are whole and the exponent is not negative, otherwise with the
    /// precision of an `f64`, as Terraform has it.
    pub fn pow(&self, exponent: &Number) -> Result<Number, NumberError> {
        if let (Some(times), true) = (exponent.as_usize(), self.is_whole()) {
            let Big { mantissa, exponent } = self.parts();
            let length = mantissa.bit_len() as u64;
            let is_unit = length <= 1 && exponent == 0;
            if !is_unit
                && (length - 1 + exponent as u64).max(1).saturating_mul(times as u64)
                    > MAX_BITS as u64
            {
                return Err(NumberError::Overflow);
            }
            let times = if is_unit { times.min(2 + times % 2) } else { times };
            return Number::exact(mantissa.pow(times), exponent * times as i64);
        }
        Number::from_f64(self.to_f64().powf(exponent.to_f64()))
    }

    /// The logarithm to a base, with the precision of an `f64`, as Terraform has it.
    pub fn log(&self, base: &Number) -> Result<Number, NumberError> {
        Number::from_f64(self.to_f64().ln() / base.to_f64().ln())
    }
}

/// `dividend / divisor * 2^exponent`, rounded once; the divisor is not zero.
pub(super) fn quotient(
    dividend: IBig,
    divisor: &IBig,
    exponent: i64,
) -> Result<Number, NumberError> {
    let divisor_bits = divisor.bit_len();
    let shift = (QUOTIENT_BITS + divisor_bits).saturating_sub(dividend.bit_len());
    let negative = (dividend < IBig::ZERO) != (*divisor < IBig::ZERO);
    let (quotient, rest): (UBig, UBig) =
        (dividend.abs().unsigned_abs() << shift).div_rem((divisor).unsigned_abs());
    let quotient = IBig::from(quotient);
    let signed = if negative { -quotient } else { quotient };
    Number::rounded(signed, exponent - shift as i64, rest != UBig::ZERO)
}
