//! Watching over the health of the service that is up.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::child::{self, Ending};
use super::life::{FORGIVEN, HOPELESS};
use super::probe::{self, Answer};
use super::run::{Phase, Supervisor};
use crate::record::Status;
use crate::service::{Limits, Probe};

/// When a service that was just started is first asked.
pub(super) const FIRST_PROBE: Duration = Duration::from_millis(50);

/// The pause between probes of a service that is not healthy yet; grows with its age.
const EAGER: Duration = Duration::from_millis(100);

impl Supervisor {
    /// Begins a probe.
    pub(super) fn start_probe(&mut self) {
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
    pub(super) fn answered(&mut self, answer: Answer) {
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
    pub(super) fn abandon_probe(&mut self) {
        if let Some(probe) = self.probe.take() {
            probe.abort();
        }
        if let Some((pid, _)) = self.probing.take() {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
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
