//! The second stage: the supervisor itself.
//!
//! One loop over what can happen: a child ended, a probe was answered, a time has come, or somebody asks for the
//! end. After each the record on disk says how the service is.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Pid;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::child::Ending;
use super::probe::Answer;
use super::{Orders, SuperviseError, files, log};
use crate::place::Place;
use crate::procfs::{self, Identity};
use crate::record::{Record, Status};
use crate::service::Health;

/// A service without a health check that has been up for so long counts as running.
const SETTLED: Duration = Duration::from_millis(500);

/// How often the log's size and the folder are looked at.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// How long a predecessor may take to let go of the lock.
const PREDECESSOR: Duration = Duration::from_secs(3);

/// Reads the orders and supervises until told to stop, or until there is nothing left to supervise.
pub(super) fn run(folder: PathBuf) -> Result<(), SuperviseError> {
    let orders: Orders =
        serde_json::from_reader(io::stdin().lock()).map_err(SuperviseError::Orders)?;
    let null = File::open("/dev/null").map_err(SuperviseError::system("open /dev/null"))?;
    rustix::stdio::dup2_stdin(&null).map_err(SuperviseError::system("let go of the input"))?;
    drop(null);
    let place = Place { name: orders.name.as_str().into(), folder };
    let lock = lock(&place)?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(SuperviseError::system("adopt orphans"))?;
    files::write(&place.files(), &orders.service.files)
        .map_err(SuperviseError::system("write the files of the service"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .map_err(SuperviseError::system("start"))?;
    let result = runtime.block_on(async { Supervisor::new(orders, place, lock)?.run().await });
    // A probe that still waits for an answer is nobody's concern any more.
    runtime.shutdown_background();
    result
}

/// Takes the lock that only one supervisor of a service can have.
fn lock(place: &Place) -> Result<File, SuperviseError> {
    let open = File::options().write(true).create(true).truncate(false).open(place.lock());
    let file = open.map_err(SuperviseError::system("open the lock"))?;
    let deadline = std::time::Instant::now() + PREDECESSOR;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::Error(source)) => {
                return Err(SuperviseError::System { what: "take the lock", source });
            }
            Err(std::fs::TryLockError::WouldBlock) if std::time::Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(SuperviseError::Locked),
        }
    }
}

/// The supervisor's state beside its record.
pub(super) struct Supervisor {
    pub(super) orders: Orders,
    pub(super) place: Place,
    pub(super) record: Record,
    written: Option<Record>,
    pub(super) phase: Phase,
    pub(super) probe: Option<JoinHandle<Answer>>,
    /// A health command under way: its process, and whom to tell how it ended.
    pub(super) probing: Option<(Pid, oneshot::Sender<Ending>)>,
    housekeeping: Instant,
    /// Held until the end.
    lock: File,
}

/// What the service is at.
pub(super) enum Phase {
    Up(Up),
    /// Ended; to be started again then.
    Waiting(Instant),
    /// Ended, and nothing is to follow.
    Over,
}

/// A service that is up.
pub(super) struct Up {
    pub(super) pid: Pid,
    pub(super) since: Instant,
    /// It has been healthy, or long enough up, since its start.
    pub(super) settled: bool,
    /// Failed probes in a row.
    pub(super) failures: u32,
    pub(super) next_probe: Instant,
}

/// What woke the loop.
enum Event {
    Stop,
    Ended,
    Answer(Answer),
    Time,
}

impl Supervisor {
    fn new(orders: Orders, place: Place, lock: File) -> Result<Supervisor, SuperviseError> {
        let me = Identity::of(std::process::id().cast_signed())
            .ok_or_else(|| io::Error::other("this process is not listed under /proc"))
            .map_err(SuperviseError::system("identify itself"))?;
        let mut record = Record::new(orders.key.clone(), procfs::boot_id(), me);
        let grace = orders.service.stop_grace.as_millis();
        record.stop_grace = u64::try_from(grace).unwrap_or(u64::MAX);
        record.log_offset = std::fs::metadata(&orders.log_file).map_or(0, |data| data.size());
        Ok(Supervisor {
            orders,
            place,
            record,
            written: None,
            phase: Phase::Waiting(Instant::now()),
            probe: None,
            probing: None,
            housekeeping: Instant::now() + HOUSEKEEPING,
            lock,
        })
    }

