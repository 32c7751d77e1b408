//! Orders as pretix's API returns them (`/organizers/{o}/events/{e}/orders/`, fetched with `include_canceled_positions=true`).
//!
//! A paid or a pending order keeps its places; those of an expired or a cancelled one are taken over as cancelled
//! tickets, as are positions that were cancelled one by one. A position's `secret` is its barcode, its seat's
//! `seat_guid` its place. What a product means here the caller says, since the file has only its number.
//!
//! Source of the format: pretix' documentation of its REST API, "Orders", as of 2025.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::event::Event;
use domain::money::Amount;
use domain::place::Place;
use serde::Deserialize;

use super::{OrderWanted, TicketWanted, Told, reason_of};
use crate::wire::event::time_of;

/// A product, or one variation of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Item {
    /// The product's number.
    pub item: u64,
    /// The variation's.
    pub variation: Option<u64>,
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.variation {
            Some(variation) => write!(f, "{}/{variation}", self.item),
            None => write!(f, "{}", self.item),
        }
    }
}

/// What a product is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// No place: a drink, a parking ticket.
    Nothing,
    /// A ticket.
    Ticket {
        /// Of this type.
        ticket_type: String,
        /// In this area, where the position has no seat.
        area: Option<String>,
    },
}

/// What the file alone does not say.
#[derive(Debug, Clone, Default)]
pub struct Meanings {
    /// What products are.
    pub items: HashMap<Item, Meaning>,
    /// Which date of a series the event is.
    pub subevent: Option<u64>,
}

/// Reads `1345=adult`, `1345/77=child@Floor` or `99=-`.
///
/// # Errors
/// Anything else.
pub fn meaning(text: &str) -> Result<(Item, Meaning), String> {
    let wrong = || format!("{text:?} is not of the form ITEM[/VARIATION]=TICKET_TYPE[@AREA], or ITEM=-");
    let (item, meaning) = text.split_once('=').ok_or_else(wrong)?;
    let (item, variation) = match item.split_once('/') {
        Some((item, variation)) => (item, Some(variation.parse().map_err(|_| wrong())?)),
        None => (item, None),
    };
    let item = Item { item: item.parse().map_err(|_| wrong())?, variation };
    if meaning == "-" {
        return Ok((item, Meaning::Nothing));
    }
    let (ticket_type, area) = match meaning.split_once('@') {
        Some((ticket_type, area)) => (ticket_type, Some(area.to_owned())),
        None => (meaning, None),
    };
    if ticket_type.is_empty() || area.as_ref().is_some_and(String::is_empty) {
        return Err(wrong());
    }
    Ok((item, Meaning::Ticket { ticket_type: ticket_type.to_owned(), area }))
}

#[derive(Deserialize)]
struct OrderIn {
    code: String,
    status: String,
    #[serde(default)]
    testmode: bool,
    email: Option<String>,
    customer: Option<String>,
    datetime: String,
    #[serde(default)]
    positions: Vec<PositionIn>,
    #[serde(default)]
    fees: Vec<FeeIn>,
    #[serde(default)]
    payments: Vec<PaymentIn>,
}

#[derive(Deserialize)]
struct PositionIn {
    item: u64,
    variation: Option<u64>,
    price: String,
    secret: Option<String>,
    subevent: Option<u64>,
    #[serde(default)]
    canceled: bool,
    seat: Option<SeatIn>,
}

#[derive(Deserialize)]
struct SeatIn {
    seat_guid: String,
}

#[derive(Deserialize)]
struct FeeIn {
    value: String,
    #[serde(default)]
    canceled: bool,
}

#[derive(Deserialize)]
struct PaymentIn {
    local_id: u64,
    state: String,
}

/// Reads every record.
#[must_use]
pub fn read(records: &[(usize, &str)], event: &Event, meanings: &Meanings) -> Told {
    let mut told = Told::default();
    let mut unknown = BTreeMap::new();
    for (line, record) in records {
        match serde_json::from_str::<OrderIn>(record) {
            Err(error) => told.fault(*line, format!("is no order of pretix: {error}")),
            Ok(order) if order.testmode => told.left_out.test_orders += 1,
            Ok(order) => {
                let mut reading = Reading { event, meanings, unknown: &mut unknown, told: &mut told };
                if let Err(reason) = reading.order(order, *line) {
                    told.fault(*line, reason);
                }
            }
        }
    }
    for (item, (line, positions)) in unknown {
        let reason = format!(
            "the product {item} ({positions} positions) is unknown: say what it is with --item {item}=TICKET_TYPE, \
             --item {item}=TICKET_TYPE@AREA or, if it is no place, --item {item}=-"
        );
        told.fault(line, reason);
    }
    told
}

