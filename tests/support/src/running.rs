//! A run of the program while it runs.

use std::io::{Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::output::Output;
use crate::redact::Redactions;

/// How long streams may stay open after the program's own end: it is gone, so nobody should hold them.
const STREAMS_END_WITHIN: Duration = Duration::from_secs(5);

/// A run of the program while it runs.
pub struct Running {
    child: Child,
    told: String,
    deadline: Instant,
    stdout: Stream,
    stderr: Stream,
    closed: Receiver<()>,
    redactions: Redactions,
}

type Stream = Arc<Mutex<Vec<u8>>>;

impl Running {
    pub(crate) fn new(
        mut child: Child,
        told: String,
        input: Option<String>,
        timeout: Duration,
        redactions: Redactions,
    ) -> Running {
        let (sender, closed) = channel();
        let stdout = collect(child.stdout.take().unwrap(), sender.clone());
        let stderr = collect(child.stderr.take().unwrap(), sender);
        if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
            // The program may end without having read it.
            std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        }
        let deadline = Instant::now() + timeout;
        Running { child, told, deadline, stdout, stderr, closed, redactions }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// What it has said on standard output so far.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// Waits until the program has said something on standard error.
    #[track_caller]
    pub fn says(&self, words: &str) {
        let left = self.deadline.saturating_duration_since(Instant::now());
        crate::eventually(words, left, || self.stderr().contains(words).then_some(()));
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        // It has not been waited for, so the id is still its own.
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it takes too long, or leaves a process behind that holds its output open.
    #[track_caller]
    pub fn wait(mut self) -> Output {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > self.deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!(
                    "mpctl {} did not end in time\nstdout: {}\nstderr: {}",
                    self.told,
                    self.stdout(),
                    self.stderr()
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        for _ in 0..2 {
            if self.closed.recv_timeout(STREAMS_END_WITHIN) == Err(RecvTimeoutError::Timeout) {
                panic!("mpctl {} has ended, but something holds its output open", self.told);
            }
        }
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        Output::new(self.told.clone(), code, self.stdout(), self.stderr(), self.redactions.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing happens to one that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(stream: &Stream) -> String {
    String::from_utf8_lossy(&stream.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

fn collect(mut from: impl Read + Send + 'static, closed: Sender<()>) -> Stream {
    let stream = Stream::default();
    let into = stream.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        }
        let _ = closed.send(());
    });
    stream
}
