//! Integration tests.

#![allow(clippy::unwrap_used, missing_docs)]

mod expressions;
