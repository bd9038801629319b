//! What an object's life must be like: it becomes what was planned, reads as that, and goes.

use super::laws_of_planning::unexpected;
use super::{Applied, Scenario, Subject, Verdict, world};
use crate::contract::Object;
use crate::proposal::same_content;
use crate::secrets::Secrets;
use crate::value::{Path, PathStep, Value};

/// The final value is the planned one wherever that was known, wholly known, and has the schema's attributes.
pub(super) async fn becomes_what_was_planned(subject: &Subject, scenario: &Scenario) -> Verdict {
    let created = promised(subject, None, &scenario.create).await?;
    if let Some(update) = &scenario.update {
        promised(subject, Some(&created), update).await?;
    }
    Ok(())
}

async fn promised(
    subject: &Subject,
    prior: Option<&Object>,
    given: &Value,
) -> Result<Object, String> {
    let key = subject.new_key();
    let Applied { outcome, planned, .. } =
        subject.apply_as(key, prior, given).await.map_err(unexpected("plan"))?;
    let object = outcome.map_err(unexpected("apply"))?.ok_or("apply answered without an object")?;
    if !object.value.is_wholly_known() {
        return Err(format!("something is still unknown in {:?}", object.value));
    }
    let block = &subject.resource().map_err(unexpected("schema"))?.block;
    let named = |value: &Value| {
        value
            .as_entries()
            .into_iter()
            .flat_map(|e| e.iter().map(|(k, _)| k.clone()))
            .collect::<Vec<_>>()
    };
    let mut expected: Vec<_> =
        block.attributes.keys().chain(block.blocks.keys()).cloned().collect();
    expected.sort();
    if named(&object.value) != expected {
        return Err(format!("the object has {:?}, not {expected:?}", named(&object.value)));
    }
    match difference(&planned, &object.value, &Path::default()) {
        Some(path) => Err(format!(
            "{path} was planned as {:?} and became {:?}",
            path.of(&planned),
            path.of(&object.value)
        )),
        None => Ok(object),
    }
}

/// The first place where `planned` is known and `value` something else.
fn difference(planned: &Value, value: &Value, at: &Path) -> Option<Path> {
    match (planned.bare(), value.bare()) {
        (Value::Unknown(_), _) => None,
        (Value::Object(p), Value::Object(v)) if p.len() == v.len() => {
            p.iter().find_map(|(name, planned)| {
                let path = at.then(PathStep::Key(name.clone()));
                match v.get(name) {
                    Some(value) => difference(planned, value, &path),
                    None => Some(path),
                }
            })
        }
        (Value::Tuple(p), Value::Tuple(v)) if p.len() == v.len() => {
            let pairs = p.iter().zip(v.iter()).zip(0..);
            pairs
                .into_iter()
                .find_map(|((p, v), index)| difference(p, v, &at.then(PathStep::Index(index))))
        }
        (p, v) => (!same_content(p, v)).then(|| at.clone()),
    }
}

/// What was made reads as that.
pub(super) async fn reads_as_made(subject: &Subject, scenario: &Scenario) -> Verdict {
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    reads(subject, &created).await?;
    if let Some(update) = &scenario.update {
        let updated = subject.apply(Some(&created), update).await.map_err(unexpected("update"))?;
        reads(subject, &updated).await?;
    }
    Ok(())
}

async fn reads(subject: &Subject, object: &Object) -> Verdict {
    let read = subject.read(object).await.map_err(unexpected("read"))?;
    if read.as_ref() == Some(object) {
        return Ok(());
    }
    Err(format!("{object:?} reads as {read:?}"))
}

/// What was deleted does not read any more (where reading looks), and can be deleted once more.
pub(super) async fn deleted_is_gone(subject: &Subject, scenario: &Scenario) -> Verdict {
    let resource = subject.resource().map_err(unexpected("schema"))?;
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let abilities = resource.abilities_of(&created.value);
    for time in ["delete", "second delete"] {
        let left = subject.delete(&created).await.map_err(unexpected(time))?;
        if left.is_some() {
            return Err(format!("{time} left {left:?}"));
        }
        if abilities.read && !scenario.in_memory {
            let read = subject.read(&created).await.map_err(unexpected("read"))?;
            if read.is_some() {
                return Err(format!("after the {time} it reads as {read:?}"));
            }
        }
    }
    Ok(())
}

/// Once deleted, the world is as it was before the create.
pub(super) async fn delete_leaves_nothing(subject: &Subject, scenario: &Scenario) -> Verdict {
    let before = world::look(subject.project())?;
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    subject.delete(&created).await.map_err(unexpected("delete"))?;
    world::changes(&before, &world::look(subject.project())?).map_or(Ok(()), Err)
}

/// What is said about a failure holds nothing sensitive.
pub(super) async fn faults_keep_secrets(subject: &Subject, scenario: &Scenario) -> Verdict {
    let Some(failing) = &scenario.failing else { return Ok(()) };
    let secrets = Secrets::of([failing]);
    let applied = match subject.apply_as(subject.new_key(), None, failing).await {
        Ok(applied) => applied,
        Err(fault) => return Err(format!("it fails at planning already: {fault}")),
    };
    let Err(fault) = applied.outcome else { return Err("it does not fail".into()) };
    let told = format!("{fault:?}\n{}", applied.log.join("\n"));
    if secrets.redact(&told) != told.as_str() {
        return Err(format!("something sensitive is told: {}", secrets.redact(&told)));
    }
    Ok(())
}
