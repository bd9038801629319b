//! From changes to steps: what the executor does, with direct edges only.
//!
//! The order is Terraform's. Something is made or changed after what it refers to, and destroyed before it;
//! in a replacement that destroys first, dependents that go are gone before, and dependents that stay are
//! changed after the new object is there; in one that creates first, the old object goes last. Between
//! declarations of many instances a *join* stands for "all of these", so edges grow with the sum of the
//! instances and not with their product.

use std::collections::HashMap;
use std::sync::Arc;

use crate::address::{Key, Subject};
use crate::graph::Dag;
use crate::plan::{Action, Change, ReplaceOrder, Step, StepId, StepKind};

/// How many instances of a workload may be down at the same time, by environment and workload.
pub type Windows = HashMap<(Arc<str>, Arc<str>), u64>;

/// A declaration as changes belong to it: the environment and the subject, a workload for what it was
/// lowered to.
type GroupKey = (Arc<str>, Subject);

/// The steps of one declaration.
#[derive(Default)]
struct Group {
    /// Makes, changes, reads.
    forward: Vec<u32>,
    /// Destroys what its dependents do not need any more: before what it depends on goes.
    delete: Vec<u32>,
    /// Destroys what was replaced by creating first: after its dependents have been changed.
    deposed: Vec<u32>,
    /// The declarations that it refers to.
    needs: Vec<u32>,
    /// The declarations that it referred to when it was recorded.
    needed: Vec<u32>,
}

/// Decides for each replacement which half comes first. `create_before_destroy` spreads to what a declaration
/// depends on: if the new one has to be there before the old one goes, so has everything it stands on.
pub fn settle_replace_order(changes: &mut [Change]) {
    if !changes.iter().any(|change| change.create_before_destroy) {
        return;
    }
    let Grouping { of, groups } = group_changes(changes);
    let mut creates_first = vec![false; groups.len()];
    let mut open: Vec<u32> = Vec::new();
    for (_, group) in changes.iter().zip(&of).filter(|(change, _)| change.create_before_destroy) {
        open.push(*group);
    }
    while let Some(group) = open.pop() {
        if std::mem::replace(&mut creates_first[group as usize], true) {
            continue;
        }
        open.extend(&groups[group as usize].needs);
    }
    for (change, group) in changes.iter_mut().zip(of) {
        if creates_first[group as usize] {
            change.create_before_destroy = true;
            if let Action::Replace(order) = &mut change.action {
                *order = ReplaceOrder::CreateThenDelete;
            }
        }
    }
}

/// The steps of the changes, in an order in which they could be done one by one; also tells each change its wave.
pub fn build(changes: &mut [Change], windows: &Windows) -> Vec<Step> {
    let Grouping { of, mut groups } = group_changes(changes);
    let mut raw = Raw::default();
    for (at, change) in changes.iter().enumerate() {
        raw.change(at as u32, change, &mut groups[of[at] as usize]);
    }
    raw.roll(changes, windows);
    let firm = raw.edges.len();
    raw.connect(&mut groups);
    let mut dag = Dag::new(raw.kinds.len(), raw.edges.iter().copied());
    let order = match dag.order() {
        Ok(order) => order,
        Err(_) => {
            // References that were turned around since the last apply: of the edges between declarations,
            // those from the record give way.
            raw.edges.truncate(firm);
            raw.connect_present(&mut groups);
            dag = Dag::new(raw.kinds.len(), raw.edges.iter().copied());
            dag.order().unwrap_or_else(|_| (0..raw.kinds.len() as u32).collect())
        }
    };
    finish(raw, &dag, &order, changes)
}

fn group_of(change: &Change) -> GroupKey {
    (change.address.environment.clone(), change.address.local.subject.owner())
}

/// Changes by declaration.
struct Grouping {
    /// The group of each change.
    of: Vec<u32>,
    groups: Vec<Group>,
}

fn group_changes(changes: &[Change]) -> Grouping {
    let mut index: HashMap<GroupKey, u32> = HashMap::with_capacity(changes.len());
    let mut of: Vec<u32> = Vec::with_capacity(changes.len());
    for change in changes {
        let next = index.len() as u32;
        of.push(*index.entry(group_of(change)).or_insert(next));
    }
    let mut groups: Vec<Group> = Vec::new();
    groups.resize_with(index.len(), Group::default);
    for (change, group) in changes.iter().zip(&of) {
        let find = |subjects: &[Subject]| {
            let environment = &change.address.environment;
            let found = subjects
                .iter()
                .filter_map(|s| index.get(&(environment.clone(), s.clone())).copied());
            found.filter(|found| found != group).collect::<Vec<u32>>()
        };
        // Instances of one declaration share their references: the first that has any speaks for all.
        let entry = &mut groups[*group as usize];
        if entry.needs.is_empty() {
            entry.needs = find(&change.dependencies);
        }
        if entry.needed.is_empty() {
            entry.needed = find(&change.previous_dependencies);
        }
    }
    Grouping { of, groups }
}

/// Steps and edges before they are put in order.
#[derive(Default)]
struct Raw {
    kinds: Vec<(StepKind, Option<u32>)>,
    /// (step, what it needs)
    edges: Vec<(u32, u32)>,
    /// Joins that stand for a list of steps, by group and list.
    joins: HashMap<(usize, u8), u32>,
}

impl Raw {
    fn step(&mut self, kind: StepKind, change: Option<u32>) -> u32 {
        self.kinds.push((kind, change));
        self.kinds.len() as u32 - 1
    }

