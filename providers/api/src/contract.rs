//! The contract.
/// A provider.
pub trait Provider {}
