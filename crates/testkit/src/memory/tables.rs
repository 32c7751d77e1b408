//! What the memory store keeps: plain maps, ordered, so that nothing depends on chance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use domain::command::Digest;
use domain::event::Event;
use domain::id::{EventId, OrderId, OrganizationId, Serial, Surrogate};
use domain::inventory::{Hold, Pool, SeatRow};
use domain::place::{AreaIndex, ChannelKey, SeatIndex};
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use engine::fleet::Beat;
use engine::ledger::Position;
use engine::store::{AccessKey, ChartRecord, KeyRecord, LedgerRow, StoredReply};

use super::past::Past;

/// Everything of every event, and what the catalog keeps.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) keys: Vec<KeyRecord>,
    /// Nodes by name, with when they were last heard of.
    pub(super) nodes: BTreeMap<u64, (Beat, Timestamp)>,
    /// The version of the ledger's payload that may be written.
    pub(super) payload_version: u32,
    pub(super) access_keys: Vec<AccessKey>,
    pub(super) charts: Vec<(ChartRecord, Bytes)>,
    pub(super) events: BTreeMap<EventId, EventTable>,
    /// Every event ever made, in order; deleted ones keep their position.
    pub(super) event_list: Vec<(EventId, OrganizationId, bool)>,
    /// Every order ever made, in order.
    pub(super) order_list: Vec<OrderId>,
    pub(super) replies: BTreeMap<Digest, StoredReply>,
}

/// A pool's name: its area, and the channel it belongs to.
pub type PoolKey = (AreaIndex, Option<ChannelKey>);

/// Everything that is kept about one event.
#[derive(Debug, Clone)]
pub struct EventTable {
    /// The settings as they were when the event was made.
    pub origin: Arc<Event>,
    /// The settings as they are.
    pub event: Arc<Event>,
    /// Where the history stands.
    pub position: Position,
    /// Seats that ever changed.
    pub seats: BTreeMap<SeatIndex, SeatRow>,
    /// Pools that ever changed.
    pub pools: BTreeMap<PoolKey, Pool>,
    /// Running holds, as the entries make them.
    pub running: BTreeMap<Serial, Hold>,
    /// Every hold.
    pub holds: BTreeMap<Serial, HoldRecord>,
    /// Every order.
    pub orders: BTreeMap<Serial, OrderRecord>,
    /// Pseudonyms, with their digests.
    pub mappings: BTreeMap<Surrogate, Digest>,
    /// Units by pseudonym.
    pub used: BTreeMap<Surrogate, u32>,
    /// References of orders: fingerprint and order.
    pub refs: BTreeMap<Digest, (Digest, OrderId)>,
    /// Barcodes.
    pub codes: BTreeMap<Digest, OrderId>,
    /// Digests that commits used, each with its reply's serial.
    pub keys: BTreeMap<Digest, Serial>,
    /// Replies.
    pub replies: BTreeMap<Serial, StoredReply>,
    /// What channels are for.
    pub notes: BTreeMap<Arc<str>, Arc<str>>,
    /// Every commit.
    pub ledger: Vec<LedgerRow>,
    /// What the event looked like after every entry, for judging refusals.
    pub past: Vec<Past>,
}

impl EventTable {
    pub(super) fn new(event: Arc<Event>, past: Past) -> Self {
        Self {
            origin: event.clone(),
            event,
            position: Position::default(),
            seats: BTreeMap::new(),
            pools: BTreeMap::new(),
            running: BTreeMap::new(),
            holds: BTreeMap::new(),
            orders: BTreeMap::new(),
            mappings: BTreeMap::new(),
            used: BTreeMap::new(),
            refs: BTreeMap::new(),
            codes: BTreeMap::new(),
            keys: BTreeMap::new(),
            replies: BTreeMap::new(),
            notes: BTreeMap::new(),
            ledger: Vec::new(),
            past: vec![past],
        }
    }

    /// A pool; a new event's areas belong to the public, whole.
    #[must_use]
    pub fn pool(&self, key: &PoolKey) -> Pool {
        self.pools.get(key).copied().unwrap_or_else(|| new_pool(&self.origin, key))
    }

    /// The pseudonym of a digest.
    #[must_use]
    pub fn surrogate(&self, digest: &Digest) -> Option<Surrogate> {
        self.mappings.iter().find(|(_, known)| *known == digest).map(|(surrogate, _)| *surrogate)
    }

    /// The channels that any area unit or seat was ever assigned to.
    #[must_use]
    pub fn channels(&self) -> BTreeSet<ChannelKey> {
        let of_seats = self.seats.values().filter_map(|row| row.channel.clone());
        of_seats.chain(self.pools.keys().filter_map(|(_, channel)| channel.clone())).collect()
    }
}

/// A pool that nothing ever happened to.
pub(super) fn new_pool(event: &Event, (area, channel): &PoolKey) -> Pool {
    let units = if channel.is_none() { event.areas[area.at()].capacity } else { 0 };
    Pool { units, ..Pool::default() }
}
