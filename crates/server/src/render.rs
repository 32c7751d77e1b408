//! Answers as bytes: the engine's renderer.

use bytes::Bytes;
use domain::event::Event;
use domain::id::Seq;
use domain::inventory::Inventory;
use domain::time::Timestamp;
use engine::request::{Outcome, Renderer};
use serde::Serialize;

use crate::token::Tokens;
use crate::wire::event::{AvailabilityOut, EventOut};
use crate::wire::order::{AssignedOut, HoldOut, OrderOut, valid_lines};

/// Renders the API's JSON.
#[derive(Debug)]
pub struct JsonRenderer {
    tokens: Tokens,
}

impl JsonRenderer {
    /// A renderer that shows tokens of these.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self { tokens }
    }
}

/// A value as JSON.
///
/// # Panics
/// Never for the types of this crate: maps with text keys and finite numbers.
#[must_use]
pub fn json(value: &impl Serialize) -> Bytes {
    let mut bytes = Vec::with_capacity(512);
    let written = serde_json::to_writer(&mut bytes, value);
    assert!(written.is_ok(), "an answer could not be written to memory");
    bytes.into()
}

impl Renderer for JsonRenderer {
    fn render(&self, event: &Event, seq: Seq, outcome: &Outcome<'_>) -> (u16, Bytes) {
        // What was decided just now has not lapsed yet.
        let hold = |hold| json(&HoldOut::of(event, hold, Some(self.tokens.of(hold.id)), Timestamp(i64::MIN)));
        match outcome {
            Outcome::HoldMade(record) => (201, hold(record)),
            Outcome::Hold(record) => (200, hold(record)),
            Outcome::OrderMade(order) => (201, json(&OrderOut::of(event, order, &valid_lines(order)))),
            Outcome::Order(order) => (200, json(&OrderOut::of(event, order, &valid_lines(order)))),
            Outcome::OrderChanged { order, difference } => {
                (200, json(&OrderOut::of(event, order, &valid_lines(order)).with_difference(*difference)))
            }
            Outcome::Assigned { moved, later, is_block } => {
                (200, json(&AssignedOut::of(event, seq.0, *moved, later, *is_block)))
            }
            Outcome::Configured => (200, json(&EventOut::of(event, seq, true))),
            Outcome::Swept => (204, Bytes::new()),
        }
    }

    fn availability(&self, inventory: &Inventory) -> Bytes {
        json(&AvailabilityOut::of(inventory))
    }

    fn event_changed(&self, event: &Event, seq: Seq) -> Bytes {
        json(&EventOut::of(event, seq, false))
    }
}
