//! Sealing: how sensitive values are kept in state, journal and plan files.
//!
//! XChaCha20-Poly1305 with a nonce derived from key and content (HMAC-SHA-256, cut to 24 bytes): the same
//! value under the same key gives the same bytes, so that a record that did not change keeps its digest, and
//! no source of randomness is needed here. What that gives away is only whether two sealed values are equal.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use mpctl_provider::value::codec::{Seal, SealError, Sealed};
use sha2::{Digest, Sha256};

/// Bytes of a nonce.
const NONCE: usize = 24;

/// A key that seals and opens.
pub struct SealKey {
    id: String,
    bytes: [u8; 32],
    cipher: XChaCha20Poly1305,
}

impl SealKey {
    /// A key of 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> SealKey {
        let mut hash = Sha256::new();
        hash.update(b"mpctl key id 1");
        hash.update(bytes);
        let id = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        SealKey { id, bytes, cipher: XChaCha20Poly1305::new(&Key::from(bytes)) }
    }

    /// What the key is called in everything that it seals.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn nonce(&self, clear: &[u8]) -> [u8; NONCE] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.bytes)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(b"mpctl nonce 1");
        mac.update(clear);
        let digest = mac.finalize().into_bytes();
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&digest[..NONCE]);
        nonce
    }
}

impl Seal for SealKey {
    fn seal(&self, clear: &[u8]) -> Result<Sealed, SealError> {
        let nonce = self.nonce(clear);
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), clear);
        let sealed = sealed.map_err(|_| SealError::Failed("the value is too long".into()))?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(Sealed { key: self.id.clone(), bytes })
    }

    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        if sealed.key != self.id {
            return Err(SealError::UnknownKey(sealed.key.clone()));
        }
        let (nonce, text) = sealed.bytes.split_at_checked(NONCE).ok_or(SealError::Damaged)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| SealError::Damaged)?;
        self.cipher.decrypt(&XNonce::from(nonce), text).map_err(|_| SealError::Damaged)
    }
}

/// Shows which key it is, never the key.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.id)
    }
}
