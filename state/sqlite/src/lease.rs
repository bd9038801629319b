//! Leases: entries by number, the newest counts.
//!
//! The store's time is the machine's, read inside the transaction. Old entries are removed once
//! they are far behind; their numbers stay taken, since the newest is never removed.

use mpctl_state::digest::Fields;
use mpctl_state::lease::{Verdict, check_fence};
use mpctl_state::{Digest, Fence, Lease, LeaseRequest, Nonce, OperationId, Scope, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};
use crate::scope::{self, ScopeRow};

/// How many entries are kept: enough to see who held it last.
const KEPT: u64 = 64;

fn digest(scope: i64, number: u64, nonce: &[u8], entry: &str) -> Digest {
    Fields::new("mpctl sqlite lease 1")
        .bytes(&scope.to_le_bytes())
        .number(number)
        .bytes(nonce)
        .text(entry)
        .finish()
}

fn from_row(session: &Session<'_>, row: &Row<'_>, scope: &ScopeRow) -> Outcome<(Lease, Nonce)> {
    let number = scope.lease_entries;
    let disagrees = || {
        let name = &scope.scope;
        damaged(format!("entry {number} of the lease of {name} does not agree with its digest"))
    };
    let nonce = Nonce::from_bytes(row.get(0)?);
    let entry = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    let digest = digest(scope.id, number, nonce.as_bytes(), entry);
    if row.get::<_, [u8; 32]>(2)? != *digest.as_bytes() {
        return Err(disagrees());
    }
    let lease: Lease = serde_json::from_str(entry).map_err(|_| disagrees())?;
    Ok((Lease { read_at: session.now, ..lease }, nonce))
}

/// The newest entry. The row of the environment and the entries must agree on its number, so that
/// neither a hidden entry nor a changed counter brings back an older lease.
fn newest_in(session: &Session<'_>, scope: &ScopeRow) -> Outcome<Option<(Lease, Nonce)>> {
    let newest: u64 = session
        .sql
        .prepare_cached("SELECT coalesce(max(number), 0) FROM lease WHERE scope = ?1")?
        .query_row([scope.id], |row| row.get(0))?;
    if newest != scope.lease_entries {
        let ScopeRow { scope, lease_entries, .. } = scope;
        return Err(damaged(format!(
            "the lease of {scope} has {lease_entries} entries, but {newest} is the newest found"
        )));
    }
    if newest == 0 {
        return Ok(None);
    }
    session
        .sql
        .prepare_cached("SELECT nonce, entry, digest FROM lease WHERE scope = ?1 AND number = ?2")?
        .query_row(params![scope.id, scope.lease_entries], |row| Ok(from_row(session, row, scope)))
        .optional()?
        .unwrap_or_else(|| {
            let ScopeRow { scope, lease_entries, .. } = scope;
            Err(damaged(format!("entry {lease_entries} of the lease of {scope} is missing")))
        })
        .map(Some)
}

pub(crate) fn newest(session: &Session<'_>, scope: &Scope) -> Outcome<Option<Lease>> {
    let Some(row) = scope::find(session, scope)? else { return Ok(None) };
    Ok(newest_in(session, &row)?.map(|(lease, _)| lease))
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
    match request.judge(newest_in(session, &row)?)? {
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
        Some(row) => newest_in(session, row)?,
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
    let digest = digest(id, lease.number, nonce.as_bytes(), &entry);
    session
        .sql
        .prepare_cached(
            "INSERT INTO lease (scope, number, nonce, entry, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, lease.number, nonce.as_bytes(), entry, digest.as_bytes()])?;
    session
        .sql
        .prepare_cached("UPDATE scope SET lease_entries = ?2 WHERE id = ?1")?
        .execute(params![id, lease.number])?;
    session
        .sql
        .prepare_cached("DELETE FROM lease WHERE scope = ?1 AND number <= ?2")?
        .execute(params![id, lease.number.saturating_sub(KEPT)])?;
    Ok(())
}

/// For the step to format 2.
pub(crate) fn add_digests(sql: &Connection) -> Outcome<()> {
    let mut statement = sql.prepare("SELECT scope, number, nonce, entry FROM lease")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (scope, number): (i64, u64) = (row.get(0)?, row.get(1)?);
        let (nonce, entry): (Vec<u8>, String) = (row.get(2)?, row.get(3)?);
        let digest = digest(scope, number, &nonce, &entry);
        sql.execute(
            "UPDATE lease SET digest = ?3 WHERE scope = ?1 AND number = ?2",
            params![scope, number, digest.as_bytes()],
        )?;
    }
    Ok(())
}
