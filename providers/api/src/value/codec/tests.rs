//! Whatever is stored comes back the same.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::{CodecError, NoSeal, Seal, SealError, Sealed, decode, encode};
use crate::value::{Entries, Number, Refinement, Type, Unknown, UnknownId, Value};

/// Turns every bit around: enough to see that nothing is kept in clear.
struct Turned;

impl Seal for Turned {
    fn seal(&self, clear: &[u8]) -> Result<Sealed, SealError> {
        Ok(Sealed { key: "k1".into(), bytes: clear.iter().map(|b| !b).collect() })
    }
    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        if sealed.key != "k1" {
            return Err(SealError::UnknownKey(sealed.key.clone()));
        }
        Ok(sealed.bytes.iter().map(|b| !b).collect())
    }
}

fn text(value: &Value) -> String {
    encode(value, &Turned).unwrap().to_string()
}

#[test]
fn plain_values_are_plain_json() {
    let value = Value::object([
        ("name", Value::string("db")),
        ("port", "5432.50".parse().map(Value::Number).unwrap()),
        ("big", "123456789012345678901234567890".parse().map(Value::Number).unwrap()),
        ("tags", Value::tuple([Value::Bool(true), Value::NULL])),
    ]);
    insta::assert_snapshot!(text(&value), @r#"{"big":123456789012345678901234567890,"name":"db","port":5432.5,"tags":[true,null]}"#);
}

#[test]
fn what_json_does_not_imply_is_tagged() {
    let list = Value::list(Type::String, vec![Value::string("a")]);
    insta::assert_snapshot!(text(&list), @r#"{"$":"list","items":["a"],"of":"string"}"#);
    insta::assert_snapshot!(text(&Value::set(Type::Number, vec![])), @r#"{"$":"set","items":[],"of":"number"}"#);
    insta::assert_snapshot!(text(&Value::map(Type::Bool, Entries::default())), @r#"{"$":"map","entries":{},"of":"bool"}"#);
    insta::assert_snapshot!(text(&Value::Null(Type::list(Type::Number))), @r#"{"$":"null","type":["list","number"]}"#);
    insta::assert_snapshot!(text(&Value::object([("$", Value::int(1))])), @r#"{"$":"object","entries":{"$":1}}"#);
    let refinement = Refinement { not_null: true, prefix: Some("ht".into()), length: None };
    let unknown =
        Value::Unknown(Arc::new(Unknown { id: Some(UnknownId(3)), ty: Type::String, refinement }));
    insta::assert_snapshot!(text(&unknown), @r#"{"$":"unknown","id":3,"not_null":true,"prefix":"ht","type":"string"}"#);
    insta::assert_snapshot!(text(&unknown.sensitive()), @r#"{"$":"sensitive","value":{"$":"unknown","id":3,"not_null":true,"prefix":"ht","type":"string"}}"#);
}

#[test]
fn sensitive_values_are_sealed_and_need_their_key() {
    let secret = Value::object([("password", Value::string("hunter2").sensitive())]);
    let stored = encode(&secret, &Turned).unwrap();
    assert!(!stored.to_string().contains("hunter2"));
    assert_eq!(decode(&stored, &Turned).unwrap(), secret);
    assert_eq!(encode(&secret, &NoSeal), Err(CodecError::Seal(SealError::NoKey)));
    let opened = decode(&stored, &NoSeal);
    assert_eq!(opened, Err(CodecError::Seal(SealError::UnknownKey("k1".into()))));
}

#[test]
fn what_is_no_stored_value_is_refused() {
    for json in [
        json!({"$": 1}),
        json!({"$": "nothing"}),
        json!({"$": "list", "items": []}),
        json!({"$": "list", "of": "string"}),
        json!({"$": "map", "of": "string", "entries": []}),
        json!({"$": "null", "type": "strange"}),
        json!({"$": "unknown", "type": "string", "id": -1}),
        json!({"$": "unknown", "type": "string", "length": [1]}),
        json!({"$": "sensitive", "key": "k1", "sealed": "!"}),
        json!({"$": "sensitive", "value": "in clear"}),
        json!({"$": "sensitive", "value": {"a": 1}}),
    ] {
        assert!(decode(&json, &Turned).is_err(), "{json}");
    }
}

#[test]
fn deep_nesting_is_refused_both_ways() {
    let (mut value, mut json) = (Value::int(1), json!(1));
    for _ in 0..200 {
        value = Value::tuple([value]);
        json = json!([json]);
    }
    assert_eq!(encode(&value, &NoSeal), Err(CodecError::TooDeep));
    assert_eq!(decode(&json, &NoSeal), Err(CodecError::TooDeep));
}

fn any_type() -> impl Strategy<Value = Type> {
    prop::sample::select(vec![
        Type::Dynamic,
        Type::Bool,
        Type::list(Type::String),
        Type::map(Type::set(Type::Number)),
        Type::object([("a", Type::String), ("b", Type::Tuple([Type::Bool].into()))]),
    ])
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any_type().prop_map(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::int),
        (any::<i64>(), 1i64..).prop_map(|(a, b)| {
            Value::Number(Number::from(a).divide(&Number::from(b)).unwrap())
        }),
        ".{0,6}".prop_map(Value::string),
        (any::<Option<u32>>(), any_type(), any::<bool>(), any::<Option<(u64, Option<u64>)>>())
            .prop_map(|(id, ty, not_null, length)| {
                let refinement = Refinement { not_null, prefix: None, length };
                Value::Unknown(Arc::new(Unknown { id: id.map(UnknownId), ty, refinement }))
            }),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let keyed = prop::collection::vec(("[$a-c]{0,2}", inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            keyed.clone().prop_map(Value::object),
            prop::collection::vec(any::<i64>().prop_map(Value::int), 0..4)
                .prop_map(|items| Value::set(Type::Number, items)),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| Value::list(Type::Dynamic, items)),
            keyed.prop_map(|entries| {
                let entries = entries.into_iter().map(|(k, v)| (Arc::from(k), v)).collect();
                Value::map(Type::Dynamic, entries)
            }),
            inner.prop_map(Value::sensitive),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stored_values_come_back_the_same(value in any_value()) {
        let stored = encode(&value, &Turned).unwrap();
        let read: serde_json::Value = serde_json::from_str(&stored.to_string()).unwrap();
        prop_assert_eq!(decode(&read, &Turned).unwrap(), value);
    }

    #[test]
    fn types_come_back_the_same(ty in any_type()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()), Some(ty));
    }
}
