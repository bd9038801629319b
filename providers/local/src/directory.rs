//! Directories: the whole life of a `local_directory`.
//!
//! One that is there already is taken as made, as by `mkdir -p`; it is deleted only when empty, so nothing is
//! lost by that.

use std::fs::File;
use std::path::Path;

use mpctl_provider::contract::{Object, PlanReply, PlanRequest, ProjectContext};
use mpctl_provider::proposal::usual_plan;
use mpctl_provider::schema::BlockSchema;
use mpctl_provider::{Fault, Value};

use crate::path;
use crate::permission::{self, Mode};
use crate::plan::{same_as, with};
use crate::write;

/// What it would become.
pub(crate) fn plan(block: &BlockSchema, request: &PlanRequest) -> PlanReply {
    let mut reply = usual_plan(block, request, &[]);
    let mut changes = vec![("id", same_as(&request.proposed, "path"))];
    if request.config.get("permission").is_none_or(Value::is_null) {
        changes.push(("permission", Value::string(permission::DEFAULT)));
    }
    reply.planned = with(&reply.planned, changes);
    reply
}

/// What it is.
pub(crate) fn read(project: &ProjectContext, recorded: &Object) -> Result<Option<Object>, Fault> {
    let path = path::machine_path(project, &recorded.value, "path")?;
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            let mode = permission::observed(&recorded.value, "permission", &metadata);
            let value = with(&recorded.value, [("permission", mode)]);
            Ok(Some(Object { value, private: recorded.private.clone() }))
        }
        Ok(_) => Ok(None),
        Err(error) if write::is_absence(&error) => Ok(None),
        Err(error) => Err(path::fault("read", &path, &error)),
    }
}

/// Makes it, or gives it its mode.
pub(crate) fn make(project: &ProjectContext, planned: &Value) -> Result<Object, Fault> {
    let path = path::machine_path(project, planned, "path")?;
    let mode = Mode::of(planned, "permission")?;
    if path.exists() && !path.is_dir() {
        return Err(Fault::permanent(format!("{} is there already: a file", path.display()))
            .attribute(mpctl_provider::Path::attribute("path")));
    }
    let made = Mode::of(&Value::NULL, "permission")
        .map(|parents| write::make_folders(write::folder_of(&path), parents))?
        .and_then(|()| write::make_folders(&path, mode))
        .and_then(|()| if mode.is_exact() { mode.set(&File::open(&path)?) } else { Ok(()) });
    made.map_err(|error| path::fault("make the directory", &path, &error))?;
    Ok(Object::new(with(planned, [("id", same_as(planned, "path"))])))
}

/// Deletes it if it is empty.
pub(crate) fn delete(project: &ProjectContext, recorded: &Value) -> Result<(), Fault> {
    let path = path::machine_path(project, recorded, "path")?;
    match std::fs::remove_dir(&path) {
        Ok(()) => write::sync_folder(write::folder_of(&path))
            .map_err(|error| path::fault("delete the directory", &path, &error)),
        Err(error) if write::is_absence(&error) && !path.exists() => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
            Err(not_empty(&path))
        }
        Err(error) => Err(path::fault("delete the directory", &path, &error)),
    }
}

fn not_empty(path: &Path) -> Fault {
    const NAMED: usize = 5;
    let mut names: Vec<_> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Fault::permanent(format!("the directory {} is not empty", path.display()))
        .detail(format!("it holds {}{more}", names.join(", ")))
        .hint("move away or delete what mpctl did not put there")
}
