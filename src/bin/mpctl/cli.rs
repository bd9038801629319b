//! The command line. Flags have the names that Terraform's users know.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Declare environments and workloads, see what would change, apply it, undo it.
#[derive(Parser, Debug)]
#[command(name = "mpctl", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Run as if started in DIR.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Print without colours.
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Prepare a project; built-in providers need no preparation.
    Init(Init),
    /// Check the spec, and report every mistake in it.
    Validate(Validate),
    /// Put spec files into the canonical layout.
    Fmt(Fmt),
    /// Show what would change.
    Plan(Plan),
    /// Show a saved plan, or the state.
    Show(Show),
    /// Make the world as the spec says, or carry out a saved plan.
    Apply(Apply),
    /// Destroy everything that is managed.
    Destroy(Apply),
    /// Take over into the state what changed outside.
    Refresh(Apply),
    /// Finish an operation that was interrupted.
    Resume(Resume),
    /// Look at operations, or give an interrupted one up.
    Operation(Operation),
    /// Show outputs.
    Output(Output),
    /// Draw what depends on what.
    Graph(Graph),
    /// Look at the recorded state.
    State(State),
    /// Print a completion script for a shell.
    Completion(Completion),
    /// Print the version.
    Version(Version),
    /// Serve a folder over HTTP: for examples and tests.
    #[command(hide = true)]
    StaticServer(crate::static_server::StaticServerArgs),
}

/// Which spec, and with which values.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct Spec {
    /// Read this file or folder instead of the whole project (repeatable); `-` is the standard input.
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The standard input is HCL, not YAML.
    #[arg(long)]
    pub(crate) hcl: bool,
    /// The environment (repeatable); `*` is all of them.
    #[arg(short, long = "environment", value_name = "NAME", env = "MPCTL_ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// Give a variable a value (repeatable).
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) variables: Vec<(String, String)>,
    /// Read values of variables from a file (repeatable).
    #[arg(long = "var-file", value_name = "FILE")]
    pub(crate) variable_files: Vec<PathBuf>,
}

/// What to plan, and how.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct Planning {
    #[command(flatten)]
    pub(crate) spec: Spec,
    /// Only this and what it needs (repeatable).
    #[arg(long = "target", value_name = "ADDRESS")]
    pub(crate) targets: Vec<String>,
    /// All but this and what needs it (repeatable).
    #[arg(long = "exclude", value_name = "ADDRESS")]
    pub(crate) excludes: Vec<String>,
    /// Replace this object, whether it has changed or not (repeatable).
    #[arg(long = "replace", value_name = "ADDRESS")]
    pub(crate) replace: Vec<String>,
    /// Look at the real objects first.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) refresh: bool,
    /// Only take over what changed outside.
    #[arg(long)]
    pub(crate) refresh_only: bool,
    /// Plan the destruction of everything.
    #[arg(long)]
    pub(crate) destroy: bool,
    #[command(flatten)]
    pub(crate) show: Showing,
}

/// How to show a plan.
#[derive(Args, Debug, Clone, Copy, Default)]
pub(crate) struct Showing {
    /// One line a change.
    #[arg(long)]
    pub(crate) concise: bool,
    /// Show equal changes one by one.
    #[arg(long)]
    pub(crate) expand: bool,
    /// Show the whole chain of causes.
    #[arg(long)]
    pub(crate) why: bool,
    /// Leave header and legend out.
    #[arg(long)]
    pub(crate) compact: bool,
}

/// How to carry a plan out.
#[derive(Args, Debug, Clone)]
pub(crate) struct Carrying {
    /// Do not ask.
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Whether questions may be asked.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) input: bool,
    /// Approve changes that destroy or replace in a protected environment (repeatable).
    #[arg(long = "approve", value_name = "ENVIRONMENT")]
    pub(crate) approve: Vec<String>,
    /// How many external calls run at once.
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) parallelism: usize,
    /// Whether to take the lock.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) lock: bool,
    /// How long to wait for the lock.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) spec: Spec,
}

#[derive(Args, Debug)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) spec: Spec,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Fmt {
    /// Files and folders; `-` formats the standard input to the standard output.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; exit 1 if a file is not in the canonical layout.
    #[arg(long)]
    pub(crate) check: bool,
    /// Print what would change.
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// Save the plan, for `apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exit 2 if anything would change.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Print events as JSON, one a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Whether questions may be asked; planning asks none.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set, hide = true)]
    pub(crate) input: bool,
    /// Planning takes no lock; accepted for scripts.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set, hide = true)]
    pub(crate) lock: bool,
    /// Planning takes no lock; accepted for scripts.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration, hide = true)]
    pub(crate) lock_timeout: Duration,
    /// How many external calls run at once.
    #[arg(long, value_name = "N", default_value = "10", hide = true)]
    pub(crate) parallelism: usize,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// A plan that `plan --out` saved.
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) planning: Planning,
    #[command(flatten)]
    pub(crate) carrying: Carrying,
    /// Print events as JSON, one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Resume {
    #[command(flatten)]
    pub(crate) spec: Spec,
    #[command(flatten)]
    pub(crate) carrying: Carrying,
    /// Print events as JSON, one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Operation {
    #[command(subcommand)]
    pub(crate) command: OperationCommand,
}

#[derive(Subcommand, Debug)]
pub(crate) enum OperationCommand {
    /// List operations, the oldest first.
    List(StateList),
    /// Settle what an interrupted operation left, commit what stands, drop the rest.
    Close(OperationClose),
}

#[derive(Args, Debug)]
pub(crate) struct OperationClose {
    /// The operation.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) resume: Resume,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// A plan that `plan --out` saved; the state if left out.
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) spec: Spec,
    #[command(flatten)]
    pub(crate) show: Showing,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print sensitive values in clear.
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Output {
    /// Only this one.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) spec: Spec,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a string, number or bool without quotes.
    #[arg(long)]
    pub(crate) raw: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// How to draw it.
    #[arg(long, value_name = "FORMAT", default_value = "dot", value_parser = ["dot", "mermaid", "svg"])]
    pub(crate) format: String,
}

#[derive(Args, Debug)]
pub(crate) struct State {
    #[command(subcommand)]
    pub(crate) command: StateCommand,
}

#[derive(Subcommand, Debug)]
pub(crate) enum StateCommand {
    /// List what is recorded, one address a line.
    List(StateList),
    /// Show one record.
    Show(StateShow),
    /// List every version of the state.
    History(StateList),
}

#[derive(Args, Debug)]
pub(crate) struct StateList {
    #[command(flatten)]
    pub(crate) spec: Spec,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct StateShow {
    /// What to show.
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) spec: Spec,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print sensitive values in clear.
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Completion {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct Version {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The arguments of this process, with those of `MPCTL_CLI_ARGS` put in after the subcommand.
pub(crate) fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let extra = std::env::var("MPCTL_CLI_ARGS").unwrap_or_default();
    let words: Vec<OsString> = extra.split_whitespace().map(OsString::from).collect();
    if words.is_empty() {
        return arguments;
    }
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        match argument.to_str() {
            Some("-C") => at += 2,
            Some(flag) if flag.starts_with('-') => at += 1,
            _ => break,
        }
    }
    let at = (at + 1).min(arguments.len());
    arguments.splice(at..at, words);
    arguments
}

/// A span of time: `30s`, `5m`, `1h30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is not a duration; write it like 30s or 5m"))?;
    Duration::try_from(parsed).map_err(|_| "a duration must not be negative".to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}
