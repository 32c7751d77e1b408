//! The fleet: the nodes that live, and what all of them can read.
//!
//! Every node says every few seconds that it lives, and up to which version it reads the ledger's payloads. The store answers with the
//! version that may be written: the highest that all live nodes read. It is kept there and never goes back, since what was
//! written stays; a node that reads less is not let in, and one that was taken for dead while others went on ends
//! when it learns of it.
//!
//! Letting in and raising are one decision of the store, so no node can come between the two. What a node writes is what it was
//! told last: perhaps an older version than all could read by now, never a newer one.
//!
//! A store whose schema was migrated past a node says so in answer to the node's beat. Then the node takes no more requests, since what
//! it reads and writes may not be what it was, and says that it is to be updated.
//!
//! Who lives the store tells by its clock, and somebody may set that: set forward, it makes everybody seem long dead but the one who
//! speaks first. So a node has the version raised only after it has seen for a while that all read more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::Mutex;

use crate::ledger::wire;
use crate::store::{Store, StoreError};

/// How often a node says that it lives.
const BEAT_INTERVAL: Duration = Duration::from_secs(2);
/// How long after its last word a node counts as living. A node that stands still for longer may find that others went on.
pub const LIVE_MAX: Duration = Duration::from_secs(15);
/// Beats in a row that must have shown that all live nodes read more before one raises what may be written: as long as a node may be
/// silent and live.
const RAISE_BEATS: u64 = LIVE_MAX.as_secs().div_ceil(BEAT_INTERVAL.as_secs());
/// Beats in a row that fail before it is said: one may, when the store is restarted.
const FAILED_BEATS_MAX: u32 = 3;
/// How long the last word of a node that ends may take.
const LEAVE_MAX: Duration = Duration::from_secs(1);

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Its name, by chance, for this life.
    pub node: u64,
    /// The version of its binary, for people.
    pub version: String,
    /// The highest version of the ledger's payload that it reads.
    pub reads: u32,
}

impl Beat {
    /// What this binary says.
    #[must_use]
    pub fn of_this_binary(node: u64) -> Self {
        Self { node, version: env!("CARGO_PKG_VERSION").to_owned(), reads: wire::VERSION }
    }
}

/// The store's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    /// The version of the ledger's payload that may be written. Where it is higher than what the asking node reads, that node was
    /// not let in.
    pub payload_version: u32,
    /// The live nodes, the asking one among them if it was let in.
    pub nodes: Vec<Beat>,
}

/// A schema that a newer FlashTix made, and that does not serve this one any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database was migrated to schema {found}, which serves FlashTix from schema {oldest} on; this one knows schema {known}: \
     update this node"
)]
pub struct NewerSchema {
    /// What the store has.
    pub found: u32,
    /// The oldest binary that it serves, by the last schema that it knows.
    pub oldest: u32,
    /// What this binary knows.
    pub known: u32,
}

/// Why a node must not work on a store.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Newer nodes have written what it cannot read.
    #[error(
        "the ledger is written in version {written}, and this FlashTix reads up to version {reads}: use a newer one"
    )]
    TooOld {
        /// What is written.
        written: u32,
        /// What this binary reads.
        reads: u32,
    },
    /// Somebody migrated it past this binary.
    #[error(transparent)]
    NewerSchema(NewerSchema),
    /// It cannot be asked.
    #[error("the store cannot be told that this node lives")]
    Store(#[source] StoreError),
}

/// This node's place among the others.
#[derive(Debug)]
pub struct Fleet {
    own: Option<Beat>,
    payload_version: AtomicU32,
    /// Whether the store knew of no other node when it was last asked.
    is_alone: AtomicBool,
    /// Beats in a row that showed that all live nodes read more than may be written.
    beats_held: AtomicU64,
    /// Beats in a row that failed.
    beats_failed: AtomicU32,
    /// Why this node takes no requests any more, if somebody migrated the store past it.
    newer_schema: RwLock<Option<NewerSchema>>,
    /// Whether the node has said its last word; locked while it says one.
    has_left: Mutex<bool>,
}

impl Default for Fleet {
    /// A node that says nothing, and hears of nobody.
    fn default() -> Self {
        Self::writing(wire::VERSION)
    }
}

impl Fleet {
    /// A node that says nothing, and writes this version.
    #[must_use]
    pub fn writing(payload_version: u32) -> Self {
        Self {
            own: None,
            payload_version: payload_version.into(),
            is_alone: false.into(),
            beats_held: 0.into(),
            beats_failed: 0.into(),
            newer_schema: RwLock::default(),
            has_left: Mutex::default(),
        }
    }

