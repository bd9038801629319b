//! Unknown and sensitive values flow through everything.

use super::{eval, value};
use mpctl_provider::{Type, Value};

fn unknown_type(text: &str) -> Type {
    match value(text).bare() {
        Value::Unknown(unknown) => unknown.ty.clone(),
        other => panic!("{text} is known: {other:?}"),
    }
}

#[test]
fn operators_on_unknowns_are_unknown_of_their_type() {
    for text in ["resource.db.port + 1", "-resource.db.port", "resource.db.port % 2"] {
        assert_eq!(unknown_type(text), Type::Number, "{text}");
    }
    for text in ["resource.db.port > 1", "resource.db.url == \"x\"", "!(resource.db.port > 1)"] {
        assert_eq!(unknown_type(text), Type::Bool, "{text}");
    }
    assert_eq!(unknown_type("\"a${resource.db.url}b\""), Type::String);
    assert_eq!(unknown_type("resource.db.port > 1 ? 1 : 2"), Type::Number);
    assert_eq!(unknown_type("resource.db.port > 1 ? \"a\" : 2"), Type::String);
}

#[test]
fn one_known_operand_may_decide() {
    assert_eq!(value("false && resource.db.port > 1"), Value::Bool(false));
    assert_eq!(value("resource.db.port > 1 || true"), Value::Bool(true));
    assert_eq!(value("resource.db.url == null"), Value::Bool(false));
    assert_eq!(value("[1, resource.db.url] == [2, resource.db.url]"), Value::Bool(false));
    assert_eq!(value("startswith(\"http://${resource.db.url}\", \"http\")"), Value::Bool(true));
    assert_eq!(value("startswith(\"http://${resource.db.url}\", \"ftp\")"), Value::Bool(false));
    assert_eq!(value("length([resource.db.url, 1])"), Value::int(2));
    assert_eq!(value("keys({ a = resource.db.url })[0]"), Value::string("a"));
    assert_eq!(value("contains([\"x\", resource.db.url], \"x\")"), Value::Bool(true));
    assert_eq!(value("anytrue([resource.db.port > 1, true])"), Value::Bool(true));
}

#[test]
fn an_unknown_moved_whole_keeps_its_identity() {
    for text in [
        "resource.db.url",
        "(resource.db.url)",
        "\"${resource.db.url}\"",
        "[1, resource.db.url][1]",
        "{ a = resource.db.url }.a",
        "[for x in [resource.db.url] : x][0]",
        "true ? resource.db.url : \"x\"",
        "tolist([resource.db.url])[0]",
        "concat([resource.db.url], [\"a\"])[0]",
        "merge({ a = resource.db.url }, { b = 1 }).a",
    ] {
        let Value::Unknown(unknown) = value(text) else { panic!("{text}") };
        assert_eq!(unknown.id.map(|id| id.0), Some(0), "{text}");
    }
}

#[test]
fn what_is_computed_from_an_unknown_has_no_identity() {
    for text in ["upper(resource.db.url)", "\"${resource.db.url}!\"", "resource.db.tags[0]"] {
        let Value::Unknown(unknown) = value(text) else { panic!("{text}") };
        assert_eq!(unknown.id, None, "{text}");
    }
}

#[test]
fn only_what_depends_on_the_unknown_is_unknown() {
    let list = value("[for x in [\"a\", resource.db.url] : upper(x)]");
    let items = list.as_items().unwrap();
    assert_eq!(items[0], Value::string("A"));
    assert!(items[1].is_unknown());
    assert_eq!(unknown_type("[for x in resource.db.tags : upper(x)]"), Type::Dynamic);
    assert_eq!(unknown_type("resource.db.tags[*]"), Type::list(Type::String));
    assert_eq!(unknown_type("{ (resource.db.url) = 1 }"), Type::Dynamic);
}

#[test]
fn try_waits_for_what_may_still_fail() {
    assert_eq!(value("try(resource.db.size, 1)"), Value::string("small"));
    assert_eq!(value("try(resource.db.missing, 1)"), Value::int(1));
    assert!(value("try(tonumber(resource.db.url), 1)").is_unknown());
    assert!(value("can(tonumber(resource.db.url))").is_unknown());
    assert_eq!(value("can(resource.db.missing)"), Value::Bool(false));
}

#[test]
fn a_sensitive_operand_makes_the_result_sensitive() {
    for text in [
        "\"x${var.password}\"",
        "var.password == \"a\"",
        "upper(var.password)",
        "var.password == \"a\" ? 1 : 2",
        "[\"a\", \"b\"][length(var.password) - 7]",
        "{ (var.password) = 1 }",
        "[for x in [1] : x if var.password != \"\"]",
        "jsonencode({ p = var.password })",
        "\"%{ if var.password == \"\" }a%{ endif }\"",
    ] {
        assert!(matches!(value(text), Value::Sensitive(_)), "{text}");
    }
    let object = value("{ p = var.password, n = 1 }");
    assert!(matches!(object.get("p"), Some(Value::Sensitive(_))));
    assert!(!object.get("n").unwrap().contains_sensitive());
    assert!(!value("nonsensitive(var.password)").contains_sensitive());
}

#[test]
fn both_mistakes_of_an_expression_are_reported() {
    let mistakes = eval("[var.nmae, 1 + \"x\", upper()]").unwrap_err();
    assert_eq!(mistakes.iter().count(), 3);
}
