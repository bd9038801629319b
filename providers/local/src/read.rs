//! What a file or directory is now.
//!
//! An edit by hand shows in `content` (or `content_base64` where it is no text), so that a plan can show what
//! it would take back. A file that is gone, or in whose place something else stands, is not there.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use mpctl_provider::contract::{Object, ProjectContext, ReadRequest};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::value::Type;
use mpctl_provider::{Fault, Value};

use crate::content::{Found, Kind, base64};
use crate::path;
use crate::plan::with;
use crate::schema::{DIRECTORY, FILE};
use crate::{directory, permission, source};

/// Reads one object.
pub(crate) fn read(
    _schema: &ProviderSchema,
    project: &ProjectContext,
    request: ReadRequest,
) -> Result<Option<Object>, Fault> {
    match request.resource_type.as_ref() {
        FILE => file(project, &request.object),
        DIRECTORY => directory::read(project, &request.object),
        other => Err(crate::unknown_type(other)),
    }
}

/// The regular file at `path`, open, with its metadata; `None` where there is none.
pub(crate) fn open(path: &Path) -> io::Result<Option<(File, std::fs::Metadata)>> {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    let looked = std::fs::metadata(path).and_then(|metadata| {
        if metadata.is_file() {
            File::open(path).map(|file| Some((file, metadata)))
        } else {
            Ok(None)
        }
    });
    match looked {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        other => other,
    }
}

fn file(project: &ProjectContext, recorded: &Object) -> Result<Option<Object>, Fault> {
    let path = path::machine_path(project, &recorded.value, "filename")?;
    let fault = |error: io::Error| path::fault("read", &path, &error);
    let Some((mut file, metadata)) = open(&path).map_err(fault)? else { return Ok(None) };
    let found = Found::read(&mut file).map_err(fault)?;
    let mode = permission::observed(&recorded.value, "file_permission", &metadata);
    let value = with(&recorded.value, [("file_permission", mode)]);
    if found.fingerprint.matches(&recorded.value) {
        return Ok(Some(Object { value, private: recorded.private.clone() }));
    }
    Ok(Some(edited(&value, recorded.private.clone(), &found)))
}

/// The object `recorded`, holding what was found.
pub(crate) fn edited(recorded: &Value, private: Arc<[u8]>, found: &Found) -> Object {
    let sensitive =
        Kind::ALL.iter().any(|(_, name)| recorded.get(name).is_some_and(Value::contains_sensitive));
    let kind = Kind::of(recorded).map_or(Kind::Text, |(kind, _)| kind);
    let mut changes = found.fingerprint.attributes(sensitive).to_vec();
    if kind == Kind::Source {
        return Object { value: with(recorded, changes), private: source::pack(found) };
    }
    let text = found.bytes.as_deref().and_then(|bytes| match kind {
        Kind::Text => std::str::from_utf8(bytes).ok(),
        Kind::Base64 | Kind::Source => None,
    });
    let encoded = found.bytes.as_deref().filter(|_| text.is_none()).map(base64);
    let kept = |text: Option<&str>| {
        text.map_or(Value::Null(Type::String), Value::string).sensitive_if(sensitive)
    };
    changes.push(("content", kept(text)));
    changes.push(("content_base64", kept(encoded.as_deref())));
    Object { value: with(recorded, changes), private }
}
