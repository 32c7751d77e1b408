//! The server's own account of the sale, read through the API when the load is over, held against
//! what buyers were told.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use crate::acknowledged::{Acknowledged, AcknowledgedOrder};
use crate::answer::Order;
use crate::enquiry::{Enquirer, parse};
use crate::venue::{Availability, Venue, query_escaped, read_all};
use crate::{Error, limits};

const LIST: &str = "list the orders";

/// A number of findings, and the first few of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) count: u64,
    examples: Vec<String>,
}

impl Findings {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < limits::EXAMPLES_MAX {
            self.examples.push(example());
        }
    }

    pub(crate) fn examples(&self) -> String {
        self.examples.join("; ")
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// Who has what, at the end.
    pub(crate) availability: Availability,
    /// Orders on the server, from whenever.
    pub(crate) orders: u64,
    /// Valid tickets of all orders.
    pub(crate) units_valid: u64,
    /// Valid tickets of this storm's buyers.
    pub(crate) units_ours: u64,
    /// Acknowledged orders that the server does not have.
    pub(crate) lost: Findings,
    /// Acknowledged orders that have other places on the server.
    pub(crate) changed: Findings,
    /// Seats with two owners, as acknowledged or as stored.
    pub(crate) sold_twice: Findings,
    /// This storm's orders that nobody was told about.
    pub(crate) unclaimed: Findings,
}

/// Reads everything and compares. `buyer_prefix` tells this storm's buyers from others, `event_of` in which of the venue's
/// events a buyer bought.
pub(crate) async fn audit(
    enquirer: &mut Enquirer,
    venue: &Venue,
    acknowledged: &Acknowledged,
    buyer_prefix: &str,
    event_of: impl Fn(u64) -> usize,
) -> Result<Audit, Error> {
    let (events, per_event) = (venue.events(), venue.seats_per_event());
    let labels = &venue.seats[..per_event];
    let seats = labels.iter().enumerate().map(|(index, label)| (&**label, index)).collect();
    let mut round = 1;
    let mut before = read_all(enquirer, venue).await?;
    loop {
        let mut comparison = Comparison::new(&seats, events.len(), acknowledged, buyer_prefix, &event_of);
        for (at, event) in events.iter().enumerate() {
            comparison.event = at;
            read_orders(enquirer, event, &mut comparison).await?;
        }
        let after = read_all(enquirer, venue).await?;
        // If others bought or cancelled meanwhile, the pages show no single moment.
        let quiet = before.total().sold == after.total().sold;
        if quiet || round == limits::AUDIT_ROUNDS_MAX {
            return Ok(comparison.finish(after));
        }
        before = after;
        round += 1;
    }
}

async fn read_orders(
    enquirer: &mut Enquirer,
    event: &str,
    comparison: &mut Comparison<'_>,
) -> Result<(), Error> {
    let mut limit = limits::ORDERS_PAGE;
    let mut cursor: Option<String> = None;
    let mut pages = 0;
    while pages < limits::ORDERS_PAGES_MAX {
        let after = cursor.as_deref().map(|c| format!("&cursor={}", query_escaped(c))).unwrap_or_default();
        let path = format!("/v1/events/{event}/orders?limit={limit}{after}");
        let told = enquirer.get_any(&path, LIST).await?;
        if matches!(told.status, 400 | 422) && limit > limits::ORDERS_PAGE_SMALL {
            limit = limits::ORDERS_PAGE_SMALL;
            continue;
        }
        let page: Page<'_> = parse(told.expected(LIST)?.body, LIST)?;
        page.items.iter().for_each(|order| comparison.take(order));
        pages += 1;
        match page.next_cursor {
            None => return Ok(()),
            Some(next) if cursor.as_deref() == Some(&*next) => break,
            Some(next) => cursor = Some(next.into_owned()),
        }
    }
    Err(Error::Unreadable { what: LIST, reason: "the list does not end".to_owned() })
}

