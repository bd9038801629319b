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

use super::child::{self, Ending};
use super::probe::{self, Answer};
use super::{Orders, SuperviseError, backoff, files, log, stop};
use crate::place::Place;
use crate::procfs::{self, Identity};
use crate::record::{Child, Record, Status};
use crate::service::{Health, Limits, Probe};

/// A service without a health check that has been up for so long counts as running.
const SETTLED: Duration = Duration::from_millis(500);

/// A service that has been up (or healthy) for so long starts with a clean slate when it ends.
const FORGIVEN: Duration = Duration::from_secs(10);

/// So many ends in a row mean that it will not come up by itself.
const HOPELESS: u32 = 5;

/// How often the log's size and the folder are looked at.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// The pause between probes of a service that is not healthy yet; grows with its age.
const EAGER: Duration = Duration::from_millis(100);

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
    let result = runtime.block_on(async { Supervisor::new(orders, place)?.run(lock).await });
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
struct Supervisor {
    orders: Orders,
    place: Place,
    record: Record,
    written: Option<Record>,
    phase: Phase,
    probe: Option<JoinHandle<Answer>>,
    /// A health command under way: its process, and whom to tell how it ended.
    probing: Option<(Pid, oneshot::Sender<Ending>)>,
    housekeeping: Instant,
}

/// What the service is at.
enum Phase {
    Up(Up),
    /// Ended; to be started again then.
    Waiting(Instant),
    /// Ended, and nothing is to follow.
    Over,
}

/// A service that is up.
struct Up {
    pid: Pid,
    since: Instant,
    /// It has been healthy, or long enough up, since its start.
    settled: bool,
    /// Failed probes in a row.
    failures: u32,
    next_probe: Instant,
}

/// What woke the loop.
enum Event {
    Stop,
    Ended,
    Answer(Answer),
    Time,
}

