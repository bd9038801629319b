//! What a file is to hold, what it holds, and how that stands in its attributes.
//!
//! Contents up to [`KEPT`] are kept in what a read returns, so that a plan can show a difference and an
//! overwritten edit can be brought back; of larger ones the digest alone.

use std::fs::File;
use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mpctl_provider::value::Number;
use mpctl_provider::{Fault, Path, Value};
use sha2::{Digest, Sha256};

/// Up to so many bytes are kept of a file that was read.
pub(crate) const KEPT: usize = 1 << 20;

/// Which attribute says what a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// `content`
    Text,
    /// `content_base64`
    Base64,
    /// `source`
    Source,
}

impl Kind {
    /// All of them with the names of their attributes.
    pub(crate) const ALL: [(Kind, &'static str); 3] =
        [(Kind::Text, "content"), (Kind::Base64, "content_base64"), (Kind::Source, "source")];

    /// The first that `value` sets, with its value (which may be unknown).
    pub(crate) fn of(value: &Value) -> Option<(Kind, &Value)> {
        Kind::ALL.into_iter().find_map(|(kind, name)| {
            value.get(name).filter(|given| !given.is_null()).map(|given| (kind, given))
        })
    }
}

/// Digest and size of some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fingerprint {
    /// SHA-256 in hex.
    pub(crate) sha256: String,
    /// How many bytes.
    pub(crate) size: u64,
}

impl Fingerprint {
    /// Of bytes in memory.
    pub(crate) fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint { sha256: hex(&Sha256::digest(bytes)), size: bytes.len() as u64 }
    }

    /// Whether the attributes of `value` are these.
    pub(crate) fn matches(&self, value: &Value) -> bool {
        value.get("content_sha256").and_then(Value::as_str) == Some(self.sha256.as_str())
    }

    /// The attributes `content_sha256` and `size`, marked where `sensitive`: a digest gives a short secret away.
    pub(crate) fn attributes(&self, sensitive: bool) -> [(&'static str, Value); 2] {
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        [
            ("content_sha256", Value::string(self.sha256.as_str()).sensitive_if(sensitive)),
            ("size", Value::Number(Number::from(size)).sensitive_if(sensitive)),
        ]
    }
}

/// A file's bytes as far as they are kept, and the digest of all of them.
pub(crate) struct Found {
    /// The bytes, unless they are more than [`KEPT`].
    pub(crate) bytes: Option<Vec<u8>>,
    /// Digest and size.
    pub(crate) fingerprint: Fingerprint,
}

impl Found {
    /// Reads `file` to its end.
    pub(crate) fn read(file: &mut File) -> io::Result<Found> {
        let mut bytes = Vec::new();
        file.by_ref().take(KEPT as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() <= KEPT {
            let fingerprint = Fingerprint::of(&bytes);
            return Ok(Found { bytes: Some(bytes), fingerprint });
        }
        let mut digest = Sha256::new();
        let mut size = bytes.len() as u64;
        digest.update(&bytes);
        let mut block = vec![0; 1 << 16];
        loop {
            match file.read(&mut block)? {
                0 => break,
                read => {
                    digest.update(&block[..read]);
                    size += read as u64;
                }
            }
        }
        let fingerprint = Fingerprint { sha256: hex(&digest.finalize()), size };
        Ok(Found { bytes: None, fingerprint })
    }
}

/// The bytes that `content` or `content_base64` stand for; `None` where the value is not known.
pub(crate) fn inline(kind: Kind, given: &Value) -> Result<Option<Vec<u8>>, Fault> {
    let Some(text) = given.as_str() else { return Ok(None) };
    match kind {
        Kind::Text => Ok(Some(text.as_bytes().to_vec())),
        Kind::Base64 => STANDARD.decode(text).map(Some).map_err(|_| {
            Fault::permanent("`content_base64` is not base64")
                .hint("use `base64encode(...)`, or put text into `content`")
                .attribute(Path::attribute("content_base64"))
        }),
        Kind::Source => Ok(None),
    }
}

/// Base64 with the usual alphabet, padded.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
