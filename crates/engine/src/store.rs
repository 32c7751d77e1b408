//! The ports to a store: the only judge, and the only place where nodes meet.
//!
//! Three narrow traits. The [`Journal`] commits batches and tells what others committed. The [`Catalog`] keeps what
//! changes rarely: organizations, keys, charts, events. The [`Archive`] answers questions about the past.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::chart::Chart;
use domain::command::{Digest, LimitKey};
use domain::entry::{Entry, Mapping, number_after};
use domain::event::Event;
use domain::id::{ChartId, EventId, HoldId, KeyId, OrderId, OrganizationId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, Hold, HoldEnd, HoldMove, SeatRow};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use tokio::sync::watch;

use crate::fleet::{Beat, NewerSchema, Roll};
use crate::ledger::{self, Head, Position};

/// A future that a store returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a store did not do something. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It cannot at the moment; trying again may help. The text is for the log.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A unique value is taken, or something named does not exist.
    #[error("the store refuses: {0}")]
    Conflict(&'static str),
    /// It was not told whether the change was committed.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// Somebody migrated it past this binary.
    #[error(transparent)]
    NewerSchema(NewerSchema),
    /// What it holds contradicts itself; a person must look.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

/// Why a batch did not, or may not, have been committed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransactError {
    /// Nothing was changed.
    #[error("nothing was changed: {0}")]
    Nothing(StoreError),
    /// A guard found another state than the desk believed; nothing was changed, and the desk must
    /// be loaded anew.
    #[error("event {0} is not as its desk believes")]
    Stale(EventId),
    /// The part of this event cannot be decided or written: a row that it needs cannot be read, or its decision
    /// panicked. Nothing was changed; the others may go on without it.
    #[error("the part of event {0} cannot be decided: {1}")]
    Undecidable(EventId, StoreError),
    /// The part of one of several events is to blame, and it is not told which; nothing was changed, and each must be
    /// tried alone.
    #[error("one of several events fails the others")]
    Divided,
    /// It was not told whether the batch was committed: look with [`Journal::contains`].
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
}

/// Whether a batch waits for events that another node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// It does. Only for a part by itself: of several, one event would keep all others waiting.
    ForEvents,
    /// It leaves their parts.
    ForNothing,
}

/// One event's part of a batch, before it is locked.
#[derive(Debug, Clone)]
pub struct Work {
    /// Which event.
    pub event: EventId,
    /// Where the desk believes its history to stand.
    pub position: Position,
    /// What to read under the lock.
    pub probes: Probes,
}

/// What a batch must know under the lock.
#[derive(Debug, Clone, Default)]
pub struct Probes {
    /// Holds by identifier.
    pub holds: Vec<HoldId>,
    /// Orders by identifier.
    pub orders: Vec<OrderId>,
    /// References of orders.
    pub refs: Vec<Digest>,
    /// Barcodes.
    pub codes: Vec<Digest>,
    /// References that the event itself is to have.
    pub event_refs: Vec<Arc<str>>,
    /// References that new holds are to have.
    pub hold_refs: Vec<Arc<str>>,
}

impl Probes {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { holds, orders, refs, codes, event_refs, hold_refs } = self;
        holds.is_empty()
            && orders.is_empty()
            && refs.is_empty()
            && codes.is_empty()
            && event_refs.is_empty()
            && hold_refs.is_empty()
    }
}

/// One event, locked: nobody else commits to it until the transaction ends.
#[derive(Debug, Clone)]
pub struct Locked {
    /// The store's clock, read after the lock.
    pub now: Timestamp,
    /// Where its history stands.
    pub position: Position,
    /// What was committed after the desk's position, oldest first.
    pub news: Vec<LedgerRow>,
    /// What the probes found.
    pub found: Found,
}

/// What probes found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Holds, with the orders they became in [`Self::orders`].
    pub holds: HashMap<Serial, HoldRecord>,
    /// Orders.
    pub orders: HashMap<Serial, OrderRecord>,
    /// Order references that are taken: the fingerprint of the request, and the order.
    pub refs: HashMap<Digest, (Digest, OrderId)>,
    /// Barcodes that are taken.
    pub codes: HashMap<Digest, OrderId>,
    /// References that another event of the same organization and mode has.
    pub event_refs: HashMap<Arc<str>, EventId>,
    /// Holds whose rows are active and have one of the references, lapsed ones included.
    pub hold_refs: Vec<(Arc<str>, HoldId)>,
}

