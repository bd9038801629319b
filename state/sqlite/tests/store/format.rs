//! Formats: old ones are migrated, newer ones refused by name.

use std::fs;
use std::path::Path;

use mpctl_state::conformance::{Writer, lease_request, production, shop, staging};
use mpctl_state::{Evidence, Store, StoreError, TakeoverReason};
use mpctl_state_sqlite::connection::schema;
use mpctl_state_sqlite::{Mode, Options, SqliteStore};

use super::{commit, everything, record, store};

/// A database as the first format had it; never to be changed.
const FORMAT_1: &str = include_str!("fixtures/format-1.sql");

fn make_format_1(path: &Path) {
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute_batch(FORMAT_1).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
}

fn format_of(path: &Path) -> u32 {
    let database = rusqlite::Connection::open(path).unwrap();
    database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_store_of_format_1_opens_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    make_format_1(&path);
    assert_eq!(format_of(&path), 1);
    let store = store(&path);

    let newest = store.read(&staging(), None).await.unwrap().unwrap();
    let keys: Vec<&str> = newest.records().iter().map(mpctl_state::Record::key).collect();
    insta::assert_snapshot!(keys.join("\n"), @r"
    staging/resource.r[0]
    staging/resource.r[1]
    staging/resource.r[2]
    staging/resource.r[4]
    ");
    insta::assert_snapshot!(newest.head().digest(), @"6648ddd864cff8d2a71321d1a372f6b6c9f2fda20d5c08be1d28e546400f39e2");
    let counts: Vec<u64> =
        store.history(&staging()).await.unwrap().iter().map(|head| head.count).collect();
    assert_eq!(counts, [5, 5, 4]);
    for serial in 1..=3 {
        assert!(store.read(&staging(), Some(serial)).await.unwrap().is_some());
    }

    let open = store.newest_operation(&production()).await.unwrap().unwrap();
    assert_eq!((open.id.as_str(), open.entries, open.closed), ("operation-19", 3, None));
    let journal = store.journal(&open.id).await.unwrap();
    let kinds: Vec<&str> = journal.iter().map(|entry| entry.record.event.kind()).collect();
    assert_eq!(kinds, ["opened", "begun", "checkpoint"]);
    let lease = store.lease(&production()).await.unwrap().unwrap();
    assert_eq!((lease.number, lease.fence, lease.holder.who.as_str()), (2, 1, "ada"));
    assert_eq!(store.projects("default").await.unwrap()[0].id, "0193d6f0-shop");
    assert_eq!(store.environments(&shop()).await.unwrap(), [production(), staging()]);
    assert_eq!(format_of(&path), schema::FORMAT);
}

#[tokio::test]
async fn a_migrated_store_is_written_to_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    make_format_1(&path);
    let evidence = Evidence { number: 2, reason: TakeoverReason::HolderGone };
    let lease =
        store(&path).acquire(&production(), &lease_request("grace", Some(evidence))).await.unwrap();
    assert_eq!(lease.fence, 3);
    let writer = Writer { store: store(&path), lease };
    let open = writer.store.newest_operation(&production()).await.unwrap().unwrap();
    assert_eq!(writer.close(&open.id).await.unwrap(), 4);
    let head = writer.commit(vec![record(1, 1)], &[]).await.unwrap();
    assert_eq!((head.serial, head.count), (2, 2));
    let newest = writer.store.newest_operation(&production()).await.unwrap().unwrap();
    assert_eq!(newest.number_in(&production()), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_who_migrate_at_once_all_read_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    make_format_1(&path);
    let mut racers = Vec::new();
    for _ in 0..8 {
        let store = store(&path);
        racers.push(tokio::spawn(async move { everything(&*store).await.unwrap() }));
    }
    let mut told = Vec::new();
    for racer in racers {
        told.push(racer.await.unwrap());
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_store_that_may_only_be_read_is_not_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    make_format_1(&path);
    let options = Options { mode: Mode::ReadOnly, ..Options::at(path.clone()) };
    let error = SqliteStore::new(options).head(&staging()).await.unwrap_err();
    insta::assert_snapshot!(
        error.to_string().replace(&path.display().to_string(), "STORE"),
        @"the state store STORE cannot be used: it has the older format 1 and must be migrated, but may only be read"
    );
    assert_eq!(format_of(&path), 1);
}

#[tokio::test]
async fn a_newer_format_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    commit(&path, vec![record(1, 1)]).await;
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let store = store(&path);
    for error in [
        store.read(&staging(), None).await.unwrap_err(),
        Writer::acquire(store.clone(), &staging()).await.unwrap_err(),
    ] {
        match error {
            StoreError::NewerFormat { found, supported, .. } => {
                assert_eq!((found, supported), (99, schema::FORMAT));
            }
            error => panic!("{error}"),
        }
    }
    assert!(fs::read(&path).unwrap() == before);
}
