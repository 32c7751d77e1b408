//! Forgets what need not be kept: ended holds, and replies of long ago.

use std::sync::Arc;
use std::time::Duration;

use backends::sqlite::SqliteStore;
use engine::options::Options;
use engine::store::Catalog as _;

/// How often the store is looked through.
const INTERVAL: Duration = Duration::from_secs(600);

/// Forgets, for ever.
pub(crate) async fn run(store: Arc<SqliteStore>, options: Options) {
    let millis = |keep: Duration| i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Ok(now) = store.now().await else { continue };
        match store.purge(now, millis(options.hold_keep), millis(options.idempotency_keep)).await {
            Ok(purged) => tracing::debug!(?purged, "old rows are forgotten"),
            Err(error) => tracing::warn!(%error, "old rows could not be forgotten; trying again later"),
        }
    }
}