/// One row of the ledger, with what travels beside it.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// The commit.
    pub seq: Seq,
    /// When it was decided, by the store's clock.
    pub at: Timestamp,
    /// The hash up to and including it.
    pub head: Head,
    /// Its entries, as [`crate::ledger::decode`] reads them.
    pub payload: Bytes,
    /// Digests of the idempotency keys, references and codes that it used, with the serial under
    /// which a reply is kept.
    pub keys: Vec<(Digest, Serial)>,
    /// Pseudonyms that it gave.
    pub mappings: Vec<Mapping>,
}

/// Whoever decides a batch, called back by the store under its locks.
pub trait Decider: Send + Sync {
    /// Decides the part of the event at this position of the batch; `None` writes nothing.
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>>;

    /// Takes back what was decided of the part at this position: it was not committed. It may be decided again, or left.
    fn take_back(&self, at: usize) {
        let _ = at;
    }
}

/// Everything that one event's commit writes, row by row.
#[derive(Debug, Clone)]
pub struct CommitWrite {
    /// Which event.
    pub event: EventId,
    /// The history that this extends; the guard on the event's row.
    pub before: Position,
    /// The history after it.
    pub after: Position,
    /// When it was decided.
    pub at: Timestamp,
    /// What was decided.
    pub entries: Vec<Entry>,
    /// The same, as bytes.
    pub payload: Vec<u8>,
    /// Seats: the version that the row must have (0: no row yet), and the row.
    pub seats: Vec<(u32, SeatRow)>,
    /// Areas, pool by pool.
    pub areas: Vec<AreaRow>,
    /// Holds that were made or changed.
    pub holds: Vec<HoldRecord>,
    /// Holds that ended unread.
    pub holds_ended: Vec<HoldEnd>,
    /// Holds that got another deadline unread.
    pub holds_moved: Vec<HoldMove>,
    /// Orders that were made, and orders that were changed.
    pub orders: Vec<OrderWrite>,
    /// New pseudonyms.
    pub mappings: Vec<Mapping>,
    /// Counters, as they are after this.
    pub used: Vec<(Surrogate, u32)>,
    /// References that orders took: digest, fingerprint, order.
    pub refs: Vec<(Digest, Digest, OrderId)>,
    /// Barcodes that tickets took.
    pub codes: Vec<(Digest, OrderId)>,
    /// Every digest of this commit, with its reply's serial.
    pub keys: Vec<(Digest, Serial)>,
    /// Replies to remember.
    pub replies: Vec<(Serial, StoredReply)>,
    /// What channels are for from now on, in the integrator's words; the last of several counts.
    pub notes: Vec<(ChannelKey, Arc<str>)>,
    /// The event's new settings.
    pub settings: Option<Arc<Event>>,
}

impl CommitWrite {
    /// The commit of these entries that extends a history: its row of the ledger and the event's settings, and no other row.
    #[must_use]
    pub fn of(
        event: EventId,
        before: Position,
        at: Timestamp,
        entries: Vec<Entry>,
        payload_version: u32,
    ) -> Self {
        let payload = ledger::encode(&entries, payload_version);
        let seq = number_after(before.seq, &entries);
        let after = Position { seq, head: before.head.extended(event, seq, at, &payload) };
        Self {
            event,
            before,
            after,
            at,
            payload,
            seats: Vec::new(),
            areas: Vec::new(),
            holds: Vec::new(),
            holds_ended: Vec::new(),
            holds_moved: Vec::new(),
            orders: Vec::new(),
            mappings: Vec::new(),
            used: Vec::new(),
            refs: Vec::new(),
            codes: Vec::new(),
            keys: Vec::new(),
            replies: Vec::new(),
            notes: Vec::new(),
            settings: entries.iter().rev().find_map(|entry| entry.settings.clone()),
            entries,
        }
    }
}

