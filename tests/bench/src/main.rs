//! Whole-process figures of the release program: time and peak memory of planning and applying large projects.
//!
//! `cargo run --release -p mpctl-bench` builds the program, makes the projects in a temporary folder, runs
//! each case several times and prints the fastest and the median run. Machines are noisy: compare figures
//! of one run with each other. Must not: decide whether a figure is good enough; that is for readers.

mod measure;
mod projects;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use measure::{Figure, Runner};

/// How often each case is run.
const RUNS: usize = 5;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let program = build()?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let runner = Runner { program, runs: RUNS };
    println!("{:<58} {:>10} {:>10} {:>10}", "", "fastest", "median", "peak MiB");

    let empty = projects::empty(folder.path())?;
    report("start to `version`", "≤ 10 ms", runner.time(&empty, &["version"], |_| Ok(()))?);

    let flat = projects::flat(folder.path(), 10_000)?;
    report(
        "plan 10,000 resources, one HCL file",
        "≤ 150 ms, ≤ 120 MiB",
        runner.time(&flat, &["plan"], |_| Ok(()))?,
    );
    let flat_yaml = projects::flat_yaml(folder.path(), 10_000)?;
    report(
        "plan 10,000 resources, one YAML file",
        "",
        runner.time(&flat_yaml, &["plan"], |_| Ok(()))?,
    );
    runner.once(&flat, &["apply", "--auto-approve"])?;
    report(
        "no-op plan of 10,000 resources",
        "≤ 200 ms",
        runner.time(&flat, &["plan"], |_| Ok(()))?,
    );

    let five = projects::flat(folder.path(), 5_000)?;
    report("plan 5,000 independent resources", "", runner.time(&five, &["plan"], |_| Ok(()))?);
    let applied = runner.time(&five, &["apply", "--auto-approve"], projects::forget_state)?;
    report("apply 5,000 independent resources", "≤ 2 s", applied);

    let layered = projects::layered(folder.path(), 5_000, 10)?;
    report(
        "plan a layered DAG of 5,000, 10 references each",
        "≤ 3× flat",
        runner.time(&layered, &["plan"], |_| Ok(()))?,
    );
    let applied = runner.time(&layered, &["apply", "--auto-approve"], projects::forget_state)?;
    report("apply the layered DAG of 5,000", "≤ 3× flat", applied);
    report(
        "no-op plan of the layered DAG of 5,000",
        "",
        runner.time(&layered, &["plan"], |_| Ok(()))?,
    );
    Ok(())
}

/// Builds the release program, and gives its path: beside this one.
fn build() -> Result<PathBuf, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new(cargo)
        .args(["build", "--release", "--bin", "mpctl"])
        .current_dir(root)
        .status();
    if !status.map_err(|error| error.to_string())?.success() {
        return Err("the program does not build".into());
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = own.with_file_name("mpctl");
    if program.exists() { Ok(program) } else { Err(format!("{} is missing", program.display())) }
}

fn report(what: &str, aim: &str, figure: Figure) {
    let Figure { fastest, median, peak } = figure;
    let ms = |time: std::time::Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    println!(
        "{what:<58} {:>10} {:>10} {:>10.1}  {aim}",
        ms(fastest),
        ms(median),
        peak as f64 / 1024.0
    );
}
