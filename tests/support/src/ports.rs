//! Ports on the loopback address that nobody uses.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range that the kernel gives to outgoing connections, which would otherwise come in between.
const FIRST: u16 = 18_000;
const COUNT: u16 = 14_000;

/// How many have been given out by this process.
static GIVEN: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on, given out once in this process.
pub fn free() -> u16 {
    free_run(1)
}

/// The first of `length` ports in a row that nobody listens on.
///
/// # Panics
///
/// When there are none.
pub fn free_run(length: u16) -> u16 {
    // Spread out, so that two test runs with neighbouring process ids do not hand out the same ports.
    let start = u16::try_from(std::process::id().wrapping_mul(131) % u32::from(COUNT)).unwrap();
    for _ in 0..COUNT / length {
        let given = GIVEN.fetch_add(length, Ordering::Relaxed);
        let first = FIRST + (start + given) % (COUNT - length);
        if (first..first + length).all(is_free) {
            return first;
        }
    }
    panic!("no free ports from {FIRST}");
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