/// An order to write.
#[derive(Debug, Clone)]
pub struct OrderWrite {
    /// The version that its row must have; 0 when there is none yet.
    pub version_before: u32,
    /// The order.
    pub order: OrderRecord,
}

/// A reply that is given again to a request with the same idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// The digest of the request's body.
    pub fingerprint: Digest,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Everything a desk begins with.
#[derive(Debug)]
pub struct Snapshot {
    /// The settings, chart included.
    pub event: Arc<Event>,
    /// Where the history stands.
    pub position: Position,
    /// Names the history: a restored store begins a new one.
    pub history: u64,
    /// The store's clock.
    pub now: Timestamp,
    /// Seats that changed since the event was made.
    pub seats: Vec<SeatRow>,
    /// Area pools.
    pub areas: Vec<AreaRow>,
    /// Running holds.
    pub holds: Vec<Hold>,
    /// Limit keys with their units.
    pub limits: Vec<(Digest, Surrogate, u32)>,
    /// Digests that commits of the last day used.
    pub keys: Vec<(Digest, Serial)>,
}

/// Where some histories stood at an instant.
#[derive(Debug, Clone)]
pub struct Positions {
    /// The store's clock.
    pub now: Timestamp,
    /// Names the history, as [`Snapshot::history`] does.
    pub history: u64,
    /// Events that are gone are left out.
    pub positions: Vec<(EventId, Position)>,
    /// Events whose positions are there and cannot be read.
    pub damaged: Vec<EventId>,
}

impl Positions {
    /// Where one of the events that were asked about stands; `None` when it is gone.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn of(&self, event: EventId) -> Result<Option<Position>, StoreError> {
        if self.damaged.contains(&event) {
            return Err(Self::damage_of(event));
        }
        Ok(self.positions.iter().find(|(of, _)| *of == event).map(|(_, position)| *position))
    }

    /// What is wrong with an event whose position cannot be read.
    pub(crate) fn damage_of(event: EventId) -> StoreError {
        StoreError::Damaged(format!("where the history of {event} stands cannot be read"))
    }
}

/// Commits batches, and tells what was committed.
pub trait Journal: Send + Sync + 'static {
    /// Everything about an event, read at one commit; digests of the last `keys_since` on.
    fn load(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> StoreFuture<'_, Result<Option<Snapshot>, StoreError>>;

    /// Locks the events of a batch, has them decided, writes everything in one transaction, and
    /// commits it durably. A commit counts only when this returns `Ok`.
    ///
    /// Returns the positions of the parts that were left alone, undecided, because another node had their events and
    /// the batch was not to wait for them.
    fn transact(
        &self,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> StoreFuture<'_, Result<Vec<usize>, TransactError>>;

    /// Whether the history of an event contains this position, after making sure that no transaction that
    /// might still put it there is under way. An event that is damaged tells nothing.
    fn contains(&self, event: EventId, position: Position) -> StoreFuture<'_, Result<bool, StoreError>>;

    /// Changes whenever another node says that it committed something, sooner than a poll would find it; `None` from a
    /// store that only this process writes to.
    fn news(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// Where the histories of some events stand, and the store's clock; proof that the store is alive.
    fn positions(&self, events: Vec<EventId>) -> StoreFuture<'_, Result<Positions, StoreError>>;

    /// Commits after `after`, oldest first, at most `limit`.
    fn tail(
        &self,
        event: EventId,
        after: Seq,
        limit: usize,
    ) -> StoreFuture<'_, Result<Vec<LedgerRow>, StoreError>>;
}

/// What a secret key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Everything.
    #[default]
    Integration,
    /// Sell, change, cancel, and see.
    BoxOffice,
    /// See.
    Reports,
}

impl Scope {
    /// Every scope with its name.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Integration, "integration"), (Self::BoxOffice, "box_office"), (Self::Reports, "reports")];

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The scope of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(scope, _)| *scope)
    }
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its public name.
    pub id: KeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Whether it acts on live objects.
    pub livemode: bool,
    /// Whether it is a secret key rather than a publishable one.
    pub is_secret: bool,
    /// What it may do, if it is a secret key.
    pub scope: Scope,
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
    /// What the organizer calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What access tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Its number: higher ones are newer. 0 is the key that follows from the installation's secret.
    pub number: u32,
    /// The secret.
    pub secret: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was retired: what it signed is worth nothing any more.
    pub retired_at: Option<Timestamp>,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessKey({}, retired {:?})", self.number, self.retired_at)
    }
}

