//! The kernels that know neither HTTP nor JSON: a glance, decisions, choosing seats, the ledger's row, applying a commit.

use std::hint::black_box;

use domain::best_available::{Wish, choose};
use domain::command::Command;
use domain::inventory::{FreeMap, Glance, Limits};
use engine::ledger::Position;
use engine::store::CommitWrite;
use testkit::clock::EPOCH;

use crate::counted;
use crate::house::{ACTOR, BATCH, House, sell, session};

/// A house whose pairs are all sold, and others who want them.
fn sold_out() -> (domain::inventory::Inventory, Vec<Command>) {
    let house = House::new();
    let mut inventory = house.inventory();
    sell(&mut inventory, &house.bookings("buyer"));
    (inventory, house.bookings("other"))
}

pub(crate) fn glance(count: usize) {
    let (inventory, wishes) = sold_out();
    counted(|| {
        for wish in wishes.iter().cycle().take(count) {
            let glance = inventory.glance(black_box(wish), EPOCH, |_| false);
            assert!(matches!(black_box(glance), Glance::Refused(_)), "a sold seat is refused");
        }
    });
}

pub(crate) fn decide_refusal(count: usize) {
    let (mut inventory, wishes) = sold_out();
    let mut limits = Limits::default();
    let mut session = session(&mut inventory, &mut limits);
    counted(|| {
        for wish in wishes.iter().cycle().take(count) {
            let decided = session.decide(black_box(wish), ACTOR, 1);
            assert!(black_box(decided).is_err(), "a sold seat is refused");
        }
    });
}

pub(crate) fn decide_booking(count: usize) {
    let house = House::new();
    let (mut inventory, mut limits) = (house.inventory(), Limits::default());
    let wishes = house.bookings("buyer");
    counted(|| {
        for batch in wishes[..count].chunks(BATCH) {
            let mut session = session(&mut inventory, &mut limits);
            for wish in batch {
                let decided = session.decide(black_box(wish), ACTOR, 1);
                assert!(black_box(decided).is_ok(), "a free seat can be had");
            }
            black_box(&session.entries);
        }
    });
}

pub(crate) fn best_available(count: usize) {
    let house = House::new();
    let mut free = FreeMap::new(&house.chart, |_| true);
    counted(|| {
        for party in (2..=4).cycle().take(count) {
            let wish =
                Wish { seats: party, categories: None, sections: None, accessible: false, adjacent: false };
            let seats = choose(&house.chart, &free, black_box(&wish)).unwrap();
            for seat in black_box(seats) {
                free.set(&house.chart, seat, false);
            }
        }
    });
}

pub(crate) fn write_ledger(count: usize) {
    let house = House::new();
    let commits = sell(&mut house.inventory(), &house.bookings("buyer"));
    let mut before = Position::default();
    counted(|| {
        for entries in commits.into_iter().take(count) {
            let write = CommitWrite::of(house.event.id, before, EPOCH, black_box(entries), 1);
            before = black_box(write).after;
        }
    });
}

pub(crate) fn apply(count: usize) {
    let house = House::new();
    let commits = sell(&mut house.inventory(), &house.bookings("buyer"));
    let mut inventory = house.inventory();
    counted(|| {
        for entries in &commits[..count] {
            inventory.apply_commit(inventory.seq().next(), EPOCH, black_box(entries));
        }
    });
}
