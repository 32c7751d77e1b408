//! Takes back all or part of an order.

use std::collections::{HashMap, VecDeque};

use crate::command::{Actor, Assignment, Cancel, Selection};
use crate::entry::{Change, Counted, Entry, Kind};
use crate::money::Amount;
use crate::place::{Place, Status};
use crate::record::OrderRecord;
use crate::rejection::{Missing, Rejection};

use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn cancel(&mut self, cancel: &Cancel, actor: Actor) -> Result<Decided, Rejection> {
        let serial = cancel.order.serial;
        let order = match self.records.orders.get(&serial) {
            Some(order) if order.id == cancel.order => order,
            _ => return Err(Rejection::NotFound(Missing::Order)),
        };
        let indexes = selected(order, &cancel.selection)?;
        self.check_channel("/then", cancel.then.as_ref().and_then(Assignment::channel))?;
        if indexes.is_empty() {
            // All that was asked for is cancelled already.
            return Ok(Decided::OrderBefore(serial));
        }
        let mut entry = Entry::new(Kind::Cancel, actor);
        entry.order = Some(order.id);
        entry.hold = None;
        entry.buyer = Some(order.buyer_surrogate);
        let units = i64::try_from(indexes.len()).unwrap_or(i64::MAX);
        entry.counted =
            order.claims.iter().map(|&key| Counted { key, units: -units, held_only: false }).collect();
        let mut amount = Amount::ZERO;
        for &index in &indexes {
            let ticket = &order.tickets[usize::from(index)];
            amount = amount.plus(ticket.price).unwrap_or(amount);
            let channel_from = match ticket.place {
                Place::Seat(seat) => self.inventory.seat_channel(seat).cloned(),
                Place::Area(_) => ticket.channel.clone(),
            };
            let channel_to = match &cancel.then {
                Some(assignment) => assignment.channel().cloned(),
                None => channel_from.clone(),
            };
            entry.changes.push(Change {
                place: ticket.place,
                units: 1,
                from: Status::Sold,
                to: Status::Free,
                channel_from,
                channel_to,
                version: self.version_after(ticket.place),
                terms: Some((ticket.ticket_type.clone(), ticket.price)),
                ticket: Some(index),
            });
        }
        self.enter(entry);
        let seq = self.moment.seq;
        if let Some(order) = self.records.orders.get_mut(&serial) {
            for index in indexes {
                order.tickets[usize::from(index)].is_cancelled = true;
            }
            order.amount_cancelled = order.amount_cancelled.plus(amount).unwrap_or(order.amount_cancelled);
            order.version += 1;
            order.seq = seq;
            self.records.orders_touched.push(serial);
        }
        Ok(Decided::Order(serial))
    }
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
