//! The leases of a command: taken in sorted order, all or none, and kept alive while it works.
//!
//! The holder judges its own right to start a call by a clock that counts suspension (`CLOCK_BOOTTIME`): past
//! two thirds of the time to live since the last renewal, nothing is started any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use mpctl_state::{
    Evidence, Fence, Lease, LeaseRequest, Nonce, OperationId, Scope, Store, StoreError,
    acquire_all, release_all,
};
use rustix::time::{ClockId, clock_gettime};
use tokio::task::JoinHandle;

use crate::ops::error::OpsError;
use crate::ops::surroundings::Surroundings;

/// How long between two tries while a lock is waited for.
const PAUSE: Duration = Duration::from_millis(200);

/// The leases that a command holds.
pub struct Locks {
    store: Arc<dyn Store>,
    leases: Vec<Lease>,
    pulse: Arc<Pulse>,
    renewal: Option<JoinHandle<()>>,
}

/// Whether the leases still live, by the holder's own clock.
#[derive(Debug)]
pub struct Pulse {
    /// Milliseconds of `CLOCK_BOOTTIME` until which calls may be started.
    start_until: AtomicI64,
    lost: AtomicBool,
}

impl Pulse {
    /// Whether a call may be started.
    pub fn may_start(&self) -> bool {
        !self.lost.load(Ordering::Acquire) && boot_time() < self.start_until.load(Ordering::Acquire)
    }

    fn renewed(&self, asked_at: i64, ttl: Duration) {
        let two_thirds = i64::try_from(ttl.as_millis() * 2 / 3).unwrap_or(i64::MAX);
        self.start_until.store(asked_at.saturating_add(two_thirds), Ordering::Release);
    }
}

fn boot_time() -> i64 {
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000)
}

/// Takes the leases of the environments, waiting for as long as `timeout` where somebody else holds one.
pub async fn take(
    surroundings: &Surroundings,
    store: Arc<dyn Store>,
    scopes: &[Scope],
    timeout: Duration,
) -> Result<Locks, OpsError> {
    let deadline = tokio::time::Instant::now() + timeout;
    let mut evidence: Option<(Scope, Evidence)> = None;
    let leases = loop {
        let asked_at = boot_time();
        let request = |scope: &Scope| LeaseRequest {
            holder: surroundings.holder.clone(),
            ttl: surroundings.lease_ttl,
            nonce: Nonce::from_bytes(*uuid::Uuid::new_v4().as_bytes()),
            evidence: evidence
                .as_ref()
                .filter(|(about, _)| about == scope)
                .map(|(_, evidence)| *evidence),
        };
        match acquire_all(store.as_ref(), scopes, request).await {
            Ok(leases) => break (leases, asked_at),
            Err(StoreError::Held { lease }) => {
                let holder = &surroundings.holder;
                let gone = lease.evidence_that_holder_is_gone(
                    &holder.host,
                    holder.boot_id.as_deref(),
                    surroundings.process_exists,
                );
                match gone {
                    // A holder that was killed on this machine does not make anybody wait.
                    Some(found) if evidence.as_ref().is_none_or(|(_, known)| *known != found) => {
                        evidence = Some((lease.scope.clone(), found));
                    }
                    _ if tokio::time::Instant::now() >= deadline => {
                        return Err(StoreError::Held { lease }.into());
                    }
                    _ => tokio::time::sleep(PAUSE).await,
                }
            }
            Err(error) => return Err(error.into()),
        }
    };
    let (leases, asked_at) = leases;
    let pulse = Arc::new(Pulse { start_until: AtomicI64::new(0), lost: AtomicBool::new(false) });
    pulse.renewed(asked_at, surroundings.lease_ttl);
    let fences = leases.iter().map(Lease::fence).collect();
    let renewal = tokio::spawn(renew(store.clone(), fences, pulse.clone(), surroundings.lease_ttl));
    Ok(Locks { store, leases, pulse, renewal: Some(renewal) })
}

/// Renews at a third of the time to live, until it is stopped or a lease is lost.
async fn renew(store: Arc<dyn Store>, fences: Vec<Fence>, pulse: Arc<Pulse>, ttl: Duration) {
    loop {
        tokio::time::sleep(ttl / 3).await;
        let asked_at = boot_time();
        let mut all = true;
        for fence in &fences {
            match store.renew(fence, None).await {
                Ok(_) => {}
                Err(StoreError::LeaseLost { .. }) => {
                    pulse.lost.store(true, Ordering::Release);
                    return;
                }
                // Out of reach for now: tried again at the next turn, while the deadline runs on.
                Err(_) => all = false,
            }
        }
        if all {
            pulse.renewed(asked_at, ttl);
        }
    }
}

impl Locks {
    /// The fences that every write carries.
    pub fn fences(&self) -> Vec<Fence> {
        self.leases.iter().map(Lease::fence).collect()
    }

    /// Whether the leases still live.
    pub fn pulse(&self) -> Arc<Pulse> {
        self.pulse.clone()
    }

    /// Lets the leases name the operation that they are held for.
    pub async fn name_operation(&self, operation: &OperationId) -> Result<(), OpsError> {
        for lease in &self.leases {
            self.store.renew(&lease.fence(), Some(operation)).await?;
        }
        Ok(())
    }

    /// Gives the leases back.
    pub async fn release(mut self) -> Result<(), OpsError> {
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
        }
        Ok(release_all(self.store.as_ref(), &self.leases).await?)
    }
}

/// What is not given back expires; the renewal at least has to end with its holder.
impl Drop for Locks {
    fn drop(&mut self) {
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
        }
    }
}
