//! Records: appended row by row, read as ranges of rows.
//!
//! A version's rows are one range: it alone wrote them. To read a version, take the newest
//! checkpoint that is not younger and lay the ranges of the versions since over it. A version that
//! puts every record it has is a checkpoint by itself; otherwise one is copied as soon as more rows
//! lie behind the newest checkpoint than the state has, so a read never costs more than about twice
//! the state, and writing each row costs about one copy of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_state::{Body, Change, Delta, Digest, Head, Record, Scope};
use rusqlite::{OptionalExtension, Row, params};

use crate::connection::Session;
use crate::error::{Outcome, damaged};
use crate::{head, scope};

/// Fewer rows than these behind a checkpoint are never worth a copy.
const FEW_ROWS: u64 = 512;

/// A range of rows of the table `record`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// The number of the first.
    pub(crate) first: i64,
    /// How many there are.
    pub(crate) count: u64,
}

impl Rows {
    fn from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self { first: row.get(first)?, count: row.get(first + 1)? })
    }

    fn last(self) -> Outcome<i64> {
        i64::try_from(self.count)
            .ok()
            .and_then(|count| self.first.checked_add(count - 1))
            .ok_or_else(|| damaged("a range of records is out of bounds"))
    }
}

/// Writes what a delta changes.
pub(crate) fn append_delta(session: &Session<'_>, delta: &Delta) -> Outcome<Rows> {
    append(
        session,
        delta.changes().iter().map(|change| match change {
            Change::Put { record, .. } => (record.key(), Some((&**record.body(), record.digest()))),
            Change::Remove { key, .. } => (&**key, None),
        }),
    )
}

fn append<'row>(
    session: &Session<'_>,
    rows: impl Iterator<Item = (&'row str, Option<(&'row [u8], Digest)>)>,
) -> Outcome<Rows> {
    let first: i64 = session
        .sql
        .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM record")?
        .query_row([], |row| row.get(0))?;
    let mut insert = session
        .sql
        .prepare_cached("INSERT INTO record (id, key, body, digest) VALUES (?1, ?2, ?3, ?4)")?;
    let mut count = 0;
    for (id, (key, stored)) in (first..).zip(rows) {
        match stored {
            Some((body, digest)) => insert.execute(params![id, key, body, digest.as_bytes()])?,
            None => insert.execute(params![id, key, None::<&[u8]>, None::<&[u8]>])?,
        };
        count += 1;
    }
    Ok(Rows { first, count })
}

