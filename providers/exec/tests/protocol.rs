//! What commands are told, and what their ends and answers mean: the contract of `exec_command`, line by line.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;

use mpctl_provider::contract::{Object, ValidateRequest};
use mpctl_provider::{Type, Value};
use support::{Folder, argv, folder, shell, thing, told, with};

const TELL: &str = r#"cat >> told; echo '{"id":"t-1","output":{"url":"http://t-1"}}'"#;

#[tokio::test]
async fn a_command_is_told_everything_in_one_json_object() {
    let Folder { root, subject } = folder().await;
    let config = |input: Value| {
        let actions = ["create", "read", "update", "delete", "lookup"];
        with(&shell(actions.map(|action| (action, TELL))), [("input", input)])
    };
    let one = config(Value::object([("size", Value::int(1))]));
    let two = config(Value::tuple([Value::string("a"), Value::Bool(true), Value::NULL]));
    let object = subject.apply(None, &one).await.unwrap();
    let object = subject.read(&object).await.unwrap().unwrap();
    let object = subject.apply(Some(&object), &two).await.unwrap();
    subject.lookup("step-1".into(), &two).await.unwrap().unwrap();
    subject.delete(&object).await.unwrap();
    insta::assert_snapshot!(fs::read_to_string(root.join("told")).unwrap(), @r#"
    {"action":"create","idempotency_key":"step-0","id":null,"input":{"size":1},"prior":null}
    {"action":"read","idempotency_key":null,"id":"t-1","input":{"size":1},"prior":{"id":"t-1","input":{"size":1},"output":{"url":"http://t-1"}}}
    {"action":"update","idempotency_key":"step-1","id":"t-1","input":["a",true,null],"prior":{"id":"t-1","input":{"size":1},"output":{"url":"http://t-1"}}}
    {"action":"lookup","idempotency_key":"step-1","id":null,"input":["a",true,null],"prior":null}
    {"action":"delete","idempotency_key":"step-2","id":"t-1","input":["a",true,null],"prior":{"id":"t-1","input":["a",true,null],"output":{"url":"http://t-1"}}}
    "#);
    insta::assert_snapshot!(format!("{:?}", object.value.get("output").unwrap()), @r#"{"url": "http://t-1"}"#);
}

#[tokio::test]
async fn a_command_runs_in_the_folder_and_environment_it_is_given() {
    let Folder { root, subject } = folder().await;
    fs::create_dir(root.join("below")).unwrap();
    let command = shell([("create", r#"echo "{\"id\":\"$(pwd -P)\",\"output\":\"$MODE$PATH\"}""#)]);
    let object = subject.apply(None, &command).await.unwrap();
    let real = root.canonicalize().unwrap();
    assert_eq!(object.value.get("id").and_then(Value::as_str), real.to_str());
    let path = std::env::var("PATH").unwrap();
    assert_eq!(object.value.get("output").and_then(Value::as_str), Some(path.as_str()));

    let elsewhere = with(
        &command,
        [
            ("working_directory", Value::string("below")),
            ("environment", Value::object([("MODE", Value::string("test:"))])),
        ],
    );
    let object = subject.apply(None, &elsewhere).await.unwrap();
    assert_eq!(object.value.get("id").and_then(Value::as_str), real.join("below").to_str());
    assert_eq!(
        object.value.get("output").and_then(Value::as_str),
        Some(format!("test:{path}").as_str())
    );
}

/// What becomes of a create whose command is `line`, of an object that has also the commands `others`.
async fn create(line: &str, others: &[&str]) -> String {
    let Folder { root, subject } = folder().await;
    let config = with(&thing(others, "x"), [("create", argv(&["/bin/sh", "-c", line]))]);
    match subject.apply(None, &config).await {
        Ok(object) => {
            let part = |name: &str| object.value.get(name).unwrap().clone();
            format!("done: {:?} {:?}", part("id"), part("output"))
        }
        Err(fault) => told(&fault, &root),
    }
}

#[tokio::test]
async fn the_end_of_a_create_that_can_be_settled_is_understood() {
    let mut seen = Vec::new();
    for line in [
        r#"echo '{"id":"a","output":[1,2.50]}'"#,
        r#"echo '{"id":7}'"#,
        r#"echo '{"output":1}'"#,
        r#"echo '{"found":false}'"#,
        "true",
        "echo created",
        r#"echo '["a"]'"#,
        r#"echo '{"id":"a"}{"id":"b"}'"#,
        "echo quota >&2; exit 75",
        "echo boom >&2; exit 3",
        r#"echo '{"effect":"none"}'; exit 3"#,
        r#"echo '{"effect":"unknown"}'; exit 75"#,
        r#"echo '{"id":"a"}'; kill -9 $$"#,
        r#"echo '{"effect":"none"}'; kill -9 $$"#,
    ] {
        seen.push(format!("{line}\n    {}", create(line, &["lookup"]).await));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    echo '{"id":"a","output":[1,2.50]}'
        done: "a" [1, 2.5]
    echo '{"id":7}'
        done: "7" null
    echo '{"output":1}'
        Unknown: the create command /bin/sh answered without an `id` | 
    echo '{"found":false}'
        Unknown: the create command /bin/sh answered that nothing is there | 
    true
        Unknown: the create command /bin/sh exited with 0, but answered nothing | 
    echo created
        Unknown: the create command /bin/sh exited with 0, but what it answered is no JSON object | 
    echo '["a"]'
        Unknown: the create command /bin/sh exited with 0, but what it answered is no JSON object | 
    echo '{"id":"a"}{"id":"b"}'
        Unknown: the create command /bin/sh exited with 0, but what it answered is no JSON object | 
    echo quota >&2; exit 75
        Retryable { after: None }: the create command /bin/sh asks to be tried again (it exited with 75) | quota
    echo boom >&2; exit 3
        Unknown: the create command /bin/sh exited with 3 | boom
    echo '{"effect":"none"}'; exit 3
        Permanent: the create command /bin/sh exited with 3, saying that it did nothing | 
    echo '{"effect":"unknown"}'; exit 75
        Unknown: the create command /bin/sh exited with 75, saying that it may have done something | 
    echo '{"id":"a"}'; kill -9 $$
        Unknown: the create command /bin/sh was killed by signal 9 | 
    echo '{"effect":"none"}'; kill -9 $$
        Permanent: the create command /bin/sh was killed by signal 9, saying that it did nothing | 
    "#);
}

#[tokio::test]
async fn a_create_that_cannot_be_settled_is_taken_at_its_word() {
    let mut seen = Vec::new();
    for line in [
        "true",
        "echo created",
        "exit 3",
        r#"echo '{"effect":"unknown"}'; exit 3"#,
        "exit 75",
        "kill -9 $$",
    ] {
        seen.push(format!("{line}\n    {}", create(line, &["delete"]).await));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    true
        done: "step-0" null
    echo created
        done: "step-0" null
    exit 3
        Permanent: the create command /bin/sh exited with 3 | 
    echo '{"effect":"unknown"}'; exit 3
        Unknown: the create command /bin/sh exited with 3, saying that it may have done something | 
    exit 75
        Retryable { after: None }: the create command /bin/sh asks to be tried again (it exited with 75) | 
    kill -9 $$
        Unknown: the create command /bin/sh was killed by signal 9 | 
    "#);
}

#[tokio::test]
async fn the_end_of_a_delete_is_understood() {
    let Folder { root, subject } = folder().await;
    let mut seen = Vec::new();
    for line in [
        "true",
        r#"echo '{"found":false}'"#,
        r#"echo '{"found":false}'; exit 4"#,
        "echo gone",
        "exit 3",
    ] {
        let config =
            with(&thing(&["create", "read"], "x"), [("delete", argv(&["/bin/sh", "-c", line]))]);
        let object = subject.apply(None, &config).await.unwrap();
        let outcome = match subject.delete(&object).await {
            Ok(left) => format!("done, left {left:?}"),
            Err(fault) => told(&fault, &root),
        };
        seen.push(format!("{line}\n    {outcome}"));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    true
        done, left None
    echo '{"found":false}'
        done, left None
    echo '{"found":false}'; exit 4
        done, left None
    echo gone
        Unknown: the delete command /bin/sh exited with 0, but what it answered is no JSON object | 
    exit 3
        Unknown: the delete command /bin/sh exited with 3 | 
    "#);
}

#[tokio::test]
async fn the_end_of_a_read_is_understood_and_never_leaves_a_doubt() {
    let Folder { root, subject } = folder().await;
    let mut seen = Vec::new();
    for line in [
        r#"echo '{"output":"other"}'"#,
        r#"echo '{"id":"thing-9","output":"other"}'"#,
        "echo '{}'",
        r#"echo '{"found":false}'"#,
        r#"echo '{"found":false}'; exit 1"#,
        "exit 75",
        "echo '?'",
        "kill -9 $$",
    ] {
        let config = with(&thing(&["create"], "x"), [("read", argv(&["/bin/sh", "-c", line]))]);
        let object = subject.apply(None, &config).await.unwrap();
        let outcome = match subject.read(&object).await {
            Ok(Some(found)) if found == object => "as recorded".into(),
            Ok(Some(found)) => format!(
                "{} {:?}",
                if found.value.get("id") == object.value.get("id") { "same" } else { "other" },
                found.value.get("output").unwrap()
            ),
            Ok(None) => "gone".into(),
            Err(fault) => told(&fault, &root),
        };
        seen.push(format!("{line}\n    {outcome}"));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    echo '{"output":"other"}'
        same "other"
    echo '{"id":"thing-9","output":"other"}'
        other "other"
    echo '{}'
        as recorded
    echo '{"found":false}'
        gone
    echo '{"found":false}'; exit 1
        Permanent: the read command /bin/sh exited with 1 | 
    exit 75
        Retryable { after: None }: the read command /bin/sh exited with 75 | 
    echo '?'
        Permanent: the read command /bin/sh exited with 0, but what it answered is no JSON object | 
    kill -9 $$
        Permanent: the read command /bin/sh was killed by signal 9 | 
    "#);
}

#[tokio::test]
async fn an_update_that_changes_another_thing_is_in_doubt() {
    let Folder { root, subject } = folder().await;
    let config = |input: &str| {
        with(
            &thing(&["create", "read"], input),
            [("update", argv(&["/bin/sh", "-c", r#"echo '{"id":"thing-99"}'"#]))],
        )
    };
    let object = subject.apply(None, &config("a")).await.unwrap();
    let fault = subject.apply(Some(&object), &config("b")).await.unwrap_err();
    insta::assert_snapshot!(
        told(&fault, &root),
        @r#"Unknown: the update command /bin/sh answered with the id "thing-99", but changed "thing-0" | "#
    );
}

/// The plan of a change from `before` to `after`, in a few words.
async fn planned(before: Option<&Value>, after: Option<&Value>) -> String {
    let Folder { subject, .. } = folder().await;
    let prior: Option<Object> = match before {
        Some(before) => Some(subject.apply(None, before).await.unwrap()),
        None => None,
    };
    let mut request = subject.plan_request(prior.as_ref(), after.unwrap_or(&Value::NULL)).unwrap();
    if after.is_none() {
        (request.config, request.proposed) = (Value::NULL, Value::NULL);
    }
    let reply = subject.provider().plan(vec![request]).await.remove(0).unwrap();
    let replace: Vec<_> = reply.replace.iter().map(ToString::to_string).collect();
    let part = |name: &str| format!("{name}={:?}", reply.planned.get(name).unwrap_or(&Value::NULL));
    format!("{} {} replace={replace:?}\n{}", part("id"), part("output"), reply.effects.join("\n"))
}

#[tokio::test]
async fn a_plan_says_what_will_be_known_and_what_could_not_be_settled() {
    let bare = thing(&["create"], "a");
    let full = |input: &str| thing(&["create", "read", "update", "delete", "lookup"], input);
    let no_update = |input: &str| thing(&["create", "read", "delete", "lookup"], input);
    let blind = |input: &str| thing(&["create", "update", "delete"], input);

    insta::assert_snapshot!(planned(None, Some(&full("a"))).await, @"id=(unknown) output=(unknown) replace=[]");
    insta::assert_snapshot!(planned(None, Some(&bare)).await, @"
    id=(unknown) output=(unknown) replace=[]
    cannot be settled after a crash during create: it has no `lookup` command
    ");
    insta::assert_snapshot!(planned(Some(&full("a")), Some(&full("b"))).await, @r#"id="thing-0" output=(unknown) replace=[]"#);
    insta::assert_snapshot!(planned(Some(&no_update("a")), Some(&no_update("b"))).await, @r#"id=(unknown) output=(unknown) replace=["input"]"#);
    insta::assert_snapshot!(planned(Some(&blind("a")), Some(&blind("b"))).await, @r#"
    id="thing-0" output=(unknown) replace=[]
    cannot be settled after a crash during update: it has no `read` command
    "#);
    insta::assert_snapshot!(planned(Some(&blind("a")), None).await, @"
    id=null output=null replace=[]
    cannot be settled after a crash during delete: it has no `read` command
    ");
    insta::assert_snapshot!(planned(Some(&bare), None).await, @"
    id=null output=null replace=[]
    runs nothing to delete it: it has no `delete` command
    ");
    insta::assert_snapshot!(planned(Some(&bare), Some(&full("a"))).await, @r#"id="thing-0" output={"input": "a", "length": 1} replace=[]"#);
    let replaced = with(&blind("a"), [("triggers_replace", Value::int(1))]);
    insta::assert_snapshot!(planned(Some(&blind("a")), Some(&replaced)).await, @r#"
    id=(unknown) output=(unknown) replace=["triggers_replace"]
    cannot be settled after a crash during delete: it has no `read` command
    cannot be settled after a crash during create: it has no `lookup` command
    "#);
}

#[tokio::test]
async fn an_input_that_turns_out_to_be_the_old_one_runs_nothing() {
    let Folder { root, subject } = folder().await;
    let config = thing(&["create", "update"], "a");
    let object = subject.apply(None, &config).await.unwrap();
    let open = with(&config, [("input", Value::unknown(Type::String))]);
    let mut request = subject.apply_request("k".into(), Some(&object), &open).await.unwrap();
    request.planned =
        request.planned.map(|planned| with(&planned, [("input", Value::string("a"))]));
    let updated = subject.run(request, Default::default()).await.outcome.unwrap().unwrap();
    assert_eq!(updated, object);
    assert_eq!(fs::read_to_string(root.join(".mpctl/calls")).unwrap(), "create\n");
}

#[tokio::test]
async fn abilities_follow_from_the_commands_that_are_there() {
    let Folder { subject, .. } = folder().await;
    let of = |config: &Value| {
        let abilities = subject.resource().unwrap().abilities_of(config);
        (abilities.read, abilities.lookup, abilities.holds_data)
    };
    assert_eq!(of(&thing(&["create"], "a")), (false, false, false));
    let all = thing(&["create", "read", "lookup"], "a");
    assert_eq!(of(&with(&all, [("holds_data", Value::Bool(true))])), (true, true, true));
    assert_eq!(of(&with(&all, [("holds_data", Value::Bool(false))])), (true, true, false));
}

#[tokio::test]
async fn what_a_command_was_told_in_secret_stays_secret() {
    let Folder { root, subject } = folder().await;
    let config = with(
        &shell([(
            "create",
            r#"read -r request; echo "got $request and $TOKEN" >&2; echo '{"id":"a","output":"hunter2"}'"#,
        )]),
        [
            ("input", Value::object([("password", Value::string("hunter2").sensitive())])),
            ("environment", Value::object([("TOKEN", Value::string("t0k3n").sensitive())])),
        ],
    );
    let applied = subject.apply_as("k".into(), None, &config).await.unwrap();
    let object = applied.outcome.unwrap().unwrap();
    insta::assert_snapshot!(format!("{:?}", object.value.get("output").unwrap()), @"(sensitive)");
    insta::assert_snapshot!(applied.log.join("\n"), @r#"got {"action":"create","idempotency_key":"k","id":null,"input":{"password":"(sensitive value)"},"prior":null} and (sensitive value)"#);
    assert!(applied.planned.get("output").unwrap().contains_sensitive());
    drop(root);
}

#[tokio::test]
async fn data_is_what_a_command_answers() {
    let Folder { root, subject } = folder().await;
    let read = |line: &str| with(&shell([("read", line)]), [("input", Value::int(3))]);
    let data = subject
        .data(
            "exec_command",
            &read(r#"cat > told; echo '{"id":"d","output":{"n":9007199254740993}}'"#),
        )
        .await
        .unwrap();
    insta::assert_snapshot!(format!("{:?} {:?}", data.get("id").unwrap(), data.get("output").unwrap()), @r#""d" {"n": 9007199254740993}"#);
    insta::assert_snapshot!(fs::read_to_string(root.join("told")).unwrap(), @r#"{"action":"read","idempotency_key":null,"id":null,"input":3,"prior":null}"#);
    let fault = subject.data("exec_command", &read(r#"echo '{"found":false}'"#)).await.unwrap_err();
    insta::assert_snapshot!(told(&fault, &root), @"Permanent: the read command /bin/sh found nothing | ");
}

#[tokio::test]
async fn mistakes_in_a_configuration_are_all_named() {
    let Folder { subject, .. } = folder().await;
    let given = Value::object([
        ("create", argv(&[])),
        ("read", argv(&[""])),
        ("timeout", Value::string("soon")),
        ("environment", Value::object([("A=B", Value::string("x"))])),
    ]);
    let config = subject.plan_request(None, &given).unwrap().config;
    let request = ValidateRequest { resource_type: "exec_command".into(), config };
    let faults = subject.provider().validate(vec![request]).await.remove(0);
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    `create` names no program
    `read` names no program
    `timeout` is "soon", which is no length of time
    no environment variable can be called "A=B"
    "#);
}
