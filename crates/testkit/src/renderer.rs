//! A renderer whose texts are plain and stable, so that replays can be compared byte for byte.

use std::fmt::Write as _;

use bytes::Bytes;
use domain::basket::{self, Line};
use domain::event::Event;
use domain::id::{HoldId, OrderId, Seq};
use domain::inventory::Inventory;
use domain::place::AreaIndex;
use domain::record::{HoldRecord, OrderRecord};
use engine::request::{Outcome, Renderer, Reply};

/// An order of this buyer makes the renderer panic, in the middle of a batch.
pub const PANICS: &str = "whose order makes the renderer panic";

/// Renders as `kind identifier v1 seq 7 …`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainRenderer;

impl Renderer for PlainRenderer {
    fn render(&self, event: &Event, seq: Seq, outcome: &Outcome<'_>) -> (u16, Bytes) {
        let (status, text) = match outcome {
            Outcome::HoldMade(record) => (201, hold_text(event, seq, record)),
            Outcome::Hold(record) => (200, hold_text(event, seq, record)),
            Outcome::OrderMade(record) => (201, order_text(event, seq, record)),
            Outcome::Order(record) => (200, order_text(event, seq, record)),
            Outcome::OrderChanged { order, difference } => {
                (200, format!("{} difference {}", order_text(event, seq, order), difference.0))
            }
            Outcome::Assigned { moved, later, .. } => {
                (200, format!("assigned {moved} later {} seq {seq}", later.len()))
            }
            Outcome::Configured => (200, format!("event {} {} seq {seq}", event.id, event.status.as_str())),
            Outcome::Swept => (200, format!("swept seq {seq}")),
        };
        (status, Bytes::from(text))
    }

    fn availability(&self, inventory: &Inventory) -> Bytes {
        let seats = String::from_utf8_lossy(&inventory.seat_characters()).into_owned();
        let mut text = format!("seq {} seats {seats}", inventory.seq());
        for (at, area) in (0_u16..).zip(&inventory.event().areas) {
            let counts = inventory.area_counts(AreaIndex(at));
            write!(text, " {} {}/{}/{}/{}", area.name, counts.free, counts.held, counts.sold, counts.blocked)
                .expect("a string can be written to");
        }
        Bytes::from(text)
    }

    fn event_changed(&self, event: &Event, seq: Seq) -> Bytes {
        Bytes::from(format!("seq {seq} {} {}", event.status.as_str(), event.name))
    }
}

fn lines_text(event: &Event, lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        write!(text, " {}x{}:{}@{}", event.name_of(line.place), line.units, line.ticket_type, line.price.0)
            .expect("a string can be written to");
        text
    })
}

fn hold_text(event: &Event, seq: Seq, hold: &HoldRecord) -> String {
    let status = match hold.status {
        domain::record::HoldStatus::Active => "active".to_owned(),
        domain::record::HoldStatus::Confirmed(order) => format!("confirmed {order}"),
        domain::record::HoldStatus::Released => "released".to_owned(),
        domain::record::HoldStatus::Expired => "expired".to_owned(),
    };
    format!(
        "hold {} v{} seq {seq} {status} until {} amount {}{}",
        hold.id,
        hold.version,
        hold.deadline.0,
        basket::total(&hold.lines).unwrap_or_default().0,
        lines_text(event, &hold.lines)
    )
}

fn order_text(event: &Event, seq: Seq, order: &OrderRecord) -> String {
    assert!(*order.buyer != *PANICS, "planted");
    let tickets = order.tickets.iter().fold(String::new(), |mut text, ticket| {
        let mark = if ticket.is_cancelled { "-" } else { "" };
        write!(text, " {mark}{}:{}", event.name_of(ticket.place), ticket.ticket_type)
            .expect("a string can be written to");
        text
    });
    format!(
        "order {} v{} seq {seq} amount {} cancelled {}{tickets}",
        order.id, order.version, order.amount.0, order.amount_cancelled.0
    )
}

fn second_word(reply: &Reply, first: &str) -> Option<String> {
    let text = std::str::from_utf8(&reply.body).ok()?;
    text.strip_prefix(first)?.split(' ').next().map(str::to_owned)
}

/// The hold that a reply of [`PlainRenderer`] is about.
#[must_use]
pub fn hold_of(reply: &Reply) -> Option<HoldId> {
    second_word(reply, "hold ")?.parse().ok()
}

/// The order that a reply of [`PlainRenderer`] is about.
#[must_use]
pub fn order_of(reply: &Reply) -> Option<OrderId> {
    second_word(reply, "order ")?.parse().ok()
}

/// The commit that a reply of [`PlainRenderer`] says it is true of.
#[must_use]
pub fn seq_of(reply: &Reply) -> Option<Seq> {
    let text = std::str::from_utf8(&reply.body).ok()?;
    text.split(" seq ").nth(1)?.split(' ').next()?.parse().ok().map(Seq)
}
