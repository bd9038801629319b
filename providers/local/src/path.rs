//! From paths as users write them to paths of the machine, and words for what goes wrong there.

use std::io;
use std::path::{Path, PathBuf};

use mpctl_provider::contract::ProjectContext;
use mpctl_provider::{Fault, Value};

/// The text attribute `name` of `value`, if it is set and known.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// The path that the attribute `name` holds, as one of the machine.
pub(crate) fn machine_path(
    project: &ProjectContext,
    value: &Value,
    name: &str,
) -> Result<PathBuf, Fault> {
    let given = text(value, name)
        .ok_or_else(|| Fault::permanent(format!("`{name}` is not set or not known")))?;
    in_project(project, given)
}

/// `given`, relative to the project's folder unless it is absolute.
pub(crate) fn in_project(project: &ProjectContext, given: &str) -> Result<PathBuf, Fault> {
    if given.is_empty() || given.contains('\0') {
        return Err(Fault::permanent(format!("{given:?} is no path")));
    }
    Ok(project.root.join(given))
}

/// The fault for `error`, met on the way to `doing` something ("read", "write") with `path`. Errors of the
/// file system are definite; full disks and the like may pass.
pub(crate) fn fault(doing: &str, path: &Path, error: &io::Error) -> Fault {
    use io::ErrorKind::{
        Interrupted, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, ResourceBusy,
        StorageFull, TimedOut, WouldBlock,
    };
    let summary = format!("cannot {doing} {}: {error}", path.display());
    match error.kind() {
        Interrupted | ResourceBusy | TimedOut | WouldBlock => Fault::retryable(summary),
        StorageFull | QuotaExceeded => {
            Fault::permanent(summary).hint("make room there, then run the command again")
        }
        PermissionDenied | ReadOnlyFilesystem => Fault::permanent(summary)
            .hint("the user that runs mpctl must be allowed to do this; see the modes of the folders above"),
        _ => Fault::permanent(summary),
    }
}
