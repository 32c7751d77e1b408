//! The naive model: units, holds and orders in lists; everything is found and counted by scanning.

mod staff;
mod take;

use std::collections::{BTreeMap, BTreeSet};

use crate::basket::{AreaWanted, Basket, SeatWanted};
use crate::command::{
    Cancel, ChangeOrder, Claim, Command, Confirm, Digest, Edit, Ignored, Purchase, Selection,
};
use crate::event::{Event, EventStatus};
use crate::id::Serial;
use crate::place::{ChannelKey, Counts, Place, SeatIndex};
use crate::time::Timestamp;

/// A line without its quantity: place, ticket type, price, and the channel of an area's unit.
pub(super) type Terms = (Place, String, i64, Option<ChannelKey>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    Hold(usize),
    Order(usize),
}

/// One seat, or one unit of an area.
#[derive(Debug, Clone)]
struct Unit {
    place: Place,
    /// The label of a seat that the event has, or had.
    label: Option<String>,
    /// Whether a seat is on the chart that the event sells over now.
    is_there: bool,
    owner: Owner,
    channel: Option<ChannelKey>,
}

/// One unit that a hold or an order has, by its position in [`Model::units`].
#[derive(Debug, Clone)]
struct Item {
    unit: usize,
    terms: Terms,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Released,
    Expired,
    Confirmed(usize),
}

#[derive(Debug, Clone)]
struct Hold {
    serial: Serial,
    state: State,
    created_at: Timestamp,
    deadline: Timestamp,
    buyer: Digest,
    buyer_text: String,
    claims: Vec<(Digest, bool)>,
    items: Vec<Item>,
}

#[derive(Debug, Clone)]
struct Order {
    serial: Serial,
    version: u32,
    buyer: Digest,
    buyer_text: String,
    payment: Option<String>,
    claims: Vec<Digest>,
    /// What was sold; `None` once cancelled.
    items: Vec<(Item, bool)>,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    event: Event,
    units: Vec<Unit>,
    /// Channels of each area, in the order of their first use.
    channels: Vec<Vec<ChannelKey>>,
    holds: Vec<Hold>,
    orders: Vec<Order>,
}

/// Seats of all charts together.
const SEATS_EVER_MAX: u32 = 12;

type Answer = Result<(), String>;

fn place_channel(place: Place, channel: Option<&ChannelKey>) -> Option<ChannelKey> {
    channel.filter(|_| matches!(place, Place::Area(_))).cloned()
}

impl Model {
    pub(super) fn new(event: &Event) -> Self {
        let unit = |place| Unit { place, label: None, is_there: false, owner: Owner::Nobody, channel: None };
        // With room for seats that later charts add.
        let mut units: Vec<Unit> = (0..SEATS_EVER_MAX).map(|at| unit(Place::Seat(SeatIndex(at)))).collect();
        for area in &event.areas {
            let place = Place::Area(event.find_area(&area.name).expect("an area"));
            units.extend((0..area.capacity).map(|_| unit(place)));
        }
        let channels = vec![Vec::new(); event.areas.len()];
        let mut model = Self { event: event.clone(), units, channels, holds: Vec::new(), orders: Vec::new() };
        model.take_seats();
        model
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.event.status == EventStatus::Cancelled
    }

    pub(super) fn name_hold(&mut self, serial: Serial) {
        self.holds.last_mut().expect("a hold").serial = serial;
    }

    pub(super) fn name_order(&mut self, serial: Serial) {
        self.orders.last_mut().expect("an order").serial = serial;
    }

