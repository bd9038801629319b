//! Reading files as data.

use std::fs::File;
use std::io::Read;

use md5::Md5;
use mpctl_provider::contract::{DataRequest, ProjectContext};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::value::Type;
use mpctl_provider::{Fault, Path, Value};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::content::{base64, hex};
use crate::path;
use crate::plan::{same_as, with};
use crate::schema::FILE;

/// A larger file is refused: everything that is read is kept in memory and in the state.
const LARGEST: u64 = 16 << 20;

/// Reads one file.
pub(crate) fn read(
    _schema: &ProviderSchema,
    project: &ProjectContext,
    request: DataRequest,
) -> Result<Value, Fault> {
    if request.source_type.as_ref() != FILE {
        return Err(crate::unknown_type(&request.source_type));
    }
    let path = path::machine_path(project, &request.config, "filename")?;
    let at = Path::attribute("filename");
    let fault = |error| path::fault("read", &path, &error).attribute(at.clone());
    if std::fs::metadata(&path).map_err(fault)?.is_dir() {
        let summary = format!("{} is a directory, not a file", path.display());
        return Err(Fault::permanent(summary).attribute(at));
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(fault)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > LARGEST {
        let summary = format!("{} is larger than 16 MiB", path.display());
        return Err(Fault::permanent(summary).attribute(at));
    }
    Ok(describe(&request.config, &bytes))
}

fn describe(config: &Value, bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).map_or(Value::Null(Type::String), Value::string);
    let sha256 = Sha256::digest(bytes);
    let sha512 = Sha512::digest(bytes);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    with(
        config,
        [
            ("id", same_as(config, "filename")),
            ("content", text),
            ("content_base64", Value::string(base64(bytes))),
            ("content_md5", Value::string(hex(&Md5::digest(bytes)))),
            ("content_sha1", Value::string(hex(&Sha1::digest(bytes)))),
            ("content_sha256", Value::string(hex(&sha256))),
            ("content_base64sha256", Value::string(base64(&sha256))),
            ("content_sha512", Value::string(hex(&sha512))),
            ("content_base64sha512", Value::string(base64(&sha512))),
            ("size", Value::int(size)),
        ],
    )
}
