//! Documents as the user wrote them: reading both spellings into one typed model with places.

pub mod decode;
pub mod document;
pub mod hcl;
pub mod syntax;
pub mod yaml;
