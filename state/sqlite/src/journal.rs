//! Journals: appending groups by compare-on-number, and reading them whole.
//!
//! The number of a row is the operation's number times 2^32 plus the entry's, so that the entries
//! of an operation lie together, in order, and a number cannot be taken twice.

use mpctl_state::journal::entry_digest;
use mpctl_state::{
    AppendRequest, ClosedStatus, Fence, JournalEntry, JournalEvent, JournalRecord, Nonce,
    OpenRequest, OperationId, StoreError, Timestamp,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};
use crate::lease;
use crate::operation::{self, OperationRow};

const COLUMNS: &str = "SELECT id, nonce, at, event, payload, digest FROM journal";

/// Entries of one operation, at most.
const ENTRIES: u64 = 1 << 32;

fn row_id(operation: i64, number: u64) -> Outcome<i64> {
    let in_range = number < ENTRIES && (0..1 << 31).contains(&operation);
    match i64::try_from(number) {
        Ok(number) if in_range => Ok((operation << 32) + number),
        _ => Err(Failure::Store(StoreError::InvalidRequest {
            what: "a journal holds at most 2^32 entries".to_owned(),
        })),
    }
}

fn from_row(row: &Row<'_>, operation: &OperationRow, number: u64) -> Outcome<JournalEntry> {
    let id = &operation.opened.operation;
    if row.get::<_, i64>(0)? != row_id(operation.id, number)? {
        return Err(damaged(format!("entry {number} of operation {id} is missing")));
    }
    let nonce = Nonce::from_bytes(row.get(1)?);
    let at = Timestamp(row.get(2)?);
    let event = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let payload = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
    let disagrees =
        || damaged(format!("entry {number} of operation {id} does not agree with its digest"));
    let digest = entry_digest(id, number, &nonce, at, event, payload);
    if row.get::<_, [u8; 32]>(5)? != *digest.as_bytes() {
        return Err(disagrees());
    }
    let event: JournalEvent = serde_json::from_str(event).map_err(|_| disagrees())?;
    Ok(JournalEntry { number, nonce, at, record: JournalRecord::new(event, payload) })
}

/// Reads so many entries from one number on.
fn entries(
    session: &Session<'_>,
    operation: &OperationRow,
    from: u64,
    count: u64,
) -> Outcome<Vec<JournalEntry>> {
    let mut statement =
        session.sql.prepare_cached(&format!("{COLUMNS} WHERE id >= ?1 ORDER BY id LIMIT ?2"))?;
    let mut rows = statement.query(params![row_id(operation.id, from)?, count])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(from_row(row, operation, from + found.len() as u64)?);
    }
    if found.len() as u64 == count {
        return Ok(found);
    }
    let number = from + found.len() as u64;
    let id = &operation.opened.operation;
    Err(damaged(format!("entry {number} of operation {id} is missing")))
}

pub(crate) fn read(session: &Session<'_>, operation: &OperationId) -> Outcome<Vec<JournalEntry>> {
    let row = operation::must_find(session, operation)?;
    end_of(session, &row)?;
    let found = entries(session, &row, 0, row.entries)?;
    match found.first().map(|entry| &entry.record.event) {
        Some(JournalEvent::Opened(opened)) if **opened == row.opened => Ok(found),
        _ => Err(damaged(format!("the journal of operation {operation} has no beginning"))),
    }
}

/// How the operation ended, if its last entry says so. The row of the operation and the entries
/// must agree on which entry is the last.
pub(crate) fn end_of(
    session: &Session<'_>,
    operation: &OperationRow,
) -> Outcome<Option<ClosedStatus>> {
    let last = operation.entries.saturating_sub(1);
    let newest: Option<i64> = session
        .sql
        .prepare_cached("SELECT max(id) FROM journal WHERE id BETWEEN ?1 AND ?2")?
        .query_row([row_id(operation.id, 0)?, row_id(operation.id, ENTRIES - 1)?], |row| {
            row.get(0)
        })?;
    if newest != Some(row_id(operation.id, last)?) {
        let (id, entries) = (&operation.opened.operation, operation.entries);
        return Err(damaged(format!(
            "entry {last} of operation {id} is not the last of {entries}"
        )));
    }
    let found = entries(session, operation, last, 1)?;
    Ok(found.first().and_then(|last| operation::closed_by(&last.record.event)))
}