/// A chart as a store keeps it.
#[derive(Debug, Clone)]
pub struct ChartRecord {
    /// Its identifier.
    pub id: ChartId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Whether it is for live events.
    pub livemode: bool,
    /// Its display name.
    pub name: String,
    /// How many seats it has.
    pub seats: u32,
    /// Seats and area units together.
    pub capacity: u64,
    /// The integrator's own reference.
    pub reference: Option<Arc<str>>,
    /// The integrator's own JSON text.
    pub metadata: Option<Arc<str>>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// After this position; from the first on when 0.
    pub after: i64,
    /// At most so many.
    pub limit: usize,
}

/// Which orders are wanted. Every given field must match.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Of one event; of all of the organization's when missing.
    pub event: Option<EventId>,
    /// Of this buyer.
    pub buyer: Option<String>,
    /// Cancelled ones, or confirmed ones.
    pub is_cancelled: Option<bool>,
    /// Of this reference.
    pub reference: Option<String>,
    /// Of this payment.
    pub payment_ref: Option<String>,
    /// With a ticket of this code, by digest; needs [`Self::event`] or looks in every event.
    pub code: Option<String>,
}

/// A reply to remember for a request that the catalog serves.
#[derive(Debug, Clone)]
pub struct CatalogReply {
    /// The digest of the idempotency key.
    pub key: Digest,
    /// The reply.
    pub reply: StoredReply,
}

/// What came of a request to make something under an idempotency key.
#[derive(Debug, Clone)]
pub enum Made {
    /// It was made.
    New,
    /// It had been made before, with this reply.
    Before(StoredReply),
}

