//! Random commands over a small world: few places, few buyers, few channels, so that everything collides.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::script::event_of;
use super::super::stage::key;
use crate::basket::{AreaWanted, Basket, PartyWanted, SeatWanted};
use crate::command::{
    Assign, Assignment, Cancel, ChangeOrder, Claim, Command, Confirm, Edit, Ignored, Payment, Purchase,
    Selection, Swap,
};
use crate::event::{Area, Event, EventPatch, EventStatus, NewChart, SaleWindow};
use crate::id::{ChartId, EventId, HoldId, OrderId, Serial, TicketId};
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use crate::time::Timestamp;

pub(super) const BUYERS: [&str; 3] = ["ann", "bob", "eve"];
/// Further limit keys; one of them is also a buyer.
pub(super) const CLAIMS: [&str; 4] = ["promo", "ip1", "ip2", "ann"];
/// Seats that some chart or other has; the first one has seven.
const SEATS: u32 = 9;
/// Charts to move to, by number from 1: the first is the event's own.
const CHARTS: [&[&str]; 3] = [
    &["seats A-1 4 accessible=4 companion=3", "seats A-2 3"],
    // Without A-1-4 and A-2-3, with another row in front.
    &["seats A-3 2", "seats A-2 2", "seats A-1 3 accessible=3 companion=2"],
    &["seats A-1 4 accessible=1", "seats A-3 1", "seats A-2 3"],
];
const TYPES: [Option<&str>; 4] = [None, Some("adult"), Some("child"), Some("staff")];

/// What was made so far, for later steps to name.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) holds: Vec<HoldId>,
    pub(super) orders: Vec<OrderId>,
}

/// Places on terms, in numbers that any world can make sense of.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    seats: Vec<(u32, u8)>,
    areas: Vec<(u16, u32, u8)>,
    party: Option<(Vec<u8>, u8)>,
    price: Option<i64>,
}

/// Who asks, and by which rules.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    buyer: usize,
    claims: Vec<(usize, u32, bool)>,
    channels: u8,
    ignored: u8,
    is_public: bool,
}

/// One random step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Tick(i64),
    Hold(Wanted, Manner, Option<u32>),
    Book(Wanted, Manner),
    Edit {
        hold: usize,
        add: Option<Wanted>,
        remove: (Vec<u32>, Vec<(u16, u32, u8)>),
        seconds: Option<u32>,
        manner: Manner,
    },
    Release(usize),
    Confirm {
        hold: usize,
        pay: u8,
        amount: Option<i64>,
        buyer: Option<usize>,
    },
    Cancel {
        order: usize,
        selection: u8,
        places: Vec<u32>,
        then: u8,
    },
    Change {
        order: usize,
        version: Option<u32>,
        swap: Vec<(u16, u32, Option<u8>)>,
        add: Option<Wanted>,
        cancel: Vec<u16>,
        then: u8,
        manner: Manner,
    },
    Assign {
        seats: Vec<u32>,
        areas: Vec<(u16, u32)>,
        from: u8,
        to: u8,
        whole: bool,
    },
    Status(u8),
    Limit(Option<u32>),
    Window(Option<i64>, Option<i64>),
    Grow(u8, u32),
    Move(u8),
    /// Nobody could do anything in the time that the ticks of its batch take.
    Outage,
    Sweep,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let seats = proptest::collection::vec((0..SEATS, 0..4_u8), 0..4);
    let areas = proptest::collection::vec((0..2_u16, 1..4_u32, 0..4_u8), 0..3);
    let price = proptest::option::weighted(0.1, prop_oneof![0..200_i64, Just(1_000_000_000_000)]);
    let party = proptest::option::weighted(0.2, (proptest::collection::vec(0..3_u8, 1..4), 0..32_u8));
    (seats, areas, party, price).prop_map(|(seats, areas, party, price)| Wanted {
        seats,
        areas,
        party,
        price,
    })
}

