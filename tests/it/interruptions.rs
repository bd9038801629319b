//! Signals, crashes and locks: what a user meets after an apply that did not come to its end.

use std::time::Duration;

use insta::assert_snapshot;
use mpctl_testkit::{Sandbox, Signal, eventually};

use crate::{project, recorded, verdicts};

/// Three steps in a row; the one in the middle takes as long as the file `go` is missing.
fn slow() -> Sandbox {
    let mut sandbox = project(
        r#"
resource "mpctl_data" "first" {}
resource "exec_command" "second" {
  create     = ["bin/create"]
  delete     = ["true"]
  lookup     = ["bin/lookup"]
  depends_on = [resource.first]
}
resource "mpctl_data" "third" {
  depends_on = [resource.second]
}
"#,
    );
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    sandbox.redact(&format!(" {} ", host.trim()), " [HOST] ");
    sandbox.script(
        "bin/create",
        "cat > begun; while [ ! -e go ]; do sleep 0.05; done; touch made; echo '{\"id\": \"slow-1\"}'",
    );
    sandbox.script(
        "bin/lookup",
        "cat > /dev/null; if [ -e made ]; then echo '{\"id\": \"slow-1\"}'; else echo '{\"found\": false}'; fi",
    );
    sandbox
}

/// An apply that has reached the slow step.
fn in_the_middle(sandbox: &Sandbox) -> mpctl_testkit::Running {
    let running = sandbox.mpctl(["apply", "--auto-approve"]).start();
    let begun = || sandbox.exists("begun").then_some(());
    eventually("the slow step has begun", Duration::from_secs(20), begun);
    running
}

#[test]
fn after_an_interrupt_what_runs_is_finished_and_nothing_new_is_started() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let sandbox = slow();
        let running = in_the_middle(&sandbox);
        running.signal(signal);
        running.says("nothing new is started");
        sandbox.write("go", "");
        let stopped = running.wait().exits(6);
        assert_eq!(recorded(&sandbox), ["default/resource.first", "default/resource.second"]);
        // Nothing is left to settle: the next plan goes on from here.
        assert_eq!(verdicts(&sandbox.plan_json([])), "create default/resource.third\n");
        sandbox.apply();
        sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
        assert!(stopped.stdout.contains("cancelled") || stopped.stderr.contains("Stopping"));
    }
}

#[test]
fn a_second_interrupt_gives_up_on_what_runs_and_settles_it_at_once() {
    let sandbox = slow();
    let running = in_the_middle(&sandbox);
    running.signal(Signal::INT);
    running.says("nothing new is started");
    running.signal(Signal::INT);
    running.wait().exits(6);
    // The command was ended, and asked whether it had made something: it had not, so nothing is left open.
    assert_eq!(recorded(&sandbox), ["default/resource.first"]);
    assert_eq!(sandbox.processes(), []);
    assert_eq!(sandbox.run(["resume"]).succeeds().stdout, "nothing to resume\n");
    sandbox.write("go", "");
    sandbox.apply();
    assert_eq!(recorded(&sandbox).len(), 3);
}

#[test]
fn an_interrupted_operation_can_be_given_up() {
    let sandbox = slow();
    let running = in_the_middle(&sandbox);
    running.signal(Signal::KILL);
    running.wait().exits(128 + 9);
    let operations = sandbox.run(["operation", "list", "--json"]).succeeds().json();
    assert_eq!(operations[0]["status"], "running");
    let id = operations[0]["id"].as_str().unwrap().to_owned();
    sandbox.run(["operation", "close", "no-such-operation"]).exits(1);
    sandbox.run(["operation", "close", &id]).succeeds();
    assert_eq!(recorded(&sandbox), ["default/resource.first"]);
    sandbox.write("go", "");
    sandbox.apply();
    let operations = sandbox.run(["operation", "list", "--json"]).succeeds().json();
    assert_eq!(operations.as_array().unwrap().len(), 2);
    assert_eq!(operations[1]["status"], "succeeded");
}

