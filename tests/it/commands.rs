//! `exec_command`: things that scripts of one's own make, look at, change and take away.

use insta::assert_snapshot;
use mpctl_testkit::Sandbox;
use serde_json::Value as Json;

use crate::{change, project, recorded, verdicts};

/// A bucket that is a file: `bin/bucket ACTION` keeps it in `bucket.json` and every request in `requests`.
const BUCKET: &str = r#"
request=$(cat)
printf '%s\n' "$request" >> requests
case "$1" in
  create|update)
    printf '%s' "$request" > bucket.json
    echo '{"id": "bucket-1", "output": {"size": 1}}' ;;
  read|lookup)
    if [ -e bucket.json ]; then echo '{"id": "bucket-1", "output": {"size": 1}}'
    else echo '{"found": false}'; fi ;;
  delete)
    rm -f bucket.json
    echo '{"found": false}' ;;
esac
"#;

const SPEC: &str = r#"
resource "exec_command" "bucket" {
  create = ["bin/bucket", "create"]
  read   = ["bin/bucket", "read"]
  update = ["bin/bucket", "update"]
  delete = ["bin/bucket", "delete"]
  lookup = ["bin/bucket", "lookup"]
  input  = { region = "eu" }
}
output "size" { value = resource.bucket.output.size }
"#;

fn bucket() -> Sandbox {
    let sandbox = project(SPEC);
    sandbox.script("bin/bucket", BUCKET);
    sandbox
}

/// A resource whose `create` is a script of its own and which has nothing else, or these other commands.
fn with_create(script: &str, others: &str) -> Sandbox {
    let sandbox = project(&format!(
        "resource \"exec_command\" \"thing\" {{\n  create = [\"bin/create\"]\n{others}\n}}\n"
    ));
    sandbox.script("bin/create", script);
    sandbox
}

fn requests(sandbox: &Sandbox) -> Vec<Json> {
    let told = sandbox.read("requests");
    let told = told.lines().filter(|line| !line.is_empty());
    told.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn it_is_told_what_to_do_in_one_json_object() {
    let sandbox = bucket();
    sandbox.apply();
    let request = &requests(&sandbox)[0];
    assert_eq!(request["action"], "create");
    assert_eq!(request["id"], Json::Null);
    assert_eq!(request["prior"], Json::Null);
    assert_eq!(request["input"]["region"], "eu");
    assert!(!request["idempotency_key"].as_str().unwrap().is_empty());
    assert_eq!(sandbox.run(["output", "--json", "size"]).succeeds().json(), 1);

    sandbox.write("requests", "");
    sandbox.edit("main.hcl", "\"eu\"", "\"us\"");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"update default/resource.bucket");
    sandbox.apply();
    let told = requests(&sandbox);
    let update = told.iter().find(|request| request["action"] == "update").unwrap();
    assert_eq!(update["id"], "bucket-1");
    assert_eq!(update["input"]["region"], "us");
    assert_eq!(update["prior"]["input"]["region"], "eu");
    assert_eq!(update["prior"]["output"]["size"], 1);
    assert_ne!(update["idempotency_key"], request["idempotency_key"]);

    sandbox.write("requests", "");
    sandbox.destroy();
    let told = requests(&sandbox);
    let delete = told.iter().find(|request| request["action"] == "delete").unwrap();
    assert_eq!(delete["id"], "bucket-1");
    assert_eq!(delete["input"]["region"], "us");
    assert!(!sandbox.exists("bucket.json"));
}

#[test]
fn what_its_read_command_no_longer_finds_is_created_again() {
    let sandbox = bucket();
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    sandbox.remove("bucket.json");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create default/resource.bucket (create_because_gone)");
}

#[test]
fn another_output_than_the_recorded_one_is_drift_and_is_passed_on() {
    let sandbox = bucket();
    sandbox.apply();
    sandbox.script("bin/bucket", &BUCKET.replace("\"size\": 1", "\"size\": 7"));
    let plan = sandbox.plan_json([]);
    assert_eq!(plan["resource_drift"][0]["change"]["after"]["output"]["size"], 7);
    assert_eq!(plan["output_changes"]["size"]["after"], 7);
    assert_snapshot!(verdicts(&plan), @"");
    sandbox.apply();
    assert_eq!(sandbox.run(["output", "--json", "size"]).succeeds().json(), 7);
}

