//! From a workload to its services.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpctl_provider::Fault;
use mpctl_provider::contract::{
    Instance, LowerReply, LowerRequest, LoweredAttribute, LoweredResource, WorkloadSpec,
};
use mpctl_provider::schema::{BlockSchema, Presence};
use mpctl_provider::value::{Entries, Path, Type, Value};

use super::service_name;
use crate::schema::SERVICE;
use crate::service::{self, unknown_key};

/// What a workload may say about its processes beside what every runtime knows.
const SETTINGS: [&str; 7] = [
    "restart",
    "restart_delay",
    "restart_delay_max",
    "stop_signal",
    "stop_grace",
    "log_file",
    "limits",
];

/// The services of one workload. `together`: instances need not wait for each other, whatever its strategy says.
pub(crate) fn lower(
    block: &BlockSchema,
    request: &LowerRequest,
    together: bool,
) -> Result<LowerReply, Fault> {
    let workload = &request.workload;
    let mut resources = Vec::with_capacity(request.instances.len());
    for (instance, spec) in &request.instances {
        resources.push(LoweredResource {
            resource_type: SERVICE.into(),
            name: workload.clone(),
            index: instance.index,
            config: config(block, workload, instance, spec)?,
        });
    }
    check_log_files(&resources)?;
    let strategy = request.instances.first().map(|(_, spec)| &spec.strategy);
    let max_unavailable = match strategy {
        Some(strategy) => max_unavailable(strategy)?,
        None => Some(1),
    };
    Ok(LowerReply {
        attributes: attributes(workload, &request.instances),
        resources,
        max_unavailable: max_unavailable.filter(|_| !together),
    })
}

/// The configuration of one instance's service: every attribute of the schema that a user may give.
fn config(
    block: &BlockSchema,
    workload: &str,
    instance: &Instance,
    spec: &WorkloadSpec,
) -> Result<Value, Fault> {
    if spec.command.is_null() {
        return Err(Fault::permanent(format!("workload {workload:?} has no command"))
            .attribute(Path::attribute("command"))
            .hint(
                "the process runtime starts `command`; an `image` alone is for container runtimes",
            ));
    }
    let ports =
        instance.ports.iter().map(|(name, port)| (name.clone(), Value::int((*port).into())));
    let mut given: BTreeMap<&str, Value> = BTreeMap::from([
        ("name", Value::string(service_name(workload, instance.index))),
        ("command", spec.command.clone()),
        ("env", spec.env.clone()),
        ("files", spec.files.clone()),
        ("health", spec.health.clone()),
        ("working_directory", spec.working_directory.clone()),
    ]);
    if !instance.ports.is_empty() {
        given.insert("ports", Value::map(Type::Number, ports.collect::<Entries>()));
    }
    for (key, value) in spec.settings.as_entries().into_iter().flat_map(Entries::iter) {
        if value.is_null() {
            continue;
        }
        match SETTINGS.iter().find(|known| **known == key.as_ref()) {
            Some(known) => {
                given.insert(known, value.clone());
            }
            None => return Err(unknown_key(&Path::default(), key, &SETTINGS)),
        }
    }
    let users = block.attributes.iter().filter(|(_, a)| a.presence != Presence::Computed);
    let entries = users.map(|(name, attribute)| {
        let value = given.remove(name.as_ref()).unwrap_or(Value::NULL);
        (name.clone(), shaped(value, &attribute.ty))
    });
    let mut entries: Entries = entries.collect();
    for (name, attribute) in &block.attributes {
        if attribute.presence == Presence::Computed {
            entries.insert(name.clone(), Value::Null(attribute.ty.clone()));
        }
    }
    Ok(Value::Object(Arc::new(entries)))
}

/// The value as one of type `ty`. What does not fit is left as it is: whoever checks configurations against the
/// schema says it better.
fn shaped(value: Value, ty: &Type) -> Value {
    if value.is_null() {
        return Value::Null(ty.clone());
    }
    // An unknown is moved whole, so that it keeps its identity.
    if value.is_unknown() { value } else { value.convert(ty).unwrap_or(value) }
}

/// Instances that write to one file would overwrite what the other keeps.
fn check_log_files(resources: &[LoweredResource]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    let known = resources.iter().filter_map(|r| r.config.get("log_file").and_then(Value::as_str));
    for path in known {
        if !seen.insert(path) {
            return Err(Fault::permanent(format!("several instances would log to {path:?}"))
                .attribute(Path::attribute("log_file"))
                .hint("make it differ with ${self.index}, or leave it out"));
        }
    }
    Ok(())
}

/// How many instances may be down at once; `None` is any number.
fn max_unavailable(strategy: &Value) -> Result<Option<u64>, Fault> {
    let at = |key: &str| {
        let steps = ["strategy", key].map(|step| mpctl_provider::PathStep::Key(step.into()));
        Path(steps.into())
    };
    let entries = strategy.as_entries().into_iter().flat_map(Entries::iter);
    for (key, _) in entries {
        let known = ["type", "max_unavailable"];
        if !known.contains(&key.as_ref()) {
            return Err(unknown_key(&Path::attribute("strategy"), key, &known));
        }
    }
    let given = |key: &str| strategy.get(key).filter(|value| !value.is_null());
    let kind = given("type");
    match kind.map(|kind| kind.as_str()) {
        None | Some(Some("rolling")) => {}
        Some(Some("recreate")) => return Ok(None),
        Some(other) => {
            let shown = other.map_or("this".to_owned(), |text| format!("{text:?}"));
            return Err(Fault::permanent(format!("{shown} is no strategy"))
                .attribute(at("type"))
                .hint("known are: rolling, recreate"));
        }
    }
    let Some(value) = given("max_unavailable") else { return Ok(Some(1)) };
    let number = value.as_number().and_then(|number| number.as_i64());
    let number = number.or_else(|| value.as_str()?.parse().ok());
    match number.map(u64::try_from) {
        Some(Ok(number)) if number > 0 => Ok(Some(number)),
        _ => Err(Fault::permanent("max_unavailable must be a whole number, 1 or more")
            .attribute(at("max_unavailable"))),
    }
}

/// What `workload.W.…` gives.
fn attributes(
    workload: &Arc<str>,
    instances: &[(Instance, WorkloadSpec)],
) -> Vec<(Arc<str>, LoweredAttribute)> {
    let urls: Vec<Option<String>> = instances
        .iter()
        .map(|(instance, _)| service::url(instance.ports.iter().map(|(n, p)| (n.as_ref(), *p))))
        .collect();
    let text = |url: Option<&String>| match url {
        Some(url) => Value::string(url.as_str()),
        None => Value::Null(Type::String),
    };
    let first =
        instances.first().map(|(instance, _)| instance.ports.as_slice()).unwrap_or_default();
    let ports = first.iter().map(|(name, port)| (name.clone(), Value::int((*port).into())));
    let replicas = i64::try_from(instances.len()).unwrap_or(i64::MAX);
    let all = urls.iter().flatten().map(|url| Value::string(url.as_str())).collect();
    let values = [
        ("name", Value::String(workload.clone())),
        ("replicas", Value::int(replicas)),
        ("ports", Value::map(Type::Number, ports.collect::<Entries>())),
        ("url", text(urls.first().and_then(Option::as_ref))),
        ("urls", Value::list(Type::String, all)),
    ];
    values.map(|(name, value)| (name.into(), LoweredAttribute::Value(value))).into()
}
