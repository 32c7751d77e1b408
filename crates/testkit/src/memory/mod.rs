//! The memory store: the oracle.
//!
//! It does what a store does, over plain maps, and distrusts whoever writes to it: every commit is replayed change
//! by change with rules written a second time, naively (`walk`, `verify`), and a commit that breaks an invariant
//! is a panic that names it. Several engines may share one store; each event is locked by one batch at a time.
//!
//! It never persists anything, and it is no model of a slow or a failing store: [`crate::fault`] is.

mod archive;
mod audit;
mod catalog;
mod journal;
mod past;
mod tables;
mod verify;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::command::Digest;
use domain::id::EventId;
use engine::ledger::Position;
use parking_lot::Mutex;

use crate::clock::StoreClock;
use tables::Tables;

pub use past::Past;
pub use tables::{EventTable, PoolKey};

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invariant \"{invariant}\": {detail}")]
pub struct Violation {
    /// Its name in the design.
    pub invariant: &'static str,
    /// What broke it.
    pub detail: String,
}

impl Violation {
    /// A broken invariant, with what broke it.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

/// Breaks off with a violation unless the condition holds.
macro_rules! demand {
    ($condition:expr, $invariant:expr, $($detail:tt)+) => {
        if !$condition {
            return Err($crate::memory::Violation::new($invariant, format!($($detail)+)));
        }
    };
}
pub(crate) use demand;

/// A store in memory that checks whatever it is given.
#[derive(Debug, Default)]
pub struct MemoryStore {
    clock: StoreClock,
    tables: Mutex<Tables>,
    locks: Mutex<BTreeMap<EventId, Arc<tokio::sync::Mutex<()>>>>,
    commit_micros: AtomicU64,
    guard_failures: AtomicU64,
    panics: AtomicU64,
    restores: AtomicU64,
    violations: Mutex<Vec<Violation>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The store's clock, for reading and for jumps.
    #[must_use]
    pub fn clock(&self) -> &StoreClock {
        &self.clock
    }

    /// How long a commit takes, with its events locked.
    pub fn set_commit_time(&self, time: Duration) {
        self.commit_micros.store(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Release);
    }

    fn commit_time(&self) -> Duration {
        Duration::from_micros(self.commit_micros.load(Ordering::Acquire))
    }

    /// How many commits failed at a guard: a desk believed what was not so.
    #[must_use]
    pub fn guard_failures(&self) -> u64 {
        self.guard_failures.load(Ordering::Acquire)
    }

    /// How many decisions panicked.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Acquire)
    }

    /// Which invariants were broken so far.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.violations.lock().clone()
    }

    /// Notes a violation for whoever asks later, and panics with it.
    fn violated(&self, violation: Violation) -> ! {
        let text = violation.to_string();
        self.violations.lock().push(violation);
        panic!("{text}");
    }

    /// Looks at everything that is kept about an event; `None` when there is no such event.
    pub fn look<T>(&self, event: EventId, look: impl FnOnce(&EventTable) -> T) -> Option<T> {
        self.tables.lock().events.get(&event).map(look)
    }

    /// Where an event's history stands.
    ///
    /// # Panics
    /// When there is no such event.
    #[must_use]
    pub fn position(&self, event: EventId) -> Position {
        self.look(event, |table| table.position).expect("a test asks about events that it made")
    }

    /// Whether a commit used this idempotency key, reference or code.
    #[must_use]
    pub fn has_key(&self, event: EventId, key: &Digest) -> bool {
        self.look(event, |table| table.keys.contains_key(key)).unwrap_or(false)
    }

    /// Names the history.
    fn history(&self) -> u64 {
        1 + self.restores.load(Ordering::Acquire)
    }

    /// A copy of an event, for [`Self::restore`].
    ///
    /// # Panics
    /// When there is no such event.
    #[must_use]
    pub fn backup(&self, event: EventId) -> EventTable {
        self.look(event, Clone::clone).expect("a test backs up events that it made")
    }

    /// Puts an event back to a backup: what an asynchronous failover, or a restore, does to a history.
    pub fn restore(&self, backup: EventTable) {
        let mut tables = self.tables.lock();
        self.restores.fetch_add(1, Ordering::AcqRel);
        tables.events.insert(backup.event.id, backup);
    }

    /// Puts an event back to a backup, and says nothing of it: a store that broke its word.
    pub fn lose(&self, backup: EventTable) {
        self.tables.lock().events.insert(backup.event.id, backup);
    }

    /// Checks everything that is kept about every event against its ledger, from the first commit on.
    ///
    /// # Errors
    /// The first difference.
    pub fn audit(&self) -> Result<(), Violation> {
        let tables = self.tables.lock();
        tables.events.values().try_for_each(audit::audit)
    }

    fn lock_of(&self, event: EventId) -> Arc<tokio::sync::Mutex<()>> {
        self.locks.lock().entry(event).or_default().clone()
    }
}
