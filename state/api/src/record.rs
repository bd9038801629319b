//! A record: one named, opaque body with its digest.
//!
//! The digest covers key and body together, so a body that has strayed to another key is found as
//! surely as a flipped bit. A [`Record`] in memory always agrees with its digest: it is made from
//! key and body, or checked when it is read from a store.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::digest::{Digest, Fields};
use crate::error::{Result, StoreError};
use crate::name::check_name;

/// Opaque bytes. Cloning shares them.
pub type Body = Arc<[u8]>;

/// The largest record body, in bytes (64 MiB): what every store must be able to keep.
pub const LARGEST_BODY: usize = 64 << 20;

/// One record of a state. Cloning shares key and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    key: Arc<str>,
    body: Body,
    digest: Digest,
}

impl Record {
    /// Makes a record and computes its digest.
    #[must_use]
    pub fn new(key: impl Into<Arc<str>>, body: impl Into<Body>) -> Self {
        let (key, body) = (key.into(), body.into());
        let digest = digest_of(&key, &body);
        Self { key, body, digest }
    }

    /// Takes a record that was read from a store; `None` where it does not agree with the digest
    /// that was stored with it.
    #[must_use]
    pub fn from_stored(key: Arc<str>, body: Body, digest: Digest) -> Option<Self> {
        (digest_of(&key, &body) == digest).then_some(Self { key, body, digest })
    }

    /// Its key, an address as a rule.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its key, shared.
    #[must_use]
    pub fn shared_key(&self) -> Arc<str> {
        self.key.clone()
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The digest of key and body.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How keys are ordered everywhere: by their UTF-8 bytes.
    #[must_use]
    pub fn compare_keys(&self, other: &Self) -> Ordering {
        self.key.as_bytes().cmp(other.key.as_bytes())
    }

    /// Checks that every store can keep it.
    ///
    /// # Errors
    /// [`StoreError::InvalidName`] or [`StoreError::TooLarge`].
    pub fn check(&self) -> Result<()> {
        check_name("record key", &self.key)?;
        if self.body.len() > LARGEST_BODY {
            return Err(StoreError::TooLarge {
                key: self.key.to_string(),
                bytes: self.body.len() as u64,
                limit: LARGEST_BODY as u64,
            });
        }
        Ok(())
    }
}

fn digest_of(key: &str, body: &[u8]) -> Digest {
    Fields::new("mpctl record 1").text(key).bytes(body).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_under_another_key_has_another_digest() {
        let web = Record::new("dev/resource.web", *b"{}");
        let api = Record::new("dev/resource.api", *b"{}");
        assert_ne!(web.digest(), api.digest());
    }

    #[test]
    fn a_stored_record_that_disagrees_with_its_digest_is_refused() {
        let record = Record::new("dev/resource.web", *b"{\"id\":1}");
        let flipped: Body = Arc::from(*b"{\"id\":0}");
        assert_eq!(Record::from_stored(record.shared_key(), flipped, record.digest()), None);
        let read = Record::from_stored(record.shared_key(), record.body().clone(), record.digest());
        assert_eq!(read, Some(record));
    }
}
