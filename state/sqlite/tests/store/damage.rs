//! Damage: found, named, and never read as another state or as none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpctl_state::conformance::{Writer, production, shop, staging};
use mpctl_state::{JournalEvent, JournalRecord, ProjectRecord, Store, StoreError, Timestamp};
use mpctl_state_sqlite::{Options, SqliteStore};

use super::{commit, everything, record, store};

async fn assert_damaged(path: &Path, expected: &str) {
    let store = store(path);
    for error in [
        store.head(&staging()).await.unwrap_err(),
        store.read(&staging(), None).await.unwrap_err(),
        Writer::acquire(store.clone(), &staging()).await.unwrap_err(),
    ] {
        match error {
            StoreError::Damaged { place, what } => {
                assert_eq!(place, path.display().to_string());
                assert!(what.contains(expected), "{what}");
            }
            error => panic!("{error}"),
        }
    }
}

async fn in_a_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    commit(&path, (0..20).map(|number| record(number, 1)).collect()).await;
    (folder, path)
}

#[tokio::test]
async fn an_empty_file_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, "").unwrap();
    assert_damaged(&path, "empty").await;
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, "lineage: 7\n".repeat(1_000)).unwrap();
    assert_damaged(&path, "not a database").await;
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_damaged(&path, "another program").await;
}

#[tokio::test]
async fn a_database_that_has_vanished_is_damage() {
    let (_folder, path) = in_a_folder().await;
    fs::remove_file(&path).unwrap();
    assert_damaged(&path, "gone").await;
    assert!(!path.exists());
}

#[tokio::test]
async fn another_database_in_its_place_is_damage() {
    let (_folder, path) = in_a_folder().await;
    let (_other_folder, other) = in_a_folder().await;
    fs::copy(other, &path).unwrap();
    assert_damaged(&path, "another database").await;
}

#[tokio::test]
async fn a_marker_that_was_never_written_is_written_by_the_next_who_opens() {
    let (_folder, path) = in_a_folder().await;
    let marker = path.with_file_name("state.db.id");
    let written = fs::read(&marker).unwrap();
    fs::remove_file(&marker).unwrap();
    assert!(store(&path).head(&staging()).await.unwrap().is_some());
    assert_eq!(fs::read(&marker).unwrap(), written);
}

#[tokio::test]
async fn half_a_file_is_damage() {
    let (_folder, path) = in_a_folder().await;
    let whole = fs::read(&path).unwrap();
    for length in [1, 100, 4096, whole.len() / 2, whole.len() - 4096] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = everything(&*store(&path)).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{length}: {error}");
    }
}

/// A store in which every table has rows, some over several pages.
async fn busy(path: &Path) {
    let clock = mpctl_state::ManualClock::at(Timestamp(1_700_000_000_000));
    let options = Options { clock: Arc::new(clock), ..Options::at(path) };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::new(options));
    let project = ProjectRecord {
        project: shop(),
        id: "an id".to_owned(),
        who: "ada".to_owned(),
        at: Timestamp(1_700_000_000_000),
    };
    store.claim_project(&project).await.unwrap();
    let writer = Writer::acquire(store.clone(), &staging()).await.unwrap();
    writer.commit((0..60).map(|number| record(number, 1)).collect(), &[]).await.unwrap();
    for version in 2..8 {
        let put = (0..9).map(|number| record(number * version, version)).collect();
        writer.commit(put, &["staging/resource.r[59]"]).await.unwrap();
    }
    let writer = Writer::acquire(store.clone(), &production()).await.unwrap();
    let large = mpctl_state::Record::new("production/resource.large", vec![b'x'; 9_000]);
    writer.commit(vec![large], &[]).await.unwrap();
    let operation = writer.open().await.unwrap().id;
    let begun = |step: u64| {
        JournalRecord::new(JournalEvent::Succeeded { step: format!("step {step}") }, [b'y'; 100])
    };
    let group = writer.append_request(&operation, 1, (0..30).map(begun).collect());
    store.append(&group).await.unwrap();
    store.renew(&writer.lease.fence(), Some(&operation)).await.unwrap();
}

/// One bit at a time, all over the file: whatever is told is what was told before, or an error.
#[tokio::test]
async fn a_flipped_bit_anywhere_is_found_or_changes_nothing() {
    const STRIDE: usize = 199;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    busy(&path).await;
    let whole = fs::read(&path).unwrap();
    let expected = everything(&*store(&path)).await.unwrap();
    let stride = std::env::var("MPCTL_TEST_FLIP_STRIDE")
        .ok()
        .and_then(|stride| stride.parse().ok())
        .unwrap_or(STRIDE);
    let (mut found, mut without_effect) = (0, 0);
    for place in (0..100).chain((100..whole.len()).step_by(stride)) {
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (place % 8);
        for leftover in ["state.db-wal", "state.db-shm"] {
            let _ = fs::remove_file(folder.path().join(leftover));
        }
        fs::write(&path, &flipped).unwrap();
        match everything(&*store(&path)).await {
            Ok(told) => {
                let changed = told.lines().zip(expected.lines()).find(|(now, was)| now != was);
                assert!(told == expected, "byte {place} changes what the store tells: {changed:?}");
                without_effect += 1;
            }
            Err(
                StoreError::Damaged { .. }
                | StoreError::NewerFormat { .. }
                | StoreError::Unavailable { .. },
            ) => found += 1,
            Err(error) => panic!("byte {place}: {error}"),
        }
    }
    println!("{found} found, {without_effect} without effect");
    assert!(found > 0 && without_effect > 0);
}
