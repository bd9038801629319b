//! Cycles: which nodes need each other, told as the shortest circle that can be found within a budget.

use std::collections::VecDeque;

use super::dag::Dag;

/// How many edges the search for a short cycle may look at, for each knot beyond its own size.
const SEARCH_BUDGET: usize = 1 << 18;

/// Nodes that need each other in a circle: each needs the next, the last needs the first. The lowest number is
/// first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    members: Vec<u32>,
}

impl Cycle {
    /// For a place that cannot be reached: a graph without order has a cycle.
    pub(super) fn none() -> Cycle {
        Cycle { members: Vec::new() }
    }

    fn new(mut members: Vec<u32>) -> Cycle {
        let lowest = (0..members.len()).min_by_key(|at| members[*at]).unwrap_or(0);
        members.rotate_left(lowest);
        Cycle { members }
    }

    /// The nodes; each needs the next, the last needs the first.
    pub fn members(&self) -> &[u32] {
        &self.members
    }
}

/// One cycle for each strongly connected component that has any, by the lowest member of the component.
pub(super) fn find(dag: &Dag) -> Vec<Cycle> {
    let components = Components::of(dag);
    let mut knots = components.groups();
    knots.retain(|knot| knot.len() > 1 || dag.dependencies(knot[0]).contains(&knot[0]));
    knots.sort_by_key(|knot| knot[0]);
    let mut search =
        Search { dag, component: &components.component, came_from: vec![NOBODY; dag.len()] };
    knots.iter().map(|knot| search.shortest(knot)).collect()
}

const NOBODY: u32 = u32::MAX;

/// Breadth-first searches that share one table.
struct Search<'a> {
    dag: &'a Dag,
    component: &'a [u32],
    came_from: Vec<u32>,
}

impl Search<'_> {
    /// The shortest cycle through any member of the knot, as far as the budget goes; always one.
    fn shortest(&mut self, knot: &[u32]) -> Cycle {
        let mut best: Vec<u32> = Vec::new();
        let mut looked_at = 0;
        for start in knot {
            let limit = if best.is_empty() { usize::MAX } else { best.len() - 1 };
            if let Some(found) = self.through(*start, limit, &mut looked_at) {
                best = found;
            }
            if best.len() == 1 || looked_at > SEARCH_BUDGET {
                break;
            }
        }
        Cycle::new(best)
    }

    /// The shortest cycle through `start`, if it has at most `limit` members.
    fn through(&mut self, start: u32, limit: usize, looked_at: &mut usize) -> Option<Vec<u32>> {
        let mut visited = Vec::new();
        let mut open = VecDeque::from([(start, 1_usize)]);
        let mut last = None;
        'search: while let Some((node, depth)) = open.pop_front() {
            if depth > limit {
                break;
            }
            for next in self.dag.dependencies(node) {
                *looked_at += 1;
                if *next == start {
                    last = Some(node);
                    break 'search;
                }
                let same = self.component[*next as usize] == self.component[start as usize];
                if same && self.came_from[*next as usize] == NOBODY {
                    self.came_from[*next as usize] = node;
                    visited.push(*next);
                    open.push_back((*next, depth + 1));
                }
            }
        }
        let found = last.map(|last| {
            let mut members = vec![last];
            while let Some(at) = members.last().copied().filter(|at| *at != start) {
                members.push(self.came_from[at as usize]);
            }
            members.reverse();
            members
        });
        for node in visited {
            self.came_from[node as usize] = NOBODY;
        }
        found
    }
}

/// Strongly connected components, by Tarjan's algorithm (SIAM J. Comput. 1, 1972) without recursion, so that a
/// long chain cannot exhaust the stack.
struct Components {
    /// The component of each node.
    component: Vec<u32>,
    count: u32,
}

impl Components {
    fn of(dag: &Dag) -> Components {
        let mut walk = Walk {
            dag,
            index: vec![NOBODY; dag.len()],
            low: vec![0; dag.len()],
            on_stack: vec![false; dag.len()],
            stack: Vec::new(),
            next_index: 0,
            components: Components { component: vec![NOBODY; dag.len()], count: 0 },
        };
        for node in 0..dag.len() as u32 {
            if walk.index[node as usize] == NOBODY {
                walk.from(node);
            }
        }
        walk.components
    }

    /// The members of each component, by rising number.
    fn groups(&self) -> Vec<Vec<u32>> {
        let mut groups = vec![Vec::new(); self.count as usize];
        for (node, component) in self.component.iter().enumerate() {
            groups[*component as usize].push(node as u32);
        }
        groups
    }
}

struct Walk<'a> {
    dag: &'a Dag,
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next_index: u32,
    components: Components,
}

impl Walk<'_> {
    fn from(&mut self, root: u32) {
        let mut open = vec![(self.enter(root), 0_usize)];
        while let Some((node, at)) = open.last_mut() {
            let node = *node;
            if let Some(next) = self.dag.dependencies(node).get(*at).copied() {
                *at += 1;
                if self.index[next as usize] == NOBODY {
                    open.push((self.enter(next), 0));
                } else if self.on_stack[next as usize] {
                    self.lower(node, self.index[next as usize]);
                }
            } else {
                open.pop();
                if let Some((parent, _)) = open.last().copied() {
                    self.lower(parent, self.low[node as usize]);
                }
                self.leave(node);
            }
        }
    }

    fn enter(&mut self, node: u32) -> u32 {
        self.index[node as usize] = self.next_index;
        self.low[node as usize] = self.next_index;
        self.next_index += 1;
        self.stack.push(node);
        self.on_stack[node as usize] = true;
        node
    }

    fn lower(&mut self, node: u32, to: u32) {
        let low = &mut self.low[node as usize];
        *low = to.min(*low);
    }

    /// Closes a component if `node` is the first of it that was entered.
    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.index[node as usize] {
            return;
        }
        while let Some(member) = self.stack.pop() {
            self.on_stack[member as usize] = false;
            self.components.component[member as usize] = self.components.count;
            if member == node {
                break;
            }
        }
        self.components.count += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_circle_of_a_knot_is_told_from_its_lowest_member() {
        // 0→1→2→3→0 is a circle of four, 3→2→3 one of two.
        let dag = Dag::new(5, [(0, 1), (1, 2), (2, 3), (3, 0), (3, 2), (4, 0)]);
        assert_eq!(dag.order().unwrap_err().members(), [2, 3]);
    }

    #[test]
    fn every_knot_is_reported() {
        let dag = Dag::new(6, [(0, 1), (1, 0), (2, 3), (3, 4), (4, 2), (5, 0)]);
        let cycles: Vec<_> = dag.cycles().iter().map(|c| c.members().to_vec()).collect();
        assert_eq!(cycles, [vec![0, 1], vec![2, 3, 4]]);
    }

    #[test]
    fn a_circle_of_a_hundred_thousand_is_found_without_recursion() {
        let count = 100_000;
        let dag = Dag::new(count as usize, (0..count).map(|node| (node, (node + 1) % count)));
        assert_eq!(dag.cycles()[0].members().len(), count as usize);
    }
}
