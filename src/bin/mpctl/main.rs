//! The `mpctl` program: parses the command line, wires adapters, runs a use case, prints what came of it.
//!
//! Only this binary knows terminal, environment variables and concrete adapters. Hidden subcommands (the
//! supervisor of processes, the shim that starts commands) are handled before anything else, on the main
//! thread, since they must not inherit a runtime.

mod cli;
mod commands;
mod panic;
mod render;
mod report;
mod signals;
mod static_server;
mod terminal;
mod wiring;

use std::process::ExitCode;

/// Plans are many small shared pieces; this allocator is quicker with them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use clap::Parser as _;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let first = arguments.nth(1);
    match first.as_ref().and_then(|word| word.to_str()) {
        Some(mpctl_provider_exec::SUBCOMMAND) => return mpctl_provider_exec::shim_main(arguments),
        Some(mpctl_provider_process::SUPERVISE) => {
            return mpctl_provider_process::supervise_main(arguments);
        }
        _ => {}
    }
    panic::install();
    let cli = match cli::Cli::try_parse_from(cli::arguments()) {
        Ok(cli) => cli,
        Err(error) => return report::usage(&error),
    };
    commands::run(cli)
}
