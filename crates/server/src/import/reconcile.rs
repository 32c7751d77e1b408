//! Compares what a file says with what is stored, to the cent.

use std::collections::{HashMap, HashSet};

use domain::event::Event;
use domain::id::Serial;
use domain::money::Amount;
use engine::store::{OrderFilter, Page, Store, StoreError};
use serde::Serialize;

use super::OrderWanted;

/// Orders that are read at a time.
const PAGE_ORDERS: usize = 500;

/// Sums over some orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sums {
    /// How many.
    pub orders: usize,
    /// Their valid tickets.
    pub valid: usize,
    /// Their cancelled ones.
    pub cancelled: usize,
    /// Tickets with a barcode.
    pub codes: usize,
    /// What the valid tickets cost, in minor units.
    pub amount: i64,
    /// What the cancelled ones had cost.
    pub amount_cancelled: i64,
}

impl Sums {
    fn ticket(&mut self, price: Amount, is_cancelled: bool, has_code: bool) {
        self.codes += usize::from(has_code);
        if is_cancelled {
            self.cancelled += 1;
            self.amount_cancelled = self.amount_cancelled.saturating_add(price.0);
        } else {
            self.valid += 1;
            self.amount = self.amount.saturating_add(price.0);
        }
    }

    /// Each sum with what it is of.
    #[must_use]
    pub fn rows(&self) -> [(&'static str, i64); 6] {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        [
            ("orders", count(self.orders)),
            ("valid tickets", count(self.valid)),
            ("cancelled tickets", count(self.cancelled)),
            ("barcodes", count(self.codes)),
            ("amount", self.amount),
            ("amount cancelled", self.amount_cancelled),
        ]
    }
}

/// The sums of a file.
#[must_use]
pub fn of_file(orders: &[OrderWanted]) -> Sums {
    let mut sums = Sums { orders: orders.len(), ..Sums::default() };
    for ticket in orders.iter().flat_map(|order| &order.tickets) {
        sums.ticket(ticket.price, ticket.is_cancelled, ticket.code.is_some());
    }
    sums
}

/// What is stored of a file's orders.
#[derive(Debug, Default)]
pub struct Stored {
    /// Over the orders that the file names.
    pub sums: Sums,
    /// Which of the file's orders are not as it says, with what differs.
    pub differing: Vec<(usize, String)>,
    /// The names of those that are there.
    pub known: HashSet<String>,
    /// The serials by which seats name them as their owners.
    pub serials: HashSet<Serial>,
}

/// Reads every order of the event, and compares those that the file names one by one.
///
/// # Errors
/// The store cannot be read.
pub async fn of_store(
    store: &dyn Store,
    event: &Event,
    orders: &[OrderWanted],
) -> Result<Stored, StoreError> {
    let mut wanted: HashMap<&str, &OrderWanted> =
        orders.iter().map(|order| (&*order.reference, order)).collect();
    let mut stored = Stored::default();
    let mut after = 0;
    loop {
        let filter = OrderFilter { event: Some(event.id), ..OrderFilter::default() };
        let page = Page { after, limit: PAGE_ORDERS };
        let found = store.orders(event.organization, event.livemode, filter, page).await?;
        let is_last = found.len() < PAGE_ORDERS;
        for (position, record) in found {
            after = position;
            let Some(order) = record.reference.as_deref().and_then(|name| wanted.remove(name)) else {
                continue;
            };
            stored.sums.orders += 1;
            stored.known.insert(order.reference.clone());
            stored.serials.insert(record.id.serial);
            let mut own = Sums { orders: 1, ..Sums::default() };
            for ticket in &record.tickets {
                own.ticket(ticket.price, ticket.is_cancelled, ticket.code.is_some());
                stored.sums.ticket(ticket.price, ticket.is_cancelled, ticket.code.is_some());
            }
            if own != of_file(std::slice::from_ref(order)) {
                stored.differing.push((order.line, format!("{} is stored otherwise", order.reference)));
            }
        }
        if is_last {
            break;
        }
    }
    let missing = wanted.into_values().map(|order| (order.line, format!("{} is not there", order.reference)));
    stored.differing.extend(missing);
    stored.differing.sort();
    Ok(stored)
}