/// Notes that a version can be read whole from one range.
pub(crate) fn add_checkpoint(
    session: &Session<'_>,
    scope: i64,
    serial: u64,
    rows: Rows,
) -> Outcome<()> {
    session
        .sql
        .prepare_cached(
            "INSERT INTO checkpoint (scope, serial, first_row, row_count) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![scope, serial, rows.first, rows.count])?;
    Ok(())
}

/// The records of a version, each checked against its digest, sorted by key.
pub(crate) fn at(session: &Session<'_>, scope: i64, head: &Head) -> Outcome<Vec<Record>> {
    let (base, rows) = newest_checkpoint(session, scope, head.serial)?;
    let capacity = usize::try_from(head.count).unwrap_or_default().min(1 << 20);
    let mut records = Vec::with_capacity(capacity);
    each(session, rows, |key, record| match record {
        Some(record) => {
            records.push(record);
            Ok(())
        }
        None => Err(damaged(format!("a checkpoint holds the removal of `{key}`"))),
    })?;
    let mut laid_over = BTreeMap::new();
    for rows in ranges_between(session, scope, base, head.serial)? {
        each(session, rows, |key, record| {
            laid_over.insert(key, record);
            Ok(())
        })?;
    }
    Ok(if laid_over.is_empty() { records } else { merge(records, laid_over) })
}

/// Lays changes over sorted records, in one walk.
fn merge(records: Vec<Record>, changes: BTreeMap<Arc<str>, Option<Record>>) -> Vec<Record> {
    let mut merged = Vec::with_capacity(records.len() + changes.len());
    let mut changes = changes.into_iter().peekable();
    for record in records {
        while let Some((_, new)) = changes.next_if(|(key, _)| **key < *record.key()) {
            merged.extend(new);
        }
        match changes.next_if(|(key, _)| **key == *record.key()) {
            Some((_, new)) => merged.extend(new),
            None => merged.push(record),
        }
    }
    merged.extend(changes.filter_map(|(_, new)| new));
    merged
}

fn newest_checkpoint(session: &Session<'_>, scope: i64, serial: u64) -> Outcome<(u64, Rows)> {
    let found = session
        .sql
        .prepare_cached(
            "SELECT serial, first_row, row_count FROM checkpoint
             WHERE scope = ?1 AND serial <= ?2 ORDER BY serial DESC LIMIT 1",
        )?
        .query_row(params![scope, serial], |row| Ok((row.get(0)?, Rows::from_columns(row, 1)?)))
        .optional()?;
    // Before the first checkpoint there is the empty state.
    Ok(found.unwrap_or((0, Rows { first: 1, count: 0 })))
}

fn ranges_between(session: &Session<'_>, scope: i64, after: u64, to: u64) -> Outcome<Vec<Rows>> {
    let mut statement = session.sql.prepare_cached(
        "SELECT first_row, row_count FROM version
         WHERE scope = ?1 AND serial > ?2 AND serial <= ?3 ORDER BY serial",
    )?;
    let ranges =
        statement.query_map(params![scope, after, to], |row| Rows::from_columns(row, 0))?;
    Ok(ranges.collect::<Result<_, _>>()?)
}

/// Reads a range row by row: key, and record where the row is not a removal.
fn each(
    session: &Session<'_>,
    rows: Rows,
    mut take: impl FnMut(Arc<str>, Option<Record>) -> Outcome<()>,
) -> Outcome<()> {
    if rows.count == 0 {
        return Ok(());
    }
    let mut statement = session.sql.prepare_cached(
        "SELECT key, body, digest FROM record WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let mut found = statement.query(params![rows.first, rows.last()?])?;
    let mut count = 0;
    while let Some(row) = found.next()? {
        count += 1;
        let key: Arc<str> = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?.into();
        let body = row.get_ref(1)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        let digest = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        let record = match (body, digest) {
            (None, None) => None,
            (Some(body), Some(digest)) => Some(checked(&key, body.into(), digest)?),
            _ => return Err(damaged(format!("record `{key}` is half there"))),
        };
        take(key, record)?;
    }
    if count == rows.count {
        return Ok(());
    }
    Err(damaged(format!("{} of {} records are missing", rows.count - count, rows.count)))
}

fn checked(key: &Arc<str>, body: Body, digest: &[u8]) -> Outcome<Record> {
    Digest::from_slice(digest)
        .and_then(|digest| Record::from_stored(key.clone(), body, digest))
        .ok_or_else(|| damaged(format!("record `{key}` does not agree with its digest")))
}

/// Copies the newest version to a checkpoint where too many rows lie behind the last one.
pub(crate) fn checkpoint_if_due(session: &Session<'_>, scope: &Scope) -> Outcome<()> {
    let Some(row) = scope::find(session, scope)? else { return Ok(()) };
    let Some(newest) = head::newest_in(session, &row)? else { return Ok(()) };
    let (base, _) = newest_checkpoint(session, row.id, newest.serial)?;
    let ranges = ranges_between(session, row.id, base, newest.serial)?;
    let behind: u64 = ranges.iter().map(|rows| rows.count).sum();
    if behind <= newest.count.max(FEW_ROWS) {
        return Ok(());
    }
    // The snapshot's own check keeps damage from being copied.
    let snapshot = head::snapshot(session, &row, newest)?;
    let stored = snapshot
        .records()
        .iter()
        .map(|record| (record.key(), Some((&**record.body(), record.digest()))));
    let rows = append(session, stored)?;
    add_checkpoint(session, row.id, snapshot.head().serial, rows)
}
