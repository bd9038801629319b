//! Differences of strings: line by line where there are lines, by structure where both are JSON or YAML.

use super::sequence::{Edit, edits};
use super::structured::{Structured, structured};
use super::{Forces, same};
use crate::render::human::paint::{Painter, Symbol};
use crate::render::human::text;
use crate::render::human::value::{is_multi_line, lines_of};

/// Unchanged lines shown before and after a changed one.
const CONTEXT: usize = 3;

impl Painter<'_> {
    pub(super) fn string_change(
        &mut self,
        before: &str,
        after: &str,
        indent: usize,
        forces: &Forces<'_>,
    ) {
        if let Some(Structured { function, before, after }) = structured(before, after) {
            self.put(function).put("(").forces_here(forces);
            self.line();
            if same(&before, &after) {
                self.pad(indent + 6).dim("# (only the layout of the JSON text changes)");
            } else {
                self.margin(indent + 4, Symbol::Update);
                self.change(&before, &after, indent + 4, &Forces::default());
            }
            self.line().pad(indent + 2).put(")");
        } else if is_multi_line(before) || is_multi_line(after) {
            self.lines_change(before, after, indent, forces);
        } else {
            text::quoted(self.text(), before);
            self.put(" -> ");
            text::quoted(self.text(), after);
            self.forces_here(forces);
        }
    }

    fn lines_change(&mut self, before: &str, after: &str, indent: usize, forces: &Forces<'_>) {
        let (old, new) = (lines_of(before), lines_of(after));
        let edits = edits(&old, &new, false);
        self.put("<<-EOT");
        match (before.ends_with('\n'), after.ends_with('\n')) {
            (false, true) => self.dim(" # a newline is added at the end"),
            (true, false) => self.dim(" # the newline at the end is removed"),
            _ => self,
        };
        self.forces_here(forces);
        self.line();
        let shown = near_changes(&edits);
        let mut hidden = 0;
        for (edit, shown) in edits.iter().zip(shown) {
            if !shown {
                hidden += 1;
                continue;
            }
            self.hidden_lines(std::mem::take(&mut hidden), indent);
            match *edit {
                Edit::Keep(at) => self.heredoc_line(new[at], Symbol::Keep, indent),
                Edit::Remove(at) => self.heredoc_line(old[at], Symbol::Delete, indent),
                Edit::Add(at) => self.heredoc_line(new[at], Symbol::Create, indent),
                Edit::Change(from, to) => {
                    self.heredoc_line(old[from], Symbol::Delete, indent);
                    self.heredoc_line(new[to], Symbol::Create, indent);
                }
            }
        }
        self.hidden_lines(hidden, indent);
        self.heredoc_close(indent);
    }

    fn hidden_lines(&mut self, hidden: usize, indent: usize) {
        self.hidden(hidden, "unchanged line", "unchanged lines", indent + 4);
    }
}

/// For each edit, whether it is a change or stands within [`CONTEXT`] lines of one.
fn near_changes(edits: &[Edit]) -> Vec<bool> {
    let mut shown = vec![false; edits.len()];
    for (at, edit) in edits.iter().enumerate() {
        if !matches!(edit, Edit::Keep(_)) {
            let end = (at + CONTEXT + 1).min(edits.len());
            shown[at.saturating_sub(CONTEXT)..end].fill(true);
        }
    }
    shown
}
