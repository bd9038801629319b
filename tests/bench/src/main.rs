//! Benchmarks: whole-process figures and criterion benches
fn main() {}
