//! What every store must do, whatever it keeps its rows in: checks on the ports alone.
//!
//! A backend calls [`store`] from its tests, with a way to make fresh stores. Its chart reader must be
//! [`crate::hall::HallReader`]: the checks keep documents of that kind. Nothing here waits for real time to pass.

mod archive;
mod catalog;
pub mod fleet;
mod guards;
mod journal;
pub mod moved;
mod probes;
mod scribe;

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use engine::store::Store;
use futures_util::FutureExt as _;

/// A fresh store, with whatever must live as long as it, such as its folder.
pub struct Subject {
    /// The store.
    pub store: Arc<dyn Store>,
    /// What is dropped after it.
    pub keep: Box<dyn Any>,
}

impl Subject {
    /// A store that needs nothing else.
    pub fn new(store: impl Store) -> Self {
        Self::keeping(Arc::new(store), ())
    }

    /// A store, and what must outlive it.
    pub fn keeping<S: Store>(store: Arc<S>, keep: impl Any) -> Self {
        Self { store, keep: Box::new(keep) }
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject")
    }
}

type Running = Pin<Box<dyn Future<Output = ()>>>;
/// A check's name, and what it does with a fresh store.
type Check = (&'static str, fn(Arc<dyn Store>) -> Running);

/// The list's entry for a check: its name is the function's.
macro_rules! check {
    ($module:ident :: $name:ident) => {
        (stringify!($name), |store| Box::pin($module::$name(store)))
    };
}

const CHECKS: &[Check] = &[
    check!(journal::a_new_event_has_no_history),
    check!(journal::an_unknown_event_is_nowhere),
    check!(journal::a_commit_is_kept_as_it_was_written),
    check!(journal::what_is_loaded_is_what_the_ledger_replays),
    check!(journal::an_event_that_moved_is_loaded_over_its_new_chart),
    check!(journal::a_tail_is_read_in_parts),
    check!(journal::a_history_contains_its_own_positions_alone),
    check!(journal::batches_of_one_event_follow_each_other),
    check!(journal::events_do_not_share_their_histories),
    check!(journal::holds_end_without_having_been_read),
    check!(journal::a_new_history_begins_far_ahead_with_paused_sales),
    check!(probes::news_are_what_was_missed),
    check!(probes::probes_find_holds_and_their_orders),
    check!(probes::probes_find_orders_references_and_codes),
    check!(probes::probes_find_the_active_holds_of_a_reference),
    check!(guards::deciding_nothing_writes_nothing),
    check!(guards::another_history_is_stale),
    check!(guards::another_seat_version_is_stale),
    check!(guards::another_order_version_is_stale),
    check!(guards::a_batch_is_all_or_nothing),
    check!(guards::a_panic_of_one_part_fails_no_other),
    check!(guards::a_reference_is_taken_once),
    check!(guards::a_code_is_taken_once),
    check!(catalog::an_installation_knows_itself),
    check!(catalog::keys_are_made_once_and_revoked_once),
    check!(catalog::access_keys_are_numbered_and_retired_once),
    check!(catalog::charts_are_kept_and_listed),
    check!(catalog::events_are_kept_and_listed),
    check!(catalog::settings_survive_their_changes),
    check!(catalog::making_is_idempotent),
    check!(catalog::a_ref_is_taken_once),
    check!(catalog::a_test_event_is_deleted_whole),
    check!(archive::an_erased_buyer_is_nowhere_and_everything_else_is),
    check!(archive::people_of_events_that_are_over_are_forgotten),
    check!(archive::channels_keep_their_last_note),
    check!(archive::records_are_found_by_their_whole_identifier),
    check!(archive::an_order_may_come_with_cancelled_tickets),
    check!(archive::texts_survive),
    check!(archive::orders_are_filtered),
    check!(archive::orders_come_in_pages),
];

/// Runs every check, each on a store of its own.
///
/// # Panics
/// When a check fails, naming all that did; each one's own words are above.
pub async fn store<F: Future<Output = Subject>>(make: impl Fn() -> F) {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        let Subject { store, keep } = make().await;
        if AssertUnwindSafe(check(store)).catch_unwind().await.is_err() {
            failed.push(*name);
        }
        drop(keep);
    }
    assert!(failed.is_empty(), "{} of {} checks failed: {failed:#?}", failed.len(), CHECKS.len());
}
