//! Clocks that a test sets: monotonic time for an engine, and the store's clock, which may jump both ways.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::time::Timestamp;
use engine::clock::Clock;
use tokio::time::Instant;

/// Where a store's clock starts unless a test says otherwise: 2026-01-01T00:00:00Z.
pub const EPOCH: Timestamp = Timestamp(1_767_225_600_000);

/// Monotonic time that passes only when it is told to.
#[derive(Debug, Default)]
pub struct ManualClock {
    micros: AtomicU64,
}

impl ManualClock {
    /// Lets some time pass.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::AcqRel);
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Acquire))
    }
}

/// A store's clock: it runs with the runtime's time, which tests pause, and jumps when told to.
#[derive(Debug)]
pub struct StoreClock {
    started: Instant,
    /// What the clock showed at the start, and every jump since, in milliseconds.
    base: AtomicI64,
}

impl StoreClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn showing(now: Timestamp) -> Self {
        Self { started: Instant::now(), base: now.0.into() }
    }

    /// How long it runs, jumps left out.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let millis = i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.base.load(Ordering::Acquire)).plus_millis(millis)
    }

    /// What it would show at the start if all its jumps had happened before; grows and falls with jumps alone.
    #[must_use]
    pub fn base(&self) -> Timestamp {
        Timestamp(self.base.load(Ordering::Acquire))
    }

    /// Jumps forwards, or backwards when negative.
    pub fn jump(&self, millis: i64) {
        self.base.fetch_add(millis, Ordering::AcqRel);
    }

    /// Jumps to an instant.
    pub fn set(&self, now: Timestamp) {
        self.jump(now.millis_since(self.now()));
    }
}

impl Default for StoreClock {
    fn default() -> Self {
        Self::showing(EPOCH)
    }
}
