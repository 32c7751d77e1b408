//! What an order keeps beside its numbers: its tickets, its claims, its changes.

use std::sync::Arc;

use domain::id::{Serial, Surrogate};
use domain::money::Amount;
use domain::place::ChannelKey;
use domain::record::{OrderChange, OrderRecord, Ticket};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Damaged, json, place, seat_or_area, to_json};

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

/// One ticket, whose index is its place in the list: `s` seat or `a` area, `q` ticket type, `p` price, `x` whether it is
/// cancelled, `h` channel, `c` barcode, `r` the ticket that it replaces.
#[derive(Serialize, Deserialize)]
struct WireTicket {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<u16>,
    q: Arc<str>,
    p: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    x: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    h: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<u16>,
}

/// An order's tickets as their column.
///
/// # Panics
/// When their indices are not 0, 1, 2 and so on: the column keeps none.
pub(crate) fn tickets_to_json(tickets: &[Ticket]) -> String {
    let wire = |(at, ticket): (usize, &Ticket)| {
        assert_eq!(usize::from(ticket.index), at, "a ticket is not where its index says");
        let (s, a) = seat_or_area(ticket.place);
        WireTicket {
            s,
            a,
            q: ticket.ticket_type.clone(),
            p: ticket.price.0,
            x: ticket.is_cancelled,
            h: ticket.channel.as_ref().map(|key| key.0.clone()),
            c: ticket.code.clone(),
            r: ticket.replaces,
        }
    };
    to_json(&tickets.iter().enumerate().map(wire).collect::<Vec<_>>())
}

/// The tickets from their column.
pub(crate) fn tickets(text: &str) -> Result<Vec<Ticket>, Damaged> {
    let wire: Vec<WireTicket> = json(text, "orders.tickets")?;
    let ticket = |(index, wire): (u16, WireTicket)| {
        let place = place(wire.s, wire.a, "orders.tickets")?;
        Ok(Ticket {
            index,
            place,
            ticket_type: wire.q,
            price: Amount(wire.p),
            is_cancelled: wire.x,
            channel: wire.h.map(ChannelKey),
            code: wire.c,
            replaces: wire.r,
        })
    };
    if wire.len() > usize::from(u16::MAX) {
        return Err(Damaged::new("orders.tickets has more tickets than can be numbered"));
    }
    (0..).zip(wire).map(ticket).collect()
}

#[cfg(test)]
mod tests {
    use domain::place::{AreaIndex, Place, SeatIndex};

    use super::*;

    #[test]
    fn tickets_survive_their_column() {
        let plain = Ticket {
            index: 0,
            place: Place::Seat(SeatIndex(199_999)),
            ticket_type: "adult \"front\"".into(),
            price: Amount(-5),
            is_cancelled: false,
            channel: None,
            code: None,
            replaces: None,
        };
        let full = Ticket {
            index: 1,
            place: Place::Area(AreaIndex(3)),
            is_cancelled: true,
            channel: Some(ChannelKey("house".into())),
            code: Some("4006381333931".into()),
            replaces: Some(0),
            ..plain.clone()
        };
        let all = vec![plain, full];
        assert_eq!(tickets(&tickets_to_json(&all)).unwrap(), all);
        for nonsense in [r#"[{"q":"a","p":1}]"#, r#"[{"s":1,"a":1,"q":"a","p":1}]"#, "[{}]", "{", ""] {
            assert!(tickets(nonsense).is_err(), "{nonsense}");
        }
    }
}
