//! Whether holds of an event lost time because nobody could do anything with it.

use std::sync::atomic::Ordering;

use domain::entry::Entry;
use domain::inventory::Outage;
use domain::time::Timestamp;

use super::Desk;
use crate::pulse::EDGE;
use crate::store::LedgerRow;

/// How long after an outage deadlines still count as passed in it, in ms: until the first batch.
const LATE_MS: i64 = 1_000;

impl Desk {
    /// The outage that holds must be made up for at `now`, decided under the lock from what is read there; `None` if there was none.
    ///
    /// Whoever had the store during this process's silence has committed something, be it only the end of what lapsed, and whoever
    /// comes second finds the commit of the first. So it depends on when the last commit was made, however this desk came to know
    /// it. A step of the store's clock is no outage: how long it was this process's own says.
    pub(super) fn outage(&self, news: &[(LedgerRow, Vec<Entry>)], now: Timestamp) -> Option<Outage> {
        if let Some(owed) = *self.owed.lock() {
            return Some(owed);
        }
        let (at, silence) = self.pulse.silence();
        // What ran out before the desk was in memory, it knows nothing of.
        let silence = silence.filter(|silence| silence.since >= self.loaded_at)?;
        let millis = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let since = now.plus_millis(-millis(at.saturating_sub(silence.since)));
        let committed_at = news.last().map_or(self.committed_at.load(Ordering::Acquire), |(row, _)| row.at.0);
        if committed_at > since.plus_millis(millis(EDGE)).0 {
            return None;
        }
        let lost_ms = millis(silence.until.saturating_sub(silence.since));
        let until = since.plus_millis(lost_ms.saturating_add(LATE_MS)).min(now);
        Some(Outage { since, lost_ms, until })
    }

    /// Notes when the last commit that is known was made, by the store's clock.
    pub(crate) fn note_commit(&self, at: Timestamp) {
        self.committed_at.store(at.0, Ordering::Release);
    }
}
