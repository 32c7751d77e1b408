//! Finds a seat by a text without storing the text a second time.
//!
//! An open-addressing table of seat numbers with linear probing; the texts themselves stay in the chart's
//! columns, and the caller compares. Four to eight bytes a seat, against some sixty for a map of strings.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::place::ChartSeat;

/// Marks a slot that no seat uses.
const EMPTY: u32 = u32::MAX;

/// A table from the hash of a text to the seats that may bear it.
#[derive(Debug, Default)]
pub(super) struct LabelIndex {
    slots: Vec<u32>,
}

impl LabelIndex {
    /// A table with room for `len` seats at a load of at most two thirds, and always with an empty slot:
    /// a search ends at one.
    pub(super) fn with_room_for(len: usize) -> Self {
        Self { slots: vec![EMPTY; if len == 0 { 0 } else { (len + len / 2 + 1).next_power_of_two() }] }
    }

    /// Adds `seat` under `text`; returns the seat that already bears it, by `is_same`, instead.
    pub(super) fn insert(
        &mut self,
        text: &str,
        seat: ChartSeat,
        is_same: impl Fn(ChartSeat) -> bool,
    ) -> Result<(), ChartSeat> {
        let mask = self.slots.len() - 1;
        let mut at = hash(text) & mask;
        while self.slots[at] != EMPTY {
            let other = ChartSeat(self.slots[at]);
            if is_same(other) {
                return Err(other);
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = seat.0;
        Ok(())
    }

    /// The seat under `text` of which `is_same` holds.
    pub(super) fn find(&self, text: &str, is_same: impl Fn(ChartSeat) -> bool) -> Option<ChartSeat> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(text) & mask;
        while self.slots[at] != EMPTY {
            let seat = ChartSeat(self.slots[at]);
            if is_same(seat) {
                return Some(seat);
            }
            at = (at + 1) & mask;
        }
        None
    }
}

/// `SipHash` with fixed keys: labels come from the organizer, and lookups must not depend on randomness.
#[expect(clippy::cast_possible_truncation, reason = "the lower bits of a hash are as good as the whole")]
fn hash(text: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_in_a_table_of_any_size_ends() {
        for len in 1..40_u32 {
            let mut index = LabelIndex::with_room_for(len as usize);
            for seat in 0..len {
                assert_eq!(index.insert(&seat.to_string(), ChartSeat(seat), |_| false), Ok(()));
            }
            assert_eq!(index.find("nobody", |_| false), None);
            assert!(index.slots.contains(&EMPTY), "{len}");
        }
    }
}
