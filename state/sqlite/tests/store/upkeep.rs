//! Upkeep: checkpoints are written behind the commits, and reading stays cheap.

use std::path::Path;

use mpctl_state::conformance::{Writer, staging};

use super::{record, store};

fn count(path: &Path, what: &str) -> u64 {
    let database = rusqlite::Connection::open(path).unwrap();
    database.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn what_changes_whole_needs_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let writer = Writer::acquire(store(&path), &staging()).await.unwrap();
    for version in 1..=4 {
        let put = (0..200).map(|number| record(number, version)).collect();
        writer.commit(put, &[]).await.unwrap();
    }
    drop(writer);
    assert_eq!(count(&path, "checkpoint"), 4);
    assert_eq!(count(&path, "record"), 800);
}

#[tokio::test]
async fn many_small_changes_are_gathered_in_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let writer = Writer::acquire(store(&path), &staging()).await.unwrap();
    let records = 1_000;
    writer.commit((0..records).map(|number| record(number, 1)).collect(), &[]).await.unwrap();
    let versions = 45;
    for version in 2..=versions {
        let put = (0..50).map(|n| record((n * 37 + version * 11) % records, version)).collect();
        writer.commit(put, &[]).await.unwrap();
    }
    drop(writer);
    // 44 versions of 50 rows: one copy after each 1,050 rows behind the last.
    assert_eq!(count(&path, "checkpoint"), 3);
    assert_eq!(count(&path, "record"), 1_000 + 44 * 50 + 2 * 1_000);

    let store = store(&path);
    for serial in 1..=versions {
        let snapshot = store.read(&staging(), Some(serial)).await.unwrap().unwrap();
        let newest = snapshot
            .records()
            .iter()
            .filter(|found| {
                let suffix = format!("\"version\":{serial}}}");
                found.body().ends_with(suffix.as_bytes())
            })
            .count();
        assert_eq!(newest, if serial == 1 { 1_000 } else { 50 }, "version {serial}");
    }
}

#[tokio::test]
async fn upkeep_is_not_counted_among_the_writes_that_calls_wait_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let writer = Writer::acquire(store(&path), &staging()).await.unwrap();
    writer.commit((0..10).map(|number| record(number, 1)).collect(), &[]).await.unwrap();
    let before = writer.store.durable_writes();
    for version in 2..=120 {
        writer.commit((0..9).map(|number| record(number, version)).collect(), &[]).await.unwrap();
    }
    // Opened, Committing, the head, Closed.
    assert_eq!(writer.store.durable_writes() - before, 119 * 4);
    drop(writer);
    assert_eq!(count(&path, "checkpoint"), 3);
}