    /// Decides a command; `chosen` are the seats that best-available chose, which have to be good ones.
    pub(super) fn decide(&mut self, command: &Command, now: Timestamp, chosen: Option<&[Place]>) -> Answer {
        self.lapse(now);
        let before = self.clone();
        let answer = match command {
            Command::Hold { purchase, seconds } => self.hold(purchase, *seconds, now, chosen),
            Command::Book { purchase, .. } => self.book(purchase, now, chosen),
            Command::Edit(edit) => self.edit(edit, now),
            Command::Release(hold) => self.find(hold.serial).and_then(|at| match self.holds[at].state {
                State::Confirmed(_) => Err("already_confirmed".to_owned()),
                _ => {
                    self.end(at, State::Released);
                    Ok(())
                }
            }),
            Command::Confirm(confirm) => self.confirm(confirm),
            Command::Cancel(cancel) => self.cancel(cancel),
            Command::Change(change) => self.change(change, now),
            Command::Assign(assign) => self.assign(assign),
            Command::Configure(patch) => self.configure(patch),
            Command::Sweep => {
                self.sweep(now);
                Ok(())
            }
        };
        if answer.is_err() {
            *self = before;
        }
        answer
    }

    fn lapse(&mut self, now: Timestamp) {
        for at in 0..self.holds.len() {
            if self.holds[at].deadline <= now {
                self.end(at, State::Expired);
            }
        }
    }

    /// Gives back what an outage took.
    pub(super) fn make_up(&mut self, since: Timestamp, now: Timestamp) {
        let lost = (now.0 - since.0).min(120_000);
        let lapsed = |hold: &&mut Hold| hold.deadline > since && hold.deadline <= now;
        let moved = self.holds.iter_mut().filter(|hold| hold.state == State::Active).filter(lapsed);
        for hold in
            moved.filter(|hold| hold.deadline.0 + lost > now.0 && self.event.status != EventStatus::Cancelled)
        {
            hold.deadline.0 += lost;
        }
    }

    pub(super) fn sweep(&mut self, now: Timestamp) {
        self.lapse(now);
        if self.is_cancelled() {
            (0..self.holds.len()).for_each(|at| self.end(at, State::Released));
        }
    }

    fn end(&mut self, at: usize, state: State) {
        if self.holds[at].state == State::Active {
            self.holds[at].state = state;
            self.units.iter_mut().filter(|unit| unit.owner == Owner::Hold(at)).for_each(|unit| {
                unit.owner = Owner::Nobody;
            });
        }
    }

    fn find(&self, serial: Serial) -> Result<usize, String> {
        self.holds.iter().position(|hold| hold.serial == serial).ok_or_else(|| "not_found hold".to_owned())
    }

    pub(super) fn used(&self, key: Digest) -> u32 {
        let active = self.holds.iter().filter(|hold| hold.state == State::Active);
        let held = active.filter(|hold| hold.claims.iter().any(|(claim, _)| *claim == key));
        let held: usize = held.map(|hold| hold.items.len()).sum();
        let sold = self.orders.iter().filter(|order| order.claims.contains(&key));
        let sold: usize = sold.map(|order| order.items.iter().filter(|(_, valid)| *valid).count()).sum();
        u32::try_from(held + sold).expect("few units")
    }

    fn within(&self, text: &str, key: Digest, max: Option<u32>, units: usize) -> Answer {
        let used = self.used(key);
        match max {
            Some(max) if used as usize + units > max as usize => {
                Err(format!("limit_exceeded {text} {used} of {max}"))
            }
            _ => Ok(()),
        }
    }

    fn on_sale(&self, now: Timestamp, ignored: Ignored) -> Answer {
        self.event.check_sale(now, ignored.sale_window, None).map_err(|rejection| rejection.code().to_owned())
    }

    fn check_claims(&self, purchase: &Purchase, units: usize) -> Answer {
        if purchase.ignored.limits {
            return Ok(());
        }
        self.within(&purchase.buyer.text, purchase.buyer.digest, self.event.max_per_buyer, units)?;
        purchase
            .claims
            .iter()
            .try_for_each(|claim| self.within(&claim.key.text, claim.key.digest, claim.max, units))
    }

    /// Every key once, and only while held if every claim says so.
    fn claims(purchase: &Purchase) -> Vec<(Digest, bool)> {
        let buyer = Claim { key: purchase.buyer.clone(), max: None, held_only: false };
        let mut all: Vec<(Digest, bool)> = Vec::new();
        for claim in std::iter::once(&buyer).chain(&purchase.claims) {
            match all.iter_mut().find(|(key, _)| *key == claim.key.digest) {
                Some((_, held_only)) => *held_only &= claim.held_only,
                None => all.push((claim.key.digest, claim.held_only)),
            }
        }
        all
    }

