//! What the schema alone cannot say of a configuration.

use mpctl_provider::contract::ValidateRequest;
use mpctl_provider::{Fault, Path, Value};

use crate::content::{self, Kind};
use crate::permission::{self, Mode};
use crate::plan::no_content;
use crate::schema::FILE;

/// Every mistake in one configuration; what is unknown is taken to be right.
pub(crate) fn validate(request: &ValidateRequest) -> Vec<Fault> {
    let config = &request.config;
    let mut faults = Vec::new();
    if request.resource_type.as_ref() == FILE {
        faults.extend(contents(config));
    }
    for name in ["file_permission", "directory_permission", "permission"] {
        if let Some(text) = config.get(name).and_then(Value::as_str)
            && Mode::parse(text).is_none()
        {
            faults.push(permission::refused(name, text));
        }
    }
    for name in ["filename", "path", "source"] {
        if config
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|t| t.is_empty() || t.contains('\0'))
        {
            faults.push(
                Fault::permanent(format!("`{name}` is no path")).attribute(Path::attribute(name)),
            );
        }
    }
    faults
}

fn contents(config: &Value) -> Option<Fault> {
    let given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
    let set: Vec<_> = Kind::ALL.iter().map(|(_, name)| *name).filter(|name| given(name)).collect();
    match set.as_slice() {
        [] => Some(no_content()),
        [_] => {
            let (kind, value) = Kind::of(config)?;
            content::inline(kind, value).err()
        }
        [first, second, ..] => Some(
            Fault::permanent(format!("both `{first}` and `{second}` say what the file holds"))
                .hint("keep one of them")
                .attribute(Path::attribute(*second)),
        ),
    }
}
