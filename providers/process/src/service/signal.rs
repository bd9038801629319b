//! Signals by the names that people write.

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

/// The signals that can ask a process to end, with their names.
const NAMES: [(&str, Signal); 9] = [
    ("SIGHUP", Signal::HUP),
    ("SIGINT", Signal::INT),
    ("SIGQUIT", Signal::QUIT),
    ("SIGKILL", Signal::KILL),
    ("SIGUSR1", Signal::USR1),
    ("SIGUSR2", Signal::USR2),
    ("SIGALRM", Signal::ALARM),
    ("SIGTERM", Signal::TERM),
    ("SIGWINCH", Signal::WINCH),
];

/// A signal that asks a process to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct StopSignal(Signal);

impl StopSignal {
    /// `SIGTERM`
    pub(crate) const TERM: StopSignal = StopSignal(Signal::TERM);

    /// Reads `SIGTERM`, `TERM` or `sigterm`.
    pub(crate) fn parse(text: &str) -> Option<StopSignal> {
        let name = text.trim().to_ascii_uppercase();
        let bare = name.strip_prefix("SIG").unwrap_or(&name);
        NAMES.iter().find(|(known, _)| &known[3..] == bare).map(|(_, signal)| StopSignal(*signal))
    }

    /// The signal itself.
    pub(crate) fn signal(self) -> Signal {
        self.0
    }

    /// Every name that [`StopSignal::parse`] takes, in full.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }
}

impl From<StopSignal> for String {
    fn from(signal: StopSignal) -> String {
        name_of(signal.0.as_raw()).to_owned()
    }
}

impl TryFrom<String> for StopSignal {
    type Error = String;
    fn try_from(name: String) -> Result<StopSignal, String> {
        StopSignal::parse(&name).ok_or_else(|| format!("{name} is no stop signal"))
    }
}

/// The name of a signal by its number, for messages about how a process ended.
pub(crate) fn name_of(number: i32) -> &'static str {
    let deadly = [
        ("SIGILL", Signal::ILL),
        ("SIGTRAP", Signal::TRAP),
        ("SIGABRT", Signal::ABORT),
        ("SIGBUS", Signal::BUS),
        ("SIGFPE", Signal::FPE),
        ("SIGSEGV", Signal::SEGV),
        ("SIGPIPE", Signal::PIPE),
        ("SIGXCPU", Signal::XCPU),
        ("SIGXFSZ", Signal::XFSZ),
        ("SIGSYS", Signal::SYS),
    ];
    let all = NAMES.iter().chain(&deadly);
    all.into_iter()
        .find(|(_, signal)| signal.as_raw() == number)
        .map_or("a signal", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_and_without_prefix() {
        for text in ["SIGTERM", "TERM", "sigterm"] {
            assert_eq!(StopSignal::parse(text), Some(StopSignal::TERM));
        }
        assert_eq!(StopSignal::parse("SIGSTOP"), None);
        assert_eq!(StopSignal::parse(""), None);
    }

    #[test]
    fn a_signal_survives_its_way_to_the_supervisor() {
        let json = serde_json::to_string(&StopSignal::parse("INT").unwrap()).unwrap();
        assert_eq!(json, r#""SIGINT""#);
        assert_eq!(serde_json::from_str::<StopSignal>(&json).unwrap(), StopSignal(Signal::INT));
    }
}