    fn hold(
        &mut self,
        purchase: &Purchase,
        seconds: Option<u32>,
        now: Timestamp,
        chosen: Option<&[Place]>,
    ) -> Answer {
        let mut seconds = seconds.unwrap_or(self.event.hold_seconds);
        if purchase.is_public {
            seconds = seconds.min(self.event.max_hold_seconds);
        }
        self.on_sale(now, purchase.ignored)?;
        let manner = (&*purchase.channels, purchase.ignored, purchase.is_public);
        let items = self.take(&purchase.basket, &[], manner, chosen)?;
        self.check_claims(purchase, items.len())?;
        let at = self.holds.len();
        items.iter().for_each(|item| self.units[item.unit].owner = Owner::Hold(at));
        self.holds.push(Hold {
            serial: Serial(0),
            state: State::Active,
            created_at: now,
            deadline: Timestamp(now.0 + (i64::from(seconds) + 10) * 1_000),
            buyer: purchase.buyer.digest,
            buyer_text: purchase.buyer.text.clone(),
            claims: Self::claims(purchase),
            items,
        });
        Ok(())
    }

    fn book(&mut self, purchase: &Purchase, now: Timestamp, chosen: Option<&[Place]>) -> Answer {
        self.on_sale(now, purchase.ignored)?;
        let manner = (&*purchase.channels, purchase.ignored, purchase.is_public);
        let items = self.take(&purchase.basket, &[], manner, chosen)?;
        self.check_claims(purchase, items.len())?;
        let claims =
            Self::claims(purchase).into_iter().filter(|(_, held_only)| !held_only).map(|(key, _)| key);
        let buyer = (purchase.buyer.digest, purchase.buyer.text.clone());
        self.sell(items, buyer, claims.collect(), None);
        Ok(())
    }

    fn sell(
        &mut self,
        items: Vec<Item>,
        (buyer, buyer_text): (Digest, String),
        claims: Vec<Digest>,
        payment: Option<String>,
    ) {
        let at = self.orders.len();
        items.iter().for_each(|item| self.units[item.unit].owner = Owner::Order(at));
        let items = items.into_iter().map(|item| (item, true)).collect();
        self.orders.push(Order { serial: Serial(0), version: 1, buyer, buyer_text, payment, claims, items });
    }

    fn running_hold(&self, serial: Serial) -> Result<usize, String> {
        let at = self.find(serial)?;
        match self.holds[at].state {
            State::Confirmed(_) => Err("already_confirmed".to_owned()),
            _ if self.is_cancelled() => Err("event_cancelled".to_owned()),
            State::Expired => Err("hold_expired".to_owned()),
            State::Released => Err("hold_expired released".to_owned()),
            State::Active => Ok(at),
        }
    }

