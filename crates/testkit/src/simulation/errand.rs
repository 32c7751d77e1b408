//! What a client may want, drawn at random.

use std::sync::Arc;

use domain::basket::{AreaWanted, Basket, PartyWanted, SeatWanted};
use domain::command::{
    Assign, Assignment, Cancel, ChangeOrder, Claim, Command, Confirm, Edit, Ignored, Payment, Purchase,
    Selection, Swap,
};
use domain::event::{Area, Event, EventPatch, EventStatus, NewChart};
use domain::id::{ChartId, HoldId, OrderId, TicketId};
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use engine::request::Request;
use rand::RngExt as _;

use crate::ask;
use crate::entropy::SeededRng;
use crate::hall::hall;

/// The units that the promotion's counter allows, over all buyers.
pub(super) const PROMOTION_MAX: u32 = 6;
/// The promotion's limit key.
pub(super) const PROMOTION: &str = "promotion";

/// What a client has and knows.
#[derive(Debug, Default)]
pub(super) struct Belongings {
    pub(super) holds: Vec<(usize, HoldId)>,
    pub(super) orders: Vec<(usize, OrderId)>,
}

/// One thing wanted of one event.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    /// The event's position among the plan's.
    pub(super) event: usize,
    pub(super) request: Request,
    pub(super) name: &'static str,
}

/// Draws errands for one client.
#[derive(Debug)]
pub(super) struct Wishes<'a> {
    pub(super) rng: &'a mut SeededRng,
    pub(super) events: &'a [Arc<Event>],
    pub(super) buyer: String,
    /// Whether this client may also do what only organizers may.
    pub(super) is_organizer: bool,
    /// Makes references and codes unlike those of others, mostly.
    pub(super) number: u64,
}

