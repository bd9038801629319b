//! Start, look, change, end.

use mpctl_provider::Value;

use crate::runner::Test;
use crate::sandbox::{
    Sandbox, computed, free_port, get, is_alive, pid, serve, status, text_map, texts, wait_until,
};

pub(crate) const TESTS: &[Test] = &[
    ("a_service_serves_once_it_is_created", a_service_serves_once_it_is_created),
    ("a_healthy_service_plans_as_no_change", a_healthy_service_plans_as_no_change),
    ("a_change_restarts_the_process_and_says_so", a_change_restarts_the_process_and_says_so),
    ("deleting_ends_the_process_and_leaves_only_its_log", deleting_ends_the_process),
    ("a_step_that_is_tried_again_starts_nothing_twice", a_step_that_is_tried_again),
    ("a_service_without_a_name_gets_one", a_service_without_a_name_gets_one),
    ("a_one_off_command_completes", a_one_off_command_completes),
    ("files_and_variables_reach_the_process", files_and_variables_reach_the_process),
];

fn a_service_serves_once_it_is_created() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let object = sandbox.create(&sandbox.web("web-0", port));
    assert_eq!(get(port, "/"), "hello");
    assert_eq!(status(&object), "healthy");
    assert!(is_alive(pid(&object)));
    let attribute = |name: &str| object.value.get(name).and_then(Value::as_str).unwrap().to_owned();
    assert_eq!(attribute("id"), "dev/web-0");
    assert_eq!(attribute("url"), format!("http://127.0.0.1:{port}"));
    assert_eq!(attribute("log_file"), ".mpctl/logs/dev/web-0.log");
    assert!(attribute("started_at").ends_with('Z'));
    assert!(sandbox.log("web-0").contains("about to listen"));
    assert_eq!(computed(&sandbox.provider), ["id", "pid", "started_at", "status", "url"]);
}

fn a_healthy_service_plans_as_no_change() {
    let sandbox = Sandbox::new();
    let config = sandbox.web("web-0", free_port());
    let object = sandbox.create(&config);
    let found = sandbox.read(&object).unwrap();
    assert_eq!(found, object);
    let reply = sandbox.plan(Some(&found), &config);
    assert_eq!(reply.planned, found.value);
    assert_eq!(reply.effects, [""; 0]);
}

fn a_change_restarts_the_process_and_says_so() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let before = sandbox.create(&sandbox.web("web-0", port));
    let env = text_map([("MODE", Value::string("fast"))]);
    let config = sandbox.web_with("web-0", port, [("env", env)]);
    let reply = sandbox.plan(Some(&before), &config);
    assert_eq!(reply.effects, ["restarts the process"]);
    assert!(reply.replace.is_empty());
    let unknown = |name: &str| reply.planned.get(name).unwrap().is_unknown();
    assert!(unknown("pid") && unknown("started_at") && unknown("status"));
    assert!(!unknown("url") && !unknown("id"));

    let after = sandbox.update(&before, &config).unwrap();
    assert_eq!(get(port, "/env/MODE"), "fast");
    assert_ne!(pid(&before), pid(&after));
    assert!(!is_alive(pid(&before)));
}

fn deleting_ends_the_process() {
    let sandbox = Sandbox::new();
    let object = sandbox.create(&sandbox.web("web-0", free_port()));
    let supervisor = sandbox.supervisor("web-0");
    sandbox.delete(&object).unwrap();
    assert!(!is_alive(pid(&object)));
    assert!(!is_alive(supervisor));
    assert!(!sandbox.root.path().join(".mpctl/process").exists());
    assert!(sandbox.log("web-0").contains("about to listen"));
    assert_eq!(sandbox.read(&object), None);
    sandbox.delete(&object).expect("what is gone is deleted");
}

fn a_step_that_is_tried_again() {
    let sandbox = Sandbox::new();
    let config = sandbox.web("web-0", free_port());
    assert_eq!(sandbox.lookup("op-1/step-1", &config), None);
    let first = sandbox.try_apply(None, &config, "op-1/step-1").unwrap();
    let found = sandbox.lookup("op-1/step-1", &config).unwrap();
    assert_eq!(pid(&found), pid(&first));
    assert_eq!(found.value.get("id"), first.value.get("id"));
    assert_eq!(sandbox.lookup("op-1/step-2", &config), None);
    let again = sandbox.try_apply(None, &config, "op-1/step-1").unwrap();
    assert_eq!(again, first);
    let other = sandbox.try_apply(None, &config, "op-2/step-1").unwrap_err();
    assert!(other.summary.contains("in use by service dev/web-0"), "{}", other.summary);

    let changed = sandbox.web_with("web-0", free_port(), []);
    let updated = sandbox.try_apply(Some(&first), &changed, "op-3/step-1").unwrap();
    let twice = sandbox.try_apply(Some(&first), &changed, "op-3/step-1").unwrap();
    assert_eq!(twice, updated);
}

fn a_service_without_a_name_gets_one() {
    let sandbox = Sandbox::new();
    let config = sandbox.config([("command", texts(&["sleep", "600"]))]);
    let (first, second) = (sandbox.create(&config), sandbox.create(&config));
    let id = |object: &mpctl_provider::contract::Object| {
        object.value.get("id").and_then(Value::as_str).unwrap().to_owned()
    };
    assert!(id(&first).starts_with("dev/service-"));
    assert_eq!(id(&second), format!("{}-2", id(&first)));
    assert!(sandbox.is_settled(&first, &config));
    sandbox.delete(&first).unwrap();
    assert_eq!(id(&sandbox.create(&config)), id(&first), "an equal service is the same again");
}

fn a_one_off_command_completes() {
    let sandbox = Sandbox::new();
    let never = [("restart", Value::string("never"))];
    let config = sandbox.shell("migrate", "echo migrated", never);
    let object = sandbox.create(&config);
    wait_until("completion", || status(&sandbox.read(&object).unwrap()) == "completed");
    let found = sandbox.read(&object).unwrap();
    assert!(sandbox.is_settled(&found, &config), "a command that is done needs nothing");
    let supervisor = sandbox.supervisor("migrate");
    wait_until("the supervisor leaves", || !is_alive(supervisor));
    assert_eq!(status(&sandbox.read(&object).unwrap()), "completed");
}

fn files_and_variables_reach_the_process() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let secret = Value::string("hunter2").sensitive();
    let config = sandbox.web_with(
        "web-0",
        port,
        [
            ("env", text_map([("PASSWORD", secret)])),
            ("files", text_map([("/etc/web.toml", Value::string("port = 1"))])),
            ("command", serve(port, 0)),
        ],
    );
    let object = sandbox.create(&config);
    assert_eq!(get(port, "/env/PASSWORD"), "hunter2");
    assert_eq!(get(port, "/env/CARGO_PKG_NAME"), "(unset)", "the surroundings stay outside");
    let folder = get(port, "/env/MPCTL_FILES");
    let file = std::path::Path::new(&folder).join("etc/web.toml");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "port = 1");
    // Nothing secret is on the disk while it runs.
    for entry in std::fs::read_dir(sandbox.folder("web-0")).unwrap() {
        let content = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        assert!(!content.contains("hunter2"));
    }
    sandbox.delete(&object).unwrap();
    assert!(!file.exists());
}
