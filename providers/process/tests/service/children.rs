//! Ending a service ends everything that it started.

use std::fs;
use std::time::{Duration, Instant};

use mpctl_provider::Value;

use crate::runner::Test;
use crate::sandbox::{Sandbox, is_alive, kill, pid, status, wait_until};

pub(crate) const TESTS: &[Test] = &[
    ("ending_a_service_ends_its_whole_group", ending_a_service_ends_its_whole_group),
    ("not_even_a_daemon_gets_away", not_even_a_daemon_gets_away),
    ("what_ignores_the_signal_is_killed_after_the_grace", what_ignores_the_signal),
    ("what_a_killed_supervisor_left_is_swept_up", what_a_killed_supervisor_left),
    ("the_stop_signal_is_the_declared_one", the_stop_signal_is_the_declared_one),
];

/// The process id that the service wrote to `file`.
fn noted(sandbox: &Sandbox, file: &str) -> i32 {
    let path = sandbox.root.path().join(file);
    let mut pid = 0;
    wait_until("the process notes its id", || {
        pid = fs::read_to_string(&path).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(0);
        pid > 0
    });
    pid
}

fn ending_a_service_ends_its_whole_group() {
    let sandbox = Sandbox::new();
    let script = "sleep 600 & echo $! > grandchild; wait";
    let object = sandbox.create(&sandbox.shell("job-0", script, []));
    let grandchild = noted(&sandbox, "grandchild");
    assert!(is_alive(grandchild));
    sandbox.delete(&object).unwrap();
    assert!(!is_alive(grandchild));
    assert!(!is_alive(pid(&object)));
}

fn not_even_a_daemon_gets_away() {
    let sandbox = Sandbox::new();
    // A session and a group of its own, and a parent that is gone.
    let script = "(setsid sh -c 'echo $$ > daemon; exec sleep 600' &) ; exec sleep 600";
    let object = sandbox.create(&sandbox.shell("job-0", script, []));
    let daemon = noted(&sandbox, "daemon");
    assert!(is_alive(daemon));
    sandbox.delete(&object).unwrap();
    assert!(!is_alive(daemon));
}

fn what_ignores_the_signal() {
    let sandbox = Sandbox::new();
    let script = "trap '' TERM; while true; do sleep 1; done";
    let grace = [("stop_grace", Value::string("300ms"))];
    let object = sandbox.create(&sandbox.shell("job-0", script, grace));
    let start = Instant::now();
    sandbox.delete(&object).unwrap();
    assert!(!is_alive(pid(&object)));
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert!(start.elapsed() < Duration::from_secs(5));
}

fn what_a_killed_supervisor_left() {
    let sandbox = Sandbox::new();
    let script = "sleep 600 & echo $! > grandchild; wait";
    let config = sandbox.shell("job-0", script, []);
    let object = sandbox.create(&config);
    let grandchild = noted(&sandbox, "grandchild");
    kill(sandbox.supervisor("job-0"), "KILL");
    wait_until("the process follows", || !is_alive(pid(&object)));
    assert_eq!(status(&sandbox.read(&object).unwrap()), "stopped");
    sandbox.delete(&object).unwrap();
    assert!(!is_alive(grandchild));
}

fn the_stop_signal_is_the_declared_one() {
    let sandbox = Sandbox::new();
    let script = "trap 'echo interrupted; exit 0' INT; while true; do sleep 0.05; done";
    let signal = [("stop_signal", Value::string("SIGINT"))];
    let object = sandbox.create(&sandbox.shell("job-0", script, signal));
    sandbox.delete(&object).unwrap();
    assert_eq!(sandbox.log("job-0"), "interrupted\n");
}
