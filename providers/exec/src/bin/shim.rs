//! The shim as a program of its own, for whoever uses the provider without the `mpctl` program: its tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The first argument names the subcommand, as it would of `mpctl`.
    mpctl_provider_exec::shim_main(std::env::args_os().skip(2))
}
