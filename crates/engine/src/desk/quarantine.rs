//! Quarantine: an event that cannot be read takes no requests until it can.
//!
//! Its desk may be wrong, or is behind what it cannot read, so nothing is decided on it, and whoever asks is told at once to come
//! back. It is tried again at growing intervals, by whoever has its turn, or by whoever asks where it is not in memory; all other
//! events go on meanwhile. The log is told once that it begins, at ERROR where the store is damaged, and once that it is over.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::id::{EventId, Seq};

use super::Desk;
use crate::error::Error;
use crate::sequencer::answer_all;
use crate::store::StoreError;

/// How long after the first failure an event is tried again; twice as long after each further one.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// How long after a failure it is tried again at most, while the store is away.
const PAUSE_MAX: Duration = Duration::from_millis(400);
/// The same where what is stored is damaged: each try reads a whole event, and only a person can mend it.
const PAUSE_MAX_DAMAGED: Duration = Duration::from_secs(5);

/// Why an event could not be read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The commit that could not be read, or the last one that is known before it.
    pub(crate) seq: Seq,
    pub(crate) error: StoreError,
}

impl Unread {
    /// Whether waiting does not help: a person must look.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self.error, StoreError::Damaged(_))
    }
}

/// An event that could not be read, for as long as it cannot.
#[derive(Debug)]
pub(crate) struct Quarantine {
    pause: Duration,
    /// Monotonic time.
    retry_at: Duration,
    is_damage_told: bool,
    _counted: Counted,
}

impl Quarantine {
    /// What comes of one more failure; the log is told of the first.
    pub(crate) fn after(before: Option<Self>, event: EventId, unread: &Unread, monotonic: Duration) -> Self {
        let was_told = before.as_ref().is_some_and(|before| before.is_damage_told);
        let Unread { seq, error } = unread;
        if unread.is_damage() && !was_told {
            tracing::error!(%event, seq = seq.0, %error, "an event cannot be read; its requests are refused until it can");
        } else if before.is_none() {
            tracing::warn!(%event, seq = seq.0, %error, "an event cannot be loaded anew yet");
        }
        let pause_max = if unread.is_damage() { PAUSE_MAX_DAMAGED } else { PAUSE_MAX };
        let pause = before.as_ref().map_or(PAUSE_MIN, |before| (before.pause * 2).min(pause_max));
        Self {
            pause,
            retry_at: monotonic + pause,
            is_damage_told: was_told || unread.is_damage(),
            _counted: before.map_or_else(Counted::one, |before| before._counted),
        }
    }

    /// How long to wait before the event is tried again.
    pub(crate) fn retry_in(&self, monotonic: Duration) -> Duration {
        self.retry_at.saturating_sub(monotonic)
    }

    /// Ends it: the event was read.
    pub(crate) fn over(self, event: EventId, seq: Seq) {
        tracing::info!(%event, seq = seq.0, "an event can be read again; it takes requests");
    }
}

/// Counts an event in the metric for as long as it is in quarantine, or in memory.
#[derive(Debug)]
struct Counted;

impl Counted {
    const METRIC: &str = "flashtix_events_quarantined";

    fn one() -> Self {
        metrics::gauge!(Self::METRIC).increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(Self::METRIC).decrement(1.0);
    }
}

impl Desk {
    /// Refuses what waits and what comes, because the event could not be read.
    pub(crate) fn quarantine(&self, unread: &Unread, monotonic: Duration) {
        let mut front = self.front.lock();
        front.quarantine = Some(Quarantine::after(front.quarantine.take(), self.id, unread, monotonic));
        let waiting = front.take(usize::MAX);
        drop(front);
        self.is_sweeping.store(false, Ordering::Release);
        answer_all(self, waiting, &Error::Unavailable);
    }

    /// Takes requests again: the event was read.
    pub(crate) fn release(&self) {
        let ended = self.front.lock().quarantine.take();
        if let Some(quarantine) = ended
            && !self.is_dropped.load(Ordering::Acquire)
        {
            quarantine.over(self.id, self.position().seq);
        }
    }

    /// Whether it takes no requests because it could not be read.
    pub(crate) fn is_quarantined(&self) -> bool {
        self.front.lock().quarantine.is_some()
    }

    /// How long to wait before the event is tried again; nought where it was not tried in vain.
    pub(crate) fn retry_in(&self, monotonic: Duration) -> Duration {
        let front = self.front.lock();
        front.quarantine.as_ref().map_or(Duration::ZERO, |quarantine| quarantine.retry_in(monotonic))
    }

    /// Notes what became of reading what others committed.
    pub(crate) fn followed(&self, read: Result<(), Unread>, monotonic: Duration) {
        match read {
            Ok(()) => self.release(),
            // A store that is away is asked again the next time round, and tells batches itself that it is.
            Err(unread) if !unread.is_damage() && !self.is_quarantined() => {}
            Err(unread) => self.quarantine(&unread, monotonic),
        }
    }
}
