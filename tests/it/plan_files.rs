//! A saved plan is complete, bound to what it was made on, and used once.

use std::fs;

use insta::assert_snapshot;
use mpctl_testkit::Sandbox;

use crate::{project, recorded};

const SPEC: &str = r#"
project "shop" {}
variable "greeting" { default = "hello" }
resource "mpctl_data" "base" {
  input = { greeting = var.greeting }
}
resource "local_file" "page" {
  filename = "out/page.txt"
  content  = "${resource.base.output.greeting}, says ${resource.base.id}"
}
output "id" { value = resource.base.id }
"#;

/// A project and a plan of it, saved outside of the project's folder.
fn saved_plan() -> (Sandbox, String) {
    let sandbox = project(SPEC);
    let file = sandbox.outside().join("shop.mpplan").to_str().unwrap().to_owned();
    sandbox.run(["plan", "--out", &file]).succeeds();
    (sandbox, file)
}

#[test]
fn a_plan_is_carried_out_without_the_files_that_it_was_made_from() {
    let (sandbox, file) = saved_plan();
    let planned = sandbox.run(["show", &file]).succeeds();
    sandbox.remove("main.hcl");

    sandbox.run(["apply", &file]).succeeds();

    // The project's name lives in the spec that is gone: the state is looked at with the spec back in place.
    sandbox.spec(SPEC);
    assert_eq!(recorded(&sandbox), ["default/resource.base", "default/resource.page"]);
    let id = sandbox.run(["output", "--raw", "id"]).succeeds().stdout;
    assert_eq!(sandbox.read("out/page.txt"), format!("hello, says {}", id.trim()));
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    assert_snapshot!(planned.out().split_once("Plan: ").unwrap().1, @r"
    2 to add, 0 to change, 0 to destroy.
    Order: 2 waves; first default/resource.base, last default/resource.page.
    Rollback: all 2 steps are reversible.

    Changes to Outputs:
      + id = (known after apply)
    ");
}

#[test]
fn a_plan_does_what_it_says_even_if_the_spec_says_something_else_by_now() {
    let (sandbox, file) = saved_plan();
    sandbox.spec(&SPEC.replace("\"hello\"", "\"something else\""));
    sandbox.run(["apply", &file]).succeeds();
    assert!(sandbox.read("out/page.txt").starts_with("hello, says "));
}

#[test]
fn a_plan_is_used_once() {
    let (sandbox, file) = saved_plan();
    sandbox.run(["apply", &file]).succeeds();
    let again = sandbox.run(["apply", &file]).exits(4);
    assert_snapshot!(again.err(), @r"
    error[MP0503]: the plan cannot be applied: it has been used already, by operation [ID]
     = help: make a new plan with `mpctl plan --out FILE`
    ");
}

#[test]
fn a_plan_on_a_state_that_has_moved_is_refused_and_changes_nothing() {
    let (sandbox, file) = saved_plan();
    sandbox.apply();
    let before = sandbox.run(["show", "--json"]).succeeds().stdout;
    let late = sandbox.outside().join("late.mpplan").to_str().unwrap().to_owned();
    sandbox.run(["plan", "--var", "greeting=late", "--out", &late]).succeeds();
    sandbox.run(["apply", "--auto-approve", "--var", "greeting=early"]).succeeds();
    let stale = sandbox.run(["apply", &late]).exits(4);
    assert_snapshot!(stale.err(), @r"
    error[MP0503]: the plan cannot be applied: it is stale: it was made on version 1 of environment default, which has version 2 now
     = help: make a new plan with `mpctl plan --out FILE`
    ");
    sandbox.run(["apply", &file]).exits(4);
    assert!(sandbox.read("out/page.txt").starts_with("early, says "));
    assert_ne!(sandbox.run(["show", "--json"]).succeeds().stdout, before);
}

#[test]
fn a_refused_plan_says_so_in_json_too() {
    let (sandbox, file) = saved_plan();
    sandbox.run(["apply", &file]).succeeds();
    let refused = sandbox.run(["apply", "--json", &file]).exits(4);
    let diagnostics = refused.events_of("diagnostic");
    assert_eq!(diagnostics[0]["diagnostic"]["code"], "MP0503");
    assert_eq!(refused.stderr, "");
}

#[test]
fn the_plan_of_another_project_is_refused() {
    let (sandbox, file) = saved_plan();
    let other = project(&SPEC.replace("\"shop\"", "\"bakery\""));
    let refused = other.run(["apply", &file]).exits(4);
    assert!(!other.exists("out/page.txt"));
    let same_name = project(SPEC);
    same_name.apply();
    same_name.run(["apply", &file]).exits(4);
    drop(sandbox);
    assert_snapshot!(refused.err(), @r"
    error[MP0503]: the plan cannot be applied: it was made for project `shop`, and this is `bakery`
     = help: make a new plan with `mpctl plan --out FILE`
    ");
}

#[test]
fn a_plan_that_was_cut_short_is_refused() {
    let (sandbox, file) = saved_plan();
    let whole = fs::read(&file).unwrap();
    for length in (0..whole.len()).step_by(97) {
        fs::write(&file, &whole[..length]).unwrap();
        sandbox.run(["apply", &file]).exits(4).never_says("panic");
    }
    assert!(recorded(&sandbox).is_empty());
    fs::write(&file, &whole).unwrap();
    sandbox.run(["apply", &file]).succeeds();
}

#[test]
fn a_plan_of_which_one_byte_was_changed_is_refused() {
    let (sandbox, file) = saved_plan();
    let whole = fs::read(&file).unwrap();
    // A walk over the file with a stride that shares no factor with its length touches all parts of it.
    for turn in 0..200 {
        let at = turn * 7919 % whole.len();
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (turn % 8);
        fs::write(&file, &damaged).unwrap();
        let refused = sandbox.run(["apply", &file]).never_says("panic");
        assert_eq!(refused.code, 4, "byte {at} of {}: {}", whole.len(), refused.stderr);
    }
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn what_is_no_plan_at_all_is_refused() {
    let sandbox = project(SPEC);
    sandbox.run(["apply", "main.hcl"]).exits(4);
    sandbox.write("empty", "");
    let refused = sandbox.run(["show", "empty"]).exits(4);
    assert_snapshot!(refused.err(), @r"
    error[MP0503]: the plan cannot be applied: it is not a plan file
     = help: make a new plan with `mpctl plan --out FILE`
    ");
    sandbox.run(["apply", "nowhere.mpplan"]).exits(1).says("nowhere.mpplan");
}

#[test]
fn an_empty_plan_opens_nothing() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.run(["plan", "--out", "nothing.mpplan"]).succeeds();
    sandbox.run(["apply", "nothing.mpplan"]).succeeds();
    let history = sandbox.run(["state", "history", "--json"]).succeeds().json();
    assert_eq!(history.as_array().unwrap().len(), 1);
}
