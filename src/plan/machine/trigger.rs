//! `replace_triggered_by`: a resource is made anew because another one changes.
//!
//! As in Terraform: a reference to a resource triggers when an instance of it is updated or replaced, one to an
//! attribute when the attribute's value changes with that; something new, or going away, triggers nothing.

use super::Machine;
use super::outcome::lifecycle;
use super::ready::bind;
use super::wave::Item;
use crate::address::Key;
use crate::resolve::nodes::Kind;
use crate::spec::syntax::{Accessor, Expr, ExprKind};
use mpctl_provider::{Path, PathStep};

impl Machine {
    /// Whether something that the object's `replace_triggered_by` names changes in this plan.
    pub(super) fn is_triggered(&self, item: &Item) -> bool {
        let declaration = self.nodes.declarations[item.node as usize];
        let lifecycle = lifecycle(&self.input.documents, declaration);
        lifecycle.is_some_and(|it| {
            it.replace_triggered_by.iter().any(|trigger| self.has_changed(item, trigger))
        })
    }

    fn has_changed(&self, item: &Item, trigger: &Expr) -> bool {
        let Some((kind, name, steps)) = reference(trigger) else { return false };
        let Some(node) = self.nodes.find(kind, name) else { return false };
        let Some(touched) = self.environments[item.at].touched.get(&node) else { return false };
        let (key, steps) = match steps.split_first() {
            Some((Accessor::Index(index), rest)) => (self.instance_key(item, index), rest),
            _ => (None, steps),
        };
        let path = steps.iter().map_while(step).collect::<Vec<_>>();
        let path = Path(path);
        touched.iter().filter_map(|at| self.changes.get(*at)).any(|change| {
            let meant = key.as_ref().is_none_or(|key| change.address.local.key == *key);
            let before = change.before.as_ref().and_then(|object| path.of(&object.value));
            meant
                && (path.0.is_empty()
                    || before != change.after.as_ref().and_then(|after| path.of(after)))
        })
    }

    /// The key that an index means: `[0]`, `["eu"]`, `[each.key]`, `[count.index]`.
    fn instance_key(&self, item: &Item, index: &Expr) -> Option<Key> {
        let mut scope = self.scope(item.at);
        bind(&mut scope, &item.address.key, None);
        let value = crate::expr::evaluate(index, &scope, &self.context()).ok()?;
        match (value.as_str(), value.as_number().and_then(|number| number.as_i64())) {
            (Some(name), _) => Some(Key::Name(name.into())),
            (None, Some(number)) => u64::try_from(number).ok().map(Key::Index),
            _ => None,
        }
    }
}

/// Kind, name, and the steps after them.
fn reference(expr: &Expr) -> Option<(Kind, &str, &[Accessor])> {
    let ExprKind::Access { of, steps } = &expr.kind else { return None };
    let ExprKind::Variable(root) = &of.kind else { return None };
    let (Accessor::Attribute(name), rest) = steps.split_first()? else { return None };
    Some((Kind::of_root(root)?, &name.text, rest))
}

fn step(accessor: &Accessor) -> Option<PathStep> {
    match accessor {
        Accessor::Attribute(name) => Some(PathStep::Key(name.text.clone())),
        Accessor::Index(Expr { kind: ExprKind::Literal(value), .. }) => {
            match (value.as_str(), value.as_number().and_then(|number| number.as_i64())) {
                (Some(key), _) => Some(PathStep::Key(key.into())),
                (None, Some(index)) => u64::try_from(index).ok().map(PathStep::Index),
                _ => None,
            }
        }
        Accessor::Index(_) | Accessor::Splat(_) => None,
    }
}
