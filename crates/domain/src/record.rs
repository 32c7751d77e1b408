//! Holds and orders as a store keeps them, with the integrator's own data.

use std::sync::Arc;

use crate::basket::Line;
use crate::id::{HoldId, OrderId, Seq, Surrogate};
use crate::money::Amount;
use crate::place::{ChannelKey, Place};
use crate::time::Timestamp;

/// Where a hold is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldStatus {
    /// It keeps its places, until its deadline.
    Active,
    /// It became this order.
    Confirmed(OrderId),
    /// Its owner ended it.
    Released,
    /// It lapsed.
    Expired,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRecord {
    /// Its identifier.
    pub id: HoldId,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Where it is in its life.
    pub status: HoldStatus,
    /// The buyer's reference; empty once erased.
    pub buyer: Arc<str>,
    /// The buyer's pseudonym.
    pub buyer_surrogate: Surrogate,
    /// What it keeps, or kept.
    pub lines: Vec<Line>,
    /// Barcodes for its seats and units, by line and unit; empty when there are none.
    pub codes: Vec<Vec<Option<Arc<str>>>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the store lets its places go.
    pub deadline: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The integrator's own JSON text.
    pub metadata: Option<Arc<str>>,
    /// The integrator's own reference.
    pub reference: Option<Arc<str>>,
}

/// One ticket of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its index in the order.
    pub index: u16,
    /// Its seat, or its area.
    pub place: Place,
    /// Who it is for.
    pub ticket_type: Arc<str>,
    /// What it cost.
    pub price: Amount,
    /// The channel its area unit was taken from.
    pub channel: Option<ChannelKey>,
    /// The integrator's barcode.
    pub code: Option<Arc<str>>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// The ticket of the same order that it replaces.
    pub replaces: Option<u16>,
}

/// What one change of an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// When.
    pub at: Timestamp,
    /// What its new tickets cost, less what those cost that it cancelled: to be paid, or to be given back.
    pub difference: Amount,
    /// The integrator's payment, or refund, of that.
    pub payment_ref: Option<Arc<str>>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRecord {
    /// Its identifier.
    pub id: OrderId,
    /// Counts its changes, from 1.
    pub version: u32,
    /// The commit that last changed it.
    pub seq: Seq,
    /// The hold that it was, if any.
    pub hold: Option<HoldId>,
    /// The buyer's reference; empty once erased.
    pub buyer: Arc<str>,
    /// The buyer's pseudonym.
    pub buyer_surrogate: Surrogate,
    /// Further pseudonyms under which its units are counted.
    pub claims: Vec<Surrogate>,
    /// What its tickets cost, cancelled ones included.
    pub amount: Amount,
    /// What its cancelled tickets cost.
    pub amount_cancelled: Amount,
    /// The integrator's payment.
    pub payment_ref: Option<Arc<str>>,
    /// The integrator's own reference.
    pub reference: Option<Arc<str>>,
    /// The integrator's own JSON text.
    pub metadata: Option<Arc<str>>,
    /// When it was made, here or elsewhere.
    pub created_at: Timestamp,
    /// Its tickets, by index.
    pub tickets: Vec<Ticket>,
    /// How it was changed, oldest first.
    pub changes: Vec<OrderChange>,
}

impl OrderRecord {
    /// Whether no ticket of it is valid any more.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.tickets.iter().all(|ticket| ticket.is_cancelled)
    }
}
