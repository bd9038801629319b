//! Waiting for leases: several at once, and one whose holder seems to be gone.

use std::time::Duration;

use crate::error::Result;
use crate::lease::{Evidence, Lease, LeaseRequest, TakeoverReason};
use crate::name::Scope;
use crate::store::Store;

/// Watches a lease that is in the way, by the waiter's own monotonic clock. It gives the evidence
/// for a takeover where the store's time cannot be trusted: the same entry for a whole TTL.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaseWatch {
    /// The newest entry, and when it was first seen.
    seen: Option<(u64, Duration)>,
}

impl LeaseWatch {
    /// Notes how the lease stands at a moment of the waiter's monotonic clock (counted from any
    /// fixed point; it must count on through suspension); gives evidence once there is some.
    pub fn observe(&mut self, lease: &Lease, now: Duration) -> Option<Evidence> {
        let since = match self.seen {
            Some((number, since)) if number == lease.number => since,
            _ => now,
        };
        self.seen = Some((lease.number, since));
        let unchanged = now.saturating_sub(since);
        (unchanged >= lease.ttl).then_some(Evidence {
            number: lease.number,
            reason: TakeoverReason::Unchanged(unchanged),
        })
    }
}

/// Takes the leases of several environments in sorted order, all or none. `request` says what is
/// asked for each.
///
/// # Errors
/// That of the first that could not be had; the ones before it have been released.
pub async fn acquire_all(
    store: &dyn Store,
    scopes: &[Scope],
    mut request: impl FnMut(&Scope) -> LeaseRequest + Send,
) -> Result<Vec<Lease>> {
    let mut sorted = scopes.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut leases = Vec::with_capacity(sorted.len());
    for scope in &sorted {
        let request = request(scope);
        match store.acquire(scope, &request).await {
            Ok(lease) => leases.push(lease),
            Err(error) => {
                // The error that stood in the way says more than one from giving back: what is not
                // given back expires.
                let _ = release_all(store, &leases).await;
                return Err(error);
            }
        }
    }
    Ok(leases)
}

/// Gives leases back, the last first; goes on where one fails.
///
/// # Errors
/// The first error that was met.
pub async fn release_all(store: &dyn Store, leases: &[Lease]) -> Result<()> {
    let mut outcome = Ok(());
    for lease in leases.iter().rev() {
        let released = store.release(&lease.fence()).await;
        outcome = outcome.and(released);
    }
    outcome
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::lease::HolderIdentity;

    fn lease(number: u64) -> Lease {
        Lease {
            scope: Scope::new("default", "shop", "prod").unwrap(),
            number,
            fence: 1,
            holder: HolderIdentity {
                who: "ada".into(),
                host: "build-1".into(),
                boot_id: None,
                process_id: 4711,
                process_start: None,
                operation: None,
            },
            ttl: Duration::from_secs(30),
            since: Timestamp(0),
            renewed: Timestamp(0),
            released: false,
            read_at: Timestamp(0),
        }
    }

    #[test]
    fn only_an_entry_that_stays_the_newest_for_a_whole_ttl_is_evidence() {
        let seconds = Duration::from_secs;
        let mut watch = LeaseWatch::default();
        assert_eq!(watch.observe(&lease(4), seconds(100)), None);
        assert_eq!(watch.observe(&lease(4), seconds(129)), None);
        assert_eq!(watch.observe(&lease(5), seconds(131)), None);
        assert_eq!(watch.observe(&lease(5), seconds(160)), None);
        let reason = TakeoverReason::Unchanged(seconds(30));
        assert_eq!(watch.observe(&lease(5), seconds(161)), Some(Evidence { number: 5, reason }));
    }
}
