//! The graph itself: adjacency in two flat arrays, and the walks that need no more than that.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cycle::{self, Cycle};

/// A graph over the nodes `0..len`. An edge `(a, b)` says that `a` needs `b`: `b` is a dependency of `a`, and
/// comes first.
#[derive(Clone, Debug)]
pub struct Dag {
    dependencies: Adjacency,
    dependents: Adjacency,
}

/// Which way a walk goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From a node to what it needs.
    Dependencies,
    /// From a node to what needs it.
    Dependents,
}

/// The neighbours of each node, sorted, in one array (compressed sparse rows).
#[derive(Clone, Debug)]
struct Adjacency {
    /// Where each node's neighbours start in `targets`; one more entry than there are nodes.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    /// Two counting passes: by target, then by source, which leaves each row sorted. Repeated edges fall out.
    fn new(len: usize, edges: &[(u32, u32)]) -> Adjacency {
        let by_target = bucket(len, edges.len(), edges.iter().map(|(a, b)| (*b, *a)));
        let sorted = rows(&by_target.0, &by_target.1).map(|(target, source)| (source, target));
        let (mut starts, mut targets) = bucket(len, edges.len(), sorted);
        let mut kept = 0;
        let mut row_start = 0;
        for node in 0..len {
            let row = row_start..starts[node + 1] as usize;
            row_start = row.end;
            let first = kept;
            for at in row {
                if kept == first || targets[kept - 1] != targets[at] {
                    targets[kept] = targets[at];
                    kept += 1;
                }
            }
            starts[node + 1] = kept as u32;
        }
        targets.truncate(kept);
        Adjacency { starts, targets }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.targets[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }
}

/// Puts pairs into the bucket of their first half, in the order in which they come.
fn bucket(
    len: usize,
    count: usize,
    pairs: impl Iterator<Item = (u32, u32)> + Clone,
) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; len + 1];
    for (key, _) in pairs.clone() {
        starts[key as usize + 1] += 1;
    }
    for node in 0..len {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut values = vec![0; count];
    for (key, value) in pairs {
        let at = &mut next[key as usize];
        values[*at as usize] = value;
        *at += 1;
    }
    (starts, values)
}

/// The pairs (bucket, value) of what [`bucket`] made.
fn rows<'a>(starts: &'a [u32], values: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + Clone + 'a {
    starts.windows(2).enumerate().flat_map(move |(key, bounds)| {
        values[bounds[0] as usize..bounds[1] as usize].iter().map(move |value| (key as u32, *value))
    })
}

impl Dag {
    /// The graph of `len` nodes with the edges `(node, what it needs)`; repeated edges count once.
    ///
    /// # Panics
    ///
    /// If an edge names a node that is not below `len`, which is a bug of the caller.
    pub fn new(len: usize, edges: impl IntoIterator<Item = (u32, u32)>) -> Dag {
        let mut edges: Vec<(u32, u32)> = edges.into_iter().collect();
        let dependencies = Adjacency::new(len, &edges);
        for edge in &mut edges {
            *edge = (edge.1, edge.0);
        }
        Dag { dependencies, dependents: Adjacency::new(len, &edges) }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.dependencies.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different edges there are.
    pub fn edge_count(&self) -> usize {
        self.dependencies.targets.len()
    }

    /// What the node needs, by rising number.
    pub fn dependencies(&self, node: u32) -> &[u32] {
        self.dependencies.of(node)
    }

    /// What needs the node, by rising number.
    pub fn dependents(&self, node: u32) -> &[u32] {
        self.dependents.of(node)
    }

    /// The neighbours in one direction.
    pub fn neighbours(&self, node: u32, direction: Direction) -> &[u32] {
        match direction {
            Direction::Dependencies => self.dependencies(node),
            Direction::Dependents => self.dependents(node),
        }
    }

    /// Every edge as `(node, what it needs)`, by rising numbers.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        rows(&self.dependencies.starts, &self.dependencies.targets)
    }

