//! Flags, prompts, colours, exit codes.

use insta::assert_snapshot;

use crate::{project, recorded, sandbox};

const SPEC: &str = "resource \"mpctl_data\" \"a\" {}\n";

#[test]
fn what_cannot_be_understood_exits_with_1() {
    let sandbox = project(SPEC);
    sandbox.run(["plan", "--no-such-flag"]).exits(1).says("--no-such-flag");
    sandbox.run(["plann"]).exits(1).says("plan");
    sandbox.run([]).exits(1);
    sandbox.run(["plan", "--var", "novalue"]).exits(1).says("NAME=VALUE");
    sandbox.run(["apply", "--lock-timeout", "soon"]).exits(1).says("30s");
    sandbox.run(["state", "show", "not an address"]).exits(1);
    sandbox.run(["plan", "--target", "not an address"]).exits(1).says("--target");
    sandbox.run(["--help"]).succeeds();
    sandbox.run(["plan", "--help"]).succeeds();
}

#[test]
fn nothing_is_applied_unless_somebody_agrees() {
    let sandbox = project(SPEC);
    let refused = sandbox.run(["apply"]).exits(1);
    assert_snapshot!(refused.err(), @"error[MP0902]: this needs an approval, and nobody can be asked: pass --auto-approve, or apply a saved plan");
    sandbox.run(["apply", "--input=false"]).exits(1);
    // A pipe is nobody who could agree, whatever it says.
    sandbox.mpctl(["apply"]).input("yes\n").run().exits(1);
    sandbox.run(["destroy"]).exits(0).says("No changes");
    assert!(recorded(&sandbox).is_empty());
    sandbox.apply();
    sandbox.run(["apply"]).succeeds().says("No changes");
    sandbox.run(["destroy"]).exits(1);
    assert_eq!(recorded(&sandbox), ["default/resource.a"]);
}

#[test]
fn a_protected_environment_is_destroyed_only_with_its_name() {
    let sandbox = project(&format!("environment \"prod\" {{\n  protect = true\n}}\n{SPEC}"));
    sandbox.apply();
    let refused = sandbox.run(["destroy", "--auto-approve"]).exits(5);
    assert_snapshot!(refused.err(), @r"
    error[MP0902]: environment prod is protected, and the plan destroys or replaces something in it
     = help: approve it by name: `--approve prod`
    ");
    sandbox.run(["apply", "--auto-approve", "--replace", "resource.a"]).exits(5);
    sandbox.run(["destroy", "--auto-approve", "--approve", "dev"]).exits(5);
    sandbox.run(["plan", "--destroy", "--out", "destroy.mpplan"]).succeeds();
    sandbox.run(["apply", "destroy.mpplan"]).exits(5);
    assert_eq!(recorded(&sandbox), ["prod/resource.a"]);
    sandbox.run(["destroy", "--auto-approve", "--approve", "prod"]).succeeds();
    assert!(recorded(&sandbox).is_empty());
}

#[test]
fn the_exit_code_tells_whether_there_is_something_to_do_if_asked() {
    let sandbox = project(SPEC);
    sandbox.run(["plan"]).exits(0);
    sandbox.run(["plan", "--detailed-exitcode"]).exits(2);
    sandbox.run(["plan", "--detailed-exitcode", "--json"]).exits(2);
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).exits(0);
    sandbox.run(["plan", "--detailed-exitcode", "--destroy"]).exits(2);
    sandbox.run(["plan", "--detailed-exitcode", "--target", "not/an/address"]).exits(1);
}

