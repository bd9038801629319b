//! The life of the service: its start, its end, and whether it starts again.

use std::time::Duration;

use tokio::time::Instant;

use super::run::{Phase, Supervisor, Up, say};
use super::watch::FIRST_PROBE;
use super::{backoff, child, files, log, stop};
use crate::procfs::Identity;
use crate::record::{Child, Status};

/// A service that has been up (or healthy) for so long starts with a clean slate when it ends.
pub(super) const FORGIVEN: Duration = Duration::from_secs(10);

/// So many ends in a row mean that it will not come up by itself.
pub(super) const HOPELESS: u32 = 5;

impl Supervisor {
    /// Starts the service.
    pub(super) fn start(&mut self) {
        let started = log::open(&self.orders.log_file).and_then(|log| {
            let service = &self.orders.service;
            child::spawn(&self.orders, &self.place, &service.command, &service.limits, Some(log))
        });
        let pid = match started {
            Ok(pid) => pid,
            Err(error) => return self.ended(format!("could not be started: {error}"), false),
        };
        let now = Instant::now();
        let up = Up { pid, since: now, settled: false, failures: 0, next_probe: now + FIRST_PROBE };
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
    pub(super) async fn collect(&mut self) {
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

    /// Ends the service, for good.
    pub(super) async fn stop(&mut self) {
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
}
