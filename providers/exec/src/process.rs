//! Running one command: its start, its time, its end.
//!
//! The command is the leader of a process group. On a time-out or a cancellation the whole group gets SIGTERM,
//! then, after a grace, SIGKILL, and is waited for. A command that ends by itself leaves alone what it has put
//! into the background.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use mpctl_provider::contract::ApplyEvent;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::call::Call;
use crate::shim::SUBCOMMAND;
use crate::streams::Streams;
use crate::{spawn, watch};

/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// How a command ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that we did not send.
    Killed(i32),
    /// We ended it, since it took too long.
    TimedOut(Duration),
    /// We ended it, since the user wants out; with the code that it still exited with, if it did.
    Cancelled(Option<i32>),
    /// We ended it, since it answered more than [`crate::streams::LARGEST_ANSWER`].
    TooMuchAnswered,
    /// It was never started.
    NotStarted(String),
    /// It was started and then lost sight of.
    Lost(String),
}

/// A command that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) end: End,
    /// All of its standard output.
    pub(crate) stdout: Vec<u8>,
    /// The last lines of its standard error, without secrets.
    pub(crate) last_words: String,
}

/// Where and how commands are run.
pub(crate) struct Surroundings<'a> {
    /// The running program, whose subcommand the shim is.
    pub(crate) executable: &'a std::path::Path,
    /// Set when the user wants out.
    pub(crate) cancel: CancellationToken,
    /// Where the lines of the log go.
    pub(crate) events: Option<mpsc::UnboundedSender<ApplyEvent>>,
}

/// Runs a command to its end.
pub(crate) async fn run(call: &Call, surroundings: Surroundings<'_>) -> Finished {
    let not_started = |why: String| Finished {
        end: End::NotStarted(why),
        stdout: Vec::new(),
        last_words: String::new(),
    };
    if !call.folder.is_dir() {
        return not_started(format!("there is no folder {} to start in", call.folder.display()));
    }
    let mut child = match spawn::spawn(command(call, surroundings.executable)).await {
        Ok(child) => child,
        Err(error) => return not_started(format!("cannot start a process: {error}")),
    };
    let Some(leader) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    else {
        return Finished { end: End::Lost("it has no id".into()), ..not_started(String::new()) };
    };
    watch::begin(surroundings.executable, leader);
    let group = Group(Some(leader));
    let streams = Streams::of(&mut child, call, surroundings.events);
    let end =
        end_of(&mut child, call.timeout, &streams.overflow, &surroundings.cancel, leader).await;
    group.release();
    let (stdout, last_words) = streams.drain().await;
    Finished { end, stdout, last_words }
}

fn command(call: &Call, executable: &std::path::Path) -> Command {
    let mut command = Command::new(executable);
    command
        .args([SUBCOMMAND, "run", &std::process::id().to_string(), "--"])
        .args(&call.argv)
        .envs(call.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&call.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

async fn end_of(
    child: &mut Child,
    limit: Duration,
    overflow: &Notify,
    cancel: &CancellationToken,
    leader: Pid,
) -> End {
    tokio::select! {
        biased;
        status = child.wait() => match status {
            Ok(status) => by_itself(status),
            Err(error) => End::Lost(error.to_string()),
        },
        () = overflow.notified() => {
            terminate(child, leader).await;
            End::TooMuchAnswered
        }
        () = cancel.cancelled() => {
            let status = terminate(child, leader).await;
            End::Cancelled(status.and_then(|status| status.code()))
        }
        () = sleep(limit) => {
            terminate(child, leader).await;
            End::TimedOut(limit)
        }
    }
}

fn by_itself(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, Some(signal)) => End::Killed(signal),
        (None, None) => End::Lost(format!("it ended with {status}")),
    }
}

/// Ends the whole group and waits until it is gone.
async fn terminate(child: &mut Child, leader: Pid) -> Option<ExitStatus> {
    let _ = kill_process_group(leader, Signal::TERM);
    let gentle = timeout(GRACE, child.wait()).await;
    let _ = kill_process_group(leader, Signal::KILL);
    let status = match gentle {
        Ok(status) => status.ok(),
        Err(_) => child.wait().await.ok(),
    };
    // The leader is reaped; the others are by whoever they fell to. A look at the real world must not race
    // with what they were still doing.
    for _ in 0..100 {
        if test_kill_process_group(leader).is_err() {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    status
}

/// A running group: killed when this is dropped before its end was seen.
struct Group(Option<Pid>);

impl Group {
    /// The command has ended.
    fn release(mut self) {
        if let Some(leader) = self.0.take() {
            watch::end(leader);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0.take() {
            let _ = kill_process_group(leader, Signal::KILL);
            watch::end(leader);
        }
    }
}