    /// Says for the first time that a node lives; before it reads or writes anything.
    ///
    /// # Errors
    /// See [`JoinError`].
    pub async fn join(store: &dyn Store, own: Beat) -> Result<Arc<Self>, JoinError> {
        let fleet = Self { own: Some(own.clone()), ..Self::writing(0) };
        let roll = fleet.say(store, &own).await?;
        let others: Vec<_> = roll.nodes.iter().filter(|node| node.node != own.node).collect();
        let versions: Vec<&str> = others.iter().map(|node| &*node.version).collect();
        tracing::info!(
            nodes = roll.nodes.len(),
            others = versions.join(", "),
            payload_version = roll.payload_version,
            "this node is among the live ones"
        );
        Ok(Arc::new(fleet))
    }

    /// The version that this node may write.
    #[must_use]
    pub fn payload_version(&self) -> u32 {
        self.payload_version.load(Ordering::Acquire)
    }

    /// Why this node must not take requests, as of the last beat: somebody migrated the store past it.
    #[must_use]
    pub fn newer_schema(&self) -> Option<NewerSchema> {
        *self.newer_schema.read()
    }

    /// Whether there is nobody else, as of the last beat. What stands between nodes has no use then, and whoever came since
    /// needs none of it to be right.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_alone.load(Ordering::Acquire)
    }

    async fn say(&self, store: &dyn Store, own: &Beat) -> Result<Roll, JoinError> {
        let may_raise = self.beats_held.load(Ordering::Acquire) >= RAISE_BEATS;
        let roll = store.beat(own.clone(), LIVE_MAX, may_raise).await.map_err(|error| match error {
            StoreError::NewerSchema(newer) => JoinError::NewerSchema(newer),
            error => JoinError::Store(error),
        })?;
        if self.newer_schema.write().take().is_some() {
            tracing::info!("the database serves this node again; it takes requests");
        }
        if roll.payload_version > own.reads {
            return Err(JoinError::TooOld { written: roll.payload_version, reads: own.reads });
        }
        let all_read = roll.nodes.iter().map(|node| node.reads).min();
        if all_read.is_some_and(|reads| reads > roll.payload_version) {
            self.beats_held.fetch_add(1, Ordering::AcqRel);
        } else {
            self.beats_held.store(0, Ordering::Release);
        }
        if self.beats_failed.swap(0, Ordering::AcqRel) >= FAILED_BEATS_MAX {
            tracing::info!("the store can be told again that this node lives");
        }
        metrics::gauge!("flashtix_nodes_live").set(roll.nodes.len() as f64);
        self.is_alone.store(roll.nodes.iter().all(|node| node.node == own.node), Ordering::Release);
        let before = self.payload_version.fetch_max(roll.payload_version, Ordering::AcqRel);
        if before != 0 && before < roll.payload_version {
            tracing::info!(
                from = before,
                to = roll.payload_version,
                "all live nodes read a newer ledger: it is written now"
            );
        }
        Ok(roll)
    }

    /// Notes that a beat failed. After some, nobody knows any more who lives: others may have come, and take this node for dead.
    fn fail(&self, error: &StoreError) {
        let failed = self.beats_failed.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        self.beats_held.store(0, Ordering::Release);
        if failed == FAILED_BEATS_MAX {
            self.is_alone.store(false, Ordering::Release);
            metrics::gauge!("flashtix_nodes_live").set(f64::NAN);
            tracing::warn!(%error, "the store cannot be told that this node lives; others may take it for dead");
        }
    }

    /// Notes that the store was migrated past this node: who else lives is not for it to know.
    fn outgrown(&self, newer: NewerSchema) {
        self.beats_held.store(0, Ordering::Release);
        self.is_alone.store(false, Ordering::Release);
        metrics::gauge!("flashtix_nodes_live").set(f64::NAN);
        if self.newer_schema.write().replace(newer).is_none() {
            tracing::error!(reason = %newer, "this node is too old for its database, and takes no requests any more");
        }
    }

    /// Says the node's last word, so that the others need not wait for it.
    pub async fn leave(&self, store: &dyn Store) {
        let Some(own) = &self.own else { return };
        let left = tokio::time::timeout(LEAVE_MAX, async {
            // No beat may come after it.
            *self.has_left.lock().await = true;
            store.leave(own.node).await
        });
        if !matches!(left.await, Ok(Ok(()))) {
            tracing::debug!("the store could not be told that this node ends; the others notice");
        }
    }

    /// Goes on saying it. Ends when this node can no longer read what others write.
    pub(crate) async fn beat_on(self: Arc<Self>, store: Arc<dyn Store>) {
        let Some(own) = &self.own else { return std::future::pending().await };
        let mut ticks = tokio::time::interval(BEAT_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first was said by joining.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let has_left = self.has_left.lock().await;
            if *has_left {
                return std::future::pending().await;
            }
            match self.say(&*store, own).await {
                Ok(_) => {}
                Err(JoinError::Store(error)) => self.fail(&error),
                Err(JoinError::NewerSchema(newer)) => self.outgrown(newer),
                Err(error @ JoinError::TooOld { .. }) => {
                    tracing::error!(%error, "this node was taken for dead, and the others went on without it");
                    return;
                }
            }
        }
    }
}
