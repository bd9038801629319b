//! Leases: one holder at a time, and nothing written by whoever lost it.

use std::time::Duration;

use super::{Harness, Writer, lease_request, production, staging};
use crate::error::{Result, StoreError};
use crate::journal::JournalEvent;
use crate::lease::{Evidence, Lease, TakeoverReason};
use crate::name::OperationId;
use crate::record::Record;
use crate::waiting::acquire_all;

const TTL: Duration = Duration::from_millis(500);

fn holder_of(outcome: Result<Lease>) -> Lease {
    match outcome.unwrap_err() {
        StoreError::Held { lease } => *lease,
        error => panic!("{error}"),
    }
}

#[allow(clippy::needless_pass_by_value)]
fn assert_lost<T: std::fmt::Debug>(outcome: Result<T>, by: Option<&str>) {
    match outcome.unwrap_err() {
        StoreError::LeaseLost { now, .. } => {
            let holder = now.filter(|lease| !lease.released).map(|lease| lease.holder.who);
            assert_eq!(holder.as_deref(), by);
        }
        error => panic!("{error}"),
    }
}

/// Who, where, which process, which operation, since when, last seen when.
pub async fn a_holder_is_named_to_whoever_comes_second(harness: &dyn Harness) {
    let (first, second) = (harness.handle().await, harness.handle().await);
    let lease = first.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    assert_eq!((lease.number, lease.fence, lease.released), (1, 1, false));
    let operation = OperationId::new("operation-of-ada");
    let renewed = first.renew(&lease.fence(), Some(&operation)).await.unwrap();
    harness.pass(TTL / 10).await;

    let seen = holder_of(second.acquire(&staging(), &lease_request("grace", None)).await);
    assert_eq!((seen.number, seen.fence), (2, 1));
    assert_eq!(seen.holder.who, "ada");
    assert_eq!(seen.holder.host, "build-1");
    assert_eq!(seen.holder.process_id, 4711);
    assert_eq!(seen.holder.process_start, Some(123_456));
    assert_eq!(seen.holder.operation, Some(operation));
    assert_eq!((seen.since, seen.renewed, seen.ttl), (lease.since, renewed.renewed, TTL));
    assert!(seen.unseen_for().is_some_and(|unseen| unseen >= TTL / 10 && unseen < TTL));
    assert!(seen.is_held());
}

