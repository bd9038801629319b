//! Heads: the chain of versions of an environment.
//!
//! Each head names its parent by digest, counts its records, and holds the digest of their set. A
//! head is computed from its parent and a [`Delta`] alone, so whoever has both gets the same head:
//! that is what lets anybody finish a commit that somebody else announced.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::delta::Delta;
use crate::digest::{Digest, Fields, SetDigest};
use crate::name::OperationId;

/// Who made a version, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorship {
    /// The operation that committed it.
    pub operation: OperationId,
    /// The user, as it should be shown.
    pub who: String,
    /// When it was announced, by the writer's clock.
    pub at: Timestamp,
    /// Why, in the words of the user or of the command.
    pub message: Option<String>,
}

/// One version of an environment's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The identity of the history; the same for all its versions.
    pub lineage: Arc<str>,
    /// The number of the version, counted from 1.
    pub serial: u64,
    /// The digest of the head before it; none for the first.
    pub parent: Option<Digest>,
    /// The order-free digest of its records.
    pub records: SetDigest,
    /// How many records it has.
    pub count: u64,
    /// Who, when, why.
    pub authorship: Authorship,
}

impl Head {
    /// The head that follows `parent` when `delta` is committed. `new_lineage` is the identity for
    /// a history that begins here and is not used otherwise.
    #[must_use]
    pub fn after(
        parent: Option<&Head>,
        delta: &Delta,
        authorship: Authorship,
        new_lineage: &str,
    ) -> Self {
        let (records, count) = delta.applied_to(parent);
        Self {
            lineage: parent.map_or_else(|| new_lineage.into(), |parent| parent.lineage.clone()),
            serial: parent.map_or(1, |parent| parent.serial + 1),
            parent: parent.map(Head::digest),
            records,
            count,
            authorship,
        }
    }

    /// The digest that its successor and a Committing entry name it by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let Authorship { operation, who, at, message } = &self.authorship;
        Fields::new("mpctl head 1")
            .text(&self.lineage)
            .number(self.serial)
            .bytes(self.parent.as_ref().map_or(&[][..], |digest| digest.as_bytes()))
            .bytes(self.records.to_digest().as_bytes())
            .number(self.count)
            .text(operation.as_str())
            .text(who)
            .bytes(&at.0.to_le_bytes())
            .number(u64::from(message.is_some()))
            .text(message.as_deref().unwrap_or(""))
            .finish()
    }
}
