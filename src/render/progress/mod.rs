//! What is said while a plan is being applied, and at its end.
//!
//! A [`Progress`] is told of every event and, from time to time, of the time. Progress goes to one writer
//! (standard error), the last words to another (standard output): they are a result.

mod json;
mod plain;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mpctl_provider::Value;

use crate::apply::{Event, EventKind};
use crate::plan::StepKind;

pub use json::Json;
pub use plain::{Plain, Quiet, event_line, short};
pub(crate) use words::words;
pub use words::{Verbs, ending_text, verbs};

/// Somebody who is told how an apply goes. Nothing depends on its succeeding: a reader that is gone is no
/// reason to stop.
pub trait Progress: Send {
    /// Something happened to a step.
    fn event(&mut self, event: &Event, now: Instant);

    /// Time passes: called once a [`Progress::pace`], so that one sees that a long step is still running.
    fn tick(&mut self, now: Instant);

    /// How often to call [`Progress::tick`].
    fn pace(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// It is over.
    fn finish(&mut self, ending: &Ending<'_>);
}

/// How an operation ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// What it was.
    pub operation: OperationWord,
    /// How it came out.
    pub outcome: Outcome,
    /// What was done, before an interruption too.
    pub counts: Counts,
    /// The recorded outputs, shown after success.
    pub outputs: Vec<(&'a Arc<str>, &'a Value)>,
}

/// What an operation is called in its last words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperationWord {
    /// `apply`, `resume`
    Apply,
    /// `destroy`
    Destroy,
    /// `refresh`
    Refresh,
    /// `rollback`
    Rollback,
}

/// How an operation came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything was done.
    Succeeded,
    /// A step failed; what was done is recorded.
    Failed,
    /// The user wanted out; what was done is recorded.
    Cancelled,
    /// A step failed, and what was done has been undone.
    RolledBack,
    /// It is not known whether a step was done.
    InDoubt,
}

/// How many objects were created and so on, as Terraform counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Created, as replacements too.
    pub added: usize,
    /// Updated.
    pub changed: usize,
    /// Destroyed, replaced ones too.
    pub destroyed: usize,
    /// No longer managed.
    pub forgotten: usize,
    /// Data read.
    pub read: usize,
}

/// Text from elsewhere on one line, without control characters.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    crate::render::human::text::one_line(&mut out, text);
    out
}

impl Counts {
    /// Takes a finished step into account.
    pub fn add(&mut self, kind: StepKind) {
        match kind {
            StepKind::Create => self.added += 1,
            StepKind::Update => self.changed += 1,
            StepKind::Delete => self.destroyed += 1,
            StepKind::Forget => self.forgotten += 1,
            StepKind::Read => self.read += 1,
            StepKind::Join => {}
        }
    }

    /// Takes an event into account, if it is that of a finished step.
    pub fn note(&mut self, event: &Event) {
        if matches!(event.what, EventKind::Succeeded { .. }) {
            self.add(event.kind);
        }
    }
}
