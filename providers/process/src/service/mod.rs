//! What a service is to be, as typed data: read once from the attributes, then carried to the supervisor.
//!
//! Nothing here has a `Debug`: environments, arguments and files may hold secrets.

mod duration;
mod health;
mod limits;
mod part;
mod read;
mod signal;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use duration::shown as shown_duration;
pub(crate) use health::{Health, Probe};
pub(crate) use limits::Limits;
pub(crate) use part::unknown_key;
pub(crate) use read::{port_path, read, sensitive_texts};
pub(crate) use signal::{StopSignal, name_of as signal_name};

/// A supervised process as its user declared it; paths are as written.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Service {
    /// The program and its arguments; never empty.
    pub(crate) command: Vec<String>,
    /// Variables beside the few that every service gets.
    pub(crate) env: BTreeMap<String, String>,
    /// Where it runs; `None` is the project's folder.
    pub(crate) working_directory: Option<PathBuf>,
    /// Ports that it listens on, by name.
    pub(crate) ports: BTreeMap<String, u16>,
    /// How to tell whether it is well.
    pub(crate) health: Option<Health>,
    /// When it is started again.
    pub(crate) restart: Restart,
    /// The pause before the first restart; doubles with each further one.
    pub(crate) restart_delay: Duration,
    /// The longest pause.
    pub(crate) restart_delay_max: Duration,
    /// How it is asked to end.
    pub(crate) stop_signal: StopSignal,
    /// How long it may take to end before it is killed.
    pub(crate) stop_grace: Duration,
    /// Where its output goes; `None` is the usual place.
    pub(crate) log_file: Option<PathBuf>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// Files that it is given: path → content.
    pub(crate) files: BTreeMap<String, String>,
}

/// When a process that has ended is started again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Restart {
    /// However it ended.
    Always,
    /// Only if it ended by a signal or with a status other than 0.
    OnFailure,
    /// Never.
    Never,
}

impl Restart {
    /// The spellings that users write.
    pub(crate) const NAMES: [&str; 3] = ["always", "on-failure", "never"];

    fn parse(text: &str) -> Option<Restart> {
        match text {
            "always" => Some(Restart::Always),
            "on-failure" | "on_failure" | "onFailure" => Some(Restart::OnFailure),
            "never" | "no" => Some(Restart::Never),
            _ => None,
        }
    }

    /// Whether a process that ended this way is started again.
    pub(crate) fn again(self, succeeded: bool) -> bool {
        match self {
            Restart::Always => true,
            Restart::OnFailure => !succeeded,
            Restart::Never => false,
        }
    }
}

/// The URL of a service with these ports: that of the port named `http`, else of `https`, else of the first by
/// name.
pub(crate) fn url<'p>(ports: impl IntoIterator<Item = (&'p str, u16)>) -> Option<String> {
    let ports: BTreeMap<&str, u16> = ports.into_iter().collect();
    let named = |name: &'static str| ports.get(name).map(|port| (name, *port));
    let (name, port) = named("http")
        .or_else(|| named("https"))
        .or_else(|| ports.iter().next().map(|(name, port)| (*name, *port)))?;
    let scheme = if name == "https" { "https" } else { "http" };
    Some(format!("{scheme}://127.0.0.1:{port}"))
}
