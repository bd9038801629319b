//! Workloads: what a deployable asks for in an environment, before a runtime lowers it.
//!
//! Two halves, because the runtime decides in between which instances there are and which ports each has:
//! [`shape`] works out replicas and ports, [`instance`] everything else for one instance, where `self` is
//! that instance. An environment's override merges over the workload's own attributes: maps merge, lists
//! replace, null removes.

use std::sync::Arc;

use mpctl_provider::contract::{Instance, WorkloadSpec};
use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::resolve::repetition::{MAX_INSTANCES, whole_number};
use crate::resolve::scope::Evaluator;
use crate::spec::document::Workload;
use crate::spec::syntax::{Attribute, Expr};

/// How many instances, and which ports.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    /// How many are wanted.
    pub replicas: u64,
    /// Declared ports by name.
    pub ports: Vec<(Arc<str>, u16)>,
}

/// Attributes in the order in which they are worked out: each sees the ones before it as `self.NAME`.
const IN_ORDER: [&str; 13] = [
    "image",
    "working_directory",
    "resources",
    "strategy",
    "restart",
    "stop_signal",
    "stop_grace",
    "log_file",
    "files",
    "env",
    "secrets",
    "health",
    "command",
];

/// Settings that are the runtime's business and are handed to it as written.
const SETTINGS: [&str; 4] = ["restart", "stop_signal", "stop_grace", "log_file"];

/// The workload's expressions for an attribute in an environment: its own, then the override's.
pub fn written<'w>(
    workload: &'w Workload,
    environment: &str,
    name: &str,
) -> impl Iterator<Item = &'w Expr> {
    let of = move |attributes: &'w [Attribute], name: &str| {
        attributes.iter().find(|a| a.name.text.as_ref() == name).map(|a| &a.value)
    };
    let base = of(&workload.attributes, name);
    let overrides =
        workload.overrides.iter().filter(move |o| o.environment.text.as_ref() == environment);
    let found: Vec<_> =
        base.into_iter().chain(overrides.filter_map(|o| of(&o.attributes, name))).collect();
    found.into_iter()
}

/// Replicas and ports, which have to be known while planning.
pub fn shape(workload: &Workload, evaluator: &mut Evaluator<'_>) -> Result<Shape, Diagnostics> {
    let environment = evaluator.scope.environment.name.clone();
    let replicas = match written(workload, &environment, "replicas").last() {
        None => 1,
        Some(expression) => {
            whole_number("replicas", expression, &evaluator.scope, &evaluator.context)?
        }
    };
    if replicas > MAX_INSTANCES {
        let summary =
            format!("`replicas` is {replicas}, more than the {MAX_INSTANCES} that are allowed");
        return Err(Diagnostic::error(code::BAD_REPETITION, summary).at(workload.span, "").into());
    }
    let mut ports = Vec::new();
    let value = merged(workload, &environment, "ports", evaluator)?;
    let place = written(workload, &environment, "ports").last().map_or(workload.span, |e| e.span);
    for (name, port) in value.iter().filter_map(Value::as_entries).flat_map(Entries::iter) {
        if port.is_null() {
            continue;
        }
        if port.is_unknown() {
            let summary = format!("port `{name}` depends on what is known only after apply");
            let diagnostic = Diagnostic::error(code::UNKNOWN_SHAPE, summary)
                .at(place, "not known while planning");
            return Err(diagnostic
                .hint("use 0 to have a free one chosen, or take it from a variable")
                .into());
        }
        let number =
            port.convert(&Type::Number).ok().and_then(|v| v.as_number().and_then(|n| n.as_i64()));
        let Some(number) = number.and_then(|n| u16::try_from(n).ok()) else {
            let summary = format!("port `{name}` has to be a whole number from 0 to 65535");
            return Err(Diagnostic::error(code::BAD_VALUE, summary).at(place, "").into());
        };
        ports.push((name.clone(), number));
    }
    Ok(Shape { replicas, ports })
}

