//! What a service would become. Any change restarts it, and so does finding it down.

use mpctl_provider::Type;
use mpctl_provider::contract::{PlanReply, PlanRequest};
use mpctl_provider::proposal::{same_content, usual_plan};
use mpctl_provider::schema::{BlockSchema, Presence};
use mpctl_provider::value::{Path, Value};

use crate::observe::with;
use crate::place::Places;
use crate::record::Status;
use crate::service;

/// The plan for one service.
pub(crate) fn plan(block: &BlockSchema, places: &Places, request: &PlanRequest) -> PlanReply {
    let prior = request.prior.as_ref().map(|prior| &prior.value);
    if request.proposed.is_null() {
        return usual_plan(block, request, &[]);
    }
    let wanted = wanted(places, prior, &request.config, &request.proposed);
    let changed = prior.is_none_or(|prior| !same_input(block, prior, &wanted));
    let status = prior.and_then(|prior| prior.get("status")).and_then(Value::as_str);
    let down = status.filter(|status| Status::needs_start(status));
    let restarts = changed || down.is_some();
    let planned = if restarts {
        with(
            &wanted,
            [
                ("pid", Value::unknown(Type::Number)),
                ("started_at", Value::unknown(Type::String)),
                ("status", Value::unknown(Type::String)),
            ],
        )
    } else {
        wanted
    };
    let renamed = prior.is_some_and(|prior| !same_part("name", prior, &planned));
    PlanReply {
        planned,
        replace: if renamed { vec![Path::attribute("name")] } else { Vec::new() },
        effects: match (prior, down) {
            (Some(_), None) if restarts => vec!["restarts the process".into()],
            (Some(_), Some(status)) => vec![format!("starts the process again: it is {status}")],
            _ => Vec::new(),
        },
        private: request.prior.as_ref().map_or_else(|| [].into(), |prior| prior.private.clone()),
        legacy: false,
    }
}

/// The proposed object with the computed attributes that can be told beforehand.
fn wanted(places: &Places, prior: Option<&Value>, config: &Value, proposed: &Value) -> Value {
    let name = config.get("name").filter(|name| !name.is_null());
    let renamed = prior.is_some_and(|prior| !same_part("name", prior, config));
    let recorded = prior.filter(|_| !renamed).and_then(|prior| prior.get("id"));
    let id = match (recorded, name) {
        (Some(id), _) => id.clone(),
        (None, Some(name)) => match name.as_str() {
            Some(known) => Value::string(places.id(known)),
            None => Value::unknown(Type::String),
        },
        (None, None) => Value::unknown(Type::String),
    };
    let log_file = match config.get("log_file").filter(|given| !given.is_null()) {
        Some(given) => given.clone(),
        None => match id.as_str().and_then(|id| places.of_id(id)) {
            Some(place) => {
                Value::string(places.usual_log_file(&place.name).to_string_lossy().as_ref())
            }
            None => Value::unknown(Type::String),
        },
    };
    let url = planned_url(config.get("ports"));
    with(proposed, [("id", id), ("log_file", log_file), ("url", url)])
}

/// The URL, known as soon as the ports are.
pub(crate) fn planned_url(ports: Option<&Value>) -> Value {
    let Some(ports) = ports.filter(|ports| !ports.is_null()) else {
        return Value::Null(Type::String);
    };
    if !ports.is_wholly_known() {
        return Value::unknown(Type::String);
    }
    let sensitive = ports.contains_sensitive();
    let entries = ports.as_entries().into_iter().flat_map(|entries| entries.iter());
    let numbers = entries.filter_map(|(name, value)| {
        let number = value.as_number()?.as_i64()?;
        Some((name.as_ref(), u16::try_from(number).ok()?))
    });
    match service::url(numbers) {
        Some(url) => Value::string(url).sensitive_if(sensitive),
        None => Value::Null(Type::String),
    }
}

/// Whether everything that decides how the service runs is the same in both.
fn same_input(block: &BlockSchema, prior: &Value, wanted: &Value) -> bool {
    let inputs = block.attributes.iter().filter(|(_, a)| a.presence != Presence::Computed);
    inputs.map(|(name, _)| name).all(|name| same_part(name, prior, wanted))
}

fn same_part(name: &str, a: &Value, b: &Value) -> bool {
    let part = |of: &Value| of.get(name).cloned().unwrap_or(Value::NULL);
    same_content(&part(a), &part(b))
}
