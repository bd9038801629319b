//! One run of the program, before it starts.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::output::Output;
use crate::redact::Redactions;
use crate::running::Running;

/// A run of the program, to be adorned and started. Its environment holds what is set here and nothing else.
pub struct Invocation {
    command: Command,
    input: Option<String>,
    timeout: Duration,
    redactions: Redactions,
}

impl Invocation {
    pub(crate) fn new(program: &Path, folder: &Path, redactions: Redactions) -> Invocation {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear();
        Invocation { command, input: None, timeout: Duration::from_secs(60), redactions }
    }

    /// Appends arguments.
    pub fn arguments<S: AsRef<OsStr>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Invocation {
        self.command.env(name, value);
        self
    }

    /// Starts in another folder than the project's.
    pub fn folder(mut self, folder: &Path) -> Invocation {
        self.command.current_dir(folder);
        self
    }

    /// What the program reads from its standard input; nothing if this is not called.
    pub fn input(mut self, text: &str) -> Invocation {
        self.input = Some(text.to_owned());
        self
    }

    /// How long the run may take before the test fails.
    pub fn timeout(mut self, timeout: Duration) -> Invocation {
        self.timeout = timeout;
        self
    }

    /// Starts it and leaves it running.
    #[track_caller]
    pub fn start(mut self) -> Running {
        let told = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let child = self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("{} does not start: {error}", self.command.get_program().to_string_lossy())
        });
        Running::new(child, told, self.input, self.timeout, self.redactions)
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// When it takes too long, or leaves a process behind that holds its output open.
    #[track_caller]
    pub fn run(self) -> Output {
        self.start().wait()
    }
}
