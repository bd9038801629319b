//! Commands as processes: their time, their groups, their streams, and their end with mpctl's.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mpctl_provider::conformance::Subject;
use mpctl_provider::contract::ReadRequest;
use mpctl_provider::{FaultKind, Value};
use mpctl_provider_exec::SUBCOMMAND;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use support::{Folder, SHIM, argv, folder, setting, shell, thing, told, until, with};
use tokio_util::sync::CancellationToken;

fn pid(file: &Path) -> Option<Pid> {
    fs::read_to_string(file).ok()?.trim().parse().ok().and_then(Pid::from_raw)
}

/// Whether the process whose id the file holds runs. One that has ended but was not reaped does not.
fn runs(file: &Path) -> bool {
    let Some(pid) = pid(file) else { return false };
    let stat =
        fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let zombie = stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'));
    test_kill_process(pid).is_ok() && !zombie
}

/// Writes its own id and that of a child that would go on for long.
const FAMILY: &str = "sleep 300 & echo $! > child.new; mv child.new child; echo $$ > self; wait";

#[tokio::test]
async fn a_time_out_ends_the_whole_group_and_leaves_the_outcome_open() {
    let Folder { root, subject } = folder().await;
    let config = with(&shell([("create", FAMILY)]), [("timeout", Value::string("300ms"))]);
    let start = Instant::now();
    let fault = subject.apply(None, &config).await.unwrap_err();
    insta::assert_snapshot!(told(&fault, &root), @"Unknown: the create command /bin/sh was ended after its time-out of 0.3 s | ");
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(!runs(&root.join("self")) && !runs(&root.join("child")));
}

#[tokio::test]
async fn a_command_that_will_not_go_is_killed() {
    let Folder { root, subject } = folder().await;
    let config = with(
        &shell([("create", "trap '' TERM; echo $$ > self; while :; do sleep 0.1; done")]),
        [("timeout", Value::string("200ms"))],
    );
    let fault = subject.apply(None, &config).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unknown);
    assert!(!runs(&root.join("self")));
}

#[tokio::test]
async fn a_cancelled_command_ends_quickly_and_leaves_the_outcome_open() {
    let Folder { root, subject } = folder().await;
    let request =
        subject.apply_request("k".into(), None, &shell([("create", FAMILY)])).await.unwrap();
    let cancel = CancellationToken::new();
    let (applied, ()) = tokio::join!(subject.run(request, cancel.clone()), async {
        until("the command runs", || root.join("self").exists()).await;
        cancel.cancel();
    });
    let fault = applied.outcome.unwrap_err();
    insta::assert_snapshot!(told(&fault, &root), @"Unknown: the create command /bin/sh was ended by a cancellation | ");
    assert!(!runs(&root.join("self")) && !runs(&root.join("child")));
}

#[tokio::test]
async fn a_cancelled_command_that_still_answers_is_done() {
    let Folder { root, subject } = folder().await;
    let line = r#"trap 'echo "{\"id\":\"a\"}"; exit 0' TERM; echo $$ > self; while :; do sleep 0.05; done"#;
    let request =
        subject.apply_request("k".into(), None, &shell([("create", line)])).await.unwrap();
    let cancel = CancellationToken::new();
    let (applied, ()) = tokio::join!(subject.run(request, cancel.clone()), async {
        until("the command runs", || pid(&root.join("self")).is_some()).await;
        cancel.cancel();
    });
    let object = applied.outcome.unwrap().unwrap();
    assert_eq!(object.value.get("id").and_then(Value::as_str), Some("a"));
}

#[tokio::test]
async fn what_is_cancelled_before_it_begins_is_never_started() {
    let Folder { root, subject } = folder().await;
    let request = subject.apply_request("k".into(), None, &shell([("create", "touch made")])).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let fault = subject.run(request.unwrap(), cancel).await.outcome.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Retryable { after: None });
    assert!(!root.join("made").exists());
}

#[tokio::test]
async fn a_command_that_is_not_there_did_nothing() {
    let Folder { root, subject } = folder().await;
    let mut seen = Vec::new();
    for config in [
        Value::object([("create", argv(&["./deploy", "now"]))]),
        Value::object([("create", argv(&["no-such-program-of-mpctl"]))]),
        with(&shell([("create", "true")]), [("working_directory", Value::string("nowhere"))]),
    ] {
        seen.push(told(&subject.apply(None, &config).await.unwrap_err(), &root));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    Permanent: the create command ./deploy was not started: cannot run ./deploy: No such file or directory (os error 2) | 
    Permanent: the create command no-such-program-of-mpctl was not started: cannot run no-such-program-of-mpctl: No such file or directory (os error 2) | 
    Permanent: the create command /bin/sh was not started: there is no folder ./nowhere to start in | 
    ");
}

#[tokio::test]
async fn the_log_comes_line_by_line_and_its_end_goes_with_a_fault() {
    let Folder { subject, .. } = folder().await;
    let line = r#"i=0; while [ $i -lt 30 ]; do i=$((i+1)); printf 'step %d \033[31m\n' $i >&2; done; exit 3"#;
    let applied = subject.apply_as("k".into(), None, &shell([("create", line)])).await.unwrap();
    assert_eq!(applied.log.len(), 30);
    assert_eq!(applied.log[0], "step 1 [31m");
    let detail = applied.outcome.unwrap_err().detail.unwrap();
    assert_eq!(detail.lines().count(), 20);
    assert!(detail.ends_with("step 30 [31m"), "{detail}");
}

#[tokio::test]
async fn an_endless_answer_is_refused() {
    let Folder { subject, .. } = folder().await;
    let fault = subject.apply(None, &shell([("create", "yes 0123456789")])).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unknown);
    assert!(fault.to_string().contains("answered more than 8 MiB"), "{fault}");
}

