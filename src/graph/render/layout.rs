//! Where the nodes of a drawing stand: layers from left to right by what they need, after Sugiyama, Tagawa and
//! Toda (IEEE Trans. SMC 11, 1981): an edge over several layers gets a waypoint in each, nodes are ordered by
//! the barycentre of their neighbours, then moved towards them without overlapping.

use crate::graph::Dag;

/// Sizes, in pixels.
pub(super) const HEIGHT: f64 = 34.0;
const GAP: f64 = 16.0;
const LANE: f64 = 12.0;
pub(super) const COLUMN_GAP: f64 = 72.0;
/// How often the layers are gone through, both ways, for their order and then for their places.
const ROUNDS: usize = 6;
/// More waypoints than these are not worth their lines: long edges are then drawn straight.
const MOST_WAYPOINTS: usize = 40_000;

/// Something that has a place in a layer: a node, or a waypoint of a long edge.
#[derive(Clone, Debug)]
struct Slot {
    layer: usize,
    y: f64,
    waypoint: bool,
    left: Vec<u32>,
    right: Vec<u32>,
}

/// The course of an edge.
pub(super) struct Course {
    pub(super) node: u32,
    pub(super) needed: u32,
    /// Layer and vertical middle of each waypoint, from the node on.
    pub(super) via: Vec<(usize, f64)>,
}

