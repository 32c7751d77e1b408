//! Waiting for a condition, with a bound: no test sleeps for a time that somebody guessed.

use std::time::Duration;

use tokio::time::{Instant, interval};

/// The bound of every wait: far longer than anything here takes, even on a busy machine.
pub(crate) const BOUND: Duration = Duration::from_secs(30);
/// How often a condition is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Waits until `look` finds something.
///
/// # Panics
/// When it finds nothing within the bound.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + BOUND;
    let mut ticks = interval(LOOK_INTERVAL);
    loop {
        ticks.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: it never happened");
    }
}

/// Waits for a future, within the bound.
///
/// # Panics
/// When it takes longer.
pub(crate) async fn bounded<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(BOUND, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: it never happened"),
    }
}
