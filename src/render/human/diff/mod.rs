//! The difference of two values, nested as the values are: what stays is hidden and counted, what changes is
//! shown with both sides.

mod entries;
mod same;
mod sequence;
mod string;
mod structured;

use mpctl_provider::{PathStep, Value};

use super::paint::{Painter, Symbol};
use super::value::{SENSITIVE, UNKNOWN};

use crate::render::secret::hides;

pub(super) use entries::Level;
pub(super) use same::same;

/// The paths, seen from some part of a value, whose change makes a new object necessary.
#[derive(Clone, Default)]
pub(super) struct Forces<'p>(Vec<&'p [PathStep]>);

impl<'p> Forces<'p> {
    pub(super) fn new(paths: &'p [mpctl_provider::Path]) -> Forces<'p> {
        Forces(paths.iter().map(|path| path.0.as_slice()).collect())
    }

    /// Seen from the attribute or entry `key`.
    fn below_key(&self, key: &str) -> Forces<'p> {
        self.below(|step| matches!(step, PathStep::Key(k) if k.as_ref() == key))
    }

    /// Seen from the element `index`.
    fn below_index(&self, index: usize) -> Forces<'p> {
        self.below(|step| matches!(step, PathStep::Index(i) if *i == index as u64))
    }

    fn below(&self, is: impl Fn(&PathStep) -> bool) -> Forces<'p> {
        let rest = |path: &&'p [PathStep]| match path.split_first() {
            Some((first, rest)) if is(first) => Some(rest),
            _ => None,
        };
        Forces(self.0.iter().filter_map(rest).collect())
    }

    /// Whether this very part is one of them.
    fn here(&self) -> bool {
        self.0.iter().any(|path| path.is_empty())
    }
}

/// What happens to a part; null counts as not there.
pub(super) fn symbol_of(before: Option<&Value>, after: Option<&Value>) -> Symbol {
    let there = |value: Option<&Value>| value.is_some_and(|v| !matches!(v, Value::Null(_)));
    match (there(before), there(after)) {
        (false, false) => Symbol::Keep,
        (false, true) => Symbol::Create,
        (true, false) => Symbol::Delete,
        (true, true) => match (before, after) {
            (Some(before), Some(after)) if !same(before, after) => Symbol::Update,
            _ => Symbol::Keep,
        },
    }
}

impl Painter<'_> {
    /// Both sides of a part that changes, from where the line stands.
    pub(super) fn change(
        &mut self,
        before: &Value,
        after: &Value,
        indent: usize,
        forces: &Forces<'_>,
    ) {
        let marked = (before.unmark().1, after.unmark().1);
        if marked != (false, false) && !self.reveal {
            return self.masked_change(before, after, marked, forces);
        }
        let (before, after) = (before.bare(), after.bare());
        match (before, after) {
            (_, Value::Unknown(unknown)) => {
                self.whole(before, Symbol::Delete, indent);
                self.put(" -> ").unknown(unknown);
                self.forces_here(forces);
            }
            (Value::String(before), Value::String(after)) => {
                self.string_change(before, after, indent, forces);
            }
            (Value::Set(old), Value::Set(new)) if self.reveal || !hides(before, after) => {
                self.set_change(&old.items, &new.items, indent, forces);
            }
            _ => match (before.as_entries(), after.as_entries()) {
                (Some(old), Some(new)) => {
                    let map = matches!(after, Value::Map(_));
                    self.entries_change(old, new, map, indent, forces);
                }
                _ => self.other_change(before, after, indent, forces),
            },
        }
    }

    fn other_change(&mut self, before: &Value, after: &Value, indent: usize, forces: &Forces<'_>) {
        // Without names no mark can be carried over from one side to the other.
        if !self.reveal && hides(before, after) {
            self.put(SENSITIVE).forces_here(forces);
            return;
        }
        match (before.as_items(), after.as_items()) {
            (Some(old), Some(new)) => self.items_change(old, new, indent, forces),
            _ => {
                self.whole(before, Symbol::Delete, indent);
                self.put(" -> ").whole(after, Symbol::Create, indent);
                self.forces_here(forces);
            }
        }
    }

    fn masked_change(
        &mut self,
        before: &Value,
        after: &Value,
        marked: (bool, bool),
        forces: &Forces<'_>,
    ) {
        if after.is_unknown() {
            // Not even what is known of it beforehand: it may be a part of the secret.
            self.put(SENSITIVE).put(" -> ").put(UNKNOWN).forces_here(forces);
            return;
        }
        self.put(SENSITIVE);
        self.forces_here(forces);
        let becomes = match marked {
            (false, true) => "will be sensitive",
            (true, false) => "will no longer be sensitive",
            _ => return,
        };
        let unchanged = same(before.bare(), after.bare());
        self.dim(" # ").dim(becomes);
        if unchanged {
            self.dim("; the value itself stays");
        }
    }

    pub(super) fn forces_here(&mut self, forces: &Forces<'_>) {
        if forces.here() {
            self.styled(super::paint::Style::Red, |p| {
                p.put(" # forces replacement");
            });
        }
    }

    /// `# (3 unchanged attributes hidden)`
    pub(super) fn hidden(&mut self, number: usize, one: &str, many: &str, indent: usize) {
        if number > 0 {
            self.pad(indent + 2);
            self.styled(super::paint::Style::Dim, |p| {
                p.put("# (").count(number, one, many).put(" hidden)");
            });
            self.line();
        }
    }
}
