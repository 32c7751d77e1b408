//! Takes back all or part of an order.

use std::collections::{HashMap, VecDeque};

use crate::command::{Actor, Assignment, Cancel, Selection};
use crate::entry::{Change, Counted, Entry, Kind};
use crate::id::OrderId;
use crate::money::Amount;
use crate::place::{Place, Status};
use crate::record::{OrderRecord, Ticket};
use crate::rejection::{Missing, Rejection};

use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn cancel(&mut self, cancel: &Cancel, actor: Actor) -> Result<Decided, Rejection> {
        let serial = cancel.order.serial;
        let order = self.known_order(cancel.order)?;
        let indexes = selected(order, &cancel.selection)?;
        self.check_channel("/then", cancel.then.as_ref().and_then(Assignment::channel))?;
        if indexes.is_empty() {
            // All that was asked for is cancelled already.
            return Ok(Decided::OrderBefore(serial));
        }
        let mut entry = Entry::new(Kind::Cancel, actor);
        entry.order = Some(order.id);
        entry.buyer = Some(order.buyer_surrogate);
        let units = i64::try_from(indexes.len()).unwrap_or(i64::MAX);
        entry.counted =
            order.claims.iter().map(|&key| Counted { key, units: -units, held_only: false }).collect();
        let tickets = indexes.iter().map(|index| &order.tickets[usize::from(*index)]);
        entry.changes = tickets.map(|ticket| self.given_up(ticket, cancel.then.as_ref())).collect();
        self.enter(entry);
        let seq = self.moment.seq;
        if let Some(order) = self.records.orders.get_mut(&serial) {
            mark_cancelled(order, &indexes);
            order.version += 1;
            order.seq = seq;
            self.records.orders_touched.push(serial);
        }
        Ok(Decided::Order(serial))
    }

    /// An order that was read, salt and all.
    pub(super) fn known_order(&self, id: OrderId) -> Result<&OrderRecord, Rejection> {
        match self.records.orders.get(&id.serial) {
            Some(order) if order.id == id => Ok(order),
            _ => Err(Rejection::NotFound(Missing::Order)),
        }
    }

    /// The change by which a ticket's place becomes free: for `then`, or for whom it came from.
    pub(super) fn given_up(&self, ticket: &Ticket, then: Option<&Assignment>) -> Change {
        let channel_from = match ticket.place {
            Place::Seat(seat) => self.inventory.seat_channel(seat).cloned(),
            Place::Area(_) => ticket.channel.clone(),
        };
        let channel_to = match then {
            Some(assignment) => assignment.channel().cloned(),
            None => channel_from.clone(),
        };
        Change {
            place: ticket.place,
            units: 1,
            from: Status::Sold,
            to: Status::Free,
            channel_from,
            channel_to,
            version: self.version_after(ticket.place),
            terms: Some((ticket.ticket_type.clone(), ticket.price)),
            ticket: Some(ticket.index),
        }
    }
}

/// Cancels tickets of an order; returns what they had cost.
pub(super) fn mark_cancelled(order: &mut OrderRecord, indexes: &[u16]) -> Amount {
    let mut amount = Amount::ZERO;
    for index in indexes {
        let ticket = &mut order.tickets[usize::from(*index)];
        ticket.is_cancelled = true;
        amount = amount.plus(ticket.price).unwrap_or(amount);
    }
    order.amount_cancelled = order.amount_cancelled.plus(amount).unwrap_or(order.amount_cancelled);
    amount
}

/// The valid tickets that a selection means. Naming tickets that are cancelled already is no fault.
fn selected(order: &OrderRecord, selection: &Selection) -> Result<Vec<u16>, Rejection> {
    let valid = || order.tickets.iter().filter(|ticket| !ticket.is_cancelled);
    let mut chosen: Vec<u16> = Vec::new();
    match selection {
        Selection::All => chosen.extend(valid().map(|ticket| ticket.index)),
        Selection::Tickets(tickets) => {
            let mut is_chosen = vec![false; order.tickets.len()];
            for ticket in tickets {
                let at = usize::from(ticket.index);
                let known = order.tickets.get(at).filter(|_| ticket.order == order.id);
                let Some(known) = known else { return Err(Rejection::NotFound(Missing::Ticket)) };
                if !known.is_cancelled && !std::mem::replace(&mut is_chosen[at], true) {
                    chosen.push(known.index);
                }
            }
        }
        Selection::Places(places) => {
            let mut of_place: HashMap<Place, VecDeque<u16>> = HashMap::new();
            for ticket in &order.tickets {
                let tickets = of_place.entry(ticket.place).or_default();
                if !ticket.is_cancelled {
                    tickets.push_back(ticket.index);
                }
            }
            for (at, place) in places.iter().enumerate() {
                let Some(tickets) = of_place.get_mut(place) else {
                    let pointer = format!("/places/{at}");
                    return Err(Rejection::invalid(pointer, "names a place that is not of this order"));
                };
                chosen.extend(tickets.pop_front());
            }
        }
    }
    Ok(chosen)
}
