//! `completion`: a script that a shell reads.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, Completion};

pub(super) fn run(arguments: &Completion) -> ExitCode {
    clap_complete::generate(arguments.shell, &mut Cli::command(), "mpctl", &mut std::io::stdout());
    ExitCode::SUCCESS
}