#[test]
fn without_an_update_command_a_new_input_makes_a_new_object() {
    let sandbox = bucket();
    sandbox.edit("main.hcl", "  update = [\"bin/bucket\", \"update\"]\n", "");
    sandbox.apply();
    sandbox.edit("main.hcl", "\"eu\"", "\"us\"");
    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"delete+create default/resource.bucket (replace_because_cannot_update)");
    let paths = &change(&plan, "default/resource.bucket")["change"]["replace_paths"];
    assert_eq!(*paths, serde_json::json!([["input"]]));
}

#[test]
fn an_exit_with_75_is_tried_again_with_the_same_key() {
    let sandbox = with_create(
        r#"
cat >> requests; echo >> requests
[ -e second ] || { touch second; echo 'try again' >&2; exit 75; }
echo '{"id": "t"}'
"#,
        "",
    );
    sandbox.apply();
    let told = requests(&sandbox);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["idempotency_key"], told[1]["idempotency_key"]);
}

#[test]
fn a_failure_without_effect_is_recorded_as_nothing_done() {
    let sandbox = with_create(
        "echo 'no quota left' >&2; echo '{\"effect\": \"none\"}'; exit 3",
        "  lookup = [\"bin/create\"]",
    );
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(failed.err(), @r"
    default/resource.thing: Creating...
    default/resource.thing: no quota left
    default/resource.thing: Creation failed after [DURATION]: the create command bin/create exited with 3, saying that it did nothing
    error[MP0701]: default/resource.thing: the create command bin/create exited with 3, saying that it did nothing
     = in default/resource.thing
     = no quota left
    ");
    assert!(recorded(&sandbox).is_empty());
    // Nothing is open: the next plan starts afresh.
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create default/resource.thing");
}

#[test]
fn an_unknown_outcome_is_settled_by_looking_it_up() {
    let sandbox = with_create("cat > made.json; exit 1", "  lookup = [\"bin/lookup\"]");
    sandbox.script("bin/lookup", "cat >/dev/null; [ -e made.json ] && echo '{\"id\": \"found-1\"}' || echo '{\"found\": false}'");
    sandbox.apply();
    let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
    assert_eq!(list["resources"][0]["id"], "found-1");
}

#[test]
fn an_unknown_outcome_that_turns_out_to_be_nothing_is_a_failure() {
    let sandbox = with_create("exit 1", "  lookup = [\"bin/lookup\"]");
    sandbox.script("bin/lookup", "cat >/dev/null; echo '{\"found\": false}'");
    sandbox.run(["apply", "--auto-approve"]).exits(1).says("MP0701");
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn a_command_that_exits_by_itself_and_cannot_be_asked_is_taken_at_its_word() {
    let sandbox = with_create("echo 'no such region' >&2; exit 2", "");
    sandbox.run(["apply", "--auto-approve"]).exits(1).says("no such region");
    assert!(recorded(&sandbox).is_empty());
    sandbox.plan();
}

#[test]
fn a_time_out_that_nothing_can_settle_leaves_the_step_in_doubt() {
    let sandbox = with_create("exec sleep 60", "  timeout = \"200ms\"");
    sandbox.run(["plan"]).succeeds().says("cannot be settled after a crash");
    let doubt = sandbox.run(["apply", "--auto-approve"]).exits(8);
    assert_snapshot!(doubt.err(), @r"
    default/resource.thing: Creating...
    default/resource.thing: Creation failed after [DURATION]: the create command bin/create was ended after its time-out of 0.2 s
    error[MP0702]: default/resource.thing: the create command bin/create was ended after its time-out of 0.2 s
     = in default/resource.thing
    ");
    sandbox.run(["plan"]).exits(9);
    assert_eq!(sandbox.processes(), [], "the command outlived its time");
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let sandbox =
        project("resource \"exec_command\" \"thing\" {\n  create = [\"bin/nothing-here\"]\n}");
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(failed.err(), @r"
    default/resource.thing: Creating...
    default/resource.thing: Creation failed after [DURATION]: the create command bin/nothing-here was not started: cannot run bin/nothing-here: No such file or directory (os error 2)
    error[MP0701]: default/resource.thing: the create command bin/nothing-here was not started: cannot run bin/nothing-here: No such file or directory (os error 2)
     = in default/resource.thing
     = help: a path is relative to the folder that the command starts in; other names are looked up in PATH
    ");
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn a_data_source_runs_its_command_while_planning() {
    let sandbox = project(
        r#"
data "exec_command" "today" {
  read  = ["bin/today"]
  input = { zone = "UTC" }
}
output "day" { value = data.today.output.day }
"#,
    );
    sandbox.script("bin/today", "cat > asked; echo '{\"output\": {\"day\": \"Tuesday\"}}'");
    sandbox.run(["plan"]).succeeds().says("Tuesday");
    assert!(sandbox.read("asked").contains("UTC"));
}