fn manner() -> impl Strategy<Value = Manner> {
    let claims = proptest::collection::vec((0..CLAIMS.len(), 1..6_u32, any::<bool>()), 0..3);
    let ignored = prop_oneof![5 => Just(0_u8), 1 => 0..8_u8];
    (0..BUYERS.len(), claims, 0..4_u8, ignored, any::<bool>()).prop_map(
        |(buyer, claims, channels, ignored, is_public)| Manner {
            buyer,
            claims,
            channels,
            ignored,
            is_public,
        },
    )
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    use proptest::collection::vec;
    use proptest::option::{of, weighted};
    let seconds = || weighted(0.7, 1..40_u32);
    let remove = (vec(0..SEATS, 0..3), vec((0..2_u16, 0..4_u32, 0..4_u8), 0..2));
    let edit = (0..8_usize, weighted(0.7, wanted()), remove, weighted(0.4, 1..40_u32), manner())
        .prop_map(|(hold, add, remove, seconds, manner)| Step::Edit { hold, add, remove, seconds, manner });
    let confirm = (0..8_usize, 0..2_u8, weighted(0.2, 0..400_i64), weighted(0.3, 0..BUYERS.len()))
        .prop_map(|(hold, pay, amount, buyer)| Step::Confirm { hold, pay, amount, buyer });
    let cancel = (0..8_usize, 0..3_u8, vec(0..SEATS + 2, 1..4), 0..8_u8)
        .prop_map(|(order, selection, places, then)| Step::Cancel { order, selection, places, then });
    let swap = vec((0..5_u16, 0..SEATS + 2, weighted(0.3, 0..4_u8)), 0..3);
    let change = (
        0..8_usize,
        weighted(0.1, 1..4_u32),
        swap,
        weighted(0.3, wanted()),
        vec(0..5_u16, 0..2),
        0..8_u8,
        manner(),
    )
        .prop_map(|(order, version, swap, add, cancel, then, manner)| Step::Change {
            order,
            version,
            swap,
            add,
            cancel,
            then,
            manner,
        });
    let assign =
        (vec(0..SEATS, 0..4), vec((0..2_u16, 0..4_u32), 0..3), 0..3_u8, 0..3_u8, weighted(0.2, Just(())))
            .prop_map(|(seats, areas, from, to, whole)| Step::Assign {
                seats,
                areas,
                from,
                to,
                whole: whole.is_some(),
            });
    prop_oneof![
        4 => (0..30_i64).prop_map(Step::Tick),
        10 => (wanted(), manner(), seconds()).prop_map(|(wanted, manner, seconds)| Step::Hold(wanted, manner, seconds)),
        4 => (wanted(), manner()).prop_map(|(wanted, manner)| Step::Book(wanted, manner)),
        8 => edit,
        3 => (0..8_usize).prop_map(Step::Release),
        5 => confirm,
        4 => cancel,
        6 => change,
        4 => assign,
        1 => prop_oneof![8 => 0..4_u8, 1 => Just(4)].prop_map(Step::Status),
        1 => of(1..7_u32).prop_map(Step::Limit),
        1 => (weighted(0.3, 0..100_i64), weighted(0.3, 100..400_i64)).prop_map(|(o, c)| Step::Window(o, c)),
        1 => (0..4_u8, 0..3_u32).prop_map(|(area, units)| Step::Grow(area, units)),
        2 => (1..4_u8).prop_map(Step::Move),
        1 => Just(Step::Outage),
        2 => Just(Step::Sweep),
    ]
}

fn channel(at: u8) -> Assignment {
    match at {
        0 => Assignment::Public,
        1 => Assignment::Channel(ChannelKey("x".into())),
        _ => Assignment::Channel(ChannelKey("y".into())),
    }
}

/// A seat that the event has, or had.
fn seat(at: u32, event: &Event) -> SeatIndex {
    let known = event.seating.as_ref().map_or(1, |seating| seating.seats_len());
    SeatIndex(at % u32::try_from(known).unwrap_or(1))
}

/// A seat, or one of the two areas after them.
fn place(at: &u32, event: &Event) -> Place {
    match at.checked_sub(SEATS) {
        None => Place::Seat(seat(*at, event)),
        Some(area) => Place::Area(AreaIndex(u16::try_from(area).unwrap_or(0))),
    }
}

fn ticket_type(at: u8) -> Option<String> {
    TYPES[usize::from(at)].map(str::to_owned)
}

