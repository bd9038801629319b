//! `version`.

use std::process::ExitCode;

use crate::cli::Version;
use crate::report::say;

pub(super) fn run(arguments: &Version) -> ExitCode {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.json {
        say(format_args!("{}", serde_json::json!({ "version": version })));
    } else {
        say(format_args!("mpctl {version}"));
    }
    ExitCode::SUCCESS
}
