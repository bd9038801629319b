//! The suite that every adapter runs whole.
//!
//! An adapter implements [`Harness`] for a store of its own and calls
//! [`conformance_tests!`](crate::conformance_tests) in a test file: that makes one test for each
//! row of the suite. Each test gets a fresh, empty store. The suite asserts; it is for tests only.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod heads;
pub mod journals;
pub mod leases;
pub mod operations;
pub mod records;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::name::{ProjectKey, Scope};
use crate::store::Store;
pub use writer::{Writer, fresh_nonce, holder, lease_request};

/// One fresh store, as the suite needs it.
#[async_trait]
pub trait Harness: Send + Sync {
    /// Another handle on the store, as another process would have.
    async fn handle(&self) -> Arc<dyn Store>;

    /// Lets the store's time pass: moves its clock, or waits.
    async fn pass(&self, time: Duration);

    /// Sets the store's clock back; false where it cannot be set.
    async fn set_back(&self, time: Duration) -> bool;

    /// Flips a bit in the newest stored body of a record.
    async fn flip_bit(&self, scope: &Scope, key: &str);
}

/// The environment that most tests write to.
#[must_use]
pub fn staging() -> Scope {
    Scope::new("default", "shop", "staging").unwrap()
}

/// Another one of the same project.
#[must_use]
pub fn production() -> Scope {
    Scope::new("default", "shop", "production").unwrap()
}

/// The project of both.
#[must_use]
pub fn shop() -> ProjectKey {
    ProjectKey::new("default", "shop").unwrap()
}

/// Makes a test of each row of the suite. The expression makes a fresh [`Harness`]; the calling
/// crate needs `tokio` with its macros and the multi-thread runtime.
#[macro_export]
macro_rules! conformance_tests {
    ($harness:expr) => {
        $crate::conformance_tests! { @rows $harness;
            heads::a_fresh_store_holds_nothing
            heads::a_commit_moves_the_head_and_reads_back
            heads::every_version_stays_readable
            heads::versions_can_be_compared
            heads::a_repeated_commit_is_done_once
            heads::of_eight_who_finish_one_commit_one_does_it
            heads::of_eight_writers_one_wins_each_serial
            heads::a_commit_on_an_older_version_is_a_conflict
            heads::a_head_that_was_not_announced_does_not_move
            heads::readers_see_whole_versions_while_others_commit
            heads::the_history_is_a_chain
            records::odd_names_are_kept_as_they_are
            records::names_that_some_store_cannot_keep_are_refused
            records::a_record_of_eight_mebibytes_is_kept
            records::thousands_of_records_are_kept_in_order
            records::an_empty_state_is_a_state
            records::a_flipped_bit_is_found_when_it_is_read
            operations::an_operation_takes_the_next_number_in_each_environment
            operations::a_plan_is_used_once
            operations::opening_again_gives_the_same_operation
            operations::an_opening_that_does_not_get_every_environment_leaves_nothing
            operations::nothing_opens_on_an_operation_that_is_not_closed
            operations::of_eight_who_open_one_does
            operations::several_environments_commit_under_one_announcement
            operations::a_project_keeps_the_id_of_its_first_use
            operations::environments_are_listed_once_they_are_used
            journals::entries_read_back_as_they_were_written
            journals::a_group_is_one_durable_write
            journals::a_number_is_taken_once
            journals::of_eight_who_append_at_one_number_one_does
            journals::a_repeated_group_is_written_once
            journals::nothing_follows_closed
            journals::a_group_needs_the_fence_of_every_environment
            leases::a_holder_is_named_to_whoever_comes_second
            leases::of_eight_who_acquire_one_does
            leases::a_renewed_lease_lives_on
            leases::an_expired_lease_is_taken_over
            leases::a_lease_is_taken_over_on_evidence_about_its_newest_entry
            leases::whoever_lost_its_lease_writes_nothing
            leases::a_released_lease_is_free_and_its_fence_is_spent
            leases::acquiring_again_with_the_same_nonce_gives_the_same_lease
            leases::a_clock_that_runs_backwards_frees_nothing
            leases::several_leases_are_taken_all_or_none
            leases::an_expired_lease_that_nobody_took_still_writes
        }
    };
    (@rows $harness:expr; $($module:ident :: $name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let harness = $harness;
                $crate::conformance::$module::$name(&harness).await;
            }
        )*
    };
}
