//! The test kit: sandboxes that run the real program