#[test]
fn colours_are_for_terminals_or_for_those_who_insist() {
    let sandbox = project(SPEC);
    let escape = '\u{1b}';
    assert!(!sandbox.plan().stdout.contains(escape));
    let forced = sandbox.mpctl(["plan"]).env("CLICOLOR_FORCE", "1");
    assert!(forced.run().succeeds().stdout.contains(escape));
    let neither = sandbox.mpctl(["plan"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!neither.run().succeeds().stdout.contains(escape));
    let flag = sandbox.mpctl(["plan", "--no-color"]).env("CLICOLOR_FORCE", "1");
    assert!(!flag.run().succeeds().stdout.contains(escape));
}

#[test]
fn a_plan_is_a_result_and_goes_to_standard_output() {
    let sandbox = project(SPEC);
    let plan = sandbox.plan();
    assert!(plan.stdout.contains("Plan: 1 to add"));
    assert_eq!(plan.stderr, "");
    let applied = sandbox.apply();
    assert!(applied.stdout.contains("Apply complete!"));
    assert_snapshot!(applied.err(), @r"
    default/resource.a: Creating...
    default/resource.a: Creation complete after [DURATION] [id=[ID]]
    ");
}

#[test]
fn a_reader_that_goes_away_is_no_defect() {
    let sandbox = project(SPEC);
    for command in ["plan", "state list --json", "output", "validate", "version"] {
        let command = format!("{} {command} >&-; echo \"exit $?\"", env!("CARGO_BIN_EXE_mpctl"));
        let told = sandbox.shell(&command);
        assert!(!told.contains("defect") && !told.contains("panic"), "{command}: {told}");
        let full = command.replace(">&-", "> /dev/full");
        let told = sandbox.shell(&full);
        assert!(!told.contains("defect") && !told.contains("panic"), "{full}: {told}");
    }
}

#[test]
fn it_can_be_told_to_work_elsewhere() {
    let sandbox = project(SPEC);
    let folder = sandbox.project().to_str().unwrap().to_owned();
    let outside = sandbox.outside();
    sandbox.mpctl(["-C", &folder, "apply", "--auto-approve"]).folder(&outside).run().succeeds();
    assert!(sandbox.exists(".mpctl/state.db"));
    let list = sandbox.mpctl(["-C", "project", "state", "list"]).folder(&outside).run().succeeds();
    assert_eq!(list.stdout, "default/resource.a\n");
}

#[test]
fn a_spec_is_read_from_files_that_are_named_or_from_standard_input() {
    let sandbox = sandbox();
    sandbox.write("a.hcl", SPEC);
    sandbox.write("b.hcl", "resource \"mpctl_data\" \"b\" {}\n");
    let plan = sandbox.run(["plan", "-f", "b.hcl"]).succeeds();
    plan.says("default/resource.b").never_says("default/resource.a");
    let piped = sandbox.mpctl(["plan", "-f", "-", "--hcl"]).input("output \"x\" { value = 1 }\n");
    piped.run().succeeds().says("x = 1");
    let yaml = "apiVersion: mpctl/v1\nkind: Output\nmetadata: { name: y }\nspec: { value: 2 }\n";
    sandbox.mpctl(["plan", "-f", "-"]).input(yaml).run().succeeds().says("y = 2");
}

#[test]
fn variables_are_given_in_rising_precedence() {
    let sandbox = project(
        "environment \"dev\" { variables = { c = \"environment\", d = \"environment\", e = \"environment\", f = \"environment\" } }\n\
         variable \"a\" { default = \"default\" }\nvariable \"b\" { default = \"default\" }\n\
         variable \"c\" { default = \"default\" }\nvariable \"d\" { default = \"default\" }\n\
         variable \"e\" { default = \"default\" }\nvariable \"f\" { default = \"default\" }\n\
         output \"all\" { value = join(\" \", [var.a, var.b, var.c, var.d, var.e, var.f]) }\n",
    );
    sandbox.write("site.auto.vars.yaml", "b: auto\nc: auto\n");
    sandbox.write("given.yaml", "e: file\nf: file\n");
    let plan = sandbox
        .mpctl(["plan", "--var-file", "given.yaml", "--var", "f=flag"])
        .env("MPCTL_VAR_d", "process")
        .env("MPCTL_VAR_e", "process");
    plan.run().succeeds().says("all = \"default auto environment process file flag\"");
}

#[test]
fn flags_may_be_set_once_for_all_commands() {
    let sandbox = project(SPEC);
    sandbox.mpctl(["plan"]).env("MPCTL_CLI_ARGS", "--detailed-exitcode").run().exits(2);
}

#[test]
fn init_is_not_needed_and_does_no_harm() {
    let sandbox = project(SPEC);
    sandbox.run(["init"]).succeeds();
    sandbox.apply();
    sandbox.run(["init"]).succeeds();
    assert_eq!(recorded(&sandbox), ["default/resource.a"]);
}

#[test]
fn the_version_is_told_without_a_project() {
    let sandbox = sandbox();
    let version = sandbox.run(["version"]).succeeds();
    assert!(version.stdout.starts_with("mpctl "), "{}", version.stdout);
    assert!(sandbox.run(["version", "--json"]).succeeds().json().is_object());
    sandbox.run(["completion", "bash"]).succeeds().says("mpctl");
}

#[test]
fn events_are_named_as_terraform_names_them() {
    let sandbox = project(SPEC);
    let applied = sandbox.run(["apply", "--auto-approve", "--json"]).succeeds();
    let types: Vec<String> = applied
        .events()
        .iter()
        .map(|event| {
            assert!(event["@level"].is_string() && event["@message"].is_string(), "{event}");
            assert!(event["@timestamp"].is_string() && event["@module"].is_string(), "{event}");
            event["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_snapshot!(types.join("\n"), @r"
    version
    planned_change
    change_summary
    apply_start
    apply_complete
    change_summary
    ");
    assert_eq!(applied.stderr, "");
}

#[test]
fn the_graph_is_drawn_in_three_ways() {
    let sandbox = project(
        "resource \"mpctl_data\" \"a\" {}\nresource \"mpctl_data\" \"b\" {\n  input = resource.a.id\n}\n",
    );
    sandbox.run(["graph"]).succeeds().says("digraph");
    sandbox.run(["graph", "--format", "mermaid"]).succeeds().says("flowchart");
    sandbox.run(["graph", "--format", "svg"]).succeeds().says("<svg");
}

#[test]
fn specs_are_put_into_the_canonical_layout() {
    let sandbox = project("resource \"mpctl_data\" \"a\" {\n    input=1\n}\n");
    sandbox.run(["fmt", "--check"]).exits(1).says("main.hcl");
    sandbox.run(["fmt"]).succeeds();
    assert_eq!(sandbox.read("main.hcl"), "resource \"mpctl_data\" \"a\" {\n  input = 1\n}\n");
    sandbox.run(["fmt", "--check"]).succeeds();
    let piped =
        sandbox.mpctl(["fmt", "-"]).input("anything \"at\" \"all\" {\nx=1\n}\n").run().succeeds();
    assert_eq!(piped.stdout, "anything \"at\" \"all\" {\n  x = 1\n}\n");
    let bad = sandbox.mpctl(["fmt", "-"]).input("a = {\n").run().exits(1);
    assert_eq!(bad.stdout, "");
}