impl Wishes<'_> {
    pub(super) fn next(&mut self, belongings: &mut Belongings) -> Errand {
        let event = self.rng.random_range(0..self.events.len());
        let new = |name, command| Errand { event, request: ask::request(command), name };
        match self.rng.random_range(0..100) {
            0..8 if self.is_organizer => self.assign(event),
            8..14 if self.is_organizer => {
                let patch = self.patch(event);
                let name = if patch.chart.is_some() { "move" } else { "configure" };
                new(name, Command::Configure(Box::new(patch)))
            }
            0..40 => {
                let purchase = self.purchase(event);
                let seconds = self.rng.random_bool(0.3).then(|| self.rng.random_range(1..=8));
                let mut errand = new("hold", Command::Hold { purchase, seconds });
                self.label(&mut errand.request);
                errand
            }
            40..55 => {
                let purchase = self.purchase(event);
                let mut errand = new("book", Command::Book { purchase, payment: Payment::default() });
                self.label(&mut errand.request);
                errand
            }
            55..88 if !belongings.holds.is_empty() => self.with_hold(belongings),
            88.. if !belongings.orders.is_empty() => self.with_order(belongings),
            _ => new("hold", Command::Hold { purchase: self.purchase(event), seconds: None }),
        }
    }

    fn with_hold(&mut self, belongings: &mut Belongings) -> Errand {
        let at = self.rng.random_range(0..belongings.holds.len());
        let (event, hold) = belongings.holds[at];
        let new = |name, command| Errand { event, request: ask::request(command), name };
        match self.rng.random_range(0..100) {
            0..50 => {
                // Sometimes it is asked for again, which is no fault.
                if self.rng.random_bool(0.8) {
                    belongings.holds.swap_remove(at);
                }
                let mut errand = new("confirm", Command::Confirm(self.confirm(hold)));
                self.label(&mut errand.request);
                errand
            }
            50..65 => {
                belongings.holds.swap_remove(at);
                new("release", Command::Release(hold))
            }
            65..80 => {
                let seconds = Some(self.rng.random_range(1..=9));
                new("extend", Command::Edit(Edit { seconds, ..ask::edit(hold) }))
            }
            _ => new("edit", Command::Edit(self.edit(event, hold))),
        }
    }

    fn with_order(&mut self, belongings: &mut Belongings) -> Errand {
        let at = self.rng.random_range(0..belongings.orders.len());
        let (event, order) = belongings.orders[at];
        if self.rng.random_bool(0.5) {
            let request = ask::request(Command::Change(self.change(event, order)));
            return Errand { event, request, name: "change" };
        }
        let selection = if self.rng.random_bool(0.5) {
            Selection::All
        } else {
            Selection::Tickets(vec![TicketId { order, index: self.rng.random_range(0..2) }])
        };
        let then = self.rng.random_bool(0.1).then(|| Assignment::Channel(house()));
        let command = Command::Cancel(Cancel { order, selection, then });
        Errand { event, request: ask::request(command), name: "cancel" }
    }

    fn change(&mut self, event: usize, order: OrderId) -> ChangeOrder {
        let ticket = |index| TicketId { order, index };
        let mut swap = Vec::new();
        if self.rng.random_bool(0.8) {
            let to = Place::Seat(self.seat(event));
            let ticket = ticket(self.rng.random_range(0..3));
            swap.push(Swap { ticket, to, ticket_type: None, price: None, code: None });
        }
        let add = self.rng.random_bool(0.3).then(|| self.basket(event));
        let cancel = if self.rng.random_bool(0.2) { vec![ticket(0)] } else { Vec::new() };
        ChangeOrder {
            order,
            version: self.rng.random_bool(0.2).then_some(1),
            swap,
            add,
            cancel,
            then: self.rng.random_bool(0.1).then(|| Assignment::Channel(house())),
            payment_ref: None,
            claims: if self.rng.random_bool(0.7) { vec![claim(false)] } else { Vec::new() },
            channels: Vec::new(),
            ignored: Ignored::default(),
        }
    }

    fn confirm(&mut self, hold: HoldId) -> Confirm {
        let buyer = self.rng.random_bool(0.1).then(|| ask::buyer_key("somebody else"));
        Confirm {
            hold,
            payment_ref: Some(Arc::from(format!("payment {}", self.number))),
            amount: None,
            buyer,
            reference: None,
            metadata: None,
        }
    }

    fn edit(&mut self, event: usize, hold: HoldId) -> Edit {
        let add = self.rng.random_bool(0.7).then(|| self.basket(event));
        let remove = self.rng.random_bool(0.5).then(|| self.seat(event));
        let areas = self.rng.random_bool(0.2).then_some((AreaIndex(0), 1, None));
        let seconds = self.rng.random_bool(0.3).then(|| self.rng.random_range(1..=9));
        Edit {
            add,
            remove_seats: remove.into_iter().collect(),
            remove_areas: areas.into_iter().collect(),
            seconds,
            claims: vec![claim(false), claim(true)],
            ..ask::edit(hold)
        }
    }

    fn purchase(&mut self, event: usize) -> Purchase {
        let basket = self.basket(event);
        let mut purchase = ask::purchase(&self.buyer, basket);
        if self.rng.random_bool(0.1) {
            purchase.claims.push(claim(self.rng.random_bool(0.5)));
        }
        if self.rng.random_bool(0.1) {
            purchase.channels.push(house());
        }
        if self.is_organizer && self.rng.random_bool(0.2) {
            purchase.is_public = false;
            purchase.ignored.limits = self.rng.random_bool(0.5);
            purchase.ignored.sale_window = self.rng.random_bool(0.5);
        }
        purchase
    }

    fn basket(&mut self, event: usize) -> Basket {
        let event_at = event;
        let event = self.events[event_at].clone();
        match self.rng.random_range(0..100) {
            0..50 => {
                let mut seats: Vec<SeatIndex> =
                    (0..self.rng.random_range(1..=3)).map(|_| self.seat(event_at)).collect();
                seats.sort_unstable();
                seats.dedup();
                let mut basket = ask::seats(&seats);
                if self.rng.random_bool(0.2) {
                    basket.areas = self.units(&event).areas;
                }
                basket
            }
            50..75 => self.units(&event),
            _ => {
                let types = (0..self.rng.random_range(1..=4)).map(|_| None).collect();
                let party = PartyWanted {
                    ticket_types: types,
                    categories: self.rng.random_bool(0.3).then(|| vec![self.rng.random_range(0..2)]),
                    sections: self.rng.random_bool(0.1).then(|| vec![0]),
                    chart: event.chart_id(),
                    accessible: self.rng.random_bool(0.1),
                    adjacent: self.rng.random_bool(0.2),
                    channel: None,
                };
                Basket { best_available: Some(party), ..Basket::default() }
            }
        }
    }

    fn units(&mut self, event: &Event) -> Basket {
        let areas = u16::try_from(event.areas.len()).unwrap_or(1);
        let area = AreaIndex(self.rng.random_range(0..areas));
        let mut basket = ask::units(area, self.rng.random_range(1..=3));
        if self.rng.random_bool(0.2) {
            let child = AreaWanted { ticket_type: Some("child".to_owned()), ..basket.areas[0].clone() };
            basket.areas.push(child);
        }
        basket
    }

    /// A seat; the first ones are wanted by everybody.
    fn seat(&mut self, event: usize) -> SeatIndex {
        let seats = u32::try_from(self.events[event].seats_len()).unwrap_or(1);
        let hot = if self.rng.random_bool(0.5) { seats.min(3) } else { seats };
        SeatIndex(self.rng.random_range(0..hot))
    }

    /// Gives a request a reference or a code, now and then one that somebody else may use.
    fn label(&mut self, request: &mut Request) {
        let text = |rng: &mut SeededRng, number| match rng.random_bool(0.4) {
            true => format!("common {}", rng.random_range(0..3)),
            false => format!("own {number}"),
        };
        if self.rng.random_bool(0.3) && !matches!(request.command, Command::Hold { .. }) {
            *request = ask::with_ref(request.clone(), &text(self.rng, self.number));
        }
        if self.rng.random_bool(0.5) && matches!(request.command, Command::Book { .. }) {
            *request = ask::with_code(request.clone(), &text(self.rng, self.number));
        }
    }

    fn assign(&mut self, event: usize) -> Errand {
        let seats = (0..self.rng.random_range(0..=3)).map(|_| self.seat(event)).collect();
        let areas = self.rng.random_bool(0.5).then(|| (AreaIndex(0), self.rng.random_range(1..=3)));
        let blocks = self.rng.random_bool(0.5);
        let whole = !blocks && self.rng.random_bool(0.3);
        let command = Command::Assign(Assign {
            seats,
            areas: areas.into_iter().collect(),
            whole_channel: whole.then(house),
            from: if blocks { Assignment::Public } else { Assignment::Channel(house()) },
            to: if blocks { Assignment::Channel(house()) } else { Assignment::Public },
            note: None,
        });
        Errand { event, request: ask::request(command), name: if blocks { "block" } else { "unblock" } }
    }

    fn patch(&mut self, event: usize) -> EventPatch {
        let mut patch = EventPatch::default();
        match self.rng.random_range(0..10) {
            0..3 => patch.status = Some(EventStatus::Paused),
            3..7 => patch.status = Some(EventStatus::Open),
            7 => patch.areas = Some(grown_areas(&self.events[event], self.rng.random_range(0..4))),
            8 if self.rng.random_bool(0.6) => {
                patch.chart = other_chart(&self.events[event], self.rng);
            }
            8 => patch.max_per_buyer = Some(Some(self.rng.random_range(2..=8))),
            // Once called off an event stays so: not in every run.
            _ if event >= 1 => patch.status = Some(EventStatus::Cancelled),
            _ => patch.name = Some(format!("Renamed {}", self.number)),
        }
        patch
    }
}