    /// The loop.
    async fn run(mut self) -> Result<(), SuperviseError> {
        let mut terminate =
            signal(SignalKind::terminate()).map_err(SuperviseError::system("await signals"))?;
        let mut interrupt =
            signal(SignalKind::interrupt()).map_err(SuperviseError::system("await signals"))?;
        // Not to be ended by a terminal that goes away.
        let _hangup = signal(SignalKind::hangup());
        let mut ended =
            signal(SignalKind::child()).map_err(SuperviseError::system("await signals"))?;
        self.start();
        while !matches!(self.phase, Phase::Over) {
            let deadline = self.next_deadline();
            let event = tokio::select! {
                biased;
                _ = terminate.recv() => Event::Stop,
                _ = interrupt.recv() => Event::Stop,
                _ = ended.recv() => Event::Ended,
                answer = answer(&mut self.probe) => Event::Answer(answer),
                () = sleep_until(deadline) => Event::Time,
            };
            match event {
                Event::Stop => {
                    self.stop().await;
                    return Ok(());
                }
                Event::Ended => self.collect().await,
                Event::Answer(answer) => self.answered(answer),
                Event::Time => {
                    if !self.on_time() {
                        self.stop().await;
                        return Ok(());
                    }
                }
            }
        }
        let _ = files::remove(&self.place.files());
        Ok(())
    }

    fn health(&self) -> Option<&Health> {
        self.orders.service.health.as_ref()
    }

    /// When there is something to do even if nothing happens.
    fn next_deadline(&self) -> Instant {
        let next = match &self.phase {
            Phase::Up(up) if self.health().is_some() && self.probe.is_none() => up.next_probe,
            Phase::Up(up) if self.health().is_none() && !up.settled => up.since + SETTLED,
            Phase::Waiting(until) => *until,
            _ => self.housekeeping,
        };
        next.min(self.housekeeping)
    }

    /// Does what is due. `false` if the supervisor has lost its place in the world and should go.
    fn on_time(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.housekeeping {
            self.housekeeping = now + HOUSEKEEPING;
            if !self.is_in_place() {
                say("the folder of this service is gone, so it is stopped");
                return false;
            }
            self.turn_logs_over();
        }
        match &mut self.phase {
            Phase::Waiting(until) if now >= *until => {
                self.record.restarts += 1;
                self.start();
            }
            Phase::Up(up)
                if self.orders.service.health.is_some()
                    && self.probe.is_none()
                    && now >= up.next_probe =>
            {
                self.start_probe();
            }
            Phase::Up(up)
                if self.orders.service.health.is_none()
                    && !up.settled
                    && now >= up.since + SETTLED =>
            {
                up.settled = true;
                self.show(Status::Running, None);
            }
            _ => {}
        }
        true
    }

    /// Whether the folder is still the one that this supervisor was started for, and not gone or made anew.
    fn is_in_place(&self) -> bool {
        let there = std::fs::metadata(self.place.lock());
        let (Ok(there), Ok(held)) = (there, self.lock.metadata()) else { return false };
        (there.dev(), there.ino()) == (held.dev(), held.ino())
    }

    fn turn_logs_over(&mut self) {
        match log::turn_over(&self.orders.log_file, log::FULL) {
            Ok(true) => self.record.log_offset = 0,
            Ok(false) => {}
            Err(error) => say(format_args!("cannot turn the log over: {error}")),
        }
        // Where this one cannot be written, nothing can be said about it either.
        let _ = log::turn_over(&self.place.supervisor_log(), log::SUPERVISOR_FULL);
    }

    /// Makes a new state of affairs known.
    pub(super) fn show(&mut self, status: Status, detail: Option<String>) {
        if self.record.status != status && matches!(status, Status::Healthy | Status::Unhealthy) {
            let why = detail.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            say(format_args!("{}{why}", status.as_str()));
        }
        self.record.status = status;
        self.record.detail = detail;
        self.write();
    }

    /// Writes the record if it differs from what is written.
    pub(super) fn write(&mut self) {
        // Without its place there is nobody to tell; housekeeping notices and stops.
        if self.written.as_ref() == Some(&self.record) || !self.is_in_place() {
            return;
        }
        match self.record.write(&self.place.record()) {
            Ok(()) => self.written = Some(self.record.clone()),
            Err(error) => {
                say(format_args!("cannot write {}: {error}", self.place.record().display()));
            }
        }
    }
}

/// The answer of the probe that is under way; never, if there is none.
async fn answer(probe: &mut Option<JoinHandle<Answer>>) -> Answer {
    match probe {
        Some(probe) => probe.await.unwrap_or_else(|_| Err("the probe failed".into())),
        None => std::future::pending().await,
    }
}

/// A line for the supervisor's own log.
pub(super) fn say(what: impl std::fmt::Display) {
    eprintln!("{} {what}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
}
