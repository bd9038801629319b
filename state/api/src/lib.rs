//! The store contract: heads, records, operations with their journal, and leases.
//!
//! A store keeps, for each [`Scope`] (tenant, project, environment):
//!
//! - a chain of **heads**, one a serial, each naming a set of **records** by count and digest;
//! - a sequence of **operations**, each with a **journal** that is written before anything happens;
//! - a sequence of **lease** entries, whose numbers are the **fences** that every write carries.
//!
//! What it keeps true: a number is taken once and never becomes free; a head moves from serial *n*
//! to *n + 1* by one winner; every version stays readable; what is read has been checked against
//! its digests; nothing that is damaged is ever read as "no state".
//!
//! What it must not do: know what a record, an outcome or a plan means. Their bodies are opaque
//! bytes. It depends on nothing else of this project, and reads no clock but through [`Clock`].
//!
//! | Module | Holds |
//! |---|---|
//! | [`name`] | scopes, ids, nonces |
//! | [`digest`] | the digest of one thing, the digest of a set |
//! | [`record`], [`snapshot`], [`delta`] | what a version consists of, and what changed |
//! | [`head`] | the chain of versions |
//! | [`operation`], [`journal`] | what was begun, and how it went |
//! | [`lease`], [`waiting`] | exclusion: who holds a scope, and when another may take over |
//! | [`store`] | the trait that adapters implement |
//! | [`error`] | what can go wrong, in one enum |
//! | `conformance` | the suite that every adapter runs whole (feature `conformance`) |
//!
//! # Room that is left
//!
//! *Retention*: [`Store`] will gain a `gc` that empties old versions and closed operations; it must
//! keep their numbers, so readers treat an emptied number as "not kept", never as free. *Moving*: a
//! final Moved entry at the old place will make every adapter refuse to write past it;
//! [`StoreError`] is non-exhaustive for that. *Narrower leases*: a lease on a part of an environment
//! is another sequence beside the one of [`Scope`].

pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod delta;
pub mod digest;
pub mod error;
pub mod head;
pub mod journal;
pub mod lease;
pub mod name;
pub mod operation;
pub mod record;
pub mod snapshot;
pub mod store;
pub mod waiting;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use delta::{Change, Delta};
pub use digest::{Digest, SetDigest};
pub use error::{Result, StoreError};
pub use head::{Authorship, Head};
pub use journal::{JournalEntry, JournalEvent, JournalRecord};
pub use lease::{Evidence, Fence, HolderIdentity, Lease, LeaseRequest, TakeoverReason};
pub use name::{Nonce, OperationId, PlanId, ProjectKey, Scope};
pub use operation::{AppendRequest, ClosedStatus, Direction, OpenRequest, Operation};
pub use record::{Body, Record};
pub use snapshot::{Difference, Snapshot};
pub use store::{CommitOutcome, CommitRequest, ProjectRecord, Store};
pub use waiting::{LeaseWatch, acquire_all, release_all};
