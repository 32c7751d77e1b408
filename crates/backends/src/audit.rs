//! Reading everything that is stored of an event, for whoever compares it with its history.

use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{EventId, OrderId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, SeatRow};
use domain::place::SeatIndex;
use domain::record::{HoldRecord, OrderRecord};
use engine::ledger::Position;
use engine::store::{LedgerRow, StoreError, StoredReply};

/// A hold as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    /// The record.
    pub record: HoldRecord,
    /// The pseudonyms that its units are counted under, and whether only while held.
    pub claims: Vec<(Surrogate, bool)>,
}

/// The limit keys that came with one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLimitKeys {
    /// The commit.
    pub seq: Seq,
    /// Their pseudonyms, each with the units that it has now.
    pub keys: Vec<(Mapping, u32)>,
}

/// A kind of value that no two orders of an event may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// The integrator's reference of an order.
    OrderRef,
    /// A barcode of a ticket.
    Code,
}

impl Unique {
    /// The table that such values are kept in, by digest.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::OrderRef => "order_refs",
            Self::Code => "codes",
        }
    }
}

/// A unique value that an order took, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredUnique {
    /// The value's digest.
    pub digest: Digest,
    /// The order.
    pub order: OrderId,
}

/// The replies of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReplies {
    /// The commit.
    pub seq: Seq,
    /// Its replies, by the serial under which each is kept.
    pub replies: Vec<(Serial, StoredReply)>,
}

/// Reads a store as of one commit, for as long as it lives, whatever is committed meanwhile.
///
/// All lists come in pages, so that an event of any size can be compared in little memory. Everything here blocks.
pub trait AuditReader {
    /// Every event, oldest first.
    ///
    /// # Errors
    /// When it cannot be read, like all that follow.
    fn events(&self) -> Result<Vec<EventId>, StoreError>;

    /// What the database's own check of itself finds wrong; nothing, as a rule.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn check_file(&self) -> Result<Vec<String>, StoreError>;

    /// Where the event's history stands, by its own row.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn position(&self, event: EventId) -> Result<Option<Position>, StoreError>;

    /// Seats that ever changed, after one of them, in the order of the chart.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn seats(
        &self,
        event: EventId,
        after: Option<SeatIndex>,
        limit_rows: usize,
    ) -> Result<Vec<SeatRow>, StoreError>;

    /// Every pool of every area that ever changed.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn areas(&self, event: EventId) -> Result<Vec<AreaRow>, StoreError>;

    /// Holds in any state, oldest first.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn holds(&self, event: EventId, after: Serial, limit_rows: usize) -> Result<Vec<StoredHold>, StoreError>;

    /// Orders with their tickets, oldest first.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn orders(
        &self,
        event: EventId,
        after: Serial,
        limit_rows: usize,
    ) -> Result<Vec<OrderRecord>, StoreError>;

    /// Limit keys by the commit that they came with, oldest first: at most so many commits' at a time.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn limit_keys(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredLimitKeys>, StoreError>;

    /// What was counted later than when a pseudonym was given, after one pseudonym, in the order of pseudonyms.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn counters(
        &self,
        event: EventId,
        after: Surrogate,
        limit_rows: usize,
    ) -> Result<Vec<(Surrogate, u32)>, StoreError>;

    /// The ledger, oldest first, with the pseudonyms that each commit gave.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn ledger(&self, event: EventId, after: Seq, limit_rows: usize) -> Result<Vec<LedgerRow>, StoreError>;

    /// Replies that are still kept, by commit, oldest first: at most so many commits' at a time.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn replies(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredReplies>, StoreError>;

    /// The values of a kind that orders of the event took, after one digest, in the order of digests.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn uniques(
        &self,
        event: EventId,
        kind: Unique,
        after: Option<Digest>,
        limit_rows: usize,
    ) -> Result<Vec<StoredUnique>, StoreError>;

    /// Which of these values are taken.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn taken(
        &self,
        event: EventId,
        kind: Unique,
        digests: &[Digest],
    ) -> Result<Vec<StoredUnique>, StoreError>;

    /// What a search by barcode goes by: the barcodes that lead to the orders from one to another, in the order of orders.
    ///
    /// # Errors
    /// See [`Self::events`].
    fn barcodes(
        &self,
        event: EventId,
        first: Serial,
        last: Serial,
    ) -> Result<Vec<(Serial, String)>, StoreError>;
}
