//! Real services, supervised for real. The provider starts the running program as the supervisor, so this test
//! binary is three things: the tests, the supervisor (`supervise …`), and the services (`serve …`).
#![allow(clippy::unwrap_used)]

mod children;
mod clean;
mod crashes;
mod failures;
mod fixture;
mod lifecycle;
mod ports;
mod runner;
mod sandbox;

use std::process::ExitCode;

use mpctl_provider_process::{SUPERVISE, supervise_main};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some(SUPERVISE) => supervise_main(arguments.into_iter().skip(1)),
        Some(fixture::SERVE) => fixture::serve(&arguments[1..]),
        _ => runner::run(
            &[
                lifecycle::TESTS,
                crashes::TESTS,
                failures::TESTS,
                children::TESTS,
                ports::TESTS,
                clean::TESTS,
            ]
            .concat(),
        ),
    }
}
