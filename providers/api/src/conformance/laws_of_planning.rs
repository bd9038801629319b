//! What planning must be like: pure, settled after an apply, honest about unknowns and marks.

use std::sync::Arc;

use super::subject::complete;
use super::{Scenario, Subject, Verdict, world};
use crate::contract::{PlanReply, PlanRequest, ReadRequest, ValidateRequest};
use crate::fault::Fault;
use crate::proposal::same_content;
use crate::schema::Presence;
use crate::value::{Entries, Value};

/// Words for a fault where none was expected.
pub(super) fn unexpected(doing: &str) -> impl Fn(Fault) -> String {
    move |fault| format!("{doing} failed: {fault} {}", fault.detail.as_deref().unwrap_or_default())
}

/// Planning, validating and reading leave the world as it is.
pub(super) async fn asking_is_pure(subject: &Subject, scenario: &Scenario) -> Verdict {
    let untouched = world::look(subject.project())?;
    subject.plan(None, &scenario.create).await.map_err(unexpected("first plan"))?;
    if let Some(changes) = world::changes(&untouched, &world::look(subject.project())?) {
        return Err(changes);
    }
    let object = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let before = world::look(subject.project())?;
    for given in [Some(&scenario.create), scenario.update.as_ref(), scenario.replace.as_ref()] {
        let Some(given) = given else { continue };
        subject.plan(None, given).await.map_err(unexpected("plan of a create"))?;
        subject.plan(Some(&object), given).await.map_err(unexpected("plan of a change"))?;
        let request = subject.plan_request(None, given).map_err(unexpected("plan"))?;
        let (resource_type, config) = (request.resource_type, request.config);
        let faults =
            subject.provider().validate(vec![ValidateRequest { resource_type, config }]).await;
        if faults.iter().map(Vec::len).collect::<Vec<_>>() != [0] {
            return Err(format!("a good configuration is found fault with: {faults:?}"));
        }
    }
    subject.read(&object).await.map_err(unexpected("read"))?;
    world::changes(&before, &world::look(subject.project())?).map_or(Ok(()), Err)
}

/// The same configuration planned again over what was made of it changes nothing.
pub(super) async fn planning_settles(subject: &Subject, scenario: &Scenario) -> Verdict {
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    settled(&created.value, subject.plan(Some(&created), &scenario.create).await)?;
    let Some(update) = &scenario.update else { return Ok(()) };
    let updated = subject.apply(Some(&created), update).await.map_err(unexpected("update"))?;
    settled(&updated.value, subject.plan(Some(&updated), update).await)
}

fn settled(prior: &Value, reply: Result<PlanReply, Fault>) -> Verdict {
    let reply = reply.map_err(unexpected("plan"))?;
    if !reply.replace.is_empty() {
        return Err(format!("a replacement is planned for {:?}", reply.replace));
    }
    // To the letter, types of nulls included: anything else is an update.
    if reply.planned != *prior {
        return Err(format!("{prior:?} is planned to become {:?}", reply.planned));
    }
    Ok(())
}

/// A change in place asks for no new object, and keeps the identity.
pub(super) async fn in_place_change_is_not_a_replacement(
    subject: &Subject,
    scenario: &Scenario,
) -> Verdict {
    let Some(update) = &scenario.update else { return Ok(()) };
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let reply = subject.plan(Some(&created), update).await.map_err(unexpected("plan"))?;
    if !reply.replace.is_empty() {
        return Err(format!("a replacement is planned for {:?}", reply.replace));
    }
    if same_content(&reply.planned, &created.value) {
        return Err("no change is planned".into());
    }
    match (created.value.get("id"), reply.planned.get("id")) {
        (Some(before), Some(after)) if before != after => {
            Err(format!("the id {before:?} is planned to become {after:?}"))
        }
        _ => Ok(()),
    }
}

/// A change that needs a new object names attributes that did change.
pub(super) async fn replacing_change_is_one(subject: &Subject, scenario: &Scenario) -> Verdict {
    let Some(replace) = &scenario.replace else { return Ok(()) };
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let reply = subject.plan(Some(&created), replace).await.map_err(unexpected("plan"))?;
    if reply.replace.is_empty() {
        return Err("no replacement is planned".into());
    }
    for path in &reply.replace {
        let (before, after) = (path.of(&created.value), path.of(&reply.planned));
        if before.zip(after).is_some_and(|(before, after)| same_content(before, after)) {
            return Err(format!("{path} is named as a reason, but does not change"));
        }
    }
    Ok(())
}

/// Where nothing is proposed, nothing is planned.
pub(super) async fn delete_can_be_planned(subject: &Subject, scenario: &Scenario) -> Verdict {
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let mut request =
        subject.plan_request(Some(&created), &scenario.create).map_err(unexpected("plan"))?;
    request.config = Value::NULL;
    request.proposed = Value::NULL;
    let replies = subject.provider().plan(vec![request]).await;
    for reply in replies {
        let reply = reply.map_err(unexpected("plan of a delete"))?;
        if !reply.planned.is_null() || !reply.replace.is_empty() {
            return Err(format!("{reply:?}"));
        }
    }
    Ok(())
}

