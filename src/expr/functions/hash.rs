//! Hashes of text and of files.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use mpctl_provider::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::files::read;
use super::signature::{Fault, Function, Kind, Parameter, Returns, text};
use crate::expr::EvalContext;

const STR: Parameter = Parameter::new("str", Kind::String);
const PATH: Parameter = Parameter::new("path", Kind::String);

type Outcome = Result<Value, Fault>;

const fn row(
    name: &'static str,
    of: &'static [Parameter; 1],
    body: fn(&[Value], &EvalContext<'_>) -> Outcome,
) -> Function {
    Function { name, parameters: of, variadic: None, returns: Returns::Kind(Kind::String), body }
}

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    row("md5", &[STR], |a, _| Ok(hex(&Md5::digest(text(a, 0))))),
    row("sha1", &[STR], |a, _| Ok(hex(&Sha1::digest(text(a, 0))))),
    row("sha256", &[STR], |a, _| Ok(hex(&Sha256::digest(text(a, 0))))),
    row("sha512", &[STR], |a, _| Ok(hex(&Sha512::digest(text(a, 0))))),
    row("base64sha256", &[STR], |a, _| Ok(base64(&Sha256::digest(text(a, 0))))),
    row("base64sha512", &[STR], |a, _| Ok(base64(&Sha512::digest(text(a, 0))))),
    row("filemd5", &[PATH], |a, c| Ok(hex(&Md5::digest(read(a, c)?)))),
    row("filesha1", &[PATH], |a, c| Ok(hex(&Sha1::digest(read(a, c)?)))),
    row("filesha256", &[PATH], |a, c| Ok(hex(&Sha256::digest(read(a, c)?)))),
    row("filesha512", &[PATH], |a, c| Ok(hex(&Sha512::digest(read(a, c)?)))),
    row("filebase64sha256", &[PATH], |a, c| Ok(base64(&Sha256::digest(read(a, c)?)))),
    row("filebase64sha512", &[PATH], |a, c| Ok(base64(&Sha512::digest(read(a, c)?)))),
];

fn hex(bytes: &[u8]) -> Value {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Value::string(text)
}

fn base64(bytes: &[u8]) -> Value {
    Value::string(BASE64.encode(bytes))
}
