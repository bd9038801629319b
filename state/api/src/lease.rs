//! Leases: who may write, until when, and who may take over.
//!
//! Each environment has one sequence of lease entries. Acquiring, renewing, taking over and
//! releasing each take its next number, so of two that try at once exactly one wins. The **fence**
//! is the number at which a holder began; every write carries it, and a store refuses one that is
//! not the present holder's.
//!
//! A lease is taken over when it has expired by the *store's* time, or on **evidence** that the
//! caller brings about one certain entry: its process is gone from this host and boot, or the entry
//! has not changed for a whole TTL of the caller's monotonic clock (which covers stores whose time
//! is absent or runs backwards), or somebody has ordered it. Evidence about an entry that is no
//! longer the newest counts for nothing. What is here judges; it asks no clock and no process.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Result, StoreError};
use crate::name::{Nonce, OperationId, Scope};

/// The right to write in one environment: the number of the lease entry at which the holder began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fence {
    /// The environment.
    pub scope: Scope,
    /// The number of the entry.
    pub number: u64,
}

/// Who holds a lease: enough to tell a person, and to see whether the process still exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderIdentity {
    /// The user, as it should be shown.
    pub who: String,
    /// The host's name.
    pub host: String,
    /// The id of this boot of the host; none where the system has none.
    pub boot_id: Option<String>,
    /// The process id.
    pub process_id: u32,
    /// When the process started, in the system's own unit since boot (clock ticks on Linux): with
    /// the process id it names one process for good.
    pub process_start: Option<u64>,
    /// The operation that the lease is held for, once it is known.
    pub operation: Option<OperationId>,
}

/// One entry of a lease sequence, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The environment.
    pub scope: Scope,
    /// The number of this entry.
    pub number: u64,
    /// The number at which the holder began.
    pub fence: u64,
    /// Who holds it.
    pub holder: HolderIdentity,
    /// How long it lives without renewal.
    pub ttl: Duration,
    /// Since when it is held, by the store's time.
    pub since: Timestamp,
    /// When it was last renewed, by the store's time.
    pub renewed: Timestamp,
    /// Whether the holder has given it back.
    pub released: bool,
    /// The store's time when this was read; what "last seen 3 s ago" is counted from.
    #[serde(skip)]
    pub read_at: Timestamp,
}

impl Lease {
    /// The fence that writes under this lease carry.
    #[must_use]
    pub fn fence(&self) -> Fence {
        Fence { scope: self.scope.clone(), number: self.fence }
    }

    /// How long it is since the holder was last seen; none where the store's time ran backwards.
    #[must_use]
    pub fn unseen_for(&self) -> Option<Duration> {
        self.read_at.since(self.renewed)
    }

    /// Whether it is held: neither released nor, by the store's time, expired.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.released && self.unseen_for().is_none_or(|unseen| unseen < self.ttl)
    }

    /// The entry that renews this one: the next number, the same fence.
    #[must_use]
    pub fn renewed(&self, operation: Option<&OperationId>, now: Timestamp) -> Lease {
        let mut next =
            Lease { number: self.number + 1, renewed: now, read_at: now, ..self.clone() };
        if let Some(operation) = operation {
            next.holder.operation = Some(operation.clone());
        }
        next
    }

    /// The entry that gives this one back: the next number, the same fence.
    #[must_use]
    pub fn given_back(&self, now: Timestamp) -> Lease {
        Lease { released: true, ..self.renewed(None, now) }
    }

    /// The evidence that the holder is gone, where it ran on this host and this boot and `exists`
    /// (process id, process start) says that there is no such process any more.
    #[must_use]
    pub fn evidence_that_holder_is_gone(
        &self,
        host: &str,
        boot_id: Option<&str>,
        exists: impl FnOnce(u32, u64) -> bool,
    ) -> Option<Evidence> {
        let holder = &self.holder;
        let here = holder.host == host && boot_id.is_some() && holder.boot_id.as_deref() == boot_id;
        let start = holder.process_start.filter(|_| here && !self.released)?;
        (!exists(holder.process_id, start))
            .then_some(Evidence { number: self.number, reason: TakeoverReason::HolderGone })
    }
}

/// Why a lease that has not expired may be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeoverReason {
    /// The process that holds it no longer exists.
    HolderGone,
    /// The entry has stayed the newest for this long, by the caller's monotonic clock.
    Unchanged(Duration),
    /// A person has ordered it, naming what it breaks.
    Ordered,
}

/// What the caller knows about one entry of the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The entry that it is about.
    pub number: u64,
    /// What is known.
    pub reason: TakeoverReason,
}

/// What acquiring a lease needs.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// Who is to hold it.
    pub holder: HolderIdentity,
    /// How long it lives without renewal.
    pub ttl: Duration,
    /// Marks the entry as the caller's own: acquiring again with the same nonce gives the same
    /// lease, so a call of unknown outcome is simply repeated.
    pub nonce: Nonce,
    /// What the caller knows about the entry that stands in the way.
    pub evidence: Option<Evidence>,
}

