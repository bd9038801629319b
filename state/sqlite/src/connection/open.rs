//! Opening a database that is there.
//!
//! It answers "there is none" only where neither database nor marker exists. It refuses an empty
//! file, a foreign one, one of a newer format, and one that is not the database its marker names.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use mpctl_state::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{birth, schema};
use crate::error::{Failure, Outcome, damaged};
use crate::{Mode, Options};

/// Opens the database; none where there has never been one.
pub(crate) fn existing(options: &Options) -> Outcome<Option<Connection>> {
    let marker = birth::read_marker(&options.path)?;
    match fs::metadata(&options.path) {
        Ok(found) if found.len() == 0 => {
            return Err(damaged("the file is empty, which no store ever is"));
        }
        Ok(found) if !found.is_file() => return Err(damaged("it is not a file")),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => {
            return match marker {
                None => Ok(None),
                Some(_) => Err(damaged(
                    "the file is gone, though its marker says that it was there; restore it, or \
                     remove the marker too to begin anew",
                )),
            };
        }
        Err(error) => return Err(Failure::Unavailable(error.to_string())),
    }
    let mut connection = connect(options)?;
    check_format(options, &mut connection)?;
    check_identity(options, &connection, marker.as_deref())?;
    Ok(Some(connection))
}

fn connect(options: &Options) -> Outcome<Connection> {
    let connection = match options.mode {
        Mode::Write => open_with(options, OpenFlags::SQLITE_OPEN_READ_WRITE)?,
        Mode::ReadOnly => open_with(options, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
    };
    // The first read is what shows whether a database in WAL mode can be used where it lies.
    match schema::format_of(&connection) {
        Ok(_) => Ok(connection),
        Err(Failure::Sqlite(error)) if cannot_make_shared_memory(&error, &options.path) => {
            open_immutable(options)
        }
        Err(failure) => Err(failure),
    }
}

/// Opens a file and sets what every connection needs; creates nothing.
pub(crate) fn open_with(options: &Options, how: OpenFlags) -> Outcome<Connection> {
    let flags = how | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&options.path, flags)?;
    configure(&connection, options)?;
    Ok(connection)
}

/// In a folder that may not be written to, SQLite cannot make the shared memory of a WAL. Where no
/// WAL is left, nobody is writing, and the file can be read as it lies.
fn cannot_make_shared_memory(error: &rusqlite::Error, path: &Path) -> bool {
    let refused = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    );
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    refused && fs::metadata(log).map_or(true, |found| found.len() == 0)
}

fn open_immutable(options: &Options) -> Outcome<Connection> {
    let Some(path) = options.path.to_str() else {
        return Err(Failure::Unavailable("its path is not UTF-8".to_owned()));
    };
    let mut uri = String::from("file:");
    for byte in path.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri, flags)?;
    configure(&connection, options)?;
    Ok(connection)
}

fn configure(connection: &Connection, options: &Options) -> Outcome<()> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn check_format(options: &Options, connection: &mut Connection) -> Outcome<()> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != schema::APPLICATION_ID {
        return Err(damaged("it is a database of another program"));
    }
    let format = schema::format_of(connection)?;
    if format > schema::FORMAT {
        return Err(Failure::Store(StoreError::NewerFormat {
            place: options.path.display().to_string(),
            found: format,
            supported: schema::FORMAT,
        }));
    }
    if format == 0 {
        return Err(damaged("it has no format number"));
    }
    if format == schema::FORMAT {
        return Ok(());
    }
    if options.mode == Mode::ReadOnly || connection.is_readonly("main")? {
        return Err(Failure::Unavailable(format!(
            "it has the older format {format} and must be migrated, but may only be read"
        )));
    }
    schema::climb(connection)
}

fn check_identity(options: &Options, connection: &Connection, marker: Option<&str>) -> Outcome<()> {
    let id: String = connection.query_row("SELECT id FROM store", [], |row| row.get(0))?;
    match marker {
        Some(marker) if marker != id => Err(damaged(format!(
            "its id is {id}, but the marker beside it names {marker}: another database has been \
             put in its place"
        ))),
        Some(_) => Ok(()),
        // Whoever made the database was stopped before it wrote the marker.
        None if options.mode == Mode::Write && !connection.is_readonly("main")? => {
            birth::write_marker(&options.path, &id)
        }
        None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_can_be_written_the_file_is_read_as_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a folder?mode=memory%41&x=\u{fc}#.db");
        let options = Options { mode: Mode::ReadOnly, ..Options::at(&path) };
        drop(birth::existing_or_new(&Options::at(&path)).unwrap());
        let connection = open_immutable(&options).unwrap();
        assert_eq!(schema::format_of(&connection).unwrap(), schema::FORMAT);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "database and marker");
    }

    #[test]
    fn a_log_that_holds_something_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let refused = rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error { code: ErrorCode::CannotOpen, extended_code: 14 },
            None,
        );
        assert!(cannot_make_shared_memory(&refused, &path));
        fs::write(folder.path().join("state.db-wal"), "").unwrap();
        assert!(cannot_make_shared_memory(&refused, &path));
        fs::write(folder.path().join("state.db-wal"), "a commit").unwrap();
        assert!(!cannot_make_shared_memory(&refused, &path));
    }
}
