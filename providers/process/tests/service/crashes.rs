//! What dies by itself or by hand, and what follows.

use std::fs;
use std::process::Command;

use mpctl_provider::Value;

use crate::runner::Test;
use crate::sandbox::{Sandbox, free_port, get, is_alive, kill, pid, status, wait_until};

pub(crate) const TESTS: &[Test] = &[
    ("a_crashed_process_is_back_within_seconds", a_crashed_process_is_back_within_seconds),
    ("a_killed_process_is_back_and_plans_as_no_change", a_killed_process_is_back),
    ("a_killed_supervisor_takes_its_process_with_it", a_killed_supervisor),
    ("another_boot_means_that_nothing_runs", another_boot_means_that_nothing_runs),
    ("a_process_id_that_was_used_again_is_not_the_service", a_process_id_used_again),
    ("a_service_that_gets_sick_is_planned_to_be_restarted", a_service_that_gets_sick),
    ("a_process_that_always_ends_is_crashed", a_process_that_always_ends),
    ("a_removed_folder_ends_the_service", a_removed_folder_ends_the_service),
    ("a_folder_made_anew_belongs_to_the_new_service", a_folder_made_anew),
    ("services_survive_a_new_version_of_the_program", a_replaced_program),
];

fn a_crashed_process_is_back_within_seconds() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web("web-0", port);
    let object = sandbox.create(&config);
    get(port, "/crash");
    wait_until("it serves again", || get(port, "/") == "hello");
    wait_until("it is healthy", || status(&sandbox.read(&object).unwrap()) == "healthy");
    let found = sandbox.read(&object).unwrap();
    assert_ne!(pid(&found), pid(&object));
    assert_eq!(sandbox.record("web-0")["restarts"], 1);
    assert!(sandbox.is_settled(&found, &config));
}

fn a_killed_process_is_back() {
    let sandbox = Sandbox::new();
    let config = sandbox.shell("job-0", "exec sleep 600", []);
    let object = sandbox.create(&config);
    kill(pid(&object), "KILL");
    wait_until("it runs again", || {
        let found = sandbox.read(&object).unwrap();
        assert!(
            sandbox.is_settled(&found, &config),
            "{} is the supervisor's concern, not a plan's",
            status(&found)
        );
        status(&found) == "running" && pid(&found) != pid(&object)
    });
}

fn a_killed_supervisor() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web("web-0", port);
    let object = sandbox.create(&config);
    kill(sandbox.supervisor("web-0"), "KILL");
    wait_until("the process follows", || !is_alive(pid(&object)));
    let found = sandbox.read(&object).expect("it is stopped, not gone");
    assert_eq!(status(&found), "stopped");
    assert!(found.value.get("pid").unwrap().is_null());
    let reply = sandbox.plan(Some(&found), &config);
    assert_ne!(reply.planned, found.value);
    assert_eq!(reply.effects, ["starts the process again: it is stopped"]);
    let back = sandbox.update(&found, &config).unwrap();
    assert_eq!(status(&back), "healthy");
    assert_eq!(get(port, "/"), "hello");
}

fn rewrite(sandbox: &Sandbox, name: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let mut record = sandbox.record(name);
    change(&mut record);
    fs::write(sandbox.folder(name).join("state.json"), record.to_string()).unwrap();
}

fn another_boot_means_that_nothing_runs() {
    let sandbox = Sandbox::new();
    let object = sandbox.create(&sandbox.shell("job-0", "exec sleep 600", []));
    let original = sandbox.record("job-0");
    rewrite(&sandbox, "job-0", |record| record["boot"] = "another".into());
    assert_eq!(status(&sandbox.read(&object).unwrap()), "stopped");
    rewrite(&sandbox, "job-0", |record| *record = original);
    assert_eq!(status(&sandbox.read(&object).unwrap()), "running");
}

fn a_process_id_used_again() {
    let sandbox = Sandbox::new();
    let object = sandbox.create(&sandbox.shell("job-0", "exec sleep 600", []));
    let supervisor = sandbox.supervisor("job-0");
    kill(supervisor, "KILL");
    wait_until("the supervisor is gone", || !is_alive(supervisor));
    // As if the id of the supervisor had been given to this very process.
    rewrite(&sandbox, "job-0", |record| {
        record["supervisor"]["pid"] = std::process::id().into();
        record["supervisor"]["start_time"] = 1.into();
    });
    assert_eq!(status(&sandbox.read(&object).unwrap()), "stopped");
    sandbox.delete(&object).expect("and this process survives it");
}

fn a_service_that_gets_sick() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let config = sandbox.web("web-0", port);
    let object = sandbox.create(&config);
    get(port, "/sick");
    wait_until("it is unhealthy", || status(&sandbox.read(&object).unwrap()) == "unhealthy");
    assert_eq!(sandbox.record("web-0")["detail"], "/ answered 503 Service Unavailable");
    let found = sandbox.read(&object).unwrap();
    assert_eq!(pid(&found), pid(&object));
    assert!(!sandbox.is_settled(&found, &config));
    assert_eq!(status(&sandbox.update(&found, &config).unwrap()), "healthy");
}

fn a_process_that_always_ends() {
    let sandbox = Sandbox::new();
    // Up long enough to count as running, once.
    let script = "if [ -e started ]; then exit 7; fi; touch started; sleep 1; exit 7";
    let quick = [("restart_delay", Value::string("10ms"))];
    let config = sandbox.shell("job-0", script, quick);
    let object = sandbox.create(&config);
    wait_until("it is given up", || status(&sandbox.read(&object).unwrap()) == "crashed");
    assert!(!sandbox.is_settled(&sandbox.read(&object).unwrap(), &config));
    assert_eq!(sandbox.record("job-0")["detail"], "exited with status 7");
}

fn a_removed_folder_ends_the_service() {
    let sandbox = Sandbox::new();
    let object = sandbox.create(&sandbox.shell("job-0", "exec sleep 600", []));
    let supervisor = sandbox.supervisor("job-0");
    fs::remove_dir_all(sandbox.folder("job-0")).unwrap();
    assert_eq!(sandbox.read(&object), None);
    wait_until("nothing of it is left", || !is_alive(supervisor) && !is_alive(pid(&object)));
}

fn a_folder_made_anew() {
    let sandbox = Sandbox::new();
    let config = sandbox.shell("job-0", "exec sleep 600", []);
    let old = sandbox.create(&config);
    let supervisor = sandbox.supervisor("job-0");
    fs::remove_dir_all(sandbox.folder("job-0")).unwrap();
    let new = sandbox.create(&config);
    wait_until("the old one leaves", || !is_alive(supervisor) && !is_alive(pid(&old)));
    assert_eq!(sandbox.read(&new), Some(new.clone()));
    assert!(is_alive(pid(&new)));
}

/// The supervisor starts processes by way of its own program, whose file an upgrade replaces.
fn a_replaced_program() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("mpctl");
    // Not by this process: its other threads fork, and a file that anybody may write cannot be executed.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status();
    assert!(copied.unwrap().success());
    let sandbox = Sandbox::with_program(program.clone());
    let object = sandbox.create(&sandbox.shell("job-0", "exec sleep 600", []));
    fs::remove_file(&program).unwrap();
    fs::write(&program, "not a program").unwrap();
    kill(pid(&object), "SEGV");
    wait_until("it runs again", || {
        let found = sandbox.read(&object).unwrap();
        status(&found) == "running" && pid(&found) != pid(&object)
    });
}