    fn edit(&mut self, edit: &Edit, now: Timestamp) -> Answer {
        let at = self.running_hold(edit.hold.serial)?;
        let before = self.holds[at].items.len();
        if let Some(seconds) = edit.seconds {
            let hold = &mut self.holds[at];
            let cap = if edit.is_public { self.event.max_hold_seconds } else { 90 * 24 * 3_600 };
            let wished = now.0 + i64::from(seconds) * 1_000;
            let capped = wished.min(hold.created_at.0 + i64::from(cap) * 1_000) + 10_000;
            hold.deadline = hold.deadline.max(Timestamp(capped));
        }
        let mut own = Vec::new();
        for (position, seat) in edit.remove_seats.iter().enumerate() {
            let items = &mut self.holds[at].items;
            let Some(item) = items.iter().position(|item| item.unit == seat.at()) else {
                return Err(format!("validation /remove/places/{position}"));
            };
            own.push(items.remove(item).unit);
        }
        for (position, (area, quantity, ticket_type)) in edit.remove_areas.iter().enumerate() {
            let refusal = Err(format!("validation /remove/areas/{position}/quantity"));
            if *quantity == 0 {
                return refusal;
            }
            for _ in 0..*quantity {
                let items = &mut self.holds[at].items;
                let is_meant = |item: &Item| {
                    item.terms.0 == Place::Area(*area)
                        && ticket_type.as_ref().is_none_or(|wanted| *wanted == item.terms.1)
                };
                let Some(item) = items.iter().position(is_meant) else { return refusal };
                own.push(items.remove(item).unit);
            }
        }
        own.iter().for_each(|unit| self.units[*unit].owner = Owner::Nobody);
        let mut added = Vec::new();
        if let Some(basket) = &edit.add {
            self.on_sale(now, edit.ignored)?;
            added = self.take(basket, &own, (&edit.channels, edit.ignored, edit.is_public), None)?;
        }
        if self.holds[at].items.is_empty() && added.is_empty() {
            return Err("validation /remove".to_owned());
        }
        let more = added.len().saturating_sub(own.len());
        if more > 0 && !edit.ignored.limits {
            // Count with the hold as it was.
            let Hold { buyer, buyer_text, claims, .. } = self.holds[at].clone();
            let mut before_edit = self.clone();
            let missing = before - before_edit.holds[at].items.len();
            let padding = Item { unit: 0, terms: (Place::Seat(SeatIndex(0)), String::new(), 0, None) };
            before_edit.holds[at].items.extend(vec![padding; missing]);
            before_edit.within(&buyer_text, buyer, self.event.max_per_buyer, more)?;
            let lasting = || claims.iter().filter(|(_, held_only)| !held_only).map(|(key, _)| *key);
            let is_named = |key: Digest| edit.claims.iter().any(|claim| claim.key.digest == key);
            if !lasting().all(|key| key == buyer || is_named(key)) {
                return Err("validation /limits".to_owned());
            }
            for claim in &edit.claims {
                if lasting().any(|key| key == claim.key.digest) {
                    before_edit.within(&claim.key.text, claim.key.digest, claim.max, more)?;
                }
            }
            for claim in edit.claims.iter().filter(|claim| claim.held_only) {
                before_edit.within(&claim.key.text, claim.key.digest, claim.max, more)?;
                for (key, _) in claims.iter().filter(|(_, held_only)| *held_only) {
                    before_edit.within(&claim.key.text, *key, claim.max, more)?;
                }
            }
        }
        for item in added {
            self.units[item.unit].owner = Owner::Hold(at);
            // Units on the same terms stand together, since they are let go in that order.
            let items = &mut self.holds[at].items;
            match items.iter().position(|known| known.terms == item.terms) {
                Some(position) => items.insert(position, item),
                None => items.push(item),
            }
        }
        let sum: i64 = self.holds[at].items.iter().map(|item| item.terms.2).sum();
        if sum > 1_000_000_000_000 { Err("validation /add".to_owned()) } else { Ok(()) }
    }

    fn confirm(&mut self, confirm: &Confirm) -> Answer {
        let payment = confirm.payment_ref.as_deref().map(str::to_owned);
        let found = self.find(confirm.hold.serial)?;
        if let State::Confirmed(order) = self.holds[found].state
            && self.orders[order].payment == payment
        {
            return Ok(());
        }
        let at = self.running_hold(confirm.hold.serial)?;
        let Hold { mut buyer, mut buyer_text, claims, items, .. } = self.holds[at].clone();
        let sum: i64 = items.iter().map(|item| item.terms.2).sum();
        if confirm.amount.is_some_and(|amount| amount.0 != sum) {
            return Err(format!("hold_changed {sum}"));
        }
        let mut keys: BTreeSet<Digest> =
            claims.iter().filter(|(_, held_only)| !held_only).map(|(key, _)| *key).collect();
        if let Some(other) = confirm.buyer.as_ref().filter(|other| other.digest != buyer) {
            let is_counted = claims.iter().any(|(key, _)| *key == other.digest);
            let more = if is_counted { 0 } else { items.len() };
            self.within(&other.text, other.digest, self.event.max_per_buyer, more)?;
            keys.remove(&buyer);
            keys.insert(other.digest);
            (buyer, buyer_text) = (other.digest, other.text.clone());
        }
        self.holds[at].state = State::Confirmed(self.orders.len());
        self.sell(items, (buyer, buyer_text), keys.into_iter().collect(), payment);
        Ok(())
    }

