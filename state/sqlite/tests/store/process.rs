//! Processes: what a killed one has been told is there, and what it left half done is not.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use mpctl_state::conformance::{Writer, lease_request, staging};
use mpctl_state::{ClosedStatus, Evidence, JournalEvent, Store as _, StoreError, TakeoverReason};
use mpctl_state_sqlite::{Options, SqliteStore};

use super::{commit, everything, record, store};

const PATH: &str = "MPCTL_TEST_KILLED_WRITER";

/// Not a test by itself: what the killed process runs. It commits for ever and says what it has
/// been told.
#[tokio::test]
async fn killed_writer() {
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    let store = store(&path);
    let number = store.lease(&staging()).await.unwrap().map_or(0, |lease| lease.number);
    let evidence = Evidence { number, reason: TakeoverReason::Ordered };
    let lease = store.acquire(&staging(), &lease_request("ada", Some(evidence))).await.unwrap();
    let writer = Writer { store, lease };
    // Ids of other processes must not come round again.
    let unique = format!("{}", std::process::id());
    loop {
        let mut open = writer.open_request();
        open.operation = mpctl_state::OperationId::new(format!("{unique}-{}", open.operation));
        open.plan = mpctl_state::PlanId::new(format!("{unique}-{}", open.plan));
        let operation = writer.store.open(&open).await.unwrap().id;
        let serial = writer.store.head(&staging()).await.unwrap().map_or(0, |head| head.serial);
        let put = (0..30).map(|number| record(number, serial + 1)).collect();
        let request = writer.prepare(&operation, put, &[]).await.unwrap();
        writer.announce(&request).await.unwrap();
        writer.store.commit(&request).await.unwrap();
        println!("committed {}", request.head.serial);
        writer.close(&operation).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_killed_at_any_moment_leaves_all_it_was_told_and_nothing_half() {
    const KILLS: u64 = 12;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".mpctl").join("state.db");
    let mut told = 0;
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::killed_writer", "--nocapture", "--test-threads=1"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let told = |line: String| line.rsplit_once("committed ")?.1.trim().parse().ok();
            output.lines().map_while(Result::ok).filter_map(told).last()
        });
        tokio::time::sleep(Duration::from_millis(60 + 37 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let last: Option<u64> = reader.join().unwrap();
        told = last.unwrap_or(0).max(told);

        let store = store(&path);
        everything(&*store).await.unwrap();
        let serial = store.head(&staging()).await.unwrap().map_or(0, |head| head.serial);
        assert!(serial == told || serial == told + 1, "told {told}, found {serial}");
        told = serial;
        settle(&path).await;
    }
    assert!(told > KILLS, "the writers hardly wrote: {told}");
}

#[tokio::test]
async fn another_process_that_writes_for_too_long_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    commit(&path, vec![record(1, 1)]).await;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let options = Options { busy_timeout: Duration::from_millis(50), ..Options::at(&path) };
    let impatient = SqliteStore::new(options);
    let error = impatient.acquire(&staging(), &lease_request("ada", None)).await.unwrap_err();
    insta::assert_snapshot!(
        error.to_string().replace(&path.display().to_string(), "STORE"),
        @"the state store STORE cannot be used: another process has kept it busy for too long"
    );
    assert!(impatient.head(&staging()).await.unwrap().is_some(), "reading needs no lock");
    other.execute_batch("ROLLBACK").unwrap();
    impatient.acquire(&staging(), &lease_request("ada", None)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_in_use_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    commit(&path, vec![record(1, 1)]).await;
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let writer = Writer::acquire(store(&path), &staging()).await.unwrap();
    std::fs::rename(&copy, &path).unwrap();
    let error = writer.open().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    std::fs::remove_file(&path).unwrap();
    let error = writer.store.head(&staging()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

/// Closes what the killed one left open, as whoever comes next does.
async fn settle(path: &std::path::Path) {
    let store = store(path);
    let Some(open) = store.newest_operation(&staging()).await.unwrap() else { return };
    if open.is_closed() {
        return;
    }
    let number = store.lease(&staging()).await.unwrap().map_or(0, |lease| lease.number);
    let evidence = Evidence { number, reason: TakeoverReason::HolderGone };
    let lease = store.acquire(&staging(), &lease_request("grace", Some(evidence))).await.unwrap();
    let writer = Writer { store, lease };
    let closed = JournalEvent::Closed { status: ClosedStatus::Abandoned };
    writer.append(&open.id, vec![closed]).await.unwrap();
}
