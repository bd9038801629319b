//! Shapes, looked at through the eyes of a filter.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::plan::{
    Action, EnvironmentPlan, Plan, PlanBody, ProviderBinding, Reason, ReplaceOrder,
    ReversibilityClass,
};
use crate::render::Schemas;
use crate::render::fixture::*;
use crate::resolve::residuals::Residual;
use crate::state::{Basis, Deposed, OutputRecord, Record, ResourceRecord, State, Status};
use mpctl_provider::Path;
use mpctl_provider::contract::Object;

fn written(body: PlanBody, schemas: &Schemas<'_>, reveal: bool) -> Json {
    let plan = Plan { id: "p".into(), created_at: "2026-01-02T03:04:05Z".into(), body };
    let mut out = Vec::new();
    super::plan(&mut out, &plan, schemas, reveal).unwrap();
    assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1, "one document, one line");
    serde_json::from_slice(&out).unwrap()
}

fn shown(body: PlanBody) -> Json {
    written(body, &Schemas::new(), false)
}

/// `change` of the only row.
fn delta(one: crate::plan::Change) -> Json {
    shown(body(vec![one]))["resource_changes"][0]["change"].clone()
}

// The expectations of the next three tests are what `terraform show -json` 1.11.4 prints for the same values in
// `terraform_data` resources, but that sensitive values are null here.

#[test]
fn marks_of_a_create_nest_as_terraform_s_do() {
    let one = change(
        "dev/resource.a",
        "mpctl_data",
        Action::Create,
        json!(null),
        json!({
        "id": "?", "output": {"$unknown": "object"}, "triggers_replace": null,
        "input": {"list": [1, {"$secret": "topsecret"}, 3], "n": 1, "secret": {"$secret": "topsecret"},
                  "obj": {"name": "n", "nest": {"deep": [{"k": 1}, {"k": 2}]}, "tags": ["a", "b"]}}}),
    );
    assert_eq!(
        delta(one),
        json!({
            "actions": ["create"], "before": null,
            "after": {"input": {"list": [1, null, 3], "n": 1, "obj": {"name": "n", "nest": {"deep": [{"k": 1}, {"k": 2}]}, "tags": ["a", "b"]}, "secret": null}, "triggers_replace": null},
            "after_unknown": {"id": true, "input": {"list": [false, false, false], "obj": {"nest": {"deep": [{}, {}]}, "tags": [false, false]}}, "output": true},
            "before_sensitive": false,
            "after_sensitive": {"input": {"list": [false, true, false], "obj": {"nest": {"deep": [{}, {}]}, "tags": [false, false]}, "secret": true}, "output": {}}
        })
    );
}

#[test]
fn unknown_elements_are_null_and_unknown_attributes_left_out() {
    let one = change("dev/resource.b", "mpctl_data", Action::Replace(ReplaceOrder::DeleteThenCreate),
        json!({"id": "1", "input": {"l": ["i", "z"]}, "triggers_replace": ["x"], "output": "o"}),
        json!({"id": "?", "output": {"$unknown": "object"}, "triggers_replace": ["y"],
               "input": {"deep": {"x": {"y": ["?"]}}, "id": "?", "known": "k", "l": ["?", "z"], "lk": [1, "?"], "m": {"q": "1"}, "out": {"$unknown": "object"}}}))
        .replaces("triggers_replace");
    assert_eq!(
        delta(one),
        json!({
            "actions": ["delete", "create"],
            "before": {"id": "1", "input": {"l": ["i", "z"]}, "triggers_replace": ["x"], "output": "o"},
            "after": {"input": {"deep": {"x": {"y": [null]}}, "known": "k", "l": [null, "z"], "lk": [1, null], "m": {"q": "1"}}, "triggers_replace": ["y"]},
            "after_unknown": {"id": true, "input": {"deep": {"x": {"y": [true]}}, "id": true, "l": [true, false], "lk": [false, true], "m": {}, "out": true}, "output": true, "triggers_replace": [false]},
            "before_sensitive": {"input": {"l": [false, false]}, "triggers_replace": [false]},
            "after_sensitive": {"input": {"deep": {"x": {"y": [false]}}, "l": [false, false], "lk": [false, false], "m": {}, "out": {}}, "output": {}, "triggers_replace": [false]},
            "replace_paths": [["triggers_replace"]]
        })
    );
}

