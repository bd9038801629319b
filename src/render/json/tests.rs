//! Shapes, looked at through the eyes of a filter.

use serde_json::{Value as Json, json};

use super::*;
use crate::plan::{Action, Plan, PlanBody, Reason, ReplaceOrder, ReversibilityClass};
use crate::render::Schemas;
use crate::render::fixture::*;

fn shown(body: PlanBody) -> Json {
    let plan = Plan { id: "p".into(), created_at: "2026-01-02T03:04:05Z".into(), body };
    let mut out = Vec::new();
    super::plan(&mut out, &plan, &Schemas::new(), false).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn look() {
    let mut b = body(vec![change(
        "dev/resource.a",
        "mpctl_data",
        Action::Create,
        json!(null),
        json!({"id": "?", "input": {"list": [1, {"secret": "topsecret"}, 3], "n": 1, "obj": {"name": "n", "nest": {"deep": [{"k": 1}, {"k": 2}]}, "tags": ["a", "b"]}, "secret": {"secret": "x"}, "u": ["?", "z"]}, "triggers_replace": null}),
    )]);
    b.outputs = vec![output("dev/output.mixed", json!(null), json!({"a": "?", "b": 1}))];
    println!("{:#}", shown(b));
}
