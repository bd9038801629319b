//! What an `exec_command` would become. Nothing is run to find out.

use std::sync::Arc;

use mpctl_provider::contract::{CANNOT_BE_SETTLED, PlanReply, PlanRequest};
use mpctl_provider::proposal::{same_part, usual_plan};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::value::{Entries, Type};
use mpctl_provider::{Fault, Path, Value};

/// Plans one object.
pub(crate) fn plan(schema: &ProviderSchema, request: &PlanRequest) -> Result<PlanReply, Fault> {
    let Some(resource) = schema.resources.get(&request.resource_type) else {
        return Err(crate::unknown_type(&request.resource_type));
    };
    let mut reply = usual_plan(&resource.block, request, &[]);
    let config = &request.proposed;
    let Some(prior) = request.prior.as_ref().map(|prior| &prior.value) else {
        reply.planned = with(&reply.planned, [("output", unknown_output(config))]);
        reply.effects.extend(unsettled(config, "lookup", "create"));
        return Ok(reply);
    };
    if config.is_null() {
        reply.effects.extend(deleting(prior));
        return Ok(reply);
    }
    let changed = !same_part("input", prior, config);
    if changed && !is_set(config, "update") {
        reply.replace.push(Path::attribute("input"));
    }
    if !reply.replace.is_empty() {
        let id = ("id", Value::unknown(Type::String));
        reply.planned = with(&reply.planned, [id, ("output", unknown_output(config))]);
        reply.effects.extend(deleting(prior));
        reply.effects.extend(unsettled(config, "lookup", "create"));
    } else if changed {
        reply.planned = with(&reply.planned, [("output", unknown_output(config))]);
        reply.effects.extend(unsettled(config, "read", "update"));
    }
    Ok(reply)
}

fn deleting(prior: &Value) -> Option<String> {
    if is_set(prior, "delete") {
        unsettled(prior, "read", "delete")
    } else {
        Some("runs nothing to delete it: it has no `delete` command".into())
    }
}

fn unsettled(object: &Value, needed: &str, action: &str) -> Option<String> {
    let warning = || format!("{CANNOT_BE_SETTLED} during {action}: it has no `{needed}` command");
    (!is_set(object, needed)).then(warning)
}

fn is_set(object: &Value, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null())
}

/// What a command will answer: sensitive if something that it is given is.
fn unknown_output(config: &Value) -> Value {
    let given = ["input", "environment"].iter().filter_map(|name| config.get(name));
    Value::unknown(Type::Dynamic).sensitive_if(given.into_iter().any(Value::contains_sensitive))
}

/// The object with some attributes set.
pub(crate) fn with<'n>(
    object: &Value,
    changes: impl IntoIterator<Item = (&'n str, Value)>,
) -> Value {
    let mut entries: Entries = object.as_entries().cloned().unwrap_or_default();
    for (name, value) in changes {
        entries.insert(Arc::from(name), value);
    }
    Value::Object(Arc::new(entries))
}
