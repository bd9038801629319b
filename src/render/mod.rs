//! What the program prints about plans, states, outputs and applies, as text and as JSON.
//!
//! * [`human`]: for people, in the form that users of Terraform read without learning.
//! * [`json`]: for programs, in the shapes that `docs` fixes; keys are only ever added.
//! * [`progress`]: what is said while a plan is being applied.
//!
//! Everything here turns data into text and writes it where it is told to. It keeps true: nothing sensitive is
//! written unless [`Options::reveal`] says so; no control character but newline and tab comes through from
//! data; the facts are the same with and without colour. Must not: look at the terminal, the clock or the
//! environment.

pub mod drawing;
#[cfg(test)]
pub(crate) mod fixture;
pub mod human;
mod identity;
pub mod json;
pub mod progress;
#[cfg(test)]
mod secrecy;
pub(crate) mod secret;
pub(crate) mod tally;

pub use tally::Tally;

use std::collections::HashMap;

use mpctl_provider::schema::ResourceSchema;

/// How to print for people.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns to aim at for headings and lists; values are never wrapped.
    pub width: usize,
    /// Every change by itself, equal ones too, and all drift.
    pub expand: bool,
    /// One line a change.
    pub concise: bool,
    /// The whole chain of causes.
    pub why: bool,
    /// Sensitive values in clear.
    pub reveal: bool,
    /// Without the header and the legend of symbols.
    pub compact: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            colour: false,
            width: 100,
            expand: false,
            concise: false,
            why: false,
            reveal: false,
            compact: false,
        }
    }
}

/// The schemas of resource types by name. One that is missing costs nothing but some precision: what is
/// computed is then known by its being unknown, and what is sensitive by its marks.
pub type Schemas<'a> = HashMap<&'a str, &'a ResourceSchema>;
