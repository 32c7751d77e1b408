//! The wall clock that a store on this machine goes by.

use std::time::UNIX_EPOCH;

/// Tells what time it is; the only wall clock that decides anything in an installation with an embedded store.
pub trait WallClock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch, UTC. May go backwards.
    fn now_ms(&self) -> i64;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the store's clock, the one place where time comes in"
    )]
    fn now_ms(&self) -> i64 {
        let now = std::time::SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        }
    }
}
