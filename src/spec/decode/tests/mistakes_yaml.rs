//! Usual mistakes in YAML.

use insta::assert_snapshot;

use super::{mistakes, mistakes_in, read, read_all};
use crate::diagnostic::render::{Style, render};

#[test]
fn an_unknown_key_is_answered_with_the_nearest_one() {
    assert_snapshot!(mistakes_in("Workload", "replica: 2\nenv: { MODE: x }"), @r#"
    error[MP0203]: unknown key `replica` in workload "api"
      --> shop.yaml:5:3
      |
    5 |   replica: 2
      |   ^^^^^^^ not known here
      |
      = help: did you mean `replicas`?
    "#);
}

#[test]
fn a_key_in_the_other_spelling_is_answered_with_this_one() {
    assert_snapshot!(mistakes_in("Workload", "depends_on: [workload.db]\nstrategy: { max_unavailable: 1 }"), @r#"
    error[MP0203]: unknown key `depends_on` in workload "api"
      --> shop.yaml:5:3
      |
    5 |   depends_on: [workload.db]
      |   ^^^^^^^^^^ not known here
      |
      = help: did you mean `dependsOn`?

    error[MP0203]: unknown key `max_unavailable` in `strategy` of workload "api"
      --> shop.yaml:6:15
      |
    6 |   strategy: { max_unavailable: 1 }
      |               ^^^^^^^^^^^^^^^ not known here
      |
      = help: did you mean `maxUnavailable`?
    "#);
}

#[test]
fn a_key_like_none_is_answered_with_those_that_are_known() {
    assert_snapshot!(mistakes_in("Variable", "widget: 1"), @r#"
    error[MP0203]: unknown key `widget` in variable "api"
      --> shop.yaml:5:3
      |
    5 |   widget: 1
      |   ^^^^^^ not known here
      |
      = help: known here: `type`, `default`, `description`, `sensitive`, `nullable`, `validation`
    "#);
}

#[test]
fn an_unknown_kind_is_answered_with_the_nearest_one() {
    assert_snapshot!(mistakes("shop.yaml", "apiVersion: mpctl/v1\nkind: Deployment\n---\napiVersion: mpctl/v1\nkind: workload\n"), @"
    error[MP0201]: unknown kind `Deployment`
      --> shop.yaml:2:7
      |
    2 | kind: Deployment
      |       ^^^^^^^^^^ no kind of ours
      |
      = help: the kinds are Project, Environment, Workload, Resource, Data, Variable, Locals,
        Output, Secret, Moved, Removed, Import, Check

    error[MP0201]: unknown kind `workload`
      --> shop.yaml:5:7
      |
    5 | kind: workload
      |       ^^^^^^^^ no kind of ours
      |
      = help: did you mean `Workload`?
    ");
}

#[test]
fn an_api_version_of_the_future_is_refused() {
    assert_snapshot!(mistakes("shop.yaml", "apiVersion: mpctl/v2\nkind: Workload\n"), @"
    error[MP0202]: unknown apiVersion `mpctl/v2`
      --> shop.yaml:1:13
      |
    1 | apiVersion: mpctl/v2
      |             ^^^^^^^^ this program does not read it
      |
      = help: write `apiVersion: mpctl/v1`
    ");
}

#[test]
fn what_is_missing_is_named() {
    assert_snapshot!(mistakes("shop.yaml", "apiVersion: mpctl/v1\nkind: Output\nmetadata: {}\nspec: {}\n---\napiVersion: mpctl/v1\n"), @"
    error[MP0204]: `metadata` of this Output has no `name`
      --> shop.yaml:3:11
      |
    3 | metadata: {}
      |           ^ `name` is missing here

    error[MP0204]: output has no `value`
      --> shop.yaml:4:7
      |
    4 | spec: {}
      |       ^ `value` is missing here

    error[MP0204]: this document has no `kind` that is a string
      --> shop.yaml:6:1
      |
    6 | apiVersion: mpctl/v1
      | ^^^^^^^^^^ `kind` is missing here
      |
      = help: the kinds are Project, Environment, Workload, Resource, Data, Variable, Locals,
        Output, Secret, Moved, Removed, Import, Check
    ");
}

#[test]
fn values_of_the_wrong_type_are_refused_in_the_users_words() {
    assert_snapshot!(mistakes_in("Environment", "protect: yes\nonFailure: 3\nruntime: [process]\nvariables: [a]"), @r#"
    error[MP0205]: `protect` must be true or false, and is the string "yes"
      --> shop.yaml:5:12
      |
    5 |   protect: yes
      |            ^^^ a string
      |
      = help: write `true`

    error[MP0205]: `onFailure` must be a string, and is a number
      --> shop.yaml:6:14
      |
    6 |   onFailure: 3
      |              ^ a number
      |
      = help: quote it

    error[MP0205]: `runtime` must be a string, and is a list
      --> shop.yaml:7:12
      |
    7 |   runtime: [process]
      |            ^^^^^^^^^ a list

    error[MP0205]: `variables` of environment "api" must be a mapping, and is a list
      --> shop.yaml:8:14
      |
    8 |   variables: [a]
      |              ^^^ a list
    "#);
}

#[test]
fn an_expression_where_a_value_must_be_written_out_is_refused() {
    assert_snapshot!(mistakes_in("Resource", "type: ${var.kind}\nenvironments: ${var.all}\nlifecycle: { preventDestroy: '${var.safe}' }"), @"
    error[MP0208]: `type` cannot be an expression
      --> shop.yaml:5:9
      |
    5 |   type: ${var.kind}
      |         ^^^^^^^^^^^ this is an expression
      |
      = `type` has to be known before anything is evaluated.
      = help: write the value itself here

    error[MP0208]: `environments` cannot be an expression
      --> shop.yaml:6:17
      |
    6 |   environments: ${var.all}
      |                 ^^^^^^^^^^ this is an expression
      |
      = `environments` has to be known before anything is evaluated.
      = help: write the list itself here

    error[MP0208]: `preventDestroy` cannot be an expression
      --> shop.yaml:7:32
      |
    7 |   lifecycle: { preventDestroy: '${var.safe}' }
      |                                ^^^^^^^^^^^^^ this is an expression
      |
      = `preventDestroy` has to be known before anything is evaluated.
      = help: write `true` or `false` here
    ");
}

#[test]
fn rollback_is_refused_for_now() {
    assert_snapshot!(mistakes_in("Environment", "onFailure: rollback"), @"
    error[MP0208]: `onFailure` cannot be `rollback` yet
      --> shop.yaml:5:14
      |
    5 |   onFailure: rollback
      |              ^^^^^^^^ not in this version
      |
      = help: use `stop`: what was done is recorded, and the next plan goes on from there
    ");
}

#[test]
fn a_name_that_is_none_is_refused() {
    assert_snapshot!(mistakes("shop.yaml", "apiVersion: mpctl/v1\nkind: Environment\nmetadata: { name: 7up }\nspec: {}\n"), @"
    error[MP0206]: `7up` cannot be the name of an environment
      --> shop.yaml:3:19
      |
    3 | metadata: { name: 7up }
      |                   ^^^ this name
      |
      = help: a name begins with a letter or `_`, goes on with letters, digits, `_` and `-`, and
        has at most 63 characters
    ");
}

#[test]
fn a_name_declared_twice_is_shown_in_both_files() {
    let document = "apiVersion: mpctl/v1\nkind: Resource\nmetadata: { name: db }\nspec: { type: cloud_database }\n";
    let other = "resource \"local_file\" \"db\" {\n  filename = \"x\"\n}\n";
    let (read, sources) = read_all(&[("db.yaml", document), ("more/db.hcl", other)]);
    assert_eq!(read.documents.resources.len(), 1);
    assert_snapshot!(render(&read.diagnostics, &sources, Style::default()), @r#"
    error[MP0207]: resource "db" is declared twice
      --> more/db.hcl:1:23
      |
    1 | resource "local_file" "db" {
      |                       ^^^^ again here
      |
      --> db.yaml:3:19
      |
    3 | metadata: { name: db }
      |                   -- first here
      |
      = help: names are unique per kind in a project; rename one of them
    "#);
}

#[test]
fn count_and_for_each_exclude_each_other() {
    assert_snapshot!(mistakes_in("Resource", "type: local_file\ncount: 2\nforEach: [a]"), @r#"
    error[MP0208]: resource "api" has both `count` and `forEach`
      --> shop.yaml:7:3
      |
    6 |   count: 2
      |   ----- the other
    7 |   forEach: [a]
      |   ^^^^^^^ one of them
      |
      = help: use one of them
    "#);
}

#[test]
fn a_condition_without_braces_is_a_string() {
    assert_snapshot!(mistakes_in("Variable", "validation:\n- condition: var.api > 1\n  errorMessage: too small"), @r#"
    error[MP0205]: a condition must be an expression, and is a string
      --> shop.yaml:6:16
      |
    6 |   - condition: var.api > 1
      |                ^^^^^^^^^^^ a string
      |
      = help: write `"${var.api > 1}"`
    "#);
}

#[test]
fn a_malformed_reference_is_shown_where_it_stands() {
    assert_snapshot!(mistakes_in("Workload", "dependsOn: [\"workload.\", workload.db x]"), @r#"
    error[MP0104]: expected a name after `.`, found the end of the text
      --> shop.yaml:5:25
      |
    5 |   dependsOn: ["workload.", workload.db x]
      |                         ^ expected a name after `.`
      |
      = help: use ["…"] for a key that is no plain word

    error[MP0104]: expected nothing more after the expression, found `x`
      --> shop.yaml:5:40
      |
    5 |   dependsOn: ["workload.", workload.db x]
      |                                        ^ expected nothing more after the expression
    "#);
}

#[test]
fn a_secret_is_read_in_one_place() {
    assert_snapshot!(mistakes_in("Secret", "env: KEY\nfile: key.txt"), @r#"
    error[MP0208]: secret "api" is read in two places
      --> shop.yaml:6:3
      |
    5 |   env: KEY
      |   --- the other
    6 |   file: key.txt
      |   ^^^^ one of them
      |
      = help: keep one of them
    "#);
}

#[test]
fn documents_of_others_are_skipped_and_one_that_may_be_ours_is_warned_of() {
    let text = "services: { web: { image: nginx } }\n---\napiVersion: apps/v1\nkind: Deployment\n---\n\
                kind: Workload\nmetadata: { name: api }\n---\n{{ malformed\n---\n- 1\n---\n";
    let (read, sources) = read("compose.yaml", text);
    let reasons: Vec<&str> = read.skipped.iter().map(|skipped| &*skipped.reason).collect();
    assert_eq!(
        reasons,
        [
            "no apiVersion",
            "apiVersion `apps/v1` is none of ours",
            "no apiVersion",
            "malformed, and its apiVersion is none of ours",
            "not a mapping",
            "empty",
        ]
    );
    assert_snapshot!(render(&read.diagnostics, &sources, Style::default()), @"
    warning[MP0202]: this Workload is not read: it has no `apiVersion`
      --> compose.yaml:6:7
      |
    6 | kind: Workload
      |       ^^^^^^^^ one of our kinds
      |
      = help: write `apiVersion: mpctl/v1` if it is meant for mpctl
    ");
}

#[test]
fn a_json_file_of_ours_must_be_ours() {
    assert_snapshot!(mistakes("shop.mpctl.json", "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Workload\"\n}\n"), @r#"
    error[MP0202]: `v1` is not an apiVersion of mpctl
      --> shop.mpctl.json:2:17
      |
    2 |   "apiVersion": "v1",
      |                 ^^^^ this document is no spec
      |
      = help: write `apiVersion: mpctl/v1`
    "#);
}

#[test]
fn a_second_project_is_refused() {
    let project = |name: &str| {
        format!("apiVersion: mpctl/v1\nkind: Project\nmetadata: {{ name: {name} }}\nspec: {{}}\n")
    };
    assert_snapshot!(mistakes("shop.yaml", &format!("{}---\n{}", project("shop"), project("store"))), @r#"
    error[MP0207]: "store" is a second project
      --> shop.yaml:8:19
      |
    3 | metadata: { name: shop }
      |                   ---- the first one
      .
    8 | metadata: { name: store }
      |                   ^^^^^ another project here
      |
      = help: a folder holds one project; choose another folder with `-C`, or remove one of them
    "#);
}
