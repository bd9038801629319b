//! Sorted name → value entries: the body of maps and objects.
//!
//! A sorted vector: half the memory of a tree, binary search for look-up, and an order that never depends on
//! insertion or hashing.

use std::sync::Arc;

use super::Value;

/// Entries sorted by key, each key once.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Entries(Vec<(Arc<str>, Value)>);

impl Entries {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).ok().map(|at| &self.0[at].1)
    }

    /// Puts `value` under `key`, replacing what was there.
    pub fn insert(&mut self, key: Arc<str>, value: Value) {
        match self.position(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// Takes the entry under `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.position(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The entries in the order of their keys.
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(k, v)| (k, v))
    }

    /// The same keys with `change` applied to each value.
    pub fn map(&self, mut change: impl FnMut(&Value) -> Value) -> Entries {
        Entries(self.0.iter().map(|(k, v)| (k.clone(), change(v))).collect())
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(k, _)| k.as_ref().cmp(key))
    }
}

/// Later entries win over earlier ones of the same key.
impl FromIterator<(Arc<str>, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(iter: I) -> Entries {
        let mut entries: Vec<_> = iter.into_iter().collect();
        if entries.is_sorted_by(|a, b| a.0 < b.0) {
            return Entries(entries);
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.reverse();
        entries.dedup_by(|later, kept| later.0 == kept.0);
        entries.reverse();
        Entries(entries)
    }
}

impl IntoIterator for Entries {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