#[test]
fn a_delete_has_nothing_after() {
    let one = change(
        "dev/resource.e[\"y\"]",
        "mpctl_data",
        Action::Delete,
        json!({"id": "1", "input": ["p", "r"], "output": ["p", "r"], "triggers_replace": null}),
        json!(null),
    )
    .reason(Reason::DeleteBecauseEachKey);
    let row = &shown(body(vec![one]))["resource_changes"][0];
    assert_eq!(
        row["change"],
        json!({
            "actions": ["delete"], "before": {"id": "1", "input": ["p", "r"], "output": ["p", "r"], "triggers_replace": null},
            "after": null, "after_unknown": {},
            "before_sensitive": {"input": [false, false], "output": [false, false]}, "after_sensitive": false
        })
    );
    assert_eq!(row["action_reason"], "delete_because_each_key");
    assert_eq!(
        (&row["type"], &row["name"], &row["index"], &row["mode"]),
        (&json!("mpctl_data"), &json!("e"), &json!("y"), &json!("managed"))
    );
}

#[test]
fn every_action_has_terraform_s_name() {
    use Action::{Create, Delete, Forget, NoOp, Read, Replace, Update};
    let both = || (json!({"n": 1}), json!({"n": 2}));
    let named = |action| {
        let (before, after) = both();
        let address = if action == Read { "dev/data.a" } else { "dev/resource.a" };
        delta(change(address, "mpctl_data", action, before, after))["actions"].clone()
    };
    assert_eq!(named(NoOp), json!(["no-op"]));
    assert_eq!(named(Create), json!(["create"]));
    assert_eq!(named(Read), json!(["read"]));
    assert_eq!(named(Update), json!(["update"]));
    assert_eq!(named(Replace(ReplaceOrder::DeleteThenCreate)), json!(["delete", "create"]));
    assert_eq!(named(Replace(ReplaceOrder::CreateThenDelete)), json!(["create", "delete"]));
    assert_eq!(named(Delete), json!(["delete"]));
    assert_eq!(named(Forget), json!(["forget"]));
}