/// A chart like an event's first one, with a row or a column more or less. Its identifier tells its shape.
fn other_chart(event: &Event, rng: &mut SeededRng) -> Option<NewChart> {
    let chart = event.chart()?;
    let seats = chart.rows().first().map_or(1, |row| row.seats.len());
    let near = |of: usize, rng: &mut SeededRng| {
        let of = u32::try_from(of).unwrap_or(1);
        rng.random_range(of.saturating_sub(1).max(1)..=of + 1)
    };
    let (rows, seats) = (near(chart.rows().len(), rng), near(seats, rng));
    let mut hall = hall(rows, seats);
    for area in chart.areas() {
        hall = hall.area(&area.name, area.capacity);
    }
    let id = ChartId(event.id.0 * 10_000 + u64::from(rows) * 100 + u64::from(seats));
    Some(NewChart::new(id, hall.build(), event))
}

/// The areas of an event's own with some more units.
fn grown_areas(event: &Event, units: u32) -> Vec<(String, u32, String)> {
    let category = |area: &Area| event.categories[usize::from(area.category)].to_string();
    let own = event.areas.iter().filter(|area| !area.of_chart);
    own.map(|area| (area.name.to_string(), area.capacity + units, category(area))).collect()
}

/// The promotion's limit, or one on what is held alone.
fn claim(held_only: bool) -> Claim {
    let key = ask::buyer_key(if held_only { "cart" } else { PROMOTION });
    Claim { key, max: Some(PROMOTION_MAX), held_only }
}

fn house() -> ChannelKey {
    ChannelKey(Arc::from("house"))
}

/// What a request's basket wants.
pub(super) fn basket_of(command: &Command) -> Option<&Basket> {
    match command {
        Command::Hold { purchase, .. } | Command::Book { purchase, .. } => Some(&purchase.basket),
        Command::Edit(edit) => edit.add.as_ref(),
        Command::Change(change) => change.add.as_ref(),
        _ => None,
    }
}

/// A request in a few words.
pub(super) fn describe(errand: &Errand) -> String {
    let mut text = errand.name.to_owned();
    if let Some(basket) = basket_of(&errand.request.command) {
        let seats: Vec<u32> = basket.seats.iter().map(|wanted: &SeatWanted| wanted.seat.0).collect();
        let areas: Vec<(u16, u32)> =
            basket.areas.iter().map(|wanted| (wanted.area.0, wanted.quantity)).collect();
        let party = basket.best_available.as_ref().map(|party| {
            (party.ticket_types.len(), &party.categories, &party.sections, party.accessible, party.adjacent)
        });
        text += &format!(" seats {seats:?} areas {areas:?} party {party:?}");
    }
    match &errand.request.command {
        Command::Edit(edit) => text += &format!(" of {}", edit.hold),
        Command::Release(hold) => text += &format!(" of {hold}"),
        Command::Confirm(confirm) => text += &format!(" of {}", confirm.hold),
        Command::Cancel(cancel) => text += &format!(" of {}", cancel.order),
        Command::Change(change) => text += &format!(" of {}", change.order),
        _ => {}
    }
    text
}