/// Organizations, keys, charts and events.
pub trait Catalog: Send + Sync + 'static {
    /// The secret of this installation, for digests and tokens; made on first use.
    fn secret(&self) -> StoreFuture<'_, Result<[u8; 32], StoreError>>;

    /// Gives the history another name, by chance; this store and others that are open may go on to use the old one.
    fn rename_history(&self) -> StoreFuture<'_, Result<(), StoreError>>;

    /// Notes that a node lives, unless it cannot read what may be written by now, and forgets those that said so longer ago than
    /// `live_max`; where `may_raise`, raises what may be written to what all of them read. One decision: nobody comes in between. A
    /// store that has one server, as the embedded one, knows of no other.
    ///
    /// Fails with [`StoreError::NewerSchema`], and notes nothing, where the store's schema was migrated past the node's binary.
    ///
    /// What was said at a time that is yet to come, by a clock that was set back since, counts as said now.
    fn beat(
        &self,
        beat: Beat,
        live_max: Duration,
        may_raise: bool,
    ) -> StoreFuture<'_, Result<Roll, StoreError>> {
        let _ = (live_max, may_raise);
        Box::pin(std::future::ready(Ok(Roll { payload_version: beat.reads, nodes: vec![beat] })))
    }

    /// Forgets a node that says that it ends.
    fn leave(&self, node: u64) -> StoreFuture<'_, Result<(), StoreError>> {
        let _ = node;
        Box::pin(std::future::ready(Ok(())))
    }

    /// The store's clock.
    fn now(&self) -> StoreFuture<'_, Result<Timestamp, StoreError>>;

    /// The one organization of an installation that has made no other.
    fn default_organization(&self) -> StoreFuture<'_, Result<OrganizationId, StoreError>>;

    /// Adds a key, or does nothing if one with the same hash is there.
    fn create_key(&self, key: KeyRecord) -> StoreFuture<'_, Result<(), StoreError>>;

    /// Every key, revoked ones included.
    fn keys(&self) -> StoreFuture<'_, Result<Vec<KeyRecord>, StoreError>>;

    /// Revokes a key; `false` when there is none of this name that is not revoked.
    fn revoke_key(&self, id: KeyId) -> StoreFuture<'_, Result<bool, StoreError>>;

    /// The keys of access tokens that were ever made, oldest first; the key 0 is among them once it is retired.
    fn access_keys(&self) -> StoreFuture<'_, Result<Vec<AccessKey>, StoreError>>;

    /// Adds a key for access tokens; returns its number.
    fn add_access_key(&self, secret: [u8; 32]) -> StoreFuture<'_, Result<u32, StoreError>>;

    /// Retires a key for access tokens; `false` when there is none of this number that is not retired.
    fn retire_access_key(&self, number: u32) -> StoreFuture<'_, Result<bool, StoreError>>;

    /// Looks up the reply of an idempotent request that the catalog served.
    fn reply(&self, key: Digest) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>>;

    /// Keeps a chart with its document (gzip-compressed JSON).
    fn create_chart(
        &self,
        chart: ChartRecord,
        document: Bytes,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>>;

    /// A chart's record.
    fn chart(&self, id: ChartId) -> StoreFuture<'_, Result<Option<ChartRecord>, StoreError>>;

    /// A chart's document, gzip-compressed JSON.
    fn chart_document(&self, id: ChartId) -> StoreFuture<'_, Result<Option<Bytes>, StoreError>>;

    /// Charts of an organization and mode, with each one's position in the list.
    fn charts(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, ChartRecord)>, StoreError>>;

    /// Keeps a new event: all its places free.
    fn create_event(
        &self,
        event: Arc<Event>,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>>;

    /// An event's settings, chart included.
    fn event(&self, id: EventId) -> StoreFuture<'_, Result<Option<Arc<Event>>, StoreError>>;

    /// Events of an organization and mode without their charts' seats, with each one's position in
    /// the list.
    fn events(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, EventId)>, StoreError>>;

    /// Every event of the store, for audits.
    fn all_events(&self) -> StoreFuture<'_, Result<Vec<EventId>, StoreError>>;

    /// Deletes a test event with everything of it; `false` when there is none, or it is live.
    fn delete_event(&self, id: EventId) -> StoreFuture<'_, Result<bool, StoreError>>;
}

/// Reads a chart's document; the wire format is not the store's business.
pub trait ChartReader: Send + Sync + 'static {
    /// The chart of a gzip-compressed document.
    fn read(&self, document: &[u8]) -> Result<Arc<Chart>, String>;
}

/// How much of each kind forgot a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Holds.
    pub holds: u64,
    /// Orders.
    pub orders: u64,
    /// Remembered answers.
    pub replies: u64,
}

/// What channels are for, in the integrator's words.
pub type ChannelNotes = Vec<(ChannelKey, Arc<str>)>;

/// Answers questions about the past.
pub trait Archive: Send + Sync + 'static {
    /// A hold.
    fn hold(&self, id: HoldId) -> StoreFuture<'_, Result<Option<HoldRecord>, StoreError>>;

    /// An order.
    fn order(&self, id: OrderId) -> StoreFuture<'_, Result<Option<OrderRecord>, StoreError>>;

    /// Orders of an organization and mode, oldest first, with each one's position in the list.
    fn orders(
        &self,
        organization: OrganizationId,
        livemode: bool,
        filter: OrderFilter,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, OrderRecord)>, StoreError>>;

    /// Erases a person's text from every event of an organization and mode: from holds, orders, remembered answers and limit
    /// keys. Their places, their pseudonyms and all counts stay.
    fn erase_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> StoreFuture<'_, Result<Erased, StoreError>>;

    /// Erases the buyers of every event that was over before `over_before`: that has started, whose sale has closed, and that
    /// had its last commit before. Returns how many events had people to forget.
    fn erase_people(&self, over_before: Timestamp) -> StoreFuture<'_, Result<u64, StoreError>>;

    /// What an event's channels are for, as far as somebody said.
    fn channel_notes(&self, event: EventId) -> StoreFuture<'_, Result<ChannelNotes, StoreError>>;

    /// The reply that was remembered under a serial.
    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>>;
}

/// A store that does all three.
pub trait Store: Journal + Catalog + Archive {}

impl<T: Journal + Catalog + Archive> Store for T {}
