//! Birth: nothing before the first write, complete from the first moment on.

use std::fs;
use std::path::Path;

use mpctl_state::conformance::{Writer, lease_request, production, shop, staging};
use mpctl_state::{ProjectRecord, StoreError, Timestamp};
use mpctl_state_sqlite::{Mode, Options, SqliteStore};

use super::{commit, everything, record, store};

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn reading_a_store_that_does_not_exist_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".mpctl").join("state.db");
    everything(&*store(&path)).await.unwrap();
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[tokio::test]
async fn the_first_write_makes_folder_database_and_marker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a new folder").join(".mpctl").join("state.db");
    commit(&path, vec![record(1, 1)]).await;
    assert_eq!(names_in(path.parent().unwrap()), ["state.db", "state.db.id"]);
}

#[tokio::test]
async fn a_store_opened_for_reading_only_is_never_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let read_only =
        || SqliteStore::new(Options { mode: Mode::ReadOnly, ..Options::at(path.clone()) });
    let claim = ProjectRecord {
        project: shop(),
        id: "id".to_owned(),
        who: "ada".to_owned(),
        at: Timestamp(0),
    };
    use mpctl_state::Store as _;
    let error = read_only().claim_project(&claim).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert_eq!(names_in(folder.path()), [""; 0]);

    commit(&path, vec![record(1, 1)]).await;
    let before = fs::read(&path).unwrap();
    assert_eq!(read_only().read(&staging(), None).await.unwrap().unwrap().records().len(), 1);
    read_only().claim_project(&claim).await.unwrap_err();
    assert!(fs::read(&path).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_make_a_store_at_once_all_use_the_same() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".mpctl").join("state.db");
        let mut racers = Vec::new();
        for racer in 0..16 {
            let store = store(&path);
            racers.push(tokio::spawn(async move {
                let scope = if racer % 2 == 0 { staging() } else { production() };
                store.acquire(&scope, &lease_request(&format!("racer {racer}"), None)).await
            }));
        }
        let mut winners = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(lease) => {
                    assert_eq!(lease.fence, 1);
                    winners += 1;
                }
                Err(StoreError::Held { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(winners, 2);
        // Of two connections that close at the same instant neither is the last one, so SQLite's own log may
        // stay; of the births of the fifteen others nothing does.
        let mut left = names_in(path.parent().unwrap());
        left.retain(|name| !["state.db-shm", "state.db-wal"].contains(&name.as_str()));
        assert_eq!(left, ["state.db", "state.db.id"]);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join(".mpctl");
    fs::write(&in_the_way, "a file").unwrap();
    let path = in_the_way.join("state.db");
    let error = Writer::acquire(store(&path), &staging()).await.unwrap_err();
    match error {
        StoreError::Unavailable { place, why } => {
            assert_eq!(place, path.display().to_string());
            assert!(why.contains("Not a directory"), "{why}");
        }
        error => panic!("{error}"),
    }
    assert_eq!(names_in(folder.path()), [".mpctl"]);
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_to_is_a_clear_error() {
    // Nobody, not even the superuser, can make a folder here.
    let path = Path::new("/proc/self/.mpctl/state.db");
    if !Path::new("/proc/self").exists() {
        return;
    }
    let error = Writer::acquire(store(path), &staging()).await.unwrap_err();
    match error {
        StoreError::Unavailable { why, .. } => {
            assert!(why.starts_with("its folder cannot be made"), "{why}");
        }
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_name_with_odd_characters_is_as_good_as_any() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ü ?mode=memory&x=%41#'.db");
    commit(&path, vec![record(1, 1)]).await;
    assert_eq!(
        names_in(folder.path()),
        ["ü ?mode=memory&x=%41#'.db", "ü ?mode=memory&x=%41#'.db.id"]
    );
    assert!(store(&path).head(&staging()).await.unwrap().is_some());
}
