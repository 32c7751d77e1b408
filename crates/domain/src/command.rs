//! Everything that can be asked of an event.

use std::sync::Arc;

use crate::basket::Basket;
use crate::event::EventPatch;
use crate::id::{HoldId, KeyId, OrderId, TicketId};
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use crate::time::Timestamp;

/// Who asks: a key, or FlashTix itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A request with this key.
    Key(KeyId),
    /// The sweeper, or another part of FlashTix.
    System,
}

/// Which rules a secret key may leave aside; what was left aside is in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ignored {
    /// The sale window and the event's status, but for cancellation.
    pub sale_window: bool,
    /// All limits; units are counted nevertheless.
    pub limits: bool,
    /// Assignments to channels.
    pub channels: bool,
}

impl Ignored {
    /// The names on the wire of what is ignored.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [(self.sale_window, "sale_window"), (self.limits, "limits"), (self.channels, "channels")]
            .into_iter()
            .filter(|(ignored, _)| *ignored)
            .map(|(_, name)| name)
    }

    /// Adds the rule of this name; `false` when there is none.
    pub fn add(&mut self, name: &str) -> bool {
        match name {
            "sale_window" => self.sale_window = true,
            "limits" => self.limits = true,
            "channels" => self.channels = true,
            _ => return false,
        }
        true
    }
}

/// A keyed digest of somebody's text, by which it is found without being written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Digest(pub [u8; 16]);

/// A key that units are counted under: a buyer, a client's address, a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitKey {
    /// The text, as the integrator wrote it.
    pub text: String,
    /// Its keyed digest.
    pub digest: Digest,
}

/// A limit that a request counts under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub key: LimitKey,
    /// How many units the key may have; `None` counts without a limit.
    pub max: Option<u32>,
    /// Whether only held units count, so that a confirm gives them back.
    pub held_only: bool,
}

/// What an access token grants its bearer, besides channels and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Whose it is.
    pub buyer: Digest,
    /// From when its bearer may buy; the event's own beginning when missing.
    pub opens_at: Option<Timestamp>,
    /// Until when; the event's own end when missing.
    pub closes_at: Option<Timestamp>,
    /// When it ends to be worth anything.
    pub expires_at: Timestamp,
}

/// What a hold or an order takes, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The buyer; counted under `max_per_buyer`.
    pub buyer: LimitKey,
    /// Further limits.
    pub claims: Vec<Claim>,
    /// What is wanted.
    pub basket: Basket,
    /// Channels that the buyer presents.
    pub channels: Vec<ChannelKey>,
    /// What staff leaves aside.
    pub ignored: Ignored,
    /// Whether a publishable key asks: non-public ticket types are then refused.
    pub is_public: bool,
    /// What an access token grants.
    pub pass: Option<Pass>,
    /// The integrator's own JSON text.
    pub metadata: Option<Arc<str>>,
    /// The integrator's own reference.
    pub reference: Option<Arc<str>>,
}

/// What an order gets on top of its purchase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    /// The integrator's payment.
    pub payment_ref: Option<Arc<str>>,
    /// When the order was made elsewhere, for imports; else the commit's time.
    pub created_at: Option<Timestamp>,
    /// The tickets, by index, that were cancelled elsewhere, for imports: they are sold and given back in one decision.
    pub cancelled: Vec<u16>,
}

/// A change of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which hold.
    pub hold: HoldId,
    /// What is added, on the hold's own terms.
    pub add: Option<Basket>,
    /// Seats to let go.
    pub remove_seats: Vec<SeatIndex>,
    /// Area units to let go: area, quantity, and ticket type where it matters.
    pub remove_areas: Vec<(AreaIndex, u32, Option<String>)>,
    /// The wish for a deadline so many seconds from now.
    pub seconds: Option<u32>,
    /// Whether a publishable key asks: the deadline is then capped.
    pub is_public: bool,
    /// What an access token grants.
    pub pass: Option<Pass>,
    /// Limits beside the buyer's that added places must keep to.
    pub claims: Vec<Claim>,
    /// Channels that the buyer presents.
    pub channels: Vec<ChannelKey>,
    /// What staff leaves aside.
    pub ignored: Ignored,
}

