//! The service's log: the process writes to the file itself, so its output costs the supervisor nothing and
//! outlives it.
//!
//! At its full size the file is copied to `FILE.1` and emptied. The process appends, so it goes on at the
//! beginning; what it writes between copy and emptying is lost, the price for not standing in its way.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The size at which a service's log is turned over.
pub(super) const FULL: u64 = 16 << 20;

/// The size at which a supervisor's own log is.
pub(super) const SUPERVISOR_FULL: u64 = 256 << 10;

/// Opens a log for appending; makes it and its folder where needed.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Turns the log over if it has the size `full`. Answers whether it did.
pub(super) fn turn_over(path: &Path, full: u64) -> io::Result<bool> {
    let length = fs::symlink_metadata(path).map(|data| if data.is_file() { data.len() } else { 0 });
    if length.unwrap_or(0) < full {
        return Ok(false);
    }
    fs::copy(path, older(path))?;
    OpenOptions::new().write(true).open(path)?.set_len(0)?;
    Ok(true)
}

fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_full_log_is_turned_over_under_its_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/dev/api-0.log");
        let mut writer = open(&path).unwrap();
        writer.write_all(b"old\n").unwrap();
        assert!(!turn_over(&path, 5).unwrap());
        assert!(turn_over(&path, 4).unwrap());
        writer.write_all(b"new\n").unwrap();
        assert_eq!(fs::read_to_string(older(&path)).unwrap(), "old\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
    }
}
