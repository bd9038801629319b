//! What a user gets for a mistake: what happened, where, and what to do.

use insta::assert_snapshot;
use mpctl_testkit::Output;

use crate::{project, recorded, sandbox, verdicts};

/// What `plan` says about a spec that is wrong.
#[track_caller]
fn mistake(spec: &str) -> String {
    refused(&project(spec).run(["plan"]).exits(1))
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.stdout, "", "an error belongs on standard error");
    output.err()
}

#[test]
fn a_kind_that_is_not_known() {
    assert_snapshot!(mistake("apiVersion: mpctl/v1\nkind: Workloads\nmetadata: { name: api }\nspec: {}\n"), @r"
    error[MP0201]: unknown kind `Workloads`
      --> main.yaml:2:7
      |
    2 | kind: Workloads
      |       ^^^^^^^^^ no kind of ours
      |
      = help: did you mean `Workload`?
    ");
    assert_snapshot!(mistake("resorce \"mpctl_data\" \"a\" {}\n"), @r#"
    error[MP0201]: unknown block `resorce`
      --> main.hcl:1:1
      |
    1 | resorce "mpctl_data" "a" {}
      | ^^^^^^^ no kind of ours
      |
      = help: did you mean `resource`?
    "#);
}

#[test]
fn a_key_that_is_not_known() {
    assert_snapshot!(mistake("apiVersion: mpctl/v1\nkind: Workload\nmetadata: { name: api }\nspec:\n  command: [server]\n  replica: 2\n"), @r#"
    error[MP0203]: unknown key `replica` in workload "api"
      --> main.yaml:6:3
      |
    6 |   replica: 2
      |   ^^^^^^^ not known here
      |
      = help: did you mean `replicas`?
    "#);
    assert_snapshot!(mistake("resource \"mpctl_data\" \"a\" {\n  inptu = 1\n}\n"), @r"
    error[MP0203]: mpctl_data has no attribute `inptu`
      --> main.hcl:2:3
      |
    2 |   inptu = 1
      |   ^^^^^ not known
      |
      = help: did you mean `input`?
    ");
}

#[test]
fn a_resource_type_that_is_not_known() {
    assert_snapshot!(mistake("resource \"local_fil\" \"a\" {\n}\n"), @r#"
    error[MP0802]: there is no resource type `local_fil`
      --> main.hcl:1:10
      |
    1 | resource "local_fil" "a" {
      |          ^^^^^^^^^^^ not known
      |
      = help: did you mean `local_file`?
    "#);
    assert_snapshot!(mistake("resource \"cloud_database\" \"db\" {\n}\n"), @r#"
    error[MP0801]: there is no provider `cloud`
      --> main.hcl:1:10
      |
    1 | resource "cloud_database" "db" {
      |          ^^^^^^^^^^^^^^^^ not known
      |
      = help: there are `exec`, `http`, `local`, `mpctl`, `process`
    "#);
}

#[test]
fn a_value_of_the_wrong_type() {
    assert_snapshot!(mistake("workload \"api\" {\n  command  = [\"server\"]\n  replicas = \"two\"\n}\n"), @r#"
    error[MP0407]: `replicas` has to be a whole number, 0 or more
      --> main.hcl:3:14
      |
    3 |   replicas = "two"
      |              ^^^^^
    "#);
    assert_snapshot!(mistake("resource \"local_file\" \"a\" {\n  filename = [\"a\"]\n  content  = \"\"\n}\n"), @r#"
    error[MP0205]: `filename` of local_file does not fit: a string is required
      --> main.hcl:2:14
      |
    2 |   filename = ["a"]
      |              ^^^^^ expected string
    "#);
}

#[test]
fn something_required_that_is_missing() {
    assert_snapshot!(mistake("resource \"local_file\" \"a\" {\n  content = \"\"\n}\n"), @r#"
    error[MP0204]: local_file needs `filename`
      --> main.hcl:1:1
      |
    1 | resource "local_file" "a" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `filename` is missing or null
    "#);
}

#[test]
fn a_reference_to_what_is_not_there() {
    assert_snapshot!(mistake("resource \"mpctl_data\" \"server\" {}\noutput \"id\" {\n  value = resource.servr.id\n}\n"), @r"
    error[MP0401]: there is no resource named `servr`
      --> main.hcl:3:20
      |
    3 |   value = resource.servr.id
      |                    ^^^^^ not declared
      |
      = help: did you mean `resource.server`?
    ");
    assert_snapshot!(mistake("resource \"mpctl_data\" \"server\" {}\noutput \"id\" {\n  value = resource.server.idd\n}\n"), @r"
    error[MP0304]: there is no attribute `idd`
      --> main.hcl:3:27
      |
    3 |   value = resource.server.idd
      |                           ^^^ looked for in an object with id, input, output, triggers_replace
      |
      = help: did you mean `id`?
    ");
    assert_snapshot!(mistake("output \"size\" {\n  value = var.size\n}\n"), @r"
    error[MP0306]: there is no variable `size`
      --> main.hcl:2:15
      |
    2 |   value = var.size
      |               ^^^^ no such variable
    ");
}

#[test]
fn a_cycle_with_every_member_and_its_place() {
    assert_snapshot!(mistake(
        "resource \"mpctl_data\" \"egg\" {\n  input = resource.hen.id\n}\n\
         resource \"mpctl_data\" \"hen\" {\n  input = local.chick\n}\n\
         locals {\n  chick = \"from ${resource.egg.id}\"\n}\n"
    ), @r#"
    error[MP0402]: these refer to each other in a circle: local.chick → resource.egg → resource.hen → local.chick
      --> main.hcl:8:3
      |
    1 | resource "mpctl_data" "egg" {
      |                       ----- resource.egg needs resource.hen
      .
    4 | resource "mpctl_data" "hen" {
      |                       ----- resource.hen needs local.chick
      .
    8 |   chick = "from ${resource.egg.id}"
      |   ^^^^^ local.chick needs resource.egg
      |
      = help: take one of the references out, or split what both sides need into a third
    "#);
    assert_snapshot!(mistake("locals {\n  a = local.a\n}\n"), @r"
    error[MP0402]: these refer to each other in a circle: local.a → local.a
      --> main.hcl:2:3
      |
    2 |   a = local.a
      |   ^ local.a needs local.a
      |
      = help: take one of the references out, or split what both sides need into a third
    ");
}

#[test]
fn one_name_twice_in_two_files() {
    let sandbox = sandbox();
    sandbox.write("one.hcl", "resource \"mpctl_data\" \"shop\" {}\n");
    sandbox.write("two.yaml", "apiVersion: mpctl/v1\nkind: Resource\nmetadata: { name: shop }\nspec: { type: local_file }\n");
    assert_snapshot!(refused(&sandbox.run(["plan"]).exits(1)), @r#"
    error[MP0207]: resource "shop" is declared twice
      --> two.yaml:3:19
      |
    3 | metadata: { name: shop }
      |                   ^^^^ again here
      |
      --> one.hcl:1:23
      |
    1 | resource "mpctl_data" "shop" {}
      |                       ------ first here
      |
      = help: names are unique per kind in a project; rename one of them
    "#);
}

#[test]
fn a_variable_that_nobody_declares() {
    let sandbox = project("variable \"replicas\" { default = 1 }\n");
    assert_snapshot!(refused(&sandbox.run(["plan", "--var", "replica=2"]).exits(1)), @r"
    error[MP0403]: `--var replica` gives a value to a variable that nothing declares
     = help: did you mean `--var replicas=…`?
    ");
}

#[test]
fn a_variable_without_a_value_and_one_with_a_bad_one() {
    let sandbox = project(
        "variable \"replicas\" {\n  type = number\n  validation {\n    condition     = var.replicas > 0\n    error_message = \"At least one is needed.\"\n  }\n}\n",
    );
    assert_snapshot!(refused(&sandbox.run(["plan"]).exits(1)), @r#"
    error[MP0404]: variable `replicas` has no value
      --> main.hcl:1:1
      |
    1 | variable "replicas" {
      | ^^^^^^^^^^^^^^^^^^^^^ declared here, without a default
      |
      = help: give one with `--var replicas=…`, MPCTL_VAR_replicas, or in the environment's variables
    "#);
    assert_snapshot!(refused(&sandbox.run(["plan", "--var", "replicas=many"]).exits(1)), @r#"
    error[MP0205]: the value of variable `replicas` does not fit its type: a number is required, not "many"
      --> main.hcl:1:1
      |
    1 | variable "replicas" {
      | ^^^^^^^^^^^^^^^^^^^^^ declared here; the value comes from --var
    "#);
    assert_snapshot!(refused(&sandbox.run(["plan", "--var", "replicas=0"]).exits(1)), @r"
    error[MP0405]: variable `replicas` has an invalid value
      --> main.hcl:3:3
      |
    3 |   validation {
      |   ^^^^^^^^^^^^ this rule does not hold
      |
      = At least one is needed.
    ");
}

#[test]
fn a_file_that_is_not_utf8() {
    let sandbox = sandbox();
    sandbox.write(
        "latin1.yaml",
        b"apiVersion: mpctl/v1\nkind: Project\nmetadata: { name: caf\xe9 }\n",
    );
    assert_snapshot!(refused(&sandbox.run(["plan"]).exits(1)), @r"
    error[MP0102]: latin1.yaml is not UTF-8
      --> latin1.yaml:3:22
      |
    3 | metadata: { name: caf� }
      |                      ^ the byte 0xe9, at offset 56, cannot stand here
      |
      = help: save it as UTF-8
    ");
}

#[test]
fn a_folder_without_a_spec() {
    assert_snapshot!(refused(&sandbox().run(["plan"]).exits(1)), @r"
    error[MP0107]: there is no spec in [PROJECT]
     = Looked for `*.yaml`, `*.yml`, `*.hcl` and `*.mpctl.json`, in this folder and those below it, but not names that begin with `.` or what `.mpctlignore` names. No such file was found.
     = help: go to the project's folder, name it with `-C`, or write a first document
    ");
    assert_snapshot!(refused(&sandbox().run(["-C", "nowhere", "plan"]).exits(1)), @"error: cannot work in nowhere: No such file or directory (os error 2)");
}

#[test]
fn a_state_folder_that_cannot_be_written() {
    let sandbox = project("resource \"mpctl_data\" \"a\" {}\n");
    sandbox.write(".mpctl", "a file where the folder should be");
    let refused = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(refused.err(), @"error[MP0601]: the state store [PROJECT]/.mpctl/state.db cannot be used: its marker cannot be read: Not a directory (os error 20)");
}

#[test]
fn syntax_errors_in_both_spellings() {
    assert_snapshot!(mistake("resource \"mpctl_data\" \"a\" {\n  input = [1, 2\n}\n"), @r"
    error[MP0104]: expected `,` or `]` after the element, found `}`
      --> main.hcl:3:1
      |
    2 |   input = [1, 2
      |           - opened here
    3 | }
      | ^ expected `,` or `]` after the element
    ");
    assert_snapshot!(mistake("apiVersion: mpctl/v1\nkind: Project\nmetadata: { name: shop\n"), @r"
    error[MP0103]: a `,` or `}` is missing
      --> main.yaml:4:1
      |
    4 |
      | ^ malformed here
      |
      = help: entries within `{}` are separated by commas
    ");
    assert_snapshot!(mistake("apiVersion: mpctl/v1\nkind: Locals\nspec: { a: ${1 + 1} }\n"), @r#"
    error[MP0103]: inside `{}` or `[]` an expression must be quoted
      --> main.yaml:3:12
      |
    3 | spec: { a: ${1 + 1} }
      |            ^^^^^^^^ YAML takes this brace for its own
      |
      = help: write `"${1 + 1}"`
    "#);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let sandbox = project(
        "resource \"mpctl_data\" \"a\" {\n  inptu = 1\n}\n\
         resource \"mpctl_data\" \"b\" {\n  input = resource.c.id\n}\n\
         output \"x\" {\n  value = lenght(\"x\")\n}\n",
    );
    let told = sandbox.run(["plan"]).exits(1);
    for words in ["`inptu`", "named `c`", "`lenght`"] {
        assert!(told.stderr.contains(words), "{words} is not told:\n{}", told.stderr);
    }
}

#[test]
fn what_has_no_effect_yet_is_told() {
    let sandbox = project(
        r#"
data "local_file" "server" {
  filename = "main.hcl"
  lifecycle {
    postcondition {
      condition     = self.id != ""
      error_message = "It has no id."
    }
  }
}
"#,
    );
    assert_snapshot!(sandbox.run(["plan"]).succeeds().err(), @r"
    warning[MP0208]: `postcondition` is not acted on by this version
      --> main.hcl:5:5
      |
    5 |     postcondition {
      |     ^^^^^^^^^^^^^^^ no effect yet
      |
      = help: a `check` warns of what does not hold
    ");
    assert_snapshot!(mistake("resource \"mpctl_data\" \"a\" {}\nimport {\n  to = resource.a\n  id = \"abc\"\n}\n"), @r"
    error[MP0505]: `import` is not supported yet
      --> main.hcl:2:1
      |
    2 | import {
      | ^^^^^^^^ this object would not be taken over, but made a second time
      |
      = help: take the import out, and leave the object to what manages it now
    ");
}

#[test]
fn a_rollback_that_is_not_there_yet_is_refused() {
    assert_snapshot!(mistake("environment \"dev\" {\n  on_failure = \"rollback\"\n}\nresource \"mpctl_data\" \"a\" {}\n"), @r#"
    error[MP0208]: `on_failure` cannot be `rollback` yet
      --> main.hcl:2:16
      |
    2 |   on_failure = "rollback"
      |                ^^^^^^^^^^ not in this version
      |
      = help: use `stop`: what was done is recorded, and the next plan goes on from there
    "#);
}

#[test]
fn a_failure_in_the_middle_of_an_apply_keeps_what_was_done() {
    let sandbox = project(
        r#"
resource "mpctl_data" "first" {}
resource "exec_command" "second" {
  create     = ["bin/create"]
  depends_on = [resource.first]
}
resource "mpctl_data" "third" {
  depends_on = [resource.second]
}
"#,
    );
    sandbox.script("bin/create", "echo 'no quota left' >&2; exit 1");
    let failed = sandbox.run(["apply", "--auto-approve"]).exits(1);
    assert_snapshot!(failed.err(), @r"
    default/resource.first: Creating...
    default/resource.first: Creation complete after [DURATION] [id=[ID]]
    default/resource.second: Creating...
    default/resource.second: no quota left
    default/resource.second: Creation failed after [DURATION]: the create command bin/create exited with 1
    error[MP0701]: default/resource.second: the create command bin/create exited with 1
     = in default/resource.second
     = no quota left
    ");
    assert_eq!(recorded(&sandbox), ["default/resource.first"]);

    sandbox.script("bin/create", "echo '{\"id\": \"ok\"}'");
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r"
    create default/resource.second
    create default/resource.third
    ");
    sandbox.apply();
    assert_eq!(recorded(&sandbox).len(), 3);
}

#[test]
fn validate_tells_the_same_in_json() {
    let sandbox = project("resource \"mpctl_data\" \"a\" {\n  inptu = 1\n}\n");
    let report = sandbox.run(["validate", "--json"]).exits(1);
    assert_eq!(report.stderr, "");
    let report = report.json();
    assert_eq!(report["valid"], false);
    assert_eq!(report["error_count"], 1);
    assert_eq!(report["warning_count"], 0);
    let diagnostic = &report["diagnostics"][0];
    assert_eq!(diagnostic["severity"], "error");
    assert_eq!(diagnostic["code"], "MP0203");
    assert_eq!(diagnostic["hint"], "did you mean `input`?");
    assert_eq!(diagnostic["range"]["filename"], "main.hcl");
    assert_eq!(diagnostic["range"]["start"]["line"], 2);
    assert_eq!(diagnostic["range"]["start"]["column"], 3);
    assert_eq!(diagnostic["range"]["start"]["byte"], 30);
    assert_eq!(diagnostic["snippet"], "  inptu = 1");

    sandbox.spec("resource \"mpctl_data\" \"a\" {}\n");
    let report = sandbox.run(["validate", "--json"]).succeeds().json();
    assert_eq!(report["valid"], true);
    assert_eq!(report["diagnostics"], serde_json::json!([]));
}

#[test]
fn with_json_an_error_is_an_event_on_standard_output() {
    let sandbox = project("resource \"mpctl_data\" \"a\" {\n  inptu = 1\n}\n");
    for arguments in [["plan", "--json"], ["apply", "--json"]] {
        let told = sandbox.run(arguments).exits(1);
        assert_eq!(told.stderr, "");
        let diagnostics = told.events_of("diagnostic");
        assert_eq!(diagnostics[0]["@level"], "error");
        assert_eq!(diagnostics[0]["diagnostic"]["code"], "MP0203");
    }
    for arguments in [["show", "--json"], ["output", "--json"]] {
        let empty = crate::sandbox();
        empty.write(".mpctl", "a file where the folder should be");
        empty.spec("resource \"mpctl_data\" \"a\" {}\n");
        let told = empty.run(arguments).exits(1);
        assert_eq!(told.stderr, "", "{arguments:?}");
        let _ = told.events();
    }
}

#[test]
fn hostile_texts_reach_no_terminal_as_they_are() {
    let sandbox = project(
        "resource \"mpctl_data\" \"a\" {\n  input = \"bell \\u0007 red \\u001b[31m right-to-left \\u202e\"\n}\n",
    );
    let plan = sandbox.plan();
    let hostile = |text: &str| text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    assert!(!hostile(&plan.stdout), "{:?}", plan.stdout);
    sandbox.write("bad.yaml", "apiVersion: mpctl/v1\nkind: \"Work\\e[31mload\"\n");
    let told = sandbox.run(["plan"]).exits(1);
    assert!(!hostile(&told.stderr), "{:?}", told.stderr);
}
