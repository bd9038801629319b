//! Records: for each key the chain of what it has been.
//!
//! A commit adds to the chains of the keys that it changes and touches nothing else; a version is
//! read by taking, from each chain, the newest link that is not younger.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_state::{Body, Change, Delta, Digest, Record, Result, StoreError};

use crate::connection::PLACE;

#[derive(Debug)]
struct Link {
    serial: u64,
    /// Body and digest as they were stored; none where the record went.
    stored: Option<(Body, Digest)>,
}

/// All records of an environment, in all versions.
#[derive(Debug, Default)]
pub(crate) struct RecordChains {
    chains: BTreeMap<Arc<str>, Vec<Link>>,
}

impl RecordChains {
    pub(crate) fn add(&mut self, serial: u64, delta: &Delta) {
        for change in delta.changes() {
            let (key, stored) = match change {
                Change::Put { record, .. } => {
                    (record.shared_key(), Some((record.body().clone(), record.digest())))
                }
                Change::Remove { key, .. } => (key.clone(), None),
            };
            self.chains.entry(key).or_default().push(Link { serial, stored });
        }
    }

    pub(crate) fn at(&self, serial: u64) -> Result<Vec<Record>> {
        self.chains
            .iter()
            .filter_map(|(key, chain)| {
                let newest = chain.partition_point(|link| link.serial <= serial);
                let (body, digest) = chain[..newest].last()?.stored.as_ref()?;
                let record = Record::from_stored(key.clone(), body.clone(), *digest);
                Some(record.ok_or_else(|| StoreError::Damaged {
                    place: PLACE.to_owned(),
                    what: format!("record `{key}` does not agree with its digest"),
                }))
            })
            .collect()
    }

    pub(crate) fn flip_bit(&mut self, key: &str) -> bool {
        let newest = self.chains.get_mut(key).and_then(|chain| chain.last_mut());
        let Some((body, _)) = newest.and_then(|link| link.stored.as_mut()) else { return false };
        let mut bytes = body.to_vec();
        let Some(last) = bytes.last_mut() else { return false };
        *last ^= 1;
        *body = bytes.into();
        true
    }
}
