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
/// that the schema marks so need a new object.
pub fn usual_plan(schema: &BlockSchema, request: &PlanRequest, recomputed: &[&str]) -> PlanReply {
    let prior = request.prior.as_ref();
    let changed = prior.is_none_or(|prior| !same_input(schema, &prior.value, &request.proposed));
    let mut entries = Entries::default();
    for (name, proposed) in request.proposed.as_entries().into_iter().flat_map(Entries::iter) {
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
        entries.insert(name.clone(), value);
    }
    PlanReply {
        planned: Value::Object(Arc::new(entries)),
        replace: prior.map(|prior| replacing(schema, prior, &request.proposed)).unwrap_or_default(),
        effects: Vec::new(),
        private: prior.map_or_else(|| Arc::from([]), |prior| prior.private.clone()),
        legacy: false,
    }
}

/// Whether everything that the user decides is the same in both.
pub fn same_input(schema: &BlockSchema, prior: &Value, proposed: &Value) -> bool {
    let given = |name: &Arc<str>| prior.get(name) == proposed.get(name);
    let attributes = schema.attributes.iter().filter(|(_, a)| a.presence != Presence::Computed);
    attributes.map(|(name, _)| name).chain(schema.blocks.keys()).all(given)
}

/// The changed attributes that need a new object.
fn replacing(schema: &BlockSchema, prior: &Object, proposed: &Value) -> Vec<Path> {
    let attributes = schema.attributes.iter();
    attributes
        .filter(|(name, attribute)| {
            attribute.replace_on_change && prior.value.get(name) != proposed.get(name)
        })
        .map(|(name, _)| Path::attribute(name.clone()))
        .collect()
}
