//! Progress on a terminal: a bounded number of moving lines at the bottom, one a running step, and finished
//! steps as plain lines that scroll away above them.
//!
//! It keeps true: however fast steps finish, the terminal is drawn at ticks only.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use mpctl::apply::{Event, EventKind};
use mpctl::plan::{StepId, StepKind};
use mpctl::render::Options;
use mpctl::render::progress::{Ending, Progress, ending_text, event_line, one_line, short, verbs};

/// How many running steps have a line of their own.
const LINES: usize = 12;

/// Progress on a terminal.
pub(crate) struct Terminal<R> {
    bars: MultiProgress,
    /// The last line: how many steps are done.
    footer: ProgressBar,
    running: BTreeMap<StepId, Row>,
    /// Lines of steps that ended since the last tick: for others, or to be taken away.
    spare: Vec<ProgressBar>,
    /// Lines to be printed at the next tick.
    finished: Vec<String>,
    done: usize,
    total: usize,
    results: R,
    options: Options,
}

/// A running step.
struct Row {
    event: Event,
    started: Instant,
    /// What its provider last said of how far it is.
    said: Option<String>,
    bar: Option<ProgressBar>,
}

impl<R: Write> Terminal<R> {
    /// Draws through `bars` (on standard error) and writes the last words to `results`; `total` is the number
    /// of steps, joins aside.
    pub(crate) fn new(
        bars: MultiProgress,
        results: R,
        total: usize,
        options: Options,
    ) -> Terminal<R> {
        let footer = bars.add(ProgressBar::new_spinner().with_style(style("{wide_msg}")));
        Terminal {
            bars,
            footer,
            running: BTreeMap::new(),
            spare: Vec::new(),
            finished: Vec::new(),
            done: 0,
            total,
            results,
            options,
        }
    }

