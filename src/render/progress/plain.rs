//! Progress as plain lines, for pipes and logs; and none at all.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use super::words::verbs;
use super::{Ending, Progress, ending_text};
use crate::apply::{Event, EventKind};
use crate::plan::{StepId, StepKind};
use crate::render::Options;
use crate::render::human::text;

/// How often a running step says that it is still running.
pub(super) const INTERVAL: Duration = Duration::from_secs(10);

/// One line an event.
pub struct Plain<P, R> {
    progress: P,
    results: R,
    options: Options,
    running: Running,
}

/// The steps that run, each with the first event and the time of the next sign of life.
#[derive(Default)]
pub(super) struct Running(HashMap<StepId, (Event, Instant, Instant)>);

impl Running {
    pub(super) fn note(&mut self, event: &Event, now: Instant) {
        match event.what {
            EventKind::Started => {
                self.0.insert(event.step, (event.clone(), now, now + INTERVAL));
            }
            EventKind::Succeeded { .. } | EventKind::Failed(_) => {
                self.0.remove(&event.step);
            }
            EventKind::Log(_) | EventKind::Progress(_) | EventKind::Retry { .. } => {}
        }
    }

    /// The steps that are due to say that they are still running, by number, with the time since their start.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Event, Duration)> {
        let mut due = Vec::new();
        for (event, started, next) in self.0.values_mut() {
            if now >= *next {
                let turns = (now - *started).as_secs() / INTERVAL.as_secs();
                let elapsed = INTERVAL * u32::try_from(turns).unwrap_or(u32::MAX);
                *next = *started + elapsed + INTERVAL;
                due.push((event.clone(), elapsed));
            }
        }
        due.sort_by_key(|(event, _)| event.step);
        due
    }
}

impl<P: Write, R: Write> Plain<P, R> {
    /// Progress to one writer, the last words to the other.
    pub fn new(progress: P, results: R, options: Options) -> Plain<P, R> {
        Plain { progress, results, options, running: Running::default() }
    }

    fn line(&mut self, line: &str) {
        // A reader that is gone does not stop an apply.
        let _ = writeln!(self.progress, "{line}");
    }
}

impl<P: Write + Send, R: Write + Send> Progress for Plain<P, R> {
    fn event(&mut self, event: &Event, now: Instant) {
        self.running.note(event, now);
        if event.kind != StepKind::Join {
            let line = event_line(event);
            self.line(&line);
        }
    }

    fn tick(&mut self, now: Instant) {
        for (event, elapsed) in self.running.due(now) {
            let still = verbs(event.kind).still;
            let line = format!("{}: Still {still}... [{} elapsed]", event.address, short(elapsed));
            self.line(&line);
        }
    }

    fn finish(&mut self, ending: &Ending<'_>) {
        let _ = self.progress.flush();
        let _ = write!(self.results, "\n{}", ending_text(ending, &self.options));
        let _ = self.results.flush();
    }
}

/// One event as one line; lines that providers log come through without control characters.
pub fn event_line(event: &Event) -> String {
    let verbs = verbs(event.kind);
    let mut line = format!("{}: ", event.address);
    match &event.what {
        EventKind::Started => {
            line.push_str(verbs.doing);
            line.push_str("...");
        }
        EventKind::Log(said) | EventKind::Progress(said) => text::line_of(&mut line, said),
        EventKind::Retry { attempt, after, fault } => {
            text::one_line(&mut line, &fault.summary);
            line.push_str(&format!("; trying again in {} (try {attempt})", short(*after)));
        }
        EventKind::Succeeded { id } => {
            line.push_str(&format!("{} complete after {}", verbs.noun, short(event.elapsed)));
            if let Some(id) = id {
                line.push_str(" [id=");
                text::one_line(&mut line, id);
                line.push(']');
            }
        }
        EventKind::Failed(fault) => {
            line.push_str(&format!("{} failed after {}: ", verbs.noun, short(event.elapsed)));
            text::one_line(&mut line, &fault.summary);
        }
    }
    line
}

/// `0s`, `42s`, `3m5s`, `2h0m10s`
pub fn short(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// Nothing but the last words.
pub struct Quiet<R> {
    results: R,
    options: Options,
}

impl<R: Write> Quiet<R> {
    /// The last words to `results`.
    pub fn new(results: R, options: Options) -> Quiet<R> {
        Quiet { results, options }
    }
}

impl<R: Write + Send> Progress for Quiet<R> {
    fn event(&mut self, _event: &Event, _now: Instant) {}
    fn tick(&mut self, _now: Instant) {}
    fn finish(&mut self, ending: &Ending<'_>) {
        let _ = self.results.write_all(ending_text(ending, &self.options).as_bytes());
        let _ = self.results.flush();
    }
}
