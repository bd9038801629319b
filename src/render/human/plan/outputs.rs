//! Changes of outputs.

use mpctl_provider::Value;

use crate::plan::{OutputChange, PlanBody};
use crate::render::human::diff::{Forces, symbol_of};
use crate::render::human::paint::{Painter, Style, Symbol};
use crate::render::human::value::SENSITIVE;

impl Painter<'_> {
    pub(super) fn output_changes(&mut self, body: &PlanBody) {
        let changed: Vec<&OutputChange> = body.outputs.iter().filter(|o| o.is_change()).collect();
        if changed.is_empty() {
            return;
        }
        let several = body.environments.len() > 1;
        let width = changed.iter().map(|output| name_width(output, several)).max().unwrap_or(0);
        self.line();
        self.styled(Style::Bold, |p| {
            p.put("Changes to Outputs:");
        });
        self.line();
        for output in changed {
            self.output_change(output, several, width);
        }
    }

    fn output_change(&mut self, output: &OutputChange, several: bool, width: usize) {
        let (before, after) = (output.before.as_ref(), output.after.as_ref());
        let symbol = match symbol_of(before, after) {
            // Another type that reads the same is a change of the record all the same.
            Symbol::Keep => Symbol::Update,
            symbol => symbol,
        };
        self.margin(2, symbol);
        if several {
            self.show(&output.address.environment).put("/");
        }
        self.show(output.address.local.subject.name());
        self.pad(width - name_width(output, several)).put(" = ");
        // An output is sensitive as a whole or not at all.
        let marked = [before, after].into_iter().flatten().any(Value::contains_sensitive);
        match (before, after) {
            _ if marked && !self.reveal => {
                self.put(SENSITIVE);
                if symbol == Symbol::Delete {
                    self.dim(" -> null");
                }
            }
            (Some(before), Some(after)) if symbol == Symbol::Update => {
                self.change(before, after, 2, &Forces::default());
            }
            (_, Some(after)) if symbol != Symbol::Delete => self.whole(after, symbol, 2),
            (Some(before), _) => {
                self.whole(before, Symbol::Delete, 2);
                self.dim(" -> null");
            }
            (None, _) => {}
        }
        self.line();
    }
}

fn name_width(output: &OutputChange, several: bool) -> usize {
    let name = output.address.local.subject.name().len();
    if several { output.address.environment.len() + 1 + name } else { name }
}
