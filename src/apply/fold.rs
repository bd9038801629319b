//! Outcomes folded into records: what is recorded of an object after each of its steps.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::Object;

use crate::plan::{Action, Change, ReplaceOrder, StepKind};
use crate::state::{Deposed, ResourceRecord, Status};

/// The record that a change starts from.
pub fn before(change: &Change) -> Option<ResourceRecord> {
    match (&change.recorded, &change.deposed) {
        (Some(recorded), Some(_)) => Some((**recorded).clone()),
        (Some(recorded), None) => {
            Some(ResourceRecord { object: change.before.clone(), ..(**recorded).clone() })
        }
        (None, _) => {
            let object = change.before.clone()?;
            let dependencies = change.previous_dependencies.clone();
            Some(ResourceRecord { object: Some(object), dependencies, ..blank(change) })
        }
    }
}

/// The record after a step has succeeded; `None` where nothing is left to record. `now` is the record as the
/// steps before left it: old objects that lie beside the present one stay in it.
pub fn after(
    change: &Change,
    kind: StepKind,
    now: Option<ResourceRecord>,
    object: Option<Object>,
) -> Option<ResourceRecord> {
    let deposed = now.as_ref().map(|record| record.deposed.clone()).unwrap_or_default();
    let creates_first = change.action == Action::Replace(ReplaceOrder::CreateThenDelete);
    match kind {
        StepKind::Create => {
            let mut deposed = deposed;
            if let (true, Some(old)) = (creates_first, &change.before) {
                deposed.push(Deposed { key: deposed_key(change), object: old.clone() });
            }
            Some(ResourceRecord { object, deposed, ..blank(change) })
        }
        StepKind::Update => Some(ResourceRecord { object, deposed, ..blank(change) }),
        StepKind::Delete => {
            let record = now?;
            let gone = match &change.deposed {
                Some(key) => Some(key.clone()),
                None => creates_first.then(|| deposed_key(change)),
            };
            let record = match gone {
                Some(key) => {
                    let deposed =
                        deposed.into_iter().filter(|deposed| deposed.key != key).collect();
                    ResourceRecord { deposed, ..record }
                }
                None => ResourceRecord { object: None, ..record },
            };
            (record.object.is_some() || !record.deposed.is_empty()).then_some(record)
        }
        StepKind::Forget | StepKind::Read | StepKind::Join => None,
    }
}

/// The record after a create that failed half way: what there is of the object is kept, to be replaced.
pub fn tainted(change: &Change, now: Option<ResourceRecord>, partial: Object) -> ResourceRecord {
    let record = after(change, StepKind::Create, now, Some(partial));
    ResourceRecord { status: Status::Tainted, ..record.unwrap_or_else(|| blank(change)) }
}

/// The record of an unchanged object, with what is recorded beside it brought up to date.
pub fn unchanged(change: &Change) -> Option<ResourceRecord> {
    let object = change.before.clone()?;
    let deposed = change.recorded.as_ref().map(|record| record.deposed.clone()).unwrap_or_default();
    Some(ResourceRecord { object: Some(object), deposed, ..blank(change) })
}

/// The record of an object that refresh found otherwise, and that nothing else touches.
pub fn refreshed(recorded: &ResourceRecord, object: Object) -> ResourceRecord {
    ResourceRecord { object: Some(object), ..recorded.clone() }
}

fn blank(change: &Change) -> ResourceRecord {
    ResourceRecord {
        resource_type: change.resource_type.clone(),
        provider: change.provider.clone(),
        provider_source: "builtin".into(),
        schema_version: change.schema_version,
        object: None,
        status: Status::Ready,
        dependencies: change.dependencies.clone(),
        create_before_destroy: change.create_before_destroy,
        retain_on_destroy: change.retain_on_destroy,
        deposed: Vec::new(),
    }
}

/// Names the old object of a replacement; the same on every try.
fn deposed_key(change: &Change) -> Arc<str> {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(change.address.to_string());
    if let Some(id) = change
        .before
        .as_ref()
        .and_then(|object| object.value.get("id")?.as_str().map(str::to_owned))
    {
        hash.update(id);
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// Where the final value breaks the planned one: the first attribute that was known and came out otherwise.
pub fn breach(planned: &Value, found: &Value) -> Option<(mpctl_provider::Path, Value, Value)> {
    compare(&mpctl_provider::Path::default(), planned, found)
}

fn compare(
    path: &mpctl_provider::Path,
    planned: &Value,
    found: &Value,
) -> Option<(mpctl_provider::Path, Value, Value)> {
    use mpctl_provider::PathStep;
    match (planned.bare(), found.bare()) {
        (Value::Unknown(_), _) => None,
        (Value::Object(a), Value::Object(b)) => a.iter().find_map(|(name, planned)| {
            let found = b.get(name).unwrap_or(&Value::NULL);
            compare(&path.then(PathStep::Key(name.clone())), planned, found)
        }),
        // Nulls of different types are the same absence.
        (Value::Null(_), Value::Null(_)) => None,
        (a, b) if planned.is_wholly_known() => {
            let (a, b) = (a.unmark_deep().0, b.unmark_deep().0);
            (a != b).then(|| (path.clone(), planned.clone(), found.clone()))
        }
        (a, b) => match (a.as_items(), b.as_items()) {
            (Some(a), Some(b))
                if a.len() == b.len() && !matches!(planned.bare(), Value::Set(_)) =>
            {
                a.iter()
                    .zip(b)
                    .enumerate()
                    .find_map(|(at, (a, b))| compare(&path.then(PathStep::Index(at as u64)), a, b))
            }
            _ => None,
        },
    }
}
