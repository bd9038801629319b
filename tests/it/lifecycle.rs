//! What becomes of a resource: the verdicts that a user of Terraform's `terraform_data` expects of `mpctl_data`.

use insta::assert_snapshot;

use crate::{change, project, recorded, verdicts};

#[test]
fn what_is_new_is_created_and_what_is_as_declared_is_left_alone() {
    let sandbox = project(r#"resource "mpctl_data" "a" { input = "x" }"#);
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create default/resource.a");
    sandbox.apply();
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"");
    sandbox.plan().says("No changes.");
    sandbox.apply().says("No changes.");
}

#[test]
fn a_changed_input_is_an_update_that_keeps_the_id() {
    let sandbox = project(r#"resource "mpctl_data" "a" { input = "x" }"#);
    sandbox.apply();
    sandbox.spec(r#"resource "mpctl_data" "a" { input = "y" }"#);
    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"update default/resource.a");
    let change = &change(&plan, "default/resource.a")["change"];
    assert_eq!(change["before"]["input"], "x");
    assert_eq!(change["after"]["input"], "y");
    assert_eq!(change["after"]["id"], change["before"]["id"]);
    assert_eq!(change["after_unknown"]["output"], true);
    sandbox.apply().says("Resources: 0 added, 1 changed, 0 destroyed.");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"");
}

#[test]
fn changed_triggers_are_a_replacement() {
    let spec = r#"resource "mpctl_data" "a" { triggers_replace = ["v1"] }"#;
    let sandbox = project(spec);
    sandbox.apply();
    sandbox.spec(&spec.replace("v1", "v2"));
    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"delete+create default/resource.a (replace_because_cannot_update)");
    let change = &change(&plan, "default/resource.a")["change"];
    assert_eq!(change["replace_paths"], serde_json::json!([["triggers_replace"]]));
    sandbox.apply().says("Resources: 1 added, 0 changed, 1 destroyed.");
}

#[test]
fn a_replacement_is_asked_for_by_name() {
    let sandbox = project(r#"resource "mpctl_data" "a" {}"#);
    sandbox.apply();
    let plan = sandbox.plan_json(["--replace", "resource.a"]);
    assert_snapshot!(verdicts(&plan), @"delete+create default/resource.a (replace_by_request)");
}

#[test]
fn what_is_no_longer_declared_is_deleted() {
    let sandbox = project("resource \"mpctl_data\" \"a\" {}\nresource \"mpctl_data\" \"b\" {}");
    sandbox.apply();
    sandbox.spec(r#"resource "mpctl_data" "b" {}"#);
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"delete default/resource.a (delete_because_no_resource_config)");
    sandbox.apply();
    assert_eq!(recorded(&sandbox), ["default/resource.b"]);
}

#[test]
fn a_larger_count_adds_at_the_end_and_a_smaller_one_takes_away_there() {
    let spec = |count| {
        format!("resource \"mpctl_data\" \"a\" {{\n  count = {count}\n  input = count.index\n}}")
    };
    let sandbox = project(&spec(2));
    sandbox.apply();
    sandbox.spec(&spec(4));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r"
    create default/resource.a[2]
    create default/resource.a[3]
    ");
    sandbox.spec(&spec(1));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"delete default/resource.a[1] (delete_because_count_index)");
    sandbox.spec(&spec(0));
    sandbox.apply().says("Resources: 0 added, 0 changed, 2 destroyed.");
}

#[test]
fn another_key_of_for_each_is_another_object() {
    let spec = r#"
resource "mpctl_data" "site" {
  for_each = { eu = "Frankfurt", us = "Ohio" }
  input    = "${each.key} in ${each.value}"
}
"#;
    let sandbox = project(spec);
    sandbox.apply();
    sandbox.spec(&spec.replace("us = \"Ohio\"", "ap = \"Tokyo\""));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r#"
    create default/resource.site["ap"]
    delete default/resource.site["us"] (delete_because_each_key)
    "#);
}

#[test]
fn the_first_instance_becomes_the_only_one_and_back() {
    let (two, one) =
        ("resource \"mpctl_data\" \"a\" { count = 2 }", "resource \"mpctl_data\" \"a\" {}");
    let sandbox = project(two);
    sandbox.apply();
    sandbox.spec(one);
    let plan = sandbox.plan_json([]);
    let moved = change(&plan, "default/resource.a");
    assert_eq!(moved["previous_address"], "default/resource.a[0]");
    assert_eq!(moved["change"]["actions"], serde_json::json!(["no-op"]));
    assert_snapshot!(verdicts(&plan), @"delete default/resource.a[1] (delete_because_wrong_repetition)");
    sandbox.apply();
    assert_eq!(recorded(&sandbox), ["default/resource.a"]);
    sandbox.spec(two);
    let plan = sandbox.plan_json([]);
    assert_eq!(change(&plan, "default/resource.a[0]")["previous_address"], "default/resource.a");
    assert_snapshot!(verdicts(&plan), @"create default/resource.a[1]");
}

