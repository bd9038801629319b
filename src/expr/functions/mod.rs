//! The functions of the language: a table, one file a family.
//!
//! A function is a row: its parameters, what it makes of null, unknown and sensitive arguments, the type of
//! its result, and a plain Rust function over values that have been converted and checked accordingly. Names
//! and results are Terraform's.

mod charsets;
mod combine;
mod conversion;
mod csv;
mod dates;
mod encoding;
mod files;
mod fileset;
mod format;
mod hash;
mod maps;
mod network;
mod numeric;
mod regexes;
mod sequences;
mod signature;
mod strings;
mod yaml;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use signature::{Fault, Function, Kind, Marks, Parameter, Returns, Unknowns};
pub use yaml::yaml_as_written;

/// Every family.
const FAMILIES: &[&[Function]] = &[
    charsets::FUNCTIONS,
    combine::FUNCTIONS,
    conversion::FUNCTIONS,
    csv::FUNCTIONS,
    dates::FUNCTIONS,
    encoding::FUNCTIONS,
    files::FUNCTIONS,
    fileset::FUNCTIONS,
    format::FUNCTIONS,
    hash::FUNCTIONS,
    maps::FUNCTIONS,
    network::FUNCTIONS,
    numeric::FUNCTIONS,
    regexes::FUNCTIONS,
    sequences::FUNCTIONS,
    strings::FUNCTIONS,
    yaml::FUNCTIONS,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> =
    LazyLock::new(|| FAMILIES.iter().copied().flatten().map(|f| (f.name, f)).collect());

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}

/// Every function's name.
pub fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().copied().flatten().map(|function| function.name)
}
