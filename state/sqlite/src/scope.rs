//! Environments: their rows, found without an index.
//!
//! There are few of them, so every lookup reads them all and checks their names against a digest.
//! "There is no such environment" is answered only after SQLite has checked the table: that answer
//! would otherwise turn a damaged page into an empty state.

use mpctl_state::digest::Fields;
use mpctl_state::{Digest, ProjectKey, Scope};
use rusqlite::params;

use crate::connection::Session;
use crate::error::{Outcome, damaged};

/// The row of an environment.
#[derive(Clone, Debug)]
pub(crate) struct ScopeRow {
    /// Its number in the other tables.
    pub(crate) id: i64,
    /// Its name.
    pub(crate) scope: Scope,
    /// The newest serial; 0 before the first commit.
    pub(crate) head_serial: u64,
    /// The digest of the newest head.
    pub(crate) head_digest: Option<Digest>,
    /// How many operations it has had: the number of the newest.
    pub(crate) operations: u64,
    /// How many lease entries it has had: the number of the newest.
    pub(crate) lease_entries: u64,
}

fn all(session: &Session<'_>) -> Outcome<Vec<ScopeRow>> {
    let mut statement = session.sql.prepare_cached(
        "SELECT id, tenant, project, environment, digest, head_serial, head_digest,
                operations, lease_entries
         FROM scope ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (tenant, project, environment): (String, String, String) =
            (row.get(1)?, row.get(2)?, row.get(3)?);
        let scope = Scope::new(&tenant, &project, &environment)
            .map_err(|_| damaged(format!("environment {id} has no proper name")))?;
        if row.get::<_, [u8; 32]>(4)? != *digest(id, &scope).as_bytes() {
            return Err(damaged(format!("environment {id} does not agree with its digest")));
        }
        let head_digest = row.get::<_, Option<[u8; 32]>>(6)?.map(Digest::from_bytes);
        found.push(ScopeRow {
            id,
            scope,
            head_serial: row.get(5)?,
            head_digest,
            operations: row.get(7)?,
            lease_entries: row.get(8)?,
        });
    }
    Ok(found)
}

fn digest(id: i64, scope: &Scope) -> Digest {
    Fields::new("mpctl sqlite scope 1")
        .bytes(&id.to_le_bytes())
        .text(&scope.tenant)
        .text(&scope.project)
        .text(&scope.environment)
        .finish()
}

/// The row of an environment; none where it has none.
pub(crate) fn find(session: &Session<'_>, scope: &Scope) -> Outcome<Option<ScopeRow>> {
    let found = all(session)?.into_iter().find(|row| row.scope == *scope);
    if found.is_none() {
        check_table(session)?;
    }
    Ok(found)
}

/// The row of an environment, made where there is none.
pub(crate) fn find_or_add(session: &Session<'_>, scope: &Scope) -> Outcome<ScopeRow> {
    if let Some(row) = find(session, scope)? {
        return Ok(row);
    }
    let id: i64 =
        session
            .sql
            .query_row("SELECT coalesce(max(id), 0) + 1 FROM scope", [], |row| row.get(0))?;
    session.sql.prepare_cached(
        "INSERT INTO scope (id, tenant, project, environment, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        id,
        &*scope.tenant,
        &*scope.project,
        &*scope.environment,
        digest(id, scope).as_bytes()
    ])?;
    Ok(ScopeRow {
        id,
        scope: scope.clone(),
        head_serial: 0,
        head_digest: None,
        operations: 0,
        lease_entries: 0,
    })
}

/// The environments of a project with a head or an operation, sorted.
pub(crate) fn environments(session: &Session<'_>, project: &ProjectKey) -> Outcome<Vec<Scope>> {
    check_table(session)?;
    let mut found: Vec<Scope> = all(session)?
        .into_iter()
        .filter(|row| row.head_serial > 0 || row.operations > 0)
        .map(|row| row.scope)
        .filter(|scope| scope.project_key() == *project)
        .collect();
    found.sort();
    Ok(found)
}

fn check_table(session: &Session<'_>) -> Outcome<()> {
    let verdict: String =
        session.sql.query_row("PRAGMA quick_check('scope')", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(damaged(verdict)) }
}
