//! Documents as the user wrote them: reading both spellings into one typed model with places.
//!
//! A text becomes a syntax tree ([`yaml`], [`hcl`] → [`syntax`]), and that becomes documents ([`decode`] →
//! [`document`]); [`read`] does both for all texts of a project. Nothing here opens a file.

pub mod decode;
pub mod document;
pub mod form;
pub mod hcl;
pub mod read;
pub mod syntax;
pub mod variables;
pub mod yaml;
