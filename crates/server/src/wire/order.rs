//! Holds and orders as answers.

use std::sync::Arc;

use domain::basket::{self, Line};
use domain::event::Event;
use domain::id::TicketId;
use domain::limits;
use domain::money::Amount;
use domain::place::{Place, SeatIndex, Status};
use domain::record::{HoldRecord, HoldStatus, OrderChange, OrderRecord, Ticket};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::time::rfc3339;

/// A seat on its terms.
#[derive(Debug, Serialize)]
pub struct PlaceOut<'a> {
    label: String,
    section: &'a str,
    row: &'a str,
    seat: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<&'a str>,
    category: &'a str,
    ticket_type: &'a str,
    price: i64,
}

/// Area units on the same terms.
#[derive(Debug, Serialize)]
pub struct AreaOut<'a> {
    name: &'a str,
    quantity: u32,
    category: &'a str,
    ticket_type: &'a str,
    price: i64,
}

fn seat_parts(event: &Event, seat: SeatIndex) -> [&str; 3] {
    event.home_of(seat).map_or(["", "", ""], |(chart, at)| chart.label_parts(at))
}

fn places<'a>(event: &'a Event, lines: &'a [Line]) -> Vec<PlaceOut<'a>> {
    let seats = lines.iter().filter_map(|line| match line.place {
        Place::Seat(seat) => Some((seat, line)),
        Place::Area(_) => None,
    });
    seats
        .map(|(seat, line)| {
            let [section, row, number] = seat_parts(event, seat);
            PlaceOut {
                label: format!("{section}-{row}-{number}"),
                section,
                row,
                seat: number,
                guid: event.home_of(seat).and_then(|(chart, at)| chart.guid(at)),
                category: event.category_key(line.place),
                ticket_type: &line.ticket_type,
                price: line.price.0,
            }
        })
        .collect()
}

fn areas<'a>(event: &'a Event, lines: &'a [Line]) -> Vec<AreaOut<'a>> {
    let mut areas: Vec<AreaOut<'a>> = Vec::new();
    for line in lines {
        let Place::Area(area) = line.place else { continue };
        let name = &*event.areas[area.at()].name;
        let same = areas.iter_mut().find(|known| {
            known.name == name && known.ticket_type == &*line.ticket_type && known.price == line.price.0
        });
        match same {
            Some(known) => known.quantity += line.units,
            None => areas.push(AreaOut {
                name,
                quantity: line.units,
                category: event.category_key(line.place),
                ticket_type: &line.ticket_type,
                price: line.price.0,
            }),
        }
    }
    areas
}

fn raw(text: Option<&Arc<str>>) -> Option<Box<RawValue>> {
    text.and_then(|text| RawValue::from_string(text.to_string()).ok())
}

/// A hold, as every answer gives it.
#[derive(Debug, Serialize)]
pub struct HoldOut<'a> {
    id: String,
    status: &'static str,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    event_id: String,
    livemode: bool,
    buyer: &'a str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    places: Vec<PlaceOut<'a>>,
    areas: Vec<AreaOut<'a>>,
    amount: i64,
    currency: String,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
}

impl<'a> HoldOut<'a> {
    /// A hold as of `now`: one past its deadline has expired, whether or not a sweep came by. `token` is for those who may
    /// act on it.
    #[must_use]
    pub fn of(event: &'a Event, hold: &'a HoldRecord, token: Option<String>, now: Timestamp) -> Self {
        let (status, order) = match hold.status {
            HoldStatus::Active if hold.deadline <= now => ("expired", None),
            HoldStatus::Active => ("active", None),
            HoldStatus::Confirmed(order) => ("confirmed", Some(order)),
            HoldStatus::Released => ("released", None),
            HoldStatus::Expired => ("expired", None),
        };
        let grace_ms = i64::from(limits::DEADLINE_GRACE_SECONDS) * 1_000;
        Self {
            id: hold.id.to_string(),
            status,
            version: hold.version,
            token,
            event_id: event.id.to_string(),
            livemode: event.livemode,
            buyer: &hold.buyer,
            reference: hold.reference.as_deref(),
            places: places(event, &hold.lines),
            areas: areas(event, &hold.lines),
            amount: basket::total(&hold.lines).unwrap_or_default().0,
            currency: event.currency.to_string(),
            created_at: rfc3339(hold.created_at),
            expires_at: rfc3339(hold.deadline.plus_millis(-grace_ms)),
            ended_at: hold.ended_at.map(rfc3339),
            order_id: order.map(|order| order.to_string()),
            metadata: raw(hold.metadata.as_ref()),
        }
    }
}

/// A ticket.
#[derive(Debug, Serialize)]
pub struct TicketOut<'a> {
    id: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seat: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<&'a str>,
    category: &'a str,
    ticket_type: &'a str,
    price: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
}

