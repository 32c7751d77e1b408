//! What a store keeps is enough, and a store that lies does not sell.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{AreaRow, Hold, Inventory, Moment, Pool, Records, SeatRow, Session};
use super::script::run;
use super::stage::{Stage, assert_same};
use crate::command::{Actor, Cancel, Command, Confirm, Edit, Ignored, Selection};
use crate::entry::{Change, Entry, Kind};
use crate::id::{EventId, HoldId, OrderId, Seq, Serial, TicketId};
use crate::place::{Place, SeatIndex, Status};
use crate::rejection::{Missing, Rejection};
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
    let foreign = Entry::new(Kind::Event, Actor::System);
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

/// An entry of the script, spoilt and applied where it belongs; that must stop the process.
#[track_caller]
fn check_contradiction(at: usize, spoil: impl FnOnce(&mut Entry)) {
    let stage = stage();
    let mut inventory = Inventory::new(stage.born.clone());
    for commit in &stage.ledger[..at] {
        inventory.apply_commit(commit.seq, commit.at, &commit.entries);
    }
    let mut entry = stage.ledger[at].entries[0].clone();
    inventory.clone().apply(&entry, Timestamp(0));
    spoil(&mut entry);
    let applied = catch_unwind(AssertUnwindSafe(|| inventory.apply(&entry, Timestamp(0))));
    assert!(applied.is_err(), "an entry that contradicts the inventory was applied");
}

#[test]
fn an_entry_that_contradicts_the_inventory_stops_the_process() {
    let (block, hold, book) = (0, 1, 2);
    check_contradiction(hold, |entry| entry.changes[0].from = Status::Sold);
    check_contradiction(hold, |entry| entry.changes[0].version += 1);
    check_contradiction(hold, |entry| entry.changes[0].version -= 1);
    check_contradiction(hold, |entry| entry.changes[0].place = Place::Seat(SeatIndex(99)));
    fn of_area(entry: &mut Entry) -> &mut Change {
        let mut changes = entry.changes.iter_mut();
        changes.find(|change| matches!(change.place, Place::Area(_))).expect("a change of an area")
    }
    check_contradiction(book, |entry| of_area(entry).units = 8);
    check_contradiction(book, |entry| of_area(entry).from = Status::Sold);
    check_contradiction(block, |entry| of_area(entry).units = 11);
}

#[test]
fn an_identifier_of_another_attempt_names_nothing() {
    let mut stage = stage();
    let known_hold = stage.holds.values().next().expect("a hold").id;
    let known_order = stage.orders.values().next().expect("an order").id;
    let holds = [HoldId { salt: 0, ..known_hold }, HoldId { event: EventId(8), ..known_hold }];
    for hold in holds {
        let edit = Edit {
            hold,
            add: None,
            remove_seats: Vec::new(),
            remove_areas: Vec::new(),
            seconds: Some(700),
            is_public: false,
            pass: None,
            claims: Vec::new(),
            channels: Vec::new(),
            ignored: Ignored::default(),
        };
        let confirm =
            Confirm { hold, payment_ref: None, amount: None, buyer: None, reference: None, metadata: None };
        let answers = stage.batch(&[Command::Edit(edit), Command::Confirm(confirm), Command::Release(hold)]);
        for answer in answers {
            assert_eq!(answer.unwrap_err(), Rejection::NotFound(Missing::Hold));
        }
    }
    for order in [OrderId { salt: 0, ..known_order }, OrderId { event: EventId(8), ..known_order }] {
        let cancel = |selection| Command::Cancel(Cancel { order, selection, then: None });
        let answers = stage.batch(&[cancel(Selection::All)]);
        assert_eq!(answers[0].as_ref().unwrap_err(), &Rejection::NotFound(Missing::Order));
        let selection = Selection::Tickets(vec![TicketId { order, index: 0 }]);
        let cancel = Command::Cancel(Cancel { order: known_order, selection, then: None });
        let answers = stage.batch(&[cancel]);
        assert_eq!(answers[0].as_ref().unwrap_err(), &Rejection::NotFound(Missing::Ticket));
    }
}

#[test]
fn kinds_have_the_names_they_say() {
    for (kind, name) in Kind::ALL {
        assert_eq!(kind.as_str(), name);
        assert_eq!(Kind::from_name(name), Some(kind));
    }
    assert_eq!(Kind::from_name("holds"), None);
}
