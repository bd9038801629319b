//! The schema, its format number, and the ladder from one format to the next.
//!
//! `PRAGMA user_version` holds the format. A new database climbs the same ladder from format 0 that
//! an old one climbs from where it stands, so there is one description of the schema and it is the
//! one that is tested. A step is never changed once it has been released.
//!
//! Rows of `record` have no key but their number: a version names the range of rows that it wrote,
//! and a checkpoint the range that holds a whole version. So there is no index that a flipped bit
//! could make to hide a row, and a commit writes little beside its bodies. Where rows do have keys
//! (versions, operations, journal and lease entries), a counter elsewhere says how many there are.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Outcome;
use crate::{lease, project};

/// The newest format that this version writes and understands.
pub const FORMAT: u32 = STEPS.len() as u32;

/// Marks the database as ours (`PRAGMA application_id`): "mpct".
pub const APPLICATION_ID: i32 = 0x6d70_6374;

type Step = fn(&Connection) -> Outcome<()>;

/// The step at place *n* leads from format *n* to format *n + 1*.
const STEPS: [Step; 2] = [first_tables, counters_and_digests];

fn first_tables(sql: &Connection) -> Outcome<()> {
    Ok(sql.execute_batch(FORMAT_1)?)
}

/// Counters that miss a hidden operation, journal entry or lease entry, and digests for the rows
/// that had none.
fn counters_and_digests(sql: &Connection) -> Outcome<()> {
    sql.execute_batch(FORMAT_2)?;
    project::add_digests(sql)?;
    lease::add_digests(sql)
}

const FORMAT_1: &str = "
CREATE TABLE store (id TEXT NOT NULL) STRICT;

CREATE TABLE project (
    tenant TEXT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, project)
) STRICT, WITHOUT ROWID;

-- An environment. head_serial and head_digest say which version is the newest, so that a version
-- that cannot be found is missed.
CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    digest BLOB NOT NULL,
    head_serial INTEGER NOT NULL DEFAULT 0,
    head_digest BLOB
) STRICT;

-- A version: its head, and the rows of `record` that it wrote.
CREATE TABLE version (
    scope INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    head TEXT NOT NULL,
    digest BLOB NOT NULL,
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (scope, serial)
) STRICT, WITHOUT ROWID;

-- A version that can be read whole from one range of rows.
CREATE TABLE checkpoint (
    scope INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (scope, serial)
) STRICT, WITHOUT ROWID;

-- A record as a version left it; body and digest are null where it went.
CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    body BLOB,
    digest BLOB
) STRICT;

-- An operation: what it was opened with, as JSON.
CREATE TABLE operation (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    plan TEXT NOT NULL,
    nonce BLOB NOT NULL,
    opened TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TABLE operation_scope (
    scope INTEGER NOT NULL,
    number INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;

-- id = operation * 2^32 + number.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    nonce BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    payload BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TABLE lease (
    scope INTEGER NOT NULL,
    number INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;
";

const FORMAT_2: &str = "
ALTER TABLE scope ADD COLUMN operations INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope ADD COLUMN lease_entries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operation ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN digest BLOB;
ALTER TABLE project ADD COLUMN digest BLOB;

UPDATE scope SET
    operations = (SELECT coalesce(max(number), 0) FROM operation_scope WHERE scope = scope.id),
    lease_entries = (SELECT coalesce(max(number), 0) FROM lease WHERE scope = scope.id);
UPDATE operation SET entries =
    (SELECT count(*) FROM journal WHERE journal.id >> 32 = operation.id);
";

/// The format that a database has.
pub(crate) fn format_of(sql: &Connection) -> Outcome<u32> {
    Ok(sql.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Climbs from the database's format to [`FORMAT`], each step in a transaction of its own.
pub(crate) fn climb(sql: &mut Connection) -> Outcome<()> {
    loop {
        let transaction = sql.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read again under the lock: another process may have climbed meanwhile.
        let format = format_of(&transaction)?;
        let step = usize::try_from(format).ok().and_then(|format| STEPS.get(format));
        let Some(step) = step else { return Ok(()) };
        step(&transaction)?;
        transaction.pragma_update(None, "user_version", format + 1)?;
        transaction.commit()?;
    }
}
