//! Files and folders: made, changed by hand, put right, taken away.

use insta::assert_snapshot;

use crate::{change, project, verdicts};

const SPEC: &str = r#"
resource "local_directory" "conf" {
  path = "out/conf"
}
resource "local_file" "motd" {
  filename = "${resource.conf.path}/motd"
  content  = "small steps\n"
}
"#;

#[test]
fn a_file_that_was_edited_by_hand_is_drift_and_is_put_right() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.write("out/conf/motd", "long strides\n");
    let plan = sandbox.run(["plan", "--detailed-exitcode"]).exits(2);
    assert_snapshot!(plan.out(), @r#"
    Objects have changed outside of mpctl since they were last recorded:

      # default/resource.motd has changed
      ~ resource "local_file" "motd" {
          ~ content        = <<-EOT
              - small steps
              + long strides
            EOT
          ~ content_sha256 = "[DIGEST]" -> "[DIGEST]"
            filename       = "out/conf/motd"
            id             = "out/conf/motd"
          ~ size           = 12 -> 13
            # (2 unchanged attributes hidden)
        }

    Actions are marked with these symbols:
      ~ update in-place

    mpctl will perform the following actions:

      # default/resource.motd will be updated in-place
      # (it was changed outside of mpctl)
      # because content was changed outside of mpctl (main.hcl:5)
      ~ resource "local_file" "motd" {
          ~ content        = <<-EOT
              - long strides
              + small steps
            EOT
          ~ content_sha256 = "[DIGEST]" -> "[DIGEST]"
            filename       = "out/conf/motd"
            id             = "out/conf/motd"
          ~ size           = 13 -> 12
            # (2 unchanged attributes hidden)
        }

    Plan: 0 to add, 1 to change, 0 to destroy.
    Rollback: the one step is reversible.
    "#);
    let json = sandbox.plan_json([]);
    assert_eq!(json["resource_drift"][0]["address"], "default/resource.motd");
    sandbox.apply();
    assert_eq!(sandbox.read("out/conf/motd"), "small steps\n");
}

#[test]
fn a_file_that_was_deleted_by_hand_is_created_again() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.remove("out/conf/motd");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"create default/resource.motd (create_because_gone)");
    sandbox.apply().says("1 added, 0 changed, 0 destroyed");
    assert_eq!(sandbox.read("out/conf/motd"), "small steps\n");
}

#[test]
fn without_refresh_what_happened_outside_is_not_seen() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.remove("out/conf/motd");
    sandbox.run(["plan", "--detailed-exitcode", "--refresh=false"]).succeeds();
}

#[test]
fn refresh_only_takes_over_what_is_there_and_changes_nothing() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.write("out/conf/motd", "long strides\n");
    let plan = sandbox.run(["plan", "--refresh-only", "--detailed-exitcode"]).exits(2);
    assert_snapshot!(plan.out(), @r#"
    Objects have changed outside of mpctl since they were last recorded:

      # default/resource.motd has changed
      ~ resource "local_file" "motd" {
          ~ content        = <<-EOT
              - small steps
              + long strides
            EOT
          ~ content_sha256 = "[DIGEST]" -> "[DIGEST]"
            filename       = "out/conf/motd"
            id             = "out/conf/motd"
          ~ size           = 12 -> 13
            # (2 unchanged attributes hidden)
        }

    Applying this plan takes over into the state what was found outside, and touches no object.
    "#);
    sandbox.run(["refresh", "--auto-approve"]).succeeds();
    assert_eq!(sandbox.read("out/conf/motd"), "long strides\n");
    sandbox.run(["plan", "--refresh-only", "--detailed-exitcode"]).succeeds();
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"update default/resource.motd");
}

#[test]
fn new_content_is_an_update_and_a_new_name_a_replacement() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.edit("main.hcl", "small steps", "steady steps");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @"update default/resource.motd");
    sandbox.edit("main.hcl", "/motd", "/message");
    let plan = sandbox.plan_json([]);
    assert_snapshot!(verdicts(&plan), @"delete+create default/resource.motd (replace_because_cannot_update)");
    let paths = &change(&plan, "default/resource.motd")["change"]["replace_paths"];
    assert_eq!(*paths, serde_json::json!([["filename"]]));
    sandbox.apply();
    assert_eq!(sandbox.files(), ["main.hcl", "out", "out/conf", "out/conf/message"]);
}

#[test]
fn a_directory_that_is_not_empty_is_left_and_said_so() {
    let sandbox = project(SPEC);
    sandbox.apply();
    sandbox.write("out/conf/notes", "somebody else's\n");
    let destroyed = sandbox.run(["destroy", "--auto-approve"]).exits(1);
    assert_snapshot!(destroyed.err(), @r"
    default/resource.motd: Destroying...
    default/resource.motd: Destruction complete after [DURATION]
    default/resource.conf: Destroying...
    default/resource.conf: Destruction failed after [DURATION]: the directory [PROJECT]/out/conf is not empty
    error[MP0701]: default/resource.conf: the directory [PROJECT]/out/conf is not empty
     = in default/resource.conf
     = it holds notes
     = help: move away or delete what mpctl did not put there
    ");
    assert_eq!(sandbox.read("out/conf/notes"), "somebody else's\n");
    assert!(!sandbox.exists("out/conf/motd"));
    sandbox.remove("out/conf/notes");
    sandbox.destroy();
    assert!(!sandbox.exists("out/conf"));
}

#[test]
fn a_data_source_is_read_while_planning_and_its_value_used() {
    let sandbox = project(
        r#"
data "local_file" "version" {
  filename = "VERSION"
}
resource "mpctl_data" "release" {
  input = trimspace(data.version.content)
}
"#,
    );
    sandbox.write("VERSION", "1.4.2\n");
    let plan = sandbox.plan_json([]);
    assert_eq!(change(&plan, "default/resource.release")["change"]["after"]["input"], "1.4.2");
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
}

#[test]
fn a_data_source_waits_for_what_it_depends_on() {
    let sandbox = project(
        r#"
resource "local_file" "made" {
  filename = "made.txt"
  content  = "made here"
}
data "local_file" "read" {
  filename   = "made.txt"
  depends_on = [resource.made]
}
output "text" { value = data.read.content }
"#,
    );
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r"
    read default/data.read (read_because_dependency_pending)
    create default/resource.made
    ");
    sandbox.apply();
    assert_eq!(sandbox.run(["output", "--raw", "text"]).succeeds().stdout.trim_end(), "made here");
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
}