/// A confirmation of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// Which hold.
    pub hold: HoldId,
    /// The integrator's payment: a second confirm with the same is the same.
    pub payment_ref: Option<Arc<str>>,
    /// What the client believes the hold amounts to.
    pub amount: Option<Amount>,
    /// Who buys, when it is not the hold's buyer.
    pub buyer: Option<LimitKey>,
    /// The order's reference.
    pub reference: Option<Arc<str>>,
    /// The order's metadata; the hold's when missing.
    pub metadata: Option<Arc<str>>,
}

/// Which tickets of an order are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All that are valid.
    All,
    /// These.
    Tickets(Vec<TicketId>),
    /// Those of these seats, and one unit for each mention of an area.
    Places(Vec<Place>),
}

/// A cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Which order.
    pub order: OrderId,
    /// Which of its tickets.
    pub selection: Selection,
    /// The channel that the places go to; where they came from when `None`.
    pub then: Option<Assignment>,
}

/// A ticket that is exchanged for another place, or for its own on other terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Which ticket.
    pub ticket: TicketId,
    /// The place that the new ticket is for.
    pub to: Place,
    /// Who it is for; as before when missing.
    pub ticket_type: Option<String>,
    /// Instead of the list price.
    pub price: Option<Amount>,
    /// The integrator's barcode for the new ticket.
    pub code: Option<String>,
}

/// A change of an order: all of it in one commit, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeOrder {
    /// Which order.
    pub order: OrderId,
    /// The version that the order must have still.
    pub version: Option<u32>,
    /// Tickets to exchange.
    pub swap: Vec<Swap>,
    /// Places to add.
    pub add: Option<Basket>,
    /// Tickets to cancel.
    pub cancel: Vec<TicketId>,
    /// Where the places go that are given up; where they came from when `None`.
    pub then: Option<Assignment>,
    /// The integrator's payment, or refund, of the difference.
    pub payment_ref: Option<Arc<str>>,
    /// The limits beside the buyer's that the order is counted under, when it is to have more units.
    pub claims: Vec<Claim>,
    /// Channels that the buyer presents.
    pub channels: Vec<ChannelKey>,
    /// What staff leaves aside.
    pub ignored: Ignored,
}

/// Where places are assigned to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Assignment {
    /// Everybody.
    Public,
    /// Whoever presents the channel.
    Channel(ChannelKey),
}

impl Assignment {
    /// The channel, if it is one.
    #[must_use]
    pub fn channel(&self) -> Option<&ChannelKey> {
        match self {
            Self::Public => None,
            Self::Channel(key) => Some(key),
        }
    }
}

/// A block or an unblock: places get a new assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assign {
    /// Seats by position.
    pub seats: Vec<SeatIndex>,
    /// Units of areas.
    pub areas: Vec<(AreaIndex, u32)>,
    /// Everything of this channel; only when unblocking.
    pub whole_channel: Option<ChannelKey>,
    /// Where area units come from; seats that are named must be of it, if it is a channel, or are left as they are.
    pub from: Assignment,
    /// Where to.
    pub to: Assignment,
    /// Why, in the integrator's words; kept with the channel that they go to.
    pub note: Option<Arc<str>>,
}

/// One thing asked of an event.
#[derive(Debug, Clone)]
pub enum Command {
    /// Keep places for a buyer for a while.
    Hold {
        /// What, and for whom.
        purchase: Purchase,
        /// For how long; the event's `hold_seconds` when missing.
        seconds: Option<u32>,
    },
    /// Change a hold.
    Edit(Edit),
    /// End a hold.
    Release(HoldId),
    /// Turn a hold into an order.
    Confirm(Confirm),
    /// Sell places in one step.
    Book {
        /// What, and to whom.
        purchase: Purchase,
        /// How it was paid.
        payment: Payment,
    },
    /// Take back all or part of an order.
    Cancel(Cancel),
    /// Exchange, add and cancel tickets of an order.
    Change(ChangeOrder),
    /// Assign places.
    Assign(Assign),
    /// New settings for the event.
    Configure(Box<EventPatch>),
    /// End holds that have lapsed, and those of a cancelled event.
    Sweep,
}
