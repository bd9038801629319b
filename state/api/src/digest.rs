//! Digests: of one thing ([`Digest`], SHA-256) and of a set of records ([`SetDigest`]).
//!
//! A set digest is the sum, modulo 2^256, of its members' digests. It does not depend on order, and
//! a commit updates it by what changed alone: add what came, subtract what went. A sum and not an
//! exclusive or, because under an exclusive or a record that is there twice vanishes. It finds
//! damage; it is no proof against somebody who forges records on purpose (sums of digests can be
//! steered with enough work), which is what authenticated encryption of the bodies is for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. Shown and serialised as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A digest from a stored slice; `None` where it has another length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Digests a list of fields so that no two lists give the same input: each is preceded by its
/// length, so `("ab", "c")` and `("a", "bc")` differ.
#[derive(Debug)]
pub struct Fields(Sha256);

impl Fields {
    /// Starts a digest in a domain of its own, so that digests of different kinds never meet.
    #[must_use]
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).bytes(domain.as_bytes())
    }

    /// Adds a field of any length.
    #[must_use]
    pub fn bytes(mut self, field: &[u8]) -> Self {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, field: u64) -> Self {
        self.bytes(&field.to_le_bytes())
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

/// A text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub struct NoDigest;

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NoDigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (hexadecimal(pair[0])? << 4) | hexadecimal(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn hexadecimal(digit: u8) -> Result<u8, NoDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(NoDigest),
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The order-free digest of a set of records: the sum of their digests modulo 2^256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SetDigest([u64; 4]);

impl SetDigest {
    /// The digest of the empty set.
    pub const EMPTY: SetDigest = SetDigest([0; 4]);

    /// The set with one more member.
    #[must_use]
    pub fn with(self, member: &Digest) -> Self {
        let mut sum = [0; 4];
        let mut carry = false;
        for ((limb, ours), theirs) in sum.iter_mut().zip(self.0).zip(limbs(member)) {
            let (partial, first) = ours.overflowing_add(theirs);
            let (total, second) = partial.overflowing_add(u64::from(carry));
            *limb = total;
            carry = first || second;
        }
        Self(sum)
    }

    /// The set with one member less. The member must be in the set: that is the caller's to know.
    #[must_use]
    pub fn without(self, member: &Digest) -> Self {
        let mut difference = [0; 4];
        let mut borrow = false;
        for ((limb, ours), theirs) in difference.iter_mut().zip(self.0).zip(limbs(member)) {
            let (partial, first) = ours.overflowing_sub(theirs);
            let (total, second) = partial.overflowing_sub(u64::from(borrow));
            *limb = total;
            borrow = first || second;
        }
        Self(difference)
    }

    /// As 32 bytes, least significant first; written like a [`Digest`].
    #[must_use]
    pub fn to_digest(self) -> Digest {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        Digest(bytes)
    }

    /// The inverse of [`SetDigest::to_digest`].
    #[must_use]
    pub fn from_digest(digest: &Digest) -> Self {
        Self(limbs(digest))
    }
}

fn limbs(digest: &Digest) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(digest.0.chunks_exact(8)) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        *limb = u64::from_le_bytes(bytes);
    }
    limbs
}

impl fmt::Display for SetDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_digest().fmt(formatter)
    }
}

impl Serialize for SetDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_digest().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SetDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Digest::deserialize(deserializer).map(|digest| Self::from_digest(&digest))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(members: &[Digest]) -> SetDigest {
        members.iter().fold(SetDigest::EMPTY, |set, member| set.with(member))
    }

    fn digest() -> impl Strategy<Value = Digest> {
        any::<[u8; 32]>().prop_map(Digest::from_bytes)
    }

    proptest! {
        #[test]
        fn a_set_digest_does_not_depend_on_order(mut members in prop::collection::vec(digest(), 0..20)) {
            let forward = set(&members);
            members.reverse();
            prop_assert_eq!(forward, set(&members));
        }

        #[test]
        fn what_is_added_can_be_taken_away_again(
            members in prop::collection::vec(digest(), 0..20), other in digest()
        ) {
            let before = set(&members);
            prop_assert_eq!(before.with(&other).without(&other), before);
        }

        #[test]
        fn a_digest_reads_back_from_its_text(digest in digest()) {
            prop_assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        }
    }

    #[test]
    fn a_record_that_is_there_twice_does_not_vanish() {
        let member = Digest::of(b"twice");
        assert_ne!(set(&[member, member]), SetDigest::EMPTY);
    }

    #[test]
    fn the_largest_digest_wraps_around() {
        let largest = Digest::from_bytes([0xff; 32]);
        let mut one = [0; 32];
        one[0] = 1;
        assert_eq!(set(&[largest, Digest::from_bytes(one)]), SetDigest::EMPTY);
    }

    #[test]
    fn fields_are_told_apart_from_their_neighbours() {
        let split =
            |first: &str, second: &str| Fields::new("test").text(first).text(second).finish();
        assert_ne!(split("ab", "c"), split("a", "bc"));
    }
}
