//! Finding files and directories that are there: to adopt them, and to settle an interrupted create.

use mpctl_provider::contract::{ImportRequest, LookupRequest, Object, PlanRequest, ProjectContext};
use mpctl_provider::proposal::proposed;
use mpctl_provider::schema::{BlockSchema, ProviderSchema};
use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Value};

use crate::content::{Found, Kind};
use crate::permission;
use crate::plan::{plan, with};
use crate::read;
use crate::schema::{DIRECTORY, FILE};
use crate::{directory, path, source};

/// The file or directory at the path that is the id.
pub(crate) fn import(
    schema: &ProviderSchema,
    project: &ProjectContext,
    request: ImportRequest,
) -> Result<Option<Object>, Fault> {
    let id = Value::String(request.id.clone());
    let default = || Value::string(permission::DEFAULT);
    match (request.resource_type.as_ref(), schema.resources.get(&request.resource_type)) {
        (FILE, Some(resource)) => {
            let path = path::in_project(project, &request.id)?;
            let fault = |error| path::fault("read", &path, &error);
            let Some((mut file, _)) = read::open(&path).map_err(fault)? else { return Ok(None) };
            let found = Found::read(&mut file).map_err(fault)?;
            let known = [
                ("id", id.clone()),
                ("filename", id),
                ("file_permission", default()),
                ("directory_permission", default()),
            ];
            let object = with(&empty(&resource.block), known);
            Ok(Some(read::edited(&object, [].into(), &found)))
        }
        (DIRECTORY, Some(resource)) => {
            let known = [("id", id.clone()), ("path", id), ("permission", default())];
            directory::read(project, &Object::new(with(&empty(&resource.block), known)))
        }
        (other, _) => Err(crate::unknown_type(other)),
    }
}

/// What an interrupted create made: a file that holds just what it was to hold, a directory.
pub(crate) fn lookup(
    schema: &ProviderSchema,
    project: &ProjectContext,
    request: LookupRequest,
) -> Result<Option<Object>, Fault> {
    let Some(resource) = schema.resources.get(&request.resource_type) else {
        return Err(crate::unknown_type(&request.resource_type));
    };
    let planned = plan(
        schema,
        project,
        PlanRequest {
            resource_type: request.resource_type.clone(),
            prior: None,
            proposed: proposed(&resource.block, None, &request.config),
            config: request.config,
        },
    )?;
    let object = Object { value: planned.planned, private: planned.private };
    if request.resource_type.as_ref() == DIRECTORY {
        return directory::read(project, &object);
    }
    let path = path::machine_path(project, &object.value, "filename")?;
    let fault = |error| path::fault("read", &path, &error);
    let Some((mut file, _)) = read::open(&path).map_err(fault)? else { return Ok(None) };
    let found = Found::read(&mut file).map_err(fault)?;
    if !found.fingerprint.matches(&object.value) {
        return Ok(None);
    }
    let private = match Kind::of(&object.value) {
        Some((Kind::Source, _)) => source::pack(&found),
        _ => [].into(),
    };
    Ok(Some(Object { value: object.value, private }))
}

/// An object of the block with every attribute null.
fn empty(block: &BlockSchema) -> Value {
    let nulls = block.attributes.iter();
    let entries: Entries =
        nulls.map(|(name, attribute)| (name.clone(), Value::Null(attribute.ty.clone()))).collect();
    Value::Object(std::sync::Arc::new(entries))
}
