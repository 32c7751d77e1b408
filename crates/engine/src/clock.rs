//! Monotonic time and randomness, which come in from outside so that a simulation can replay them.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;

/// How far the store's clock may be off from one reading to the next: whatever corrects a clock while it runs moves it by
/// less, and nobody's deadline is hurt by as much.
const STEP_MS_MAX: i64 = 1_000;
/// Two clocks that nobody sets still run apart, by less than one part in so many.
const DRIFT_PARTS: u32 = 1_000;

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

/// Compares the store's clock with the monotonic time that passes between its readings, and so notices when somebody
/// sets it: every running deadline moves with it.
#[derive(Debug, Default)]
pub struct StepWatch {
    last: Option<Reading>,
}

/// What the store's clock showed, at some moment between these two of monotonic time.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What it showed.
    pub shown: Timestamp,
    /// Not before this.
    pub asked_at: Duration,
    /// Not after this.
    pub answered_at: Duration,
}

impl StepWatch {
    /// Takes the next reading. Returns by how many ms the clock was set since the last one, at the least; `None` when
    /// it may just have run.
    pub fn step(&mut self, reading: Reading) -> Option<i64> {
        let last = self.last.replace(reading)?;
        let shown = reading.shown.millis_since(last.shown);
        let passed_max = reading.answered_at.saturating_sub(last.asked_at);
        let passed_min = reading.asked_at.saturating_sub(last.answered_at);
        let off_max = STEP_MS_MAX.saturating_add(millis(passed_max / DRIFT_PARTS));
        let ahead = shown.saturating_sub(millis(passed_max));
        let behind = shown.saturating_sub(millis(passed_min));
        if ahead > off_max {
            return Some(ahead);
        }
        (behind < -off_max).then_some(behind)
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings as milliseconds: what was shown, when it was asked for, when it was answered.
    fn steps(readings: &[(i64, u64, u64)]) -> Vec<i64> {
        let mut watch = StepWatch::default();
        let step = |(shown, asked, answered): &(i64, u64, u64)| {
            watch.step(Reading {
                shown: Timestamp(*shown),
                asked_at: Duration::from_millis(*asked),
                answered_at: Duration::from_millis(*answered),
            })
        };
        readings.iter().filter_map(step).collect()
    }

    #[test]
    fn a_clock_that_runs_makes_no_steps() {
        assert!(steps(&[(50_000, 0, 1), (50_050, 50, 51), (50_100, 100, 101)]).is_empty());
        // Brought right by the most that is no step, both ways.
        assert!(steps(&[(0, 0, 0), (1_050, 50, 50), (100, 100, 100)]).is_empty());
        // Nobody asked for a day, in which it ran apart from this machine's by a minute.
        assert!(steps(&[(0, 0, 0), (86_460_000, 86_400_000, 86_400_000)]).is_empty());
    }

    #[test]
    fn a_reading_that_took_long_is_any_moment_of_it() {
        assert!(steps(&[(0, 0, 0), (100, 100, 30_000), (30_050, 30_050, 30_050)]).is_empty());
        assert!(steps(&[(0, 0, 0), (29_900, 100, 30_000), (29_950, 30_050, 30_050)]).is_empty());
        // However long it took, an hour is no moment of it.
        assert_eq!(steps(&[(0, 0, 0), (3_600_000, 100, 30_000)]), [3_570_000]);
    }

    #[test]
    fn a_clock_that_is_set_makes_one_step() {
        let (hour, days) = (3_600_000, 3 * 86_400_000);
        assert_eq!(steps(&[(0, 0, 0), (hour + 50, 50, 50), (hour + 100, 100, 100)]), [hour]);
        assert_eq!(steps(&[(0, 0, 0), (50 - hour, 50, 50), (100 - hour, 100, 100)]), [-hour]);
        assert_eq!(steps(&[(0, 0, 0), (days + 50, 50, 50), (100, 100, 100)]), [days, -days]);
        assert_eq!(steps(&[(0, 0, 0), (1_051, 50, 50)]), [1_001]);
        assert_eq!(steps(&[(0, 0, 0), (-951, 50, 50)]), [-1_001]);
    }
}
