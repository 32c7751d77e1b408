//! Orders and their tickets.

use domain::id::{EventId, HoldId, OrderId, Seq, Serial, Surrogate};
use domain::money::Amount;
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use domain::record::{OrderRecord, Ticket};
use domain::time::Timestamp;
use rusqlite::Row;

use super::super::error::Failure;
use super::{json, serial, to_json, unsigned};

/// An order's further claims as their column: nothing when there is only the buyer's.
pub(in crate::sqlite) fn claims_to_json(order: &OrderRecord) -> Option<String> {
    (order.claims != [order.buyer_surrogate])
        .then(|| to_json(&order.claims.iter().map(|key| key.0).collect::<Vec<_>>()))
}

/// The columns that [`record`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "serial, salt, version, seq, buyer, buyer_surrogate, amount, \
     amount_cancelled, created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata";

/// An order without its tickets.
pub(in crate::sqlite) fn record(row: &Row<'_>, event: EventId) -> Result<OrderRecord, Failure> {
    let buyer_surrogate = serial(row.get(5)?);
    let hold = match (row.get::<_, Option<i64>>(9)?, row.get(10)?) {
        (Some(bits), Some(salt)) => Some(HoldId { event, serial: serial(bits), salt }),
        _ => None,
    };
    let claims: Vec<Surrogate> = match row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(text) => json::<Vec<u64>>(text, "orders.claims")?.into_iter().map(Serial).collect(),
        None => vec![buyer_surrogate],
    };
    Ok(OrderRecord {
        id: OrderId { event, serial: serial(row.get(0)?), salt: row.get(1)? },
        version: row.get(2)?,
        seq: Seq(unsigned(row.get(3)?)),
        buyer: row.get(4)?,
        buyer_surrogate,
        amount: Amount(row.get(6)?),
        amount_cancelled: Amount(row.get(7)?),
        created_at: Timestamp(row.get(8)?),
        hold,
        claims,
        payment_ref: row.get(12)?,
        reference: row.get(13)?,
        metadata: row.get(14)?,
        tickets: Vec::new(),
    })
}

/// A place as its two columns.
pub(in crate::sqlite) fn place_columns(place: Place) -> (Option<u32>, Option<u16>) {
    match place {
        Place::Seat(seat) => (Some(seat.0), None),
        Place::Area(area) => (None, Some(area.0)),
    }
}

/// The columns that [`ticket`] reads.
pub(in crate::sqlite) const TICKET: &str =
    "idx, seat, area, ticket_type, price, is_cancelled, channel, code, replaces";

pub(in crate::sqlite) fn ticket(row: &Row<'_>) -> Result<Ticket, Failure> {
    let place = match (row.get(1)?, row.get(2)?) {
        (Some(seat), None) => Place::Seat(SeatIndex(seat)),
        (None, Some(area)) => Place::Area(AreaIndex(area)),
        _ => return Err(Failure::damaged("tickets names no place")),
    };
    Ok(Ticket {
        index: row.get(0)?,
        place,
        ticket_type: row.get(3)?,
        price: Amount(row.get(4)?),
        is_cancelled: row.get(5)?,
        channel: row.get::<_, Option<_>>(6)?.map(ChannelKey),
        code: row.get(7)?,
        replaces: row.get(8)?,
    })
}
