//! Digests of keys that commits used in the last day.
//!
//! Looked at before any refusal, so that a winner whose reply was lost is never told that the seat is sold, and
//! complete: every commit passes through here, so a key that is not here was not used.

use std::collections::HashMap;
use std::time::Duration;

use domain::command::Digest;
use domain::id::Serial;

/// Two generations, so that forgetting costs nothing: a digest is kept for one to two periods.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<Digest, Serial>,
    old: HashMap<Digest, Serial>,
    turned_at: Duration,
}

impl Recent {
    pub(super) fn new(keys: Vec<(Digest, Serial)>, now: Duration) -> Self {
        Self { young: keys.into_iter().collect(), old: HashMap::new(), turned_at: now }
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<Serial> {
        self.young.get(digest).or_else(|| self.old.get(digest)).copied()
    }

    pub(super) fn add(&mut self, keys: &[(Digest, Serial)], now: Duration, keep: Duration) {
        if now.saturating_sub(self.turned_at) > keep {
            self.old = std::mem::take(&mut self.young);
            self.turned_at = now;
        }
        self.young.extend(keys.iter().copied());
    }
}
