//! What does not come up leaves nothing behind, and says why.

use mpctl_provider::{FaultKind, Value};

use crate::runner::Test;
use crate::sandbox::{
    Sandbox, free_port, get, http_health, is_alive, pid, processes_with, serve, status, text_map,
    texts, wait_until,
};

pub(crate) const TESTS: &[Test] = &[
    ("a_service_that_does_not_become_healthy_is_undone", a_service_that_does_not_become_healthy),
    ("a_process_that_ends_at_once_is_undone", a_process_that_ends_at_once),
    ("secrets_do_not_reach_messages", secrets_do_not_reach_messages),
    ("a_failed_update_brings_the_old_process_back", a_failed_update),
    ("a_missing_program_is_found_out_before_anything_stops", a_missing_program),
    ("a_cancelled_start_is_undone", a_cancelled_start_is_undone),
    ("a_start_cancelled_at_any_moment_leaves_nothing", a_start_cancelled_at_any_moment),
    ("a_cancelled_update_brings_the_old_process_back", a_cancelled_update),
    ("a_health_command_decides", a_health_command_decides),
];

fn a_service_that_does_not_become_healthy() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web_with(
        "web-0",
        port,
        [("command", serve(port, 60_000)), ("health", http_health("600ms"))],
    );
    let fault = sandbox.try_apply(None, &config, "key").unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permanent);
    assert_eq!(fault.summary, "dev/web-0 did not become healthy within 600ms: connection refused");
    let detail = fault.detail.unwrap();
    assert!(detail.contains("The last lines of .mpctl/logs/dev/web-0.log:\nabout to listen"));
    assert!(sandbox.said().contains(&"waiting for health: connection refused".to_owned()));
    assert!(!sandbox.folder("web-0").exists());
    assert_eq!(sandbox.lookup("key", &config), None);
}

fn a_process_that_ends_at_once() {
    let sandbox = Sandbox::new();
    let config = sandbox.shell("job-0", "echo out of luck >&2; exit 4", []);
    let fault = sandbox.try_apply(None, &config, "key").unwrap_err();
    assert_eq!(fault.summary, "dev/job-0 did not stay up: the process exited with status 4");
    assert!(fault.detail.unwrap().ends_with("out of luck"));
    assert!(!sandbox.folder("job-0").exists());
}

fn secrets_do_not_reach_messages() {
    let sandbox = Sandbox::new();
    let env = text_map([("TOKEN", Value::string("t0psecret").sensitive())]);
    let script = "printf 'the token is %s\\033[31m!\\n' $TOKEN; exit 1";
    let config = sandbox.shell("job-0", script, [("env", env)]);
    let fault = sandbox.try_apply(None, &config, "key").unwrap_err();
    let detail = fault.detail.unwrap();
    assert!(detail.ends_with("the token is (sensitive value)!"), "{detail}");
}

fn a_failed_update() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web("web-0", port);
    let object = sandbox.create(&config);
    let broken =
        sandbox.web_with("web-0", port, [("command", texts(&["sh", "-c", "echo cannot; exit 9"]))]);
    let fault = sandbox.update(&object, &broken).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permanent);
    assert_eq!(fault.summary, "dev/web-0 did not stay up: the process exited with status 9");
    assert!(fault.detail.unwrap().contains("cannot\nThe previous process runs again, as "));
    wait_until("it serves as before", || get(port, "/") == "hello");
    wait_until("it is healthy", || status(&sandbox.read(&object).unwrap()) == "healthy");
    assert!(sandbox.is_settled(&sandbox.read(&object).unwrap(), &config));
}

fn a_missing_program() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let object = sandbox.create(&sandbox.web("web-0", port));
    let refused = |more: [(&str, Value); 1]| {
        let config = sandbox.web_with("web-0", port, more);
        sandbox.update(&object, &config).unwrap_err().summary
    };
    let command = |program: &str| ("command", texts(&[program]));
    assert_eq!(refused([command("no-such-program")]), "command not found: no-such-program");
    assert!(refused([command("./web.sh")]).starts_with("there is no program "));
    std::fs::write(sandbox.root.path().join("web.sh"), "#!/bin/sh").unwrap();
    assert!(refused([command("./web.sh")]).ends_with("web.sh cannot be executed"));
    assert!(
        refused([("working_directory", Value::string("nowhere"))])
            .starts_with("there is no folder")
    );
    assert!(is_alive(pid(&object)));
    assert_eq!(sandbox.read(&object), Some(object));
}

fn a_cancelled_start_is_undone() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web_with("web-0", port, [("command", serve(port, 60_000))]);
    let cancel = sandbox.cancel.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(700));
        cancel.cancel();
    });
    let fault = sandbox.try_apply(None, &config, "key").unwrap_err();
    canceller.join().unwrap();
    assert_eq!(fault.summary, "the start of dev/web-0 was cancelled");
    assert!(!sandbox.folder("web-0").exists());
}

fn a_start_cancelled_at_any_moment() {
    for delay in [0, 1, 2, 4, 8, 16, 32, 64] {
        let sandbox = Sandbox::new();
        let cancel = sandbox.cancel.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(delay));
            cancel.cancel();
        });
        let config = sandbox.shell("job-0", "exec sleep 600", []);
        let fault = sandbox.try_apply(None, &config, "key").unwrap_err();
        canceller.join().unwrap();
        assert_eq!(fault.summary, "the start of dev/job-0 was cancelled");
        assert!(!sandbox.folder("job-0").exists());
        let left = processes_with(sandbox.folder("job-0").to_str().unwrap());
        assert_eq!(left, [""; 0], "after {delay} ms");
    }
}

fn a_cancelled_update() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web("web-0", port);
    let object = sandbox.create(&config);
    let slow = sandbox.web_with("web-0", port, [("command", serve(port, 60_000))]);
    let cancel = sandbox.cancel.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(700));
        cancel.cancel();
    });
    let fault = sandbox.update(&object, &slow).unwrap_err();
    canceller.join().unwrap();
    assert_eq!(fault.summary, "the start of dev/web-0 was cancelled");
    let detail = fault.detail.unwrap();
    assert!(detail.starts_with("The previous process runs again, as "), "{detail}");
    wait_until("it serves as before", || get(port, "/") == "hello");
}

fn a_health_command_decides() {
    let sandbox = Sandbox::new();
    let health = |command: &[&str]| {
        Value::object([
            ("command", texts(command)),
            ("interval", Value::string("50ms")),
            ("timeout", Value::string("5s")),
        ])
    };
    let ready = health(&["test", "-e", "ready"]);
    let script = "sleep 0.5; touch ready; sleep 600";
    let object = sandbox.create(&sandbox.shell("job-0", script, [("health", ready)]));
    assert_eq!(status(&object), "healthy");
    assert!(
        sandbox
            .said()
            .contains(&"waiting for health: the health command exited with status 1".to_owned())
    );
    std::fs::remove_file(sandbox.root.path().join("ready")).unwrap();
    wait_until("it is unhealthy", || status(&sandbox.read(&object).unwrap()) == "unhealthy");
}
