//! mpctl
fn main() {}
