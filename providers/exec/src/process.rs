//! Running one command: its streams, its time, its end.
//!
//! The command is the leader of a process group. On a time-out or a cancellation the whole group gets SIGTERM,
//! then, after a grace, SIGKILL, and is waited for. A command that ends by itself leaves alone what it has put
//! into the background.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpctl_provider::contract::ApplyEvent;
use mpctl_provider::secrets::Secrets;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::call::Call;
use crate::shim::SUBCOMMAND;
use crate::{spawn, watch};

/// More than this on standard output is refused.
pub(crate) const LARGEST_ANSWER: usize = 8 << 20;
/// A longer line of the log is broken.
const LONGEST_LINE: u64 = 16 << 10;
/// So many last lines of the log go with a fault.
const TAIL_LINES: usize = 20;
/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// How long the streams are read after the command has ended, since something in the background may hold them.
const DRAIN: Duration = Duration::from_millis(500);

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
    /// We ended it, since it answered more than [`LARGEST_ANSWER`].
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

/// What is read and written beside waiting.
struct Streams {
    stdout: Arc<Mutex<Vec<u8>>>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// Told when more is answered than is borne.
    overflow: Arc<Notify>,
    readers: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
}

impl Streams {
    fn of(
        child: &mut Child,
        call: &Call,
        events: Option<mpsc::UnboundedSender<ApplyEvent>>,
    ) -> Streams {
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        let overflow = Arc::new(Notify::new());
        let (stdin, request) = (child.stdin.take(), call.stdin.clone());
        let writer = tokio::spawn(async move {
            if let Some(mut stdin) = stdin {
                // A command need not read what it is told.
                let _ = stdin.write_all(&request).await;
            }
        });
        let mut readers = Vec::new();
        if let Some(stream) = child.stdout.take() {
            readers.push(tokio::spawn(collect(stream, stdout.clone(), overflow.clone())));
        }
        if let Some(stream) = child.stderr.take() {
            let log = Log { secrets: call.secrets.clone(), events, last_lines: last_lines.clone() };
            readers.push(tokio::spawn(log.follow(stream)));
        }
        Streams { stdout, last_lines, overflow, readers, writer }
    }

    /// What was read, once everything has been or [`DRAIN`] has passed.
    async fn drain(mut self) -> (Vec<u8>, String) {
        let all = async {
            for reader in &mut self.readers {
                let _ = reader.await;
            }
        };
        let _ = timeout(DRAIN, all).await;
        self.writer.abort();
        self.readers.iter().for_each(JoinHandle::abort);
        let stdout = std::mem::take(&mut *lock(&self.stdout));
        let lines = std::mem::take(&mut *lock(&self.last_lines));
        (stdout, Vec::from(lines).join("\n"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn collect(
    mut stream: impl AsyncRead + Unpin,
    into: Arc<Mutex<Vec<u8>>>,
    overflow: Arc<Notify>,
) {
    let mut block = vec![0; 16 << 10];
    while let Ok(read @ 1..) = stream.read(&mut block).await {
        let mut answer = lock(&into);
        if answer.len() + read > LARGEST_ANSWER {
            overflow.notify_one();
            return;
        }
        answer.extend_from_slice(&block[..read]);
    }
}

/// The log of a command: its standard error.
struct Log {
    secrets: Secrets,
    events: Option<mpsc::UnboundedSender<ApplyEvent>>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

impl Log {
    async fn follow(self, stream: impl AsyncRead + Unpin) {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            match next_line(&mut stream, &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => self.note(&line),
            }
        }
    }

    fn note(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text =
            self.secrets.redact(text.trim_end()).replace(|c: char| c.is_control() && c != '\t', "");
        let mut last_lines = lock(&self.last_lines);
        if last_lines.len() == TAIL_LINES {
            last_lines.pop_front();
        }
        last_lines.push_back(text.clone());
        if let Some(events) = &self.events {
            let _ = events.send(ApplyEvent::Log(text));
        }
    }
}

async fn next_line(
    stream: &mut BufReader<impl AsyncRead + Unpin>,
    line: &mut Vec<u8>,
) -> io::Result<usize> {
    stream.take(LONGEST_LINE).read_until(b'\n', line).await
}
