//! Orders as `GET /v1/events/{id}/orders` answers them: from another installation of FlashTix, or written by the shop.
//!
//! `{ref, buyer, created_at, payment_ref, metadata, currency, tickets:[{label, ticket_type, price, code, status}]}`; a label
//! names a seat or an area. What else there is, is left alone.

use domain::event::Event;
use domain::money::Amount;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{OrderWanted, TicketWanted, Told, reason_of};
use crate::wire::event::{metadata_of, time_of};

#[derive(Deserialize)]
struct OrderIn {
    #[serde(rename = "ref")]
    reference: String,
    buyer: String,
    created_at: String,
    payment_ref: Option<String>,
    metadata: Option<Box<RawValue>>,
    currency: Option<String>,
    tickets: Vec<TicketIn>,
}

#[derive(Deserialize)]
struct TicketIn {
    label: String,
    ticket_type: Option<String>,
    price: i64,
    code: Option<String>,
    status: Option<String>,
}

/// Reads every record.
#[must_use]
pub fn read(records: &[(usize, &str)], event: &Event) -> Told {
    let mut told = Told::default();
    for (line, record) in records {
        match serde_json::from_str::<OrderIn>(record) {
            Err(error) => told.fault(*line, format!("is no order: {error}")),
            Ok(order) if order.tickets.is_empty() => told.left_out.orders_without_tickets += 1,
            Ok(order) => match order.into_wanted(*line, event) {
                Ok(order) => told.orders.push(order),
                Err(reason) => told.fault(*line, reason),
            },
        }
    }
    told
}

impl OrderIn {
    fn into_wanted(self, line: usize, event: &Event) -> Result<OrderWanted, String> {
        let own = event.currency.to_string();
        if self.currency.as_ref().is_some_and(|currency| *currency != own) {
            return Err(format!("is in {}, and the event in {own}", self.currency.unwrap_or_default()));
        }
        let created_at =
            time_of("/created_at", &self.created_at).map_err(|rejection| reason_of(&rejection))?;
        let metadata = self.metadata.as_deref().map(metadata_of).transpose();
        Ok(OrderWanted {
            line,
            reference: self.reference,
            buyer: self.buyer,
            created_at,
            payment_ref: self.payment_ref,
            metadata: metadata.map_err(|rejection| reason_of(&rejection))?,
            tickets: self
                .tickets
                .into_iter()
                .map(|ticket| ticket.into_wanted(event))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TicketIn {
    fn into_wanted(self, event: &Event) -> Result<TicketWanted, String> {
        let Self { label, ticket_type, price, code, status } = self;
        let place = event.find_place(&label);
        let is_cancelled = match status.as_deref() {
            None | Some("valid") => false,
            Some("cancelled") => true,
            Some(other) => return Err(format!("a ticket's status is {other:?}: must be valid or cancelled")),
        };
        Ok(TicketWanted {
            place: place.ok_or_else(|| format!("{label:?} is no seat and no area of the event"))?,
            ticket_type,
            price: Amount(price),
            code,
            is_cancelled,
        })
    }
}
