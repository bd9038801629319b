//! How the content of a `source` travels from plan to apply, and from apply to a later rollback.
//!
//! It goes in the private bytes: whole up to 1 MiB, larger by digest, so that apply writes just what was
//! reviewed or nothing. The bytes of the object hold it too, so that an earlier state can be brought back when
//! the source is long another. A source is a file of the project in clear, so none of this is secret.

use std::fs::File;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mpctl_provider::Fault;
use mpctl_provider::contract::ProjectContext;
use serde_json::{Value as Json, json};

use crate::content::{Fingerprint, Found, base64};
use crate::path;

/// The private bytes for content that was found.
pub(crate) fn pack(found: &Found) -> Arc<[u8]> {
    let mut packed = json!({ "sha256": found.fingerprint.sha256, "size": found.fingerprint.size });
    if let (Some(bytes), Json::Object(fields)) = (&found.bytes, &mut packed) {
        fields.insert("base64".into(), Json::String(base64(bytes)));
    }
    Arc::from(packed.to_string().into_bytes())
}

/// The content that private bytes carry.
pub(crate) struct Packed {
    /// The digest of the content.
    pub(crate) sha256: String,
    /// The content, where it was small enough.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Reads private bytes; `None` where they carry nothing.
pub(crate) fn unpack(private: &[u8]) -> Option<Packed> {
    let packed: Json = serde_json::from_slice(private).ok()?;
    let sha256 = packed.get("sha256")?.as_str()?.to_owned();
    let bytes = packed.get("base64").and_then(Json::as_str).and_then(|t| STANDARD.decode(t).ok());
    Some(Packed { sha256, bytes })
}

/// The source as it is now; `None` where there is no such file (yet).
pub(crate) fn look(project: &ProjectContext, source: &str) -> Result<Option<Found>, Fault> {
    let path = path::in_project(project, source)?;
    match File::open(&path).and_then(|mut file| Found::read(&mut file)) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(path::fault("read", &path, &error)),
    }
}

/// The source's content as it was planned.
pub(crate) fn content(
    project: &ProjectContext,
    source: &str,
    private: &[u8],
) -> Result<Vec<u8>, Fault> {
    let packed = unpack(private);
    if let Some(Packed { bytes: Some(bytes), .. }) = packed {
        return Ok(bytes);
    }
    let path = path::in_project(project, source)?;
    let bytes = std::fs::read(&path).map_err(|error| path::fault("read", &path, &error))?;
    match packed {
        Some(packed) if packed.sha256 != Fingerprint::of(&bytes).sha256 => {
            Err(Fault::permanent(format!("{} is not what it was at plan time", path.display()))
                .hint("plan again to see what it holds now")
                .attribute(mpctl_provider::Path::attribute("source")))
        }
        _ => Ok(bytes),
    }
}