    fn spinner(&self) -> ProgressBar {
        let template =
            if self.options.colour { "{spinner:.cyan} {wide_msg}" } else { "{spinner} {wide_msg}" };
        ProgressBar::new_spinner().with_style(style(template).tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "))
    }

    fn end(&mut self, step: StepId) {
        self.done += 1;
        self.spare.extend(self.running.remove(&step).and_then(|row| row.bar));
    }

    fn print_finished(&mut self) {
        if !self.finished.is_empty() {
            let text = std::mem::take(&mut self.finished).join("\n");
            // A terminal that is gone does not stop an apply.
            let _ = self.bars.println(text);
        }
    }

    /// Gives free lines to the steps that have run longest, and tells the time on all of them.
    fn draw(&mut self, now: Instant) {
        let mut free = LINES - self.running.values().filter(|row| row.bar.is_some()).count();
        let waiting = self.running.values().filter(|row| row.bar.is_none()).count();
        self.tell_total(waiting.saturating_sub(free));
        let spinner = self.spinner();
        let mut spare = std::mem::take(&mut self.spare);
        for row in self.running.values_mut() {
            if row.bar.is_none() && free > 0 {
                let bar = spare.pop().unwrap_or_else(|| {
                    self.bars.insert_before(&self.footer, spinner_like(&spinner))
                });
                row.bar = Some(bar);
                free -= 1;
            }
            if let Some(bar) = &row.bar {
                bar.set_message(row.text(now));
                bar.tick();
            }
        }
        for bar in spare {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        self.footer.tick();
    }

    fn tell_total(&self, hidden: usize) {
        let mut text = format!("{} of {} steps done", self.done, self.total);
        if hidden > 0 {
            text.push_str(&format!(", {hidden} more running"));
        }
        self.footer.set_message(text);
    }
}

/// Another spinner of the same look.
fn spinner_like(spinner: &ProgressBar) -> ProgressBar {
    ProgressBar::new_spinner().with_style(spinner.style())
}

fn style(template: &str) -> ProgressStyle {
    // Templates are constants of this file; one that did not parse would only lose its look.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Row {
    fn text(&self, now: Instant) -> String {
        let elapsed = short(now.saturating_duration_since(self.started));
        let mut text =
            format!("{}: {}... {elapsed}", self.event.address, verbs(self.event.kind).doing);
        if let Some(said) = &self.said {
            text.push_str("  ");
            text.push_str(&one_line(said));
        }
        text
    }
}

impl<R: Write + Send> Progress for Terminal<R> {
    fn event(&mut self, event: &Event, now: Instant) {
        if event.kind == StepKind::Join {
            return;
        }
        match &event.what {
            EventKind::Started => {
                let event = event.clone();
                let row = Row { event, started: now, said: None, bar: None };
                self.running.insert(row.event.step, row);
            }
            EventKind::Progress(said) => {
                if let Some(row) = self.running.get_mut(&event.step) {
                    row.said = Some(said.clone());
                }
            }
            EventKind::Log(_) | EventKind::Retry { .. } => self.finished.push(event_line(event)),
            EventKind::Succeeded { .. } | EventKind::Failed(_) => {
                self.end(event.step);
                self.finished.push(event_line(event));
            }
        }
    }

    fn tick(&mut self, now: Instant) {
        self.print_finished();
        self.draw(now);
    }

    fn pace(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn finish(&mut self, ending: &Ending<'_>) {
        self.print_finished();
        let steps: Vec<StepId> = self.running.keys().copied().collect();
        steps.into_iter().for_each(|step| self.end(step));
        self.spare.drain(..).for_each(|bar| bar.finish_and_clear());
        self.footer.finish_and_clear();
        let _ = self.bars.clear();
        let _ = write!(self.results, "\n{}", ending_text(ending, &self.options));
        let _ = self.results.flush();
    }
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressDrawTarget;
    use mpctl::render::progress::{Counts, OperationWord, Outcome};

    use super::*;

    fn event(step: u32, what: EventKind) -> Event {
        Event {
            step: StepId(step),
            address: format!("dev/resource.web[{step}]").parse().expect("an address"),
            resource_type: "mpctl_data".into(),
            kind: StepKind::Create,
            elapsed: Duration::ZERO,
            what,
        }
    }

    #[test]
    fn however_many_steps_run_the_lines_are_bounded() {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut terminal = Terminal::new(bars, Vec::new(), 100, Options::default());
        let start = Instant::now();
        for step in 0..100 {
            terminal.event(&event(step, EventKind::Started), start);
        }
        terminal.tick(start);
        let lines = |t: &Terminal<Vec<u8>>| t.running.values().filter(|r| r.bar.is_some()).count();
        assert_eq!(lines(&terminal), LINES);
        for step in 0..95 {
            terminal.event(&event(step, EventKind::Succeeded { id: None }), start);
        }
        terminal.tick(start + Duration::from_secs(1));
        assert_eq!(lines(&terminal), 5);
        assert_eq!(terminal.footer.message(), "95 of 100 steps done");
    }

    #[test]
    fn a_running_step_tells_its_time_and_how_far_it_is() {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut terminal = Terminal::new(bars, Vec::new(), 1, Options::default());
        let start = Instant::now();
        terminal.event(&event(0, EventKind::Started), start);
        terminal.event(&event(0, EventKind::Progress("waiting for\u{1b}[2J health".into())), start);
        let row = &terminal.running[&StepId(0)];
        assert_eq!(
            row.text(start + Duration::from_secs(65)),
            "dev/resource.web[0]: Creating... 1m5s  waiting for\\u001b[2J health"
        );
    }

    #[test]
    fn the_last_words_are_a_result() {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut terminal = Terminal::new(bars, Vec::new(), 1, Options::default());
        let counts = Counts { added: 1, ..Counts::default() };
        terminal.finish(&Ending {
            operation: OperationWord::Apply,
            outcome: Outcome::Succeeded,
            counts,
            outputs: Vec::new(),
        });
        assert_eq!(
            String::from_utf8_lossy(&terminal.results),
            "\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n"
        );
    }
}
