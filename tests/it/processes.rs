//! Supervised processes: they outlive the command, come back when they die, and are put right by the next apply.

use std::net::TcpListener;
use std::time::Duration;

use insta::assert_snapshot;
use mpctl_testkit::{Sandbox, Signal, eventually, http, ports};

use crate::{change, project, recorded, verdicts};

/// One web server behind a health check.
fn web() -> (Sandbox, u16) {
    let port = ports::free();
    let mut sandbox = project(&format!(
        r#"
workload "web" {{
  command = [path.mpctl, "static-server", "--directory=site", "--listen=127.0.0.1:${{self.ports.http}}"]
  ports   = {{ http = {port} }}
  env     = {{ MOTTO = "small steps" }}
  health {{
    timeout = "20s"
    http {{
      path = "/healthz"
      port = "http"
    }}
  }}
}}
"#
    ));
    sandbox.write("site/index.html", "hello");
    sandbox.redact(&port.to_string(), "[PORT]");
    (sandbox, port)
}

fn answers(port: u16) -> bool {
    http::get(&format!("http://127.0.0.1:{port}/healthz")).is_ok_and(|(status, _)| status == 200)
}

#[test]
fn a_killed_process_is_back_within_seconds_and_that_is_no_change() {
    let (sandbox, port) = web();
    sandbox.apply();
    let before = sandbox.service("default", "web-0");
    before.child.signal(Signal::KILL);
    let back = || {
        let now = sandbox.service("default", "web-0");
        (now.child != before.child && answers(port)).then_some(now)
    };
    let now = eventually("the process is back", Duration::from_secs(10), back);
    assert_eq!(now.supervisor, before.supervisor);
    let settled = || (sandbox.run(["plan", "--detailed-exitcode"]).code == 0).then_some(());
    eventually("nothing to plan", Duration::from_secs(10), settled);
}

#[test]
fn a_killed_supervisor_takes_its_process_along_and_the_next_apply_heals_it() {
    let (sandbox, port) = web();
    sandbox.apply();
    let before = sandbox.service("default", "web-0");
    before.supervisor.signal(Signal::KILL);
    let gone = || (!before.child.lives() && !before.supervisor.lives()).then_some(());
    eventually("the process is gone too", Duration::from_secs(10), gone);

    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"update default/workload.web/process_service.web[0] (update_because_drift)");
    assert_eq!(plan["resource_drift"][0]["change"]["after"]["status"], "stopped");
    sandbox.apply().says("0 added, 1 changed, 0 destroyed");
    assert!(answers(port));
    assert_ne!(sandbox.service("default", "web-0"), before);
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
}

#[test]
fn a_change_restarts_the_process_and_the_plan_says_so() {
    let (sandbox, _) = web();
    sandbox.apply();
    let before = sandbox.service("default", "web-0");
    sandbox.edit("main.hcl", "small steps", "long strides");
    let plan = sandbox.plan();
    assert!(plan.stdout.contains("# restarts the process"), "{}", plan.stdout);
    sandbox.apply().says("0 added, 1 changed, 0 destroyed");
    assert!(!before.child.lives());
    assert_ne!(sandbox.service("default", "web-0").child, before.child);
}

