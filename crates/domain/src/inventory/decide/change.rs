//! Changes an order: exchanges, adds and cancels tickets, all of it in one commit or nothing.
//!
//! What is given up and what is taken are one entry, so nobody ever sees the one without the other. Places that the
//! order gives up it may take anew, on other terms or as another ticket's.

use crate::basket::{AreaWanted, Basket, Line, SeatWanted};
use crate::command::{Actor, ChangeOrder, Claim, Digest, LimitKey, Swap};
use crate::entry::{Change, Counted, Entry, Kind};
use crate::id::TicketId;
use crate::limits;
use crate::money::Amount;
use crate::place::{Place, Status};
use crate::record::{OrderChange, OrderRecord, Ticket};
use crate::rejection::{Missing, Rejection};

use super::cancel::mark_cancelled;
use super::find::Own;
use super::purchase::{Taking, tickets_of};
use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn change(&mut self, change: &ChangeOrder, actor: Actor) -> Result<Decided, Rejection> {
        let order = self.known_order(change.order)?.clone();
        if change.version.is_some_and(|version| version != order.version) {
            return Err(Rejection::OrderChanged { version: order.version });
        }
        let ended = ended_tickets(&order, change)?;
        let basket = wanted(&order, change)?;
        if basket.is_none() && ended.is_empty() {
            let reason = "must not be empty: name tickets to swap or to cancel, or places to add";
            return Err(Rejection::invalid("/swap", reason));
        }
        self.check_channel("/then", change.then.as_ref().and_then(|then| then.channel()))?;
        let taking = match &basket {
            None => Taking::default(),
            Some(basket) => {
                self.event().check_sale(self.moment.now, change.ignored.sale_window, None)?;
                let lines = self.own_lines(&order, &ended, change, basket);
                let own = Own { lines: &lines, status: Status::Sold };
                self.take_basket(basket, own, &change.channels, change.ignored, false)?
            }
        };
        check_size(&order, ended.len(), &taking)?;
        let counted = self.recount_order(&order, ended.len(), taking.units, change)?;
        let changes = self.changes_of(&order, &ended, change, basket.as_ref(), &taking);
        let mut entry = Entry::new(Kind::Change, actor);
        entry.ignored = change.ignored;
        entry.order = Some(order.id);
        entry.buyer = Some(order.buyer_surrogate);
        entry.counted = counted;
        entry.changes = changes;
        self.enter(entry);
        let difference = self.record_change(order, &ended, change, &taking);
        Ok(Decided::OrderChanged { order: change.order.serial, difference })
    }

    /// What the order gives up, as lines that it may take anew.
    fn own_lines(
        &self,
        order: &OrderRecord,
        ended: &[u16],
        change: &ChangeOrder,
        basket: &Basket,
    ) -> Vec<Line> {
        let tickets = ended.iter().map(|index| &order.tickets[usize::from(*index)]);
        tickets
            .map(|ticket| {
                let given_up = self.given_up_in(ticket, change, Some(basket));
                let (ticket_type, price) = (ticket.ticket_type.clone(), ticket.price);
                Line { place: ticket.place, units: 1, ticket_type, price, channel: given_up.channel_to }
            })
            .collect()
    }

    /// The change by which a ticket's place becomes free. A seat that is taken anew stays assigned as it is.
    fn given_up_in(&self, ticket: &Ticket, change: &ChangeOrder, basket: Option<&Basket>) -> Change {
        let is_taken_anew = basket
            .is_some_and(|basket| basket.seats.iter().any(|wanted| Place::Seat(wanted.seat) == ticket.place));
        self.given_up(ticket, change.then.as_ref().filter(|_| !is_taken_anew))
    }

    fn changes_of(
        &self,
        order: &OrderRecord,
        ended: &[u16],
        change: &ChangeOrder,
        basket: Option<&Basket>,
        taking: &Taking,
    ) -> Vec<Change> {
        let tickets = ended.iter().map(|index| &order.tickets[usize::from(*index)]);
        let mut changes: Vec<Change> =
            tickets.map(|ticket| self.given_up_in(ticket, change, basket)).collect();
        let given_up = changes.len();
        let mut ticket = order.tickets.len();
        for line in &taking.lines {
            let mut taken = self.change_of(line, Status::Free, Status::Sold);
            let is_own = |known: &Change| known.place == line.place;
            if matches!(line.place, Place::Seat(_)) && changes[..given_up].iter().any(is_own) {
                // This comes after the seat was given up.
                taken.version += 1;
            }
            taken.ticket = u16::try_from(ticket).ok();
            ticket += line.units as usize;
            changes.push(taken);
        }
        changes
    }

    /// Counts the difference under every key of the order, within the buyer's limit.
    fn recount_order(
        &mut self,
        order: &OrderRecord,
        ended: usize,
        added: u32,
        change: &ChangeOrder,
    ) -> Result<Vec<Counted>, Rejection> {
        let ended = u32::try_from(ended).unwrap_or(u32::MAX);
        let more = added.saturating_sub(ended);
        if more > 0 && !change.ignored.limits {
            let key = LimitKey { text: order.buyer.to_string(), digest: Digest::default() };
            let claim = Claim { key, max: self.event().max_per_buyer, held_only: false };
            self.check_used(&claim, Some(order.buyer_surrogate), more)?;
            self.check_further(order.buyer_surrogate, &order.claims, &change.claims, more, "order")?;
        }
        let units = i64::from(added) - i64::from(ended);
        let counted = order.claims.iter().map(|&key| Counted { key, units, held_only: false });
        Ok(counted.filter(|counted| counted.units != 0).collect())
    }

    /// Writes the change into the order's record; returns the difference in money.
    fn record_change(
        &mut self,
        mut order: OrderRecord,
        ended: &[u16],
        change: &ChangeOrder,
        taking: &Taking,
    ) -> Amount {
        let given_back = mark_cancelled(&mut order, ended);
        let difference = taking.amount.minus(given_back).unwrap_or_default();
        let first = order.tickets.len();
        let mut new = tickets_of(&taking.lines, &taking.codes);
        for (ticket, replaced) in new.iter_mut().zip(replaced(change)) {
            ticket.replaces = replaced;
        }
        for ticket in &mut new {
            ticket.index = u16::try_from(first + usize::from(ticket.index)).unwrap_or(u16::MAX);
        }
        order.tickets.extend(new);
        order.amount = order.amount.plus(taking.amount).unwrap_or(order.amount);
        order.version += 1;
        order.seq = self.moment.seq;
        let payment_ref = change.payment_ref.clone();
        order.changes.push(OrderChange { at: self.moment.now, difference, payment_ref });
        let serial = order.id.serial;
        self.records.orders.insert(serial, order);
        self.records.orders_touched.push(serial);
        difference
    }
}

