//! The test kit: sandboxes that run the real program.
//!
//! A [`Sandbox`] is a project in a temporary folder, with an environment of its own that knows nothing of the
//! machine's user. It runs `mpctl` as a user would, gives back exit code and streams, and when it goes out of
//! scope, in a panic too, it ends every process that still works in its folder.
//!
//! The kit is for tests: where something of its own goes wrong it panics and says what it was about to do.

#![allow(clippy::unwrap_used)]

pub mod http;
pub mod ports;
pub mod processes;

mod command;
mod output;
mod redact;
mod running;
mod sandbox;

use std::time::{Duration, Instant};

pub use command::Invocation;
pub use output::Output;
pub use running::Running;
pub use rustix::process::Signal;
pub use sandbox::Sandbox;

/// Asks again and again, until the answer is there or the time is over.
///
/// # Panics
///
/// When the time is over; `what` says what was waited for.
#[track_caller]
pub fn eventually<T>(what: &str, timeout: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {timeout:?} in vain for this: {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}
