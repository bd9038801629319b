//! Looking at the recorded state: what is there, and how it came to be.

use std::sync::Arc;

use mpctl_provider::value::codec::{Seal, SealError, Sealed};
use mpctl_state::{Head, JournalEvent};

use crate::apply::OutcomePayload;
use crate::ops::error::OpsError;
use crate::ops::project::Project;
use crate::state::{State, stored};

/// The states of environments: the newest version, with the outcomes of an open operation folded in.
pub async fn read_states(
    project: &Project,
    environments: &[Arc<str>],
) -> Result<Vec<(Arc<str>, State)>, OpsError> {
    states_with(project, environments, project.key.as_ref()).await
}

/// The same with null in the place of every sensitive value: for what has to work without the key.
pub async fn outline_states(
    project: &Project,
    environments: &[Arc<str>],
) -> Result<Vec<(Arc<str>, State)>, OpsError> {
    states_with(project, environments, &Covered).await
}

/// Opens nothing: whatever is sealed is null.
struct Covered;

impl Seal for Covered {
    fn seal(&self, _: &[u8]) -> Result<Sealed, SealError> {
        Err(SealError::NoKey)
    }

    fn open(&self, _: &Sealed) -> Result<Vec<u8>, SealError> {
        Ok(b"null".to_vec())
    }
}

async fn states_with(
    project: &Project,
    environments: &[Arc<str>],
    seal: &(dyn Seal + Sync),
) -> Result<Vec<(Arc<str>, State)>, OpsError> {
    let mut states = Vec::with_capacity(environments.len());
    for name in environments {
        let mut state = project.read_state_with(name, seal).await?.state;
        fold_open_operation(project, name, seal, &mut state).await?;
        states.push((name.clone(), state));
    }
    Ok(states)
}

/// What an operation that has not been closed has done so far is not in any version yet, but it is there.
async fn fold_open_operation(
    project: &Project,
    environment: &Arc<str>,
    seal: &(dyn Seal + Sync),
    state: &mut State,
) -> Result<(), OpsError> {
    let scope = project.scope(environment)?;
    let Some(operation) = project.store.newest_operation(&scope).await? else { return Ok(()) };
    if operation.is_closed() {
        return Ok(());
    }
    for entry in project.store.journal(&operation.id).await? {
        let tells = matches!(
            entry.record.event,
            JournalEvent::Succeeded { .. }
                | JournalEvent::Checkpoint { .. }
                | JournalEvent::Failed { .. }
                | JournalEvent::Compensated { .. }
        );
        let Some(payload) = tells.then(|| OutcomePayload::decode(&entry.record.payload)).flatten()
        else {
            continue;
        };
        if payload.address.environment != *environment {
            continue;
        }
        match payload.record {
            None => {
                state.records.remove(&payload.address.local);
            }
            Some(text) => {
                let record =
                    stored::decode(text.as_bytes(), seal).map_err(|error| OpsError::Record {
                        address: payload.address.to_string(),
                        reason: error.to_string(),
                    })?;
                state.records.insert(payload.address.local, record);
            }
        }
    }
    Ok(())
}

/// Every version of an environment, the first one first.
pub async fn history(project: &Project, environment: &str) -> Result<Vec<Head>, OpsError> {
    Ok(project.store.history(&project.scope(environment)?).await?)
}
