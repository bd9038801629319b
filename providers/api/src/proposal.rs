//! The usual planning behaviour, derived from a schema: what a provider's `plan` starts from.

use std::sync::Arc;

use crate::contract::{Object, PlanReply, PlanRequest};
use crate::schema::{BlockSchema, Presence};
use crate::value::{Entries, Path, Value};

/// `config` with what the user left open taken from `prior` (computed attributes) or from the schema
/// (defaults). This is the *proposed* value of a [`PlanRequest`].
pub fn proposed(schema: &BlockSchema, prior: Option<&Value>, config: &Value) -> Value {
    let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(schema.attributes.len());
    for (name, attribute) in &schema.attributes {
        let given = config.get(name).cloned().unwrap_or_else(|| Value::Null(attribute.ty.clone()));
        let value = match (given.is_null(), attribute.presence) {
            (false, _) | (true, Presence::Required) => given,
            (true, Presence::Optional) => attribute.default.clone().unwrap_or(given),
            (true, Presence::OptionalComputed | Presence::Computed) => prior
                .and_then(|prior| prior.get(name))
                .cloned()
                .or_else(|| attribute.default.clone())
                .unwrap_or(given),
        };
        entries.push((name.clone(), value.sensitive_if(attribute.sensitive)));
    }
    for name in schema.blocks.keys() {
        entries.push((name.clone(), config.get(name).cloned().unwrap_or(Value::NULL)));
    }
    Value::Object(Arc::new(entries.into_iter().collect::<Entries>()))
}

/// The usual answer to a plan request: a new object's computed attributes are unknown; an unchanged object
/// stays as it is; in a changed one the attributes named in `recomputed` become unknown; changed attributes
/// that the schema marks so need a new object. A delete (nothing is proposed) is promised as it is asked for.
pub fn usual_plan(schema: &BlockSchema, request: &PlanRequest, recomputed: &[&str]) -> PlanReply {
    let prior = request.prior.as_ref();
    if request.proposed.is_null() {
        return reply(Value::NULL, Vec::new(), prior);
    }
    let changed = prior.is_none_or(|prior| !same_input(schema, &prior.value, &request.proposed));
    let planned = request.proposed.as_entries().into_iter().flat_map(Entries::iter).map(
        |(name, proposed)| {
            let computed = schema.attributes.get(name).filter(|attribute| {
                matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
            });
            let open = request.config.get(name).is_none_or(Value::is_null)
                && (prior.is_none() && proposed.is_null()
                    || changed && recomputed.contains(&name.as_ref()));
            let value = match computed {
                Some(attribute) if open => {
                    Value::unknown(attribute.ty.clone()).sensitive_if(attribute.sensitive)
                }
                _ => proposed.clone(),
            };
            (name.clone(), value)
        },
    );
    let planned = Value::Object(Arc::new(planned.collect::<Entries>()));
    let replace = prior.map(|prior| replacing(schema, prior, &request.proposed));
    reply(planned, replace.unwrap_or_default(), prior)
}

fn reply(planned: Value, replace: Vec<Path>, prior: Option<&Object>) -> PlanReply {
    PlanReply {
        planned,
        replace,
        effects: Vec::new(),
        private: prior.map_or_else(|| Arc::from([]), |prior| prior.private.clone()),
        legacy: false,
    }
}

/// Whether everything that the user decides is the same in both, marks aside.
pub fn same_input(schema: &BlockSchema, prior: &Value, proposed: &Value) -> bool {
    let given = |name: &Arc<str>| same_part(name, prior, proposed);
    let attributes = schema.attributes.iter().filter(|(_, a)| a.presence != Presence::Computed);
    attributes.map(|(name, _)| name).chain(schema.blocks.keys()).all(given)
}

/// The changed attributes that need a new object.
fn replacing(schema: &BlockSchema, prior: &Object, proposed: &Value) -> Vec<Path> {
    let attributes = schema.attributes.iter();
    attributes
        .filter(|(name, attribute)| {
            attribute.replace_on_change && !same_part(name, &prior.value, proposed)
        })
        .map(|(name, _)| Path::attribute(name.clone()))
        .collect()
}

/// Whether the part `name` is the same in both objects, where a part that one lacks is null.
pub fn same_part(name: &str, a: &Value, b: &Value) -> bool {
    match (a.get(name), b.get(name)) {
        (Some(a), Some(b)) => same_content(a, b),
        (Some(one), None) | (None, Some(one)) => one.is_null(),
        (None, None) => true,
    }
}