/// The tickets that a change ends, those to swap first; each is valid still, and named once.
fn ended_tickets(order: &OrderRecord, change: &ChangeOrder) -> Result<Vec<u16>, Rejection> {
    let swapped =
        change.swap.iter().enumerate().map(|(at, swap)| (format!("/swap/{at}/ticket"), swap.ticket));
    let cancelled = change.cancel.iter().enumerate().map(|(at, ticket)| (format!("/cancel/{at}"), *ticket));
    let mut is_ended = vec![false; order.tickets.len()];
    let mut ended = Vec::new();
    for (pointer, ticket) in swapped.chain(cancelled) {
        let at = usize::from(ticket.index);
        let known = order.tickets.get(at).filter(|_| ticket.order == order.id);
        let Some(known) = known else { return Err(Rejection::NotFound(Missing::Ticket)) };
        if known.is_cancelled {
            return Err(Rejection::TicketCancelled {
                ticket: TicketId { order: order.id, index: known.index },
            });
        }
        if std::mem::replace(&mut is_ended[at], true) {
            return Err(Rejection::invalid(pointer, "names a ticket twice"));
        }
        ended.push(known.index);
    }
    Ok(ended)
}

/// Everything that a change takes, as one basket: what tickets are swapped for comes before what is added.
fn wanted(order: &OrderRecord, change: &ChangeOrder) -> Result<Option<Basket>, Rejection> {
    if change.swap.is_empty() {
        return Ok(change.add.clone());
    }
    let mut basket = Basket::default();
    for swap in &change.swap {
        let before = &order.tickets[usize::from(swap.ticket.index)];
        let ticket_type = swap.ticket_type.clone().or_else(|| Some(before.ticket_type.to_string()));
        let price = swap.price;
        match swap.to {
            Place::Seat(seat) => {
                basket.seats.push(SeatWanted { seat, ticket_type, price, code: swap.code.clone() });
            }
            Place::Area(area) => {
                let codes = swap.code.iter().cloned().collect();
                basket.areas.push(AreaWanted { area, quantity: 1, ticket_type, price, codes });
            }
        }
    }
    if let Some(add) = &change.add {
        if add.best_available.is_some() {
            return Err(Rejection::invalid("/add/best_available", "cannot be combined with swap"));
        }
        basket.seats.extend(add.seats.iter().cloned());
        basket.areas.extend(add.areas.iter().cloned());
    }
    let mut seats: Vec<_> = basket.seats.iter().map(|wanted| wanted.seat).collect();
    seats.sort_unstable();
    if seats.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Rejection::invalid("/swap", "takes a place twice"));
    }
    Ok(Some(basket))
}

/// The ticket that each new one replaces, as far as the new ones replace any, in the order of their lines.
fn replaced(change: &ChangeOrder) -> Vec<Option<u16>> {
    // A basket's lines begin with its seats.
    let is_seat = |swap: &&Swap| matches!(swap.to, Place::Seat(_));
    let index = |swap: &Swap| Some(swap.ticket.index);
    let seats_added = change.add.as_ref().map_or(0, |basket| basket.seats.len());
    let mut replaced: Vec<_> = change.swap.iter().filter(is_seat).map(index).collect();
    replaced.extend(std::iter::repeat_n(None, seats_added));
    replaced.extend(change.swap.iter().filter(|swap| !is_seat(swap)).map(index));
    replaced
}

fn check_size(order: &OrderRecord, ended: usize, taking: &Taking) -> Result<(), Rejection> {
    let added = taking.units as usize;
    let valid = order.tickets.iter().filter(|ticket| !ticket.is_cancelled).count() - ended + added;
    if added > 0 && valid > limits::BASKET_UNITS_MAX as usize {
        let reason =
            format!("would make {valid} valid tickets; at most {} are allowed", limits::BASKET_UNITS_MAX);
        return Err(Rejection::invalid("/add", reason));
    }
    if order.tickets.len() + added > limits::ORDER_TICKETS_MAX {
        let reason =
            format!("would make more than {} tickets over the order's life", limits::ORDER_TICKETS_MAX);
        return Err(Rejection::invalid("/swap", reason));
    }
    if order.changes.len() >= limits::ORDER_CHANGES_MAX {
        let reason =
            format!("would be one change too many: an order has at most {}", limits::ORDER_CHANGES_MAX);
        return Err(Rejection::invalid("/swap", reason));
    }
    match order.amount.plus(taking.amount) {
        Some(amount) if amount.0 <= limits::AMOUNT_MAX => Ok(()),
        _ => {
            let reason = format!("would amount to more than {} minor units", limits::AMOUNT_MAX);
            Err(Rejection::invalid("/add", reason))
        }
    }
}
