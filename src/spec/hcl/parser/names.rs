//! Names that come up again and again share one allocation.

use std::sync::Arc;

/// How many names are remembered; a power of two.
const SLOTS: usize = 256;

/// Longer names are not remembered: they hardly repeat.
const LONGEST: usize = 40;

/// In shorter texts hardly any name repeats.
const SHORTEST_TEXT: usize = 512;

/// A cache of names: one slot for each hash, the newest name wins. It cannot grow, whatever the text.
pub(super) struct Names {
    slots: Vec<Option<Arc<str>>>,
}

impl Names {
    /// A cache for a text of a length.
    pub(super) fn for_text(length: usize) -> Names {
        let slots = if length < SHORTEST_TEXT { 0 } else { SLOTS };
        Names { slots: vec![None; slots] }
    }

    /// The name as shared text.
    pub(super) fn get(&mut self, name: &str) -> Arc<str> {
        if name.len() > LONGEST || self.slots.is_empty() {
            return Arc::from(name);
        }
        let slot = &mut self.slots[hash(name.as_bytes())];
        match slot {
            Some(known) if **known == *name => known.clone(),
            _ => slot.insert(Arc::from(name)).clone(),
        }
    }
}

/// FNV-1a, folded to a slot's number.
fn hash(name: &[u8]) -> usize {
    let hash = name
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    ((hash >> 32) ^ hash) as usize & (SLOTS - 1)
}