    fn change(&mut self, at: u32, change: &Change, group: &mut Group) {
        match change.action {
            Action::NoOp => {}
            Action::Create => group.forward.push(self.step(StepKind::Create, Some(at))),
            Action::Update => group.forward.push(self.step(StepKind::Update, Some(at))),
            Action::Read => group.forward.push(self.step(StepKind::Read, Some(at))),
            Action::Delete => group.delete.push(self.step(StepKind::Delete, Some(at))),
            Action::Forget => group.delete.push(self.step(StepKind::Forget, Some(at))),
            Action::Replace(ReplaceOrder::DeleteThenCreate) => {
                let delete = self.step(StepKind::Delete, Some(at));
                let create = self.step(StepKind::Create, Some(at));
                self.edges.push((create, delete));
                group.delete.push(delete);
                group.forward.push(create);
            }
            Action::Replace(ReplaceOrder::CreateThenDelete) => {
                let create = self.step(StepKind::Create, Some(at));
                let delete = self.step(StepKind::Delete, Some(at));
                self.edges.push((delete, create));
                group.forward.push(create);
                group.deposed.push(delete);
            }
        }
    }

    /// Rolling updates: of a workload's instances, each that is changed waits for the one a window before it.
    fn roll(&mut self, changes: &[Change], windows: &Windows) {
        let mut by_workload: HashMap<GroupKey, Vec<(u64, u32, u32)>> = HashMap::new();
        for (step, (kind, change)) in self.kinds.iter().enumerate() {
            let Some(change) = change.map(|at| &changes[at as usize]) else { continue };
            let (Subject::Lowered { .. }, Key::Index(index)) =
                (&change.address.local.subject, &change.address.local.key)
            else {
                continue;
            };
            let in_place = matches!(change.action, Action::Update | Action::Replace(_));
            if in_place && matches!(kind, StepKind::Update | StepKind::Create | StepKind::Delete) {
                let entry = by_workload.entry(group_of(change)).or_default();
                match entry.last_mut() {
                    Some((last, _, end)) if last == index => *end = step as u32,
                    _ => entry.push((*index, step as u32, step as u32)),
                }
            }
        }
        for ((environment, subject), mut steps) in by_workload {
            let Subject::Workload(name) = subject else { continue };
            let Some(window) = windows.get(&(environment, name)) else { continue };
            let window = usize::try_from((*window).max(1)).unwrap_or(usize::MAX);
            steps.sort_unstable();
            for at in window..steps.len() {
                self.edges.push((steps[at].1, steps[at - window].2));
            }
        }
    }

    /// The edges between declarations, those from the record included.
    fn connect(&mut self, groups: &mut [Group]) {
        self.connect_present(groups);
        for at in 0..groups.len() {
            for needed in groups[at].needed.clone() {
                let needed = needed as usize;
                // What depends on a thing goes before it goes,
                self.every(groups, (at, DELETE), (needed, DELETE));
                self.every(groups, (at, DEPOSED), (needed, DELETE));
                // and what stays is changed after it went, as Terraform does it.
                if groups[at].deposed.is_empty() {
                    self.every(groups, (needed, DELETE), (at, FORWARD));
                }
                self.every(groups, (at, FORWARD), (needed, DEPOSED));
                self.every(groups, (at, DELETE), (needed, DEPOSED));
                self.every(groups, (at, DEPOSED), (needed, DEPOSED));
            }
        }
    }

    /// The edges that the present references make.
    fn connect_present(&mut self, groups: &mut [Group]) {
        self.joins.clear();
        for at in 0..groups.len() {
            for needed in groups[at].needs.clone() {
                let needed = needed as usize;
                self.every(groups, (needed, FORWARD), (at, FORWARD));
                self.every(groups, (at, FORWARD), (needed, DEPOSED));
            }
        }
    }

    /// Every step of `later` needs every step of `earlier`.
    fn every(&mut self, groups: &[Group], earlier: (usize, u8), later: (usize, u8)) {
        let before = list(&groups[earlier.0], earlier.1);
        let after = list(&groups[later.0], later.1);
        if before.is_empty() || after.is_empty() {
            return;
        }
        if before.len() == 1 || after.len() == 1 {
            let pairs =
                after.iter().flat_map(|later| before.iter().map(move |earlier| (*later, *earlier)));
            self.edges.extend(pairs);
            return;
        }
        let join = match self.joins.get(&earlier) {
            Some(join) => *join,
            None => {
                let join = self.step(StepKind::Join, None);
                self.edges.extend(before.iter().map(|earlier| (join, *earlier)));
                self.joins.insert(earlier, join);
                join
            }
        };
        self.edges.extend(after.iter().map(|later| (*later, join)));
    }
}

const FORWARD: u8 = 0;
const DELETE: u8 = 1;
const DEPOSED: u8 = 2;

fn list(group: &Group, which: u8) -> &[u32] {
    match which {
        FORWARD => &group.forward,
        DELETE => &group.delete,
        _ => &group.deposed,
    }
}

/// Numbers the steps in their order and works the waves out; a join takes no turn of its own.
fn finish(raw: Raw, dag: &Dag, order: &[u32], changes: &mut [Change]) -> Vec<Step> {
    let mut number = vec![0u32; order.len()];
    for (at, step) in order.iter().enumerate() {
        number[*step as usize] = at as u32;
    }
    let mut steps: Vec<Step> = Vec::with_capacity(order.len());
    for step in order {
        let (kind, change) = raw.kinds[*step as usize];
        let mut needs: Vec<StepId> =
            dag.dependencies(*step).iter().map(|needed| StepId(number[*needed as usize])).collect();
        needs.sort_unstable();
        let latest = needs.iter().map(|needed| steps[needed.0 as usize].wave).max().unwrap_or(0);
        let wave = latest + u32::from(kind != StepKind::Join);
        if let Some(change) = change {
            let change = &mut changes[change as usize];
            change.wave = change.wave.max(wave);
        }
        steps.push(Step { kind, change, needs, wave });
    }
    steps
}
