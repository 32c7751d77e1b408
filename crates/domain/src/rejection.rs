//! Every expected "no", with a stable code.
//!
//! A rejection changed nothing. It is *final* when a committed state says so, and *retryable* when
//! waiting may help; clients branch on that, since codes may be added.

use crate::id::{EventId, HoldId, OrderId, TicketId};
use crate::time::Timestamp;

/// Why a place cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A committed hold has it, until it ends.
    Held,
    /// A committed order has it.
    Sold,
    /// It is assigned to a channel that the request did not present.
    Blocked,
    /// A request that is being decided right now wants it.
    Pending,
    /// The event has no such place.
    Unknown,
}

impl Reason {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Sold => "sold",
            Self::Blocked => "blocked",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }
}

/// Something of which an identifier was given, and which does not exist for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// An event.
    Event,
    /// A hold.
    Hold,
    /// An order.
    Order,
    /// A ticket of an order.
    Ticket,
    /// A chart.
    Chart,
}

impl Missing {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Hold => "hold",
            Self::Order => "order",
            Self::Ticket => "ticket",
            Self::Chart => "chart",
        }
    }
}

/// What has a `ref`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefOwner {
    /// An order of the same event.
    Order(OrderId),
    /// An event of the same organization and mode.
    Event(EventId),
    /// A running hold of the same event.
    Hold(HoldId),
}

impl RefOwner {
    fn as_str(self) -> &'static str {
        match self {
            Self::Order(_) => "order of this event",
            Self::Event(_) => "event",
            Self::Hold(_) => "running hold of this event",
        }
    }
}

/// An expected "no". Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A field breaks its rule.
    #[error("{pointer} {reason}")]
    Validation {
        /// A JSON pointer (RFC 6901) to the field.
        pointer: String,
        /// What is wrong with it, as the end of a sentence that begins with the field.
        reason: String,
    },
    /// The price list has no price for this.
    #[error("category {category} is not sold as ticket type {ticket_type}")]
    NotPriced {
        /// The category's key.
        category: String,
        /// The ticket type's key.
        ticket_type: String,
    },
    /// There is no such thing here.
    #[error("there is no such {}", .0.as_str())]
    NotFound(Missing),
    /// The request needs a right that its key does not have.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The access token is too old.
    #[error("the access token has expired")]
    AccessExpired,
    /// Named places are not to be had; each with its reason, none of them pending.
    #[error("{} of the places cannot be had", .0.len())]
    PlaceUnavailable(Vec<(String, Reason)>),
    /// Named places are being decided about right now.
    #[error("{} of the places cannot be had at the moment", .0.len())]
    PlaceContended(Vec<(String, Reason)>),
    /// Sold and blocked places leave too few.
    #[error("sold out: too few places are left for this request")]
    SoldOut,
    /// Held places would suffice if they became free.
    #[error("too few places are free, but some are only held and may come back")]
    AllHeld,
    /// Enough places are free, but not side by side.
    #[error("enough places are free, but not next to each other")]
    NotEnoughAdjacent,
    /// The event sells over another chart than the one in which a party's wishes were looked up.
    #[error("the event has just moved to another chart")]
    ChartMoved,
    /// A limit would be exceeded.
    #[error("the limit of {max} would be exceeded: {used} are taken already")]
    LimitExceeded {
        /// The limit's key: the buyer, or a name.
        key: String,
        /// How many units it allows.
        max: u32,
        /// How many of them are held or sold.
        used: u32,
    },
    /// The sale has not begun.
    #[error("the sale has not opened yet")]
    SaleNotOpen {
        /// When it will, if that is known.
        opens_at: Option<Timestamp>,
    },
    /// The sale is over.
    #[error("the sale is closed")]
    SaleClosed,
    /// The sale is interrupted.
    #[error("the sale is paused")]
    SalePaused,
    /// The event was called off.
    #[error("the event is cancelled")]
    EventCancelled,
    /// The hold ended before this.
    #[error("the hold has {}", if *.released { "been released" } else { "expired" })]
    HoldExpired {
        /// Whether it was released rather than lapsed.
        released: bool,
    },
    /// The hold is not what the client takes it for.
    #[error("the hold has changed: its amount is {amount}")]
    HoldChanged {
        /// What it amounts to now, in minor units.
        amount: i64,
    },
    /// The hold became an order already.
    #[error("the hold is confirmed already")]
    AlreadyConfirmed {
        /// That order.
        order: OrderId,
    },
    /// The order is not what the client takes it for.
    #[error("the order has changed: its version is {version}")]
    OrderChanged {
        /// Its version now.
        version: u32,
    },
    /// A ticket that is to be exchanged or cancelled is not valid any more.
    #[error("the ticket is cancelled already")]
    TicketCancelled {
        /// Which.
        ticket: TicketId,
    },
    /// The `ref` belongs to another.
    #[error("the ref is used by another {}", .by.as_str())]
    RefTaken {
        /// What has it.
        by: RefOwner,
    },
    /// A barcode belongs to another ticket.
    #[error("the code of {place} is used by another ticket of this event")]
    CodeTaken {
        /// The place whose code it is.
        place: String,
    },
    /// A request with the same idempotency key is being decided right now.
    #[error("a request with the same Idempotency-Key is in flight")]
    IdempotencyInFlight,
    /// The idempotency key was used with another body.
    #[error("the Idempotency-Key was used with another request body")]
    IdempotencyMismatch,
}

impl Rejection {
    /// A broken field.
    pub fn invalid(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Validation { pointer: pointer.into(), reason: reason.into() }
    }

    /// The stable code, as clients, logs and metrics see it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "validation",
            Self::NotPriced { .. } => "not_priced",
            Self::NotFound(_) => "not_found",
            Self::Forbidden(_) => "forbidden",
            Self::AccessExpired => "access_required",
            Self::PlaceUnavailable(_) => "place_unavailable",
            Self::PlaceContended(_) => "place_contended",
            Self::SoldOut => "sold_out",
            Self::AllHeld => "all_held",
            Self::NotEnoughAdjacent => "not_enough_adjacent",
            Self::ChartMoved => "chart_moved",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::SaleNotOpen { .. } => "sale_not_open",
            Self::SaleClosed => "sale_closed",
            Self::SalePaused => "sale_paused",
            Self::EventCancelled => "event_cancelled",
            Self::HoldExpired { .. } => "hold_expired",
            Self::HoldChanged { .. } => "hold_changed",
            Self::AlreadyConfirmed { .. } => "already_confirmed",
            Self::OrderChanged { .. } => "order_changed",
            Self::TicketCancelled { .. } => "ticket_cancelled",
            Self::RefTaken { .. } => "ref_taken",
            Self::CodeTaken { .. } => "code_taken",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::IdempotencyMismatch => "idempotency_mismatch",
        }
    }

    /// Whether the same request may succeed later without anybody changing it.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::PlaceContended(_)
                | Self::AllHeld
                | Self::ChartMoved
                | Self::SalePaused
                | Self::IdempotencyInFlight
        )
    }
}
