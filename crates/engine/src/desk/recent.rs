//! Digests of keys that commits used in the last day.
//!
//! Looked at before any refusal, so that a winner whose reply was lost is never told that the seat is sold, and
//! complete for that day: every commit passes through here. Keys live no longer than that; references do, so a
//! memory that has forgotten some cannot say that a reference is new.

use std::time::Duration;

use domain::command::Digest;
use domain::id::Serial;
use domain::spread::SpreadMap;

/// Two generations, so that forgetting costs nothing: a digest is kept for one to two periods.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: SpreadMap<Digest, Serial>,
    old: SpreadMap<Digest, Serial>,
    turned_at: Duration,
    has_forgotten: bool,
}

impl Recent {
    /// The digests that a store gave; `is_all` when there were no older ones.
    pub(super) fn new(keys: Vec<(Digest, Serial)>, is_all: bool, now: Duration) -> Self {
        let young = keys.into_iter().collect();
        Self { young, old: SpreadMap::default(), turned_at: now, has_forgotten: !is_all }
    }

    /// Whether a digest that is not here may have been used before.
    pub(super) fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<Serial> {
        self.young.get(digest).or_else(|| self.old.get(digest)).copied()
    }

    pub(super) fn add(&mut self, keys: &[(Digest, Serial)], now: Duration, keep: Duration) {
        if now.saturating_sub(self.turned_at) > keep {
            let forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            self.has_forgotten |= !forgotten.is_empty();
            self.turned_at = now;
        }
        self.young.extend(keys.iter().copied());
    }
}
