//! Leases: entries by number, the newest counts.
//!
//! The store's time is the machine's, read inside the transaction. Old entries are removed once
//! they are far behind; their numbers stay taken, since the newest is never removed.

use mpctl_state::lease::{Verdict, check_fence};
use mpctl_state::{Fence, Lease, LeaseRequest, Nonce, OperationId, Scope, StoreError};
use rusqlite::{OptionalExtension, Row, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};
use crate::scope;

/// How many entries are kept: enough to see who held it last.
const KEPT: u64 = 64;

fn from_row(session: &Session<'_>, row: &Row<'_>, scope: &Scope) -> Outcome<(Lease, Nonce)> {
    let number: u64 = row.get(0)?;
    let nonce = Nonce::from_bytes(row.get(1)?);
    let entry = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
    match serde_json::from_str::<Lease>(entry) {
        Ok(lease) if lease.number == number && lease.scope == *scope => {
            Ok((Lease { read_at: session.now, ..lease }, nonce))
        }
        _ => Err(damaged(format!("entry {number} of the lease of {scope} cannot be read"))),
    }
}

fn newest_in(session: &Session<'_>, id: i64, scope: &Scope) -> Outcome<Option<(Lease, Nonce)>> {
    session
        .sql
        .prepare_cached(
            "SELECT number, nonce, entry FROM lease WHERE scope = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([id], |row| Ok(from_row(session, row, scope)))
        .optional()?
        .transpose()
}

pub(crate) fn newest(session: &Session<'_>, scope: &Scope) -> Outcome<Option<Lease>> {
    let Some(row) = scope::find(session, scope)? else { return Ok(None) };
    Ok(newest_in(session, row.id, scope)?.map(|(lease, _)| lease))
}

/// Checks that a fence may write.
pub(crate) fn check(session: &Session<'_>, fence: &Fence) -> Outcome<()> {
    Ok(check_fence(fence, newest(session, &fence.scope)?.as_ref())?)
}

pub(crate) fn acquire(
    session: &Session<'_>,
    scope: &Scope,
    request: &LeaseRequest,
) -> Outcome<Lease> {
    let row = scope::find_or_add(session, scope)?;
    match request.judge(newest_in(session, row.id, scope)?)? {
        Verdict::Own(lease) => Ok(*lease),
        Verdict::Take(number) => {
            let lease = request.entry(scope, number, session.now);
            insert(session, row.id, &lease, &request.nonce)?;
            Ok(lease)
        }
    }
}

/// The present lease, where it is the fence's.
fn held(session: &Session<'_>, fence: &Fence) -> Outcome<(i64, Lease, Nonce)> {
    let row = scope::find(session, &fence.scope)?;
    let newest = match &row {
        Some(row) => newest_in(session, row.id, &fence.scope)?,
        None => None,
    };
    match (row, newest) {
        (Some(row), Some((lease, nonce))) if lease.fence == fence.number => {
            Ok((row.id, lease, nonce))
        }
        (_, newest) => Err(Failure::Store(StoreError::LeaseLost {
            scope: fence.scope.clone(),
            fence: fence.number,
            now: newest.map(|(lease, _)| Box::new(lease)),
        })),
    }
}

pub(crate) fn renew(
    session: &Session<'_>,
    fence: &Fence,
    operation: Option<&OperationId>,
) -> Outcome<Lease> {
    let (id, lease, nonce) = held(session, fence)?;
    check_fence(fence, Some(&lease))?;
    let next = lease.renewed(operation, session.now);
    insert(session, id, &next, &nonce)?;
    Ok(next)
}

pub(crate) fn release(session: &Session<'_>, fence: &Fence) -> Outcome<()> {
    let (id, lease, nonce) = held(session, fence)?;
    if lease.released {
        return Ok(());
    }
    insert(session, id, &lease.given_back(session.now), &nonce)
}

fn insert(session: &Session<'_>, id: i64, lease: &Lease, nonce: &Nonce) -> Outcome<()> {
    let entry = serde_json::to_string(lease)
        .map_err(|error| Failure::Unavailable(format!("a lease cannot be written: {error}")))?;
    session
        .sql
        .prepare_cached("INSERT INTO lease (scope, number, nonce, entry) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, lease.number, nonce.as_bytes(), entry])?;
    session
        .sql
        .prepare_cached("DELETE FROM lease WHERE scope = ?1 AND number <= ?2")?
        .execute(params![id, lease.number.saturating_sub(KEPT)])?;
    Ok(())
}
