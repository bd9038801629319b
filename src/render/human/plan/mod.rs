//! A plan: drift, the legend, the changes by environment and workload, the summary, the outputs.

mod cause;
mod change;
mod drift;
mod fold;
mod outputs;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::paint::{Painter, Style, Symbol};
use super::text;
use crate::plan::{Action, Change, Mode, PlanBody, ReplaceOrder};
use crate::render::tally::is_shown;
use crate::render::{Options, Schemas, Tally};

/// What every part of the text needs.
#[derive(Clone, Copy)]
struct Context<'a> {
    body: &'a PlanBody,
    schemas: &'a Schemas<'a>,
    options: &'a Options,
    /// How many waves the plan has.
    waves: u32,
}

/// The plan as text for people, ending with a line break.
pub fn plan(body: &PlanBody, schemas: &Schemas<'_>, options: &Options) -> String {
    let shown: Vec<&Change> = body.changes.iter().filter(|change| is_shown(change)).collect();
    let waves = shown.iter().map(|change| change.wave).max().unwrap_or(0);
    let context = Context { body, schemas, options, waves };
    let mut out = String::with_capacity(1024 + shown.len() * 256);
    let mut painter = Painter::new(&mut out, options);
    painter.drift(&context);
    let outputs = body.outputs.iter().any(|output| output.is_change());
    if shown.is_empty() {
        painter.nothing_to_do(body, outputs);
    } else {
        painter.header(&context, &shown);
        painter.sections(&context, &shown);
        painter.summary(&context, &shown);
    }
    painter.left_out(body);
    painter.output_changes(body);
    out
}

/// The sign of what is done to a whole object.
fn symbol_of(action: Action) -> Symbol {
    match action {
        Action::NoOp => Symbol::Keep,
        Action::Create => Symbol::Create,
        Action::Read => Symbol::Read,
        Action::Update => Symbol::Update,
        Action::Replace(ReplaceOrder::DeleteThenCreate) => Symbol::DeleteThenCreate,
        Action::Replace(ReplaceOrder::CreateThenDelete) => Symbol::CreateThenDelete,
        Action::Delete => Symbol::Delete,
        Action::Forget => Symbol::Forget,
    }
}

/// What the sign means.
fn meaning(symbol: Symbol) -> &'static str {
    match symbol {
        Symbol::Create => "create",
        Symbol::Update => "update in-place",
        Symbol::Delete => "destroy",
        Symbol::DeleteThenCreate => "destroy and then create replacement",
        Symbol::CreateThenDelete => "create replacement and then destroy",
        Symbol::Read => "read (data, during apply)",
        Symbol::Forget => "stop managing, leave as it is",
        Symbol::Keep => "only the address changes",
    }
}

impl Painter<'_> {
    fn nothing_to_do(&mut self, body: &PlanBody, outputs: bool) {
        let drift = !body.drift.is_empty();
        let bold = |p: &mut Self, text: &str| {
            p.styled(Style::Bold, |p| {
                p.put(text);
            });
        };
        match (body.mode, outputs, drift) {
            (Mode::RefreshOnly, _, true) => {
                self.put("Applying this plan takes over into the state what was found outside, ");
                self.put("and touches no object.");
            }
            (Mode::RefreshOnly, _, false) => {
                bold(self, "No changes.");
                self.put(" Everything is still as the state records it.");
            }
            (_, true, _) => {
                self.put("Only outputs change: applying this plan records their new values, ");
                self.put("and touches no object.");
            }
            (Mode::Destroy, ..) => {
                bold(self, "No changes.");
                self.put(" There is nothing to destroy.");
            }
            (Mode::Apply, ..) => {
                bold(self, "No changes.");
                self.put(" Everything is as the spec says.");
            }
        }
        self.line();
    }

    fn header(&mut self, context: &Context<'_>, shown: &[&Change]) {
        if context.options.compact || context.options.concise {
            return;
        }
        let mut symbols: Vec<Symbol> = shown.iter().map(|c| symbol_of(c.action)).collect();
        symbols.sort();
        symbols.dedup();
        symbols.retain(|symbol| *symbol != Symbol::Keep);
        if !symbols.is_empty() {
            self.put("Actions are marked with these symbols:").line();
            for symbol in symbols {
                self.styled(symbol.style(), |p| {
                    p.put(symbol.wide());
                });
                self.put(" ").put(meaning(symbol)).line();
            }
            self.line();
        }
        self.put("mpctl will perform the following actions:").line().line();
    }

    /// The changes, by environment (a heading only if there are several) and workload.
    fn sections(&mut self, context: &Context<'_>, shown: &[&Change]) {
        let several = context.body.environments.len() > 1;
        let mut environment: Option<&Arc<str>> = None;
        let same_section = |a: &&Change, b: &&Change| {
            a.address.environment == b.address.environment
                && a.address.local.subject.workload() == b.address.local.subject.workload()
        };
        for section in shown.chunk_by(same_section) {
            let address = &section[0].address;
            if several && environment != Some(&address.environment) {
                self.styled(Style::Bold, |p| {
                    p.put("Environment ").show(&address.environment);
                });
                self.line().line();
                environment = Some(&address.environment);
            }
            if let Some(workload) = address.local.subject.workload() {
                self.workload_heading(workload, section);
            }
            for group in fold::groups(context, section) {
                if context.options.concise {
                    self.concise(context, &group);
                } else {
                    self.change_of(context, &group);
                    self.line();
                }
            }
            if context.options.concise {
                self.line();
            }
        }
    }

    fn workload_heading(&mut self, workload: &str, section: &[&Change]) {
        self.pad(2).styled(Style::Bold, |p| {
            p.put("Workload ").foreign(workload);
        });
        self.put(": ");
        let mut first = true;
        let tally = Tally::over(section.iter().copied());
        self.tally(&tally, &mut first);
        self.line();
        self.line();
    }

    /// `2 to create, 1 to destroy`: everything that is not zero.
    fn tally(&mut self, tally: &Tally, first: &mut bool) {
        let counted = [
            (tally.import, "import"),
            (tally.create, "create"),
            (tally.update, "update"),
            (tally.replace, "replace"),
            (tally.destroy, "destroy"),
            (tally.forget, "forget"),
            (tally.moved, "move"),
            (tally.read, "read"),
        ];
        for (number, word) in counted.into_iter().filter(|(number, _)| *number > 0) {
            if !std::mem::take(first) {
                self.put(", ");
            }
            self.show(number).put(" to ").put(word);
        }
    }

    /// Names in a row, as many as fit into `room` columns (at least one), and how many more there are.
    fn names<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>, most: usize) {
        let total = names.len();
        for (at, name) in names.take(most).enumerate() {
            self.put(if at > 0 { ", " } else { "" });
            text::one_line(self.text(), name);
        }
        if total > most {
            self.put(" and ").show(total - most).put(" more");
        }
    }
}
