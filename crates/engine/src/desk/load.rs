//! Makes a desk from what the store knows, and anew when it turns out to know more.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::inventory::{Inventory, Limits};
use parking_lot::{Mutex, RwLock};

use super::inbox::Inbox;
use super::recent::Recent;
use super::{Desk, Draft, Front, Settled, micros};
use crate::feed::Feed;
use crate::options::Options;
use crate::pulse::Pulse;
use crate::store::{Snapshot, StoreError};

/// What a snapshot comes to.
///
/// # Errors
/// Its rows contradict each other: somebody changed them, or the store is damaged.
fn unpack(snapshot: Snapshot, monotonic: Duration, keep: Duration) -> Result<(Settled, Draft), StoreError> {
    let Snapshot { event, position, history, now, seats, areas, holds, limits: rows, keys } = snapshot;
    let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let has_all_keys = now.0.saturating_sub(event.created_at.0) < keep_ms;
    let restored = AssertUnwindSafe(|| Inventory::restore(event, position.seq, seats, areas, holds));
    let inventory = catch_unwind(restored)
        .map_err(|_| StoreError::Damaged("the rows of an event contradict each other".to_owned()))?;
    let mut limits = Limits::default();
    for (digest, surrogate, used) in rows {
        limits.restore(digest, surrogate, used);
    }
    let draft = Draft { inventory: inventory.clone(), limits, position };
    let recent = Recent::new(keys, has_all_keys, monotonic);
    let passed = VecDeque::new();
    Ok((Settled { inventory, position, history, recent, passed, shown: OnceLock::new() }, draft))
}

impl Desk {
    /// A desk from a snapshot that was asked for at `monotonic`.
    ///
    /// # Errors
    /// The snapshot's rows contradict each other.
    pub(crate) fn new(
        snapshot: Snapshot,
        monotonic: Duration,
        pulse: &Arc<Pulse>,
        options: &Options,
    ) -> Result<Self, StoreError> {
        let (id, now) = (snapshot.event.id, snapshot.now);
        let (settled, draft) = unpack(snapshot, monotonic, options.idempotency_keep)?;
        let desk = Self {
            id,
            feed: Feed::new(settled.position.seq, options),
            settled: RwLock::new(settled),
            draft: Mutex::new(draft),
            front: Mutex::new(Front::default()),
            inbox: Mutex::new(Inbox::default()),
            turn: Arc::default(),
            store_now: now.0.into(),
            read_at: micros(monotonic).into(),
            heard_at: micros(monotonic).into(),
            pulse: pulse.clone(),
            loaded_at: monotonic,
            committed_at: i64::MIN.into(),
            owed: Mutex::default(),
            used_at: micros(monotonic).into(),
            is_sweeping: false.into(),
            is_aside: false.into(),
            is_dropped: false.into(),
        };
        desk.set_now(now, monotonic);
        Ok(desk)
    }

    /// Starts over from a snapshot, because history is not what the desk believed.
    ///
    /// # Errors
    /// The snapshot's rows contradict each other; the desk is as it was.
    pub(crate) fn reload(
        &self,
        snapshot: Snapshot,
        monotonic: Duration,
        options: &Options,
    ) -> Result<(), StoreError> {
        let now = snapshot.now;
        let (settled, draft) = unpack(snapshot, monotonic, options.idempotency_keep)?;
        let mut current = self.settled.write();
        *self.draft.lock() = draft;
        *current = settled;
        *self.inbox.lock() = Inbox::default();
        self.feed.restart(current.position.seq);
        drop(current);
        self.set_now(now, monotonic);
        self.heard(monotonic);
        Ok(())
    }
}
