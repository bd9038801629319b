//! The law that nothing sensitive is printed, on plans that nobody thought of.

use std::sync::Arc;

use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};
use proptest::prelude::*;
use serde_json::json;

use crate::plan::{Action, Plan, PlanBody, ReplaceOrder};
use crate::render::fixture::{body, change, drift, output};
use crate::render::{Options, Schemas, human, json};

/// What stands in every secret and nowhere else.
const SECRET: &str = "s3cr3t";

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::NULL),
        any::<bool>().prop_map(Value::Bool),
        (0_i64..5).prop_map(Value::int),
        "[a-c]{0,2}".prop_map(Value::string),
        Just(Value::string("a\nb\n")),
        Just(Value::string("{\"a\": [1, 2]}")),
        Just(Value::unknown(Type::String)),
        Just(Value::string(SECRET).sensitive()),
        Just(Value::string(format!("{{\"k\": \"{SECRET}\"}}")).sensitive()),
        Just(Value::string(format!("a\n{SECRET}\n")).sensitive()),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..4);
        let entries = prop::collection::btree_map("[a-c]", inner, 0..4);
        let entries = entries.prop_map(|m| m.into_iter().map(|(k, v)| (Arc::from(k), v)).collect());
        prop_oneof![
            items.clone().prop_map(Value::tuple),
            items.clone().prop_map(|items| Value::set(Type::Dynamic, items)),
            items.prop_map(|items| Value::tuple(items).sensitive()),
            entries.prop_map(|e: Entries| Value::Object(Arc::new(e))),
        ]
    })
}

fn plan_of(action: Action, before: Value, after: Value) -> PlanBody {
    let object = |value: Value| Value::object([("id", Value::string("1")), ("input", value)]);
    let (before, after) = (object(before), object(after));
    let mut one = change("dev/resource.a", "mpctl_data", action, json!({}), json!({}));
    if let Some(object) = &mut one.before {
        object.value = before.clone();
    }
    one.after = Some(after.clone());
    let mut two = one.clone();
    two.address.local.key = crate::address::Key::Index(1);
    let mut body = body(vec![one, two]);
    let mut drifted = drift("dev/resource.a", "mpctl_data", json!({}), json!({}));
    let mut out = output("dev/output.o", json!(1), json!(2));
    (out.before, out.after) = (Some(before.clone()), Some(after.clone()));
    (drifted.before, drifted.after) = (before, Some(after));
    body.drift.push(drifted);
    body.outputs.push(out);
    body
}

/// Prints the plan in every way.
fn check(body: PlanBody) -> Result<(), TestCaseError> {
    for concise in [false, true] {
        for expand in [false, true] {
            let options = Options { concise, expand, why: true, ..Options::default() };
            let text = human::plan(&body, &Schemas::new(), &options);
            prop_assert!(!text.contains(SECRET), "{}", text);
        }
    }
    let plan = Plan { id: "p".into(), created_at: "2026-01-02T03:04:05Z".into(), body };
    let mut out = Vec::new();
    json::plan(&mut out, &plan, &Schemas::new(), false).expect("a Vec takes everything");
    let text = String::from_utf8_lossy(&out);
    prop_assert!(!text.contains(SECRET), "{}", text);
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);
    prop_assert!(parsed.is_ok());
    Ok(())
}

proptest! {
    #[test]
    fn no_secret_is_printed(before in any_value(), after in any_value(), action in 0_usize..5) {
        let action = [
            Action::Create,
            Action::Update,
            Action::Delete,
            Action::Forget,
            Action::Replace(ReplaceOrder::DeleteThenCreate),
        ][action];
        let body = plan_of(action, before, after);
        check(body)?;
    }

    #[test]
    fn what_is_secret_on_one_side_is_printed_on_neither(marked in any_value(), becomes: bool) {
        let clear = marked.unmark_deep().0;
        let (before, after) = if becomes { (clear, marked) } else { (marked, clear) };
        check(plan_of(Action::Update, before, after))?;
    }
}