#[test]
fn the_document_has_terraform_s_keys_and_ours_beside_them() {
    let mut body = body(vec![
        change(
            "dev/data.image",
            "local_file",
            Action::NoOp,
            json!({"content": "x"}),
            json!({"content": "x"}),
        ),
        change(
            "dev/resource.a",
            "mpctl_data",
            Action::Update,
            json!({"id": "1", "input": {"n": 1}}),
            json!({"id": "1", "input": {"n": 2}}),
        )
        .because(config("input.n", "var.n", "main.hcl", 12))
        .because(variable("--var n", "command line", 1)),
        change(
            "dev/workload.api/process_service.api[1]",
            "process_service",
            Action::Update,
            json!({"id": "w", "port": 1}),
            json!({"id": "w", "port": 2}),
        )
        .wave(2)
        .effect("restarts the process")
        .undo(ReversibilityClass::Lossy, &["open connections"]),
    ]);
    let dev: Arc<str> = "dev".into();
    let environment = body.environments.get_mut(&dev).unwrap();
    environment.basis = Some(Basis { lineage: "l".into(), serial: 7, digest: "d".into() });
    environment.variables =
        [("n".into(), value(json!(2))), ("token".into(), value(json!({"$secret": "tok"})))].into();
    environment.providers = [(
        "process".into(),
        ProviderBinding {
            source: "builtin".into(),
            provider: "process".into(),
            version: 1,
            config: value(json!({})),
        },
    )]
    .into();
    body.drift = vec![drift(
        "dev/resource.a",
        "mpctl_data",
        json!({"id": "1", "input": {"n": 1}}),
        json!(null),
    )];
    body.outputs = vec![
        output("dev/output.url", json!("a"), json!("?")),
        output("dev/output.key", json!(null), json!({"$secret": "k"})),
    ];
    body.residuals = vec![Residual::Attribute {
        address: "dev/resource.a".parse().unwrap(),
        path: Path::attribute("id"),
    }];
    let plan = shown(body);

    assert_eq!(plan["format_version"], "1.2");
    assert_eq!(plan["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(
        (&plan["applyable"], &plan["complete"], &plan["errored"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(
        plan["variables"],
        json!({"n": {"value": 2}, "token": {"value": null, "sensitive": true}})
    );
    assert_eq!(plan["environments"], json!({"dev": {"serial": 7, "protect": false}}));
    assert_eq!(
        plan["relevant_attributes"],
        json!([{"resource": "dev/resource.a", "attribute": ["id"]}])
    );
    assert_eq!(plan["resource_drift"][0]["change"]["actions"], json!(["delete"]));
    assert_eq!(
        plan["output_changes"]["url"],
        json!({"actions": ["update"], "before": "a", "after_unknown": true, "before_sensitive": false, "after_sensitive": false})
    );
    assert_eq!(
        plan["output_changes"]["key"],
        json!({"actions": ["create"], "before": null, "after": null, "after_unknown": false, "before_sensitive": true, "after_sensitive": true})
    );
    assert_eq!(
        plan["planned_values"]["outputs"],
        json!({"url": {"sensitive": false}, "key": {"sensitive": true, "type": "string", "value": null}})
    );
    assert_eq!(plan["planned_values"]["root_module"]["resources"].as_array().unwrap().len(), 3);
    assert_eq!(plan["prior_state"]["values"]["outputs"]["url"]["value"], "a");

    let changes = plan["resource_changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "data that was read while planning is no change");
    assert_eq!(
        changes[0]["cause"],
        json!([
            {"kind": "config", "path": "input.n", "expression": "var.n", "before": 1, "after": 2, "range": {"filename": "main.hcl", "start": {"line": 12, "column": 3, "byte": 0}}},
            {"kind": "variable", "subject": "--var n", "range": {"filename": "command line", "start": {"line": 1, "column": 3, "byte": 0}}},
        ])
    );
    assert_eq!(changes[0]["reversibility"], json!({"class": "reversible", "loses": []}));
    assert_eq!(changes[0]["compensation"]["actions"], json!(["update"]));
    let service = &changes[1];
    assert_eq!(
        (&service["address"], &service["environment"], &service["wave"]),
        (&json!("dev/workload.api/process_service.api[1]"), &json!("dev"), &json!(2))
    );
    assert_eq!(
        (&service["type"], &service["name"], &service["index"], &service["provider_name"]),
        (&json!("process_service"), &json!("api"), &json!(1), &json!("builtin/process"))
    );
    assert_eq!(service["reversibility"], json!({"class": "lossy", "loses": ["open connections"]}));
    assert_eq!(service["effects"], json!(["restarts the process"]));
    assert_eq!(
        service["risk"],
        json!([{"class": "lossy", "why": "open connections"}, {"class": "disrupts", "why": "restarts the process"}])
    );
}

#[test]
fn several_environments_keep_their_names_apart() {
    let mut body = body(vec![
        change("dev/resource.a", "mpctl_data", Action::Create, json!(null), json!({"n": 1})),
        change("prod/resource.a", "mpctl_data", Action::Delete, json!({"n": 1}), json!(null)),
    ]);
    for (name, n) in [("dev", 1), ("prod", 2)] {
        let plan = EnvironmentPlan {
            variables: [("n".into(), value(json!(n)))].into(),
            protect: name == "prod",
            ..EnvironmentPlan::default()
        };
        body.environments.insert(name.into(), plan);
    }
    body.outputs = vec![
        output("dev/output.n", json!(null), json!(1)),
        output("prod/output.n", json!(1), json!(1)),
    ];
    let plan = shown(body);
    let keys = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&plan["variables"]), ["dev/n", "prod/n"]);
    assert_eq!(keys(&plan["output_changes"]), ["dev/n", "prod/n"]);
    assert_eq!(keys(&plan["planned_values"]["outputs"]), ["dev/n", "prod/n"]);
    assert_eq!(plan["resource_changes"][1]["risk"][1]["class"], "protected");
}

#[test]
fn a_partial_plan_is_not_complete_and_one_without_changes_not_applyable() {
    let mut body = body(vec![change(
        "dev/resource.a",
        "mpctl_data",
        Action::NoOp,
        json!({"n": 1}),
        json!({"n": 1}),
    )]);
    body.left_out = Some(vec!["dev/resource.b".parse().unwrap()]);
    let plan = shown(body);
    assert_eq!(
        (&plan["applyable"], &plan["complete"], &plan["left_out"]),
        (&json!(false), &json!(false), &json!(["dev/resource.b"]))
    );
}

#[test]
fn nothing_sensitive_is_written_unless_asked_for() {
    let schema = database_schema();
    let schemas = Schemas::from([("cloud_database", &schema)]);
    let made = || {
        let mut body = body(vec![
            change(
                "dev/resource.a",
                "mpctl_data",
                Action::Update,
                json!({"input": {"t": {"$secret": "tok-1"}, "u": {"v": "tok-9"}, "w": null}}),
                json!({"input": {"t": {"$secret": "tok-2"}, "u": [{"$secret": "tok-9"}], "w": {"shown": 1, "hidden": {"$secret": "tok-10"}}}}),
            )
            .because(config("input.t", "var.t", "main.hcl", 1))
            .because(config("input", "x", "main.hcl", 1)),
            change(
                "dev/resource.db",
                "cloud_database",
                Action::Update,
                json!({"password": "tok-3"}),
                json!({"password": "tok-4"}),
            )
            .because(config("password", "var.p", "main.hcl", 2)),
        ]);
        body.drift = vec![drift(
            "dev/resource.db",
            "cloud_database",
            json!({"password": "tok-5"}),
            json!({"password": {"$secret": "tok-6"}}),
        )];
        body.outputs =
            vec![output("dev/output.o", json!({"x": {"$secret": "tok-7"}}), json!({"x": "tok-8"}))];
        body
    };
    let hidden = written(made(), &schemas, false);
    assert!(!hidden.to_string().contains("tok-"), "{hidden:#}");
    assert_eq!(
        hidden["resource_changes"][1]["change"]["after_sensitive"],
        json!({"password": true})
    );
    assert_eq!(hidden["resource_changes"][1]["change"]["after"], json!({"password": null}));
    let clear = written(made(), &schemas, true);
    assert_eq!(clear["resource_changes"][0]["change"]["after"]["input"]["t"], "tok-2");
    assert_eq!(clear["resource_changes"][0]["change"]["after_sensitive"]["input"]["t"], true);
}

fn recorded() -> State {
    let resource = |value_of: Json, status, deposed: Vec<Deposed>| {
        Record::Resource(Arc::new(ResourceRecord {
            resource_type: "mpctl_data".into(),
            provider: "mpctl".into(),
            provider_source: "builtin".into(),
            schema_version: 1,
            object: (!value_of.is_null()).then(|| Object::new(value(value_of))),
            status,
            dependencies: vec![
                "resource.b".parse::<crate::address::LocalAddress>().unwrap().subject,
            ],
            create_before_destroy: false,
            retain_on_destroy: false,
            deposed,
        }))
    };
    let old = Deposed { key: "1a2b".into(), object: Object::new(value(json!({"id": "0"}))) };
    let output = |of: Json| Record::Output(OutputRecord { value: value(of) });
    State {
        basis: Some(Basis { lineage: "l-1".into(), serial: 3, digest: "d".into() }),
        records: [
            (
                "resource.a[0]".parse().unwrap(),
                resource(json!({"id": "1", "input": {"$secret": "tok"}}), Status::Ready, vec![old]),
            ),
            (
                "resource.c".parse().unwrap(),
                resource(json!({"id": "2", "input": [1]}), Status::Tainted, vec![]),
            ),
            ("output.key".parse().unwrap(), output(json!({"$secret": "tok"}))),
            ("output.ports".parse().unwrap(), output(json!([80, {"a": true}]))),
        ]
        .into(),
    }
}

fn of_state(write: impl Fn(&mut Vec<u8>, &[(Arc<str>, &State)])) -> (Json, Json) {
    let (state, empty) = (recorded(), State::default());
    let read = |environments: &[(Arc<str>, &State)]| {
        let mut out = Vec::new();
        write(&mut out, environments);
        serde_json::from_slice(&out).unwrap()
    };
    (read(&[("dev".into(), &state)]), read(&[("dev".into(), &state), ("prod".into(), &empty)]))
}

#[test]
fn a_state_has_terraform_s_shape_with_lineage_and_serial() {
    let (one, several) = of_state(|out, e| super::state(out, e, &Schemas::new(), false).unwrap());
    assert_eq!(
        (&one["format_version"], &one["lineage"], &one["serial"]),
        (&json!("1.0"), &json!("l-1"), &json!(3))
    );
    assert_eq!(
        one["values"]["outputs"],
        json!({"key": {"sensitive": true, "type": "string", "value": null}, "ports": {"sensitive": false, "type": ["tuple", ["number", ["object", {"a": "bool"}]]], "value": [80, {"a": true}]}})
    );
    let rows = one["values"]["root_module"]["resources"].as_array().unwrap();
    assert_eq!(
        rows[0],
        json!({
            "address": "dev/resource.a[0]", "mode": "managed", "type": "mpctl_data", "name": "a", "index": 0, "provider_name": "builtin/mpctl",
            "schema_version": 1, "values": {"id": "1", "input": null}, "sensitive_values": {"input": true}, "depends_on": ["dev/resource.b"], "environment": "dev"
        })
    );
    assert_eq!(rows[1]["deposed_key"], "1a2b");
    assert_eq!(rows[2]["tainted"], true);
    assert_eq!(several["environments"]["dev"], one);
    assert_eq!(several["environments"]["prod"]["serial"], 0);
    assert_eq!(several["environments"]["prod"]["values"]["root_module"]["resources"], json!([]));
}

#[test]
fn a_state_list_has_one_row_an_object() {
    let (one, several) = of_state(|out, e| super::state_list(out, e).unwrap());
    assert_eq!(
        one,
        json!({"lineage": "l-1", "serial": 3, "resources": [
            {"address": "dev/resource.a[0]", "type": "mpctl_data", "id": "1", "environment": "dev", "mode": "managed", "provider": "mpctl", "status": "ready", "deposed": ["1a2b"]},
            {"address": "dev/resource.c", "type": "mpctl_data", "id": "2", "environment": "dev", "mode": "managed", "provider": "mpctl", "status": "tainted", "deposed": []},
        ]})
    );
    assert_eq!(
        several["environments"]["prod"],
        json!({"lineage": null, "serial": 0, "resources": []})
    );
}

#[test]
fn outputs_are_written_in_clear_with_terraform_s_types() {
    let (one, several) = of_state(|out, e| super::outputs(out, e).unwrap());
    assert_eq!(
        one,
        json!({
            "key": {"sensitive": true, "type": "string", "value": "tok"},
            "ports": {"sensitive": false, "type": ["tuple", ["number", ["object", {"a": "bool"}]]], "value": [80, {"a": true}]}
        })
    );
    assert_eq!(several["environments"]["prod"], json!({}));
}

#[test]
fn numbers_keep_every_digit() {
    let json = r#"{"big": 123456789012345678901234567890, "small": 0.1, "odd": 9007199254740993}"#;
    let one = change(
        "dev/resource.a",
        "mpctl_data",
        Action::Create,
        json!(null),
        serde_json::from_str(json).unwrap(),
    );
    assert_eq!(delta(one)["after"], serde_json::from_str::<Json>(json).unwrap());
}
