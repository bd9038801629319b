//! Journals: groups as one write, numbers taken once.

use super::{Harness, Writer, production, staging};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal::{JournalEntry, JournalEvent, JournalRecord};
use crate::operation::ClosedStatus;
use crate::record::Record;

fn begun(step: u64) -> JournalRecord {
    JournalRecord::new(
        JournalEvent::Begun {
            step: format!("staging/resource.r[{step}] create"),
            fence: 1,
            idempotency_key: format!("key-{step}"),
            input: Digest::of(&step.to_le_bytes()),
        },
        step.to_le_bytes(),
    )
}

/// Every kind of event, with payloads of any bytes.
pub async fn entries_read_back_as_they_were_written(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let open = writer.open_request();
    let operation = writer.store.open(&open).await.unwrap().id;
    let commit = writer.prepare(&operation, vec![Record::new("a", *b"\0\xff")], &[]).await.unwrap();
    let step = || "staging/resource.\u{1F680}[\"eu'\"] create".to_owned();
    let heads = vec![(commit.scope.clone(), commit.head.clone())];
    let records = vec![
        begun(0),
        JournalRecord::new(JournalEvent::Checkpoint { step: step() }, *b"\0\x01\xff not UTF-8"),
        JournalRecord::new(JournalEvent::Succeeded { step: step() }, vec![7; 100_000]),
        JournalRecord::new(JournalEvent::Failed { step: step() }, *b"no"),
        JournalRecord::new(JournalEvent::InDoubt { step: step() }, *b"?"),
        JournalRecord::bare(JournalEvent::Compensated { step: step() }),
        JournalRecord::bare(JournalEvent::Sealed {
            fence: 9,
            who: "grace".into(),
            host: "build-2".into(),
        }),
        JournalRecord::bare(JournalEvent::TurnedBack { reason: "it failed".into() }),
        JournalRecord::bare(JournalEvent::Committing { heads }),
        JournalRecord::new(JournalEvent::Closed { status: ClosedStatus::RolledBack }, *b"report"),
    ];
    let append = writer.append_request(&operation, 1, records.clone());
    assert_eq!(writer.store.append(&append).await.unwrap(), 11);

    let journal = harness.handle().await.journal(&operation).await.unwrap();
    assert_eq!(journal[0].record, open.opened_record(open.fences.clone()));
    assert_eq!((journal[0].number, journal[0].nonce, journal[0].at), (0, open.nonce, open.at));
    let expected: Vec<JournalEntry> = (1..)
        .zip(records)
        .map(|(number, record)| JournalEntry { number, nonce: append.nonce, at: append.at, record })
        .collect();
    assert_eq!(journal[1..], expected);
    let described = writer.store.operation(&operation).await.unwrap().unwrap();
    assert_eq!((described.entries, described.closed), (11, Some(ClosedStatus::RolledBack)));
}

/// However many records there are in it.
pub async fn a_group_is_one_durable_write(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let before = writer.store.durable_writes();
    let group = writer.append_request(&operation, 1, (0..100).map(begun).collect());
    assert_eq!(writer.store.append(&group).await.unwrap(), 101);
    assert_eq!(writer.store.durable_writes(), before + 1);
    assert_eq!(writer.store.journal(&operation).await.unwrap().len(), 101);
}

/// A number that is taken, and one that leaves a gap, are refused, and nothing of the group stays.
pub async fn a_number_is_taken_once(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let group = writer.append_request(&operation, 1, vec![begun(1), begun(2)]);
    writer.store.append(&group).await.unwrap();
    for first in [0, 1, 2, 4, 100] {
        let other = writer.append_request(&operation, first, vec![begun(3), begun(4)]);
        match writer.store.append(&other).await.unwrap_err() {
            StoreError::NumberTaken { number, next, .. } => assert_eq!((number, next), (first, 3)),
            error => panic!("{error}"),
        }
    }
    assert_eq!(writer.store.journal(&operation).await.unwrap().len(), 3);
}

/// Under one lease, from eight handles, many times over.
pub async fn of_eight_who_append_at_one_number_one_does(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    for round in 1..=10 {
        let mut racers = Vec::new();
        for racer in 0..8 {
            let store = harness.handle().await;
            let group = writer.append_request(&operation, round, vec![begun(racer)]);
            racers.push(tokio::spawn(async move { store.append(&group).await }));
        }
        let mut winners = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(next) => {
                    assert_eq!(next, round + 1);
                    winners += 1;
                }
                Err(StoreError::NumberTaken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(winners, 1, "round {round}");
    }
    assert_eq!(writer.store.journal(&operation).await.unwrap().len(), 11);
}

/// The nonce decides: one's own group is answered as the first time, also when more has followed.
pub async fn a_repeated_group_is_written_once(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let group = writer.append_request(&operation, 1, vec![begun(1), begun(2)]);
    assert_eq!(writer.store.append(&group).await.unwrap(), 3);
    assert_eq!(writer.store.append(&group).await.unwrap(), 3);
    let more = writer.append_request(&operation, 3, vec![begun(3)]);
    writer.store.append(&more).await.unwrap();
    assert_eq!(writer.store.append(&group).await.unwrap(), 3);
    assert_eq!(writer.store.journal(&operation).await.unwrap().len(), 4);

    let mut anothers = group.clone();
    anothers.nonce = super::fresh_nonce();
    let error = writer.store.append(&anothers).await.unwrap_err();
    assert!(matches!(error, StoreError::NumberTaken { .. }), "{error}");
}

/// Neither in its own group nor later; nor does a closed operation commit.
pub async fn nothing_follows_closed(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let closed = || JournalRecord::bare(JournalEvent::Closed { status: ClosedStatus::Failed });
    let both = writer.append_request(&operation, 1, vec![closed(), begun(1)]);
    let error = writer.store.append(&both).await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidRequest { .. }), "{error}");

    let commit = writer.prepare(&operation, vec![Record::new("a", *b"1")], &[]).await.unwrap();
    writer.announce(&commit).await.unwrap();
    let last = writer.append_request(&operation, 2, vec![closed()]);
    assert_eq!(writer.store.append(&last).await.unwrap(), 3);
    assert_eq!(writer.store.append(&last).await.unwrap(), 3);
    let late = writer.append_request(&operation, 3, vec![begun(1)]);
    let error = writer.store.append(&late).await.unwrap_err();
    assert!(matches!(error, StoreError::OperationClosed { .. }), "{error}");
    let error = writer.store.commit(&commit).await.unwrap_err();
    assert!(matches!(error, StoreError::OperationClosed { .. }), "{error}");
    assert_eq!(writer.store.head(&staging()).await.unwrap(), None);
}

/// One that is missing would let a write slip past a takeover there.
pub async fn a_group_needs_the_fence_of_every_environment(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    let mut open = staging.open_request();
    open.fences = vec![staging.lease.fence(), production.lease.fence()];
    let operation = staging.store.open(&open).await.unwrap().id;
    let group = staging.append_request(&operation, 1, vec![begun(1)]);
    let error = staging.store.append(&group).await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidRequest { .. }), "{error}");
    let group = crate::AppendRequest { fences: open.fences, ..group };
    assert_eq!(staging.store.append(&group).await.unwrap(), 2);
}
