//! Anchors, aliases and merge keys, within a budget: what aliases expand to is counted before it is made, so
//! that a file of a kilobyte cannot become a gigabyte.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{BYTES_FOR_AN_ALIASED_NODE, MIN_ALIAS_BUDGET};
use crate::spec::syntax::{Expr, ExprKind, ObjectItem, ObjectKey};

/// A subtree with its measures.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) expr: Expr,
    /// How many nodes it has.
    pub(super) nodes: usize,
    /// How many mappings and sequences lie in each other.
    pub(super) height: usize,
}

/// The anchored nodes of one document.
pub(super) struct Anchors {
    nodes: HashMap<usize, Node>,
    /// How many more nodes may be copied in this file.
    budget: usize,
}

/// Why an alias cannot be replaced by what it stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AliasError {
    /// The anchor belongs to another document, or the alias stands inside of what it names.
    Unknown,
    /// Too much would be copied.
    Budget,
}

impl Anchors {
    /// For a file of so many bytes.
    pub(super) fn new(bytes: usize) -> Anchors {
        let budget = MIN_ALIAS_BUDGET.max(bytes / BYTES_FOR_AN_ALIASED_NODE);
        Anchors { nodes: HashMap::new(), budget }
    }

    /// Anchors end with their document; what was spent stays spent.
    pub(super) fn next_document(&mut self) {
        self.nodes.clear();
    }

    /// Remembers a node under its anchor.
    pub(super) fn define(&mut self, anchor: usize, node: &Node) -> Result<(), AliasError> {
        self.spend(node.nodes)?;
        self.nodes.insert(anchor, node.clone());
        Ok(())
    }

    /// What an alias stands for.
    pub(super) fn expand(&mut self, anchor: usize) -> Result<Node, AliasError> {
        let nodes = self.nodes.get(&anchor).ok_or(AliasError::Unknown)?.nodes;
        self.spend(nodes)?;
        self.nodes.get(&anchor).cloned().ok_or(AliasError::Unknown)
    }

    fn spend(&mut self, nodes: usize) -> Result<(), AliasError> {
        self.budget = self.budget.checked_sub(nodes).ok_or(AliasError::Budget)?;
        Ok(())
    }
}

/// The mappings that a merge key names, or `None` if it names something else.
pub(super) fn merged_mappings(value: Expr) -> Option<Vec<Vec<ObjectItem>>> {
    match value.kind {
        ExprKind::Object(items) => Some(vec![items]),
        ExprKind::Tuple(elements) => elements
            .into_iter()
            .map(|element| match element.kind {
                ExprKind::Object(items) => Some(items),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// Adds to `items` what the merged mappings have and it lacks; of two mappings the first wins.
pub(super) fn merge(items: &mut Vec<ObjectItem>, merged: Vec<Vec<ObjectItem>>) {
    let mut present: HashSet<Arc<str>> =
        items.iter().filter_map(|item| literal(&item.key)).cloned().collect();
    for item in merged.into_iter().flatten() {
        if literal(&item.key).is_none_or(|key| present.insert(key.clone())) {
            items.push(item);
        }
    }
}

fn literal(key: &ObjectKey) -> Option<&Arc<str>> {
    match key {
        ObjectKey::Literal(name) => Some(&name.text),
        ObjectKey::Expr(_) => None,
    }
}
