//! Writes that are killed at any instant: a file is the old one or the new one, and nothing is left beside it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use mpctl_provider::Value;
use mpctl_provider::conformance::{Setting, Subject};

/// Large enough that a write takes a while.
const SIZE: usize = 2 << 20;

fn config(letter: char) -> Value {
    Value::object([
        ("filename", Value::string("data/blob")),
        ("content", Value::string(letter.to_string().repeat(SIZE))),
    ])
}

async fn subject(root: &Path) -> Subject {
    let setting = Setting::new(mpctl_provider_local::provider(), root, "/bin/false".as_ref(), ());
    Subject::of(setting, "local_file").await.unwrap()
}

/// Plays mpctl: changes the file again and again, until killed.
#[tokio::test]
#[ignore = "started by the other test as a process of its own"]
async fn play_mpctl() {
    let Some(root) = std::env::var_os("MPCTL_TEST_FOLDER") else { return };
    let subject = subject(Path::new(&root)).await;
    let mut object = subject.lookup("k".into(), &config('a')).await.unwrap().unwrap();
    for letter in ['b', 'a'].into_iter().cycle() {
        object = subject.apply(Some(&object), &config(letter)).await.unwrap();
    }
}

#[tokio::test]
async fn a_write_killed_at_any_instant_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let subject = subject(root).await;
    let mut object = subject.apply(None, &config('a')).await.unwrap();
    let litter = std::cell::Cell::new(0);
    // Twenty kills, and more where none of them hit the middle of a write yet.
    for round in (0..100).take_while(|round| *round < 20 || litter.get() == 0) {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "play_mpctl", "--ignored"])
            .env("MPCTL_TEST_FOLDER", root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(60 + round % 20 * 7)).await;
        process.kill().unwrap();
        process.wait().unwrap();

        let content = fs::read(root.join("data/blob")).unwrap();
        assert_eq!(content.len(), SIZE);
        assert!(content.iter().all(|byte| *byte == content[0]), "a file of two contents");
        litter.set(litter.get() + fs::read_dir(root.join("data")).unwrap().count() - 1);
        object = subject.read(&object).await.unwrap().unwrap();
        object = subject.apply(Some(&object), &config('a')).await.unwrap();
        assert_eq!(fs::read_dir(root.join("data")).unwrap().count(), 1, "litter is left");
    }
    assert!(litter.get() > 0, "no write was ever interrupted, so nothing was shown");
    subject.delete(&object).await.unwrap();
    assert_eq!(fs::read_dir(root.join("data")).unwrap().count(), 0);
}
