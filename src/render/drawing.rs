//! A plan as a graph to be drawn: one node a declaration, an arrow to each that it refers to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::address::Subject;
use crate::graph::Dag;
use crate::graph::render::{Class, Drawing, Node};
use crate::plan::{Action, Change, PlanBody};

/// The graph of everything that the plan is about, unchanged objects included.
pub fn drawing(body: &PlanBody) -> Drawing {
    let mut declarations: BTreeMap<(Arc<str>, Subject), Vec<&Change>> = BTreeMap::new();
    for change in &body.changes {
        let address = &change.address;
        let subject = address.local.subject.owner();
        declarations.entry((address.environment.clone(), subject)).or_default().push(change);
    }
    let number: BTreeMap<&(Arc<str>, Subject), u32> =
        declarations.keys().enumerate().map(|(at, key)| (key, at as u32)).collect();
    let mut edges = Vec::new();
    for ((environment, subject), changes) in &declarations {
        let from = number[&(environment.clone(), subject.clone())];
        // What is going away points to what it stood on.
        let subjects = changes.iter().flat_map(|change| match change.action {
            Action::Delete | Action::Forget => &change.previous_dependencies,
            _ => &change.dependencies,
        });
        for needed in subjects {
            if let Some(to) = number.get(&(environment.clone(), needed.clone())) {
                edges.push((from, *to));
            }
        }
    }
    let several = body.environments.len() > 1;
    let nodes = declarations.iter().map(|((environment, subject), changes)| Node {
        label: match changes.len() {
            1 => subject.to_string(),
            count => format!("{subject} × {count}"),
        },
        group: if several { environment.to_string() } else { String::new() },
        class: changes.iter().map(|change| class(change.action)).max().unwrap_or_default(),
    });
    Drawing {
        title: body.project.to_string(),
        nodes: nodes.collect(),
        dag: Dag::new(declarations.len(), edges),
    }
}

fn class(action: Action) -> Class {
    match action {
        Action::NoOp => Class::Plain,
        Action::Create => Class::Create,
        Action::Read => Class::Read,
        Action::Update => Class::Update,
        Action::Replace(_) => Class::Replace,
        Action::Delete => Class::Delete,
        Action::Forget => Class::Forget,
    }
}
