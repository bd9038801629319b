//! What a command's end and answer mean. Pure: everything that it needs is in what it is given.
//!
//! | End | Means |
//! |---|---|
//! | exit 0 and an answer | done |
//! | exit 75 | nothing was done, try again |
//! | `{"effect": "none"}`, however it ended | nothing was done |
//! | any other exit, no JSON, a kill, a time-out | open, to be settled by `lookup` or `read` |
//! | the same of an object that has neither, where the command ended by itself | taken at its word |

use std::sync::Arc;

use mpctl_provider::secrets::Secrets;
use mpctl_provider::{Fault, Value};
use serde::Deserialize;

use crate::call::{Action, Call};
use crate::process::{End, Finished};
use crate::shim::{NOT_STARTED, NotStarted};

/// The exit code that means "try again" (`EX_TEMPFAIL` of sysexits.h).
const TRY_AGAIN: i32 = 75;

/// What a command said.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) id: Option<Arc<str>>,
    pub(crate) output: Option<Value>,
}

/// The JSON object on standard output. Whatever else it holds is left alone.
#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    id: Option<Id>,
    #[serde(default)]
    output: Option<serde_json::Value>,
    #[serde(default)]
    found: Option<bool>,
    #[serde(default)]
    effect: Option<Effect>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(Arc<str>),
    Number(serde_json::Number),
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Effect {
    None,
    Unknown,
}

impl Said {
    fn answer(self) -> Answer {
        let id = self.id.map(|id| match id {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string().into(),
        });
        Answer {
            id: id.filter(|id| !id.is_empty()),
            output: self.output.as_ref().map(Value::from_json),
        }
    }
}

/// Words for faults about one call.
struct Words<'a> {
    action: Action,
    program: &'a str,
    secrets: &'a Secrets,
    last_words: &'a str,
}

impl Words<'_> {
    fn fault(&self, make: fn(String) -> Fault, what: &str) -> Fault {
        let fault = make(format!("the {} command {} {what}", self.action.name(), self.program));
        let fault = match self.last_words {
            "" => fault,
            words => fault.detail(words),
        };
        self.secrets.redact_fault(fault)
    }
}

fn permanent(summary: String) -> Fault {
    Fault::permanent(summary)
}

fn retryable(summary: String) -> Fault {
    Fault::retryable(summary)
}

fn unknown(summary: String) -> Fault {
    Fault::unknown(summary)
}

/// What came of a step (create, update, delete). `settles`: its outcome can be settled by looking.
pub(crate) fn of_step(call: &Call, finished: &Finished, settles: bool) -> Result<Answer, Fault> {
    let words = words(call, finished);
    if let Some(fault) = not_started(&words, finished) {
        return Err(fault);
    }
    let said = parse(&finished.stdout);
    let effect = said.as_ref().ok().and_then(|said| said.effect);
    let how = describe(&finished.end);
    match (&finished.end, effect) {
        (End::Exited(TRY_AGAIN), None | Some(Effect::None)) => {
            Err(words.fault(retryable, "asks to be tried again (it exited with 75)"))
        }
        (_, Some(Effect::None)) => {
            Err(words.fault(permanent, &format!("{how}, saying that it did nothing")))
        }
        (_, Some(Effect::Unknown)) => {
            Err(words.fault(unknown, &format!("{how}, saying that it may have done something")))
        }
        (End::Exited(0) | End::Cancelled(Some(0)), None) => match said {
            Ok(said) if said.found == Some(false) && call.action != Action::Delete => {
                let make = if settles { unknown } else { permanent };
                Err(words.fault(make, "answered that nothing is there"))
            }
            Ok(said) => Ok(said.answer()),
            // Deleting leaves nothing to tell of.
            Err(NoJson::Nothing) if call.action == Action::Delete => Ok(Answer::default()),
            Err(_) if !settles => Ok(Answer::default()),
            Err(NoJson::Nothing) => {
                Err(words.fault(unknown, "exited with 0, but answered nothing"))
            }
            Err(NoJson::Other) => {
                Err(words.fault(unknown, "exited with 0, but what it answered is no JSON object"))
            }
        },
        (End::Exited(_), None) if call.action == Action::Delete && gone(&said) => {
            Ok(Answer::default())
        }
        (End::Exited(_), None) if !settles => Err(words.fault(permanent, &how)),
        _ => Err(words.fault(unknown, &how)),
    }
}

/// What came of looking (read, lookup): nothing is changed by it, so nothing is open after it.
pub(crate) fn of_look(call: &Call, finished: &Finished) -> Result<Option<Answer>, Fault> {
    let words = words(call, finished);
    if let Some(fault) = not_started(&words, finished) {
        return Err(fault);
    }
    match (&finished.end, parse(&finished.stdout)) {
        (End::Exited(0), Ok(said)) if said.found == Some(false) => Ok(None),
        (End::Exited(0), Ok(said)) => Ok(Some(said.answer())),
        (End::Exited(0), Err(_)) => {
            Err(words.fault(permanent, "exited with 0, but what it answered is no JSON object"))
        }
        (End::Exited(TRY_AGAIN) | End::TimedOut(_) | End::Cancelled(_), _) => {
            Err(words.fault(retryable, &describe(&finished.end)))
        }
        (end, _) => Err(words.fault(permanent, &describe(end))),
    }
}

fn gone(said: &Result<Said, NoJson>) -> bool {
    said.as_ref().is_ok_and(|said| said.found == Some(false))
}

fn words<'a>(call: &'a Call, finished: &'a Finished) -> Words<'a> {
    Words {
        action: call.action,
        program: call.argv.first().map_or("", String::as_str),
        secrets: &call.secrets,
        last_words: &finished.last_words,
    }
}

/// The fault of a command that never ran.
fn not_started(words: &Words<'_>, finished: &Finished) -> Option<Fault> {
    let why = match &finished.end {
        End::NotStarted(why) => why.clone(),
        End::Exited(code) if *code == i32::from(NOT_STARTED) => {
            serde_json::from_slice::<NotStarted>(&finished.stdout).ok()?.reason
        }
        _ => return None,
    };
    let fault = words.fault(permanent, &format!("was not started: {why}"));
    Some(fault.hint("a path is relative to the folder that the command starts in; other names are looked up in PATH"))
}

fn describe(end: &End) -> String {
    match end {
        End::Exited(code) => format!("exited with {code}"),
        End::Killed(signal) => format!("was killed by signal {signal}"),
        End::TimedOut(limit) => format!("was ended after its time-out of {}", seconds(*limit)),
        End::Cancelled(_) => "was ended by a cancellation".into(),
        End::TooMuchAnswered => "answered more than 8 MiB and was ended".into(),
        End::NotStarted(why) => format!("was not started: {why}"),
        End::Lost(why) => format!("was lost sight of: {why}"),
    }
}

fn seconds(limit: std::time::Duration) -> String {
    format!("{} s", limit.as_secs_f64())
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NoJson {
    /// Nothing but white space.
    Nothing,
    /// Something else than one JSON object.
    Other,
}

fn parse(stdout: &[u8]) -> Result<Said, NoJson> {
    if stdout.iter().all(u8::is_ascii_whitespace) {
        return Err(NoJson::Nothing);
    }
    // A derived structure would be read from an array too.
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(stdout).map_err(|_| NoJson::Other)?;
    serde_json::from_value(object.into()).map_err(|_| NoJson::Other)
}