impl Wanted {
    /// A basket as resolving names would make it: without duplicates.
    fn basket(&self, event: &Event) -> Basket {
        if let Some((types, filters)) = &self.party {
            let has = |bit: u8| filters >> bit & 1 != 0;
            return Basket {
                best_available: Some(PartyWanted {
                    ticket_types: types.iter().map(|at| ticket_type(*at)).collect(),
                    categories: has(0).then(|| vec![0]),
                    sections: has(1).then(|| vec![0]),
                    chart: event.chart_id(),
                    accessible: has(2) && has(3),
                    adjacent: has(4),
                    channel: None,
                }),
                ..Basket::default()
            };
        }
        let mut seats: Vec<SeatWanted> = Vec::new();
        for &(number, at) in &self.seats {
            let seat = seat(number, event);
            if !seats.iter().any(|known| known.seat == seat) {
                seats.push(SeatWanted {
                    seat,
                    ticket_type: ticket_type(at),
                    price: self.price.map(Amount),
                    code: None,
                });
            }
        }
        let areas = self.areas.iter().map(|&(area, quantity, at)| AreaWanted {
            area: AreaIndex(area),
            quantity,
            ticket_type: ticket_type(at),
            price: self.price.map(Amount),
            codes: Vec::new(),
        });
        let mut basket = Basket { seats, areas: areas.collect(), best_available: None };
        if basket.seats.is_empty() && basket.areas.is_empty() {
            basket.seats.push(SeatWanted { seat: SeatIndex(0), ticket_type: None, price: None, code: None });
        }
        basket
    }
}

impl Manner {
    fn channels(&self) -> Vec<ChannelKey> {
        let keys = ["x", "y"].iter().zip(0..).filter(|(_, bit)| self.channels >> bit & 1 != 0);
        keys.map(|(key, _)| ChannelKey((*key).into())).collect()
    }

    fn ignored(&self) -> Ignored {
        let has = |bit: u8| self.ignored >> bit & 1 != 0;
        Ignored { sale_window: has(0), limits: has(1), channels: has(2) }
    }

    fn claims(&self) -> Vec<Claim> {
        let claim = |&(at, max, held_only): &(usize, u32, bool)| Claim {
            key: key(CLAIMS[at]),
            max: Some(max),
            held_only: held_only && at != 0,
        };
        self.claims.iter().map(claim).collect()
    }

    fn purchase(&self, wanted: &Wanted, event: &Event) -> Purchase {
        Purchase {
            buyer: key(BUYERS[self.buyer]),
            claims: self.claims(),
            basket: wanted.basket(event),
            channels: self.channels(),
            ignored: self.ignored(),
            is_public: self.is_public,
            pass: None,
            metadata: None,
            reference: None,
        }
    }
}

impl Step {
    /// How far a tick moves the clock.
    pub(super) fn seconds(&self) -> Option<i64> {
        match self {
            Self::Tick(seconds) => Some(*seconds),
            _ => None,
        }
    }

    /// The change that a step is, of this order; none for other steps.
    fn change(&self, order: OrderId, event: &Event) -> Option<ChangeOrder> {
        let Self::Change { version, swap, add, cancel, then, manner, .. } = self else { return None };
        let ticket = |index: u16| TicketId { order, index };
        let swap = swap.iter().map(|&(index, to, terms)| Swap {
            ticket: ticket(index),
            to: place(&to, event),
            ticket_type: terms.and_then(ticket_type),
            price: terms.filter(|terms| *terms == 3).map(|_| Amount(7)),
            code: None,
        });
        Some(ChangeOrder {
            order,
            version: *version,
            swap: swap.collect(),
            add: add
                .as_ref()
                .map(|wanted| wanted.basket(event))
                .filter(|basket| basket.best_available.is_none()),
            cancel: cancel.iter().copied().map(ticket).collect(),
            then: (*then < 3).then(|| channel(*then)),
            payment_ref: None,
            claims: manner.claims(),
            channels: manner.channels(),
            ignored: manner.ignored(),
        })
    }