#[derive(Debug, Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    items: Vec<Order<'a>>,
    #[serde(borrow, default)]
    next_cursor: Option<Cow<'a, str>>,
}

/// Owners of seats by position, to find a second one.
#[derive(Debug)]
struct Owners(Vec<Option<Box<str>>>);

impl Owners {
    fn take(&mut self, seat: usize, label: &str, order: &str, found: &mut Findings, where_: &str) {
        match &self.0[seat] {
            Some(owner) => found.add(|| format!("{label} {where_} to {owner} and to {order}")),
            none => {
                debug_assert!(none.is_none());
                self.0[seat] = Some(order.into());
            }
        }
    }
}

/// The comparison while pages come in.
#[derive(Debug)]
struct Comparison<'a> {
    /// Of one event.
    seats: &'a HashMap<&'a str, usize>,
    buyer_prefix: &'a str,
    /// Whose orders are coming in, by position in the venue.
    event: usize,
    /// Acknowledged orders that no page has shown yet, of each event by their ids: two events may use the same ones.
    missing: Vec<HashMap<&'a str, AcknowledgedOrder<'a>>>,
    owners: Owners,
    audit: Audit,
}

impl<'a> Comparison<'a> {
    fn new(
        seats: &'a HashMap<&'a str, usize>,
        events: usize,
        acknowledged: &'a Acknowledged,
        buyer_prefix: &'a str,
        event_of: &impl Fn(u64) -> usize,
    ) -> Self {
        let mut audit = Audit::default();
        let seats_of_all = events * seats.len();
        let mut told = Owners(vec![None; seats_of_all]);
        let mut missing: Vec<HashMap<_, _>> = vec![HashMap::new(); events];
        for order in acknowledged.iter() {
            let event = event_of(order.buyer);
            for &place in &order.places {
                if let Some(&seat) = seats.get(place) {
                    let seat = event * seats.len() + seat;
                    told.take(seat, place, order.id, &mut audit.sold_twice, "was acknowledged");
                }
            }
            if let Some(other) = missing[event].insert(order.id, order) {
                audit.sold_twice.add(|| {
                    format!("order {} was acknowledged to two buyers, {} among them", other.id, other.buyer)
                });
            }
        }
        Self { seats, buyer_prefix, event: 0, missing, owners: Owners(vec![None; seats_of_all]), audit }
    }

    fn take(&mut self, order: &Order<'_>) {
        self.audit.orders += 1;
        let mut valid = 0;
        for ticket in order.tickets.iter().filter(|ticket| ticket.is_valid()) {
            valid += 1;
            if let Some(&seat) = self.seats.get(&*ticket.label) {
                let seat = self.event * self.seats.len() + seat;
                self.owners.take(seat, &ticket.label, &order.id, &mut self.audit.sold_twice, "is sold");
            }
        }
        self.audit.units_valid += valid;
        if let Some(told) = self.missing[self.event].remove(&*order.id) {
            self.audit.units_ours += valid;
            let mut told_places = told.places;
            let mut places: Vec<&str> = order.tickets.iter().map(|ticket| &*ticket.label).collect();
            told_places.sort_unstable();
            places.sort_unstable();
            if told_places != places {
                self.audit
                    .changed
                    .add(|| format!("{} was acknowledged with {told_places:?} and has {places:?}", order.id));
            }
        } else if order.buyer.as_deref().is_some_and(|buyer| buyer.starts_with(self.buyer_prefix)) {
            self.audit.units_ours += valid;
            self.audit
                .unclaimed
                .add(|| format!("{} of {}", order.id, order.buyer.as_deref().unwrap_or_default()));
        }
    }

    fn finish(mut self, availability: Availability) -> Audit {
        for (id, order) in self.missing.iter().flatten() {
            self.audit.lost.add(|| format!("{id} of buyer {} with {:?}", order.buyer, order.places));
        }
        self.audit.availability = availability;
        self.audit
    }
}
