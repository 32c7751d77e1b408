//! How often what goes wrong.

use std::time::Duration;

use rand::RngExt as _;

use super::Fault;
use crate::entropy::SeededRng;

/// How often each fault strikes, in a thousand; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is named after its fault")]
pub struct Rates {
    pub nothing: u32,
    pub rolled_back: u32,
    pub unknown_committed: u32,
    pub unknown_lost: u32,
    pub in_doubt: u32,
    pub stale: u32,
    pub stall: u32,
    pub decide_twice: u32,
    pub guesses_wrong: u32,
    pub detached: u32,
    pub read_fails: u32,
    pub read_stalls: u32,
    /// How long a call takes at most when nothing goes wrong.
    pub latency_max: Duration,
    /// How long a stall lasts at most.
    pub stall_max: Duration,
}

impl Rates {
    /// Everything at once, now and then.
    #[must_use]
    pub fn stormy() -> Self {
        Self {
            nothing: 20,
            rolled_back: 20,
            unknown_committed: 20,
            unknown_lost: 20,
            in_doubt: 20,
            stale: 15,
            stall: 20,
            decide_twice: 30,
            guesses_wrong: 30,
            detached: 100,
            read_fails: 20,
            read_stalls: 10,
            latency_max: Duration::from_millis(4),
            stall_max: Duration::from_secs(3),
        }
    }

    pub(super) fn draw(&self, rng: &mut SeededRng) -> Option<Fault> {
        let stall = self.stall_length(rng);
        let faults = [
            (self.nothing, Fault::Nothing),
            (self.rolled_back, Fault::RolledBack),
            (self.unknown_committed, Fault::UnknownCommitted),
            (self.unknown_lost, Fault::UnknownLost),
            (self.in_doubt, Fault::InDoubt),
            (self.stale, Fault::Stale),
            (self.stall, Fault::StallBefore(stall)),
            (self.stall, Fault::StallAfter(stall)),
            (self.decide_twice, Fault::DecideTwice),
            (self.guesses_wrong, Fault::GuessesWrong),
            (self.detached, Fault::Detached),
        ];
        let mut drawn = rng.random_range(0..1_000_u32);
        for (rate, fault) in faults {
            match drawn.checked_sub(rate) {
                None => return Some(fault),
                Some(rest) => drawn = rest,
            }
        }
        None
    }

    pub(super) fn read_fails(&self, rng: &mut SeededRng) -> bool {
        rng.random_range(0..1_000) < self.read_fails
    }

    pub(super) fn read_stall(&self, rng: &mut SeededRng) -> Option<Duration> {
        let stalls = rng.random_range(0..1_000) < self.read_stalls;
        stalls.then(|| self.stall_length(rng))
    }

    fn stall_length(&self, rng: &mut SeededRng) -> Duration {
        let millis_max = u64::try_from(self.stall_max.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(rng.random_range(0..=millis_max))
    }
}
