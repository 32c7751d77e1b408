//! What an order and its tickets keep beside their numbers.

use std::sync::Arc;

use domain::id::{Serial, Surrogate};
use domain::money::Amount;
use domain::place::{AreaIndex, Place, SeatIndex};
use domain::record::{OrderChange, OrderRecord};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Damaged, json, to_json};

/// An order's further claims as their column: nothing when there is only the buyer's.
pub(crate) fn claims_to_json(order: &OrderRecord) -> Option<String> {
    (order.claims != [order.buyer_surrogate])
        .then(|| to_json(&order.claims.iter().map(|key| key.0).collect::<Vec<_>>()))
}

/// The claims from their column.
pub(crate) fn claims(text: Option<&str>, buyer: Surrogate) -> Result<Vec<Surrogate>, Damaged> {
    Ok(match text {
        Some(text) => json::<Vec<u64>>(text, "orders.claims")?.into_iter().map(Serial).collect(),
        None => vec![buyer],
    })
}

/// One change: `t` instant in ms, `d` difference, `p` payment.
#[derive(Serialize, Deserialize)]
struct WireChange {
    t: i64,
    d: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<Arc<str>>,
}

/// An order's changes as their column: nothing when there are none.
pub(crate) fn changes_to_json(changes: &[OrderChange]) -> Option<String> {
    let wire = |change: &OrderChange| WireChange {
        t: change.at.0,
        d: change.difference.0,
        p: change.payment_ref.clone(),
    };
    (!changes.is_empty()).then(|| to_json(&changes.iter().map(wire).collect::<Vec<_>>()))
}

/// The changes from their column.
pub(crate) fn changes(text: Option<&str>) -> Result<Vec<OrderChange>, Damaged> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let wire: Vec<WireChange> = json(text, "orders.changes")?;
    let change =
        |WireChange { t, d, p }| OrderChange { at: Timestamp(t), difference: Amount(d), payment_ref: p };
    Ok(wire.into_iter().map(change).collect())
}

/// A place as its two columns.
pub(crate) fn place_columns(place: Place) -> (Option<u32>, Option<u16>) {
    match place {
        Place::Seat(seat) => (Some(seat.0), None),
        Place::Area(area) => (None, Some(area.0)),
    }
}

/// The place from its two columns.
pub(crate) fn place(seat: Option<u32>, area: Option<u16>) -> Result<Place, Damaged> {
    match (seat, area) {
        (Some(seat), None) => Ok(Place::Seat(SeatIndex(seat))),
        (None, Some(area)) => Ok(Place::Area(AreaIndex(area))),
        _ => Err(Damaged::new("tickets names no place")),
    }
}
