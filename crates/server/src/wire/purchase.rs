//! Requests that take places or change holds and orders.

use domain::time::Timestamp;
use engine::store::Erased;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::basket::{AreaIn, BasketIn, BestAvailableIn, PlaceIn, SwapToIn};
use super::time::rfc3339;

/// The body of `POST …/holds` and `POST …/orders`.
#[derive(Debug, Deserialize)]
pub struct PurchaseIn {
    /// The buyer; an access token's instead, if one is sent.
    pub buyer: Option<String>,
    /// Seats.
    pub places: Option<Vec<PlaceIn>>,
    /// Area units.
    pub areas: Option<Vec<AreaIn>>,
    /// A party.
    pub best_available: Option<BestAvailableIn>,
    /// How long to hold.
    pub seconds: Option<u32>,
    /// Rules to leave aside.
    pub ignore: Option<Vec<String>>,
    /// Channels presented.
    pub channels: Option<Vec<String>>,
    /// The integrator's own data.
    pub metadata: Option<Box<RawValue>>,
    /// The integrator's own reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The payment.
    pub payment_ref: Option<String>,
    /// When the order was made elsewhere.
    pub created_at: Option<String>,
    /// Further limits.
    pub limits: Option<Vec<LimitIn>>,
}

impl PurchaseIn {
    /// Takes the basket out.
    pub fn take_basket(&mut self) -> BasketIn {
        BasketIn {
            places: self.places.take(),
            areas: self.areas.take(),
            best_available: self.best_available.take(),
        }
    }
}

/// A limit that units are counted under.
#[derive(Debug, Deserialize)]
pub struct LimitIn {
    /// Its key.
    pub key: String,
    /// How many units it allows.
    pub max: u32,
}

/// The body of `POST …/access`.
#[derive(Debug, Deserialize)]
pub struct AccessIn {
    /// Whom the token is for.
    pub buyer: String,
    /// From when they may buy.
    pub opens_at: Option<String>,
    /// Until when.
    pub closes_at: Option<String>,
    /// Channels they may buy from.
    pub channels: Option<Vec<String>>,
    /// Limits they are counted under.
    pub limits: Option<Vec<LimitIn>>,
    /// When the token ends to be worth anything.
    pub expires_at: Option<String>,
}

/// An access token.
#[derive(Debug, Serialize)]
pub struct AccessOut {
    token: String,
    expires_at: String,
}

impl AccessOut {
    /// A token, and its end.
    #[must_use]
    pub fn of(token: String, expires_at: Timestamp) -> Self {
        Self { token, expires_at: rfc3339(expires_at) }
    }
}

/// The body of `POST …/grace`.
#[derive(Debug, Deserialize)]
pub struct GraceIn {
    /// How much longer.
    pub seconds: u32,
}

/// The body of `POST /v1/buyers/erase`.
#[derive(Debug, Deserialize)]
pub struct EraseIn {
    /// Whom to forget.
    pub buyer: String,
}

/// How much forgot a buyer.
#[derive(Debug, Serialize)]
pub struct ErasedOut {
    holds: u64,
    orders: u64,
    replies: u64,
}

impl ErasedOut {
    /// What an erasure came to.
    #[must_use]
    pub fn of(erased: Erased) -> Self {
        let Erased { holds, orders, replies } = erased;
        Self { holds, orders, replies }
    }
}

/// Places to add, in a `PATCH` of a hold or a change of an order.
#[derive(Debug, Deserialize)]
pub struct AddIn {
    /// Seats.
    pub places: Option<Vec<PlaceIn>>,
    /// Area units.
    pub areas: Option<Vec<AreaIn>>,
    /// A party.
    pub best_available: Option<BestAvailableIn>,
}

impl AddIn {
    /// The basket that it is.
    #[must_use]
    pub fn into_basket(self) -> BasketIn {
        BasketIn { places: self.places, areas: self.areas, best_available: self.best_available }
    }
}

