//! Usual mistakes in HCL.

use insta::assert_snapshot;

use super::mistakes;

fn hcl(text: &str) -> String {
    mistakes("shop.hcl", text)
}

#[test]
fn an_unknown_attribute_is_answered_with_the_nearest_one() {
    assert_snapshot!(hcl("workload \"api\" {\n  replica   = 2\n  dependsOn = [workload.db]\n}\n"), @r#"
    error[MP0203]: unknown attribute `replica` in workload "api"
      --> shop.hcl:2:3
      |
    2 |   replica   = 2
      |   ^^^^^^^ not known here
      |
      = help: did you mean `replicas`?

    error[MP0203]: unknown attribute `dependsOn` in workload "api"
      --> shop.hcl:3:3
      |
    3 |   dependsOn = [workload.db]
      |   ^^^^^^^^^ not known here
      |
      = help: did you mean `depends_on`?
    "#);
}

#[test]
fn an_unknown_block_is_answered_with_what_is_meant() {
    assert_snapshot!(hcl("provider \"cloud\" {}\nworkloads \"api\" {}\nmodule \"x\" {}\nregion = \"eu\"\n"), @r#"
    error[MP0201]: unknown block `provider`
      --> shop.hcl:1:1
      |
    1 | provider "cloud" {}
      | ^^^^^^^^ no kind of ours
      |
      = help: providers are named in `project` and configured in `environment`, as `provider
        "NAME" { … }`

    error[MP0201]: unknown block `workloads`
      --> shop.hcl:2:1
      |
    2 | workloads "api" {}
      | ^^^^^^^^^ no kind of ours
      |
      = help: did you mean `workload`?

    error[MP0201]: unknown block `module`
      --> shop.hcl:3:1
      |
    3 | module "x" {}
      | ^^^^^^ no kind of ours
      |
      = help: there are no modules; files in any folder of the project are read together

    error[MP0203]: attribute `region` stands outside of any block
      --> shop.hcl:4:1
      |
    4 | region = "eu"
      | ^^^^^^ no block is open here
      |
      = help: named values go into `locals { … }`; values of variables into NAME.auto.vars.hcl
    "#);
}

#[test]
fn labels_are_counted() {
    assert_snapshot!(hcl("resource \"db\" {\n}\nlocals \"x\" {\n}\n"), @r#"
    error[MP0205]: `resource` needs 2 labels, and has 1
      --> shop.hcl:1:1
      |
    1 | resource "db" {
      | ^^^^^^^^ this block
      |
      = help: write `resource "TYPE" "NAME" { … }`

    error[MP0205]: `locals` takes no label, and has 1
      --> shop.hcl:3:1
      |
    3 | locals "x" {
      | ^^^^^^ this block
      |
      = help: write `locals { … }`
    "#);
}

#[test]
fn a_word_without_quotes_is_an_expression() {
    assert_snapshot!(hcl("environment \"dev\" {\n  on_failure = stop\n  protect = \"no\"\n}\n"), @r#"
    error[MP0208]: `on_failure` cannot be an expression
      --> shop.hcl:2:16
      |
    2 |   on_failure = stop
      |                ^^^^ this is an expression
      |
      = `on_failure` has to be known before anything is evaluated.
      = help: write `"stop"` if the word itself is meant

    error[MP0205]: `protect` must be true or false, and is the string "no"
      --> shop.hcl:3:13
      |
    3 |   protect = "no"
      |             ^^^^ a string
      |
      = help: write `false`
    "#);
}

#[test]
fn a_block_that_stands_once_is_refused_twice() {
    assert_snapshot!(hcl("workload \"api\" {\n  health {\n    timeout = \"3s\"\n  }\n  health {\n  }\n}\n"), @r#"
    error[MP0105]: `health` stands twice in workload "api"
      --> shop.hcl:5:3
      |
    2 |   health {
      |   ------ first here
      .
    5 |   health {
      |   ^^^^^^ again here
      |
      = help: remove one of them
    "#);
}

#[test]
fn nested_blocks_are_checked_too() {
    assert_snapshot!(
        hcl("workload \"api\" {\n  health {\n    http {\n      url = \"/\"\n    }\n  }\n  override \"prod\" {\n    replica = 3\n  }\n}\n"),
        @r#"
    error[MP0203]: unknown attribute `url` in `http` of `health` of workload "api"
      --> shop.hcl:4:7
      |
    4 |       url = "/"
      |       ^^^ not known here
      |
      = help: known here: `path`, `port`, `host`, `scheme`, `status`

    error[MP0203]: unknown attribute `replica` in override "prod" of workload "api"
      --> shop.hcl:8:5
      |
    8 |     replica = 3
      |     ^^^^^^^ not known here
      |
      = help: did you mean `replicas`?
    "#
    );
}

#[test]
fn what_is_missing_is_named() {
    assert_snapshot!(hcl("output \"url\" {\n}\nmoved {\n  from = resource.a\n}\nsecret \"key\" {\n}\n"), @r#"
    error[MP0204]: output "url" has no `value`
      --> shop.hcl:1:1
      |
    1 | output "url" {
      | ^^^^^^ `value` is missing here

    error[MP0204]: moved has no `to`
      --> shop.hcl:3:1
      |
    3 | moved {
      | ^^^^^ `to` is missing here

    error[MP0204]: secret "key" does not say where it is read
      --> shop.hcl:6:8
      |
    6 | secret "key" {
      |        ^^^^^ this secret
      |
      = help: give it one of `env`, `file` and `command`
    "#);
}

#[test]
fn a_backend_that_does_not_exist_is_refused() {
    assert_snapshot!(hcl("project \"shop\" {\n  state {\n    backend = \"sqllite\"\n  }\n}\n"), @r#"
    error[MP0208]: `backend` cannot be `sqllite`
      --> shop.hcl:3:15
      |
    3 |     backend = "sqllite"
      |               ^^^^^^^^^ not known here
      |
      = help: did you mean `sqlite`?
    "#);
}
