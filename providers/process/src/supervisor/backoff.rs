//! The pause before a restart: doubling, bounded, and jittered, so that services that fall together do not
//! rise together.

use std::time::Duration;

/// The pause after `failures` ends in a row (1 is the first), between half of the full pause and all of it;
/// `random` decides where.
pub(super) fn pause(first: Duration, longest: Duration, failures: u32, random: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    let full = first.saturating_mul(1 << doublings).min(longest);
    let jitter = f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    full / 2 + (full / 2).mul_f64(jitter)
}

/// A number that no two supervisors share.
pub(super) fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    #[test]
    fn it_doubles_up_to_the_longest() {
        let full: Vec<u128> =
            (1..=8).map(|n| pause(FIRST, LONGEST, n, u64::MAX).as_millis()).collect();
        assert_eq!(full, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    }

    proptest! {
        #[test]
        fn it_stays_between_half_and_all(failures in 0..u32::MAX, random: u64) {
            let full = pause(FIRST, LONGEST, failures, u64::MAX);
            let pause = pause(FIRST, LONGEST, failures, random);
            prop_assert!(pause >= full / 2 && pause <= full && full <= LONGEST);
        }
    }
}