/// What acquiring finds, where nobody else holds the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take this number; it is the fence.
    Take(u64),
    /// It is the caller's already, from a call whose answer was lost.
    Own(Box<Lease>),
}

impl LeaseRequest {
    /// The entry with which the holder begins.
    #[must_use]
    pub fn entry(&self, scope: &Scope, number: u64, now: Timestamp) -> Lease {
        Lease {
            scope: scope.clone(),
            number,
            fence: number,
            holder: self.holder.clone(),
            ttl: self.ttl,
            since: now,
            renewed: now,
            released: false,
            read_at: now,
        }
    }

    /// Judges the newest entry of a sequence, given with the nonce that it was written with.
    ///
    /// # Errors
    /// [`StoreError::Held`] where somebody else holds the lease.
    pub fn judge(&self, newest: Option<(Lease, Nonce)>) -> Result<Verdict> {
        let Some((lease, nonce)) = newest else { return Ok(Verdict::Take(1)) };
        if !lease.released && lease.fence == lease.number && nonce == self.nonce {
            return Ok(Verdict::Own(Box::new(lease)));
        }
        let evident = self.evidence.is_some_and(|evidence| {
            evidence.number == lease.number
                && match evidence.reason {
                    TakeoverReason::HolderGone | TakeoverReason::Ordered => true,
                    TakeoverReason::Unchanged(span) => span >= lease.ttl,
                }
        });
        if lease.is_held() && !evident {
            return Err(StoreError::Held { lease: Box::new(lease) });
        }
        Ok(Verdict::Take(lease.number + 1))
    }
}

/// Checks that the newest entry lets this fence write.
///
/// # Errors
/// [`StoreError::LeaseLost`] where the fence is not the present holder's.
pub fn check_fence(fence: &Fence, newest: Option<&Lease>) -> Result<()> {
    match newest {
        Some(lease) if lease.fence == fence.number && !lease.released => Ok(()),
        newest => Err(StoreError::LeaseLost {
            scope: fence.scope.clone(),
            fence: fence.number,
            now: newest.cloned().map(Box::new),
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lease(read_at: i64) -> Lease {
        Lease {
            scope: Scope::new("default", "shop", "prod").unwrap(),
            number: 7,
            fence: 5,
            holder: HolderIdentity {
                who: "ada".into(),
                host: "build-1".into(),
                boot_id: Some("boot".into()),
                process_id: 4711,
                process_start: Some(99),
                operation: None,
            },
            ttl: Duration::from_secs(30),
            since: Timestamp(0),
            renewed: Timestamp(10_000),
            released: false,
            read_at: Timestamp(read_at),
        }
    }

    /// The number that may be taken; none where the lease is held.
    fn judge(lease: &Lease, evidence: Option<Evidence>) -> Option<u64> {
        let request = LeaseRequest {
            holder: lease.holder.clone(),
            ttl: lease.ttl,
            nonce: Nonce::from_bytes([1; 16]),
            evidence,
        };
        match request.judge(Some((lease.clone(), Nonce::from_bytes([2; 16])))) {
            Ok(Verdict::Take(number)) => Some(number),
            Ok(Verdict::Own(_)) => panic!("the nonce is another's"),
            Err(StoreError::Held { lease: held }) => {
                assert_eq!(*held, *lease);
                None
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn evidence(number: u64, reason: TakeoverReason) -> Option<Evidence> {
        Some(Evidence { number, reason })
    }

    #[test]
    fn a_lease_lives_until_its_ttl_has_passed_since_the_renewal() {
        assert_eq!(judge(&lease(39_999), None), None);
        assert_eq!(judge(&lease(40_000), None), Some(8));
    }

    #[test]
    fn where_the_stores_time_runs_backwards_only_evidence_counts() {
        assert_eq!(judge(&lease(-86_400_000), None), None);
        let short = TakeoverReason::Unchanged(Duration::from_secs(29));
        assert_eq!(judge(&lease(-86_400_000), evidence(7, short)), None);
        let whole = TakeoverReason::Unchanged(Duration::from_secs(30));
        assert_eq!(judge(&lease(-86_400_000), evidence(7, whole)), Some(8));
    }

    #[test]
    fn evidence_about_an_older_entry_counts_for_nothing() {
        assert_eq!(judge(&lease(11_000), evidence(6, TakeoverReason::HolderGone)), None);
        assert_eq!(judge(&lease(11_000), evidence(7, TakeoverReason::HolderGone)), Some(8));
    }

    #[test]
    fn a_holder_is_judged_gone_only_on_its_own_host_and_boot() {
        let lease = lease(11_000);
        let gone = |host, boot| {
            lease.evidence_that_holder_is_gone(host, boot, |process, start| {
                assert_eq!((process, start), (4711, 99));
                false
            })
        };
        assert_eq!(gone("build-1", Some("boot")), evidence(7, TakeoverReason::HolderGone));
        assert_eq!(gone("build-2", Some("boot")), None);
        assert_eq!(gone("build-1", Some("another boot")), None);
        assert_eq!(gone("build-1", None), None);
        assert_eq!(lease.evidence_that_holder_is_gone("build-1", Some("boot"), |_, _| true), None);
    }
}