    fn cancel(&mut self, cancel: &Cancel) -> Answer {
        let found = self.orders.iter().position(|order| order.serial == cancel.order.serial);
        let at = found.ok_or("not_found order")?;
        let items = &self.orders[at].items;
        let mut wanted: Vec<usize> = Vec::new();
        match &cancel.selection {
            Selection::All => wanted.extend(0..items.len()),
            Selection::Tickets(tickets) => {
                for ticket in tickets {
                    items.get(usize::from(ticket.index)).ok_or("not_found ticket")?;
                    wanted.push(usize::from(ticket.index));
                }
            }
            Selection::Places(places) => {
                for (position, place) in places.iter().enumerate() {
                    let of_place = || (0..items.len()).filter(|item| items[*item].0.terms.0 == *place);
                    of_place().next().ok_or_else(|| format!("validation /places/{position}"))?;
                    wanted.extend(of_place().find(|item| items[*item].1 && !wanted.contains(item)));
                }
            }
        }
        let items_valid = |items: &[(Item, bool)]| items.iter().filter(|(_, valid)| *valid).count();
        let before = items_valid(items);
        for item in wanted {
            let (Item { unit, .. }, valid) = &mut self.orders[at].items[item];
            if std::mem::replace(valid, false) {
                let unit = *unit;
                self.units[unit].owner = Owner::Nobody;
                if let Some(assignment) = &cancel.then {
                    self.reassign(unit, assignment);
                }
            }
        }
        if items_valid(&self.orders[at].items) < before {
            self.orders[at].version += 1;
        }
        Ok(())
    }

