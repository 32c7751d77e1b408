//! When each buyer means to come. Decided before the load starts and independent of the server, so
//! that a slow answer cannot make the next request start later and look faster than it was.

use std::time::Duration;

use crate::Arrival;

/// How much faster than the rate the first half of a spike comes.
const SPIKE_FACTOR: f64 = 10.0;

/// The intended start of every buyer, counted from the start of the load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    arrival: Arrival,
    per_second: f64,
    buyers: u64,
}

impl Schedule {
    /// `per_second` is above 0 (checked by [`crate::Options::validate`]).
    pub(crate) fn new(arrival: Arrival, per_second: f64, buyers: u64) -> Self {
        Self { arrival, per_second, buyers }
    }

    /// When the buyer with this number (from 0) means to come.
    #[expect(clippy::cast_precision_loss, reason = "numbers of buyers stay far below 2^53")]
    pub(crate) fn at(&self, number: u64) -> Duration {
        let (number, buyers) = (number as f64, self.buyers as f64);
        let seconds = match self.arrival {
            Arrival::Steady => number / self.per_second,
            Arrival::Spike => {
                let first = number.min(buyers / 2.0);
                first / (self.per_second * SPIKE_FACTOR) + (number - first) / self.per_second
            }
            // The number of arrivals grows with the square of the time: n = rate · t² / (2 T), and
            // all have arrived at T = 2 · buyers / rate.
            Arrival::Ramp => 2.0 * (number * buyers).sqrt() / self.per_second,
        };
        // The rate can be so small that the last buyer would come after the end of time.
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Buyers a second on average until then, or until the last one if that is sooner.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(crate) fn mean_per_second(&self, until: Duration) -> f64 {
        let due = self.due(until);
        due as f64 / self.at(due).as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// How many buyers mean to have come by then.
    pub(crate) fn due(&self, elapsed: Duration) -> u64 {
        // A search instead of an inverse formula: the two could round differently.
        let (mut due, mut not_due) = (0, self.buyers);
        while due < not_due {
            let middle = due + (not_due - due) / 2;
            if self.at(middle) <= elapsed {
                due = middle + 1;
            } else {
                not_due = middle;
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(schedule: &Schedule, number: u64) -> u128 {
        schedule.at(number).as_millis()
    }

    #[test]
    fn steady_comes_evenly() {
        let schedule = Schedule::new(Arrival::Steady, 1_000.0, 5_000);
        assert_eq!([0, 1, 1_000, 4_999].map(|n| millis(&schedule, n)), [0, 1, 1_000, 4_999]);
    }

    #[test]
    fn a_spike_brings_half_in_a_tenth() {
        let schedule = Schedule::new(Arrival::Spike, 1_000.0, 10_000);
        assert_eq!([0, 5_000, 6_000, 10_000].map(|n| millis(&schedule, n)), [0, 500, 1_500, 5_500]);
        assert_eq!(schedule.due(Duration::from_millis(250)), 2_501);
    }

    #[test]
    fn a_ramp_ends_at_the_rate() {
        let schedule = Schedule::new(Arrival::Ramp, 1_000.0, 10_000);
        assert_eq!(millis(&schedule, 10_000), 20_000);
        assert_eq!(millis(&schedule, 2_500), 10_000, "a quarter has come at half time");
        let last_second = schedule.due(Duration::from_secs(20)) - schedule.due(Duration::from_secs(19));
        assert!((950..=1_000).contains(&last_second), "{last_second}");
    }

    #[test]
    fn the_mean_is_that_of_the_schedule() {
        let mean = |arrival| Schedule::new(arrival, 1_000.0, 10_000).mean_per_second(Duration::MAX).round();
        assert_eq!([Arrival::Steady, Arrival::Spike, Arrival::Ramp].map(mean), [1_000.0, 1_818.0, 500.0]);
    }

    #[test]
    fn due_is_the_inverse_of_at() {
        for arrival in Arrival::ALL {
            let schedule = Schedule::new(*arrival, 777.0, 3_001);
            let mut before = Duration::ZERO;
            for number in 0..3_001 {
                let at = schedule.at(number);
                assert!(at >= before, "{arrival}: {number} comes before its predecessor");
                assert!(schedule.due(at) > number, "{arrival}: {number} is not due at its own time");
                before = at;
            }
            assert_eq!(schedule.due(Duration::MAX), 3_001);
        }
    }

    #[test]
    fn a_tiny_rate_does_not_overflow() {
        let schedule = Schedule::new(Arrival::Steady, f64::MIN_POSITIVE, 10);
        assert_eq!(schedule.at(9), Duration::MAX);
        assert_eq!(schedule.due(Duration::from_secs(1)), 1);
    }
}