/// Places to remove, in a `PATCH` of a hold.
#[derive(Debug, Deserialize)]
pub struct RemoveIn {
    /// Seats by label.
    pub places: Option<Vec<String>>,
    /// Area units.
    pub areas: Option<Vec<RemoveAreaIn>>,
}

/// Units of one area to remove.
#[derive(Debug, Deserialize)]
pub struct RemoveAreaIn {
    /// The area.
    pub name: String,
    /// How many units.
    pub quantity: u32,
    /// Of this ticket type only.
    pub ticket_type: Option<String>,
}

/// The body of `PATCH /v1/holds/{id}`.
#[derive(Debug, Deserialize)]
pub struct EditIn {
    /// The hold's token.
    pub token: Option<String>,
    /// What to add.
    pub add: Option<AddIn>,
    /// What to remove.
    pub remove: Option<RemoveIn>,
    /// A deadline so many seconds from now.
    pub seconds: Option<u32>,
    /// Rules to leave aside.
    pub ignore: Option<Vec<String>>,
    /// Channels presented.
    pub channels: Option<Vec<String>>,
    /// The limits that the hold is counted under, beside the buyer's.
    pub limits: Option<Vec<LimitIn>>,
}

/// The body of `POST /v1/holds/{id}/confirm`.
#[derive(Debug, Default, Deserialize)]
pub struct ConfirmIn {
    /// The hold's token.
    pub token: Option<String>,
    /// The payment.
    pub payment_ref: Option<String>,
    /// What the hold should amount to.
    pub amount: Option<i64>,
    /// Who buys.
    pub buyer: Option<String>,
    /// The order's reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The order's metadata.
    pub metadata: Option<Box<RawValue>>,
}

/// The body of `POST /v1/orders/{id}/cancel`.
#[derive(Debug, Default, Deserialize)]
pub struct CancelIn {
    /// Tickets by identifier.
    pub tickets: Option<Vec<String>>,
    /// Tickets by place.
    pub places: Option<Vec<String>>,
    /// `free`, or a channel.
    pub then: Option<String>,
}

/// A ticket to exchange.
#[derive(Debug, Deserialize)]
pub struct SwapIn {
    /// The ticket.
    pub ticket: String,
    /// The place of the new one.
    pub to: SwapToIn,
}

/// The body of `POST /v1/orders/{id}/change`.
#[derive(Debug, Deserialize)]
pub struct ChangeIn {
    /// The version that the order must have still.
    pub version: Option<u32>,
    /// Tickets to exchange.
    pub swap: Option<Vec<SwapIn>>,
    /// Places to add.
    pub add: Option<AddIn>,
    /// Tickets to cancel.
    pub cancel: Option<Vec<String>>,
    /// `free`, or a channel: where places go that are given up.
    pub then: Option<String>,
    /// The payment or refund of the difference.
    pub payment_ref: Option<String>,
    /// The limits that the order is counted under.
    pub limits: Option<Vec<LimitIn>>,
    /// Rules to leave aside.
    pub ignore: Option<Vec<String>>,
    /// Channels presented.
    pub channels: Option<Vec<String>>,
}

/// Units of one area to assign.
#[derive(Debug, Deserialize)]
pub struct AssignAreaIn {
    /// The area.
    pub name: String,
    /// How many units.
    pub quantity: u32,
}

/// The body of `POST …/block`.
#[derive(Debug, Deserialize)]
pub struct BlockIn {
    /// Seats by label.
    pub places: Option<Vec<String>>,
    /// Area units.
    pub areas: Option<Vec<AssignAreaIn>>,
    /// The channel; `house` when missing.
    pub channel: Option<String>,
    /// Why; for the organizer's own use.
    pub note: Option<String>,
}

/// The body of `POST …/unblock`.
#[derive(Debug, Deserialize)]
pub struct UnblockIn {
    /// Seats by label.
    pub places: Option<Vec<String>>,
    /// Area units.
    pub areas: Option<Vec<AssignAreaIn>>,
    /// Everything of this channel; with places, only those of it.
    pub channel: Option<String>,
    /// The channel that they go to; the public when missing.
    pub to: Option<String>,
}
