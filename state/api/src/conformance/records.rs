//! Records: any name, any size, any number, and no damage unseen.

use super::{Harness, Writer, staging};
use crate::error::StoreError;
use crate::name::Scope;
use crate::record::Record;

const ODD: [&str; 12] = [
    "dev/resource.web[\"eu-west'1\"]",
    "dev/workload.api/process_service.api[0]",
    "dev/resource.\u{1F468}\u{200D}\u{1F680}",
    "dev/resource.Zürich",
    "dev/resource.Zu\u{308}rich",
    "dev/resource.%_\\*?",
    "dev/resource.a; DROP TABLE record; --",
    " ",
    "DEV/RESOURCE.WEB",
    "dev/resource.web",
    "\u{7f}\u{1}\n\t",
    "\u{fffd}\u{10ffff}",
];

/// Keys and environment names come back byte for byte, sorted by their bytes.
pub async fn odd_names_are_kept_as_they_are(harness: &dyn Harness) {
    for (number, odd) in ODD.iter().enumerate() {
        let scope = Scope::new("ten'ant", "pro%ject", odd).unwrap();
        let writer = Writer::acquire(harness.handle().await, &scope).await.unwrap();
        let record = Record::new("only", format!("{number}").into_bytes());
        writer.commit(vec![record], &[]).await.unwrap();
    }
    let store = harness.handle().await;
    let project = crate::ProjectKey::new("ten'ant", "pro%ject").unwrap();
    let mut sorted = ODD;
    sorted.sort_unstable();
    let listed = store.environments(&project).await.unwrap();
    assert_eq!(listed.iter().map(|scope| &*scope.environment).collect::<Vec<_>>(), sorted);
    for (number, odd) in ODD.iter().enumerate() {
        let scope = Scope::new("ten'ant", "pro%ject", odd).unwrap();
        let snapshot = store.read(&scope, None).await.unwrap().unwrap();
        assert_eq!(**snapshot.records()[0].body(), *format!("{number}").as_bytes());
    }

    let longest = "x".repeat(crate::name::LONGEST_NAME);
    let keys = ODD.iter().copied().chain([longest.as_str()]);
    let put: Vec<Record> = keys.map(|key| Record::new(key, key.as_bytes())).collect();
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    writer.commit(put.clone(), &[]).await.unwrap();
    let snapshot = store.read(&staging(), None).await.unwrap().unwrap();
    let mut expected = put;
    expected.sort_by(Record::compare_keys);
    assert_eq!(snapshot.records(), expected);
}

/// They are refused by every store, before anything is written.
pub async fn names_that_some_store_cannot_keep_are_refused(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let long = "x".repeat(crate::name::LONGEST_NAME + 1);
    for key in ["", "dev/resource.\0", long.as_str()] {
        let record = Record::new(key, *b"{}");
        let request = writer.prepare(&operation, vec![record], &[]).await.unwrap();
        writer.announce(&request).await.unwrap();
        let error = writer.store.commit(&request).await.unwrap_err();
        assert!(matches!(error, StoreError::InvalidName { what: "record key", .. }), "{error}");
    }
    assert_eq!(writer.store.head(&staging()).await.unwrap(), None);
}

/// Beside small ones, and replaced.
pub async fn a_record_of_eight_mebibytes_is_kept(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let body = |seed: u8| -> Vec<u8> {
        (0..8_usize << 20).map(|n| seed.wrapping_add((n % 251) as u8)).collect()
    };
    let small = Record::new("dev/resource.small", *b"{}");
    let large = Record::new("dev/resource.large", body(1));
    writer.commit(vec![large.clone(), small.clone()], &[]).await.unwrap();
    let replaced = Record::new("dev/resource.large", body(2));
    writer.commit(vec![replaced.clone()], &[]).await.unwrap();
    let store = harness.handle().await;
    let first = store.read(&staging(), Some(1)).await.unwrap().unwrap();
    assert!(first.records() == [large, small.clone()]);
    let second = store.read(&staging(), None).await.unwrap().unwrap();
    assert!(second.records() == [replaced, small]);
}

/// Five thousand, of which some change.
pub async fn thousands_of_records_are_kept_in_order(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let record = |n: u64, version: u64| {
        Record::new(
            format!("dev/resource.r[{n}]"),
            format!("{{\"n\":{n},\"version\":{version}}}").into_bytes(),
        )
    };
    let mut expected: Vec<Record> = (0..5_000).map(|n| record(n, 1)).collect();
    writer.commit(expected.clone(), &[]).await.unwrap();
    let changed: Vec<Record> = (0..5_000).step_by(50).map(|n| record(n, 2)).collect();
    writer.commit(changed.clone(), &[]).await.unwrap();
    for (place, record) in (0..5_000).step_by(50).zip(changed) {
        expected[place] = record;
    }
    expected.sort_by(Record::compare_keys);
    let snapshot = harness.handle().await.read(&staging(), None).await.unwrap().unwrap();
    assert!(snapshot.records() == expected);
    assert_eq!(snapshot.head().count, 5_000);
}

/// A state whose last record went is empty, which is not the same as none.
pub async fn an_empty_state_is_a_state(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    writer.commit(vec![Record::new("dev/resource.web", *b"{}")], &[]).await.unwrap();
    writer.commit(Vec::new(), &["dev/resource.web"]).await.unwrap();
    let snapshot = writer.store.read(&staging(), None).await.unwrap().unwrap();
    assert_eq!(snapshot.head().serial, 2);
    assert_eq!(snapshot.records(), []);
    writer.commit(vec![Record::new("dev/resource.api", *b"{}")], &[]).await.unwrap();
    assert_eq!(writer.store.read(&staging(), None).await.unwrap().unwrap().records().len(), 1);
}

/// Damage is an error that names the record, never a different state.
pub async fn a_flipped_bit_is_found_when_it_is_read(harness: &dyn Harness) {
    {
        let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
        let put = (0..50)
            .map(|n| Record::new(format!("dev/resource.r{n}"), format!("body of {n}").into_bytes()))
            .collect();
        writer.commit(put, &[]).await.unwrap();
        assert!(writer.store.read(&staging(), None).await.is_ok());
    }
    harness.flip_bit(&staging(), "dev/resource.r7").await;
    let error = harness.handle().await.read(&staging(), None).await.unwrap_err();
    match error {
        StoreError::Damaged { what, .. } => assert!(what.contains("dev/resource.r7"), "{what}"),
        error => panic!("{error}"),
    }
}
