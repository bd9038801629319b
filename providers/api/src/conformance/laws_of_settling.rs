//! What trying again and looking up must be like, so that a crash loses and doubles nothing.

use super::laws_of_planning::{completed, unexpected};
use super::{Scenario, Subject, Verdict, world};
use crate::contract::LookupRequest;
use crate::proposal::same_content;
use tokio_util::sync::CancellationToken;

/// A create sent twice with one key makes one object.
pub(super) async fn same_key_makes_one(subject: &Subject, scenario: &Scenario) -> Verdict {
    if scenario.in_memory {
        return Ok(());
    }
    let resource = subject.resource().map_err(unexpected("schema"))?;
    if !resource.abilities_of(&completed(subject, &scenario.create)?).lookup {
        // Without a look-up nobody tries a create again.
        return Ok(());
    }
    twice(subject, None, scenario).await
}

/// An update sent twice with one key, over the same prior object, is the same as sent once.
pub(super) async fn same_update_twice_is_once(subject: &Subject, scenario: &Scenario) -> Verdict {
    if scenario.update.is_none() {
        return Ok(());
    }
    let created = subject.apply(None, &scenario.create).await.map_err(unexpected("create"))?;
    twice(subject, Some(&created), scenario).await
}

async fn twice(
    subject: &Subject,
    prior: Option<&crate::contract::Object>,
    scenario: &Scenario,
) -> Verdict {
    let given = match (prior, &scenario.update) {
        (Some(_), Some(update)) => update,
        _ => &scenario.create,
    };
    let request = subject.apply_request(subject.new_key(), prior, given).await;
    let request = request.map_err(unexpected("plan"))?;
    let first = subject.run(request.clone(), CancellationToken::new()).await.outcome;
    let first = first.map_err(unexpected("the first try"))?;
    let between = world::look(subject.project())?;
    let second = subject.run(request, CancellationToken::new()).await.outcome;
    let second = second.map_err(unexpected("the second try"))?;
    if first != second {
        return Err(format!("first {first:?}, then {second:?}"));
    }
    world::changes(&between, &world::look(subject.project())?).map_or(Ok(()), Err)
}

/// A look-up finds nothing before a create and the object after it.
pub(super) async fn lookup_finds_what_was_made(subject: &Subject, scenario: &Scenario) -> Verdict {
    let resource = subject.resource().map_err(unexpected("schema"))?;
    let config = completed(subject, &scenario.create)?;
    let key = subject.new_key();
    let request = LookupRequest {
        resource_type: scenario.resource_type.into(),
        idempotency_key: key.clone(),
        config: config.clone(),
        partial: None,
    };
    let before = subject.provider().lookup(request).await;
    if !resource.abilities_of(&config).lookup {
        return match before {
            Err(_) => Ok(()),
            Ok(found) => Err(format!("it cannot look up, but answers {found:?}")),
        };
    }
    if let Some(found) = before.map_err(unexpected("lookup"))? {
        return Err(format!("{:?} is found before anything was made", found.value));
    }
    if scenario.in_memory {
        return Ok(());
    }
    let applied = subject.apply_as(key.clone(), None, &scenario.create).await;
    let made = applied.map_err(unexpected("plan"))?.outcome.map_err(unexpected("create"))?;
    let found = subject.lookup(key, &scenario.create).await.map_err(unexpected("lookup"))?;
    match (&made, &found) {
        (Some(made), Some(found)) if same_content(&made.value, &found.value) => Ok(()),
        _ => Err(format!("{made:?} was made, {found:?} is found")),
    }
}
