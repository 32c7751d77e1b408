//! Takes places: a hold, or an order in one step.

use std::sync::Arc;

use crate::basket::{self, Basket, Line, PartyWanted};
use crate::best_available::{self, Shortage, Wish};
use crate::chart::Chart;
use crate::command::{Actor, Claim, Ignored, Payment, Purchase};
use crate::entry::{Counted, Entry, Kind};
use crate::event::check_hold_seconds;
use crate::id::Serial;
use crate::limits;
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Counts, Place, SeatIndex, Status};
use crate::record::{HoldRecord, HoldStatus, OrderRecord, Ticket};
use crate::rejection::Rejection;

use super::super::glance::shortage;
use super::super::{FreeMap, Hold};
use super::{Decided, Session};

/// Lapsed holds that are ended before best-available is searched once more.
const LAPSED_PER_SEARCH: u32 = 32;

/// Barcodes by line and unit.
pub(super) type Codes = Vec<Vec<Option<Arc<str>>>>;

/// Places that are to be taken, priced.
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
        };
        entry.counted = counted;
        self.enter(entry);
        self.records.orders.insert(id.serial, record);
        self.records.orders_touched.push(id.serial);
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
        self.event().check_sale(self.moment.now, purchase.ignored.sale_window)?;
        self.take_basket(&purchase.basket, &[], &purchase.channels, purchase.ignored, purchase.is_public)
    }

    /// The same for a basket; `own` are places that the request gives back, and may take anew on other terms.
    pub(super) fn take_basket(
        &mut self,
        basket: &Basket,
        own: &[Line],
        channels: &[ChannelKey],
        ignored: Ignored,
        is_public: bool,
    ) -> Result<Taking, Rejection> {
        let mut lines = Vec::with_capacity(basket.seats.len() + basket.areas.len());
        let mut codes = Codes::new();
        self.seats_free(basket, own, channels, ignored)?;
        for wanted in &basket.seats {
            let place = Place::Seat(wanted.seat);
            let channel = self.inventory.seat_channel(wanted.seat).cloned();
            let line = self.line(place, 1, channel, wanted.ticket_type.as_deref(), wanted.price, is_public)?;
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
    fn line(
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
        let ticket_type = event
            .ticket_type(ticket_type)
            .ok_or_else(|| not_priced(ticket_type.unwrap_or_default()))?;
        if is_public && !ticket_type.public {
            return Err(Rejection::Forbidden("this ticket type is not for publishable keys"));
        }
        let price = price
            .or_else(|| event.price(category, &ticket_type.key))
            .ok_or_else(|| not_priced(&ticket_type.key))?;
        Ok(Line { place, units, ticket_type: ticket_type.key.clone(), price, channel })
    }

    /// Refuses the basket when one of its named seats cannot be had; ends holds that lapsed.
    fn seats_free(
        &mut self,
        basket: &Basket,
        own: &[Line],
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Result<(), Rejection> {
        let now = self.moment.now;
        let mut refused = Vec::new();
        for wanted in &basket.seats {
            if own.iter().any(|line| line.place == Place::Seat(wanted.seat)) {
                continue;
            }
            if let Some(reason) = self.inventory.seat_refusal(wanted.seat, channels, ignored, now) {
                refused.push((self.event().seat_name(wanted.seat), reason));
            }
        }
        if !refused.is_empty() {
            return Err(Rejection::PlaceUnavailable(refused));
        }
        for wanted in &basket.seats {
            let state = self.inventory.seat(wanted.seat);
            if state.status == Status::Held {
                self.expire_if_lapsed(state.owner);
            }
        }
        Ok(())
    }

    /// Takes area units from the public's pool first, then from the channels presented.
    #[expect(clippy::too_many_arguments, reason = "the two lists are one result, filled in step")]
    fn area_units(
        &mut self,
        wanted: &basket::AreaWanted,
        own: &[Line],
        channels: &[ChannelKey],
        ignored: Ignored,
        is_public: bool,
        lines: &mut Vec<Line>,
        codes: &mut Codes,
    ) -> Result<(), Rejection> {
        let place = Place::Area(wanted.area);
        let mut sources = self.area_sources(wanted.area, own, channels, ignored, lines);
        if sources[0].1 < wanted.quantity {
            // A lapsed hold is free: end those that have units for this request, if that is of any use.
            let lapsed = self.lapsed_units(wanted.area, &sources);
            let free: u32 = sources.iter().map(|(_, free)| *free).sum();
            let reclaimable: u32 = lapsed.iter().map(|(_, [public, channels])| public + channels).sum();
            if free + reclaimable < wanted.quantity {
                let state = self.inventory.area(wanted.area);
                let held = sources.iter().map(|(channel, _)| state.pool(channel.as_ref()).held).sum();
                let counts = Counts { free, held, ..Counts::default() };
                return Err(shortage(counts, wanted.quantity).unwrap_or(Rejection::AllHeld));
            }
            let mut public = sources[0].1;
            for (serial, [of_public, _]) in lapsed {
                if public >= wanted.quantity {
                    break;
                }
                self.expire_if_lapsed(serial);
                public += of_public;
            }
            sources = self.area_sources(wanted.area, own, channels, ignored, lines);
        }
        let mut codes_left = wanted.codes.iter().map(|code| Some(Arc::from(&**code)));
        let mut missing = wanted.quantity;
        for (channel, free) in sources {
            let units = missing.min(free);
            if units > 0 {
                let (ticket_type, price) = (wanted.ticket_type.as_deref(), wanted.price);
                lines.push(self.line(place, units, channel, ticket_type, price, is_public)?);
                codes.push(codes_left.by_ref().take(units as usize).collect());
                missing -= units;
            }
        }
        Ok(())
    }

    /// The pools that a request may take units of an area from, and how many each has left with what the
    /// request gives back, and beside what `lines` take already: the same area may stand in a basket
    /// twice, on different terms.
    fn area_sources(
        &self,
        area: AreaIndex,
        own: &[Line],
        channels: &[ChannelKey],
        ignored: Ignored,
        lines: &[Line],
    ) -> Vec<(Option<ChannelKey>, u32)> {
        let of = |lines: &[Line], channel: Option<&ChannelKey>| -> u32 {
            lines
                .iter()
                .filter(|line| line.place == Place::Area(area) && line.channel.as_ref() == channel)
                .map(|line| line.units)
                .sum()
        };
        let state = self.inventory.area(area);
        let left = |channel| state.pool(channel).free() + of(own, channel) - of(lines, channel);
        let mut sources = vec![(None, left(None))];
        let presented = state.channels().filter(|(key, _)| ignored.channels || channels.contains(key));
        sources.extend(presented.map(|(key, _)| (Some(key.clone()), left(Some(key)))));
        sources
    }

    /// Lapsed holds that keep units of an area in one of these pools: how many of the public's, and how
    /// many of channels'.
    fn lapsed_units(
        &self,
        area: AreaIndex,
        sources: &[(Option<ChannelKey>, u32)],
    ) -> Vec<(Serial, [u32; 2])> {
        let units_of = |hold: &Hold| {
            let mut units = [0; 2];
            for line in hold.lines.iter().filter(|line| line.place == Place::Area(area)) {
                if sources.iter().any(|(channel, _)| *channel == line.channel) {
                    units[usize::from(line.channel.is_some())] += line.units;
                }
            }
            units
        };
        let lapsed = self.inventory.lapsed(self.moment.now);
        lapsed.map(|hold| (hold.id.serial, units_of(hold))).filter(|(_, units)| *units != [0; 2]).collect()
    }

    /// Chooses seats for a party: from the public's free seats, and where those do not suffice also from
    /// lapsed holds and the channels presented.
    fn choose(
        &mut self,
        party: &PartyWanted,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Result<Vec<SeatIndex>, Rejection> {
        let (Some(chart), Some(free)) = (self.event().chart(), self.inventory.seats.free()) else {
            return Err(Rejection::SoldOut);
        };
        let wish = Wish {
            seats: party.ticket_types.len(),
            categories: party.categories.as_deref(),
            sections: party.sections.as_deref(),
            accessible: party.accessible,
            adjacent: party.adjacent,
        };
        let mut choice = best_available::choose(chart, free, &wish);
        if choice.is_err()
            && let Some(more) = self.more_free(chart, free, channels, ignored)
        {
            choice = best_available::choose(chart, &more, &wish);
        }
        match choice {
            Ok(seats) => {
                for &seat in &seats {
                    self.expire_if_lapsed(self.inventory.seat(seat).owner);
                }
                Ok(seats)
            }
            Err(Shortage::NotAdjacent) => Err(Rejection::NotEnoughAdjacent),
            Err(Shortage::TooFew { .. }) => {
                let wanted = u32::try_from(party.ticket_types.len()).unwrap_or(u32::MAX);
                let eligible = self.eligible_seats(party, channels, ignored);
                Err(shortage(eligible, wanted).unwrap_or(Rejection::AllHeld))
            }
        }
    }

    /// The public's free seats, and those of lapsed holds and presented channels; `None` when there are
    /// no such.
    fn more_free(
        &self,
        chart: &Chart,
        free: &FreeMap,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Option<FreeMap> {
        let mut more: Option<FreeMap> = None;
        let now = self.moment.now;
        let mut add = |seat| {
            if self.inventory.seat_refusal(seat, channels, ignored, now).is_none() {
                more.get_or_insert_with(|| free.clone()).set(chart, seat, true);
            }
        };
        for line in self.inventory.lapsed(now).flat_map(|hold| &hold.lines) {
            if let Place::Seat(seat) = line.place {
                add(seat);
            }
        }
        if ignored.channels || !channels.is_empty() {
            chart.seats().filter(|seat| self.inventory.seat_channel(*seat).is_some()).for_each(add);
        }
        more
    }

    /// Seats that a party's filters allow, by who has them.
    fn eligible_seats(&self, party: &PartyWanted, channels: &[ChannelKey], ignored: Ignored) -> Counts {
        if !party.accessible && party.sections.is_none() && channels.is_empty() && !ignored.channels {
            return self.inventory.ordinary_seats(party.categories.as_deref());
        }
        let mut counts = Counts::default();
        let Some(chart) = self.event().chart() else { return counts };
        for seat in chart.seats() {
            let section = chart.row_of(seat).section;
            if best_available::is_eligible(chart, seat, party.accessible)
                && party.categories.as_ref().is_none_or(|wanted| wanted.contains(&chart.category(seat)))
                && party.sections.as_ref().is_none_or(|wanted| wanted.contains(&section))
            {
                let state = self.inventory.seat(seat);
                let presented = |key| ignored.channels || channels.contains(key);
                let assigned = self.inventory.seat_channel(seat).is_some_and(|key| !presented(key));
                *counts.hoped_for(state.status, assigned) += 1;
            }
        }
        counts
    }

    /// Checks every limit of a purchase, and counts its units under each key; the buyer comes first.
    fn claim(&mut self, purchase: &Purchase, units: u32) -> Result<Vec<Counted>, Rejection> {
        let buyer = Claim { key: purchase.buyer.clone(), max: self.event().max_per_buyer, held_only: false };
        if !purchase.ignored.limits {
            self.check_claim(&buyer, units, 0)?;
            for claim in &purchase.claims {
                self.check_claim(claim, units, 0)?;
            }
        }
        let units = i64::from(units);
        let mut counted = vec![Counted { key: self.surrogate(&buyer.key, true), units, held_only: false }];
        for claim in &purchase.claims {
            let key = self.surrogate(&claim.key, !claim.held_only);
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