    fn change(&mut self, change: &ChangeOrder, now: Timestamp) -> Answer {
        let found = self.orders.iter().position(|order| order.serial == change.order.serial);
        let at = found.ok_or("not_found order")?;
        let before = self.clone();
        let Order { version, buyer, buyer_text, items, .. } = &before.orders[at];
        if change.version.is_some_and(|wanted| wanted != *version) {
            return Err("order_changed".to_owned());
        }
        let swapped = (0..).zip(&change.swap).map(|(at, swap)| (format!("/swap/{at}/ticket"), swap.ticket));
        let cancelled = (0..).zip(&change.cancel).map(|(at, ticket)| (format!("/cancel/{at}"), *ticket));
        let mut ended = Vec::new();
        for (pointer, ticket) in swapped.chain(cancelled) {
            let index = usize::from(ticket.index);
            match items.get(index) {
                None => return Err("not_found ticket".to_owned()),
                Some((_, false)) => return Err("ticket_cancelled".to_owned()),
                Some(_) if ended.contains(&index) => return Err(format!("validation {pointer}")),
                Some(_) => ended.push(index),
            }
        }
        let mut basket = Basket::default();
        for swap in &change.swap {
            let known = &items[usize::from(swap.ticket.index)].0.terms.1;
            let ticket_type = Some(swap.ticket_type.as_ref().unwrap_or(known).clone());
            let price = swap.price;
            match swap.to {
                Place::Seat(seat) => basket.seats.push(SeatWanted { seat, ticket_type, price, code: None }),
                Place::Area(area) => {
                    basket.areas.push(AreaWanted {
                        area,
                        quantity: 1,
                        ticket_type,
                        price,
                        codes: Vec::new(),
                    });
                }
            }
        }
        if let Some(add) = &change.add {
            basket.seats.extend(add.seats.iter().cloned());
            basket.areas.extend(add.areas.iter().cloned());
        }
        let seats: BTreeSet<SeatIndex> = basket.seats.iter().map(|wanted| wanted.seat).collect();
        let takes = !change.swap.is_empty() || change.add.is_some();
        if seats.len() < basket.seats.len() || (!takes && ended.is_empty()) {
            return Err("validation /swap".to_owned());
        }
        let own: Vec<usize> = ended.iter().map(|index| items[*index].0.unit).collect();
        for &unit in &own {
            self.units[unit].owner = Owner::Nobody;
            let is_taken_anew = seats.iter().any(|seat| Place::Seat(*seat) == self.units[unit].place);
            if let (Some(to), false) = (&change.then, is_taken_anew) {
                self.reassign(unit, to);
            }
        }
        let mut added = Vec::new();
        if takes {
            self.on_sale(now, change.ignored)?;
            added = self.take(&basket, &own, (&change.channels, change.ignored, false), None)?;
        }
        let sum = |items: &mut dyn Iterator<Item = &Item>| items.map(|item| item.terms.2).sum::<i64>();
        let all = sum(&mut items.iter().map(|(item, _)| item)) + sum(&mut added.iter());
        if all > 1_000_000_000_000 {
            return Err("validation /add".to_owned());
        }
        let more = added.len().saturating_sub(ended.len());
        if more > 0 && !change.ignored.limits {
            before.within(buyer_text, *buyer, self.event.max_per_buyer, more)?;
            let keys = &before.orders[at].claims;
            let is_named = |key: &Digest| change.claims.iter().any(|claim| claim.key.digest == *key);
            if keys.iter().any(|key| key != buyer && !is_named(key)) {
                return Err("validation /limits".to_owned());
            }
            for claim in change.claims.iter().filter(|claim| keys.contains(&claim.key.digest)) {
                before.within(&claim.key.text, claim.key.digest, claim.max, more)?;
            }
        }
        ended.iter().for_each(|index| self.orders[at].items[*index].1 = false);
        for item in added {
            self.units[item.unit].owner = Owner::Order(at);
            self.orders[at].items.push((item, true));
        }
        self.orders[at].version += 1;
        Ok(())
    }

    pub(super) fn seat_characters(&self) -> String {
        let chart = self.event.chart().expect("a chart");
        chart
            .seats()
            .map(|at| self.unit_of(&chart.label(at)).expect("a seat of the chart"))
            .map(|unit| match unit.owner {
                Owner::Hold(_) => 'h',
                Owner::Order(_) => 's',
                Owner::Nobody if unit.channel.is_some() || self.is_cancelled() => 'b',
                Owner::Nobody => 'f',
            })
            .collect()
    }

    pub(super) fn area_counts(&self, area: usize) -> Counts {
        let mut counts = Counts::default();
        for unit in self.units.iter().filter(|unit| matches!(unit.place, Place::Area(at) if at.at() == area))
        {
            match unit.owner {
                Owner::Hold(_) => counts.held += 1,
                Owner::Order(_) => counts.sold += 1,
                Owner::Nobody if unit.channel.is_some() || self.is_cancelled() => counts.blocked += 1,
                Owner::Nobody => counts.free += 1,
            }
        }
        counts
    }

    pub(super) fn running(&self) -> BTreeMap<Serial, (Timestamp, BTreeMap<Terms, u32>)> {
        let active = self.holds.iter().filter(|hold| hold.state == State::Active);
        active
            .map(|hold| {
                let mut lines = BTreeMap::new();
                hold.items.iter().for_each(|item| *lines.entry(item.terms.clone()).or_default() += 1);
                (hold.serial, (hold.deadline, lines))
            })
            .collect()
    }

    /// How many tickets of an order are valid, and what they cost.
    pub(super) fn order(&self, serial: Serial) -> (usize, i64) {
        let order = self.orders.iter().find(|order| order.serial == serial).expect("an order");
        let valid = order.items.iter().filter(|(_, valid)| *valid);
        valid.fold((0, 0), |(count, sum), (item, _)| (count + 1, sum + item.terms.2))
    }
}
