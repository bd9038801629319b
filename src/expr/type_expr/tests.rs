//! Type constraints and their defaults.

use mpctl_provider::{Type, Value};

use super::{TypeConstraint, type_constraint};
use crate::source::FileId;
use crate::spec::hcl::{Places, parse_expression};

fn constraint(text: &str) -> TypeConstraint {
    let (expr, mistakes) = parse_expression(text, &Places::linear(FileId(0), 0));
    assert!(!mistakes.has_errors(), "{text}");
    type_constraint(&expr).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"))
}

fn faults(text: &str) -> Vec<String> {
    let (expr, _) = parse_expression(text, &Places::linear(FileId(0), 0));
    type_constraint(&expr).unwrap_err().iter().map(|d| d.summary.clone()).collect()
}

#[test]
fn every_kind_of_type_can_be_spelled() {
    for text in [
        "string",
        "number",
        "bool",
        "any",
        "list(string)",
        "set(number)",
        "map(any)",
        "tuple([string, list(bool)])",
        "object({ a = string, b = list(number) })",
    ] {
        assert_eq!(constraint(text).ty.to_string(), text);
    }
    assert_eq!(constraint("list").ty, Type::list(Type::Dynamic));
    assert_eq!(constraint("\"string\"").ty, Type::String);
    let optional = constraint("object({ a = optional(string), b = optional(number, 3) })");
    assert_eq!(optional.ty.to_string(), "object({ a = optional(string), b = optional(number) })");
}

#[test]
fn defaults_fill_what_is_absent_or_null() {
    let person = constraint(
        "object({ name = string, age = optional(number, 18), tags = optional(list(string), [\"x\"]), note = optional(string) })",
    );
    let given = Value::object([("name", Value::string("Ada")), ("age", Value::NULL)]);
    let filled = person.apply(&given).unwrap();
    assert_eq!(filled.get("age"), Some(&Value::int(18)));
    assert_eq!(filled.get("tags"), Some(&Value::list(Type::String, vec![Value::string("x")])));
    assert_eq!(filled.get("note"), Some(&Value::Null(Type::String)));
}

#[test]
fn defaults_apply_within_collections_and_defaults() {
    let inner = "object({ port = optional(number, 80) })";
    let one = Value::tuple([Value::object::<&str>([]), Value::object([("port", Value::int(1))])]);
    let list = constraint(&format!("list({inner})")).apply(&one).unwrap();
    let ports: Vec<_> =
        list.as_items().unwrap().iter().map(|i| i.get("port").unwrap().clone()).collect();
    assert_eq!(ports, [Value::int(80), Value::int(1)]);
    let map = constraint(&format!("map({inner})"));
    let filled = map.apply(&Value::object([("a", Value::object::<&str>([]))])).unwrap();
    assert_eq!(filled.get("a").unwrap().get("port"), Some(&Value::int(80)));
    let nested = constraint(&format!("object({{ web = optional({inner}, {{}}) }})"));
    let filled = nested.apply(&Value::object::<&str>([])).unwrap();
    assert_eq!(filled.get("web").unwrap().get("port"), Some(&Value::int(80)));
}

#[test]
fn every_mistake_is_named() {
    insta::assert_snapshot!(faults("strng").join("\n"), @"there is no type `strng`; did you mean `string`?");
    insta::assert_snapshot!(faults("object({ a = nmber, b = list(strin) })").join("\n"), @r"
    there is no type `nmber`; did you mean `number`?
    there is no type `strin`; did you mean `string`?
    ");
    insta::assert_snapshot!(faults("set").join("\n"), @"`set` has to say of what: `set(…)`");
    insta::assert_snapshot!(faults("1 + 1").join("\n"), @"this is not a type");
    insta::assert_snapshot!(faults("optional(string)").join("\n"), @"`optional` stands only at an attribute of an object");
    insta::assert_snapshot!(faults("object({ a = optional(number, \"x\") })").join("\n"), @"the default does not fit the attribute's type");
    insta::assert_snapshot!(faults("list(string, number)").join("\n"), @"`list` takes one type");
}
