//! Takes over the orders of another system: `flashtix import-orders`.
//!
//! Everything is read and checked before anything is written, so a file that is not in order changes nothing. Orders go
//! through the engine like everybody else's, under their `ref`: an import that was interrupted is run again, and finds
//! what is there already.
//!
//! In reading order:
//!
//! - [`source`]: the text of a file as records, each with its line
//! - [`pretix`], [`native`]: what a record of either format means
//! - [`plan`]: in which order they can be written, since a seat may have been sold, cancelled, and sold again
//! - [`run`]: writes them
//! - [`reconcile`]: compares what the file says with what is stored, to the cent

pub mod native;
pub mod plan;
pub mod pretix;
pub mod reconcile;
pub mod run;
pub mod source;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use domain::event::{Event, check_amount, check_text};
use domain::limits;
use domain::money::Amount;
use domain::place::{Place, SeatIndex};
use domain::rejection::Rejection;
use domain::time::Timestamp;

/// A ticket, as another system knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketWanted {
    /// Its seat, or its area.
    pub place: Place,
    /// Who it is for; the event's default when missing.
    pub ticket_type: Option<String>,
    /// What it cost.
    pub price: Amount,
    /// Its barcode.
    pub code: Option<String>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
}

/// An order, as another system knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderWanted {
    /// Where in the file.
    pub line: usize,
    /// Its name there, by which it is found again.
    pub reference: String,
    /// Who bought.
    pub buyer: String,
    /// When.
    pub created_at: Timestamp,
    /// How it was paid.
    pub payment_ref: Option<String>,
    /// What else is to be kept: a JSON object.
    pub metadata: Option<Arc<str>>,
    /// Its tickets, at least one.
    pub tickets: Vec<TicketWanted>,
}

/// What a file has besides orders that can be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Orders without a ticket of this event.
    pub orders_without_tickets: usize,
    /// Orders that were made to try things out.
    pub test_orders: usize,
    /// Positions that are no places, by the caller's word.
    pub other_items: usize,
    /// What those cost, cancelled ones not counted.
    pub other_items_amount: Amount,
    /// Positions of other dates of a series.
    pub other_dates: usize,
    /// Fees of orders: for sending, for paying.
    pub fees: Amount,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// On which line, from 1.
    pub line: usize,
    /// What, and what to do about it.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// What a file says, as far as it can be read.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The orders.
    pub orders: Vec<OrderWanted>,
    /// What is not taken over.
    pub left_out: LeftOut,
    /// What is wrong; then nothing may be written.
    pub faults: Vec<Fault>,
}

impl Told {
    pub(crate) fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }
}

/// The reason of a rejection, with the field it is about.
pub(crate) fn reason_of(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Validation { pointer, reason } => format!("{} {reason}", pointer.trim_start_matches('/')),
        other => other.to_string(),
    }
}

/// Checks orders against each other and against the event; adds what is wrong to the faults.
pub fn check(told: &mut Told, event: &Event) {
    let mut faults = Vec::new();
    let mut fault = |line, reason| faults.push(Fault { line, reason });
    let mut references: HashMap<&str, usize> = HashMap::new();
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let mut sold: HashMap<SeatIndex, usize> = HashMap::new();
    for order in &told.orders {
        let line = order.line;
        if let Err(rejection) = check_texts(order, event) {
            fault(line, reason_of(&rejection));
        }
        if let Some(before) = references.insert(&order.reference, line) {
            fault(line, format!("{:?} is the name of the order on line {before} too", order.reference));
        }
        let units = order.tickets.len();
        if units > limits::BASKET_UNITS_MAX as usize {
            fault(line, format!("has {units} tickets; at most {} are allowed", limits::BASKET_UNITS_MAX));
        }
        for ticket in &order.tickets {
            if let Some(code) = &ticket.code
                && let Some(before) = codes.insert(code, line)
            {
                fault(line, format!("the barcode {code:?} is a ticket's on line {before} too"));
            }
            if let (Place::Seat(seat), false) = (ticket.place, ticket.is_cancelled)
                && let Some(before) = sold.insert(seat, line)
            {
                let name = event.seat_name(seat);
                fault(line, format!("the seat {name} is sold to the order on line {before} too"));
            }
        }
    }
    told.faults.extend(faults);
    told.faults.sort_by_key(|fault| fault.line);
}

fn check_texts(order: &OrderWanted, event: &Event) -> Result<(), Rejection> {
    check_text("/ref", &order.reference, limits::REF_BYTES_MAX)?;
    check_text("/buyer", &order.buyer, limits::BUYER_BYTES_MAX)?;
    if let Some(payment_ref) = &order.payment_ref {
        check_text("/payment_ref", payment_ref, limits::PAYMENT_REF_BYTES_MAX)?;
    }
    for (at, ticket) in order.tickets.iter().enumerate() {
        check_amount(&format!("/tickets/{at}/price"), ticket.price)?;
        if let Some(code) = &ticket.code {
            check_text(&format!("/tickets/{at}/code"), code, limits::CODE_BYTES_MAX)?;
        }
        if event.ticket_type(ticket.ticket_type.as_deref()).is_none() {
            let name = ticket.ticket_type.as_deref().unwrap_or_default();
            let reason = format!("is {name:?}, and this event has no such ticket type");
            return Err(Rejection::invalid(format!("/tickets/{at}/ticket_type"), reason));
        }
    }
    Ok(())
}
