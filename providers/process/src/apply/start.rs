//! Starting a service: a supervisor for it, then waiting until it is up.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mpctl_provider::Fault;
use mpctl_provider::contract::ApplyContext;
use rustix::process::Signal;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::check::working_directory;
use crate::observe::{self, Present};
use crate::place::{Place, Places};
use crate::record::{Record, Status};
use crate::service::{Service, shown_duration};
use crate::supervisor::{Orders, SUPERVISE};
use crate::text::{last_lines, printable, redacted};

/// How long a supervisor may take to write its first record.
const FIRST_RECORD: Duration = Duration::from_secs(20);

/// A service with a health check may end so often before one gives it up.
const ENDS: u32 = 3;

/// So much of a log is looked at for its last lines.
const TAIL: u64 = 16 << 10;

/// The size at which a supervisor's own log is begun anew.
const FULL: u64 = 256 << 10;

/// How long to wait after a start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until the service is up and well.
    UntilUp,
    /// Until its process was started.
    UntilStarted,
}

/// A start, with everything it needs.
pub(super) struct Launch<'l> {
    /// The places of the environment.
    pub(super) places: &'l Places,
    /// The service's place; its folder is there.
    pub(super) place: &'l Place,
    /// The service.
    pub(super) service: &'l Service,
    /// The idempotency key that the start is recorded under.
    pub(super) key: &'l str,
    /// What must not be shown of its log.
    pub(super) secrets: Vec<String>,
    /// Where progress goes.
    pub(super) context: &'l ApplyContext,
}