/// The newest Committing event of an operation that has not been closed.
pub(crate) fn newest_committing(
    session: &Session<'_>,
    operation: &OperationId,
) -> Outcome<Option<JournalEvent>> {
    let row = operation::must_find(session, operation)?;
    check_open(operation, end_of(session, &row)?)?;
    let (first, last) = (row_id(row.id, 0)?, row_id(row.id, ENTRIES - 1)?);
    let newest: Option<JournalEntry> = session
        .sql
        .prepare_cached(&format!(
            "{COLUMNS} WHERE id BETWEEN ?1 AND ?2 AND kind = 'committing' ORDER BY id DESC LIMIT 1"
        ))?
        .query_row([first, last], |found| {
            let number = u64::try_from(found.get::<_, i64>(0)? - first).unwrap_or_default();
            Ok(from_row(found, &row, number))
        })
        .optional()?
        .transpose()?;
    Ok(newest.map(|entry| entry.record.event))
}

fn check_open(operation: &OperationId, closed: Option<ClosedStatus>) -> Outcome<()> {
    match closed {
        None => Ok(()),
        Some(_) => {
            Err(Failure::Store(StoreError::OperationClosed { operation: operation.clone() }))
        }
    }
}

/// Writes the first entry of a new operation.
pub(crate) fn insert_opened(
    session: &Session<'_>,
    operation: i64,
    request: &OpenRequest,
    fences: Vec<Fence>,
) -> Outcome<()> {
    let record = request.opened_record(fences);
    let group = Group { operation, id: &request.operation, nonce: &request.nonce, at: request.at };
    insert(session, &group, 0, std::slice::from_ref(&record))
}

pub(crate) fn append(session: &Session<'_>, request: &AppendRequest) -> Outcome<u64> {
    request.check()?;
    let row = operation::must_find(session, &request.operation)?;
    let described = operation::describe(session, &row)?;
    request.check_covers(&described)?;
    for fence in &request.fences {
        lease::check(session, fence)?;
    }
    let next = request.first.saturating_add(request.records.len() as u64);
    if next <= row.entries && is_own(session, &row, request)? {
        return Ok(next);
    }
    check_open(&request.operation, described.closed)?;
    if described.entries != request.first {
        return Err(Failure::Store(StoreError::NumberTaken {
            operation: request.operation.clone(),
            number: request.first,
            next: described.entries,
        }));
    }
    let group =
        Group { operation: row.id, id: &request.operation, nonce: &request.nonce, at: request.at };
    insert(session, &group, request.first, &request.records)?;
    session
        .sql
        .prepare_cached("UPDATE operation SET entries = ?2 WHERE id = ?1")?
        .execute(params![row.id, next])?;
    Ok(next)
}

/// Whether this very group has been written before.
fn is_own(session: &Session<'_>, row: &OperationRow, request: &AppendRequest) -> Outcome<bool> {
    let wanted = &request.records;
    let there = entries(session, row, request.first, wanted.len() as u64)?;
    Ok(there
        .iter()
        .zip(wanted)
        .all(|(there, ours)| there.nonce == request.nonce && there.record == *ours))
}

/// What the entries of a group have in common.
struct Group<'request> {
    operation: i64,
    id: &'request OperationId,
    nonce: &'request Nonce,
    at: Timestamp,
}

fn insert(
    session: &Session<'_>,
    group: &Group<'_>,
    first: u64,
    records: &[JournalRecord],
) -> Outcome<()> {
    let mut insert = session.sql.prepare_cached(
        "INSERT INTO journal (id, nonce, at, kind, event, payload, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (number, JournalRecord { event, payload }) in (first..).zip(records) {
        let kind = event.kind();
        let event = serde_json::to_string(event).map_err(|error| {
            Failure::Unavailable(format!("a journal record cannot be written: {error}"))
        })?;
        let digest = entry_digest(group.id, number, group.nonce, group.at, &event, payload);
        insert.execute(params![
            row_id(group.operation, number)?,
            group.nonce.as_bytes(),
            group.at.0,
            kind,
            event,
            &**payload,
            digest.as_bytes()
        ])?;
    }
    Ok(())
}