    /// The nodes, each after everything it needs; of several that could come next, the lowest number does.
    pub fn order(&self) -> Result<Vec<u32>, Cycle> {
        let mut missing: Vec<u32> =
            (0..self.len() as u32).map(|node| self.dependencies(node).len() as u32).collect();
        let mut ready: BinaryHeap<Reverse<u32>> = missing
            .iter()
            .enumerate()
            .filter(|(_, missing)| **missing == 0)
            .map(|(node, _)| Reverse(node as u32))
            .collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            for dependent in self.dependents(node) {
                let missing = &mut missing[*dependent as usize];
                *missing -= 1;
                if *missing == 0 {
                    ready.push(Reverse(*dependent));
                }
            }
        }
        if order.len() == self.len() {
            return Ok(order);
        }
        // What Kahn's walk could not reach holds a cycle, so there is a first one.
        Err(self.cycles().into_iter().next().unwrap_or_else(Cycle::none))
    }

    /// The wave of each node if every node takes one turn: 1 for what needs nothing, otherwise one more than
    /// the latest of what it needs.
    pub fn levels(&self) -> Result<Vec<u32>, Cycle> {
        let mut levels = vec![1; self.len()];
        for node in self.order()? {
            let latest = self.dependencies(node).iter().map(|needed| levels[*needed as usize]);
            levels[node as usize] = latest.max().map_or(1, |latest| latest + 1);
        }
        Ok(levels)
    }

    /// Which nodes can be reached from `seeds`, the seeds among them: `reached[node]`.
    pub fn reach(&self, seeds: impl IntoIterator<Item = u32>, direction: Direction) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut open: Vec<u32> = Vec::new();
        for seed in seeds {
            if !std::mem::replace(&mut reached[seed as usize], true) {
                open.push(seed);
            }
        }
        while let Some(node) = open.pop() {
            for next in self.neighbours(node, direction) {
                if !std::mem::replace(&mut reached[*next as usize], true) {
                    open.push(*next);
                }
            }
        }
        reached
    }

    /// One cycle for each knot of nodes that need each other, by the lowest number in each: what a user has to
    /// cut, at least.
    pub fn cycles(&self) -> Vec<Cycle> {
        cycle::find(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 0 needs 1 and 2; both need 3; 4 stands alone.
    fn diamond() -> Dag {
        Dag::new(5, [(0, 2), (0, 1), (1, 3), (2, 3), (0, 1)])
    }

    #[test]
    fn dependencies_come_first_and_low_numbers_before_high_ones() {
        assert_eq!(diamond().order(), Ok(vec![3, 1, 2, 0, 4]));
    }

    #[test]
    fn neighbours_are_sorted_and_repeated_edges_count_once() {
        let dag = diamond();
        assert_eq!(dag.dependencies(0), [1, 2]);
        assert_eq!(dag.dependents(3), [1, 2]);
        assert_eq!(dag.edge_count(), 4);
        assert_eq!(dag.edges().collect::<Vec<_>>(), [(0, 1), (0, 2), (1, 3), (2, 3)]);
    }

    #[test]
    fn levels_are_the_turns_in_which_nodes_can_run() {
        assert_eq!(diamond().levels(), Ok(vec![3, 2, 2, 1, 1]));
        assert_eq!(Dag::new(0, []).levels(), Ok(vec![]));
    }

    #[test]
    fn reach_goes_either_way() {
        let dag = diamond();
        assert_eq!(dag.reach([1], Direction::Dependencies), [false, true, false, true, false]);
        assert_eq!(dag.reach([1], Direction::Dependents), [true, true, false, false, false]);
    }

    #[test]
    fn a_node_that_needs_itself_is_a_cycle_of_one() {
        let dag = Dag::new(2, [(1, 1)]);
        assert_eq!(dag.order().unwrap_err().members(), [1]);
    }

    proptest! {
        #[test]
        fn an_order_respects_every_edge(pairs in prop::collection::vec((0_u32..40, 0_u32..40), 0..120)) {
            // Edges from high to low numbers only, so that there is no cycle.
            let edges: Vec<_> = pairs.iter().filter(|(a, b)| a > b).copied().collect();
            let dag = Dag::new(40, edges.iter().copied());
            let order = dag.order().unwrap();
            let levels = dag.levels().unwrap();
            let position = |node| order.iter().position(|n| *n == node).unwrap();
            for (node, needed) in edges {
                prop_assert!(position(needed) < position(node));
                prop_assert!(levels[needed as usize] < levels[node as usize]);
            }
        }

        #[test]
        fn the_order_of_edges_does_not_matter(mut pairs in prop::collection::vec((0_u32..20, 0_u32..20), 0..60)) {
            let one = Dag::new(20, pairs.iter().copied());
            pairs.reverse();
            let other = Dag::new(20, pairs.iter().copied());
            prop_assert_eq!(one.order(), other.order());
            prop_assert_eq!(one.cycles(), other.cycles());
        }

        #[test]
        fn there_is_an_order_or_a_cycle_of_real_edges(pairs in prop::collection::vec((0_u32..15, 0_u32..15), 0..40)) {
            let dag = Dag::new(15, pairs.iter().copied());
            if let Err(cycle) = dag.order() {
                let members = cycle.members();
                for (at, member) in members.iter().enumerate() {
                    let next = members[(at + 1) % members.len()];
                    prop_assert!(dag.dependencies(*member).contains(&next));
                }
            } else {
                prop_assert!(dag.cycles().is_empty());
            }
        }
    }
}
