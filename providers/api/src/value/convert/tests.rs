//! Conversion and unification, beyond what the record of Terraform's answers shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{ObjectType, Type, Unknown, UnknownId, Value, unify};

fn person() -> Type {
    let attributes: BTreeMap<Arc<str>, Type> =
        [("name".into(), Type::String), ("age".into(), Type::Number)].into();
    let optional = [Arc::from("age")].into();
    Type::Object(Arc::new(ObjectType { attributes, optional }))
}

#[test]
fn optional_attributes_become_null_and_surplus_ones_go() {
    let given = Value::object([("name", Value::string("Ada")), ("shoes", Value::int(38))]);
    let converted = given.convert(&person()).unwrap();
    let wanted =
        Value::object([("name", Value::string("Ada")), ("age", Value::Null(Type::Number))]);
    assert_eq!(converted, wanted);
}

#[test]
fn messages_say_where() {
    let list = Type::list(person());
    let fault = |value: Value| value.convert(&list).unwrap_err().to_string();
    insta::assert_snapshot!(fault(Value::tuple([Value::object([("age", Value::int(1))])])), @r#"[0]: attribute "name" is required"#);
    let old = Value::object([("name", Value::string("x")), ("age", Value::string("old"))]);
    insta::assert_snapshot!(fault(Value::tuple([old])), @r#"[0].age: a number is required, not "old""#);
    insta::assert_snapshot!(fault(Value::string("x")), @"a list of object is required");
}

#[test]
fn a_sensitive_value_is_not_quoted() {
    let secret = Value::tuple([Value::string("hunter2").sensitive()]);
    let fault = secret.convert(&Type::list(Type::Number)).unwrap_err().to_string();
    assert!(!fault.contains("hunter2"), "{fault}");
}

#[test]
fn marks_stay_where_they_are_and_leave_sets() {
    let tuple = Value::tuple([Value::int(1), Value::int(2).sensitive()]);
    let list = tuple.convert(&Type::list(Type::String)).unwrap();
    let wanted = vec![Value::string("1"), Value::string("2").sensitive()];
    assert_eq!(list, Value::list(Type::String, wanted));
    let set = tuple.convert(&Type::set(Type::String)).unwrap();
    let plain = vec![Value::string("1"), Value::string("2")];
    assert_eq!(set, Value::set(Type::String, plain).sensitive());
}

#[test]
fn unknowns_change_their_type_and_keep_their_identity() {
    let unknown = |ty| {
        let id = Some(UnknownId(7));
        Value::Unknown(Arc::new(Unknown { id, ty, refinement: Default::default() }))
    };
    assert_eq!(unknown(Type::Number).convert(&Type::String).unwrap(), unknown(Type::String));
    assert_eq!(
        unknown(Type::Dynamic).convert(&person()).unwrap(),
        unknown(person().without_optional())
    );
    assert!(unknown(Type::list(Type::String)).convert(&Type::String).is_err());
    let open = unknown(Type::list(Type::Number)).convert(&Type::set(Type::Dynamic)).unwrap();
    assert_eq!(open, unknown(Type::set(Type::Number)));
}

#[test]
fn null_converts_only_where_its_type_does() {
    assert_eq!(Value::NULL.convert(&Type::Bool).unwrap(), Value::Null(Type::Bool));
    let null = Value::Null(Type::Number);
    assert_eq!(null.convert(&Type::String).unwrap(), Value::Null(Type::String));
    assert!(null.convert(&Type::list(Type::String)).is_err());
}

#[test]
fn any_takes_the_type_that_elements_share() {
    let mixed = Value::tuple([Value::int(1), Value::string("a")]);
    let wanted = vec![Value::string("1"), Value::string("a")];
    assert_eq!(
        mixed.convert(&Type::list(Type::Dynamic)).unwrap(),
        Value::list(Type::String, wanted)
    );
    let nested = Value::tuple([Value::tuple([Value::int(1)]), Value::tuple([Value::string("a")])]);
    let converted = nested.convert(&Type::list(Type::list(Type::Dynamic))).unwrap();
    assert_eq!(converted.ty(), Type::list(Type::list(Type::String)));
    let empty = Value::tuple([]).convert(&Type::list(Type::Dynamic)).unwrap();
    assert_eq!(empty, Value::list(Type::Dynamic, vec![]));
}

#[test]
fn unification_prefers_what_loses_nothing() {
    let unified = |types: &[Type]| unify(types).map(|ty| ty.to_string());
    assert_eq!(unified(&[Type::Number, Type::String]).as_deref(), Some("string"));
    assert_eq!(unified(&[Type::Number, Type::Bool]), None);
    assert_eq!(unified(&[Type::Number, Type::Dynamic]).as_deref(), Some("number"));
    let tuple = Type::Tuple([Type::Number].into());
    assert_eq!(
        unified(&[Type::list(Type::String), tuple.clone()]).as_deref(),
        Some("list(string)")
    );
    assert_eq!(unified(&[tuple.clone(), Type::Tuple([].into())]).as_deref(), Some("list(number)"));
    assert_eq!(unified(&[tuple, Type::object([("a", Type::Bool)])]), None);
    let (a, b) = (Type::object([("a", Type::Number)]), Type::object([("b", Type::String)]));
    assert_eq!(unified(&[a.clone(), b]).as_deref(), Some("map(string)"));
    assert_eq!(unified(&[a, Type::map(Type::String)]).as_deref(), Some("map(string)"));
}
