//! Operations: opening them, and what is told about them.
//!
//! Plans and operations are looked up by reading the table, not by an index: an index with a
//! flipped bit would say that a plan has not been used.

use mpctl_state::digest::Fields;
use mpctl_state::operation::OpenedEvent;
use mpctl_state::{
    ClosedStatus, Digest, JournalEvent, Nonce, OpenRequest, Operation, OperationId, Scope,
    StoreError, Timestamp,
};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::json;

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};
use crate::scope::ScopeRow;
use crate::{journal, lease, scope};

/// The row of an operation.
#[derive(Debug)]
pub(crate) struct OperationRow {
    /// Its number in the other tables.
    pub(crate) id: i64,
    /// The nonce it was opened with.
    pub(crate) nonce: Nonce,
    /// What it was opened with.
    pub(crate) opened: OpenedEvent,
    /// When it was opened.
    pub(crate) at: Timestamp,
    /// Its numbers in its environments, in their order.
    pub(crate) numbers: Vec<u64>,
    /// How many entries its journal has.
    pub(crate) entries: u64,
}

#[derive(serde::Deserialize)]
struct Stored {
    at: Timestamp,
    numbers: Vec<u64>,
    #[serde(flatten)]
    opened: OpenedEvent,
}

const COLUMNS: &str = "SELECT id, uuid, plan, nonce, opened, digest, entries FROM operation";

fn digest(id: i64, uuid: &str, plan: &str, nonce: &Nonce, opened: &str) -> Digest {
    Fields::new("mpctl sqlite operation 1")
        .bytes(&id.to_le_bytes())
        .text(uuid)
        .text(plan)
        .bytes(nonce.as_bytes())
        .text(opened)
        .finish()
}

fn from_row(row: &Row<'_>) -> Outcome<OperationRow> {
    let id: i64 = row.get(0)?;
    let (uuid, plan, opened): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(4)?);
    let nonce = Nonce::from_bytes(row.get(3)?);
    let disagrees = || damaged(format!("operation {uuid} does not agree with its digest"));
    if row.get::<_, [u8; 32]>(5)? != *digest(id, &uuid, &plan, &nonce, &opened).as_bytes() {
        return Err(disagrees());
    }
    let stored: Stored = serde_json::from_str(&opened).map_err(|_| disagrees())?;
    let Stored { at, numbers, opened } = stored;
    Ok(OperationRow { id, nonce, opened, at, numbers, entries: row.get(6)? })
}

/// The row of an operation; none where there is no such.
pub(crate) fn find(
    session: &Session<'_>,
    operation: &OperationId,
) -> Outcome<Option<OperationRow>> {
    one(session, "uuid", operation.as_str())
}

fn one(session: &Session<'_>, column: &str, wanted: &str) -> Outcome<Option<OperationRow>> {
    // The newest first: it is the one that is mostly asked for.
    session
        .sql
        .prepare_cached(&format!("{COLUMNS} WHERE {column} = ?1 ORDER BY id DESC LIMIT 1"))?
        .query_row([wanted], |row| Ok(from_row(row)))
        .optional()?
        .transpose()
}

/// The row of an operation that must be there.
pub(crate) fn must_find(session: &Session<'_>, operation: &OperationId) -> Outcome<OperationRow> {
    find(session, operation)?
        .ok_or_else(|| Failure::Store(StoreError::NoSuchOperation { operation: operation.clone() }))
}

/// Completes a row by what its journal ends with.
pub(crate) fn describe(session: &Session<'_>, row: &OperationRow) -> Outcome<Operation> {
    let closed = journal::end_of(session, row)?;
    let opened = &row.opened;
    let scopes = opened.fences.iter().map(|fence| fence.scope.clone());
    Ok(Operation {
        id: opened.operation.clone(),
        plan: opened.plan.clone(),
        kind: opened.kind.clone(),
        direction: opened.direction,
        who: opened.who.clone(),
        host: opened.host.clone(),
        at: row.at,
        environments: scopes.zip(row.numbers.iter().copied()).collect(),
        entries: row.entries,
        closed,
    })
}

pub(crate) fn get(session: &Session<'_>, operation: &OperationId) -> Outcome<Option<Operation>> {
    find(session, operation)?.map(|row| describe(session, &row)).transpose()
}