impl Supervisor {
    fn new(orders: Orders, place: Place) -> Result<Supervisor, SuperviseError> {
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
        })
    }

    /// The loop. Holds the lock until the end.
    async fn run(mut self, _lock: File) -> Result<(), SuperviseError> {
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
            if !self.place.lock().exists() {
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

    fn turn_logs_over(&mut self) {
        match log::turn_over(&self.orders.log_file, log::FULL) {
            Ok(true) => self.record.log_offset = 0,
            Ok(false) => {}
            Err(error) => say(format_args!("cannot turn the log over: {error}")),
        }
        // Where this one cannot be written, nothing can be said about it either.
        let _ = log::turn_over(&self.place.supervisor_log(), log::SUPERVISOR_FULL);
    }

    /// Starts the service.
    fn start(&mut self) {
        let started = log::open(&self.orders.log_file).and_then(|log| {
            let service = &self.orders.service;
            child::spawn(&self.orders, &self.place, &service.command, &service.limits, Some(log))
        });
        let pid = match started {
            Ok(pid) => pid,
            Err(error) => return self.ended(format!("could not be started: {error}"), false),
        };
        let now = Instant::now();
        let up = Up { pid, since: now, settled: false, failures: 0, next_probe: now + EAGER / 2 };
        let raw = pid.as_raw_nonzero().get();
        // It cannot be gone for good: it stays listed until it is collected.
        let process = Identity::of(raw).unwrap_or(Identity { pid: raw, start_time: 0 });
        let started_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.record.child = Some(Child { process, started_at });
        self.phase = Phase::Up(up);
        say(format_args!("started process {raw}"));
        if self.record.failures < HOPELESS {
            self.show(Status::Starting, None);
        } else {
            self.write();
        }
    }

    /// Collects what has ended.
    async fn collect(&mut self) {
        while let Some((pid, ending)) = child::collect() {
            match &self.phase {
                Phase::Up(up) if up.pid == pid => {
                    self.abandon_probe();
                    // Its children may hold the port that the next start needs.
                    stop::kill_descendants().await;
                    self.ended(ending.to_string(), ending.succeeded());
                }
                _ => {
                    if let Some((_, tell)) = self.probing.take_if(|(probing, _)| *probing == pid) {
                        let _ = tell.send(ending);
                    }
                }
            }
        }
    }

    /// The service has ended: decides what follows.
    fn ended(&mut self, how: String, succeeded: bool) {
        let was_up = match &self.phase {
            Phase::Up(up) => up.settled && up.since.elapsed() >= FORGIVEN,
            _ => false,
        };
        self.record.child = None;
        self.record.failures = if was_up { 1 } else { self.record.failures.saturating_add(1) };
        let service = &self.orders.service;
        if !service.restart.again(succeeded) {
            say(format_args!("the process {how}"));
            self.phase = Phase::Over;
            let status = if succeeded { Status::Completed } else { Status::Crashed };
            return self.show(status, Some(how));
        }
        let pause = backoff::pause(
            service.restart_delay,
            service.restart_delay_max,
            self.record.failures,
            backoff::random(),
        );
        say(format_args!("the process {how}; it is started again in {} ms", pause.as_millis()));
        self.phase = Phase::Waiting(Instant::now() + pause);
        let hopeless = self.record.failures >= HOPELESS;
        self.show(if hopeless { Status::Crashed } else { Status::Restarting }, Some(how));
    }

    /// Begins a probe.
    fn start_probe(&mut self) {
        let Some(health) = &self.orders.service.health else { return };
        let patience = health.attempt_timeout;
        self.probe = Some(match &health.probe {
            Probe::Http { port, path } => tokio::spawn(probe::http(*port, path.clone(), patience)),
            Probe::Tcp { port } => tokio::spawn(probe::tcp(*port, patience)),
            Probe::Command { command } => {
                let (tell, told) = oneshot::channel();
                let limits = Limits::default();
                match child::spawn(&self.orders, &self.place, command, &limits, None) {
                    Ok(pid) => {
                        self.probing = Some((pid, tell));
                        tokio::spawn(command_answer(told, patience))
                    }
                    Err(error) => {
                        let why = format!("the health command could not be started: {error}");
                        tokio::spawn(async { Err(why) })
                    }
                }
            }
        });
    }

    /// A probe was answered.
    fn answered(&mut self, answer: Answer) {
        self.abandon_probe();
        let Some(health) = self.orders.service.health.clone() else { return };
        let Phase::Up(up) = &mut self.phase else { return };
        let age = up.since.elapsed();
        match answer {
            Ok(()) => {
                up.settled = true;
                up.failures = 0;
                up.next_probe = Instant::now() + health.interval;
                if age >= FORGIVEN {
                    self.record.failures = 0;
                }
                self.show(Status::Healthy, None);
            }
            Err(why) if up.settled => {
                up.failures = up.failures.saturating_add(1);
                up.next_probe = Instant::now() + health.interval;
                if up.failures >= health.retries {
                    self.show(Status::Unhealthy, Some(why));
                }
            }
            Err(why) => {
                up.next_probe = Instant::now() + health.interval.min(EAGER.max(age / 8));
                let late = age >= health.allowance();
                let hopeless = self.record.failures >= HOPELESS;
                let status = match (late, hopeless) {
                    (true, _) => Status::Unhealthy,
                    (false, true) => Status::Crashed,
                    (false, false) => Status::Starting,
                };
                self.show(status, Some(why));
            }
        }
    }

    /// Forgets a probe that is under way, and ends its command.
    fn abandon_probe(&mut self) {
        if let Some(probe) = self.probe.take() {
            probe.abort();
        }
        if let Some((pid, _)) = self.probing.take() {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }

    /// Ends the service, for good.
    async fn stop(&mut self) {
        self.abandon_probe();
        let group = match &self.phase {
            Phase::Up(up) => Some(up.pid),
            _ => None,
        };
        let service = &self.orders.service;
        stop::stop(group, service.stop_signal.signal(), service.stop_grace).await;
        let _ = files::remove(&self.place.files());
        say("stopped");
        self.record.child = None;
        self.show(Status::Stopped, None);
    }

    /// Makes a new state of affairs known.
    fn show(&mut self, status: Status, detail: Option<String>) {
        if self.record.status != status && matches!(status, Status::Healthy | Status::Unhealthy) {
            let why = detail.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            say(format_args!("{}{why}", status.as_str()));
        }
        self.record.status = status;
        self.record.detail = detail;
        self.write();
    }

    /// Writes the record if it differs from what is written.
    fn write(&mut self) {
        if self.written.as_ref() == Some(&self.record) {
            return;
        }
        match self.record.write(&self.place.record()) {
            Ok(()) => self.written = Some(self.record.clone()),
            // Without a folder there is nobody to tell; housekeeping notices and stops.
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

/// How a health command ended.
async fn command_answer(told: oneshot::Receiver<Ending>, patience: Duration) -> Answer {
    match tokio::time::timeout(patience, told).await {
        Ok(Ok(ending)) if ending.succeeded() => Ok(()),
        Ok(Ok(ending)) => Err(format!("the health command {ending}")),
        Ok(Err(_)) | Err(_) => Err(probe::no_answer(patience)),
    }
}

/// A line for the supervisor's own log.
fn say(what: impl std::fmt::Display) {
    eprintln!("{} {what}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
}
