//! The verdicts of `mpctl_data`, one by one as Terraform 1.11 gives them for `terraform_data`.
#![allow(clippy::unwrap_used, missing_docs)]

use mpctl_provider::conformance::{Setting, Subject};
use mpctl_provider::contract::{Object, PlanRequest};
use mpctl_provider::{Type, Value};

async fn data() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let setting =
        Setting::new(mpctl_provider_mpctl::provider(), &root, "/bin/false".as_ref(), folder);
    Subject::of(setting, "mpctl_data").await.unwrap()
}

fn recorded(input: Value, triggers_replace: Value) -> Object {
    Object::new(Value::object([
        ("id", Value::string("e535d397-443c-413c-bfc1-48f6d7bca86f")),
        ("output", input.clone()),
        ("input", input),
        ("triggers_replace", triggers_replace),
    ]))
}

fn input(value: Value) -> Value {
    Value::object([("input", value)])
}

async fn planned(prior: Option<Object>, config: Value) -> String {
    let reply = data().await.plan(prior.as_ref(), &config).await.unwrap();
    let replace: Vec<_> = reply.replace.iter().map(ToString::to_string).collect();
    format!("{:?} replace: {replace:?}", reply.planned)
}

#[tokio::test]
async fn a_new_one_has_an_unknown_output() {
    insta::assert_snapshot!(
        planned(None, input(Value::string("a"))).await,
        @r#"{"id": (unknown), "input": "a", "output": (unknown), "triggers_replace": null} replace: []"#
    );
}

#[tokio::test]
async fn a_new_one_without_input_has_no_output() {
    insta::assert_snapshot!(
        planned(None, Value::object::<&str>([])).await,
        @r#"{"id": (unknown), "input": null, "output": null, "triggers_replace": null} replace: []"#
    );
}

#[tokio::test]
async fn another_input_is_an_update() {
    let prior = recorded(Value::string("a"), Value::NULL);
    insta::assert_snapshot!(
        planned(Some(prior), input(Value::string("b"))).await,
        @r#"{"id": "e535d397-443c-413c-bfc1-48f6d7bca86f", "input": "b", "output": (unknown), "triggers_replace": null} replace: []"#
    );
}

#[tokio::test]
async fn an_input_taken_away_makes_the_output_unknown() {
    let prior = recorded(Value::string("a"), Value::NULL);
    insta::assert_snapshot!(
        planned(Some(prior), Value::object::<&str>([])).await,
        @r#"{"id": "e535d397-443c-413c-bfc1-48f6d7bca86f", "input": null, "output": (unknown), "triggers_replace": null} replace: []"#
    );
}

#[tokio::test]
async fn another_trigger_is_a_replacement_in_which_id_and_output_are_unknown() {
    let prior = recorded(Value::string("a"), Value::NULL);
    let config =
        Value::object([("input", Value::string("a")), ("triggers_replace", Value::string("x"))]);
    insta::assert_snapshot!(
        planned(Some(prior), config).await,
        @r#"{"id": (unknown), "input": "a", "output": (unknown), "triggers_replace": "x"} replace: ["triggers_replace"]"#
    );
}

#[tokio::test]
async fn a_trigger_that_is_not_known_yet_is_a_replacement() {
    let prior = recorded(Value::string("a"), Value::string("x"));
    let config = Value::object([
        ("input", Value::string("a")),
        ("triggers_replace", Value::unknown(Type::String)),
    ]);
    insta::assert_snapshot!(
        planned(Some(prior), config).await,
        @r#"{"id": (unknown), "input": "a", "output": (unknown), "triggers_replace": (unknown)} replace: ["triggers_replace"]"#
    );
}

#[tokio::test]
async fn a_new_mark_is_an_update_that_passes_the_mark_on() {
    let prior = recorded(Value::string("a"), Value::string("x"));
    let config = Value::object([
        ("input", Value::string("a").sensitive()),
        ("triggers_replace", Value::string("x").sensitive()),
    ]);
    insta::assert_snapshot!(
        planned(Some(prior), config).await,
        @r#"{"id": "e535d397-443c-413c-bfc1-48f6d7bca86f", "input": (sensitive), "output": (sensitive), "triggers_replace": (sensitive)} replace: []"#
    );
}

#[tokio::test]
async fn the_output_is_the_input_with_its_marks() {
    let secret = Value::object([
        ("user", Value::string("deploy")),
        ("password", Value::string("hunter2").sensitive()),
    ]);
    let object = data().await.apply(None, &input(secret.clone())).await.unwrap();
    assert_eq!(object.value.get("output"), Some(&secret));
    let id = object.value.get("id").and_then(Value::as_str).unwrap();
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 4);
}

#[tokio::test]
async fn ten_thousand_are_planned_in_one_batch() {
    let subject = data().await;
    let requests: Vec<PlanRequest> = (0..10_000)
        .map(|index| subject.plan_request(None, &input(Value::int(index))).unwrap())
        .collect();
    let replies = subject.provider().plan(requests).await;
    assert_eq!(replies.len(), 10_000);
    for (index, reply) in replies.into_iter().enumerate() {
        let planned = reply.unwrap().planned;
        assert_eq!(planned.get("input"), Some(&Value::int(i64::try_from(index).unwrap())));
    }
}