#[test]
fn a_killed_apply_is_seen_by_the_next_command_and_resumed() {
    let sandbox = slow();
    let running = in_the_middle(&sandbox);
    running.signal(Signal::KILL);
    running.wait().exits(128 + 9);
    let refused = sandbox.run(["plan"]).exits(9);
    assert_snapshot!(refused.err(), @r"
    error[MP0603]: operation [ID] on default was interrupted and has to be settled first
     = help: it was run by ada on [HOST] since [TIME]; `mpctl resume` finishes it, `mpctl operation close` gives it up
    ");
    // Looking works in the meantime.
    assert_eq!(recorded(&sandbox), ["default/resource.first"]);
    sandbox.run(["state", "history"]).succeeds();

    sandbox.write("go", "");
    sandbox.run(["resume"]).succeeds();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    assert_eq!(recorded(&sandbox).len(), 3);
    sandbox.run(["resume"]).succeeds().says("nothing to resume");
}

#[test]
fn while_somebody_applies_others_are_told_who() {
    let mut sandbox = slow();
    let running = in_the_middle(&sandbox);
    sandbox.redact(&running.id().to_string(), "[PID]");
    let refused = sandbox.run(["apply", "--auto-approve"]).exits(3);
    assert_snapshot!(refused.err(), @r"
    error[MP0602]: environment default is locked by ada on [HOST] (process [PID])
     = help: held since [TIME] for operation [ID], last seen 0 s ago; wait for it with `--lock-timeout 5m`
    ");
    // Plans take no lock, and neither does looking.
    sandbox.run(["plan"]).succeeds();
    sandbox.run(["state", "list"]).succeeds();
    sandbox.write("go", "");
    running.wait().succeeds();
}

#[test]
fn who_waits_for_the_lock_gets_it() {
    let sandbox = slow();
    let running = in_the_middle(&sandbox);
    let waiting = sandbox.mpctl(["apply", "--auto-approve", "--lock-timeout", "60s"]).start();
    std::thread::sleep(Duration::from_millis(300));
    sandbox.write("go", "");
    running.wait().succeeds();
    waiting.wait().succeeds().says("No changes.");
}

#[test]
fn a_lock_of_a_process_that_is_gone_holds_nobody_up() {
    let sandbox = slow();
    let running = in_the_middle(&sandbox);
    running.signal(Signal::KILL);
    running.wait().exits(128 + 9);
    sandbox.write("go", "");
    // It takes the lease at once, settles what it can and names the operation.
    sandbox.run(["apply", "--auto-approve"]).exits(9);
    sandbox.run(["resume"]).succeeds();
}

#[test]
fn a_process_that_a_killed_apply_has_started_is_taken_over() {
    let port = mpctl_testkit::ports::free();
    let sandbox = project(&format!(
        r#"
workload "web" {{
  command = ["sh", "-c", "sleep 1; exec \"$0\" static-server --listen=127.0.0.1:{port}", path.mpctl]
  ports   = {{ http = {port} }}
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
    let apply = sandbox.mpctl(["apply", "--auto-approve"]).start();
    let service = sandbox.service("default", "web-0");
    apply.signal(Signal::KILL);
    apply.wait().exits(128 + 9);
    sandbox.run(["plan"]).exits(9);

    sandbox.run(["resume"]).succeeds();
    assert_eq!(sandbox.service("default", "web-0"), service, "it was started again");
    assert_eq!(recorded(&sandbox), ["default/workload.web/process_service.web[0]"]);
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    sandbox.destroy();
    assert_eq!(sandbox.processes(), []);
}

/// Things that a script makes under the idempotency key that it is given, one file each; nothing of it is made twice
/// without showing.
fn many_things() -> Sandbox {
    let sandbox = project(
        r#"
resource "mpctl_data" "base" { input = 1 }
resource "exec_command" "thing" {
  count      = 6
  create     = ["bin/thing"]
  read       = ["bin/thing"]
  delete     = ["bin/thing"]
  lookup     = ["bin/thing"]
  input      = { name = "thing-${count.index}" }
  depends_on = [resource.base]
}
resource "local_file" "index" {
  filename = "out/index"
  content  = join("\n", resource.thing[*].id)
}
"#,
    );
    sandbox.script(
        "bin/thing",
        r#"
request=$(cat)
field() { printf '%s' "$request" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
key=$(field idempotency_key) action=$(field action) id=$(field id)
mkdir -p things
case $action in
  create)
    sleep 0.0$((${#key} % 7))
    [ -e "things/$key" ] && echo "$key" >> twice
    printf '%s' "$request" > "things/$key.new" && mv "things/$key.new" "things/$key"
    sleep 0.02
    echo "{\"id\": \"$key\"}" ;;
  lookup) if [ -e "things/$key" ]; then echo "{\"id\": \"$key\"}"; else echo '{"found": false}'; fi ;;
  read) if [ -e "things/$id" ]; then echo "{\"id\": \"$id\"}"; else echo '{"found": false}'; fi ;;
  delete) rm -f "things/$id"; echo '{"found": false}' ;;
esac
"#,
    );
    sandbox
}

#[test]
fn killed_at_any_moment_it_comes_to_the_same_end() {
    let mut interrupted = 0;
    for turn in 0..10_u64 {
        let sandbox = many_things();
        let apply = sandbox.mpctl(["apply", "--auto-approve", "--parallelism", "2"]).start();
        std::thread::sleep(Duration::from_millis(20 + turn * 37));
        apply.signal(Signal::KILL);
        let _ = apply.wait();
        // Some are killed again while they resume.
        if turn % 3 == 0 {
            let resume = sandbox.mpctl(["resume"]).start();
            std::thread::sleep(Duration::from_millis(30 + turn * 11));
            resume.signal(Signal::KILL);
            let _ = resume.wait();
        }
        let resumed = sandbox.run(["resume"]).succeeds();
        interrupted += u32::from(!resumed.stdout.contains("nothing to resume"));
        sandbox.apply();
        let told = format!("killed after {} ms", 20 + turn * 37);
        sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
        assert!(!sandbox.exists("twice"), "{told}: something was made twice");
        let made = sandbox.files().iter().filter(|file| file.starts_with("things/")).count();
        assert_eq!(made, 6, "{told}: orphans");
        assert_eq!(recorded(&sandbox).len(), 8, "{told}");
        assert_eq!(sandbox.read("out/index").lines().count(), 6, "{told}");
        sandbox.destroy();
        assert!(!sandbox.files().iter().any(|file| file.starts_with("things/")), "{told}");
    }
    assert!(interrupted >= 3, "hardly any of the kills came in the middle: {interrupted} of 10");
}
