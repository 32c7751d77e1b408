//! Forgets what need not be kept: ended holds, replies of long ago, and people whose events are over.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;
use engine::clock::{Clock as _, Reading, RuntimeClock, StepWatch};
use engine::fleet::Fleet;
use engine::options::Options;

use super::store::AnyStore;

/// How often the store is looked through.
const INTERVAL: Duration = Duration::from_secs(600);

/// How much longer than keys their replies are kept.
const REPLIES_SLACK: Duration = Duration::from_secs(2 * 3_600);

/// How long nothing is forgotten after the store's clock was set: by a clock that is days ahead, everything is old. Whoever is told of the
/// step has that long to bring it right.
const PAUSE_AFTER_STEP: Duration = Duration::from_secs(24 * 3_600);

/// Whether what the store's clock shows is fit to forget by.
#[derive(Debug, Default)]
struct Trust {
    watch: StepWatch,
    paused_until: Duration,
}

impl Trust {
    fn is_given(&mut self, reading: Reading) -> bool {
        if self.watch.step(reading).is_some() {
            self.paused_until = reading.answered_at + PAUSE_AFTER_STEP;
            let hours = PAUSE_AFTER_STEP.as_secs() / 3_600;
            tracing::warn!(hours, "nothing is forgotten for a while, because the store's clock was set");
        }
        reading.answered_at >= self.paused_until
    }
}

/// Forgets, for ever; people when their events have been over for as long as they are to be kept.
pub(crate) async fn run(store: AnyStore, fleet: Arc<Fleet>, options: Options, keep_people: Option<Duration>) {
    let millis = |keep: Duration| i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    // A desk may know a key for two periods, and one that was loaded meanwhile for an hour more: its reply must outlive it.
    let replies_keep = options.idempotency_keep * 2 + REPLIES_SLACK;
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (clock, mut trust) = (RuntimeClock::start(), Trust::default());
    loop {
        ticks.tick().await;
        // A node that is too old for its store knows no more what is old there.
        if fleet.newer_schema().is_some() {
            continue;
        }
        let asked_at = clock.monotonic();
        let Ok(now) = store.store().now().await else { continue };
        if !trust.is_given(Reading { shown: now, asked_at, answered_at: clock.monotonic() }) {
            continue;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn nothing_is_forgotten_for_a_day_after_the_clock_was_set() {
        let mut trust = Trust::default();
        // What the store's clock shows after so many hours, each with whether it is trusted.
        let readings = [
            (0, 0, true),
            (1, 1, true),
            (2, 74, false),
            (25, 97, false),
            (26, 98, true),
            (27, 27, false),
            (51, 51, true),
        ];
        for (hour, shown, is_trusted) in readings {
            let at = Duration::from_secs(3_600 * hour);
            let reading = Reading { shown: Timestamp(shown * HOUR_MS), asked_at: at, answered_at: at };
            assert_eq!(trust.is_given(reading), is_trusted, "after {hour} hours");
        }
    }
}
