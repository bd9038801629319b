//! Heads: reading versions, and moving a head by one winner.

use mpctl_state::operation::announced_head;
use mpctl_state::{CommitOutcome, CommitRequest, Head, Result, Scope, Snapshot, StoreError};

use crate::connection::{Data, PLACE};
use crate::{journal, lease};

pub(crate) fn newest<'data>(data: &'data Data, scope: &Scope) -> Option<&'data Head> {
    data.scopes.get(scope)?.heads.last()
}

pub(crate) fn history(data: &Data, scope: &Scope) -> Vec<Head> {
    data.scopes.get(scope).map(|kept| kept.heads.clone()).unwrap_or_default()
}

/// The head with this serial.
fn numbered<'data>(data: &'data Data, scope: &Scope, serial: u64) -> Option<&'data Head> {
    let place = usize::try_from(serial.checked_sub(1)?).ok()?;
    data.scopes.get(scope)?.heads.get(place)
}

pub(crate) fn read(data: &Data, scope: &Scope, at: Option<u64>) -> Result<Option<Snapshot>> {
    let head = match at {
        None => newest(data, scope),
        Some(serial) => Some(
            numbered(data, scope, serial)
                .ok_or_else(|| StoreError::NoSuchVersion { scope: scope.clone(), serial })?,
        ),
    };
    let (Some(head), Some(kept)) = (head, data.scopes.get(scope)) else { return Ok(None) };
    let records = kept.records.at(head.serial)?;
    Snapshot::new(head.clone(), records, PLACE).map(Some)
}

pub(crate) fn commit(data: &mut Data, request: &CommitRequest) -> Result<CommitOutcome> {
    let CommitRequest { operation, scope, head, delta, fence } = request;
    lease::check(data, fence)?;
    let there = numbered(data, scope, head.serial);
    if there.is_some_and(|there| there.digest() == head.digest()) {
        return Ok(CommitOutcome::AlreadyCommitted);
    }
    let parent = newest(data, scope);
    if there.is_some() || parent.map(Head::digest) != head.parent {
        return Err(StoreError::Conflict {
            scope: scope.clone(),
            serial: head.serial,
            newest: parent.map_or(0, |parent| parent.serial),
            winner: there.map(|there| there.authorship.operation.clone()),
        });
    }
    request.check(parent)?;
    let kept = journal::open_operation(data, operation)?;
    let announced =
        kept.journal.iter().rev().find_map(|entry| announced_head(&entry.record.event, scope));
    if announced != Some(head) {
        return Err(StoreError::NotAnnounced {
            operation: operation.clone(),
            scope: scope.clone(),
            serial: head.serial,
        });
    }
    data.changes += 1;
    let kept = data.scopes.entry(scope.clone()).or_default();
    kept.records.add(head.serial, delta);
    kept.heads.push(head.clone());
    Ok(CommitOutcome::Committed)
}