#[tokio::test]
async fn a_large_input_passes_and_need_not_be_read() {
    let Folder { subject, .. } = folder().await;
    let large = "x".repeat(3 << 20);
    let echo = r#"n=$(wc -c); echo "{\"id\":\"a\",\"output\":$n}""#;
    let deaf = r#"echo '{"id":"a","output":0}'"#;
    for (line, least) in [(echo, 3 << 20), (deaf, 0)] {
        let config = with(&shell([("create", line)]), [("input", Value::string(large.as_str()))]);
        let object = subject.apply(None, &config).await.unwrap();
        let output = object.value.get("output").and_then(Value::as_number).unwrap().as_i64();
        assert!(output.unwrap() >= least);
    }
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_neither_holds_it_up_nor_is_killed() {
    let Folder { root, subject } = folder().await;
    let line = "sleep 300 & echo $! > child; echo '{\"id\":\"a\"}'";
    let start = Instant::now();
    subject.apply(None, &shell([("create", line)])).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(runs(&root.join("child")));
    kill_process(pid(&root.join("child")).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn many_reads_run_beside_each_other_and_are_answered_in_order() {
    let Folder { subject, .. } = folder().await;
    let mut requests = Vec::new();
    for index in 0..12 {
        let config = with(
            &thing(&["create"], &format!("input-{index}")),
            [("read", argv(&["/bin/sh", "-c", "sleep 0.2; exec /bin/sh thing.sh"]))],
        );
        let object = subject.apply(None, &config).await.unwrap();
        requests.push(ReadRequest { resource_type: "exec_command".into(), object });
    }
    let start = Instant::now();
    let replies = subject.provider().read(requests.clone()).await;
    assert!(start.elapsed() < Duration::from_millis(12 * 200), "{:?}", start.elapsed());
    for (request, reply) in requests.iter().zip(replies) {
        assert_eq!(reply.unwrap().unwrap(), request.object);
    }
}

/// Plays mpctl for the tests below: runs a command in the folder that `MPCTL_TEST_FOLDER` names, until killed.
#[tokio::test]
#[ignore = "started by other tests as a process of its own"]
async fn play_mpctl() {
    let Some(root) = std::env::var_os("MPCTL_TEST_FOLDER") else { return };
    let mut setting = setting();
    setting.project.root = Path::new(&root).into();
    let subject = Subject::of(setting, "exec_command").await.unwrap();
    let _ = subject.apply(None, &shell([("create", FAMILY)])).await;
}

fn mpctl(root: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "play_mpctl", "--ignored"])
        .env("MPCTL_TEST_FOLDER", root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The watchers whose parent is the process.
fn watchers(of: u32) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        let watcher = command.ends_with(format!("{SUBCOMMAND}\0watch\0").as_bytes());
        if watcher && parent == Some(of.to_string().as_str()) {
            found.extend(Pid::from_raw(id));
        }
    }
    found
}

#[tokio::test]
async fn a_killed_mpctl_takes_its_commands_and_their_children_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = mpctl(folder.path());
    until("the command runs", || pid(&folder.path().join("self")).is_some()).await;
    assert!(runs(&folder.path().join("self")) && runs(&folder.path().join("child")));
    process.kill().unwrap();
    process.wait().unwrap();
    until("the command is gone", || !runs(&folder.path().join("self"))).await;
    until("its child is gone", || !runs(&folder.path().join("child"))).await;
}

#[tokio::test]
async fn a_command_dies_with_mpctl_even_where_the_watcher_was_killed_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = mpctl(folder.path());
    until("the command runs", || pid(&folder.path().join("self")).is_some()).await;
    let watchers = watchers(process.id());
    assert_eq!(watchers.len(), 1);
    kill_process(watchers[0], Signal::KILL).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    until("the command is gone", || !runs(&folder.path().join("self"))).await;
    kill_process(pid(&folder.path().join("child")).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_shim_whose_parent_is_gone_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Process 1 is not the parent of this shim.
    let output = Command::new(SHIM)
        .args([SUBCOMMAND, "run", "1", "--", "/bin/sh", "-c", "touch made"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(127));
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r#"{"effect":"none","mpctl_exec_shim":"mpctl has ended"}"#);
    assert!(!folder.path().join("made").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_commands_beside_each_other_all_answer() {
    let subject = std::sync::Arc::new(folder().await.subject);
    let mut creates = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let subject = subject.clone();
        creates.spawn(async move {
            let config = shell([("create", "echo \"{\\\"id\\\":\\\"$$\\\"}\"")]);
            let object = subject.apply(None, &config).await.unwrap();
            object.value.get("id").and_then(Value::as_str).unwrap().to_owned()
        });
    }
    let made: std::collections::BTreeSet<_> = creates.join_all().await.into_iter().collect();
    assert_eq!(made.len(), 200);
}
