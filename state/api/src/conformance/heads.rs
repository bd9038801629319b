//! Heads: one winner a serial, every version readable, nothing half.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Harness, Writer, production, staging};
use crate::error::StoreError;
use crate::record::Record;
use crate::store::{CommitOutcome, Store};

fn resource(name: &str, body: &str) -> Record {
    Record::new(format!("staging/resource.{name}"), body.as_bytes())
}

/// Nothing is there, and asking leaves nothing.
pub async fn a_fresh_store_holds_nothing(harness: &dyn Harness) {
    let store = harness.handle().await;
    let scope = staging();
    assert_eq!(store.head(&scope).await.unwrap(), None);
    assert_eq!(store.read(&scope, None).await.unwrap(), None);
    assert_eq!(store.history(&scope).await.unwrap(), []);
    assert_eq!(store.operations(&scope).await.unwrap(), []);
    assert_eq!(store.newest_operation(&scope).await.unwrap(), None);
    assert_eq!(store.lease(&scope).await.unwrap(), None);
    assert_eq!(store.projects("default").await.unwrap(), []);
    assert_eq!(store.environments(&super::shop()).await.unwrap(), []);
    assert_eq!(store.durable_writes(), 0);
    let error = store.read(&scope, Some(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchVersion { serial: 1, .. }), "{error}");
    let error = store.journal(&crate::OperationId::new("none")).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchOperation { .. }), "{error}");
}

/// What one handle commits, another reads.
pub async fn a_commit_moves_the_head_and_reads_back(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let records = vec![resource("web", "{\"id\":1}"), resource("api", "{\"id\":2}")];
    let head = writer.commit(records.clone(), &[]).await.unwrap();
    assert_eq!((head.serial, head.count, head.parent), (1, 2, None));

    let other = harness.handle().await;
    assert_eq!(other.head(&staging()).await.unwrap().as_ref(), Some(&head));
    let snapshot = other.read(&staging(), None).await.unwrap().unwrap();
    assert_eq!(snapshot.head(), &head);
    assert_eq!(snapshot.records(), [records[1].clone(), records[0].clone()]);
    assert_eq!(snapshot.get("staging/resource.web"), Some(&records[0]));
    assert_eq!(other.head(&production()).await.unwrap(), None);
}

/// Sixty versions of puts, replacements and removals, each checked against a plain map.
pub async fn every_version_stays_readable(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let mut model: BTreeMap<String, Record> = BTreeMap::new();
    let mut versions = Vec::new();
    for version in 0_u64..60 {
        let put: Vec<Record> = (0..40)
            .map(|n| (version * 31 + n * 17) % 97)
            .map(|n| resource(&format!("r{n:03}"), &format!("{{\"version\":{version}}}")))
            .collect();
        let remove: Vec<String> = model
            .keys()
            .filter(|key| !put.iter().any(|record| record.key() == *key))
            .step_by(7)
            .cloned()
            .collect();
        model.retain(|key, _| !remove.contains(key));
        model.extend(put.iter().map(|record| (record.key().to_owned(), record.clone())));
        let remove: Vec<&str> = remove.iter().map(String::as_str).collect();
        writer.commit(put, &remove).await.unwrap();
        versions.push(model.values().cloned().collect::<Vec<_>>());
    }
    let other = harness.handle().await;
    for (serial, expected) in (1..).zip(&versions) {
        let snapshot = other.read(&staging(), Some(serial)).await.unwrap().unwrap();
        assert_eq!(snapshot.head().serial, serial);
        assert_eq!(snapshot.records(), expected, "version {serial}");
    }
    for serial in [0, 61, u64::MAX >> 1] {
        let error = other.read(&staging(), Some(serial)).await.unwrap_err();
        assert!(matches!(error, StoreError::NoSuchVersion { .. }), "{serial}: {error}");
    }
}

/// What came, what went, what changed.
pub async fn versions_can_be_compared(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    writer
        .commit(vec![resource("a", "1"), resource("b", "1"), resource("c", "1")], &[])
        .await
        .unwrap();
    writer.commit(vec![resource("b", "2")], &["staging/resource.a"]).await.unwrap();
    writer.commit(vec![resource("d", "1")], &[]).await.unwrap();
    let found = writer.store.differences(&staging(), 1, 3).await.unwrap();
    let body = |record: &Option<Record>| {
        record.as_ref().map(|record| String::from_utf8(record.body().to_vec()).unwrap())
    };
    let told: Vec<_> =
        found.iter().map(|found| (found.key(), body(&found.before), body(&found.after))).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            ("staging/resource.a", text("1"), None),
            ("staging/resource.b", text("1"), text("2")),
            ("staging/resource.d", None, text("1")),
        ]
    );
    assert_eq!(writer.store.differences(&staging(), 2, 2).await.unwrap(), []);
}

/// After an unknown outcome a commit is simply made again.
pub async fn a_repeated_commit_is_done_once(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let request = writer.prepare(&operation, vec![resource("web", "1")], &[]).await.unwrap();
    writer.announce(&request).await.unwrap();
    assert_eq!(writer.store.commit(&request).await.unwrap(), CommitOutcome::Committed);
    let writes = writer.store.durable_writes();
    assert_eq!(writer.store.commit(&request).await.unwrap(), CommitOutcome::AlreadyCommitted);
    assert_eq!(writer.store.durable_writes(), writes);
    assert_eq!(writer.store.history(&staging()).await.unwrap(), [request.head]);
}