/// Everything else of a workload, for one instance.
pub fn instance(
    workload: &Workload,
    shape: &Shape,
    instance: &Instance,
    evaluator: &mut Evaluator<'_>,
) -> Result<WorkloadSpec, Diagnostics> {
    let environment = evaluator.scope.environment.name.clone();
    let ports =
        instance.ports.iter().map(|(name, port)| (name.clone(), Value::int(i64::from(*port))));
    let mut own: Entries = [
        (Arc::from("name"), Value::String(workload.name.text.clone())),
        (Arc::from("index"), Value::int(instance.index as i64)),
        (Arc::from("replicas"), Value::int(shape.replicas as i64)),
        (Arc::from("ports"), Value::object(ports)),
    ]
    .into_iter()
    .collect();
    let mut diagnostics = Diagnostics::default();
    for name in IN_ORDER {
        evaluator.scope.own = Some(Value::Object(Arc::new(own.clone())));
        match merged(workload, &environment, name, evaluator)
            .and_then(|v| typed(workload, &environment, name, v))
        {
            Ok(value) => own.insert(name.into(), value),
            Err(errors) => {
                diagnostics.append(errors);
                own.insert(name.into(), Value::NULL);
            }
        }
    }
    evaluator.scope.own = None;
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let mut take = |name: &str| own.remove(name).unwrap_or(Value::NULL);
    let settings = SETTINGS.map(|name| (name, take(name)));
    let settings = Value::object(settings.into_iter().filter(|(_, value)| !value.is_null()));
    let (env, secrets) = (take("env"), take("secrets"));
    Ok(WorkloadSpec {
        image: take("image"),
        command: take("command"),
        env: with_secrets(env, &secrets),
        files: take("files"),
        health: take("health"),
        resources: take("resources"),
        strategy: take("strategy"),
        working_directory: take("working_directory"),
        settings,
    })
}

/// The attribute's value with the environment's override merged over it; `None` if neither gives one.
fn merged(
    workload: &Workload,
    environment: &str,
    name: &str,
    evaluator: &mut Evaluator<'_>,
) -> Result<Option<Value>, Diagnostics> {
    let mut result: Option<Value> = None;
    for expression in written(workload, environment, name) {
        let value = evaluator.identified(expression)?;
        result = Some(match result {
            None => value,
            Some(base) => merge(&base, &value),
        });
    }
    Ok(result)
}

/// `over` merged over `base`: objects and maps key by key, with null taking a key away; all else replaces.
pub fn merge(base: &Value, over: &Value) -> Value {
    let (Some(ours), Some(theirs)) = (base.as_entries(), over.as_entries()) else {
        return over.clone();
    };
    let sensitive = base.unmark().1 || over.unmark().1;
    let mut entries = ours.clone();
    for (key, value) in theirs.iter() {
        match (value.is_null(), entries.get(key)) {
            (true, _) => {
                entries.remove(key);
            }
            (false, Some(there)) => entries.insert(key.clone(), merge(there, value)),
            (false, None) => entries.insert(key.clone(), value.clone()),
        }
    }
    Value::Object(Arc::new(entries)).sensitive_if(sensitive)
}

fn typed(
    workload: &Workload,
    environment: &str,
    name: &str,
    value: Option<Value>,
) -> Result<Value, Diagnostics> {
    let Some(value) = value else { return Ok(Value::NULL) };
    let ty = match name {
        "env" | "secrets" | "files" => Type::map(Type::String),
        "command" => Type::list(Type::String),
        "image" | "working_directory" | "log_file" | "stop_signal" | "stop_grace" => Type::String,
        _ => return Ok(value),
    };
    value.convert(&ty).map_err(|error| {
        let place = written(workload, environment, name).last().map_or(workload.span, |e| e.span);
        let summary =
            format!("`{name}` of workload `{}` does not fit: {error}", workload.name.text);
        let label = format!("expected {}", ty.friendly_name());
        Diagnostic::error(code::WRONG_TYPE, summary).at(place, label).into()
    })
}

/// `env` with the secrets among it, each marked as sensitive.
fn with_secrets(env: Value, secrets: &Value) -> Value {
    let Some(secrets) = secrets.as_entries().filter(|secrets| !secrets.is_empty()) else {
        return env;
    };
    let mut entries = env.as_entries().cloned().unwrap_or_default();
    for (name, value) in secrets.iter() {
        entries.insert(name.clone(), value.clone().sensitive());
    }
    Value::map(Type::String, entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_merges_maps_replaces_lists_and_removes_with_null() {
        let base = Value::object([
            (
                "labels",
                Value::object([("tier", Value::string("web")), ("team", Value::string("core"))]),
            ),
            ("args", Value::tuple([Value::int(1), Value::int(2)])),
        ]);
        let over = Value::object([
            ("labels", Value::object([("tier", Value::NULL), ("zone", Value::string("b"))])),
            ("args", Value::tuple([Value::int(3)])),
        ]);
        let expected = Value::object([
            (
                "labels",
                Value::object([("team", Value::string("core")), ("zone", Value::string("b"))]),
            ),
            ("args", Value::tuple([Value::int(3)])),
        ]);
        assert_eq!(merge(&base, &over), expected);
    }
}
