//! A snapshot: one version with all its records, and the comparison of two.

use crate::digest::SetDigest;
use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::record::Record;

/// An immutable version of a state: a head and the records it names, sorted by key. It can be made
/// only from records that agree with the head, so whoever holds one need not check again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    head: Head,
    records: Vec<Record>,
}

impl Snapshot {
    /// Puts a version together and checks it: order, count and set digest. `place` names the state
    /// in the error.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the records are not the ones that the head names.
    pub fn new(head: Head, records: Vec<Record>, place: &str) -> Result<Self> {
        let damaged = |what: String| StoreError::Damaged {
            place: place.to_owned(),
            what: format!("version {} of the state {what}", head.serial),
        };
        if records.len() as u64 != head.count {
            let found = records.len();
            return Err(damaged(format!(
                "has {found} records where its head names {}",
                head.count
            )));
        }
        if let Some(pair) = records.windows(2).find(|pair| pair[0].compare_keys(&pair[1]).is_ge()) {
            return Err(damaged(format!("has `{}` out of order or twice", pair[1].key())));
        }
        let set = records.iter().fold(SetDigest::EMPTY, |set, record| set.with(&record.digest()));
        if set != head.records {
            return Err(damaged("holds other records than its head names".to_owned()));
        }
        Ok(Self { head, records })
    }

    /// Its head.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Its records, sorted by key.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The record with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Record> {
        let place = self
            .records
            .binary_search_by(|record| record.key().as_bytes().cmp(key.as_bytes()))
            .ok()?;
        self.records.get(place)
    }

    /// What differs from `self` to `later`, sorted by key.
    #[must_use]
    pub fn differences(&self, later: &Snapshot) -> Vec<Difference> {
        differences(&self.records, &later.records)
    }
}

/// One record that differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it was; none where it came.
    pub before: Option<Record>,
    /// What it is; none where it went.
    pub after: Option<Record>,
}

impl Difference {
    /// The key that both have.
    #[must_use]
    pub fn key(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", Record::key)
    }
}

/// Compares two sorted lists of records in one walk.
pub(crate) fn differences(before: &[Record], after: &[Record]) -> Vec<Difference> {
    let mut found = Vec::new();
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(old), Some(new)) => old.compare_keys(new),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return found,
        };
        let (before, after) = match order {
            std::cmp::Ordering::Less => (old.next(), None),
            std::cmp::Ordering::Greater => (None, new.next()),
            std::cmp::Ordering::Equal => (old.next(), new.next()),
        };
        if before.map(Record::digest) != after.map(Record::digest) {
            found.push(Difference { before: before.cloned(), after: after.cloned() });
        }
    }
}
