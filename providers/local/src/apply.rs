//! Writing and deleting files and directories.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use mpctl_provider::contract::{ApplyAction, ApplyReply, ApplyRequest, Object, ProjectContext};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::{Fault, Value};

use crate::content::{self, Fingerprint, Found, KEPT, Kind};
use crate::permission::Mode;
use crate::plan::{same_as, with};
use crate::schema::{DIRECTORY, FILE};
use crate::write::{self, Target};
use crate::{directory, path, read, source};

/// Applies one step.
pub(crate) fn apply(
    _schema: &ProviderSchema,
    project: &ProjectContext,
    request: ApplyRequest,
) -> Result<ApplyReply, Fault> {
    let object = match (request.resource_type.as_ref(), request.action) {
        (FILE, ApplyAction::Delete) => delete(project, prior(&request)?).map(|()| None),
        (DIRECTORY, ApplyAction::Delete) => {
            directory::delete(project, prior(&request)?).map(|()| None)
        }
        (FILE, _) => write_file(project, &request).map(Some),
        (DIRECTORY, _) => directory::make(project, planned(&request)?).map(Some),
        (other, _) => Err(crate::unknown_type(other)),
    }?;
    Ok(ApplyReply { object })
}

fn prior(request: &ApplyRequest) -> Result<&Value, Fault> {
    let prior = request.prior.as_ref().map(|prior| &prior.value);
    prior.ok_or_else(|| Fault::permanent("the step lacks the recorded object"))
}

fn planned(request: &ApplyRequest) -> Result<&Value, Fault> {
    request.planned.as_ref().ok_or_else(|| Fault::permanent("the step lacks the planned object"))
}

fn write_file(project: &ProjectContext, request: &ApplyRequest) -> Result<Object, Fault> {
    let planned = planned(request)?;
    let path = path::machine_path(project, planned, "filename")?;
    let (bytes, kind, sensitive) = content_to_write(project, planned, &request.private)?;
    let mode = Mode::of(planned, "file_permission")?;
    let target = Target {
        path: &path,
        bytes: &bytes,
        mode,
        directory_mode: Mode::of(planned, "directory_permission")?,
        new: request.action == ApplyAction::Create,
    };
    match target.write() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && target.new => {
            adopt(&target)?;
        }
        written => written.map_err(|error| path::fault("write", &path, &error))?,
    }

    let fingerprint = Fingerprint::of(&bytes);
    let [digest, size] = fingerprint.attributes(sensitive);
    let value = with(planned, [digest, size, ("id", same_as(planned, "filename"))]);
    let private = match kind {
        Kind::Source => {
            let bytes = Some(bytes).filter(|bytes| bytes.len() <= KEPT);
            source::pack(&Found { bytes, fingerprint })
        }
        Kind::Text | Kind::Base64 => Arc::from([]),
    };
    Ok(Object { value, private })
}

fn content_to_write(
    project: &ProjectContext,
    planned: &Value,
    private: &[u8],
) -> Result<(Vec<u8>, Kind, bool), Fault> {
    let Some((kind, given)) = Kind::of(planned) else {
        return Err(Fault::permanent(
            "what the file held is not kept, since it was larger than 1 MiB",
        ));
    };
    let not_known = || Fault::permanent("the content of the file is not known");
    let bytes = match kind {
        Kind::Source => source::content(project, given.as_str().ok_or_else(not_known)?, private)?,
        _ => content::inline(kind, given)?.ok_or_else(not_known)?,
    };
    Ok((bytes, kind, given.contains_sensitive()))
}

/// A file stands where one is to be created. One that holds just the right thing is ours (the create was
/// interrupted before it was recorded) or as good as ours; any other belongs to somebody else.
fn adopt(target: &Target<'_>) -> Result<(), Fault> {
    let fault = |error: io::Error| path::fault("read", target.path, &error);
    let same = match read::open(target.path).map_err(fault)? {
        Some((mut file, _)) => {
            let found = Found::read(&mut file).map_err(fault)?;
            let same = found.fingerprint == Fingerprint::of(target.bytes);
            if same {
                target
                    .mode
                    .set(&file)
                    .map_err(|e| path::fault("set the mode of", target.path, &e))?;
            }
            same
        }
        None => false,
    };
    if same { Ok(()) } else { Err(foreign(target.path)) }
}

fn foreign(path: &Path) -> Fault {
    let what = if path.is_dir() { "a directory" } else { "a file with other content" };
    Fault::permanent(format!("{} is there already: {what} that mpctl did not make", path.display()))
        .hint("import it to have it managed and overwritten, or move it out of the way")
        .attribute(mpctl_provider::Path::attribute("filename"))
}

fn delete(project: &ProjectContext, recorded: &Value) -> Result<(), Fault> {
    let path = path::machine_path(project, recorded, "filename")?;
    if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Fault::permanent(format!(
            "{} is a directory now, which deleting a file must not remove",
            path.display()
        )));
    }
    write::delete(&path).map_err(|error| path::fault("delete", &path, &error))
}
