//! Modes as users write them: `"0644"`.
//!
//! A mode is kept exactly, whatever the umask, with one exception: `0777`, which nobody wants to the letter
//! and which stands where no mode is given, means "what the umask allows", and is then not watched.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;

use mpctl_provider::{Fault, Path, Value};

/// What stands where no mode is given.
pub(crate) const DEFAULT: &str = "0777";
/// What stands where no mode is given and the content is sensitive.
pub(crate) const PRIVATE: &str = "0700";

/// A mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mode(u32);

impl Mode {
    /// Reads octal digits: three, or four where the first is for set-user-id, set-group-id and sticky.
    pub(crate) fn parse(text: &str) -> Option<Mode> {
        let octal = matches!(text.len(), 3 | 4) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
        octal.then(|| u32::from_str_radix(text, 8).ok().map(Mode)).flatten()
    }

    /// The mode that the attribute `name` asks for; [`DEFAULT`] where it is null.
    pub(crate) fn of(value: &Value, name: &str) -> Result<Mode, Fault> {
        match value.get(name).map(Value::bare) {
            Some(Value::String(text)) => Mode::parse(text).ok_or_else(|| refused(name, text)),
            _ => Ok(Mode(0o777)),
        }
    }

    /// The mode of a file that is there.
    pub(crate) fn found(metadata: &Metadata) -> Mode {
        Mode(metadata.permissions().mode() & 0o7777)
    }

    /// The bits to open a file with.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// Whether it is to be kept exactly.
    pub(crate) fn is_exact(self) -> bool {
        self.0 != 0o777
    }

    /// Gives an open file this mode, where it is to be kept exactly.
    pub(crate) fn set(self, file: &File) -> io::Result<()> {
        if self.is_exact() { file.set_permissions(Permissions::from_mode(self.0)) } else { Ok(()) }
    }
}

/// The same mode in four digits.
impl From<Mode> for Value {
    fn from(mode: Mode) -> Value {
        Value::string(format!("{:04o}", mode.0))
    }
}

/// The recorded mode, or the one found where it differs from what was to be kept.
pub(crate) fn observed(recorded: &Value, name: &str, metadata: &Metadata) -> Value {
    let kept = recorded.get(name).cloned().unwrap_or(Value::NULL);
    let found = Mode::found(metadata);
    match Mode::of(recorded, name) {
        Ok(wanted) if wanted.is_exact() && wanted != found => found.into(),
        _ => kept,
    }
}

/// The fault for text that is no mode.
pub(crate) fn refused(name: &str, text: &str) -> Fault {
    Fault::permanent(format!("`{name}` is {text:?}, which is no mode"))
        .hint("write a mode in octal digits, such as \"0644\"")
        .attribute(Path::attribute(name))
}
