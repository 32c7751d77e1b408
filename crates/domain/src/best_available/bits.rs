//! A block's free seats as the bits of one word, and what can be read off them without a loop over seats.
//!
//! Bit *i* is the *i*-th seat of the block. Shifts bring zeros in, so both ends of a block look like taken
//! seats, which is what the rules want. Finding the starts of long enough runs by doubling shifts is from
//! Henry S. Warren, *Hacker's Delight*, 2nd edition, section 6-3, "find first string of 1-bits of a given length".

use crate::chart::Block;
use crate::limits;

const _: () = assert!(Block::SEATS_MAX == u128::BITS, "a word covers a block");
const _: () =
    assert!(limits::PARTY_SEATS_MAX + 1 < u128::BITS as usize, "a party's shifts stay below the word");

/// What choosing must know of a block's runs of free seats, in a byte.
///
/// The value is the length of the longest run, up to 128; plus 128 when there is also a run that is exactly one
/// seat shorter. Two such runs with a taken seat between them have at most 64 seats and 63, so 192 is the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Runs(u8);

impl Runs {
    const SHORTER_TOO: u8 = 128;

    /// Reads the runs of a block's free seats.
    pub(crate) fn of(free: u128) -> Self {
        let lengths = runs(free).fold(0_u128, |lengths, run| lengths | 1 << (run.length - 1));
        let longest = u128::BITS - lengths.leading_zeros();
        let shorter_too = longest >= 2 && lengths >> (longest - 2) & 1 != 0;
        let longest = u8::try_from(longest).unwrap_or(Self::SHORTER_TOO);
        Self(if shorter_too { longest + Self::SHORTER_TOO } else { longest })
    }

    fn has_shorter_too(self) -> bool {
        self.0 > Self::SHORTER_TOO
    }

    /// The length of the longest run.
    pub(crate) fn longest(self) -> u8 {
        if self.has_shorter_too() { self.0 - Self::SHORTER_TOO } else { self.0 }
    }

    /// The sizes of parties that fit without leaving an orphan: bit *n* - 1 for *n* seats, and the last bit for
    /// all from 64.
    ///
    /// A run of *L* seats takes a party of *L*, which leaves none, or of *L* - 2 and less, which leaves two at one
    /// end; a party of *L* - 1 would leave one.
    pub(crate) fn fits(self) -> u64 {
        let longest = usize::from(self.longest());
        let below = |length: usize| match length {
            0 => 0,
            1..=63 => (1 << length) - 1,
            _ => u64::MAX,
        };
        below(longest.saturating_sub(2))
            | size_bit(longest)
            | if self.has_shorter_too() { size_bit(longest - 1) } else { 0 }
    }
}

/// The bit of a party's size in [`Runs::fits`].
pub(crate) fn size_bit(seats: usize) -> u64 {
    if seats == 0 { 0 } else { 1 << (seats.min(64) - 1) }
}

/// Neighbouring free seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The bit of the first.
    pub(crate) start: u32,
    /// How many, at least one.
    pub(crate) length: u32,
}

impl Run {
    /// Its seats as bits.
    pub(crate) fn mask(self) -> u128 {
        u128::MAX >> (u128::BITS - self.length) << self.start
    }

    /// The whole run of `free` that has the seat `at`.
    pub(crate) fn around(free: u128, at: u32) -> Self {
        let below = (free << (u128::BITS - 1 - at)).leading_ones();
        let above = (free >> at).trailing_ones();
        Self { start: at + 1 - below, length: below + above - 1 }
    }
}

/// Every run, from the first seat on.
pub(crate) fn runs(mut free: u128) -> impl Iterator<Item = Run> {
    std::iter::from_fn(move || {
        if free == 0 {
            return None;
        }
        let start = free.trailing_zeros();
        let run = Run { start, length: (free >> start).trailing_ones() };
        free &= !run.mask();
        Some(run)
    })
}

/// The positions of the set bits, in ascending order.
pub(crate) fn ones(mut bits: u128) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        if bits == 0 {
            return None;
        }
        let at = bits.trailing_zeros();
        bits &= bits - 1;
        Some(at)
    })
}

/// Where `seats` neighbouring seats of `free` begin.
pub(crate) fn starts(free: u128, seats: usize) -> u128 {
    let (mut starts, mut covered) = (free, 1);
    while covered < seats {
        let step = covered.min(seats - covered);
        starts &= starts >> step;
        covered += step;
    }
    starts
}

/// Where `seats` neighbouring seats begin of which at least one is among `wanted`.
pub(crate) fn starts_covering(wanted: u128, seats: usize) -> u128 {
    let (mut starts, mut covered) = (wanted, 1);
    while covered < seats {
        let step = covered.min(seats - covered);
        starts |= starts >> step;
        covered += step;
    }
    starts
}

/// Where `seats` neighbouring seats begin that leave no orphan of `free` on either side.
pub(crate) fn starts_without_orphan(free: u128, seats: usize) -> u128 {
    let orphan_before = free << 1 & !(free << 2);
    let orphan_after = free >> seats & !(free >> (seats + 1));
    !(orphan_before | orphan_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(row: &str) -> u128 {
        row.chars().rev().fold(0, |bits, seat| bits << 1 | u128::from(seat == '.'))
    }

    #[test]
    fn runs_are_found_up_to_a_full_word() {
        let found: Vec<Run> = runs(bits(".xx..x")).collect();
        assert_eq!(found, [Run { start: 0, length: 1 }, Run { start: 3, length: 2 }]);
        assert_eq!(runs(u128::MAX).collect::<Vec<_>>(), [Run { start: 0, length: 128 }]);
        assert_eq!(Run::around(u128::MAX, 77), Run { start: 0, length: 128 });
        assert_eq!(Run::around(bits(".xx..x"), 4), Run { start: 3, length: 2 });
    }

    #[test]
    fn runs_in_a_byte_tell_who_fits_without_an_orphan() {
        let fits = |row: &str| Runs::of(bits(row)).fits();
        assert_eq!(fits("xx"), 0);
        assert_eq!(fits("."), 0b1);
        assert_eq!(fits(".."), 0b10);
        assert_eq!(fits("..x."), 0b11, "the single fills the lone seat");
        assert_eq!(fits("..."), 0b101, "a pair would leave one of three");
        assert_eq!(fits("...x.."), 0b111);
        assert_eq!(fits("....x.."), 0b1011);
        let halves = u128::MAX >> 64 | u128::MAX >> 65 << 65;
        assert_eq!((Runs::of(halves).longest(), Runs::of(halves).fits()), (64, u64::MAX));
        assert_eq!(Runs::of(u128::MAX).longest(), 128);
        assert!(!Runs::of(u128::MAX).has_shorter_too());
        assert_eq!(Runs::of(u128::MAX >> 1).longest(), 127);
    }

    #[test]
    fn starts_of_runs_and_of_those_without_an_orphan() {
        let free = bits("x......x..x.");
        assert_eq!(starts(free, 2), bits("x.....xx.xxx"));
        assert_eq!(starts(free, 2) & starts_without_orphan(free, 2), bits("x.x.x.xx.xxx"));
        assert_eq!(starts_covering(bits("xxxx."), 3), bits("xx..."));
        assert_eq!(starts(u128::MAX, 100).count_ones(), 29);
    }
}
