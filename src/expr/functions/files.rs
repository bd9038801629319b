//! Functions that read files, and those that take paths apart.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text};
use crate::expr::describe::{kind, quote};
use crate::expr::{EvalContext, Found, LookupFailure, Reference, Scope, evaluate};
use crate::source::FileId;
use crate::spec::hcl::{Places, parse_template};
use crate::spec::syntax::Expr;

const PATH: Parameter = Parameter::new("path", Kind::String);
const STRING: Returns = Returns::Kind(Kind::String);
const DYNAMIC: Returns = Returns::Computed(|_| Type::Dynamic);
const VARS: Parameter = Parameter::new("vars", Kind::Any).moved();

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "abspath",
        parameters: &[PATH],
        variadic: None,
        returns: STRING,
        body: abspath,
    },
    Function {
        name: "basename",
        parameters: &[PATH],
        variadic: None,
        returns: STRING,
        body: |a, _| Ok(Value::string(basename(text(a, 0)))),
    },
    Function {
        name: "dirname",
        parameters: &[PATH],
        variadic: None,
        returns: STRING,
        body: |a, _| Ok(Value::string(dirname(text(a, 0)))),
    },
    Function {
        name: "file",
        parameters: &[PATH],
        variadic: None,
        returns: STRING,
        body: |a, c| read_text(a, c).map(Value::string),
    },
    Function {
        name: "filebase64",
        parameters: &[PATH],
        variadic: None,
        returns: STRING,
        body: |a, c| Ok(Value::string(BASE64.encode(read(a, c)?))),
    },
    Function {
        name: "fileexists",
        parameters: &[PATH],
        variadic: None,
        returns: Returns::Kind(Kind::Bool),
        body: file_exists,
    },
    Function {
        name: "templatefile",
        parameters: &[PATH, VARS],
        variadic: None,
        returns: DYNAMIC,
        body: template_file,
    },
    Function {
        name: "templatestring",
        parameters: &[Parameter::new("template", Kind::String), VARS],
        variadic: None,
        returns: DYNAMIC,
        body: template_string,
    },
];

/// The content of the file that the first argument names.
pub(super) fn read(arguments: &[Value], context: &EvalContext<'_>) -> Result<Vec<u8>, Fault> {
    let path = text(arguments, 0);
    context.files.read(path).map_err(|fault| Fault::of(0, format!("{} {fault}", quote(path))))
}

fn read_text(arguments: &[Value], context: &EvalContext<'_>) -> Result<String, Fault> {
    String::from_utf8(read(arguments, context)?).map_err(|_| {
        quoted(0, "", text(arguments, 0), " is not UTF-8 text")
            .hint("for other content there are filebase64(…) and the hashes such as filesha256(…)")
    })
}

fn file_exists(arguments: &[Value], context: &EvalContext<'_>) -> Outcome {
    let path = text(arguments, 0);
    let exists = context.files.exists(path);
    exists.map(Value::Bool).map_err(|fault| Fault::of(0, format!("{} {fault}", quote(path))))
}

fn abspath(arguments: &[Value], context: &EvalContext<'_>) -> Outcome {
    let path = text(arguments, 0);
    let absolute = context.files.absolute(path);
    absolute.map(Value::string).map_err(|fault| Fault::of(0, format!("{} {fault}", quote(path))))
}

/// The last part of a path; `.` of an empty one, `/` of one of slashes only.
fn basename(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".",
        (_, true) => "/",
        _ => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// All but the last part of a path, tidied: no `.`, no double slash, `..` resolved where it can be.
fn dirname(path: &str) -> String {
    let folder = path.rfind('/').map_or("", |at| &path[..=at]);
    let rooted = folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}

fn template_file(arguments: &[Value], context: &EvalContext<'_>) -> Outcome {
    if context.in_template {
        return Err(Fault::new("a template file cannot render another one"));
    }
    let source = read_text(arguments, context)?;
    render(&source, arguments, context, &format!("in {}", quote(text(arguments, 0))))
}

fn template_string(arguments: &[Value], context: &EvalContext<'_>) -> Outcome {
    render(text(arguments, 0), arguments, context, "in the template")
}

/// Renders a template with the second argument's entries as its names.
fn render(source: &str, arguments: &[Value], context: &EvalContext<'_>, place: &str) -> Outcome {
    let wrong =
        || Fault::of(1, format!("a map or object is required, not {}", kind(&arguments[1])));
    let names = Names(arguments[1].as_entries().ok_or_else(wrong)?);
    // The text is no part of the spec, so its places say nothing to the user but the line.
    let (template, mistakes): (Expr, _) =
        parse_template(source, &Places::linear(FileId(u32::MAX), 0));
    let first = |diagnostics: crate::diagnostic::Diagnostics| {
        let Some(first) = diagnostics.into_iter().next() else {
            return Fault::new(place.to_owned());
        };
        let at = first.span().map_or(0, |span| span.start as usize);
        let line =
            source.as_bytes()[..at.min(source.len())].iter().filter(|b| **b == b'\n').count() + 1;
        let fault = Fault::of(0, format!("{place}, line {line}: {}", first.summary));
        match first.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    };
    if mistakes.has_errors() {
        return Err(first(mistakes));
    }
    let context = EvalContext { in_template: true, ..*context };
    evaluate(&template, &names, &context).map_err(first)
}

/// The names of a template.
struct Names<'v>(&'v Entries);

impl Scope for Names<'_> {
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        let value = self.0.get(reference.root).ok_or(LookupFailure::UnknownRoot)?;
        Ok(Found { value: value.clone(), consumed: 0 })
    }

    fn roots(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}
