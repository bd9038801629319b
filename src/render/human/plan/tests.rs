//! A plan that has everything, and what it looks like.

use serde_json::{Value as Json, json};

use super::plan;
use crate::plan::{Action, Mode, PlanBody, Reason, ReplaceOrder, ReversibilityClass};
use crate::render::fixture::*;
use crate::render::{Options, Schemas};

fn text(body: &PlanBody) -> String {
    plan(body, &Schemas::new(), &Options::default())
}

fn everything() -> PlanBody {
    use Action::{Create, Delete, Forget, NoOp, Read, Replace, Update};
    let mut body = body(vec![
        change("dev/data.image", "local_file", Read, json!(null), json!({"filename": "?", "content": "?"}))
            .reason(Reason::ReadBecauseConfigUnknown).wave(2),
        change("dev/resource.a", "mpctl_data", Update,
            json!({"id": "a1", "input": {"n": 1, "list": ["x", "y"], "name": "n", "deep": [{"k": 1}, {"k": 2}], "same": true}, "output": {"n": 1}}),
            json!({"id": "a1", "input": {"n": 2, "list": ["x", "z", "y"], "name": "n", "deep": [{"k": 1}, {"k": 3}], "same": true, "extra": 1.5}, "output": "?"}))
            .because(config("input", "{ n = var.n }", "main.hcl", 12)).because(variable("environment dev", "dev.hcl", 3)),
        change("dev/resource.b", "mpctl_data", Replace(ReplaceOrder::DeleteThenCreate),
            json!({"id": "b1", "input": "v", "triggers_replace": ["x"]}), json!({"id": "?", "input": "v", "triggers_replace": ["y"]}))
            .replaces("triggers_replace").reason(Reason::ReplaceBecauseCannotUpdate)
            .because(config("triggers_replace", "[var.x]", "main.hcl", 20))
            .undo(ReversibilityClass::Lossy, &["a new id"]),
        change("dev/resource.conf", "local_file", Update,
            json!({"id": "c", "filename": "app.toml", "content": "a\nb\nc\nd\ne\nf\ng\nh\ni\n"}),
            json!({"id": "c", "filename": "app.toml", "content": "a\nb\nc\nd\ne\nF\ng\nh\ni\nj\n"})),
        change("dev/resource.db", "cloud_database", Delete,
            json!({"id": "db-1", "engine": "postgres", "password": {"$secret": "hunter2"}}), json!(null))
            .reason(Reason::DeleteBecauseNoResourceConfig).undo(ReversibilityClass::Irreversible, &["the data that it holds"]),
        change("dev/resource.f", "mpctl_data", Forget, json!({"id": "f1", "input": "x"}), json!(null)),
        change("dev/resource.j", "mpctl_data", Update,
            json!({"id": "j1", "input": "{\"a\":1,\"b\":[1,2,{\"c\":\"x\"}],\"key with space\":\"v\"}"}),
            json!({"id": "j1", "input": "{\"a\":2,\"b\":[1,2,{\"c\":\"x\"}],\"key with space\":\"v\"}"})),
        change("dev/resource.m", "mpctl_data", NoOp, json!({"id": "m1", "input": "x"}), json!({"id": "m1", "input": "x"}))
            .moved_from("dev/resource.old"),
        change("dev/resource.n[0]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?"})),
        change("dev/resource.n[1]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?"})),
        change("dev/resource.n[2]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?"})),
        change("dev/resource.n[3]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?"})),
        change("dev/resource.o[\"eu\"]", "mpctl_data", Delete, json!({"id": "o1", "input": ["p", {"q": 1}]}), json!(null))
            .reason(Reason::DeleteBecauseEachKey).wave(2),
        change("dev/resource.s", "mpctl_data", Update,
            json!({"id": "s1", "input": {"$set": ["p", "r"]}, "token": {"$secret": "one"}, "tags": {"$map": {"Env": "dev", "Own": "a"}}}),
            json!({"id": "s1", "input": {"$set": ["p", "q"]}, "token": {"$secret": "two"}, "tags": {"$map": {"Env": "dev", "Own": "b"}}})),
        change("dev/workload.api/process_service.api[0]", "process_service", Update,
            json!({"id": "api-0", "command": ["serve", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": 41}),
            json!({"id": "api-0", "command": ["serve", "--fast", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": "?"}))
            .effect("restarts the process").wave(3),
        change("dev/workload.api/process_service.api[1]", "process_service", Update,
            json!({"id": "api-1", "command": ["serve", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": 41}),
            json!({"id": "api-1", "command": ["serve", "--fast", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": "?"}))
            .effect("restarts the process").wave(3),
    ]);
    body.drift = vec![
        drift(
            "dev/resource.conf",
            "local_file",
            json!({"content": "a", "filename": "x"}),
            json!({"content": "b", "filename": "x"}),
        ),
        drift("dev/resource.quiet", "local_file", json!({"content": "a"}), json!({"content": "b"})),
    ];
    body.outputs = vec![
        output("dev/output.gone", json!("x"), json!(null)),
        output("dev/output.secret", json!(null), json!({"$secret": "s"})),
        output("dev/output.same", json!(1), json!(1)),
        output("dev/output.url", json!("http://a"), json!("?")),
    ];
    body.left_out =
        Some((0..12).map(|n| format!("dev/resource.left[{n}]").parse().unwrap()).collect());
    body
}

#[test]
fn look() {
    println!("{}", text(&everything()));
    println!(
        "{}",
        plan(&everything(), &Schemas::new(), &Options { concise: true, ..Options::default() })
    );
    println!(
        "{}",
        plan(
            &everything(),
            &Schemas::new(),
            &Options { why: true, compact: true, colour: true, ..Options::default() }
        )
    );
}