/// Any attribute of the configuration may be unknown: the plan says so there and does not fail.
pub(super) async fn unknowns_stay_unknown(subject: &Subject, scenario: &Scenario) -> Verdict {
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let block = &subject.resource().map_err(unexpected("schema"))?.block;
    let named = |name: &str| scenario.create.get(name).is_some();
    let given = block
        .attributes
        .iter()
        .filter(|(name, attribute)| attribute.presence != Presence::Computed && named(name));
    for (name, attribute) in given {
        let unknown = changed(&scenario.create, name, Value::unknown(attribute.ty.clone()));
        for prior in [None, Some(&created)] {
            let reply = subject.plan(prior, &unknown).await;
            let reply = reply.map_err(unexpected(&format!("plan with {name} unknown")))?;
            if !reply.planned.get(name).is_some_and(Value::is_unknown) {
                return Err(format!("{name} is planned as {:?}", reply.planned.get(name)));
            }
        }
        let request = subject.plan_request(None, &unknown).map_err(unexpected("plan"))?;
        let (resource_type, config) = (request.resource_type, request.config);
        let faults =
            subject.provider().validate(vec![ValidateRequest { resource_type, config }]).await;
        if faults.iter().any(|faults| !faults.is_empty()) {
            return Err(format!("with {name} unknown: {faults:?}"));
        }
    }
    Ok(())
}

/// A sensitive attribute of the configuration is sensitive in the plan and in the object, and the mark alone
/// asks for no new object.
pub(super) async fn marks_are_kept(subject: &Subject, scenario: &Scenario) -> Verdict {
    let entries = scenario.create.as_entries().cloned().unwrap_or_default();
    let plain = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        let marked = changed(&scenario.create, name, value.clone().sensitive());
        let reply = subject.plan(Some(&plain), &marked).await.map_err(unexpected("plan"))?;
        if !reply.planned.get(name).is_some_and(Value::contains_sensitive) {
            return Err(format!("{name} lost its mark in the plan"));
        }
        if !reply.replace.is_empty() {
            return Err(format!("a mark on {name} asks for a new object"));
        }
    }
    subject.delete(&plain).await.map_err(unexpected("delete"))?;
    let all = entries.map(|value| value.clone().sensitive());
    let object = subject.apply(None, &Value::Object(Arc::new(all.clone()))).await;
    let object = object.map_err(unexpected("create of marked values"))?;
    for (name, _) in all.iter() {
        if !object.value.get(name).is_some_and(Value::contains_sensitive) {
            return Err(format!("{name} lost its mark in the object"));
        }
    }
    Ok(())
}

/// The replies of a batch are those of its requests one by one, a fault included.
pub(super) async fn batches_keep_their_order(subject: &Subject, scenario: &Scenario) -> Verdict {
    let provider = subject.provider();
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    let mut requests: Vec<PlanRequest> = Vec::new();
    for given in [Some(&scenario.create), scenario.update.as_ref(), scenario.replace.as_ref()] {
        let Some(given) = given else { continue };
        for prior in [None, Some(&created)] {
            requests.push(subject.plan_request(prior, given).map_err(unexpected("plan"))?);
        }
    }
    let stranger = PlanRequest { resource_type: "no_such_type".into(), ..requests[0].clone() };
    requests.insert(1, stranger);
    let together = provider.plan(requests.clone()).await;
    if together.len() != requests.len() {
        return Err(format!("{} requests got {} replies", requests.len(), together.len()));
    }
    for (at, (request, reply)) in requests.into_iter().zip(&together).enumerate() {
        let alone = provider.plan(vec![request]).await;
        let same = match (alone.first(), reply) {
            (Some(Ok(alone)), Ok(reply)) => {
                alone.planned == reply.planned && alone.replace == reply.replace
            }
            (Some(Err(_)), Err(_)) => at == 1,
            _ => false,
        };
        if !same {
            return Err(format!("plan reply {at} is {reply:?}, alone it is {alone:?}"));
        }
    }
    let good = ReadRequest { resource_type: scenario.resource_type.into(), object: created };
    let bad = ReadRequest { resource_type: "no_such_type".into(), ..good.clone() };
    let read = provider.read(vec![good.clone(), bad, good]).await;
    if !matches!(read.as_slice(), [Ok(Some(a)), Err(_), Ok(Some(b))] if a == b) {
        return Err(format!("reads are answered with {read:?}"));
    }
    if !provider.plan(Vec::new()).await.is_empty() || !provider.read(Vec::new()).await.is_empty() {
        return Err("an empty batch is answered".into());
    }
    Ok(())
}

/// `given` with one attribute changed.
fn changed(given: &Value, name: &str, value: Value) -> Value {
    let mut entries: Entries = given.as_entries().cloned().unwrap_or_default();
    entries.insert(name.into(), value);
    Value::Object(Arc::new(entries))
}

/// The configuration as the core hands it over.
pub(super) fn completed(subject: &Subject, given: &Value) -> Result<Value, String> {
    let resource = subject.resource().map_err(unexpected("schema"))?;
    Ok(complete(&resource.block, given))
}
