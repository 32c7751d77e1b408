//! How many units each key has: buyers, clients, promotions.
//!
//! Keys are known by keyed digests here, and by pseudonyms in the ledger; their texts are elsewhere.

use crate::command::Digest;
use crate::entry::{Entry, Mapping};
use crate::id::Surrogate;
use crate::spread::SpreadMap;

/// Counters by key.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    surrogates: SpreadMap<Digest, Surrogate>,
    used: SpreadMap<Surrogate, u32>,
}

impl Limits {
    /// Adds a key that a store kept, with the units it has.
    pub fn restore(&mut self, digest: Digest, surrogate: Surrogate, used: u32) {
        self.surrogates.insert(digest, surrogate);
        self.used.insert(surrogate, used);
    }

    /// The pseudonym of a key, if it has one.
    #[must_use]
    pub fn surrogate(&self, digest: &Digest) -> Option<Surrogate> {
        self.surrogates.get(digest).copied()
    }

    /// How many units a key has.
    #[must_use]
    pub fn used(&self, key: Surrogate) -> u32 {
        self.used.get(&key).copied().unwrap_or_default()
    }

    /// Learns a new key's pseudonym.
    pub fn learn(&mut self, mapping: &Mapping) {
        self.surrogates.insert(mapping.digest, mapping.surrogate);
    }

    /// Forgets a pseudonym that was given in an attempt that did not commit.
    pub fn unlearn(&mut self, mapping: &Mapping) {
        self.surrogates.remove(&mapping.digest);
        self.used.remove(&mapping.surrogate);
    }

    /// Counts what an entry counts.
    ///
    /// # Panics
    /// When a counter would leave its range: units that were never counted are given back.
    pub fn apply(&mut self, entry: &Entry) {
        entry.counted.iter().for_each(|counted| self.count(counted.key, counted.units));
    }

    /// Takes back what an entry of an attempt that did not commit counted.
    pub fn revert(&mut self, entry: &Entry) {
        entry.counted.iter().for_each(|counted| self.count(counted.key, -counted.units));
    }

    fn count(&mut self, key: Surrogate, units: i64) {
        let used = self.used.get_or_insert(key, 0);
        let after = u32::try_from(i64::from(*used) + units).ok();
        assert!(after.is_some(), "a limit counts fewer than no units");
        *used = after.unwrap_or_default();
    }
}
