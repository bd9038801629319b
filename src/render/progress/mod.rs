//! What is said while a plan is being applied.
