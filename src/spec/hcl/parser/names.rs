//! Names that come up again and again share one allocation.

use std::sync::Arc;

/// How many names are remembered; a power of two.
const SLOTS: usize = 256;

/// Longer names are not remembered: they hardly repeat.
const LONGEST: usize = 40;

/// A cache of names: one slot for each hash, the newest name wins. It cannot grow, whatever the text.
#[derive(Default)]
pub(super) struct Names {
    slots: Vec<Option<Arc<str>>>,
}

impl Names {
    /// The name as shared text.
    pub(super) fn get(&mut self, name: &str) -> Arc<str> {
        if name.len() > LONGEST {
            return Arc::from(name);
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
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
