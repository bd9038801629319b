//! Differences of lists, tuples and sets.

use std::cmp::Ordering;
use std::hash::Hash;

use mpctl_provider::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Forces, same};
use crate::render::human::paint::{Painter, Symbol};

/// Above this product of lengths (after what is common at both ends) elements are paired by position: the
/// search for the longest common subsequence would cost more than its neatness is worth.
const SEARCH_LIMIT: usize = 4_000_000;

/// What becomes of an element; positions are those of before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edit {
    Keep(usize),
    Remove(usize),
    Add(usize),
    Change(usize, usize),
}

/// The edits that turn one sequence into the other. Where elements go and others come in one place, they are
/// paired if `pair` says so.
pub(super) fn edits<T: Eq + Hash>(old: &[T], new: &[T], pair: bool) -> Vec<Edit> {
    let mut edits = Vec::with_capacity(new.len());
    let (mut old_at, mut new_at) = (0, 0);
    for (old_start, new_start, len) in equal_runs(old, new) {
        gap(&mut edits, (old_at, old_start), (new_at, new_start), pair);
        edits.extend((new_start..new_start + len).map(Edit::Keep));
        (old_at, new_at) = (old_start + len, new_start + len);
    }
    gap(&mut edits, (old_at, old.len()), (new_at, new.len()), pair);
    edits
}

fn gap(edits: &mut Vec<Edit>, old: (usize, usize), new: (usize, usize), pair: bool) {
    let paired = if pair { (old.1 - old.0).min(new.1 - new.0) } else { 0 };
    edits.extend((0..paired).map(|i| Edit::Change(old.0 + i, new.0 + i)));
    edits.extend((old.0 + paired..old.1).map(Edit::Remove));
    edits.extend((new.0 + paired..new.1).map(Edit::Add));
}

/// Runs of equal elements, as (start in old, start in new, length), in order and apart.
fn equal_runs<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<(usize, usize, usize)> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b);
    let suffix = suffix.count();
    let old_middle = &old_rest[..old_rest.len() - suffix];
    let new_middle = &new_rest[..new_rest.len() - suffix];

    let mut runs = vec![(0, 0, prefix)];
    if old_middle.len().saturating_mul(new_middle.len()) <= SEARCH_LIMIT {
        let operations = capture_diff_slices(Algorithm::Myers, old_middle, new_middle);
        runs.extend(operations.into_iter().filter_map(|operation| match operation {
            DiffOp::Equal { old_index, new_index, len } => {
                Some((prefix + old_index, prefix + new_index, len))
            }
            _ => None,
        }));
    }
    runs.push((old.len() - suffix, new.len() - suffix, suffix));
    runs
}

/// Numbers for elements: equal elements get equal numbers.
fn numbered(before: &[Value], after: &[Value]) -> (Vec<u32>, Vec<u32>) {
    let all: Vec<&Value> = before.iter().chain(after).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| Value::total_order(all[*a], all[*b]));
    let mut numbers = vec![0; all.len()];
    let mut number = 0;
    for pair in order.windows(2) {
        if Value::total_order(all[pair[0]], all[pair[1]]) != Ordering::Equal {
            number += 1;
        }
        numbers[pair[1]] = number;
    }
    let new = numbers.split_off(before.len());
    (numbers, new)
}

impl Painter<'_> {
    /// `[`, the elements that change with one neighbour on either side, `]`.
    pub(super) fn items_change(
        &mut self,
        before: &[Value],
        after: &[Value],
        indent: usize,
        forces: &Forces<'_>,
    ) {
        let (old, new) = numbered(before, after);
        let mut edits = edits(&old, &new, true);
        for edit in &mut edits {
            if let Edit::Change(from, to) = *edit
                && same(&before[from], &after[to])
            {
                *edit = Edit::Keep(to);
            }
        }
        self.put("[").forces_here(forces);
        self.line();
        let mut hidden = 0;
        for (at, edit) in edits.iter().enumerate() {
            let beside = |at: Option<usize>| {
                at.and_then(|at| edits.get(at)).is_some_and(|e| !matches!(e, Edit::Keep(_)))
            };
            if matches!(edit, Edit::Keep(_)) && !beside(at.checked_sub(1)) && !beside(Some(at + 1))
            {
                hidden += 1;
                continue;
            }
            self.hidden_items(std::mem::take(&mut hidden), indent);
            self.edit(*edit, before, after, indent + 4, forces);
        }
        self.hidden_items(hidden, indent);
        self.pad(indent + 2).put("]");
    }

    fn hidden_items(&mut self, hidden: usize, indent: usize) {
        self.hidden(hidden, "unchanged element", "unchanged elements", indent + 4);
    }

    fn edit(
        &mut self,
        edit: Edit,
        before: &[Value],
        after: &[Value],
        indent: usize,
        forces: &Forces<'_>,
    ) {
        match edit {
            Edit::Keep(at) => self.item(&after[at], Symbol::Keep, indent),
            Edit::Remove(at) => self.item(&before[at], Symbol::Delete, indent),
            Edit::Add(at) => self.item(&after[at], Symbol::Create, indent),
            Edit::Change(from, to) => {
                self.margin(indent, Symbol::Update);
                self.change(&before[from], &after[to], indent, &forces.below_index(to));
                self.put(",").line();
            }
        }
    }

    /// `[`, the elements that go and come, `]`; both sides are sorted.
    pub(super) fn set_change(
        &mut self,
        before: &[Value],
        after: &[Value],
        indent: usize,
        forces: &Forces<'_>,
    ) {
        self.put("[").forces_here(forces);
        self.line();
        let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
        let mut hidden = 0;
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) => Value::total_order(a, b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            match order {
                Ordering::Equal => {
                    hidden += 1;
                    old.next();
                    new.next();
                }
                Ordering::Less => {
                    old.next().into_iter().for_each(|v| self.item(v, Symbol::Delete, indent + 4));
                }
                Ordering::Greater => {
                    new.next().into_iter().for_each(|v| self.item(v, Symbol::Create, indent + 4));
                }
            }
        }
        self.hidden_items(hidden, indent);
        self.pad(indent + 2).put("]");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the edits make of the old sequence.
    fn play(edits: &[Edit], new: &[u8]) -> Vec<u8> {
        let kept = edits.iter().filter_map(|edit| match edit {
            Edit::Keep(at) | Edit::Add(at) | Edit::Change(_, at) => Some(new[*at]),
            Edit::Remove(_) => None,
        });
        kept.collect()
    }

    proptest! {
        #[test]
        fn edits_lead_from_the_old_sequence_to_the_new(
            old in prop::collection::vec(0_u8..4, 0..12),
            new in prop::collection::vec(0_u8..4, 0..12),
            pair: bool,
        ) {
            let edits = edits(&old, &new, pair);
            prop_assert_eq!(play(&edits, &new), new.clone());
            let touched = edits.iter().filter(|e| !matches!(e, Edit::Add(_))).count();
            prop_assert_eq!(touched, old.len(), "every old element is kept, changed or removed once");
        }
    }

    #[test]
    fn an_element_in_the_middle_is_an_addition_and_not_a_row_of_changes() {
        assert_eq!(edits(&[1, 2], &[1, 3, 2], true), [Edit::Keep(0), Edit::Add(1), Edit::Keep(2)]);
    }
}