#[test]
fn a_port_that_somebody_else_has_is_an_error_before_anything_is_stopped() {
    let (mut sandbox, port) = web();
    sandbox.apply();
    let before = sandbox.service("default", "web-0");
    let taken = ports::free();
    let somebody = TcpListener::bind(("127.0.0.1", taken)).unwrap();
    sandbox.edit("main.hcl", &format!("http = {port}"), &format!("http = {taken}"));
    sandbox.redact(&taken.to_string(), "[TAKEN]");
    let me = std::fs::read_to_string("/proc/self/comm").unwrap();
    sandbox.redact(me.trim(), "[SOMEBODY]");
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(failed.err(), @r"
    default/workload.web/process_service.web[0]: Modifying...
    default/workload.web/process_service.web[0]: Modifications failed after [DURATION]: port [TAKEN] (http) is in use by [SOMEBODY] (process [PID])
    error[MP0701]: default/workload.web/process_service.web[0]: port [TAKEN] (http) is in use by [SOMEBODY] (process [PID])
     = in default/workload.web/process_service.web[0]
     = help: end that process, or choose another port
    ");
    assert_eq!(sandbox.service("default", "web-0"), before, "the old one was stopped");
    assert!(answers(port));
    drop(somebody);
    sandbox.apply();
    assert!(answers(taken));
}

#[test]
fn one_that_never_gets_well_fails_the_apply_and_its_log_is_quoted() {
    let (sandbox, _) = web();
    sandbox.edit("main.hcl", "[path.mpctl, \"static-server\", \"--directory=site\", \"--listen=127.0.0.1:${self.ports.http}\"]", "[\"sh\", \"-c\", \"echo no database configured; exit 3\"]");
    sandbox.edit("main.hcl", "\"20s\"", "\"1s\"");
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    failed.says("no database configured").says("MP0701");
    // What was begun is known, so that nothing is left running for ever.
    sandbox.destroy();
    assert_eq!(sandbox.processes(), []);
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let (sandbox, _) = web();
    sandbox.edit("main.hcl", "path.mpctl, \"static-server\"", "\"no-such-program\"");
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(failed.err(), @r"
    default/workload.web/process_service.web[0]: Creating...
    default/workload.web/process_service.web[0]: Creation failed after [DURATION]: command not found: no-such-program
    error[MP0701]: default/workload.web/process_service.web[0]: command not found: no-such-program
     = in default/workload.web/process_service.web[0]
     = help: it was looked for in /usr/local/bin:/usr/bin:/bin
    ");
}

#[test]
fn fewer_replicas_stop_the_last_ones_and_touch_no_other() {
    let first = ports::free_run(3);
    let spec = format!(
        r#"
variable "replicas" {{ default = 3 }}
workload "web" {{
  command  = [path.mpctl, "static-server", "--listen=127.0.0.1:${{self.ports.http}}"]
  replicas = var.replicas
  ports    = {{ http = {first} }}
}}
output "urls" {{ value = workload.web.urls }}
"#
    );
    let sandbox = project(&spec);
    sandbox.apply();
    let kept = sandbox.service("default", "web-0");
    let up = || (first..first + 3).all(answers).then_some(());
    eventually("all three answer", Duration::from_secs(10), up);
    let scaled = sandbox.run(["apply", "--auto-approve", "--var", "replicas=1"]).succeeds();
    scaled.says("0 added, 0 changed, 2 destroyed");
    assert_eq!(sandbox.service("default", "web-0"), kept);
    assert!(!answers(first + 1));
    let urls = sandbox.run(["output", "--json", "urls"]).succeeds().json();
    assert_eq!(urls, serde_json::json!([format!("http://127.0.0.1:{first}")]));
}

#[test]
fn a_secret_of_a_process_is_in_its_environment_and_not_in_the_plan() {
    let (mut sandbox, _) = web();
    sandbox.set("SHOP_TOKEN", "tok-7fe3a9b1c2d4");
    sandbox.edit("main.hcl", "  health {", "  secrets = { TOKEN = secret.token }\n  health {");
    let spec = sandbox.read("main.hcl");
    sandbox.spec(&format!("{spec}\nsecret \"token\" {{ env = \"SHOP_TOKEN\" }}\n"));
    let plan = sandbox.plan_json([]);
    let address = "default/workload.web/process_service.web[0]";
    assert_eq!(change(&plan, address)["change"]["after_sensitive"]["env"]["TOKEN"], true);
    sandbox.apply().never_says("tok-7fe3a9b1c2d4");
    let child = sandbox.service("default", "web-0").child;
    let environment = std::fs::read(format!("/proc/{}/environ", child.id)).unwrap();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    assert!(environment.contains("TOKEN=tok-7fe3a9b1c2d4"), "{environment}");
    assert!(environment.contains("MOTTO=small steps"), "{environment}");
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
}

#[test]
fn instances_are_changed_one_after_the_other() {
    let first = ports::free_run(3);
    let spec = format!(
        r#"
variable "motto" {{ default = "small steps" }}
workload "web" {{
  command  = [path.mpctl, "static-server", "--listen=127.0.0.1:${{self.ports.http}}"]
  replicas = 3
  ports    = {{ http = {first} }}
  env      = {{ MOTTO = var.motto }}
  health {{
    timeout = "20s"
    http {{
      path = "/healthz"
      port = "http"
    }}
  }}
  strategy {{
    type            = "rolling"
    max_unavailable = 1
  }}
}}
"#
    );
    let sandbox = project(&spec);
    sandbox.apply();
    let changed = sandbox
        .run(["apply", "--auto-approve", "--json", "--var", "motto=long strides"])
        .succeeds();
    let mut under_way = 0;
    for event in changed.events() {
        match event["type"].as_str() {
            Some("apply_start") => under_way += 1,
            Some("apply_complete") => under_way -= 1,
            _ => {}
        }
        assert!(under_way <= 1, "two were changed at the same time: {}", changed.stdout);
    }
    assert_eq!(changed.events_of("apply_complete").len(), 3);
    assert!((first..first + 3).all(answers));
}

#[test]
fn a_port_that_is_left_open_is_chosen_once_and_kept() {
    let sandbox = project(
        r#"
variable "motto" { default = "small steps" }
workload "web" {
  command = [path.mpctl, "static-server", "--listen=127.0.0.1:${self.ports.http}"]
  ports   = { http = 0 }
  env     = { MOTTO = var.motto }
  health {
    timeout = "20s"
    http {
      path = "/healthz"
      port = "http"
    }
  }
}
output "url" { value = workload.web.url }
"#,
    );
    sandbox.apply();
    let url = sandbox.run(["output", "--raw", "url"]).succeeds().stdout;
    assert_eq!(http::get(url.trim()).map(|(status, _)| status).unwrap_or(0) / 100, 4, "{url}");
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    sandbox.run(["apply", "--auto-approve", "--var", "motto=long strides"]).succeeds();
    assert_eq!(sandbox.run(["output", "--raw", "url"]).succeeds().stdout, url);
}

#[test]
fn one_that_will_not_stop_is_killed_with_all_that_it_started() {
    let sandbox = project(
        r#"
workload "stubborn" {
  command    = ["sh", "-c", "trap '' TERM; sleep 600 & while :; do sleep 1; done"]
  stop_grace = "300ms"
}
"#,
    );
    sandbox.apply();
    let service = sandbox.service("default", "stubborn-0");
    sandbox.destroy();
    assert!(!service.child.lives());
    assert_eq!(sandbox.processes(), []);
}
