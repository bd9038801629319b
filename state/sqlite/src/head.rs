//! Heads: reading versions, and moving a head by one winner.
//!
//! A head is stored as JSON beside its digest; the row of the environment names the newest serial
//! and digest once more, so neither a changed nor a hidden version passes for the truth.

use mpctl_state::operation::announced_head;
use mpctl_state::{CommitOutcome, CommitRequest, Digest, Head, Scope, Snapshot, StoreError};
use rusqlite::{OptionalExtension, Row, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};
use crate::scope::ScopeRow;
use crate::{journal, lease, record, scope};

fn from_row(row: &Row<'_>) -> Outcome<Head> {
    let serial: u64 = row.get(0)?;
    let disagrees = || damaged(format!("version {serial} does not agree with its digest"));
    let head: Head = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
        .map_err(|_| disagrees())?;
    let digest: [u8; 32] = row.get(2)?;
    if head.serial == serial && *head.digest().as_bytes() == digest {
        Ok(head)
    } else {
        Err(disagrees())
    }
}

fn numbered(session: &Session<'_>, scope: i64, serial: u64) -> Outcome<Option<Head>> {
    session
        .sql
        .prepare_cached(
            "SELECT serial, head, digest FROM version WHERE scope = ?1 AND serial = ?2",
        )?
        .query_row(params![scope, serial], |row| Ok(from_row(row)))
        .optional()?
        .transpose()
}

/// The newest head of an environment, checked against what its row says.
pub(crate) fn newest_in(session: &Session<'_>, row: &ScopeRow) -> Outcome<Option<Head>> {
    let highest: u64 = session
        .sql
        .prepare_cached("SELECT coalesce(max(serial), 0) FROM version WHERE scope = ?1")?
        .query_row([row.id], |row| row.get(0))?;
    if highest != row.head_serial {
        return Err(damaged(format!(
            "the newest version of {} is {}, but {highest} is the newest that is found",
            row.scope, row.head_serial
        )));
    }
    let head = numbered(session, row.id, row.head_serial)?;
    if head.as_ref().map(Head::digest) != row.head_digest {
        return Err(damaged(format!(
            "version {} of {} is not the one that was committed",
            row.head_serial, row.scope
        )));
    }
    Ok(head)
}

pub(crate) fn newest(session: &Session<'_>, scope: &Scope) -> Outcome<Option<Head>> {
    match scope::find(session, scope)? {
        Some(row) => newest_in(session, &row),
        None => Ok(None),
    }
}

pub(crate) fn history(session: &Session<'_>, scope: &Scope) -> Outcome<Vec<Head>> {
    let Some(row) = scope::find(session, scope)? else { return Ok(Vec::new()) };
    let newest = newest_in(session, &row)?;
    let mut statement = session.sql.prepare_cached(
        "SELECT serial, head, digest FROM version WHERE scope = ?1 ORDER BY serial",
    )?;
    let mut rows = statement.query([row.id])?;
    let mut heads: Vec<Head> = Vec::new();
    let mut parent: Option<Digest> = None;
    while let Some(found) = rows.next()? {
        let head = from_row(found)?;
        if head.serial != heads.len() as u64 + 1 || head.parent != parent {
            return Err(damaged(format!(
                "version {} of {} does not follow the one before it",
                head.serial, row.scope
            )));
        }
        parent = Some(head.digest());
        heads.push(head);
    }
    if heads.last() != newest.as_ref() {
        return Err(damaged(format!("the history of {} is not complete", row.scope)));
    }
    Ok(heads)
}

pub(crate) fn read(
    session: &Session<'_>,
    scope: &Scope,
    at: Option<u64>,
) -> Outcome<Option<Snapshot>> {
    let missing =
        |serial| Failure::Store(StoreError::NoSuchVersion { scope: scope.clone(), serial });
    let Some(row) = scope::find(session, scope)? else {
        return at.map_or(Ok(None), |serial| Err(missing(serial)));
    };
    let newest = newest_in(session, &row)?;
    let head = match at {
        None => newest,
        Some(serial) => {
            let head = numbered(session, row.id, serial)?;
            let in_range = (1..=row.head_serial).contains(&serial);
            match head {
                None if in_range => {
                    return Err(damaged(format!("version {serial} of {scope} is missing")));
                }
                None => return Err(missing(serial)),
                head => head,
            }
        }
    };
    head.map(|head| snapshot(session, &row, head)).transpose()
}

/// A version with its records.
pub(crate) fn snapshot(session: &Session<'_>, row: &ScopeRow, head: Head) -> Outcome<Snapshot> {
    let records = record::at(session, row.id, &head)?;
    Ok(Snapshot::new(head, records, session.place)?)
}

pub(crate) fn commit(session: &Session<'_>, request: &CommitRequest) -> Outcome<CommitOutcome> {
    let CommitRequest { operation, scope, head, delta, fence } = request;
    let row = scope::find_or_add(session, scope)?;
    lease::check(session, fence)?;
    let newest = newest_in(session, &row)?;
    let there = numbered(session, row.id, head.serial)?;
    if there.as_ref().is_some_and(|there| there.digest() == head.digest()) {
        return Ok(CommitOutcome::AlreadyCommitted);
    }
    if there.is_some() || newest.as_ref().map(Head::digest) != head.parent {
        return Err(Failure::Store(StoreError::Conflict {
            scope: scope.clone(),
            serial: head.serial,
            newest: row.head_serial,
            winner: there.map(|there| there.authorship.operation),
        }));
    }
    request.check(newest.as_ref())?;
    let announced = journal::newest_committing(session, operation)?;
    if announced.as_ref().and_then(|event| announced_head(event, scope)) != Some(head) {
        return Err(Failure::Store(StoreError::NotAnnounced {
            operation: operation.clone(),
            scope: scope.clone(),
            serial: head.serial,
        }));
    }
    let rows = record::append_delta(session, delta)?;
    insert(session, &row, head, rows)?;
    if delta.put_count() == head.count && rows.count == head.count {
        record::add_checkpoint(session, row.id, head.serial, rows)?;
    }
    Ok(CommitOutcome::Committed)
}

fn insert(session: &Session<'_>, row: &ScopeRow, head: &Head, rows: record::Rows) -> Outcome<()> {
    let digest = head.digest();
    let json = serde_json::to_string(head)
        .map_err(|error| Failure::Unavailable(format!("a head cannot be written: {error}")))?;
    session
        .sql
        .prepare_cached(
            "INSERT INTO version (scope, serial, head, digest, first_row, row_count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![row.id, head.serial, json, digest.as_bytes(), rows.first, rows.count])?;
    session
        .sql
        .prepare_cached("UPDATE scope SET head_serial = ?2, head_digest = ?3 WHERE id = ?1")?
        .execute(params![row.id, head.serial, digest.as_bytes()])?;
    Ok(())
}
