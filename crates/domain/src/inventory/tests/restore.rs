//! What a store keeps is enough, and a store that lies does not sell.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::super::{AreaRow, Hold, Inventory, Moment, Pool, Records, SeatRow, Session};
use super::script::run;
use super::stage::{Stage, assert_same};
use crate::entry::{Entry, Kind};
use crate::id::{Seq, Serial};
use crate::place::Status;
use crate::time::Timestamp;

const SCRIPT: &str = "seats A-1 5
    area Floor 10
    block house A-1-1 Floor*7
    hold h1 bob A-1-1 A-1-2 Floor*5 channels=house
    book o1 eve A-1-3 Floor*1 channels=house
    hold h2 ann A-1-5";

fn stage() -> Stage {
    let (told, stage) = run(SCRIPT);
    assert_eq!(told.lines().filter(|line| line.contains("-> ")).count(), 4, "{told}");
    stage.audit_history();
    stage
}

/// A store's rows, spoilt; restoring from them must fail.
#[track_caller]
fn check_lie(spoil: impl FnOnce(&mut Vec<SeatRow>, &mut Vec<AreaRow>, &mut Vec<Hold>)) {
    let stage = stage();
    let inventory = &stage.settled;
    let mut seats: Vec<SeatRow> = inventory.seat_rows().collect();
    let mut areas: Vec<AreaRow> = inventory.area_rows().collect();
    let mut holds: Vec<Hold> = inventory.holds().cloned().collect();
    spoil(&mut seats, &mut areas, &mut holds);
    let restored = catch_unwind(AssertUnwindSafe(|| {
        Inventory::restore(inventory.event().clone(), inventory.seq(), seats, areas, holds)
    }));
    assert!(restored.is_err(), "rows that contradict each other were believed");
}

#[test]
fn a_store_that_lies_does_not_sell() {
    check_lie(|_, _, holds| drop(holds.pop()));
    check_lie(|_, _, holds| holds[0].lines[0].place = holds[1].lines[0].place);
    check_lie(|seats, _, _| seats[0].status = Status::Sold);
    check_lie(|seats, _, _| seats[0].owner = Serial(1));
    check_lie(|seats, _, _| drop(seats.remove(0)));
    check_lie(|seats, _, _| {
        let sold = seats.iter_mut().find(|row| row.status == Status::Sold).expect("a sold seat");
        sold.status = Status::Held;
    });
    check_lie(|_, areas, _| areas[0].pool.units += 1);
    check_lie(|_, areas, _| areas[0].pool.held -= 1);
    check_lie(|_, areas, _| areas[0].pool = Pool { units: 3, held: 3, sold: 1 });
    check_lie(|_, areas, _| areas[0].pool.sold = u32::MAX);
    check_lie(|_, areas, _| drop(areas.pop()));
    check_lie(|_, _, holds| {
        let line = holds[0].lines.iter_mut().find(|line| line.channel.is_some() && line.units == 2);
        line.expect("units of a channel").channel = None;
    });
}

#[test]
fn a_desk_follows_others_after_its_own_commits() {
    // Two nodes take turns: each replays what the other decided, and decides on top of it.
    let (_, theirs) = run(SCRIPT);
    let mut ours = Inventory::new(theirs.born.clone());
    for commit in &theirs.ledger {
        ours.apply_commit(commit.seq, commit.at, &commit.entries);
    }
    let mut draft = theirs.draft.clone();
    assert_same(&draft, &ours);
    let foreign = Entry::new(Kind::Event, crate::command::Actor::System);
    let next = draft.seq().next();
    draft.apply_commit(next, Timestamp(0), [&foreign]);
    assert_eq!(draft.seq(), next);
}

#[test]
fn commits_are_applied_in_order_only() {
    let stage = stage();
    let moment = |seq| Moment { now: Timestamp(0), seq };
    for seq in [Seq(0), stage.settled.seq(), stage.settled.seq().next().next()] {
        let mut settled = stage.settled.clone();
        let applied = catch_unwind(AssertUnwindSafe(|| settled.apply_commit(seq, Timestamp(0), [])));
        assert!(applied.is_err(), "commit {seq} was applied");
        let (mut settled, mut limits) = (stage.settled.clone(), stage.limits.clone());
        let decided = catch_unwind(AssertUnwindSafe(|| {
            drop(Session::new(&mut settled, &mut limits, Records::default(), moment(seq)));
        }));
        assert!(decided.is_err(), "batch {seq} was decided");
    }
}

#[test]
fn an_entry_that_contradicts_the_inventory_stops_the_process() {
    let stage = stage();
    for commit in &stage.ledger {
        let mut settled = stage.settled.clone();
        let entry = commit.entries[0].clone();
        let applied = catch_unwind(AssertUnwindSafe(|| settled.apply(&entry, commit.at)));
        assert!(applied.is_err(), "an entry was applied twice: {entry:?}");
    }
}

#[test]
fn kinds_have_the_names_they_say() {
    for (kind, name) in Kind::ALL {
        assert_eq!(kind.as_str(), name);
        assert_eq!(Kind::from_name(name), Some(kind));
    }
    assert_eq!(Kind::from_name("holds"), None);
    assert!(Arc::strong_count(&stage().born) > 0);
}
