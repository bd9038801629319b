//! `exec_command` against the laws of the contract, with a real script.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use mpctl_provider::Value;
use mpctl_provider::conformance::{DataScenario, Scenario, check, check_data};
use support::{setting, shell, thing, with};

const ALL: [&str; 5] = ["create", "read", "update", "delete", "lookup"];

#[tokio::test]
async fn a_command_for_everything_keeps_the_laws() {
    let create = thing(&ALL, "small");
    let scenario = Scenario {
        update: Some(thing(&ALL, "large")),
        replace: Some(with(&create, [("triggers_replace", Value::int(2))])),
        failing: Some(with(
            &shell([("create", "read -r request; echo \"$request\" >&2; echo $TOKEN >&2; exit 3")]),
            [
                ("input", Value::object([("password", Value::string("hunter\"2").sensitive())])),
                ("environment", Value::object([("TOKEN", Value::string("t0k3n").sensitive())])),
            ],
        )),
        ..Scenario::new("exec_command", create)
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn commands_to_create_and_delete_alone_keep_the_laws() {
    let create = thing(&["create", "delete"], "small");
    let scenario = Scenario {
        update: Some(with(&create, [("timeout", Value::string("20s"))])),
        replace: Some(thing(&["create", "delete"], "large")),
        ..Scenario::new("exec_command", create)
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn data_of_a_command_keeps_the_laws() {
    let scenario = DataScenario {
        source_type: "exec_command",
        good: with(
            &shell([("read", r#"echo '{"id":"a","output":[1,{"b":null}]}'"#)]),
            [("input", Value::string("x")), ("timeout", Value::string("20s"))],
        ),
        failing: Some(with(
            &shell([("read", "cat >&2; exit 1")]),
            [("input", Value::string("hunter2").sensitive())],
        )),
    };
    assert_eq!(check_data(setting, &scenario).await, []);
}
