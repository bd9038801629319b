//! Files as functions see them: confined to the project's folder and what it allows beside it.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::expr::{FileFault, Files};

/// The largest file that an expression may read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Where a project's state is: it changes with every apply, so it is never listed as something to plan with.
const PRIVATE: &str = ".mpctl";

/// The project's files.
#[derive(Debug)]
pub struct ProjectFiles {
    root: Arc<Path>,
    allowed: Vec<PathBuf>,
}

impl ProjectFiles {
    /// Files below `root`, and below what the project's `allowPaths` names.
    pub fn new(root: Arc<Path>, allowed: impl IntoIterator<Item = PathBuf>) -> ProjectFiles {
        let allowed = allowed.into_iter().map(|path| root.join(path)).collect();
        ProjectFiles { root, allowed }
    }

    fn locate(&self, path: &str) -> Result<PathBuf, FileFault> {
        if path.contains('\0') {
            return Err(FileFault("is no path".into()));
        }
        let full = lexical(&self.root.join(path));
        let inside = |path: &Path| {
            path.starts_with(&*self.root)
                || self.allowed.iter().any(|allowed| path.starts_with(allowed))
        };
        if !inside(&full) {
            return Err(outside());
        }
        // A link may lead out of the folder although its name does not.
        match full.canonicalize() {
            Ok(real) => {
                let root = self.root.canonicalize().unwrap_or_else(|_| self.root.to_path_buf());
                let allowed = |real: &Path| {
                    self.allowed
                        .iter()
                        .any(|a| a.canonicalize().is_ok_and(|allowed| real.starts_with(allowed)))
                };
                if real.starts_with(&root) || allowed(&real) { Ok(real) } else { Err(outside()) }
            }
            Err(_) => Ok(full),
        }
    }
}

fn outside() -> FileFault {
    FileFault(
        "lies outside the project's folder; name its folder in Project.spec.allowPaths to allow it"
            .into(),
    )
}

/// The path with `.` and `..` worked out by name.
fn lexical(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

fn fault(error: std::io::Error) -> FileFault {
    FileFault(match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".into(),
        std::io::ErrorKind::PermissionDenied => "cannot be read: permission denied".into(),
        _ => format!("cannot be read: {error}"),
    })
}

impl Files for ProjectFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileFault> {
        let full = self.locate(path)?;
        let metadata = std::fs::metadata(&full).map_err(fault)?;
        if !metadata.is_file() {
            return Err(FileFault("is not a regular file".into()));
        }
        if metadata.len() > MAX_BYTES {
            return Err(FileFault(format!(
                "has {} bytes, more than the {MAX_BYTES} that are read",
                metadata.len()
            )));
        }
        std::fs::read(full).map_err(fault)
    }

    fn exists(&self, path: &str) -> Result<bool, FileFault> {
        match std::fs::metadata(self.locate(path)?) {
            Ok(metadata) if metadata.is_file() => Ok(true),
            Ok(_) => Err(FileFault("is not a regular file".into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(fault(error)),
        }
    }

    fn absolute(&self, path: &str) -> Result<String, FileFault> {
        Ok(lexical(&self.root.join(path)).to_string_lossy().into_owned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, FileFault> {
        let top = self.locate(folder)?;
        let mut found = Vec::new();
        let mut open = vec![top.clone()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).map_err(fault)? {
                let entry = entry.map_err(fault)?;
                let kind = entry.file_type().map_err(fault)?;
                if kind.is_dir() {
                    if entry.file_name() != PRIVATE {
                        open.push(entry.path());
                    }
                } else if kind.is_file()
                    && let Ok(relative) = entry.path().strip_prefix(&top)
                {
                    found.push(relative.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn listing_leaves_out_the_state_and_what_lies_outside() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["b/c.txt", "a.txt", ".mpctl/state.db", "b/.mpctl/state.db", ".hidden/d"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let files = ProjectFiles::new(folder.path().into(), []);
        assert_eq!(files.list(".").unwrap(), [".hidden/d", "a.txt", "b/c.txt"]);
        assert_eq!(files.list("b").unwrap(), ["c.txt"]);
        assert_eq!(files.list("..").unwrap_err(), outside());
    }
}