/// An announced commit may be finished by anybody; the head moves once.
pub async fn of_eight_who_finish_one_commit_one_does_it(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    for round in 0..10 {
        let operation = writer.open().await.unwrap().id;
        let put = vec![resource("web", &format!("{round}"))];
        let request = Arc::new(writer.prepare(&operation, put, &[]).await.unwrap());
        writer.announce(&request).await.unwrap();
        let mut racers = Vec::new();
        for _ in 0..8 {
            let (store, request) = (harness.handle().await, request.clone());
            racers.push(tokio::spawn(async move { store.commit(&request).await.unwrap() }));
        }
        let mut winners = 0;
        for racer in racers {
            winners += u32::from(racer.await.unwrap() == CommitOutcome::Committed);
        }
        assert_eq!(winners, 1, "round {round}");
        writer.close(&operation).await.unwrap();
    }
    assert_eq!(writer.store.history(&staging()).await.unwrap().len(), 10);
}

/// Eight who lock, read, commit and unlock: no serial is lost and none is there twice.
pub async fn of_eight_writers_one_wins_each_serial(harness: &dyn Harness) {
    let mut writers = Vec::new();
    for name in 0..8 {
        let store = harness.handle().await;
        writers.push(tokio::spawn(async move {
            let mut serials = Vec::new();
            for round in 0..5 {
                let writer = Writer::wait(store.clone(), &staging()).await;
                let put = vec![resource(&format!("of-{name}"), &format!("{round}"))];
                serials.push(writer.commit(put, &[]).await.unwrap().serial);
                writer.store.release(&writer.lease.fence()).await.unwrap();
            }
            serials
        }));
    }
    let mut serials = Vec::new();
    for writer in writers {
        serials.extend(writer.await.unwrap());
    }
    serials.sort_unstable();
    assert_eq!(serials, (1..=40).collect::<Vec<_>>());
    let snapshot = harness.handle().await.read(&staging(), None).await.unwrap().unwrap();
    assert_eq!(snapshot.records().len(), 8);
    assert!(snapshot.records().iter().all(|record| **record.body() == *b"4"));
}

/// Whoever planned on an older version finds the number taken, and learns by whom.
pub async fn a_commit_on_an_older_version_is_a_conflict(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let stale = {
        let operation = writer.open().await.unwrap().id;
        let request =
            writer.prepare(&operation, vec![resource("web", "stale")], &[]).await.unwrap();
        writer.close(&operation).await.unwrap();
        request
    };
    let head = writer.commit(vec![resource("web", "fresh")], &[]).await.unwrap();

    let operation = writer.open().await.unwrap().id;
    let mut request = stale;
    request.operation = operation;
    writer.announce(&request).await.unwrap();
    match writer.store.commit(&request).await.unwrap_err() {
        StoreError::Conflict { serial, newest, winner, .. } => {
            assert_eq!((serial, newest), (1, 1));
            assert_eq!(winner, Some(head.authorship.operation.clone()));
        }
        error => panic!("{error}"),
    }
    assert_eq!(writer.store.head(&staging()).await.unwrap(), Some(head));
}

/// Without a Committing record no head moves; with one, only to the head that it names.
pub async fn a_head_that_was_not_announced_does_not_move(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let request = writer.prepare(&operation, vec![resource("web", "1")], &[]).await.unwrap();
    let error = writer.store.commit(&request).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAnnounced { serial: 1, .. }), "{error}");

    writer.announce(&request).await.unwrap();
    let another = writer.prepare(&operation, vec![resource("web", "2")], &[]).await.unwrap();
    let error = writer.store.commit(&another).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAnnounced { serial: 1, .. }), "{error}");
    assert_eq!(writer.store.head(&staging()).await.unwrap(), None);

    let mut dishonest = request.clone();
    dishonest.head.count += 1;
    writer.announce(&dishonest).await.unwrap();
    let error = writer.store.commit(&dishonest).await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidRequest { .. }), "{error}");
    assert_eq!(writer.store.head(&staging()).await.unwrap(), None);
}

/// A reader never sees half a commit, and never goes back in time.
pub async fn readers_see_whole_versions_while_others_commit(harness: &dyn Harness) {
    const VERSIONS: u64 = 30;
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let version = |version: u64| -> Vec<Record> {
        (0..20).map(|n| resource(&format!("r{n}"), &format!("{version}"))).collect()
    };
    writer.commit(version(1), &[]).await.unwrap();
    let mut readers = Vec::new();
    for _ in 0..4 {
        let store = harness.handle().await;
        readers.push(tokio::spawn(read_until(store, VERSIONS)));
    }
    for serial in 2..=VERSIONS {
        writer.commit(version(serial), &[]).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn read_until(store: Arc<dyn Store>, last: u64) {
    let mut seen = 0;
    while seen < last {
        let snapshot = store.read(&staging(), None).await.unwrap().unwrap();
        let serial = snapshot.head().serial;
        assert!(serial >= seen, "version {serial} after {seen}");
        let body = serial.to_string();
        assert!(snapshot.records().iter().all(|record| **record.body() == *body.as_bytes()));
        seen = serial;
        tokio::task::yield_now().await;
    }
}

/// From the first to the newest, each naming the one before.
pub async fn the_history_is_a_chain(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let mut heads = Vec::new();
    for round in 0..5 {
        heads.push(writer.commit(vec![resource("web", &format!("{round}"))], &[]).await.unwrap());
    }
    let history = harness.handle().await.history(&staging()).await.unwrap();
    assert_eq!(history, heads);
    for pair in history.windows(2) {
        assert_eq!(pair[1].parent, Some(pair[0].digest()));
        assert_eq!(pair[1].lineage, pair[0].lineage);
    }
}
