//! How errors reach the user: as text on standard error, or as JSON on standard output where that was asked for.

use std::io::Write as _;
use std::process::ExitCode;

use mpctl::diagnostic::{Diagnostic, Diagnostics, Severity, json, render};
use mpctl::ops::error::OpsError;
use mpctl::render::json::EventWriter;
use mpctl::source::Sources;
use mpctl_state::StoreError;

use crate::terminal::Terminal;

/// A command line that cannot be understood: help and version are no errors.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// A line on standard output. A reader that has gone away has seen enough, which is no defect of ours.
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The same without a line break at its end.
pub(crate) fn say_as_is(text: std::fmt::Arguments<'_>) {
    let _ = write!(std::io::stdout().lock(), "{text}");
}

/// Where messages go.
pub(crate) struct Reporter<'s> {
    /// The texts that diagnostics point into.
    pub(crate) sources: &'s Sources,
    /// The terminal.
    pub(crate) terminal: Terminal,
    /// As JSON events on standard output.
    pub(crate) json: bool,
}

impl Reporter<'_> {
    /// Tells all of them.
    pub(crate) fn diagnostics(&self, diagnostics: &Diagnostics) {
        if diagnostics.is_empty() {
            return;
        }
        if self.json {
            let mut writer = EventWriter::new(std::io::stdout().lock(), Box::new(stamp));
            for diagnostic in diagnostics.iter() {
                let entry = json::entry(diagnostic, self.sources);
                let error = diagnostic.severity == Severity::Error;
                let _ = writer.diagnostic(error, &diagnostic.summary, &entry);
            }
            return;
        }
        let style = render::Style {
            color: self.terminal.colour_err,
            width: self.terminal.width,
            ..render::Style::default()
        };
        let _ = write!(
            std::io::stderr().lock(),
            "{}",
            render::render(diagnostics, self.sources, style)
        );
    }

    /// Tells why a command failed, and gives its exit code.
    pub(crate) fn error(&self, error: &OpsError) -> u8 {
        match error {
            // Whoever read the output has seen enough of it (`mpctl plan | head`): no reason to complain.
            OpsError::Io { error, .. } if error.kind() == std::io::ErrorKind::BrokenPipe => {
                return 0;
            }
            OpsError::Diagnostics(diagnostics) => self.diagnostics(diagnostics),
            other => self.diagnostics(&as_diagnostic(other).into()),
        }
        error.exit_code()
    }
}

fn as_diagnostic(error: &OpsError) -> Diagnostic {
    let summary = match error {
        OpsError::Store(StoreError::Held { lease }) => {
            let holder = &lease.holder;
            let (environment, who, host) = (&lease.scope.environment, &holder.who, &holder.host);
            format!(
                "environment {environment} is locked by {who} on {host} (process {})",
                holder.process_id
            )
        }
        other => other.to_string(),
    };
    let diagnostic = Diagnostic::error(error.code(), summary);
    match error.hint() {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// The time as events carry it.
pub(crate) fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
