//! One file: read within a limit, and checked to be UTF-8.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Sources, Span};

/// The bytes of a file, if there are not too many.
pub(super) fn read(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let file = File::open(path).map_err(|error| unreadable(name, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(name, &error))?;
    if metadata.is_dir() {
        return Err(Box::new(Diagnostic::error(code::UNREADABLE, format!("{name} is a folder"))));
    }
    if metadata.len() > limit {
        return Err(too_large(name, Some(metadata.len()), limit).into());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // A device or a pipe has no length beforehand, and a file may grow.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > limit {
        return Err(too_large(name, None, limit).into());
    }
    Ok(bytes)
}

/// Takes a text into `sources`.
pub(super) fn decode(
    bytes: Vec<u8>,
    name: &str,
    sources: &mut Sources,
) -> Result<FileId, Box<Diagnostic>> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(name, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            // Up to the bad byte the text is what it was, so the place is right.
            let file = sources.add(name, String::from_utf8_lossy(&bytes));
            Err(not_utf8(file, name, at, &bytes).into())
        }
    }
}

fn not_utf8(file: FileId, name: &str, at: usize, bytes: &[u8]) -> Diagnostic {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let hint = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it looks like UTF-16: save it as UTF-8",
        _ => "save it as UTF-8",
    };
    let shown = char::REPLACEMENT_CHARACTER.len_utf8();
    Diagnostic::error(code::NOT_UTF8, format!("{name} is not UTF-8"))
        .at(
            Span::new(file, at as u32..(at + shown) as u32),
            format!("the byte {byte:#04x}, at offset {at}, cannot stand here"),
        )
        .hint(hint)
}

pub(super) fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    let (reason, hint) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such file".to_owned(), "check the name"),
        io::ErrorKind::PermissionDenied => {
            ("permission is denied".to_owned(), "check who may read it")
        }
        _ => (error.to_string(), "check the file"),
    };
    Diagnostic::error(code::UNREADABLE, format!("cannot read {name}: {reason}")).hint(hint)
}

pub(super) fn too_large(name: &str, bytes: Option<u64>, limit: u64) -> Diagnostic {
    let limit = limit >> 20;
    let summary = match bytes {
        Some(bytes) => format!("{name} is {} MiB large; at most {limit} MiB are read", bytes >> 20),
        None => format!("{name} holds more than {limit} MiB, and no more are read"),
    };
    Diagnostic::error(code::LIMIT, summary)
        .hint("split it, or leave it out with a `.mpctlignore` file if it is no spec")
}