/// From eight handles, many times over; fences only grow.
pub async fn of_eight_who_acquire_one_does(harness: &dyn Harness) {
    let mut newest = 0;
    for round in 0..10 {
        let mut racers = Vec::new();
        for racer in 0..8 {
            let store = harness.handle().await;
            let request = lease_request(&format!("racer {racer}"), None);
            racers.push(tokio::spawn(async move { store.acquire(&staging(), &request).await }));
        }
        let mut winners = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(lease) => winners.push(lease),
                Err(StoreError::Held { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert!(winners[0].fence > newest);
        newest = winners[0].fence;
        harness.handle().await.release(&winners[0].fence()).await.unwrap();
    }
}

/// Renewal counts from the store's time at the renewal, and keeps the fence.
pub async fn a_renewed_lease_lives_on(harness: &dyn Harness) {
    let store = harness.handle().await;
    let lease = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    for renewal in 1..=4 {
        harness.pass(TTL * 6 / 10).await;
        let renewed = store.renew(&lease.fence(), None).await.unwrap();
        assert_eq!((renewed.number, renewed.fence), (1 + renewal, lease.fence));
        assert_eq!(renewed.since, lease.since);
        holder_of(store.acquire(&staging(), &lease_request("grace", None)).await);
    }
}

/// By the store's time.
pub async fn an_expired_lease_is_taken_over(harness: &dyn Harness) {
    let store = harness.handle().await;
    let first = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    harness.pass(TTL + TTL / 10).await;
    assert!(!store.lease(&staging()).await.unwrap().unwrap().is_held());
    let second = store.acquire(&staging(), &lease_request("grace", None)).await.unwrap();
    assert!(second.fence > first.fence);
    assert_lost(store.renew(&first.fence(), None).await, Some("grace"));
}

/// Evidence about an entry that has been followed by another counts for nothing.
pub async fn a_lease_is_taken_over_on_evidence_about_its_newest_entry(harness: &dyn Harness) {
    let store = harness.handle().await;
    let lease = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    let gone = |number| Some(Evidence { number, reason: TakeoverReason::HolderGone });
    store.renew(&lease.fence(), None).await.unwrap();
    holder_of(store.acquire(&staging(), &lease_request("grace", gone(lease.number))).await);
    let too_short = Evidence { number: 2, reason: TakeoverReason::Unchanged(TTL / 2) };
    holder_of(store.acquire(&staging(), &lease_request("grace", Some(too_short))).await);
    let taken = store.acquire(&staging(), &lease_request("grace", gone(2))).await.unwrap();
    assert_eq!((taken.number, taken.fence, taken.holder.who.as_str()), (3, 3, "grace"));
}

/// A sleeper that wakes up after a takeover can neither open, append, commit, renew nor release.
pub async fn whoever_lost_its_lease_writes_nothing(harness: &dyn Harness) {
    let sleeper = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = sleeper.open().await.unwrap().id;
    let put = vec![Record::new("staging/resource.web", *b"{}")];
    let commit = sleeper.prepare(&operation, put, &[]).await.unwrap();
    sleeper.announce(&commit).await.unwrap();

    let ordered = Evidence { number: sleeper.lease.number, reason: TakeoverReason::Ordered };
    let store = harness.handle().await;
    let lease = store.acquire(&staging(), &lease_request("grace", Some(ordered))).await.unwrap();
    let successor = Writer { store, lease };
    let sealed = JournalEvent::Sealed {
        fence: successor.lease.fence,
        who: "grace".to_owned(),
        host: "build-1".to_owned(),
    };
    successor.append(&operation, vec![sealed]).await.unwrap();

    let writes = sleeper.store.durable_writes();
    assert_lost(sleeper.close(&operation).await, Some("grace"));
    assert_lost(sleeper.store.commit(&commit).await, Some("grace"));
    assert_lost(sleeper.open().await, Some("grace"));
    assert_lost(sleeper.store.renew(&sleeper.lease.fence(), None).await, Some("grace"));
    assert_lost(sleeper.store.release(&sleeper.lease.fence()).await, Some("grace"));
    assert_eq!(sleeper.store.durable_writes(), writes);
    assert_eq!(sleeper.store.head(&staging()).await.unwrap(), None);
    assert_eq!(sleeper.store.journal(&operation).await.unwrap().len(), 3);

    let mut finished = commit;
    finished.fence = successor.lease.fence();
    successor.store.commit(&finished).await.unwrap();
    successor.close(&operation).await.unwrap();
}

/// Giving back twice is no error; writing under a fence that was given back is.
pub async fn a_released_lease_is_free_and_its_fence_is_spent(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let fence = writer.lease.fence();
    writer.store.release(&fence).await.unwrap();
    writer.store.release(&fence).await.unwrap();
    let seen = writer.store.lease(&staging()).await.unwrap().unwrap();
    assert!(seen.released && !seen.is_held());
    assert_lost(writer.open().await, None);
    assert_lost(writer.store.renew(&fence, None).await, None);
    let next = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    assert!(next.lease.fence > fence.number);
    assert_lost(writer.open().await, Some("ada"));
    next.open().await.unwrap();
}

/// After an unknown outcome a lease is simply acquired again.
pub async fn acquiring_again_with_the_same_nonce_gives_the_same_lease(harness: &dyn Harness) {
    let store = harness.handle().await;
    let request = lease_request("ada", None);
    let first = store.acquire(&staging(), &request).await.unwrap();
    let again = store.acquire(&staging(), &request).await.unwrap();
    assert_eq!((again.number, again.fence), (first.number, first.fence));
    holder_of(store.acquire(&staging(), &lease_request("ada", None)).await);
}

/// Where the store's time makes no sense, a lease lives until its entry has been seen unchanged for
/// a whole TTL. (A store whose clock cannot be set passes this by the last part alone.)
pub async fn a_clock_that_runs_backwards_frees_nothing(harness: &dyn Harness) {
    let store = harness.handle().await;
    let lease = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    if harness.set_back(Duration::from_secs(86_400)).await {
        harness.pass(TTL * 2).await;
        let seen = holder_of(store.acquire(&staging(), &lease_request("grace", None)).await);
        assert_eq!(seen.unseen_for(), None);
    }
    let seen = Evidence { number: lease.number, reason: TakeoverReason::Unchanged(TTL) };
    store.acquire(&staging(), &lease_request("grace", Some(seen))).await.unwrap();
}

/// What was taken before the one that could not be had is given back.
pub async fn several_leases_are_taken_all_or_none(harness: &dyn Harness) {
    let store = harness.handle().await;
    let in_the_way = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    let both = [staging(), production()];
    let request = |_: &_| lease_request("grace", None);
    let error = acquire_all(&*store, &both, request).await.unwrap_err();
    assert!(matches!(error, StoreError::Held { .. }), "{error}");
    assert!(!store.lease(&production()).await.unwrap().unwrap().is_held());

    store.release(&in_the_way.fence()).await.unwrap();
    let leases = acquire_all(&*store, &both, request).await.unwrap();
    let scopes: Vec<_> = leases.iter().map(|lease| lease.scope.clone()).collect();
    assert_eq!(scopes, [production(), staging()]);
}

/// Expiry gives others the right to take over; until one does, the fence stands.
pub async fn an_expired_lease_that_nobody_took_still_writes(harness: &dyn Harness) {
    let store = harness.handle().await;
    let lease = store.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
    harness.pass(TTL * 2).await;
    let writer = Writer { store, lease };
    writer.open().await.unwrap();
    writer.store.renew(&writer.lease.fence(), None).await.unwrap();
}