    /// The command that a step is in this world; none for a tick.
    pub(super) fn command(&self, world: &World, event: &Event) -> Option<Command> {
        // The latest few are the most interesting; sometimes one that never was.
        let nobody = HoldId { event: EventId(7), serial: Serial(3), salt: 9 };
        let hold = |at: usize| world.holds.iter().rev().nth(at).copied().unwrap_or(nobody);
        let none = OrderId { event: EventId(7), serial: Serial(3), salt: 9 };
        let order = |at: usize| world.orders.iter().rev().nth(at).copied().unwrap_or(none);
        let patch = |patch: EventPatch| Command::Configure(Box::new(patch));
        Some(match self {
            Self::Tick(_) | Self::Outage => return None,
            Self::Hold(wanted, manner, seconds) => {
                Command::Hold { purchase: manner.purchase(wanted, event), seconds: *seconds }
            }
            Self::Book(wanted, manner) => {
                Command::Book { purchase: manner.purchase(wanted, event), payment: Payment::default() }
            }
            Self::Edit { hold: at, add, remove: (seats, areas), seconds, manner } => Command::Edit(Edit {
                hold: hold(*at),
                add: add
                    .as_ref()
                    .map(|wanted| wanted.basket(event))
                    .filter(|basket| basket.best_available.is_none()),
                remove_seats: seats.iter().map(|at| seat(*at, event)).collect(),
                remove_areas: areas
                    .iter()
                    .map(|&(area, quantity, at)| (AreaIndex(area), quantity, ticket_type(at)))
                    .collect(),
                seconds: *seconds,
                is_public: manner.is_public,
                pass: None,
                claims: manner.claims(),
                channels: manner.channels(),
                ignored: manner.ignored(),
            }),
            Self::Release(at) => Command::Release(hold(*at)),
            Self::Confirm { hold: at, pay, amount, buyer } => Command::Confirm(Confirm {
                hold: hold(*at),
                payment_ref: (*pay > 0).then(|| Arc::from("p1")),
                amount: amount.map(Amount),
                buyer: buyer.map(|at| key(BUYERS[at])),
                reference: None,
                metadata: None,
            }),
            Self::Cancel { order: at, selection, places, then } => {
                let order = order(*at);
                let ticket = |at: &u32| TicketId { order, index: u16::try_from(*at).unwrap_or(0) };
                let selection = match selection {
                    0 => Selection::All,
                    1 => Selection::Tickets(places.iter().map(ticket).collect()),
                    _ => Selection::Places(places.iter().map(|at| place(at, event)).collect()),
                };
                Command::Cancel(Cancel { order, selection, then: (*then < 3).then(|| channel(*then)) })
            }
            Self::Change { order: at, .. } => Command::Change(self.change(order(*at), event)?),
            Self::Assign { seats, areas, from, to, whole } => Command::Assign(Assign {
                seats: seats.iter().map(|at| seat(*at, event)).collect(),
                areas: areas.iter().map(|&(area, quantity)| (AreaIndex(area), quantity)).collect(),
                whole_channel: if *whole { channel(*from).channel().cloned() } else { None },
                from: channel(*from),
                to: channel(*to),
                note: None,
            }),
            Self::Status(at) => {
                let all = [EventStatus::Open, EventStatus::Paused, EventStatus::Closed, EventStatus::Open];
                let status = all.get(usize::from(*at)).copied().unwrap_or(EventStatus::Cancelled);
                let open = event.status != EventStatus::Open && status != EventStatus::Cancelled;
                patch(EventPatch {
                    status: Some(if open { EventStatus::Open } else { status }),
                    ..EventPatch::default()
                })
            }
            Self::Limit(max) => patch(EventPatch { max_per_buyer: Some(*max), ..EventPatch::default() }),
            Self::Window(opens, closes) => {
                let instant = |seconds: i64| Timestamp(seconds * 1_000);
                let sale = SaleWindow { opens_at: opens.map(instant), closes_at: closes.map(instant) };
                patch(EventPatch { sale: Some(sale), ..EventPatch::default() })
            }
            Self::Grow(area, units) => {
                let own = event.areas.iter().filter(|area| !area.of_chart);
                let key = |area: &Area| event.categories[usize::from(area.category)].to_string();
                let mut areas: Vec<_> =
                    own.map(|area| (area.name.to_string(), area.capacity, key(area))).collect();
                if let Some((_, capacity, _)) = areas.get_mut(usize::from(*area)) {
                    *capacity += units;
                }
                patch(EventPatch { areas: Some(areas), ..EventPatch::default() })
            }
            Self::Move(at) => {
                let chart = event_of(CHARTS[usize::from(at - 1)]).seating.expect("a chart").chart().clone();
                let chart = Some(NewChart::new(ChartId(u64::from(*at)), chart, event));
                patch(EventPatch { chart, ..EventPatch::default() })
            }
            Self::Sweep => Command::Sweep,
        })
    }
}