impl Launch<'_> {
    /// Starts the service. After a fault its supervisor may still be there: the caller stops it.
    pub(super) async fn start(&self, patience: Patience) -> Result<Present, Fault> {
        self.context.progress("starting the process");
        for last in [false, false, true] {
            let mut supervisor = self.spawn().await?;
            match self.await_record(&mut supervisor).await {
                // A key pressed at the terminal in the moment before the supervisor has left it.
                Err(_) if !last && was_interrupted(&mut supervisor) => {}
                Ok(()) => break,
                Err(fault) => {
                    // Until it has written a record nobody else could find and stop it.
                    let _ = supervisor.kill().await;
                    return Err(fault);
                }
            }
        }
        match patience {
            Patience::UntilUp => self.await_up().await,
            Patience::UntilStarted => self.present(),
        }
    }

    /// Waits until the started service is up: healthy, or running for a moment where nothing is checked.
    pub(super) async fn await_up(&self) -> Result<Present, Fault> {
        let allowance = self.service.health.as_ref().map(|health| health.allowance());
        let deadline = Instant::now() + allowance.unwrap_or_default() + FIRST_RECORD;
        let mut told = String::new();
        loop {
            let present = self.present()?;
            let record = present.record.as_ref();
            let detail = record.and_then(|r| r.detail.as_deref()).unwrap_or("not answered yet");
            match present.status {
                Status::Running | Status::Healthy if present.child.is_some() => return Ok(present),
                Status::Completed => return Ok(present),
                Status::Unhealthy => return Err(self.not_healthy(detail)),
                Status::Crashed | Status::Stopped => return Err(self.ended(detail)),
                Status::Restarting if !present.has_just_ended() => {
                    let ends = record.map_or(0, |record| record.failures);
                    if self.service.health.is_none() || ends >= ENDS {
                        return Err(self.ended(detail));
                    }
                }
                _ => {}
            }
            if Instant::now() > deadline {
                return Err(self.not_healthy(detail));
            }
            let words = match present.status {
                _ if present.has_just_ended() => told.clone(),
                Status::Restarting => format!("the process {detail}; starting it again"),
                _ if allowance.is_some() => format!("waiting for health: {detail}"),
                _ => "waiting whether the process stays up".to_owned(),
            };
            if words != told {
                self.context.progress(words.as_str());
                told = words;
            }
            self.pause(Duration::from_millis(20)).await?;
        }
    }

    /// A pause that the user's wish to leave ends.
    async fn pause(&self, length: Duration) -> Result<(), Fault> {
        tokio::select! {
            () = sleep(length) => Ok(()),
            () = self.context.cancel.cancelled() => {
                Err(Fault::permanent(format!("the start of {} was cancelled", self.place.id())))
            }
        }
    }

    fn present(&self) -> Result<Present, Fault> {
        observe::observe(self.place).ok_or_else(|| {
            Fault::permanent(format!(
                "the folder of service {} was removed while it started",
                self.place.id()
            ))
        })
    }

    /// Starts the supervisor and hands over its orders.
    async fn spawn(&self) -> Result<Child, Fault> {
        let project = self.places.project();
        let failed = |what: &str, error: &std::io::Error| {
            Fault::permanent(format!("cannot {what} of {}: {error}", self.place.id()))
        };
        let log = self.supervisor_log().map_err(|e| failed("open the supervisor's log", &e))?;
        let log_copy = log.try_clone().map_err(|e| failed("open the supervisor's log", &e))?;
        let orders = Orders {
            name: self.place.name.to_string(),
            key: self.key.to_owned(),
            service: self.service.clone(),
            working_directory: working_directory(self.places, self.service),
            log_file: self.log_file(),
        };
        let bytes = serde_json::to_vec(&orders)
            .map_err(|error| Fault::permanent(format!("cannot write the orders: {error}")))?;
        // What an earlier supervisor left would be taken for this one's.
        let _ = fs::remove_file(self.place.record());
        let mut supervisor = Command::new(project.executable.as_ref())
            .args([SUPERVISE, "launch"])
            .arg(&self.place.folder)
            .current_dir(&orders.working_directory)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(log_copy)
            .spawn()
            .map_err(|error| failed("start the supervisor", &error))?;
        if let Some(mut input) = supervisor.stdin.take() {
            // A supervisor that ends early is noticed when it writes no record.
            let _ = input.write_all(&bytes).await;
        }
        Ok(supervisor)
    }

    /// Waits until the supervisor has written its first record.
    async fn await_record(&self, supervisor: &mut Child) -> Result<(), Fault> {
        let deadline = Instant::now() + FIRST_RECORD;
        loop {
            let ended = !matches!(supervisor.try_wait(), Ok(None));
            if Record::read(&self.place.record()).is_some_and(|record| record.key == self.key) {
                return Ok(());
            }
            if ended || Instant::now() > deadline {
                let log = self.place.supervisor_log();
                let words = printable(&last_lines(&tail(&log, 0), 10));
                let what = if ended { "ended at once" } else { "does not answer" };
                let summary = format!("the supervisor of {} {what}", self.place.id());
                return Err(Fault::permanent(summary).detail(words));
            }
            self.pause(Duration::from_millis(5)).await?;
        }
    }

    fn supervisor_log(&self) -> std::io::Result<File> {
        let path = self.place.supervisor_log();
        if fs::metadata(&path).is_ok_and(|data| data.len() > FULL) {
            fs::remove_file(&path)?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)
    }

    fn log_file(&self) -> PathBuf {
        let usual = || self.places.usual_log_file(&self.place.name);
        self.places.absolute(&self.service.log_file.clone().unwrap_or_else(usual))
    }

    fn not_healthy(&self, why: &str) -> Fault {
        let allowance = self.service.health.as_ref().map(|health| health.allowance());
        let time = allowance.map(shown_duration).unwrap_or_default();
        let id = self.place.id();
        self.with_log(Fault::permanent(format!("{id} did not become healthy within {time}: {why}")))
    }

    fn ended(&self, how: &str) -> Fault {
        let id = self.place.id();
        let fault =
            self.with_log(Fault::permanent(format!("{id} did not stay up: the process {how}")));
        if how.ends_with("status 0") {
            return fault.hint(
                "it must stay in the foreground; for a command that does its work and ends, say \
                 restart = \"on-failure\" or \"never\"",
            );
        }
        fault
    }

    /// Adds the last lines of the service's log.
    fn with_log(&self, fault: Fault) -> Fault {
        let offset = Record::read(&self.place.record()).map_or(0, |record| record.log_offset);
        let path = self.log_file();
        let text = printable(&redacted(&tail(&path, offset), &self.secrets));
        let lines = last_lines(&redacted(&text, &self.secrets), 20);
        let root = &self.places.project().root;
        let shown = path.strip_prefix(root).unwrap_or(&path).display();
        if lines.trim().is_empty() {
            return fault.detail(format!("It wrote nothing to {shown}."));
        }
        fault.detail(format!("The last lines of {shown}:\n{lines}"))
    }
}

/// Whether a terminal's signal ended the process.
fn was_interrupted(process: &mut Child) -> bool {
    let signal = process.try_wait().ok().flatten().and_then(|status| status.signal());
    let of_terminals = [Signal::INT, Signal::HUP, Signal::QUIT].map(|signal| signal.as_raw());
    signal.is_some_and(|signal| of_terminals.contains(&signal))
}

/// The end of a file, from `offset` at the earliest; empty if it cannot be read.
fn tail(path: &Path, offset: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let from = file.metadata()?.len().saturating_sub(TAIL).max(offset);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        if from > offset {
            // A line that is cut could hold half a secret, which nobody would recognise.
            let cut = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
            bytes.drain(..cut);
        }
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
