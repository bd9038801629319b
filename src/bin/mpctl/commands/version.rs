//! `version`.

use std::process::ExitCode;

use crate::cli::Version;

pub(super) fn run(arguments: &Version) -> ExitCode {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.json {
        println!("{}", serde_json::json!({ "version": version }));
    } else {
        println!("mpctl {version}");
    }
    ExitCode::SUCCESS
}
