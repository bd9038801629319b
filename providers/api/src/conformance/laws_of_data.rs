//! What reading data must be like.

use std::sync::Arc;

use super::laws_of_planning::unexpected;
use super::subject::complete;
use super::{DataScenario, Subject, Verdict, world};
use crate::contract::DataRequest;
use crate::schema::BlockSchema;
use crate::secrets::Secrets;
use crate::value::Value;

fn block<'s>(subject: &'s Subject, scenario: &DataScenario) -> Result<&'s BlockSchema, String> {
    let sources = &subject.provider().schema().data_sources;
    sources.get(scenario.source_type).ok_or_else(|| format!("no {:?}", scenario.source_type))
}

/// Reading leaves the world as it is and gives the same twice.
pub(super) async fn reading_is_pure(subject: &Subject, scenario: &DataScenario) -> Verdict {
    let before = world::look(subject.project())?;
    let read = || subject.data(scenario.source_type, &scenario.good);
    let first = read().await.map_err(unexpected("read"))?;
    let second = read().await.map_err(unexpected("second read"))?;
    if first != second {
        return Err(format!("first {first:?}, then {second:?}"));
    }
    world::changes(&before, &world::look(subject.project())?).map_or(Ok(()), Err)
}

/// What is read has every attribute of the schema, each of its type, and the configuration as it was given.
pub(super) async fn data_has_its_attributes(subject: &Subject, scenario: &DataScenario) -> Verdict {
    let block = block(subject, scenario)?;
    let read = subject.data(scenario.source_type, &scenario.good).await;
    let read = read.map_err(unexpected("read"))?;
    if !read.is_wholly_known() {
        return Err(format!("something is unknown in {read:?}"));
    }
    for (name, attribute) in &block.attributes {
        match read.get(name) {
            None => return Err(format!("{name} is missing")),
            Some(value) if value.convert(&attribute.ty).as_ref() != Ok(value) => {
                return Err(format!("{name} is {value:?}, which is no {}", attribute.ty));
            }
            Some(_) => {}
        }
    }
    let config = complete(block, &scenario.good);
    let given = config.as_entries().into_iter().flat_map(|entries| entries.iter());
    for (name, value) in given.filter(|(_, value)| !value.is_null()) {
        if read.get(name) != Some(value) {
            return Err(format!("{name} was given as {value:?}, and is {:?}", read.get(name)));
        }
    }
    Ok(())
}

/// The replies of a batch are those of its requests one by one, a fault included.
pub(super) async fn batches_keep_their_order(
    subject: &Subject,
    scenario: &DataScenario,
) -> Verdict {
    let block = block(subject, scenario)?;
    let good = DataRequest {
        source_type: scenario.source_type.into(),
        config: complete(block, &scenario.good),
    };
    let bad = DataRequest { source_type: "no_such_type".into(), ..good.clone() };
    let read = subject.provider().read_data(vec![good.clone(), bad, good]).await;
    if !matches!(read.as_slice(), [Ok(first), Err(_), Ok(last)] if first == last) {
        return Err(format!("{read:?}"));
    }
    match subject.provider().read_data(Vec::new()).await.as_slice() {
        [] => Ok(()),
        _ => Err("an empty batch is answered".into()),
    }
}

/// What is given with a mark comes back with it.
pub(super) async fn marks_are_kept(subject: &Subject, scenario: &DataScenario) -> Verdict {
    let entries = scenario.good.as_entries().cloned().unwrap_or_default();
    let marked = entries.map(|value| value.clone().sensitive());
    let read = subject.data(scenario.source_type, &Value::Object(Arc::new(marked))).await;
    let read = read.map_err(unexpected("read of marked values"))?;
    match entries.iter().find(|(name, _)| !read.get(name).is_some_and(Value::contains_sensitive)) {
        Some((name, _)) => Err(format!("{name} lost its mark")),
        None => Ok(()),
    }
}

/// What is said about a failure holds nothing sensitive.
pub(super) async fn faults_keep_secrets(subject: &Subject, scenario: &DataScenario) -> Verdict {
    let Some(failing) = &scenario.failing else { return Ok(()) };
    let secrets = Secrets::of([failing]);
    let Err(fault) = subject.data(scenario.source_type, failing).await else {
        return Err("it does not fail".into());
    };
    let told = format!("{fault:?}");
    if secrets.redact(&told) != told.as_str() {
        return Err(format!("something sensitive is told: {}", secrets.redact(&told)));
    }
    Ok(())
}
