//! Monotonic time and randomness, which come in from outside so that a simulation can replay them.

use std::sync::Arc;
use std::time::Duration;

/// Monotonic time, since an instant that means nothing by itself.
///
/// It only measures how long ago something was; what time it *is* the store says.
pub trait Clock: Send + Sync + 'static {
    /// Time since that instant.
    fn monotonic(&self) -> Duration;
}

/// The runtime's clock; paused and advanced by tests that pause the runtime.
#[derive(Debug, Clone)]
pub struct RuntimeClock {
    started: tokio::time::Instant,
}

impl RuntimeClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: tokio::time::Instant::now() }
    }
}

impl Clock for RuntimeClock {
    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Where random numbers come from.
pub trait Entropy: Send + Sync + 'static {
    /// 64 random bits; unpredictable in production.
    fn next_u64(&self) -> u64;
}

/// Both, shared.
#[derive(Clone)]
pub struct Outside {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}
