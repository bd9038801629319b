//! What goes in and out of a running command.
//!
//! The request is written and both outputs are read while the command is waited for, so that no pipe ever fills
//! up. The answer is bounded; the log is passed on line by line, without secrets and control characters.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpctl_provider::contract::ApplyEvent;
use mpctl_provider::secrets::Secrets;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Child;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::call::Call;

/// More than this on standard output is refused.
pub(crate) const LARGEST_ANSWER: usize = 8 << 20;
/// A longer line of the log is broken.
const LONGEST_LINE: u64 = 16 << 10;
/// So many last lines of the log go with a fault.
const TAIL_LINES: usize = 20;
/// How long the streams are read after the command has ended, since something in the background may hold them.
const DRAIN: Duration = Duration::from_millis(500);

/// What is read and written beside waiting.
pub(crate) struct Streams {
    stdout: Arc<Mutex<Vec<u8>>>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// Told when more is answered than is borne.
    pub(crate) overflow: Arc<Notify>,
    readers: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
}

impl Streams {
    /// Takes the streams of a command that has just been started.
    pub(crate) fn of(
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

    /// The answer and the last lines of the log, once everything has been read or [`DRAIN`] has passed.
    pub(crate) async fn drain(mut self) -> (Vec<u8>, String) {
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
        if lock(&into).len() + read > LARGEST_ANSWER {
            overflow.notify_one();
            // Held open until the command has been ended: closing it would end the command in another way.
            std::future::pending::<()>().await;
        }
        lock(&into).extend_from_slice(&block[..read]);
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
