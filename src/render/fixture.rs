//! Plans to look at, written by hand for the tests of this folder.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use mpctl_provider::contract::Object;
use mpctl_provider::schema::{Abilities, Attribute, BlockSchema, ResourceSchema};
use mpctl_provider::value::Entries;
use mpctl_provider::{Path, Type, Value};
use serde_json::Value as Json;

use crate::plan::{
    Action, Cause, CauseKind, CauseRange, Change, Drift, EnvironmentPlan, OutputChange, PlanBody,
    Reason, Reversibility, ReversibilityClass,
};
use crate::source::Position;

/// A value from JSON; `{"$unknown": "object"}` and `{"$unknown": "list"}` stand for such unknowns, `"?"` stands for an unknown string, `{"$secret": x}` for a sensitive `x`,
/// `{"$set": [..]}` for a set of strings, `{"$map": {..}}` for a map of strings.
pub(crate) fn value(json: Json) -> Value {
    match json {
        Json::String(text) if text == "?" => Value::unknown(Type::String),
        Json::Array(items) => Value::tuple(items.into_iter().map(value)),
        Json::Object(mut object) => {
            if let Some(Json::String(kind)) = object.remove("$unknown") {
                return Value::unknown(match kind.as_str() {
                    "list" => Type::list(Type::String),
                    _ => Type::object::<&str>([]),
                });
            }
            if let Some(inner) = object.remove("$secret") {
                return value(inner).sensitive();
            }
            if let Some(Json::Array(items)) = object.remove("$set") {
                return Value::set(Type::String, items.into_iter().map(value).collect());
            }
            if let Some(Json::Object(map)) = object.remove("$map") {
                let entries: Entries = map.into_iter().map(|(k, v)| (k.into(), value(v))).collect();
                return Value::map(Type::String, entries);
            }
            Value::object(object.into_iter().map(|(k, v)| (k, value(v))))
        }
        other => Value::from_json(&other),
    }
}

/// A change of an object of `resource_type`; null stands for no object.
pub(crate) fn change(
    address: &str,
    resource_type: &str,
    action: Action,
    before: Json,
    after: Json,
) -> Change {
    Change {
        address: address.parse().unwrap(),
        previous_address: None,
        recorded: None,
        deposed: None,
        resource_type: resource_type.into(),
        provider: resource_type.split('_').next().unwrap().into(),
        schema_version: 0,
        action,
        reason: None,
        before: (!before.is_null()).then(|| Object::new(value(before))),
        after: (!after.is_null()).then(|| value(after)),
        config: None,
        private: Arc::from([]),
        replace_paths: Vec::new(),
        effects: Vec::new(),
        dependencies: Vec::new(),
        previous_dependencies: Vec::new(),
        create_before_destroy: false,
        retain_on_destroy: false,
        postconditions: Vec::new(),
        cause: Vec::new(),
        wave: u32::from(action != Action::NoOp),
        reversibility: Reversibility::default(),
    }
}

pub(crate) trait ChangeExt {
    fn because(self, cause: Cause) -> Self;
    fn reason(self, reason: Reason) -> Self;
    fn wave(self, wave: u32) -> Self;
    fn replaces(self, attribute: &str) -> Self;
    fn effect(self, effect: &str) -> Self;
    fn undo(self, class: ReversibilityClass, loses: &[&str]) -> Self;
    fn moved_from(self, address: &str) -> Self;
    fn deposed(self, key: &str) -> Self;
}

impl ChangeExt for Change {
    fn because(mut self, cause: Cause) -> Change {
        self.cause.push(cause);
        self
    }
    fn reason(mut self, reason: Reason) -> Change {
        self.reason = Some(reason);
        self
    }
    fn wave(mut self, wave: u32) -> Change {
        self.wave = wave;
        self
    }
    fn replaces(mut self, attribute: &str) -> Change {
        self.replace_paths.push(Path::attribute(attribute));
        self
    }
    fn effect(mut self, effect: &str) -> Change {
        self.effects.push(effect.to_owned());
        self
    }
    fn undo(mut self, class: ReversibilityClass, loses: &[&str]) -> Change {
        let loses = loses.iter().map(|lost| (*lost).to_owned()).collect();
        self.reversibility = Reversibility { class, loses };
        self
    }
    fn moved_from(mut self, address: &str) -> Change {
        self.previous_address = Some(address.parse().unwrap());
        self
    }
    fn deposed(mut self, key: &str) -> Change {
        self.deposed = Some(key.into());
        self
    }
}

/// `path = expression`, written at `file:line`.
pub(crate) fn config(path: &str, expression: &str, file: &str, line: u32) -> Cause {
    Cause {
        kind: CauseKind::Config,
        path: Some(path.into()),
        expression: Some(expression.into()),
        subject: None,
        range: Some(range(file, line)),
    }
}

/// A variable's value, written at `file:line`.
pub(crate) fn variable(subject: &str, file: &str, line: u32) -> Cause {
    Cause {
        kind: CauseKind::Variable,
        path: None,
        expression: None,
        subject: Some(subject.into()),
        range: Some(range(file, line)),
    }
}

fn range(file: &str, line: u32) -> CauseRange {
    CauseRange { filename: file.into(), start: Position { line, column: 3, byte: 0 } }
}

pub(crate) fn drift(address: &str, resource_type: &str, before: Json, after: Json) -> Drift {
    Drift {
        address: address.parse().unwrap(),
        resource_type: resource_type.into(),
        provider: resource_type.split('_').next().unwrap().into(),
        before: value(before),
        after: (!after.is_null()).then(|| value(after)),
        private: std::sync::Arc::from([]),
    }
}

pub(crate) fn output(address: &str, before: Json, after: Json) -> OutputChange {
    OutputChange {
        address: address.parse().unwrap(),
        before: (!before.is_null()).then(|| value(before)),
        after: (!after.is_null()).then(|| value(after)),
        dependencies: Vec::new(),
    }
}

/// A body with the environments that its changes name.
pub(crate) fn body(mut changes: Vec<Change>) -> PlanBody {
    changes.sort_by(|a, b| a.address.cmp(&b.address));
    let environments = changes
        .iter()
        .map(|change| (change.address.environment.clone(), EnvironmentPlan::default()))
        .collect();
    PlanBody { project: "shop".into(), environments, changes, ..PlanBody::default() }
}

/// `cloud_database`: `password` is sensitive by schema, `endpoint` and `id` are computed.
pub(crate) fn database_schema() -> ResourceSchema {
    ResourceSchema {
        version: 2,
        block: BlockSchema::of(
            "A database.",
            [
                ("engine", Attribute::required(Type::String, "")),
                ("password", Attribute::optional(Type::String, "").secret()),
                ("endpoint", Attribute::computed(Type::String, "")),
                ("id", Attribute::computed(Type::String, "")),
            ],
        ),
        abilities: Abilities {
            read: true,
            lookup: true,
            import: true,
            host_bound: false,
            holds_data: true,
            stable_identity: false,
        },
    }
}
