//! A hash map that grows in parts.
//!
//! A table of half a million entries takes tens of milliseconds to move into one of twice the size, and nobody is served
//! meanwhile. In a spread map each of 256 parts moves by itself, at its own time, in a fraction of a millisecond.

use std::collections::HashMap;
use std::hash::Hash;

use crate::command::Digest;
use crate::id::Serial;

/// Entries up to which a map is one table: most maps stay that small, and 256 empty tables are larger.
const WHOLE_MAX: usize = 4_096;
/// Tables of a map that is larger.
const PARTS: usize = 256;

/// A key that says which part of a map it belongs to. Equal keys belong to the same, and keys to all parts alike.
pub trait Spread: Hash + Eq {
    /// The part.
    fn part(&self) -> u8;
}

impl Spread for Digest {
    fn part(&self) -> u8 {
        // Digests are keyed: nobody chooses where they fall.
        self.0[0]
    }
}

impl Spread for Serial {
    fn part(&self) -> u8 {
        // Numbers that follow each other must fall as if by chance: in equal turns all parts would be full at once. The
        // finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes()[0]
    }
}

/// The map. Entries come in no order.
#[derive(Debug, Clone)]
pub struct SpreadMap<K, V> {
    /// One table, or [`PARTS`] of them.
    tables: Vec<HashMap<K, V>>,
}

impl<K, V> Default for SpreadMap<K, V> {
    fn default() -> Self {
        Self { tables: vec![HashMap::new()] }
    }
}

impl<K: Spread, V> SpreadMap<K, V> {
    /// What is under a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.tables[self.part(key)].get(key)
    }

    /// What is under a key, which is put there if nothing is.
    pub fn get_or_insert(&mut self, key: K, value: V) -> &mut V {
        self.split_if_large();
        let part = self.part(&key);
        self.tables[part].entry(key).or_insert(value)
    }

    /// Puts something under a key, in place of what was there.
    pub fn insert(&mut self, key: K, value: V) {
        self.split_if_large();
        let part = self.part(&key);
        self.tables[part].insert(key, value);
    }

    /// Takes out what is under a key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let part = self.part(key);
        self.tables[part].remove(key)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(HashMap::is_empty)
    }

    fn part(&self, key: &K) -> usize {
        if self.tables.len() == 1 { 0 } else { usize::from(key.part()) }
    }

    fn split_if_large(&mut self) {
        if self.tables.len() > 1 || self.tables[0].len() < WHOLE_MAX {
            return;
        }
        let whole = std::mem::take(&mut self.tables[0]);
        self.tables.resize_with(PARTS, || HashMap::with_capacity(2 * WHOLE_MAX / PARTS));
        for (key, value) in whole {
            let part = usize::from(key.part());
            self.tables[part].insert(key, value);
        }
    }
}

impl<K: Spread, V> Extend<(K, V)> for SpreadMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| self.insert(key, value));
    }
}

impl<K: Spread, V> FromIterator<(K, V)> for SpreadMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0_u64..9_000, 0_u8..3), 0..20_000)) {
            let (mut spread, mut map) = (SpreadMap::default(), HashMap::new());
            for (at, (number, step)) in steps.into_iter().enumerate() {
                let key = Serial((number << 16) | (number % 7));
                match step {
                    0 => {
                        spread.insert(key, at);
                        map.insert(key, at);
                    }
                    1 => prop_assert_eq!(spread.get_or_insert(key, at), map.entry(key).or_insert(at)),
                    _ => prop_assert_eq!(spread.remove(&key), map.remove(&key)),
                }
                prop_assert_eq!(spread.get(&key), map.get(&key));
            }
            prop_assert_eq!(spread.is_empty(), map.is_empty());
            for (key, value) in &map {
                prop_assert_eq!(spread.get(key), Some(value));
            }
        }
    }

    #[test]
    fn it_grows_in_parts() {
        let mut map = SpreadMap::default();
        let capacities = |map: &SpreadMap<Serial, ()>| -> Vec<(usize, usize)> {
            map.tables.iter().map(|table| (table.capacity(), table.len())).collect()
        };
        // As a sale numbers its buyers: commits of two hundred entries.
        for commit in 0..2_500_u64 {
            let before = capacities(&map);
            (0..200).for_each(|at| map.insert(Serial((commit << 16) | at), ()));
            let after = capacities(&map);
            let grown = before.iter().zip(&after).filter(|(before, after)| after.0 > before.0);
            let moved: usize = grown.map(|(before, _)| before.1).sum();
            assert!(moved <= 20_000, "{moved} entries moved in commit {commit}");
        }
        let even = 500_000 / PARTS;
        assert!(map.tables.iter().all(|table| (even * 3 / 4..even * 5 / 4).contains(&table.len())));
    }

    #[test]
    fn a_small_map_is_one_table() {
        let map: SpreadMap<Serial, ()> = (0..WHOLE_MAX as u64).map(|at| (Serial(at), ())).collect();
        assert_eq!(map.tables.len(), 1);
    }
}
