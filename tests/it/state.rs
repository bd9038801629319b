//! Looking at what is recorded: `state list`, `state show`, `state history`, `show`, `output`.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::project;

const TWO_ENVIRONMENTS: &str = r#"
environment "dev" {
  variables = { size = "small" }
}
environment "prod" {
  variables = { size = "large" }
}
resource "mpctl_data" "store" {
  input = var.size
}
output "size" {
  value = resource.store.output
}
"#;

const SPEC: &str = r#"
resource "mpctl_data" "web" {
  count = 2
  input = { name = "web-${count.index}" }
}
resource "mpctl_data" "site" {
  for_each = { eu = 1 }
  input    = each.value
}
output "names" { value = resource.web[*].output.name }
output "port" { value = 8080 }
output "motto" { value = "small steps" }
output "token" {
  value     = sensitive("s3cr3t-t0ken")
  sensitive = true
}
"#;

/// The keys of an object, in order.
fn keys(json: &Json) -> String {
    let mut keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn before_the_first_apply_everything_is_empty_and_nothing_is_an_error() {
    let sandbox = project(SPEC);
    assert_eq!(sandbox.run(["state", "list"]).succeeds().stdout, "");
    let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
    assert_eq!(list["resources"], json!([]));
    assert_eq!(sandbox.run(["state", "history", "--json"]).succeeds().json(), json!([]));
    assert_eq!(sandbox.run(["state", "history"]).succeeds().stdout, "");
    assert_eq!(sandbox.run(["output", "--json"]).succeeds().json(), json!({}));
    sandbox.run(["show", "--json"]).succeeds().json();
    assert!(!sandbox.exists(".mpctl/state.db"), "looking made a store");
}

#[test]
fn the_list_is_one_address_a_line() {
    let sandbox = project(SPEC);
    sandbox.apply();
    assert_snapshot!(sandbox.run(["state", "list"]).succeeds().stdout, @r#"
    default/resource.site["eu"]
    default/resource.web[0]
    default/resource.web[1]
    "#);
    let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
    assert_eq!(list["serial"], 1);
    let site = &list["resources"][0];
    assert_eq!(site["address"], "default/resource.site[\"eu\"]");
    assert_eq!(site["type"], "mpctl_data");
    assert_eq!(site["environment"], "default");
    assert!(site["id"].is_string());
    assert_snapshot!(keys(site), @"address deposed environment id mode provider status type");
}

#[test]
fn history_has_every_version_with_who_made_it() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.edit("main.hcl", "count = 2", "count = 3");
    sandbox.apply();
    sandbox.destroy();
    let history = sandbox.run(["state", "history", "--json"]).succeeds().json();
    let serials: Vec<&Json> =
        history.as_array().unwrap().iter().map(|version| &version["serial"]).collect();
    assert_eq!(serials, [1, 2, 3]);
    assert_eq!(history[0]["who"], "ada");
    assert_snapshot!(keys(&history[0]), @"at digest lineage message operation records serial who");
    let operations: std::collections::BTreeSet<&str> =
        (0..3).map(|at| history[at]["operation"].as_str().unwrap()).collect();
    assert_eq!(operations.len(), 3, "each version has its own operation");
}

#[test]
fn several_environments_answer_side_by_side() {
    let sandbox = project(TWO_ENVIRONMENTS);
    let lost = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(lost.err(), @r"
    error[MP0408]: this project has 2 environments: dev, prod
     = help: choose with `-e NAME` (several: `-e A -e B`), or take all with `-e '*'`
    ");

    sandbox.run(["apply", "--auto-approve", "-e", "*"]).succeeds();
    assert_snapshot!(sandbox.run(["state", "list", "-e", "*"]).succeeds().stdout, @r"
    dev/resource.store
    prod/resource.store
    ");
    let list = sandbox.run(["state", "list", "--json", "-e", "*"]).succeeds().json();
    assert_eq!(keys(&list), "environments");
    assert_eq!(keys(&list["environments"]), "dev prod");
    assert_eq!(keys(&list["environments"]["dev"]), "lineage resources serial");
    let history = sandbox.run(["state", "history", "--json", "-e", "*"]).succeeds().json();
    assert_eq!(history["environments"]["prod"][0]["serial"], 1);
    let outputs = sandbox.run(["output", "--json", "-e", "*"]).succeeds().json();
    assert_eq!(outputs["environments"]["dev"]["size"]["value"], "small");
    assert_eq!(outputs["environments"]["prod"]["size"]["value"], "large");
    let shown = sandbox.run(["show", "--json", "-e", "*"]).succeeds().json();
    assert!(shown["environments"]["dev"]["values"]["root_module"]["resources"].is_array());

    let one = sandbox.run(["output", "--json", "-e", "prod"]).succeeds().json();
    assert_eq!(one["size"]["value"], "large");
}

#[test]
fn a_plan_over_several_environments_names_outputs_by_environment() {
    let sandbox = project(TWO_ENVIRONMENTS);
    let plan = sandbox.plan_json(["-e", "*"]);
    assert_eq!(keys(&plan["output_changes"]), "dev/size prod/size");
    assert_eq!(keys(&plan["variables"]), "dev/size prod/size");
    let one = sandbox.plan_json(["-e", "dev"]);
    assert_eq!(keys(&one["output_changes"]), "size");
    assert_eq!(one["variables"]["size"]["value"], "small");
}

#[test]
fn environments_are_chosen_by_the_environment_variable_too() {
    let sandbox = project(TWO_ENVIRONMENTS);
    let plan = sandbox.mpctl(["plan"]).env("MPCTL_ENVIRONMENT", "prod").run().succeeds();
    plan.says("prod/resource.store").never_says("dev/resource.store");
    let typo = sandbox.run(["plan", "-e", "pord"]).exits(1);
    assert_snapshot!(typo.err(), @r"
    error[MP0408]: there is no environment `pord`
     = help: did you mean `prod`?
    ");
}

#[test]
fn the_state_has_the_shape_that_terraform_gives_it() {
    let sandbox = project(SPEC);
    sandbox.apply();
    let state = sandbox.run(["show", "--json"]).succeeds().json();
    assert_snapshot!(keys(&state), @"format_version lineage mpctl_version serial values");
    let resources = state["values"]["root_module"]["resources"].as_array().unwrap();
    let web = resources.iter().find(|r| r["address"] == "default/resource.web[1]").unwrap();
    assert_snapshot!(keys(web), @"address environment index mode name provider_name schema_version sensitive_values type values");
    assert_eq!(web["name"], "web");
    assert_eq!(web["index"], 1);
    assert_eq!(web["mode"], "managed");
    assert_eq!(web["values"]["output"]["name"], "web-1");
    assert_eq!(state["values"]["outputs"]["token"]["sensitive"], true);
    assert_eq!(state["values"]["outputs"]["token"]["value"], Json::Null);
}

#[test]
fn one_record_is_shown_by_its_address_with_or_without_the_environment() {
    let sandbox = project(SPEC);
    sandbox.apply();
    let short = sandbox.run(["state", "show", "resource.web[1]"]).succeeds();
    assert_snapshot!(short.out(), @r#"
    # default/resource.web[1]:
    resource "mpctl_data" "web" {
        id     = "[ID]"
        input  = {
            name = "web-1"
        }
        output = {
            name = "web-1"
        }
    }
    "#);
    let full = sandbox.run(["state", "show", "default/resource.web[1]"]).succeeds();
    assert_eq!(full.stdout, short.stdout);
    sandbox.run(["state", "show", "resource.web[7]"]).exits(1).says("default/resource.web[7]");
}

#[test]
fn outputs_are_for_people_for_scripts_and_for_shells() {
    let sandbox = project(SPEC);
    sandbox.apply();
    assert_snapshot!(sandbox.run(["output"]).succeeds().stdout, @r#"
    motto = "small steps"
    names = [
      "web-0",
      "web-1",
    ]
    port = 8080
    token = (sensitive value)
    "#);
    let outputs = sandbox.run(["output", "--json"]).succeeds().json();
    assert_eq!(
        outputs,
        json!({
            "motto": { "sensitive": false, "type": "string", "value": "small steps" },
            "names": { "sensitive": false, "type": ["tuple", ["string", "string"]], "value": ["web-0", "web-1"] },
            "port": { "sensitive": false, "type": "number", "value": 8080 },
            "token": { "sensitive": true, "type": "string", "value": "s3cr3t-t0ken" },
        })
    );
    assert_eq!(sandbox.run(["output", "motto"]).succeeds().stdout, "\"small steps\"\n");
    assert_eq!(sandbox.run(["output", "--raw", "port"]).succeeds().stdout.trim_end(), "8080");
    assert_eq!(sandbox.run(["output", "token"]).succeeds().stdout, "\"s3cr3t-t0ken\"\n");
    let none = sandbox.run(["output", "moto"]).exits(1);
    assert_snapshot!(none.err(), @r"
    error[MP0401]: there is no recorded output `moto`
     = help: there are: motto, names, port, token
    ");
}

#[test]
fn an_environment_that_only_the_state_knows_is_told_of_and_can_be_destroyed() {
    let sandbox = project(TWO_ENVIRONMENTS);
    sandbox.run(["apply", "--auto-approve", "-e", "*"]).succeeds();
    sandbox.edit("main.hcl", "environment \"dev\" {\n  variables = { size = \"small\" }\n}\n", "");
    let plan = sandbox.run(["plan", "-e", "prod"]).succeeds();
    assert_snapshot!(plan.err(), @r"
    warning[MP0408]: the state has objects of environment `dev`, which the spec does not declare
     = help: `mpctl destroy -e dev` removes them; declare it again to keep them
    ");
    assert!(sandbox.run(["state", "list", "-e", "*"]).succeeds().stdout.contains("dev/"));
    sandbox.run(["destroy", "--auto-approve", "-e", "dev"]).succeeds();
    assert_eq!(
        sandbox.run(["state", "list", "-e", "*"]).succeeds().stdout,
        "prod/resource.store\n"
    );
}

#[test]
fn one_plan_over_several_environments_is_one_operation() {
    let sandbox = project(TWO_ENVIRONMENTS);
    sandbox.run(["plan", "-e", "dev", "-e", "prod", "--out", "both.mpplan"]).succeeds();
    sandbox.run(["apply", "both.mpplan"]).succeeds();
    let history = sandbox.run(["state", "history", "--json", "-e", "*"]).succeeds().json();
    let operation =
        |environment: &str| history["environments"][environment][0]["operation"].clone();
    assert_eq!(operation("dev"), operation("prod"));
    // Either of them having moved makes the plan for both stale.
    sandbox.run(["plan", "-e", "*", "--var", "size=huge", "--out", "late.mpplan"]).succeeds();
    sandbox.run(["destroy", "--auto-approve", "-e", "dev"]).succeeds();
    sandbox.run(["apply", "late.mpplan"]).exits(4).says("dev");
    assert_eq!(
        sandbox.run(["output", "--raw", "-e", "prod", "size"]).succeeds().stdout.trim_end(),
        "large"
    );
}
