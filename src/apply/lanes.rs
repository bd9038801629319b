//! Turns: which ready steps may run now, given what providers and `--parallelism` bear.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use mpctl_provider::schema::Concurrency;

use crate::plan::StepId;

/// A provider instance of an environment.
pub(super) type LaneKey = (Arc<str>, Arc<str>);

/// Steps that are ready, by the provider instance that they wait for.
pub(super) struct Lanes {
    lanes: BTreeMap<LaneKey, Lane>,
    parallelism: usize,
    running: usize,
}

struct Lane {
    ready: BinaryHeap<Reverse<StepId>>,
    running: usize,
    concurrency: Concurrency,
}

impl Lanes {
    /// No step yet; `parallelism` bounds the external calls of all lanes together.
    pub(super) fn new(parallelism: usize) -> Lanes {
        Lanes { lanes: BTreeMap::new(), parallelism: parallelism.max(1), running: 0 }
    }

    /// A step is ready.
    pub(super) fn push(&mut self, lane: LaneKey, concurrency: Concurrency, step: StepId) {
        let fresh = || Lane { ready: BinaryHeap::new(), running: 0, concurrency };
        self.lanes.entry(lane).or_insert_with(fresh).ready.push(Reverse(step));
    }

    /// Takes out every step that may run now.
    pub(super) fn take(&mut self) -> Vec<StepId> {
        let mut taken = Vec::new();
        for lane in self.lanes.values_mut() {
            while !lane.ready.is_empty() {
                let free = match lane.concurrency {
                    Concurrency::Unlimited => true,
                    Concurrency::Parallelism => self.running < self.parallelism,
                    Concurrency::AtMost(most) => {
                        self.running < self.parallelism && lane.running < most as usize
                    }
                };
                if !free {
                    break;
                }
                if let Some(Reverse(step)) = lane.ready.pop() {
                    lane.running += 1;
                    self.running += usize::from(lane.concurrency != Concurrency::Unlimited);
                    taken.push(step);
                }
            }
        }
        taken
    }

    /// A step has ended.
    pub(super) fn ended(&mut self, lane: &LaneKey) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.running -= 1;
            self.running -= usize::from(lane.concurrency != Concurrency::Unlimited);
        }
    }

    /// Whether nothing runs.
    pub(super) fn is_idle(&self) -> bool {
        self.lanes.values().all(|lane| lane.running == 0)
    }
}
