//! The key of a local project: made when the first sensitive value has to be kept, and said once.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mpctl_provider::value::codec::{Seal, SealError, Sealed};

use crate::state::SealKey;

/// Seals with the project's key, which is read, or made, when it is first needed.
#[derive(Debug)]
pub struct ProjectKey {
    path: PathBuf,
    key: OnceLock<SealKey>,
    made: OnceLock<()>,
}

impl ProjectKey {
    /// The key in the project's private folder.
    pub fn in_folder(private: &std::path::Path) -> ProjectKey {
        ProjectKey { path: private.join("key"), key: OnceLock::new(), made: OnceLock::new() }
    }

    /// Where the key was made just now, if it was: to be told to the user once.
    pub fn newly_made(&self) -> Option<&std::path::Path> {
        self.made.get().map(|()| self.path.as_path())
    }

    fn stored(&self) -> Result<Option<&SealKey>, SealError> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key));
        }
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(SealError::Failed(format!(
                    "cannot read {}: {error}",
                    self.path.display()
                )));
            }
        };
        let bytes =
            BASE64.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes
            .ok_or_else(|| SealError::Failed(format!("{} holds no key", self.path.display())))?;
        Ok(Some(self.key.get_or_init(|| SealKey::new(bytes))))
    }

    fn make(&self) -> Result<&SealKey, SealError> {
        let failed = |error: String| {
            SealError::Failed(format!("cannot make {}: {error}", self.path.display()))
        };
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| failed(error.to_string()))?;
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
        match file {
            Ok(mut file) => {
                let written =
                    file.write_all(BASE64.encode(bytes).as_bytes()).and_then(|()| file.sync_all());
                written.map_err(|error| failed(error.to_string()))?;
                let _ = self.made.set(());
                Ok(self.key.get_or_init(|| SealKey::new(bytes)))
            }
            // Somebody else made it in between: theirs counts.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                self.stored()?.ok_or(SealError::NoKey)
            }
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

impl Seal for ProjectKey {
    fn seal(&self, clear: &[u8]) -> Result<Sealed, SealError> {
        match self.stored()? {
            Some(key) => key.seal(clear),
            None => self.make()?.seal(clear),
        }
    }

    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        match self.stored()? {
            Some(key) => key.open(sealed),
            None => Err(SealError::UnknownKey(sealed.key.clone())),
        }
    }
}
