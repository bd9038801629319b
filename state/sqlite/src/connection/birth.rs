//! The birth of a database.
//!
//! It is made whole under a temporary name: schema, WAL mode, closed, synced. Then it is put in
//! place by a rename or link that replaces nothing, and the folder is synced. Whoever loses that
//! race removes its own and uses the winner's. So the file under the final name is never empty or
//! half made, and one that is has been damaged. The marker beside it, written afterwards, makes a
//! database that has vanished damage too.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use uuid::Uuid;

use super::{open, schema};
use crate::Options;
use crate::error::{Failure, Outcome, damaged};

/// Opens the database, or makes it where there has never been one.
pub(crate) fn existing_or_new(options: &Options) -> Outcome<rusqlite::Connection> {
    if let Some(connection) = open::existing(options)? {
        return Ok(connection);
    }
    bear(options)?;
    open::existing(options)?.ok_or_else(|| damaged("the file vanished while it was being made"))
}

fn bear(options: &Options) -> Outcome<()> {
    let folder = folder_of(&options.path);
    make_folder(&folder)?;
    let id = Uuid::new_v4().to_string();
    let temporary = beside(&options.path, &format!(".new-{id}"));
    let made = make(options, &temporary, &id)
        .and_then(|()| put_in_place(&temporary, &options.path))
        .and_then(|()| sync_folder(&folder));
    if !matches!(made, Ok(())) || temporary.exists() {
        for leftover in ["", "-wal", "-shm", "-journal"] {
            // What is left over hurts nobody, and the first error is the one to tell.
            let _ = fs::remove_file(beside(&temporary, leftover));
        }
    }
    made
}

/// Makes a complete database under a temporary name.
fn make(options: &Options, temporary: &Path, id: &str) -> Outcome<()> {
    let how = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let options = Options { path: temporary.to_owned(), ..options.clone() };
    let mut connection = open::open_with(&options, how)?;
    connection.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    schema::climb(&mut connection)?;
    connection.execute("INSERT INTO store (id) VALUES (?1)", [id])?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(temporary).and_then(|file| file.sync_all()).map_err(unavailable)
}

/// Gives the finished database its name, unless the name is taken.
fn put_in_place(temporary: &Path, path: &Path) -> Outcome<()> {
    match renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        // Not every file system can rename so; all that can link refuse to replace.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::hard_link(temporary, path) {
            Ok(()) => fs::remove_file(temporary).map_err(unavailable),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(unavailable(error)),
        },
        Err(error) => Err(unavailable(error.into())),
    }
}

fn make_folder(folder: &Path) -> Outcome<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .map_err(|error| Failure::Unavailable(format!("its folder cannot be made: {error}")))?;
    sync_folder(&folder_of(folder))
}

/// The marker beside a database.
fn marker_path(path: &Path) -> PathBuf {
    beside(path, ".id")
}

/// The id that the marker names; none where there is no marker.
pub(crate) fn read_marker(path: &Path) -> Outcome<Option<String>> {
    match fs::read_to_string(marker_path(path)) {
        Ok(text) => Ok(Some(text.trim_end().to_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(Failure::Unavailable(format!("its marker cannot be read: {error}"))),
    }
}

/// Writes the marker, whole or not at all.
pub(crate) fn write_marker(path: &Path, id: &str) -> Outcome<()> {
    let folder = folder_of(path);
    let temporary = beside(path, &format!(".id.new-{}", Uuid::new_v4()));
    let write = || {
        let mut file = File::create_new(&temporary)?;
        writeln!(file, "{id}")?;
        file.sync_all()?;
        fs::rename(&temporary, marker_path(path))
    };
    write().map_err(unavailable)?;
    sync_folder(&folder)
}

fn sync_folder(folder: &Path) -> Outcome<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unavailable)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    name.into()
}

fn unavailable(error: std::io::Error) -> Failure {
    Failure::Unavailable(error.to_string())
}