pub(crate) fn list(session: &Session<'_>, scope: &Scope) -> Outcome<Vec<Operation>> {
    let Some(row) = scope::find(session, scope)? else { return Ok(Vec::new()) };
    let mut statement = session.sql.prepare_cached(
        "SELECT operation, number FROM operation_scope WHERE scope = ?1 ORDER BY number",
    )?;
    let ids = statement
        .query_map([row.id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(i64, u64)>, _>>()?;
    let mut operations = Vec::with_capacity(ids.len());
    for (id, number) in ids {
        let operation = describe(session, &by_id(session, id)?)?;
        if operation.number_in(scope) != Some(number) || number != operations.len() as u64 + 1 {
            return Err(damaged(format!("operation {number} of {scope} is not in its place")));
        }
        operations.push(operation);
    }
    if operations.len() as u64 != row.operations {
        return Err(damaged(format!("the operations of {scope} are not complete")));
    }
    Ok(operations)
}

pub(crate) fn newest(session: &Session<'_>, scope: &Scope) -> Outcome<Option<Operation>> {
    let Some(row) = scope::find(session, scope)? else { return Ok(None) };
    newest_in(session, &row)
}

/// The newest operation of an environment. Its row and the numbers taken must agree.
fn newest_in(session: &Session<'_>, scope: &ScopeRow) -> Outcome<Option<Operation>> {
    let newest: Option<(i64, u64)> = session
        .sql
        .prepare_cached(
            "SELECT operation, number FROM operation_scope
             WHERE scope = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([scope.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let name = &scope.scope;
    let Some((id, number)) = newest.filter(|(_, number)| *number == scope.operations) else {
        return match (newest, scope.operations) {
            (None, 0) => Ok(None),
            (_, number) => Err(damaged(format!("operation {number} of {name} is not the newest"))),
        };
    };
    let operation = describe(session, &by_id(session, id)?)?;
    if operation.number_in(name) == Some(number) {
        return Ok(Some(operation));
    }
    Err(damaged(format!("operation {number} of {name} is not in its place")))
}

fn by_id(session: &Session<'_>, id: i64) -> Outcome<OperationRow> {
    session
        .sql
        .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
        .query_row([id], |row| Ok(from_row(row)))
        .optional()?
        .unwrap_or_else(|| Err(damaged(format!("operation {id} is missing"))))
}

pub(crate) fn open(session: &Session<'_>, request: &OpenRequest) -> Outcome<Operation> {
    let fences = request.checked_fences()?;
    for fence in &fences {
        lease::check(session, fence)?;
    }
    if let Some(row) = find(session, &request.operation)? {
        if row.nonce == request.nonce {
            return describe(session, &row);
        }
        let what = format!("operation id {} is taken", request.operation);
        return Err(Failure::Store(StoreError::InvalidRequest { what }));
    }
    check_complete(session)?;
    if let Some(user) = one(session, "plan", request.plan.as_str())? {
        return Err(Failure::Store(StoreError::PlanUsed {
            plan: request.plan.clone(),
            operation: user.opened.operation,
            at: user.at,
            who: user.opened.who,
        }));
    }
    let mut places = Vec::with_capacity(fences.len());
    for fence in &fences {
        let scope = scope::find_or_add(session, &fence.scope)?;
        let newest = newest_in(session, &scope)?;
        if let Some(newest) = newest.filter(|newest| !newest.is_closed()) {
            return Err(Failure::Store(StoreError::OperationOpen {
                scope: fence.scope.clone(),
                operation: newest.id,
            }));
        }
        places.push((scope.id, scope.operations + 1));
    }
    let row = insert(session, request, &places)?;
    journal::insert_opened(session, row.id, request, fences)?;
    describe(session, &row)
}

fn insert(
    session: &Session<'_>,
    request: &OpenRequest,
    places: &[(i64, u64)],
) -> Outcome<OperationRow> {
    let record = request.opened_record(request.checked_fences()?);
    let JournalEvent::Opened(opened) = record.event else {
        return Err(damaged("opening gave no Opened record"));
    };
    let numbers: Vec<u64> = places.iter().map(|(_, number)| *number).collect();
    let written = || {
        let mut stored = serde_json::to_value(&*opened)?;
        if let Some(fields) = stored.as_object_mut() {
            fields.insert("at".to_owned(), json!(request.at));
            fields.insert("numbers".to_owned(), json!(numbers));
        }
        serde_json::to_string(&stored)
    };
    let stored = written().map_err(|error| {
        Failure::Unavailable(format!("an operation cannot be written: {error}"))
    })?;
    let id: i64 =
        session
            .sql
            .query_row("SELECT coalesce(max(id), 0) + 1 FROM operation", [], |row| row.get(0))?;
    let (uuid, plan) = (request.operation.as_str(), request.plan.as_str());
    let digest = digest(id, uuid, plan, &request.nonce, &stored);
    session
        .sql
        .prepare_cached(
            "INSERT INTO operation (id, uuid, plan, nonce, opened, digest, entries)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
        )?
        .execute(params![id, uuid, plan, request.nonce.as_bytes(), stored, digest.as_bytes()])?;
    let mut insert = session.sql.prepare_cached(
        "INSERT INTO operation_scope (scope, number, operation) VALUES (?1, ?2, ?3)",
    )?;
    let mut count = session.sql.prepare_cached("UPDATE scope SET operations = ?2 WHERE id = ?1")?;
    for (scope, number) in places {
        insert.execute(params![scope, number, id])?;
        count.execute(params![scope, number])?;
    }
    let (nonce, at) = (request.nonce, request.at);
    Ok(OperationRow { id, nonce, opened: *opened, at, numbers, entries: 1 })
}

/// A plan that is not found has not been used only if no operation is missing. The newest one of
/// each environment is known by its number; here those between are counted.
fn check_complete(session: &Session<'_>) -> Outcome<()> {
    let (count, newest): (u64, u64) = session
        .sql
        .prepare_cached("SELECT count(*), coalesce(max(id), 0) FROM operation")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if count == newest {
        return Ok(());
    }
    Err(damaged(format!("of {newest} operations {} are missing", newest.saturating_sub(count))))
}

/// How an operation ended, if its last entry says so.
pub(crate) fn closed_by(event: &JournalEvent) -> Option<ClosedStatus> {
    match event {
        JournalEvent::Closed { status } => Some(*status),
        _ => None,
    }
}
