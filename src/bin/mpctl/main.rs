//! mpctl

// Until the commands use it.
#[allow(dead_code)]
mod render;

fn main() {}
