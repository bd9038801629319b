//! The words for steps and endings.

use super::Counts;
use super::{Ending, OperationWord, Outcome};
use crate::plan::StepKind;
use crate::render::Options;
use crate::render::human;

/// How a step is spoken of.
#[derive(Clone, Copy, Debug)]
pub struct Verbs {
    /// `Creating`
    pub doing: &'static str,
    /// `creating`, after "Still".
    pub still: &'static str,
    /// `Creation`
    pub noun: &'static str,
}

/// How a step of this kind is spoken of.
pub fn verbs(kind: StepKind) -> Verbs {
    let (doing, still, noun) = match kind {
        StepKind::Create => ("Creating", "creating", "Creation"),
        StepKind::Update => ("Modifying", "modifying", "Modifications"),
        StepKind::Delete => ("Destroying", "destroying", "Destruction"),
        StepKind::Read => ("Reading", "reading", "Read"),
        StepKind::Forget => ("Forgetting", "forgetting", "Forgetting"),
        StepKind::Join => ("Waiting", "waiting", "Wait"),
    };
    Verbs { doing, still, noun }
}

pub(crate) use verbs as words;

/// The last line: what was done.
pub(crate) fn ending_line(ending: &Ending<'_>) -> String {
    let Counts { added, changed, destroyed, forgotten, .. } = ending.counts;
    let name = match ending.operation {
        OperationWord::Apply => "Apply",
        OperationWord::Destroy => "Destroy",
        OperationWord::Refresh => "Refresh",
        OperationWord::Rollback => "Rollback",
    };
    let forgotten = if forgotten > 0 { format!(", {forgotten} forgotten") } else { String::new() };
    let resources = match ending.operation {
        OperationWord::Destroy if added + changed == 0 => {
            format!("Resources: {destroyed} destroyed{forgotten}.")
        }
        _ => format!(
            "Resources: {added} added, {changed} changed, {destroyed} destroyed{forgotten}."
        ),
    };
    let recorded = format!("Done before that, and recorded: {resources}");
    match ending.outcome {
        Outcome::Succeeded => format!("{name} complete! {resources}"),
        Outcome::Failed => format!("{name} failed. {recorded}"),
        Outcome::Cancelled => format!(
            "{name} cancelled. {recorded} `mpctl resume` goes on, `mpctl rollback` undoes it."
        ),
        Outcome::RolledBack => format!("{name} failed and was rolled back."),
        Outcome::InDoubt => format!(
            "{name} stopped: it is not known whether a step was done. {recorded} \
             `mpctl resume` or `mpctl rollback` settles it."
        ),
    }
}

/// The last words of an operation, outputs included, ending with a line break.
pub fn ending_text(ending: &Ending<'_>, options: &Options) -> String {
    let mut text = ending_line(ending);
    text.push('\n');
    if ending.outcome == Outcome::Succeeded && !ending.outputs.is_empty() {
        text.push_str("\nOutputs:\n\n");
        text.push_str(&human::outputs(ending.outputs.iter().copied(), options));
    }
    text
}
