//! What buyers were told, kept to be compared with the truth afterwards; and what can be known to be
//! wrong at once, because too few units can have been taken by then.
//!
//! During a storm nothing becomes free again but what is held, and `sold_out` promises that held
//! places were counted too. So the obtainable units only shrink, and two things prove a refusal wrong:
//! enough units obtainable at the end, or fewer units taken *and* asked for until the refusal than
//! would leave too few. Both presume that nobody else buys; the verdict checks that.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::limits;
use crate::venue::Venue;

/// What a refusal was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    /// Seats that anyone may get.
    Standard,
    /// Seats sold only on request.
    Accessible,
    /// An area, by position.
    Area(usize),
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("seats"),
            Self::Accessible => f.write_str("accessible seats"),
            Self::Area(index) => write!(f, "units of area {}", index + 1),
        }
    }
}

/// The least quantity of a pool that was refused as sold out, and how much the pool had.
#[derive(Debug)]
pub(crate) struct Refusals {
    obtainable_at_start: u64,
    least_refused: AtomicU64,
}

impl Refusals {
    fn new(obtainable_at_start: u64) -> Self {
        Self { obtainable_at_start, least_refused: AtomicU64::new(u64::MAX) }
    }

    /// The least quantity that was refused, if any was.
    pub(crate) fn least_refused(&self) -> Option<u64> {
        Some(self.least_refused.load(Ordering::Relaxed)).filter(|&least| least != u64::MAX)
    }
}

/// What was told, shared by all connections.
#[derive(Debug)]
pub(crate) struct Suspicions {
    pub(crate) standard: Refusals,
    pub(crate) accessible: Refusals,
    pub(crate) areas: Vec<Refusals>,
    /// Units of acknowledged orders.
    booked: AtomicU64,
    /// Units that unanswered questions may already have taken.
    claimed: AtomicU64,
    /// A bit per seat that somebody was told is sold or blocked.
    told_gone: Vec<AtomicU64>,
    /// Refusals that were wrong when they were given.
    pub(crate) wrong: Counted,
    /// Orders that contain something else than was asked for.
    pub(crate) misfits: Counted,
}

/// A number of incidents, and the first few of them.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    count: AtomicU64,
    examples: Mutex<Vec<String>>,
}

impl Counted {
    pub(crate) fn add(&self, example: impl FnOnce() -> String) {
        if self.count.fetch_add(1, Ordering::Relaxed) < limits::EXAMPLES_MAX as u64 {
            self.examples.lock().push(example());
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn examples(&self) -> String {
        self.examples.lock().join("; ")
    }
}

impl Suspicions {
    pub(crate) fn new(venue: &Venue) -> Self {
        let seats =
            |accessible| venue.at_start.seats_counted(|seat| venue.accessible.get(seat) == Some(&accessible));
        let area = |name| venue.at_start.areas.get(name).copied().unwrap_or_default();
        Self {
            standard: Refusals::new(seats(false).obtainable()),
            accessible: Refusals::new(seats(true).obtainable()),
            areas: venue.areas.iter().map(|name| Refusals::new(area(name).obtainable())).collect(),
            booked: AtomicU64::new(0),
            claimed: AtomicU64::new(0),
            told_gone: (0..venue.seats.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            wrong: Counted::default(),
            misfits: Counted::default(),
        }
    }

    /// A question for so many units goes out.
    pub(crate) fn claim(&self, units: u64) {
        self.claimed.fetch_add(units, Ordering::SeqCst);
    }

    /// The question was answered: its units are booked, or not taken.
    pub(crate) fn settle(&self, claimed: u64, booked: u64) {
        // Booked first: in between, units count twice rather than not at all.
        self.booked.fetch_add(booked, Ordering::SeqCst);
        self.claimed.fetch_sub(claimed, Ordering::SeqCst);
    }

    /// Units of acknowledged orders so far.
    pub(crate) fn booked(&self) -> u64 {
        self.booked.load(Ordering::Relaxed)
    }

    /// Somebody whose claim still counts was told that this many are not left.
    pub(crate) fn told_sold_out(&self, pool: Pool, quantity: u64, own_claim: u64) {
        let refusals = match pool {
            Pool::Standard => &self.standard,
            Pool::Accessible => &self.accessible,
            Pool::Area(index) => &self.areas[index],
        };
        refusals.least_refused.fetch_min(quantity, Ordering::Relaxed);
        let claimed = self.claimed.load(Ordering::SeqCst).saturating_sub(own_claim);
        let taken_at_most = claimed + self.booked.load(Ordering::SeqCst);
        let left_at_least = refusals.obtainable_at_start.saturating_sub(taken_at_most);
        if left_at_least >= quantity {
            self.wrong.add(|| {
                format!("{quantity} refused as sold out while at least {left_at_least} {pool} were left")
            });
        }
    }

    /// Somebody was told that this seat is sold or blocked.
    pub(crate) fn told_gone(&self, seat: usize) {
        let (word, bit) = (&self.told_gone[seat / 64], 1 << (seat % 64));
        // Mostly it is known already; a read keeps the line shared.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Whether somebody was told that this seat is sold or blocked.
    pub(crate) fn was_told_gone(&self, seat: usize) -> bool {
        self.told_gone[seat / 64].load(Ordering::Relaxed) & (1 << (seat % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Availability;

    fn suspicions(seats: usize) -> Suspicions {
        Suspicions::new(&Venue {
            seats: (0..seats).map(|n| format!("A-1-{n}").into_boxed_str()).collect(),
            accessible: vec![false; seats],
            at_start: Availability { seats: "f".repeat(seats), ..Availability::default() },
            ..Venue::default()
        })
    }

    #[test]
    fn a_refusal_is_wrong_while_too_few_can_be_taken() {
        let suspicions = suspicions(10);
        suspicions.claim(4);
        suspicions.settle(4, 4);
        suspicions.claim(2);
        suspicions.claim(4);
        suspicions.told_sold_out(Pool::Standard, 4, 4);
        assert_eq!(suspicions.wrong.count(), 1, "10 - 4 booked - 2 claimed leave 4");
        suspicions.claim(1);
        suspicions.told_sold_out(Pool::Standard, 4, 4);
        assert_eq!(suspicions.wrong.count(), 1, "three left would explain it");
        assert_eq!(suspicions.standard.least_refused(), Some(4));
    }

    #[test]
    fn seats_told_gone_are_remembered_one_by_one() {
        let suspicions = suspicions(130);
        suspicions.told_gone(64);
        suspicions.told_gone(129);
        let told: Vec<usize> = (0..130).filter(|&seat| suspicions.was_told_gone(seat)).collect();
        assert_eq!(told, [64, 129]);
    }
}
