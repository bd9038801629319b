//! JSON for programs.
