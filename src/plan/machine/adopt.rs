//! `moved` and `import`: what is recorded gets the address that the spec gives it now.
//!
//! A move renames records before anything is compared, so that the object under the new address is the one
//! that was under the old. Chains are followed; a move whose target is recorded already is left alone, with a
//! warning, since one of the two objects would otherwise be lost sight of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{EnvironmentInput, Machine};
use crate::address::{Key, LocalAddress, Subject};
use crate::diagnostic::{Diagnostic, Severity, code};
use crate::resolve::nodes::{Declaration, Kind as NodeKind};
use crate::spec::document::{Moved, Repetition};
use crate::spec::syntax::{Accessor, Expr, ExprKind};
use crate::state::Record;

impl Machine {
    /// Carries the moves out on what is recorded; remembers where each record was.
    pub(super) fn adopt(&mut self) {
        let documents = self.input.documents.clone();
        for import in &documents.imports {
            self.diagnostics.push(
                Diagnostic::error(code::ADOPTION, "`import` is not supported yet")
                    .at(import.span, "this object would not be taken over, but made a second time")
                    .hint("take the import out, and leave the object to what manages it now"),
            );
        }
        let mut moves = Vec::new();
        for moved in &documents.moved {
            match (address(&moved.from), address(&moved.to)) {
                (Some(from), Some(to)) => moves.push((moved, from, to)),
                _ => self.diagnostics.push(
                    Diagnostic::error(code::ADOPTION, "`moved` takes two addresses")
                        .at(moved.span, "one of them is none")
                        .hint("write them like `resource.old`, `resource.many[0]`, `workload.api`"),
                ),
            }
        }
        let mut inputs = std::mem::take(&mut self.input.environments);
        for (at, input) in inputs.iter_mut().enumerate() {
            // A chain of moves settles in as many rounds as it is long.
            for _ in 0..=moves.len() {
                let carried =
                    moves.iter().filter(|(moved, from, to)| self.carry(at, input, moved, from, to));
                if carried.count() == 0 {
                    break;
                }
            }
            self.follow_repetition(at, input);
        }
        self.input.environments = inputs;
    }

    /// The only object of a declaration becomes the first one when `count` is added, and the first one the only
    /// one when it is taken away: nobody has to say so.
    fn follow_repetition(&mut self, at: usize, input: &mut EnvironmentInput) {
        let documents = self.input.documents.clone();
        let other_key = |address: &LocalAddress| {
            let Subject::Resource(name) = &address.subject else { return None };
            let node = self.nodes.find(NodeKind::Resource, name)?;
            let Declaration::Resource(document) = self.nodes.declarations[node as usize] else {
                return None;
            };
            match (&address.key, &documents.resources[document as usize].repetition) {
                (Key::None, Some(Repetition::Count(_))) => Some(Key::Index(0)),
                (Key::Index(0), None) => Some(Key::None),
                _ => None,
            }
        };
        let is_object = |record: &Record| matches!(record, Record::Resource(_));
        let records = input.state.records.iter().filter(|(_, record)| is_object(record));
        let found: Vec<(LocalAddress, LocalAddress)> = records
            .filter_map(|(old, _)| {
                let new = LocalAddress { subject: old.subject.clone(), key: other_key(old)? };
                (!input.state.records.contains_key(&new)).then(|| (old.clone(), new))
            })
            .collect();
        for (old, new) in found {
            self.rename(at, input, old, new);
        }
    }

    /// Gives a record another address, and remembers where it was.
    fn rename(
        &mut self,
        at: usize,
        input: &mut EnvironmentInput,
        old: LocalAddress,
        new: LocalAddress,
    ) {
        if let Some(record) = input.state.records.remove(&old) {
            input.state.records.insert(new.clone(), record);
            // Of a chain the first address counts: that is where the record is.
            let first = self.moved[at].remove(&old).unwrap_or(old);
            self.moved[at].insert(new, first);
        }
    }