#[test]
fn what_is_disabled_is_deleted_and_comes_back() {
    let spec = r#"
variable "on" { default = true }
resource "mpctl_data" "a" { enabled = var.on }
"#;
    let sandbox = project(spec);
    sandbox.apply();
    assert_snapshot!(verdicts(&sandbox.plan_json(["--var", "on=false"])), @"delete default/resource.a (delete_because_disabled)");
    sandbox.run(["apply", "--auto-approve", "--var", "on=false"]).succeeds();
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create default/resource.a");
}

/// Three links; the first is replaced whenever `generation` changes.
const CHAIN: &str = r#"
variable "generation" { default = 1 }
resource "mpctl_data" "network" {
  triggers_replace = var.generation
}
resource "mpctl_data" "server" {
  triggers_replace = resource.network.id
}
resource "mpctl_data" "name" {
  input = resource.server.id
}
"#;

/// In which order an apply began and ended with objects, from its events.
fn order_of(output: &mpctl_testkit::Output) -> Vec<String> {
    let told = output.events_of("apply_complete").into_iter();
    told.map(|event| {
        let hook = &event["hook"];
        let address = hook["resource"]["addr"].as_str().unwrap().to_owned();
        format!("{} {address}", hook["action"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn a_replacement_destroys_dependents_first_and_creates_them_last() {
    let sandbox = project(CHAIN);
    sandbox.apply();
    let replaced =
        sandbox.run(["apply", "--auto-approve", "--json", "--var", "generation=2"]).succeeds();
    assert_snapshot!(order_of(&replaced).join("\n"), @r"
    delete default/resource.server
    delete default/resource.network
    create default/resource.network
    create default/resource.server
    update default/resource.name
    ");
}

#[test]
fn create_before_destroy_spreads_to_what_it_depends_on() {
    let sandbox = project(&CHAIN.replace(
        "triggers_replace = resource.network.id",
        "triggers_replace = resource.network.id\n  lifecycle { create_before_destroy = true }",
    ));
    sandbox.apply();
    let plan = sandbox.plan_json(["--var", "generation=2"]);
    assert_snapshot!(verdicts(&plan), @r"
    update default/resource.name
    create+delete default/resource.network (replace_because_cannot_update)
    create+delete default/resource.server (replace_because_cannot_update)
    ");
    let replaced =
        sandbox.run(["apply", "--auto-approve", "--json", "--var", "generation=2"]).succeeds();
    assert_snapshot!(order_of(&replaced).join("\n"), @r"
    create default/resource.network
    create default/resource.server
    update default/resource.name
    delete default/resource.server
    delete default/resource.network
    ");
    assert_snapshot!(verdicts(&sandbox.plan_json(["--var", "generation=2"])), @"");
}

#[test]
fn what_is_triggered_by_a_change_elsewhere_is_made_anew() {
    let spec = |input: &str, other: &str| {
        format!(
            r#"
resource "mpctl_data" "config" {{
  count = 2
  input = {{ port = {input}, name = "{other}" }}
}}
resource "mpctl_data" "whole" {{
  lifecycle {{ replace_triggered_by = [resource.config] }}
}}
resource "mpctl_data" "port" {{
  lifecycle {{ replace_triggered_by = [resource.config[0].input.port] }}
}}
resource "mpctl_data" "mine" {{
  count = 2
  lifecycle {{ replace_triggered_by = [resource.config[count.index].input.name] }}
}}
"#
        )
    };
    let sandbox = project(&spec("80", "a"));
    // What is new triggers nothing.
    let created = verdicts(&sandbox.plan_json([]));
    assert!(!created.contains("triggers"), "{created}");
    sandbox.apply();
    sandbox.write("main.hcl", spec("81", "a"));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r"
    update default/resource.config[0]
    update default/resource.config[1]
    delete+create default/resource.port (replace_by_triggers)
    delete+create default/resource.whole (replace_by_triggers)
    ");
    sandbox.write("main.hcl", spec("80", "b"));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r"
    update default/resource.config[0]
    update default/resource.config[1]
    delete+create default/resource.mine[0] (replace_by_triggers)
    delete+create default/resource.mine[1] (replace_by_triggers)
    delete+create default/resource.whole (replace_by_triggers)
    ");
}

#[test]
fn a_postcondition_is_held_against_the_plan_and_against_what_came_of_it() {
    let spec = |input: &str, condition: &str| {
        format!(
            r#"
resource "mpctl_data" "port" {{
  input = {input}
  lifecycle {{
    postcondition {{
      condition     = {condition}
      error_message = "Port ${{self.input}} with ${{self.output}} is not allowed."
    }}
  }}
}}
resource "mpctl_data" "dependent" {{ input = resource.port.id }}
"#
        )
    };
    // What the plan can tell is told by the plan.
    let sandbox = project(&spec("80", "self.input > 1024"));
    let refused = sandbox.run(["plan"]).exits(1);
    assert!(refused.stderr.contains("MP0504"), "{}", refused.stderr);
    // What only the object can tell is told when it is there; it is recorded, and nothing is built upon it.
    sandbox.write("main.hcl", spec("8080", "self.output == 9090"));
    sandbox.run(["plan"]).succeeds();
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert!(failed.stderr.contains("Port 8080 with 8080 is not allowed."), "{}", failed.stderr);
    assert_eq!(sandbox.run(["state", "list"]).succeeds().stdout, "default/resource.port\n");
    sandbox.write("main.hcl", spec("8080", "self.output == 8080"));
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
}

#[test]
fn destroying_begins_with_what_depends_on_others() {
    let sandbox = project(CHAIN);
    sandbox.apply();
    let destroyed = sandbox.run(["destroy", "--auto-approve", "--json"]).succeeds();
    assert_snapshot!(order_of(&destroyed).join("\n"), @r"
    delete default/resource.name
    delete default/resource.server
    delete default/resource.network
    ");
}

#[test]
fn create_before_destroy_spreads_from_what_has_no_instance_at_present() {
    let spec = r#"
resource "mpctl_data" "network" { triggers_replace = 1 }
locals { id = resource.network.id }
resource "mpctl_data" "server" {
  count = 0
  input = local.id
  lifecycle {
    create_before_destroy = true
  }
}
"#;
    let sandbox = project(spec);
    sandbox.apply();
    sandbox.spec(&spec.replace("triggers_replace = 1", "triggers_replace = 2"));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create+delete default/resource.network (replace_because_cannot_update)");
}

#[test]
fn what_must_not_be_destroyed_stops_the_plan() {
    let spec = r#"
resource "mpctl_data" "ledger" {
  triggers_replace = "v1"
  lifecycle {
    prevent_destroy = true
  }
}
"#;
    let sandbox = project(spec);
    sandbox.apply();
    sandbox.spec(&spec.replace("v1", "v2"));
    let refused = sandbox.run(["plan"]).exits(1);
    assert_snapshot!(refused.err(), @r"
    error[MP0502]: default/resource.ledger must be replaced, and `prevent_destroy` forbids it
      --> main.hcl:5:23
      |
    5 |     prevent_destroy = true
      |                       ^^^^ set here
      |
      = in default/resource.ledger
      = a change of `triggers_replace` needs a new object
      = help: undo the change, or take `prevent_destroy` out for this once
    ");
    sandbox.run(["destroy", "--auto-approve"]).exits(1).says("MP0502");
    assert_eq!(recorded(&sandbox), ["default/resource.ledger"]);
}

#[test]
fn ignored_changes_are_no_changes() {
    let spec = r#"
resource "mpctl_data" "a" {
  input = { size = "small", tag = "blue" }
  lifecycle {
    ignore_changes = [input.tag]
  }
}
"#;
    let sandbox = project(spec);
    sandbox.apply();
    sandbox.spec(&spec.replace("blue", "green"));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"");
    sandbox.spec(&spec.replace("blue", "green").replace("small", "large"));
    let plan = sandbox.plan_json([]);
    assert_eq!(
        change(&plan, "default/resource.a")["change"]["after"]["input"],
        serde_json::json!({ "size": "large", "tag": "blue" })
    );
}

#[test]
fn a_targeted_plan_takes_what_the_target_needs_and_names_what_it_leaves_out() {
    let sandbox = project(CHAIN);
    let plan = sandbox.run(["plan", "--target", "resource.server"]).succeeds();
    assert_snapshot!(verdicts(&sandbox.plan_json(["--target", "resource.server"])), @r"
    create default/resource.network
    create default/resource.server
    ");
    assert_snapshot!(plan.out().split_once("Plan: ").unwrap().1, @r"
    2 to add, 0 to change, 0 to destroy.
    Order: 2 waves; first default/resource.network, last default/resource.server.
    Rollback: all 2 steps are reversible.

    This plan is partial: it leaves out 1 object: default/resource.name.
    ");
    sandbox.run(["apply", "--auto-approve", "--target", "resource.server"]).succeeds();
    assert_eq!(recorded(&sandbox), ["default/resource.network", "default/resource.server"]);
}

#[test]
fn an_excluding_plan_leaves_out_what_needs_the_excluded() {
    let sandbox = project(CHAIN);
    assert_snapshot!(verdicts(&sandbox.plan_json(["--exclude", "resource.server"])), @"create default/resource.network");
}

#[test]
fn a_target_that_matches_nothing_is_told() {
    let sandbox = project(CHAIN);
    let warned = sandbox.run(["plan", "--target", "resource.serve"]).succeeds();
    assert_snapshot!(warned.err(), @r"
    warning[MP0501]: `resource.serve` matches nothing
     = help: did you mean `resource.server`?
    ");
}

#[test]
fn outputs_alone_are_changes_too() {
    let sandbox = project("output \"motto\" { value = \"small steps\" }");
    sandbox.run(["plan", "--detailed-exitcode"]).exits(2);
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).exits(0);
    sandbox.spec("output \"motto\" { value = \"long strides\" }");
    let plan = sandbox.run(["plan", "--detailed-exitcode"]).exits(2);
    assert_snapshot!(plan.out(), @r#"
    Only outputs change: applying this plan records their new values, and touches no object.

    Changes to Outputs:
      ~ motto = "small steps" -> "long strides"
    "#);
}

#[test]
fn an_unknown_value_flows_through_templates_and_arrives_at_apply() {
    let sandbox = project(
        r#"
resource "mpctl_data" "key" {}
resource "mpctl_data" "server" {
  count = 2
  input = {
    name = "server-${count.index}"
    tags = ["blue", upper("key-${resource.key.id}")]
  }
}
output "tags" {
  value = [for server in resource.server : server.output.tags[1]]
}
"#,
    );
    let plan = sandbox.plan_json([]);
    let server = &change(&plan, "default/resource.server[0]")["change"];
    // As much as is known is shown.
    let input = serde_json::json!({ "name": "server-0", "tags": ["blue", null] });
    assert_eq!(server["after"]["input"], input);
    assert_eq!(server["after_unknown"]["input"], serde_json::json!({ "tags": [false, true] }));
    sandbox.apply();
    let key = sandbox.run(["state", "show", "--json", "resource.key"]).succeeds().json();
    let id = key["values"]["root_module"]["resources"][0]["values"]["id"].as_str().unwrap();
    let tag = format!("KEY-{}", id.to_uppercase());
    let tags = sandbox.run(["output", "--json", "tags"]).succeeds().json();
    assert_eq!(tags, serde_json::json!([tag.clone(), tag]));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"");
}

#[test]
fn a_count_that_is_known_only_after_apply_is_an_error_that_says_what_to_do() {
    let sandbox = project(
        r#"
resource "mpctl_data" "key" {}
resource "mpctl_data" "many" {
  count = length(resource.key.id)
}
"#,
    );
    let refused = sandbox.run(["plan"]).exits(1);
    assert_snapshot!(refused.err(), @r"
    error[MP0406]: `count` depends on what is known only after apply
      --> main.hcl:4:11
      |
    4 |   count = length(resource.key.id)
      |           ^^^^^^^^^^^^^^^^^^^^^^^ not known while planning
      |
      = help: derive it from variables, or apply what it depends on first with --target
    ");
}

#[test]
fn what_has_moved_keeps_its_object() {
    let sandbox = project("resource \"mpctl_data\" \"old\" { input = 1 }");
    sandbox.apply();
    let id = |sandbox: &mpctl_testkit::Sandbox| {
        let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
        assert_eq!(list["resources"].as_array().unwrap().len(), 1);
        list["resources"][0]["id"].clone()
    };
    let before = id(&sandbox);
    sandbox.spec("resource \"mpctl_data\" \"new\" { input = 1 }\nmoved {\n  from = resource.old\n  to   = resource.new\n}");
    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"");
    assert_eq!(change(&plan, "default/resource.new")["previous_address"], "default/resource.old");
    sandbox.run(["plan", "--detailed-exitcode"]).exits(2);
    sandbox.apply();
    assert_eq!(recorded(&sandbox), ["default/resource.new"]);
    assert_eq!(id(&sandbox), before);
    sandbox.run(["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn what_is_retained_or_removed_without_destruction_is_forgotten() {
    let spec = "resource \"local_file\" \"a\" {\n  filename = \"a.txt\"\n  content  = \"kept\"\n  lifecycle {\n    on_destroy = \"retain\"\n  }\n}\n";
    let sandbox = project(spec);
    sandbox.apply();
    assert_snapshot!(verdicts(&sandbox.plan_json(["--destroy"])), @"forget default/resource.a (delete_because_destroy)");
    sandbox.destroy();
    assert_eq!(sandbox.read("a.txt"), "kept");

    let sandbox = project(
        "resource \"local_file\" \"b\" {\n  filename = \"b.txt\"\n  content  = \"kept\"\n}\n",
    );
    sandbox.apply();
    sandbox.spec("removed {\n  from    = resource.b\n  destroy = false\n}\n");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"forget default/resource.b (delete_because_no_resource_config)");
    sandbox.apply();
    assert_eq!(sandbox.read("b.txt"), "kept");
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn an_old_object_that_could_not_be_destroyed_is_kept_in_sight() {
    let spec = r#"
variable "generation" { default = 1 }
resource "exec_command" "server" {
  create           = ["bin/create"]
  delete           = ["bin/delete"]
  triggers_replace = var.generation
  lifecycle {
    create_before_destroy = true
  }
}
"#;
    let sandbox = project(spec);
    sandbox.script("bin/create", "cat > /dev/null; n=$(cat count 2>/dev/null || echo 0); n=$((n + 1)); echo $n > count; echo \"{\\\"id\\\": \\\"server-$n\\\"}\"");
    sandbox.script("bin/delete", "cat > /dev/null; echo 'still in use' >&2; exit 1");
    sandbox.apply();
    let failed = sandbox.run(["apply", "--auto-approve", "--var", "generation=2"]).exits(1);
    failed.says("still in use");
    // The new one is there, and the old one is a field of it, not a row.
    let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
    assert_eq!(list["resources"].as_array().unwrap().len(), 1);
    assert_eq!(list["resources"][0]["id"], "server-2");
    assert_eq!(list["resources"][0]["deposed"].as_array().unwrap().len(), 1);

    sandbox.script("bin/delete", "cat > deleted; echo '{\"found\": false}'");
    let next = sandbox.plan_json(["--var", "generation=2"]);
    assert_snapshot!(verdicts(&next), @"delete default/resource.server (delete_because_deposed)");
    sandbox.run(["apply", "--auto-approve", "--var", "generation=2"]).succeeds();
    assert!(sandbox.read("deleted").contains("server-1"));
    let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
    assert_eq!(list["resources"][0]["deposed"], serde_json::json!([]));
}

#[test]
fn a_precondition_that_does_not_hold_stops_the_plan_and_a_check_only_warns() {
    let spec = r#"
variable "port" { default = 80 }
resource "mpctl_data" "server" {
  input = var.port
  lifecycle {
    precondition {
      condition     = var.port > 1023
      error_message = "Port ${var.port} is reserved."
    }
  }
}
check "round" {
  assert {
    condition     = var.port % 10 == 0
    error_message = "Port ${var.port} is hard to remember."
  }
}
"#;
    let sandbox = project(spec);
    assert_snapshot!(sandbox.run(["plan"]).exits(1).err(), @r"
    error[MP0504]: a precondition of resource `server` does not hold
      --> main.hcl:7:23
      |
    7 |       condition     = var.port > 1023
      |                       ^^^^^^^^^^^^^^^ false
      |
      = Port 80 is reserved.
    ");
    assert_snapshot!(sandbox.run(["plan", "--var", "port=8081"]).succeeds().err(), @r"
    warning[MP0504]: check `round` does not hold
       --> main.hcl:14:21
       |
    14 |     condition     = var.port % 10 == 0
       |                     ^^^^^^^^^^^^^^^^^^ false
       |
       = Port 8081 is hard to remember.
    ");
}

#[test]
fn a_dependency_that_is_only_declared_orders_too() {
    let sandbox = project(
        r#"
resource "mpctl_data" "last" {
  depends_on = [resource.first]
}
resource "mpctl_data" "first" {}
"#,
    );
    let applied = sandbox.run(["apply", "--auto-approve", "--json"]).succeeds();
    assert_snapshot!(order_of(&applied).join("\n"), @r"
    create default/resource.first
    create default/resource.last
    ");
}
