//! Shared texts of keys: a file of ten thousand documents holds `apiVersion` once.

use std::sync::Arc;

const SLOTS: usize = 512;
const LONGEST: usize = 40;

/// A small cache of key texts. A collision costs a copy, nothing else, so hostile keys gain nothing.
pub(super) struct Keys(Vec<Option<Arc<str>>>);

impl Keys {
    pub(super) fn new() -> Keys {
        Keys(vec![None; SLOTS])
    }

    /// The text, shared with an earlier one where possible.
    pub(super) fn share(&mut self, text: &str) -> Arc<str> {
        if text.len() > LONGEST {
            return text.into();
        }
        let slot = &mut self.0[fnv(text.as_bytes()) as usize % SLOTS];
        match slot {
            Some(known) if **known == *text => known.clone(),
            _ => slot.insert(text.into()).clone(),
        }
    }
}

/// Fowler, Noll and Vo's hash 1a; the high half folded in, since only the low bits choose the slot.
fn fnv(bytes: &[u8]) -> u32 {
    let hash = bytes
        .iter()
        .fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(*b)).wrapping_mul(0x0100_0193));
    hash ^ (hash >> 16)
}
