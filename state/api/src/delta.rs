//! A delta: what a commit changes, and no more.
//!
//! It can be made only against the version it will follow, so it knows the digest of every record
//! that it replaces or removes: that is what lets a head's set digest be updated without reading
//! the set. What would change nothing is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::digest::{Digest, SetDigest};
use crate::head::Head;
use crate::record::Record;
use crate::snapshot::{Difference, Snapshot, differences};

/// One change of a delta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A record that is new or replaces the one with the same key.
    Put {
        /// What it will be.
        record: Record,
        /// The digest of the record that it replaces, if there is one.
        replaces: Option<Digest>,
    },
    /// A record that goes.
    Remove {
        /// Its key.
        key: Arc<str>,
        /// The digest of the record that goes.
        removes: Digest,
    },
}

impl Change {
    /// The key of the record that changes.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Put { record, .. } => record.key(),
            Self::Remove { key, .. } => key,
        }
    }
}

/// What a commit changes: sorted by key, each key once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    base: Option<Digest>,
    changes: Vec<Change>,
}

impl Delta {
    /// The delta that puts and removes these records, against `base` (`None`: no version yet). Of
    /// several edits of one key the last counts; a removal of what is not there, and a record that
    /// is there just so, are left out.
    #[must_use]
    pub fn new(
        base: Option<&Snapshot>,
        put: impl IntoIterator<Item = Record>,
        remove: impl IntoIterator<Item = Arc<str>>,
    ) -> Self {
        let mut edits: BTreeMap<Arc<str>, Option<Record>> = BTreeMap::new();
        edits.extend(remove.into_iter().map(|key| (key, None)));
        edits.extend(put.into_iter().map(|record| (record.shared_key(), Some(record))));
        let changes = edits
            .into_iter()
            .filter_map(|(key, edit)| {
                let there = base.and_then(|base| base.get(&key)).map(Record::digest);
                match (edit, there) {
                    (Some(record), there) if there == Some(record.digest()) => None,
                    (Some(record), replaces) => Some(Change::Put { record, replaces }),
                    (None, Some(removes)) => Some(Change::Remove { key, removes }),
                    (None, None) => None,
                }
            })
            .collect();
        Self { base: digest_of(base), changes }
    }

    /// The delta that turns `base` into exactly these records, whatever their order. Of two with
    /// one key the later counts.
    #[must_use]
    pub fn between(base: Option<&Snapshot>, records: impl IntoIterator<Item = Record>) -> Self {
        let target: BTreeMap<Arc<str>, Record> =
            records.into_iter().map(|record| (record.shared_key(), record)).collect();
        let target: Vec<Record> = target.into_values().collect();
        let changes = differences(base.map_or(&[], Snapshot::records), &target)
            .into_iter()
            .filter_map(|difference| match difference {
                Difference { before, after: Some(record) } => {
                    Some(Change::Put { record, replaces: before.map(|before| before.digest()) })
                }
                Difference { before: Some(record), after: None } => {
                    Some(Change::Remove { key: record.shared_key(), removes: record.digest() })
                }
                Difference { before: None, after: None } => None,
            })
            .collect();
        Self { base: digest_of(base), changes }
    }

    /// The digest of the head it was made against; none where there was none.
    #[must_use]
    pub fn base(&self) -> Option<Digest> {
        self.base
    }

    /// Its changes, sorted by key.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether it changes nothing. Such a delta is not committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many records it puts.
    #[must_use]
    pub fn put_count(&self) -> u64 {
        self.changes.iter().filter(|change| matches!(change, Change::Put { .. })).count() as u64
    }