/// Places of nodes and courses of edges.
pub(super) struct Layout {
    /// Left edge and width of each layer.
    pub(super) columns: Vec<(f64, f64)>,
    /// Layer and vertical middle of each node.
    pub(super) nodes: Vec<(usize, f64)>,
    pub(super) edges: Vec<Course>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Layout {
    /// `widths` are those of the nodes; `levels` are from 1.
    pub(super) fn new(dag: &Dag, levels: &[u32], widths: &[f64]) -> Layout {
        let mut slots: Vec<Slot> = levels
            .iter()
            .map(|level| Slot {
                layer: *level as usize - 1,
                y: 0.0,
                waypoint: false,
                left: Vec::new(),
                right: Vec::new(),
            })
            .collect();
        let courses = waypoints(dag, &mut slots);
        let mut layers =
            vec![Vec::new(); slots.iter().map(|slot| slot.layer + 1).max().unwrap_or(0)];
        for (at, slot) in slots.iter().enumerate() {
            layers[slot.layer].push(at as u32);
        }
        order(&mut layers, &mut slots);
        place(&layers, &mut slots);

        let mut columns = Vec::new();
        let mut x = 0.0;
        for layer in &layers {
            let nodes = layer.iter().filter_map(|at| widths.get(*at as usize));
            let width = nodes.copied().fold(20.0, f64::max);
            columns.push((x, width));
            x += width + COLUMN_GAP;
        }
        let bottom = |slot: &Slot| slot.y + if slot.waypoint { LANE } else { HEIGHT } / 2.0;
        let height = slots.iter().map(bottom).fold(0.0, f64::max);
        let spot = |at: u32| (slots[at as usize].layer, slots[at as usize].y);
        Layout {
            columns,
            nodes: (0..levels.len() as u32).map(spot).collect(),
            edges: courses
                .into_iter()
                .map(|(node, needed, via)| Course {
                    node,
                    needed,
                    via: via.into_iter().map(spot).collect(),
                })
                .collect(),
            width: (x - COLUMN_GAP).max(0.0),
            height,
        }
    }
}

/// Links neighbours in the layers, through waypoints where an edge is longer than one layer.
fn waypoints(dag: &Dag, slots: &mut Vec<Slot>) -> Vec<(u32, u32, Vec<u32>)> {
    let span = |(node, needed): (u32, u32)| {
        slots[node as usize].layer.saturating_sub(slots[needed as usize].layer + 1)
    };
    let bent = dag.edges().map(span).sum::<usize>() <= MOST_WAYPOINTS;
    let mut courses = Vec::new();
    for (node, needed) in dag.edges() {
        let (from, to) = (slots[node as usize].layer, slots[needed as usize].layer);
        let mut via = Vec::new();
        let mut last = node;
        for layer in (to + 1..from).rev().filter(|_| bent) {
            let at = slots.len() as u32;
            slots.push(Slot { layer, y: 0.0, waypoint: true, left: Vec::new(), right: vec![last] });
            slots[last as usize].left.push(at);
            via.push(at);
            last = at;
        }
        if bent || from == to + 1 {
            slots[last as usize].left.push(needed);
            slots[needed as usize].right.push(last);
        }
        courses.push((node, needed, via));
    }
    courses
}

/// Orders each layer by the barycentre of its neighbours in the layer before, there and back.
fn order(layers: &mut [Vec<u32>], slots: &mut [Slot]) {
    let mut position: Vec<f64> = vec![0.0; slots.len()];
    for layer in layers.iter() {
        for (at, slot) in layer.iter().enumerate() {
            position[*slot as usize] = at as f64;
        }
    }
    let count = layers.len();
    for round in 0..ROUNDS {
        for step in 0..count {
            let leftwards = round % 2 == 1;
            let layer = &mut layers[if leftwards { count - 1 - step } else { step }];
            let mut keyed: Vec<(f64, u32)> = layer
                .iter()
                .map(|at| {
                    let slot = &slots[*at as usize];
                    let neighbours = if leftwards { &slot.right } else { &slot.left };
                    (mean(neighbours, &position).unwrap_or(position[*at as usize]), *at)
                })
                .collect();
            // Stable, so that ties keep the order of numbers.
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (at, (_, slot)) in keyed.into_iter().enumerate() {
                layer[at] = slot;
                position[slot as usize] = at as f64;
            }
        }
    }
}

fn mean(neighbours: &[u32], of: &[f64]) -> Option<f64> {
    let sum: f64 = neighbours.iter().map(|at| of[*at as usize]).sum();
    (!neighbours.is_empty()).then(|| sum / neighbours.len() as f64)
}

/// How far the middles of two that stand one above the other must be apart.
fn apart(above: &Slot, below: &Slot) -> f64 {
    let half = |slot: &Slot| if slot.waypoint { LANE / 2.0 } else { (HEIGHT + GAP) / 2.0 };
    half(above) + half(below)
}

/// Moves every slot towards the middle of its neighbours, keeping order and distance.
fn place(layers: &[Vec<u32>], slots: &mut [Slot]) {
    for layer in layers {
        let mut y = HEIGHT / 2.0;
        for (at, slot) in layer.iter().enumerate() {
            if at > 0 {
                y += apart(&slots[layer[at - 1] as usize], &slots[*slot as usize]);
            }
            slots[*slot as usize].y = y;
        }
    }
    for round in 0..ROUNDS {
        let ys: Vec<f64> = slots.iter().map(|slot| slot.y).collect();
        for layer in layers {
            let wanted = layer.iter().map(|at| {
                let slot = &slots[*at as usize];
                let side = if round % 2 == 0 { &slot.left } else { &slot.right };
                let other = if round % 2 == 0 { &slot.right } else { &slot.left };
                mean(side, &ys).or_else(|| mean(other, &ys)).unwrap_or(slot.y)
            });
            let wanted: Vec<f64> = wanted.collect();
            settle(layer, &wanted, slots);
        }
    }
    let top = slots.iter().map(|s| s.y - HEIGHT / 2.0).fold(f64::INFINITY, f64::min);
    if top.is_finite() {
        slots.iter_mut().for_each(|slot| slot.y -= top);
    }
}

/// The places nearest to the wanted ones (in the least squares sense) that keep order and distance: pools of
/// adjacent violators, each at the mean of what its members want.
fn settle(layer: &[u32], wanted: &[f64], slots: &mut [Slot]) {
    // Offsets turn "far enough apart" into "not before".
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0.0;
    for (at, slot) in layer.iter().enumerate() {
        if at > 0 {
            offset += apart(&slots[layer[at - 1] as usize], &slots[*slot as usize]);
        }
        offsets.push(offset);
    }
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        let mut pool = (want - offset, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let size = last.1 + pool.1;
            pool = ((last.0 * last.1 as f64 + pool.0 * pool.1 as f64) / size as f64, size);
        }
        pools.push(pool);
    }
    let places = pools.iter().flat_map(|(at, size)| std::iter::repeat_n(*at, *size));
    for ((slot, offset), place) in layer.iter().zip(&offsets).zip(places) {
        slots[*slot as usize].y = place + offset;
    }
}