/// Whether two values are the same to the real object: sensitive marks and the types of nulls make no
/// difference to it. What is unknown is not known to be the same as anything.
pub fn same_content(a: &Value, b: &Value) -> bool {
    let items = |a: &[Value], b: &[Value]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_content(a, b))
    };
    let entries = |a: &Entries, b: &Entries| {
        a.len() == b.len()
            && a.iter().zip(b.iter()).all(|((ak, av), (bk, bv))| ak == bk && same_content(av, bv))
    };
    match (a.bare(), b.bare()) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => false,
        (Value::Null(_), Value::Null(_)) => true,
        (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => {
            items(&a.items, &b.items)
        }
        (Value::Tuple(a), Value::Tuple(b)) => items(a, b),
        (Value::Map(a), Value::Map(b)) => entries(&a.entries, &b.entries),
        (Value::Object(a), Value::Object(b)) => entries(a, b),
        (a, b) => a == b,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema::Attribute;
    use crate::value::Type;

    fn bucket() -> BlockSchema {
        BlockSchema::of(
            "A bucket.",
            [
                ("name", Attribute::required(Type::String, "Its name.").replacing()),
                ("labels", Attribute::optional(Type::Dynamic, "Its labels.")),
                ("etag", Attribute::computed(Type::String, "Changes with the labels.")),
                ("id", Attribute::computed(Type::String, "Its id.")),
            ],
        )
    }

    fn request(prior: Option<Value>, name: &str, labels: Value) -> PlanRequest {
        let config = Value::object([
            ("name", Value::string(name)),
            ("labels", labels),
            ("etag", Value::Null(Type::String)),
            ("id", Value::Null(Type::String)),
        ]);
        PlanRequest {
            resource_type: "cloud_bucket".into(),
            proposed: proposed(&bucket(), prior.as_ref(), &config),
            prior: prior.map(Object::new),
            config,
        }
    }

    fn recorded(labels: Value) -> Value {
        Value::object([
            ("name", Value::string("logs")),
            ("labels", labels),
            ("etag", Value::string("e1")),
            ("id", Value::string("b-1")),
        ])
    }

    #[test]
    fn a_new_object_has_unknown_computed_attributes() {
        let reply = usual_plan(&bucket(), &request(None, "logs", Value::NULL), &["etag"]);
        insta::assert_snapshot!(format!("{:?}", reply.planned), @r#"{"etag": (unknown), "id": (unknown), "labels": null, "name": "logs"}"#);
        assert!(reply.replace.is_empty());
    }

    #[test]
    fn an_unchanged_object_is_planned_as_it_is_whatever_the_type_of_its_nulls() {
        let prior = recorded(Value::Null(Type::String));
        let reply = usual_plan(&bucket(), &request(Some(prior), "logs", Value::NULL), &["etag"]);
        insta::assert_snapshot!(format!("{:?}", reply.planned), @r#"{"etag": "e1", "id": "b-1", "labels": null, "name": "logs"}"#);
    }

    #[test]
    fn a_change_makes_what_follows_from_it_unknown_and_nothing_else() {
        let prior = recorded(Value::string("a"));
        let reply =
            usual_plan(&bucket(), &request(Some(prior), "logs", Value::string("b")), &["etag"]);
        insta::assert_snapshot!(format!("{:?}", reply.planned), @r#"{"etag": (unknown), "id": "b-1", "labels": "b", "name": "logs"}"#);
        assert!(reply.replace.is_empty());
    }

    #[test]
    fn a_new_mark_alone_is_no_change_to_the_object() {
        let prior = recorded(Value::string("a"));
        let request = request(Some(prior), "logs", Value::string("a").sensitive());
        let reply = usual_plan(&bucket(), &request, &["etag"]);
        insta::assert_snapshot!(format!("{:?}", reply.planned), @r#"{"etag": "e1", "id": "b-1", "labels": (sensitive), "name": "logs"}"#);
    }

    #[test]
    fn a_replacing_attribute_that_changed_or_may_change_is_named() {
        let prior = recorded(Value::NULL);
        let reply = usual_plan(&bucket(), &request(Some(prior.clone()), "audit", Value::NULL), &[]);
        assert_eq!(reply.replace, [Path::attribute("name")]);
        let mut open = request(Some(prior), "logs", Value::NULL);
        let mut entries = open.proposed.as_entries().unwrap().clone();
        entries.insert("name".into(), Value::unknown(Type::String));
        open.proposed = Value::Object(Arc::new(entries));
        assert_eq!(usual_plan(&bucket(), &open, &[]).replace, [Path::attribute("name")]);
    }

    #[test]
    fn an_unknown_is_never_the_same_even_as_itself() {
        let unknown = Value::tuple([Value::unknown(Type::String)]);
        assert!(!same_content(&unknown, &unknown));
    }
}
