//! What is sold in every kernel: the demo's arena, by pairs of seats in a random order that is always the same.

use std::sync::Arc;

use domain::chart::Chart;
use domain::command::{Actor, Command};
use domain::entry::Entry;
use domain::event::Event;
use domain::id::{ChartId, KeyId};
use domain::inventory::{Inventory, Limits, Moment, Records, Session};
use domain::place::SeatIndex;
use rand::seq::SliceRandom as _;
use testkit::clock::EPOCH;
use testkit::entropy::seeded;
use testkit::{ask, sale};

/// Bookings of one batch.
pub(crate) const BATCH: usize = 32;
/// Who asks.
pub(crate) const ACTOR: Actor = Actor::Key(KeyId(1));
/// Pairs of seats that somebody asks for, in every kernel that sells; the house has twice as many.
const PAIRS: usize = 5_120;

/// An arena of 20,000 seats on sale, and those who ask for them.
pub(crate) struct House {
    pub(crate) event: Arc<Event>,
    pub(crate) chart: Arc<Chart>,
    /// The seats of each pair; no seat is in two of them.
    pub(crate) pairs: Vec<[SeatIndex; 2]>,
}

impl House {
    pub(crate) fn new() -> Self {
        let document = server::demo::arena(server::demo::SEATS_DEFAULT);
        let chart = Arc::new(Chart::new(document.plan()).unwrap());
        let event = sale::event(1).chart(ChartId(1), chart.clone()).build();
        let mut seats: Vec<SeatIndex> = event.seats().collect();
        seats.shuffle(&mut seeded(1, 0));
        let pairs = seats.as_chunks().0[..PAIRS].to_vec();
        Self { event, chart, pairs }
    }

    pub(crate) fn inventory(&self) -> Inventory {
        Inventory::new(self.event.clone())
    }

    /// A buyer of each pair; those of another `crowd` are other people.
    pub(crate) fn bookings(&self, crowd: &str) -> Vec<Command> {
        let booking = |(at, pair): (usize, &[SeatIndex; 2])| {
            ask::book(&format!("{crowd}-{at:05}@example.org"), ask::seats(pair)).command
        };
        self.pairs.iter().enumerate().map(booking).collect()
    }
}

/// Books everything, and returns the entries of each commit.
pub(crate) fn sell(inventory: &mut Inventory, bookings: &[Command]) -> Vec<Vec<Entry>> {
    let mut limits = Limits::default();
    let batches = bookings.chunks(BATCH).map(|batch| {
        let mut session = session(inventory, &mut limits);
        for booking in batch {
            session.decide(booking, ACTOR, 1).unwrap();
        }
        session.entries
    });
    batches.collect()
}

/// A batch at the commit after the inventory's last.
pub(crate) fn session<'a>(inventory: &'a mut Inventory, limits: &'a mut Limits) -> Session<'a> {
    let moment = Moment { now: EPOCH, seq: inventory.seq().next() };
    Session::new(inventory, limits, Records::default(), moment)
}
