//! Outcomes folded into records: what is recorded of an object after each of its steps.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::Object;

use crate::plan::{Action, Change, ReplaceOrder, StepKind};
use crate::state::{Deposed, ResourceRecord, Status};

/// The record that a change starts from.
pub fn before(change: &Change) -> Option<ResourceRecord> {
    let object = change.before.clone()?;
    Some(ResourceRecord {
        object: Some(object),
        dependencies: change.previous_dependencies.clone(),
        ..blank(change)
    })
}

/// The record after a step has succeeded; `None` where nothing is left to record. `now` is the record as the
/// steps before left it.
pub fn after(
    change: &Change,
    kind: StepKind,
    now: Option<ResourceRecord>,
    object: Option<Object>,
) -> Option<ResourceRecord> {
    match kind {
        StepKind::Create => {
            let deposed = match (&change.action, &change.before) {
                (Action::Replace(ReplaceOrder::CreateThenDelete), Some(old)) => {
                    vec![Deposed { key: deposed_key(change), object: old.clone() }]
                }
                _ => now.map(|record| record.deposed).unwrap_or_default(),
            };
            Some(ResourceRecord { object, deposed, ..blank(change) })
        }
        StepKind::Update => {
            let deposed = now.map(|record| record.deposed).unwrap_or_default();
            Some(ResourceRecord { object, deposed, ..blank(change) })
        }
        StepKind::Delete => match change.action {
            Action::Replace(ReplaceOrder::CreateThenDelete) => {
                now.map(|record| ResourceRecord { deposed: Vec::new(), ..record })
            }
            _ => None,
        },
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
    Some(ResourceRecord { object: Some(object), ..blank(change) })
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
