//! What an order and its tickets keep beside their numbers.

use domain::id::{Serial, Surrogate};
use domain::place::{AreaIndex, Place, SeatIndex};
use domain::record::OrderRecord;

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
