//! Forgets what need not be kept: ended holds, replies of long ago, and people whose events are over.

use std::time::Duration;

use domain::time::Timestamp;
use engine::options::Options;

use super::store::AnyStore;

/// How often the store is looked through.
const INTERVAL: Duration = Duration::from_secs(600);

/// How much longer than keys their replies are kept.
const REPLIES_SLACK: Duration = Duration::from_secs(2 * 3_600);

/// Forgets, for ever; people when their events have been over for as long as they are to be kept.
pub(crate) async fn run(store: AnyStore, options: Options, keep_people: Option<Duration>) {
    let millis = |keep: Duration| i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    // A desk may know a key for two periods, and one that was loaded meanwhile for an hour more: its reply must outlive it.
    let replies_keep = options.idempotency_keep * 2 + REPLIES_SLACK;
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Ok(now) = store.store().now().await else { continue };
        match store.purge(now, millis(options.hold_keep), millis(replies_keep)).await {
            Ok(purged) => tracing::debug!(?purged, "old rows are forgotten"),
            Err(error) => tracing::warn!(%error, "old rows could not be forgotten; trying again later"),
        }
        let Some(keep) = keep_people else { continue };
        match store.store().erase_people(Timestamp(now.0.saturating_sub(millis(keep)))).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "the buyers of events that are over are forgotten"),
            Err(error) => tracing::warn!(%error, "buyers could not be forgotten; trying again later"),
        }
    }
}
