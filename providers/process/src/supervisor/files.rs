//! The files that a service is given: below its private folder, readable for its owner only.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// The variable that names the folder.
pub(super) const VARIABLE: &str = "MPCTL_FILES";

/// Puts exactly these files below `folder`.
pub(super) fn write(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    remove(folder)?;
    for (path, content) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content.as_bytes())?;
    }
    Ok(())
}

/// Takes the files away.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn files_are_the_owners_alone_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        write(&files, &BTreeMap::from([("etc/old.toml".into(), "a = 1".into())])).unwrap();
        write(&files, &BTreeMap::from([("etc/api.toml".into(), "b = 2".into())])).unwrap();
        let path = files.join("etc/api.toml");
        assert_eq!(fs::read_to_string(&path).unwrap(), "b = 2");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!files.join("etc/old.toml").exists());
    }
}
