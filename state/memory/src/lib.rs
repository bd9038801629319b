//! The memory store, for tests and trials
