//! What a file or directory would become.
//!
//! Everything that follows from known content is known at plan time: digest and size too. What stands in the
//! way is found out at apply, not here; a `source` is looked at, since the plan carries it.

use std::sync::Arc;

use mpctl_provider::contract::{PlanReply, PlanRequest, ProjectContext};
use mpctl_provider::proposal::usual_plan;
use mpctl_provider::schema::{BlockSchema, ProviderSchema};
use mpctl_provider::value::{Entries, Type};
use mpctl_provider::{Fault, Path, Value};

use crate::content::{self, Fingerprint, Kind};
use crate::schema::{DIRECTORY, FILE};
use crate::{directory, permission, source};

/// Plans one object.
pub(crate) fn plan(
    schema: &ProviderSchema,
    project: &ProjectContext,
    request: PlanRequest,
) -> Result<PlanReply, Fault> {
    let Some(resource) = schema.resources.get(&request.resource_type) else {
        return Err(crate::unknown_type(&request.resource_type));
    };
    match request.resource_type.as_ref() {
        _ if request.proposed.is_null() => Ok(usual_plan(&resource.block, &request, &[])),
        FILE => file(&resource.block, project, &request),
        DIRECTORY => Ok(directory::plan(&resource.block, &request)),
        other => Err(crate::unknown_type(other)),
    }
}

fn file(
    block: &BlockSchema,
    project: &ProjectContext,
    request: &PlanRequest,
) -> Result<PlanReply, Fault> {
    let mut reply = usual_plan(block, request, &[]);
    let Some((kind, given)) = Kind::of(&request.proposed) else {
        return Err(no_content());
    };
    let sensitive = given.contains_sensitive();
    reply.private = Arc::from([]);
    let fingerprint = match (kind, given.as_str()) {
        (Kind::Source, Some(path)) => source::look(project, path)?.map(|found| {
            reply.private = source::pack(&found);
            found.fingerprint
        }),
        _ => content::inline(kind, given)?.map(|bytes| Fingerprint::of(&bytes)),
    };
    let [digest, size] = match fingerprint {
        Some(fingerprint) => fingerprint.attributes(sensitive),
        None => [
            ("content_sha256", Value::unknown(Type::String).sensitive_if(sensitive)),
            ("size", Value::unknown(Type::Number).sensitive_if(sensitive)),
        ],
    };
    let unset = |name: &str| request.config.get(name).is_none_or(Value::is_null);
    let mut changes = vec![digest, size, ("id", same_as(&request.proposed, "filename"))];
    if unset("file_permission") {
        let mode = if sensitive { permission::PRIVATE } else { permission::DEFAULT };
        changes.push(("file_permission", Value::string(mode)));
    }
    if unset("directory_permission") {
        changes.push(("directory_permission", Value::string(permission::DEFAULT)));
    }
    reply.planned = with(&reply.planned, changes);
    Ok(reply)
}

/// The value of the attribute `name`, for an `id` that is the same text.
pub(crate) fn same_as(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_else(|| Value::unknown(Type::String))
}

/// The object with some attributes set.
pub(crate) fn with<'n>(
    object: &Value,
    changes: impl IntoIterator<Item = (&'n str, Value)>,
) -> Value {
    let mut entries: Entries = object.as_entries().cloned().unwrap_or_default();
    for (name, value) in changes {
        entries.insert(Arc::from(name), value);
    }
    Value::Object(Arc::new(entries))
}

/// The fault for a file of which nothing says what it holds.
pub(crate) fn no_content() -> Fault {
    Fault::permanent("nothing says what the file holds")
        .hint("set one of `content`, `content_base64` and `source`; `content = \"\"` makes an empty file")
        .attribute(Path::attribute("content"))
}
