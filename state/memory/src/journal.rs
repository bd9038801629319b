//! Journals: appending groups by compare-on-number, and reading them whole.

use mpctl_state::{AppendRequest, JournalEntry, JournalEvent, OperationId, Result, StoreError};

use crate::connection::{Data, OperationData};
use crate::{lease, operation};

pub(crate) fn read(data: &Data, operation: &OperationId) -> Result<Vec<JournalEntry>> {
    data.operations
        .get(operation)
        .map(|kept| kept.journal.clone())
        .ok_or_else(|| StoreError::NoSuchOperation { operation: operation.clone() })
}

/// The operation, unless it has been closed.
pub(crate) fn open_operation<'data>(
    data: &'data Data,
    operation: &OperationId,
) -> Result<&'data OperationData> {
    let kept = data
        .operations
        .get(operation)
        .ok_or_else(|| StoreError::NoSuchOperation { operation: operation.clone() })?;
    match kept.journal.last().map(|entry| &entry.record.event) {
        Some(JournalEvent::Closed { .. }) => {
            Err(StoreError::OperationClosed { operation: operation.clone() })
        }
        _ => Ok(kept),
    }
}

pub(crate) fn append(data: &mut Data, request: &AppendRequest) -> Result<u64> {
    request.check()?;
    let described = operation::get(data, &request.operation)
        .ok_or_else(|| StoreError::NoSuchOperation { operation: request.operation.clone() })?;
    request.check_covers(&described)?;
    for fence in &request.fences {
        lease::check(data, fence)?;
    }
    if let Some(next) = own_group(data, request) {
        return Ok(next);
    }
    open_operation(data, &request.operation)?;
    if described.entries != request.first {
        return Err(StoreError::NumberTaken {
            operation: request.operation.clone(),
            number: request.first,
            next: described.entries,
        });
    }
    data.changes += 1;
    let journal = data.operations.get_mut(&request.operation).map(|kept| &mut kept.journal);
    if let Some(journal) = journal {
        journal.extend((request.first..).zip(&request.records).map(|(number, record)| {
            JournalEntry { number, nonce: request.nonce, at: request.at, record: record.clone() }
        }));
    }
    Ok(request.first + request.records.len() as u64)
}

/// The next number, where this very group has been written before.
fn own_group(data: &Data, request: &AppendRequest) -> Option<u64> {
    let journal = &data.operations.get(&request.operation)?.journal;
    let first = usize::try_from(request.first).ok()?;
    let there = journal.get(first..first.checked_add(request.records.len())?)?;
    let own = there
        .iter()
        .zip(&request.records)
        .all(|(there, ours)| there.nonce == request.nonce && there.record == *ours);
    own.then_some((first + there.len()) as u64)
}
