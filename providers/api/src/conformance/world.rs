//! What the suite can see of the real world: the project's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::contract::ProjectContext;

/// Every file and folder of the project but its private one, with what tells one state of it from another.
pub(super) fn look(project: &ProjectContext) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut seen = BTreeMap::new();
    walk(&project.root, &project.private, &mut seen)
        .map_err(|error| format!("cannot look at {}: {error}", project.root.display()))?;
    Ok(seen)
}

fn walk(
    folder: &Path,
    private: &Path,
    seen: &mut BTreeMap<PathBuf, Vec<u8>>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path == private {
            continue;
        }
        let metadata = path.symlink_metadata()?;
        if metadata.is_dir() {
            walk(&path, private, seen)?;
            seen.insert(path, Vec::new());
        } else if metadata.is_file() {
            let content = std::fs::read(&path)?;
            seen.insert(path, content);
        } else {
            seen.insert(path, Vec::new());
        }
    }
    Ok(())
}

/// The difference in words, or nothing where there is none.
pub(super) fn changes(
    before: &BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
) -> Option<String> {
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let other = after.iter().filter(|(path, content)| before.get(*path) != Some(content));
    let gone = gone.map(|path| format!("{} is gone", path.display()));
    let other = other.map(|(path, _)| format!("{} is new or other", path.display()));
    let all: Vec<_> = gone.chain(other).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