    fn carry(
        &mut self,
        at: usize,
        input: &mut EnvironmentInput,
        moved: &Moved,
        from: &LocalAddress,
        to: &LocalAddress,
    ) -> bool {
        let here = moved
            .environments
            .as_ref()
            .is_none_or(|names| names.iter().any(|n| n.text == input.name));
        if !here {
            return false;
        }
        let whole = from.key == Key::None && to.key == Key::None;
        let affected = |address: &LocalAddress| match (&from.subject, &address.subject) {
            (Subject::Workload(name), Subject::Lowered { workload, .. }) => name == workload,
            (subject, other) => subject == other && (whole || address.key == from.key),
        };
        // What belongs to one declaration stands together in the state.
        let first = LocalAddress::new(match &from.subject {
            Subject::Workload(name) => Subject::Lowered {
                workload: name.clone(),
                resource_type: Arc::from(""),
                name: Arc::from(""),
            },
            other => other.clone(),
        });
        let together = input.state.records.range(first..).map(|(address, _)| address);
        let together = together.take_while(|address| address.subject.owner() == from.subject);
        let found: Vec<LocalAddress> =
            together.filter(|address| affected(address)).cloned().collect();
        let mut carried = false;
        for old in found {
            let new = renamed(&old, to, whole);
            if new == old || !self.may_move(input, moved, &old, &new) {
                continue;
            }
            self.rename(at, input, old, new);
            carried = true;
        }
        carried
    }

    fn may_move(
        &mut self,
        input: &EnvironmentInput,
        moved: &Moved,
        old: &LocalAddress,
        new: &LocalAddress,
    ) -> bool {
        let taken = input
            .state
            .records
            .get(new)
            .is_some_and(|record| matches!(record, Record::Resource(_)));
        if taken {
            let summary = format!(
                "{old} is not moved: there is something at {new} already in {}",
                input.name
            );
            let diagnostic = Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error(code::ADOPTION, summary)
            };
            let diagnostic = diagnostic
                .at(moved.span, "")
                .hint("take this `moved` out once every environment has moved");
            if !self.diagnostics.iter().any(|known| *known == diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
        !taken
    }
}

/// Where records were that have been moved, by where they are now.
pub(super) type MovedFrom = BTreeMap<LocalAddress, LocalAddress>;

fn renamed(old: &LocalAddress, to: &LocalAddress, whole: bool) -> LocalAddress {
    let key = if whole { old.key.clone() } else { to.key.clone() };
    let subject = match (&old.subject, &to.subject) {
        (Subject::Lowered { resource_type, name, workload }, Subject::Workload(new)) => {
            // What a runtime lowers is usually named after the workload, and goes along with it then.
            let name = if name == workload { new.clone() } else { name.clone() };
            Subject::Lowered { workload: new.clone(), resource_type: resource_type.clone(), name }
        }
        (_, subject) => subject.clone(),
    };
    LocalAddress {
        subject,
        key: if matches!(old.subject, Subject::Lowered { .. }) { old.key.clone() } else { key },
    }
}

/// `resource.NAME`, `resource.NAME[KEY]`, `workload.NAME` as an address.
fn address(expr: &Expr) -> Option<LocalAddress> {
    if let ExprKind::Literal(value) = &expr.kind {
        return value.as_str()?.parse().ok();
    }
    let ExprKind::Access { of, steps } = &expr.kind else { return None };
    let ExprKind::Variable(root) = &of.kind else { return None };
    let (Accessor::Attribute(name), rest) = steps.split_first()? else { return None };
    let subject = match root.as_ref() {
        "resource" => Subject::Resource(name.text.clone()),
        "workload" => Subject::Workload(name.text.clone()),
        _ => return None,
    };
    let key = match rest {
        [] => Key::None,
        [Accessor::Index(Expr { kind: ExprKind::Literal(value), .. })] => {
            match (value.as_str(), value.as_number().and_then(|number| number.as_i64())) {
                (Some(name), _) => Key::Name(name.into()),
                (None, Some(index)) => Key::Index(u64::try_from(index).ok()?),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(LocalAddress { subject, key })
}
