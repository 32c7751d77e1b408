//! Takes places: a hold, or an order in one step.

use std::sync::Arc;

use crate::basket::{self, Basket, Line};
use crate::command::{Actor, Cancel, Claim, Ignored, LimitKey, Pass, Payment, Purchase, Selection};
use crate::entry::{Counted, Entry, Kind};
use crate::event::check_hold_seconds;
use crate::id::TicketId;
use crate::limits;
use crate::money::Amount;
use crate::place::{ChannelKey, Place, Status};
use crate::record::{HoldRecord, HoldStatus, OrderRecord, Ticket};
use crate::rejection::{Missing, Rejection};

use super::find::Own;
use super::{Decided, Session};

/// Barcodes by line and unit.
pub(super) type Codes = Vec<Vec<Option<Arc<str>>>>;

/// Places that are to be taken, priced.
#[derive(Default)]
pub(super) struct Taking {
    pub(super) lines: Vec<Line>,
    pub(super) codes: Codes,
    pub(super) amount: Amount,
    pub(super) units: u32,
}

impl Session<'_> {
    pub(super) fn hold(
        &mut self,
        purchase: &Purchase,
        seconds: Option<u32>,
        actor: Actor,
        salt: u32,
    ) -> Result<Decided, Rejection> {
        let seconds = self.hold_seconds(seconds, purchase.is_public)?;
        let taking = self.take(purchase)?;
        let counted = self.claim(purchase, taking.units)?;
        let id = self.next_hold(salt);
        let now = self.moment.now;
        let mut entry = self.taking_entry(Kind::Hold, actor, purchase, &taking, Status::Held);
        entry.hold = Some(id);
        entry.buyer = counted.first().map(|counted| counted.key);
        entry.counted = counted;
        let deadline = now.plus_seconds(seconds).plus_seconds(limits::DEADLINE_GRACE_SECONDS);
        entry.deadline = Some(deadline);
        let record = HoldRecord {
            id,
            version: 1,
            status: HoldStatus::Active,
            buyer: Arc::from(&*purchase.buyer.text),
            buyer_surrogate: entry.buyer.unwrap_or_default(),
            lines: taking.lines,
            codes: taking.codes,
            created_at: now,
            deadline,
            ended_at: None,
            metadata: purchase.metadata.clone(),
            reference: purchase.reference.clone(),
        };
        self.enter(entry);
        self.records.holds.insert(id.serial, record);
        self.records.holds_touched.push(id.serial);
        Ok(Decided::Hold(id.serial))
    }

    pub(super) fn book(
        &mut self,
        purchase: &Purchase,
        payment: &Payment,
        actor: Actor,
        salt: u32,
    ) -> Result<Decided, Rejection> {
        let taking = self.take(purchase)?;
        if payment.cancelled.iter().any(|index| u32::from(*index) >= taking.units) {
            return Err(Rejection::NotFound(Missing::Ticket));
        }
        let mut counted = self.claim(purchase, taking.units)?;
        counted.retain(|counted| !counted.held_only);
        let id = self.next_order(salt);
        let mut entry = self.taking_entry(Kind::Book, actor, purchase, &taking, Status::Sold);
        entry.order = Some(id);
        entry.buyer = counted.first().map(|counted| counted.key);
        let mut ticket = 0;
        for change in &mut entry.changes {
            change.ticket = Some(ticket);
            ticket += u16::try_from(change.units).unwrap_or(u16::MAX);
        }
        let record = OrderRecord {
            id,
            version: 1,
            seq: self.moment.seq,
            hold: None,
            buyer: Arc::from(&*purchase.buyer.text),
            buyer_surrogate: entry.buyer.unwrap_or_default(),
            claims: counted.iter().map(|counted| counted.key).collect(),
            amount: taking.amount,
            amount_cancelled: Amount::ZERO,
            payment_ref: payment.payment_ref.clone(),
            reference: purchase.reference.clone(),
            metadata: purchase.metadata.clone(),
            created_at: payment.created_at.unwrap_or(self.moment.now),
            tickets: tickets_of(&taking.lines, &taking.codes),
            changes: Vec::new(),
        };
        entry.counted = counted;
        self.enter(entry);
        self.records.orders.insert(id.serial, record);
        self.records.orders_touched.push(id.serial);
        if !payment.cancelled.is_empty() {
            let tickets = payment.cancelled.iter().map(|index| TicketId { order: id, index: *index });
            let selection = Selection::Tickets(tickets.collect());
            self.cancel(&Cancel { order: id, selection, then: None }, actor)?;
        }
        Ok(Decided::Order(id.serial))
    }

    fn hold_seconds(&self, seconds: Option<u32>, is_public: bool) -> Result<u32, Rejection> {
        let Some(seconds) = seconds else { return Ok(self.event().hold_seconds) };
        check_hold_seconds("/seconds", seconds)?;
        Ok(if is_public { seconds.min(self.event().max_hold_seconds) } else { seconds })
    }

    fn taking_entry(
        &self,
        kind: Kind,
        actor: Actor,
        purchase: &Purchase,
        taking: &Taking,
        to: Status,
    ) -> Entry {
        let mut entry = Entry::new(kind, actor);
        entry.ignored = purchase.ignored;
        entry.changes = taking.lines.iter().map(|line| self.change_of(line, Status::Free, to)).collect();
        entry
    }

    /// Finds and prices everything that a purchase wants, or refuses it whole.
    fn take(&mut self, purchase: &Purchase) -> Result<Taking, Rejection> {
        self.event().check_sale(self.moment.now, purchase.ignored.sale_window, purchase.pass.as_ref())?;
        self.take_basket(
            &purchase.basket,
            Own::NOTHING,
            &purchase.channels,
            purchase.ignored,
            purchase.is_public,
        )
    }

    /// The same for a basket; `own` are places that the request gives back, and may take anew on other terms.
    pub(super) fn take_basket(
        &mut self,
        basket: &Basket,
        own: Own<'_>,
        channels: &[ChannelKey],
        ignored: Ignored,
        is_public: bool,
    ) -> Result<Taking, Rejection> {
        let mut lines = Vec::with_capacity(basket.seats.len() + basket.areas.len());
        let mut codes = Codes::new();
        self.seats_free(basket, own, channels, ignored)?;
        self.areas_free(basket, own, channels, ignored)?;
        for wanted in &basket.seats {
            let place = Place::Seat(wanted.seat);
            let channel = self.inventory.seat_channel(wanted.seat).cloned();
            let line =
                self.line(place, 1, channel, wanted.ticket_type.as_deref(), wanted.price, is_public)?;
            lines.push(line);
            codes.push(wanted.code.iter().map(|code| Some(Arc::from(&**code))).collect());
        }
        for wanted in &basket.areas {
            self.area_units(wanted, own, channels, ignored, is_public, &mut lines, &mut codes)?;
        }
        if let Some(party) = &basket.best_available {
            let chosen = self.choose(party, channels, ignored)?;
            for (seat, ticket_type) in chosen.into_iter().zip(&party.ticket_types) {
                let (place, channel) = (Place::Seat(seat), self.inventory.seat_channel(seat).cloned());
                lines.push(self.line(place, 1, channel, ticket_type.as_deref(), None, is_public)?);
            }
        }
        if codes.iter().all(Vec::is_empty) {
            codes.clear();
        }
        let amount = basket::total(&lines).ok_or_else(|| {
            let reason = format!("amount to more than {} minor units", limits::AMOUNT_MAX);
            Rejection::invalid("/places", reason)
        })?;
        let units = lines.iter().map(|line| line.units).sum();
        Ok(Taking { lines, codes, amount, units })
    }

    /// A line at its price: the request's, or the list's.
    pub(super) fn line(
        &self,
        place: Place,
        units: u32,
        channel: Option<ChannelKey>,
        ticket_type: Option<&str>,
        price: Option<Amount>,
        is_public: bool,
    ) -> Result<Line, Rejection> {
        let event = self.event();
        let category = event.category_of(place);
        let not_priced = |ticket_type: &str| Rejection::NotPriced {
            category: event.categories[usize::from(category)].to_string(),
            ticket_type: ticket_type.to_owned(),
        };
        let ticket_type =
            event.ticket_type(ticket_type).ok_or_else(|| not_priced(ticket_type.unwrap_or_default()))?;
        if is_public && !ticket_type.public {
            return Err(Rejection::Forbidden("this ticket type is not for publishable keys"));
        }
        let price = price
            .or_else(|| event.price(category, &ticket_type.key))
            .ok_or_else(|| not_priced(&ticket_type.key))?;
        Ok(Line { place, units, ticket_type: ticket_type.key.clone(), price, channel })
    }

    /// The event's limit for a buyer, unless an access token has one of its own for them.
    pub(super) fn buyer_max(
        &self,
        pass: Option<&Pass>,
        claims: &[Claim],
        is_buyer: impl Fn(&LimitKey) -> bool,
    ) -> Option<u32> {
        let has_own = pass.is_some() && claims.iter().any(|claim| !claim.held_only && is_buyer(&claim.key));
        self.event().max_per_buyer.filter(|_| !has_own)
    }

    /// Checks every limit of a purchase, and counts its units under each key; the buyer comes first.
    fn claim(&mut self, purchase: &Purchase, units: u32) -> Result<Vec<Counted>, Rejection> {
        let max = self
            .buyer_max(purchase.pass.as_ref(), &purchase.claims, |key| key.digest == purchase.buyer.digest);
        let buyer = Claim { key: purchase.buyer.clone(), max, held_only: false };
        if !purchase.ignored.limits {
            self.check_claim(&buyer, units)?;
            for claim in &purchase.claims {
                self.check_claim(claim, units)?;
            }
        }
        let units = i64::from(units);
        let mut counted = vec![Counted { key: self.surrogate(&buyer.key), units, held_only: false }];
        for claim in &purchase.claims {
            let key = self.surrogate(&claim.key);
            // However many limits name a key, its units are counted once, and as long as any of them counts.
            match counted.iter_mut().find(|known| known.key == key) {
                Some(known) => known.held_only &= claim.held_only,
                None => counted.push(Counted { key, units, held_only: claim.held_only }),
            }
        }
        Ok(counted)
    }
}

/// The tickets of an order's lines, one a unit, in the order of the lines.
pub(super) fn tickets_of(lines: &[Line], codes: &[Vec<Option<Arc<str>>>]) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for unit in 0..line.units as usize {
            tickets.push(Ticket {
                index: u16::try_from(tickets.len()).unwrap_or(u16::MAX),
                place: line.place,
                ticket_type: line.ticket_type.clone(),
                price: line.price,
                channel: match line.place {
                    Place::Seat(_) => None,
                    Place::Area(_) => line.channel.clone(),
                },
                code: codes.get(at).and_then(|codes| codes.get(unit)).cloned().flatten(),
                is_cancelled: false,
                replaces: None,
            });
        }
    }
    tickets
}