impl<'a> TicketOut<'a> {
    fn of(event: &'a Event, order: &OrderRecord, ticket: &'a Ticket) -> Self {
        let id = |index| TicketId { order: order.id, index }.to_string();
        let parts = match ticket.place {
            Place::Seat(seat) => Some(seat_parts(event, seat)),
            Place::Area(_) => None,
        };
        Self {
            id: id(ticket.index),
            label: event.name_of(ticket.place),
            section: parts.map(|parts| parts[0]),
            row: parts.map(|parts| parts[1]),
            seat: parts.map(|parts| parts[2]),
            guid: match ticket.place {
                Place::Seat(seat) => event.home_of(seat).and_then(|(chart, at)| chart.guid(at)),
                Place::Area(_) => None,
            },
            category: event.category_key(ticket.place),
            ticket_type: &ticket.ticket_type,
            price: ticket.price.0,
            code: ticket.code.as_deref(),
            status: if ticket.is_cancelled { "cancelled" } else { "valid" },
            replaces: ticket.replaces.map(id),
        }
    }
}

/// An order, as every answer gives it.
#[derive(Debug, Serialize)]
pub struct OrderOut<'a> {
    id: String,
    event_id: String,
    livemode: bool,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    buyer: &'a str,
    status: &'static str,
    version: u32,
    seq: u64,
    currency: String,
    amount: i64,
    amount_cancelled: i64,
    payment_ref: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_id: Option<String>,
    places: Vec<PlaceOut<'a>>,
    areas: Vec<AreaOut<'a>>,
    tickets: Vec<TicketOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<i64>,
}

/// What one change of an order came to.
#[derive(Debug, Serialize)]
pub struct ChangeOut<'a> {
    at: String,
    difference: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_ref: Option<&'a str>,
}

/// The lines of an order's valid tickets.
#[must_use]
pub fn valid_lines(order: &OrderRecord) -> Vec<Line> {
    let valid = order.tickets.iter().filter(|ticket| !ticket.is_cancelled);
    valid
        .map(|ticket| Line {
            place: ticket.place,
            units: 1,
            ticket_type: ticket.ticket_type.clone(),
            price: ticket.price,
            channel: None,
        })
        .collect()
}

impl<'a> ChangeOut<'a> {
    fn of(change: &'a OrderChange) -> Self {
        Self {
            at: rfc3339(change.at),
            difference: change.difference.0,
            payment_ref: change.payment_ref.as_deref(),
        }
    }
}

impl<'a> OrderOut<'a> {
    /// An order; `lines` are its [`valid_lines`].
    #[must_use]
    pub fn of(event: &'a Event, order: &'a OrderRecord, lines: &'a [Line]) -> Self {
        Self {
            id: order.id.to_string(),
            event_id: event.id.to_string(),
            livemode: event.livemode,
            reference: order.reference.as_deref(),
            buyer: &order.buyer,
            status: if order.is_cancelled() { "cancelled" } else { "confirmed" },
            version: order.version,
            seq: order.seq.0,
            currency: event.currency.to_string(),
            amount: order.amount.0,
            amount_cancelled: order.amount_cancelled.0,
            payment_ref: order.payment_ref.as_deref(),
            metadata: raw(order.metadata.as_ref()),
            created_at: rfc3339(order.created_at),
            hold_id: order.hold.map(|hold| hold.to_string()),
            places: places(event, lines),
            areas: areas(event, lines),
            tickets: order.tickets.iter().map(|ticket| TicketOut::of(event, order, ticket)).collect(),
            changes: order.changes.iter().map(ChangeOut::of).collect(),
            difference: None,
        }
    }

    /// The answer to a change, which tells what is to be paid or given back.
    #[must_use]
    pub fn with_difference(self, difference: Amount) -> Self {
        Self { difference: Some(difference.0), ..self }
    }
}

/// The body of `POST …/block` and `…/unblock`.
#[derive(Debug, Serialize)]
pub struct AssignedOut {
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unblocked: Option<u32>,
    later: Vec<LaterOut>,
}

/// A place that follows when its owner lets go.
#[derive(Debug, Serialize)]
pub struct LaterOut {
    place: String,
    state: &'static str,
}

impl AssignedOut {
    /// What an assignment came to.
    #[must_use]
    pub fn of(event: &Event, seq: u64, moved: u32, later: &[(SeatIndex, Status)], is_block: bool) -> Self {
        let later = later.iter().map(|(seat, status)| LaterOut {
            place: event.seat_name(*seat),
            state: match status {
                Status::Free => "free",
                Status::Held => "held",
                Status::Sold => "sold",
            },
        });
        Self {
            seq,
            blocked: is_block.then_some(moved),
            unblocked: (!is_block).then_some(moved),
            later: later.collect(),
        }
    }
}