struct Reading<'a> {
    event: &'a Event,
    meanings: &'a Meanings,
    /// Products that nobody explained: the first line, and how many positions.
    unknown: &'a mut BTreeMap<Item, (usize, usize)>,
    told: &'a mut Told,
}

impl Reading<'_> {
    fn order(&mut self, order: OrderIn, line: usize) -> Result<(), String> {
        let is_ended = match order.status.as_str() {
            "p" | "n" => false,
            "e" | "c" => true,
            other => return Err(format!("the status {other:?} is none of n, p, e and c")),
        };
        let mut tickets = Vec::new();
        for position in &order.positions {
            tickets.extend(self.position(position, is_ended, line)?);
        }
        let mut fees = Amount::ZERO;
        for fee in order.fees.iter().filter(|fee| !fee.canceled) {
            fees = fees.plus(self.amount(&fee.value)?).unwrap_or(fees);
        }
        let left_out = &mut self.told.left_out;
        left_out.fees = left_out.fees.plus(fees).unwrap_or(left_out.fees);
        if tickets.is_empty() {
            left_out.orders_without_tickets += 1;
            return Ok(());
        }
        let paid = order.payments.iter().find(|payment| payment.state == "confirmed");
        let buyer = [order.customer, order.email].into_iter().flatten().find(|text| !text.is_empty());
        let created_at = time_of("/datetime", &order.datetime).map_err(|rejection| reason_of(&rejection))?;
        self.told.orders.push(OrderWanted {
            line,
            buyer: buyer.unwrap_or_else(|| format!("pretix {}", order.code)),
            created_at,
            payment_ref: paid.map(|payment| format!("{}-P-{}", order.code, payment.local_id)),
            metadata: metadata(&order.status, fees),
            tickets,
            reference: order.code,
        });
        Ok(())
    }

    fn position(
        &mut self,
        position: &PositionIn,
        is_ended: bool,
        line: usize,
    ) -> Result<Option<TicketWanted>, String> {
        match (self.meanings.subevent, position.subevent) {
            (Some(wanted), date) if date != Some(wanted) => {
                self.told.left_out.other_dates += 1;
                return Ok(None);
            }
            (None, Some(date)) => {
                return Err(format!(
                    "is of the date {date} of a series: say which date the event is with --subevent"
                ));
            }
            _ => {}
        }
        let price = self.amount(&position.price)?;
        let is_cancelled = is_ended || position.canceled;
        let item = Item { item: position.item, variation: position.variation };
        let whole = Item { variation: None, ..item };
        let seat = position.seat.as_ref().map(|seat| &*seat.seat_guid);
        let (ticket_type, area) =
            match self.meanings.items.get(&item).or_else(|| self.meanings.items.get(&whole)) {
                Some(Meaning::Nothing) => {
                    let left_out = &mut self.told.left_out;
                    left_out.other_items += 1;
                    if !is_cancelled {
                        let amount = left_out.other_items_amount;
                        left_out.other_items_amount = amount.plus(price).unwrap_or(amount);
                    }
                    return Ok(None);
                }
                Some(Meaning::Ticket { ticket_type, area }) => (Some(ticket_type.clone()), area.as_deref()),
                // With a seat and a single ticket type there is nothing to explain.
                None if seat.is_some() && self.event.ticket_types.len() == 1 => (None, None),
                None => {
                    self.unknown.entry(item).or_insert((line, 0)).1 += 1;
                    return Ok(None);
                }
            };
        let place = match (seat, area) {
            (Some(guid), _) => {
                let found = self.event.find_seat(&format!("guid:{guid}"));
                Place::Seat(
                    found.ok_or_else(|| format!("the event's chart has no seat with the guid {guid:?}"))?,
                )
            }
            (None, Some(area)) => {
                let found = self.event.find_area(area);
                Place::Area(found.ok_or_else(|| format!("the event has no area {area:?}"))?)
            }
            (None, None) => {
                return Err(format!(
                    "a position of the product {item} has no seat: say --item {item}=TICKET_TYPE@AREA"
                ));
            }
        };
        Ok(Some(TicketWanted { place, ticket_type, price, code: position.secret.clone(), is_cancelled }))
    }

    fn amount(&self, text: &str) -> Result<Amount, String> {
        let currency = self.event.currency;
        currency.amount(text).ok_or_else(|| format!("{text:?} is no amount in {currency}"))
    }
}

/// What an order here has no field for: that it was not paid, and its fees in minor units.
fn metadata(status: &str, fees: Amount) -> Option<Arc<str>> {
    match (status, fees) {
        ("p", Amount::ZERO) => None,
        _ => Some(format!(r#"{{"pretix":{{"status":"{status}","fees":{}}}}}"#, fees.0).into()),
    }
}
