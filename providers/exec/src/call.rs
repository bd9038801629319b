//! One call of a command: what is run, what it is told, and what must not be repeated.

use std::path::PathBuf;
use std::time::Duration;

use mpctl_provider::contract::ProjectContext;
use mpctl_provider::secrets::Secrets;
use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Path, Value};
use serde::Serialize;

/// How long a command may take where nothing else is said.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// What a command is called for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Create,
    Read,
    Update,
    Delete,
    Lookup,
}

impl Action {
    /// The attribute that holds its command, and the word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Read => "read",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Lookup => "lookup",
        }
    }
}

/// A command, ready to run.
pub(crate) struct Call {
    pub(crate) action: Action,
    /// Program and arguments; never empty.
    pub(crate) argv: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) folder: PathBuf,
    pub(crate) timeout: Duration,
    /// The request, as JSON text.
    pub(crate) stdin: Vec<u8>,
    /// What it was told that must not be repeated.
    pub(crate) secrets: Secrets,
    /// Something it was told is sensitive, so what it answers is.
    pub(crate) sensitive: bool,
}

/// The object on a command's standard input.
#[derive(Serialize)]
struct Request<'a> {
    action: Action,
    idempotency_key: Option<&'a str>,
    id: Option<&'a str>,
    input: serde_json::Value,
    prior: Option<Recorded<'a>>,
}

#[derive(Serialize)]
struct Recorded<'a> {
    id: Option<&'a str>,
    input: serde_json::Value,
    output: serde_json::Value,
}

/// What a call is made of.
pub(crate) struct Parts<'a> {
    pub(crate) action: Action,
    /// The object whose commands, environment and input are used.
    pub(crate) object: &'a Value,
    /// The recorded object, where there is one.
    pub(crate) prior: Option<&'a Value>,
    pub(crate) idempotency_key: Option<&'a str>,
}

impl Parts<'_> {
    /// The call; `None` where the object has no command for the action.
    pub(crate) fn call(&self, project: &ProjectContext) -> Result<Option<Call>, Fault> {
        let Some(argv) = argv(self.object, self.action.name())? else { return Ok(None) };
        let given = ["input", "environment"].iter().filter_map(|name| self.object.get(name));
        let recorded = self.prior.into_iter().flat_map(|prior| {
            ["input", "output", "environment"].into_iter().filter_map(|name| prior.get(name))
        });
        let sensitive = given.chain(recorded).any(Value::contains_sensitive);
        let folder = match self.object.get("working_directory").and_then(Value::as_str) {
            Some(folder) => project.root.join(folder),
            None => project.root.to_path_buf(),
        };
        Ok(Some(Call {
            action: self.action,
            argv,
            environment: environment(self.object)?,
            folder,
            timeout: timeout(self.object)?,
            stdin: self.stdin()?,
            secrets: Secrets::of([self.object].into_iter().chain(self.prior)),
            sensitive,
        }))
    }

    fn stdin(&self) -> Result<Vec<u8>, Fault> {
        let prior = self.prior.map(|prior| {
            let (input, output) = (json(prior, "input")?, json(prior, "output")?);
            Ok::<_, Fault>(Recorded { id: prior.get("id").and_then(Value::as_str), input, output })
        });
        let request = Request {
            action: self.action,
            idempotency_key: self.idempotency_key,
            id: self.prior.and_then(|prior| prior.get("id")).and_then(Value::as_str),
            input: json(self.object, "input")?,
            prior: prior.transpose()?,
        };
        let mut text = serde_json::to_vec(&request)
            .map_err(|error| Fault::permanent(format!("cannot write the request: {error}")))?;
        text.push(b'\n');
        Ok(text)
    }
}

/// A part of an object as JSON, sensitive parts in clear: the command was given them to work with.
fn json(object: &Value, name: &str) -> Result<serde_json::Value, Fault> {
    let Some(value) = object.get(name) else { return Ok(serde_json::Value::Null) };
    value.to_json().map_err(|error| {
        Fault::permanent(format!("`{name}` cannot be handed over: {error}"))
            .attribute(Path::attribute(name))
    })
}

/// The command that the attribute `name` holds, if it is set.
pub(crate) fn argv(object: &Value, name: &str) -> Result<Option<Vec<String>>, Fault> {
    let Some(items) = object.get(name).and_then(Value::as_items) else { return Ok(None) };
    let words: Option<Vec<String>> =
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    let at = || Path::attribute(name);
    match words {
        Some(words) if words.first().is_some_and(|program| !program.is_empty()) => Ok(Some(words)),
        Some(_) => Err(Fault::permanent(format!("`{name}` names no program"))
            .hint("write the program and its arguments: [\"./scripts/bucket\", \"create\"]")
            .attribute(at())),
        None => {
            Err(Fault::permanent(format!("`{name}` holds something that is no text"))
                .attribute(at()))
        }
    }
}

/// How long a command of the object may take.
pub(crate) fn timeout(object: &Value) -> Result<Duration, Fault> {
    let Some(text) = object.get("timeout").and_then(Value::as_str) else {
        return Ok(DEFAULT_TIMEOUT);
    };
    let parsed = text.parse::<jiff::SignedDuration>().ok();
    let positive = parsed.and_then(|d| Duration::try_from(d).ok()).filter(|d| !d.is_zero());
    positive.ok_or_else(|| {
        Fault::permanent(format!("`timeout` is {text:?}, which is no length of time"))
            .hint("write it with units, such as \"90s\" or \"1h30m\"")
            .attribute(Path::attribute("timeout"))
    })
}

fn environment(object: &Value) -> Result<Vec<(String, String)>, Fault> {
    let entries = object.get("environment").and_then(Value::as_entries);
    let entries = entries.into_iter().flat_map(Entries::iter);
    entries
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| match value.as_str() {
            Some(text) if valid_name(name) && !text.contains('\0') => {
                Ok((name.to_string(), text.to_owned()))
            }
            _ => {
                Err(Fault::permanent(format!("{name:?} cannot be set as an environment variable"))
                    .attribute(Path::attribute("environment")))
            }
        })
        .collect()
}

/// Whether an environment variable can have the name.
pub(crate) fn valid_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}