    /// Set digest and count of the version that it makes of `parent`.
    #[must_use]
    pub fn applied_to(&self, parent: Option<&Head>) -> (SetDigest, u64) {
        let start = parent.map_or((SetDigest::EMPTY, 0), |head| (head.records, head.count));
        self.changes.iter().fold(start, |(set, count), change| match change {
            Change::Put { record, replaces: None } => (set.with(&record.digest()), count + 1),
            Change::Put { record, replaces: Some(old) } => {
                (set.without(old).with(&record.digest()), count)
            }
            Change::Remove { removes, .. } => (set.without(removes), count.saturating_sub(1)),
        })
    }
}

fn digest_of(base: Option<&Snapshot>) -> Option<Digest> {
    base.map(|base| base.head().digest())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::head::Authorship;
    use crate::name::OperationId;
    use proptest::prelude::*;

    type Model = BTreeMap<String, u8>;

    fn record((key, value): (&String, &u8)) -> Record {
        Record::new(key.as_str(), vec![*value])
    }

    fn head(base: Option<&Snapshot>, delta: &Delta) -> Head {
        let authorship = Authorship {
            operation: OperationId::new("operation"),
            who: "ada".to_owned(),
            at: Timestamp(0),
            message: None,
        };
        Head::after(base.map(Snapshot::head), delta, authorship, "lineage")
    }

    /// A version that holds what the model does, made from nothing.
    fn snapshot(model: &Model) -> Snapshot {
        let records: Vec<Record> = model.iter().map(record).collect();
        let delta = Delta::between(None, records.clone());
        Snapshot::new(head(None, &delta), records, "here").unwrap()
    }

    fn model() -> impl Strategy<Value = Model> {
        prop::collection::btree_map("[a-f]{1,2}", 0_u8..3, 0..20)
    }

    proptest! {
        #[test]
        fn a_head_made_from_a_delta_names_exactly_the_records_that_result(
            base in model(), put in model(), remove in prop::collection::btree_set("[a-f]{1,2}", 0..10)
        ) {
            let mut result = base.clone();
            result.retain(|key, _| !remove.contains(key));
            result.extend(put.clone());
            let base = snapshot(&base);
            let remove = remove.iter().map(|key| Arc::from(key.as_str()));
            let delta = Delta::new(Some(&base), put.iter().map(record), remove);
            let records: Vec<Record> = result.iter().map(record).collect();
            prop_assert_eq!(delta.is_empty(), records == base.records());
            let made = Snapshot::new(head(Some(&base), &delta), records, "here");
            prop_assert!(made.is_ok(), "{:?}", made);
        }

        #[test]
        fn the_delta_between_two_versions_leads_from_one_to_the_other(
            base in model(), target in model()
        ) {
            let (base, target) = (snapshot(&base), snapshot(&target));
            let delta = Delta::between(Some(&base), target.records().iter().rev().cloned());
            let keys: Vec<&str> = delta.changes().iter().map(Change::key).collect();
            let differences = base.differences(&target);
            let expected: Vec<&str> = differences.iter().map(Difference::key).collect();
            prop_assert_eq!(keys, expected);
            let head = head(Some(&base), &delta);
            prop_assert_eq!((head.records, head.count), (target.head().records, target.head().count));
            prop_assert_eq!((head.serial, head.parent), (2, Some(base.head().digest())));
        }

        #[test]
        fn records_that_a_head_does_not_name_make_no_snapshot(model in model(), change in 0_usize..3) {
            prop_assume!(!model.is_empty());
            let whole = snapshot(&model);
            let mut records = whole.records().to_vec();
            match change {
                0 => records.truncate(records.len() - 1),
                1 => records[0] = Record::new(records[0].shared_key(), *b"another body"),
                _ => records.push(records[0].clone()),
            }
            prop_assert!(Snapshot::new(whole.head().clone(), records, "here").is_err());
        }
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let model = Model::from([("web".to_owned(), 1), ("api".to_owned(), 2)]);
        let base = snapshot(&model);
        let same = Delta::new(Some(&base), model.iter().map(record), [Arc::from("absent")]);
        assert!(same.is_empty());
        assert!(Delta::between(Some(&base), base.records().iter().cloned()).is_empty());
    }
}
