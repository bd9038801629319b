//! Progress as a stream of JSON events.

use std::io::Write;
use std::time::Instant;

use super::plain::Running;
use super::words::ending_line;
use super::{Ending, OperationWord, Outcome, Progress};
use crate::apply::Event;
use crate::plan::StepKind;
use crate::render::json::EventWriter;

/// One JSON object an event.
pub struct Json<W> {
    events: EventWriter<W>,
    running: Running,
}

impl<W: Write> Json<W> {
    /// Events through `events`, which has already said what came before the apply.
    pub fn new(events: EventWriter<W>) -> Json<W> {
        Json { events, running: Running::default() }
    }
}

impl<W: Write + Send> Progress for Json<W> {
    fn event(&mut self, event: &Event, now: Instant) {
        self.running.note(event, now);
        if event.kind != StepKind::Join {
            // A reader that is gone does not stop an apply.
            let _ = self.events.step(event);
        }
    }

    fn tick(&mut self, now: Instant) {
        for (event, elapsed) in self.running.due(now) {
            let _ = self.events.still(&event, elapsed);
        }
    }

    fn finish(&mut self, ending: &Ending<'_>) {
        let operation = match ending.operation {
            OperationWord::Apply => "apply",
            OperationWord::Destroy => "destroy",
            OperationWord::Refresh => "refresh",
            OperationWord::Rollback => "rollback",
        };
        let _ = self.events.apply_summary(operation, &ending.counts, &ending_line(ending));
        if ending.outcome == Outcome::Succeeded && !ending.outputs.is_empty() {
            let _ = self.events.applied_outputs(ending.outputs.iter().copied());
        }
    }
}
