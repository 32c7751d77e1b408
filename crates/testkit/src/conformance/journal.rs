//! Checks on the journal: what is committed, loaded, and replayed.

use std::sync::Arc;

use domain::command::{Assign, Assignment, Cancel, Command, Selection};
use domain::entry::Kind;
use domain::event::{EventPatch, EventStatus, NewChart};
use domain::id::{ChartId, EventId, HoldId, OrderId, Seq, Serial};
use domain::inventory::{AreaRow, Inventory, Limits};
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use domain::record::HoldStatus;
use engine::fleet::Fleet;
use engine::ledger::{self, Head, Position};
use engine::restore::{Restored, begin_history};
use engine::store::{Store, TransactError};

use super::scribe::{KEEP_MS, Part, a_hall, commit, keep_event, keep_hall, key_of, load, restore, transact};
use crate::ask::{
    self, book, cancel, configure, confirm, edit, extend, hold, keyed, release, request, seats, units,
};

const FLOOR: AreaIndex = AreaIndex(0);

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

pub(super) async fn a_new_event_has_no_history(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale.max_per_buyer(4)).await;
    let snapshot = load(&*store, event.id).await;
    assert_eq!(snapshot.position, Position::default());
    assert!(snapshot.seats.is_empty() && snapshot.holds.is_empty());
    assert!(snapshot.limits.is_empty() && snapshot.keys.is_empty());
    assert_eq!(snapshot.event.max_per_buyer, Some(4));
    let (inventory, _) = restore(snapshot);
    assert_eq!(inventory.total_counts().free, 34, "24 seats and 10 units are free");
}

pub(super) async fn an_unknown_event_is_nowhere(store: Arc<dyn Store>) {
    let known = keep_event(&*store, 1, |sale| sale).await;
    let unknown = EventId(99);
    assert!(store.load(unknown, KEEP_MS).await.expect("a load").is_none());
    assert!(store.event(unknown).await.expect("a look").is_none());
    assert!(store.tail(unknown, Seq(0), 10).await.expect("a tail").is_empty());
    let (serial, salt) = (Serial::new(Seq(1), 0), 7);
    let hold = store.hold(HoldId { event: unknown, serial, salt }).await;
    assert!(hold.expect("a look").is_none());
    let order = store.order(OrderId { event: unknown, serial, salt }).await;
    assert!(order.expect("a look").is_none());
    assert!(store.stored_reply(unknown, serial).await.expect("a look").is_none());
    assert!(!store.delete_event(unknown).await.expect("a deletion"));
    let positions = store.positions(vec![unknown, known.id]).await.expect("positions");
    assert_eq!(positions.positions, [(known.id, Position::default())], "events that are gone are left out");
}

pub(super) async fn a_commit_is_kept_as_it_was_written(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let asked = keyed(hold("Ada", seats(&[seat(0), seat(1)])), "key");
    let committed = commit(&*store, event.id, vec![asked.clone()]).await;
    let write = committed.write.clone().expect("a hold is a commit");
    let snapshot = load(&*store, event.id).await;
    assert_eq!(snapshot.position, write.after);
    let written: Vec<_> = write.seats.iter().map(|(_, row)| row.clone()).collect();
    assert_eq!(snapshot.seats, written);
    assert_eq!(snapshot.keys, write.keys);
    let [(digest, surrogate, used)] = &*snapshot.limits else { panic!("one buyer has units") };
    assert_eq!((digest, surrogate, *used), (&write.mappings[0].digest, &write.mappings[0].surrogate, 2));
    let [running] = &*snapshot.holds else { panic!("one hold runs") };
    assert_eq!((running.id, running.buyer, running.units()), (write.holds[0].id, *surrogate, 2));
    assert_eq!((running.deadline, running.created_at), (write.holds[0].deadline, write.at));
    assert_eq!(running.claims, [(*surrogate, false)]);
    assert_eq!(running.lines, write.holds[0].lines);
    assert_eq!(store.hold(write.holds[0].id).await.expect("a look").as_ref(), write.holds.first());
    let [row] = &*store.tail(event.id, Seq(0), 10).await.expect("a tail") else { panic!("one commit") };
    assert_eq!((row.seq, row.at, row.head), (write.after.seq, write.at, write.after.head));
    assert_eq!(&*row.payload, &*write.payload);
    assert_eq!((&row.keys, &row.mappings), (&write.keys, &write.mappings));
    assert_eq!(row.keys, [(key_of(&asked), write.replies[0].0)]);
    let reply = store.stored_reply(event.id, write.replies[0].0).await.expect("a look");
    assert_eq!(reply.as_ref(), Some(&write.replies[0].1));
    let positions = store.positions(vec![event.id]).await.expect("positions");
    assert_eq!(positions.positions, [(event.id, write.after)]);
}

/// A little of everything.
async fn a_busy_day(store: &dyn Store, event: EventId) {
    let first = commit(
        store,
        event,
        vec![
            keyed(hold("Ada", seats(&[seat(0), seat(1)])), "1"),
            keyed(hold("Bob", units(FLOOR, 3)), "2"),
            keyed(book("Cy", ask::party(2)), "3"),
        ],
    )
    .await;
    let (ada, bob, order) = (first.hold(0), first.hold(1), first.order(2));
    let house = ChannelKey(Arc::from("house"));
    let block = Assign {
        seats: vec![seat(0), seat(20)],
        areas: vec![(FLOOR, 2)],
        whole_channel: None,
        from: Assignment::Public,
        to: Assignment::Channel(house.clone()),
        note: None,
    };
    commit(store, event, vec![request(Command::Assign(block))]).await;
    let mut more = edit(ada);
    (more.add, more.remove_seats) = (Some(units(FLOOR, 1)), vec![seat(1)]);
    commit(store, event, vec![request(Command::Edit(more)), extend(bob, 120)]).await;
    let second = commit(store, event, vec![confirm(ada), cancel(order)]).await;
    let patch = EventPatch { max_per_buyer: Some(Some(9)), ..EventPatch::default() };
    commit(store, event, vec![release(bob), configure(patch)]).await;
    commit(store, event, vec![cancel(second.order(0)), hold("Dan", seats(&[seat(23)]))]).await;
}

/// The inventory and the counters that the ledger alone makes.
fn replayed(event: &Arc<domain::event::Event>, rows: &[engine::store::LedgerRow]) -> (Inventory, Limits) {
    let (mut inventory, mut limits) = (Inventory::new(event.clone()), Limits::default());
    let mut head = Head::default();
    for row in rows {
        head = head.extended(event.id, row.seq, row.at, &row.payload);
        assert_eq!(head, row.head, "the chain breaks at commit {}", row.seq);
        let entries = ledger::decode(&row.payload, inventory.event()).expect("a ledger row can be read");
        row.mappings.iter().for_each(|mapping| limits.learn(mapping));
        entries.iter().for_each(|entry| limits.apply(entry));
        inventory.apply_commit(row.seq, row.at, &entries);
    }
    (inventory, limits)
}

/// Pools that hold anything, in a fixed order: an emptied one may be kept or not.
fn pools(inventory: &Inventory) -> Vec<AreaRow> {
    let mut rows: Vec<AreaRow> = inventory.area_rows().filter(|row| row.pool.units > 0).collect();
    rows.sort_by(|a, b| (a.area, &a.channel).cmp(&(b.area, &b.channel)));
    rows
}

pub(super) async fn what_is_loaded_is_what_the_ledger_replays(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale.area("Lawn", 2)).await;
    a_busy_day(&*store, event.id).await;
    // The lawn sells more than it had in the very commit that makes it larger.
    let areas = Some(vec![("Lawn".to_owned(), 4, "floor".to_owned())]);
    let grow = configure(EventPatch { areas, ..EventPatch::default() });
    commit(&*store, event.id, vec![grow, hold("Fay", units(AreaIndex(1), 3))]).await;
    let rows = store.tail(event.id, Seq(0), 100).await.expect("a tail");
    let snapshot = load(&*store, event.id).await;
    let counters = snapshot.limits.clone();
    let keys: Vec<_> = rows.iter().flat_map(|row| row.keys.iter().copied()).collect();
    let mut loaded_keys = snapshot.keys.clone();
    loaded_keys.sort_by_key(|(_, serial)| *serial);
    assert_eq!(loaded_keys, keys);
    let (kept, _) = restore(snapshot);
    let (inventory, limits) = replayed(&event, &rows);
    assert!(kept.seat_rows().eq(inventory.seat_rows()), "seats differ");
    assert_eq!(pools(&kept), pools(&inventory));
    assert!(kept.holds().eq(inventory.holds()), "running holds differ");
    assert_eq!(kept.event().max_per_buyer, Some(9));
    let grown = kept.event().areas.iter().map(|area| (&*area.name, area.capacity, area.first_capacity));
    assert_eq!(grown.collect::<Vec<_>>(), [("Floor", 10, 10), ("Lawn", 4, 2)]);
    assert_eq!(counters.len(), 5, "five buyers had units");
    for (digest, surrogate, used) in counters {
        assert_eq!((limits.surrogate(&digest), limits.used(surrogate)), (Some(surrogate), used));
    }
}

pub(super) async fn an_event_that_moved_is_loaded_over_its_new_chart(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let [sold, gone] = ["Hall-A-1", "Hall-C-6"].map(|label| event.find_seat(label).expect("a seat"));
    let made = commit(&*store, event.id, vec![book("Ada", seats(&[sold, gone]))]).await;
    let selection = Selection::Places(vec![Place::Seat(gone)]);
    let give_up = Command::Cancel(Cancel { order: made.order(0), selection, then: None });
    commit(&*store, event.id, vec![request(give_up)]).await;
    for (id, hall) in [(ChartId(8), a_hall().seats_per_row(5)), (ChartId(9), a_hall().rows(5))] {
        let chart = keep_hall(&*store, id, event.organization, event.livemode, &hall).await;
        let patch =
            EventPatch { chart: Some(NewChart { id, chart, seating: None }), ..EventPatch::default() };
        commit(&*store, event.id, vec![configure(patch)]).await;
    }
    let kept = store.event(event.id).await.expect("a look").expect("the event is there");
    let added = kept.find_seat("Hall-E-1").expect("a seat of the new row");
    assert_eq!(added, SeatIndex(24), "the first seat that no chart had before");
    assert_eq!((kept.find_seat("Hall-A-1"), kept.find_seat("Hall-C-6")), (Some(sold), Some(gone)));
    commit(&*store, event.id, vec![book("Bob", seats(&[added, gone]))]).await;
    let rows = store.tail(event.id, Seq(0), 100).await.expect("a tail");
    let snapshot = load(&*store, event.id).await;
    assert_eq!(snapshot.event.chart_id(), Some(ChartId(9)));
    let charts = |event: &domain::event::Event| {
        event.seating.as_ref().map(|seating| seating.chart_ids().collect::<Vec<_>>())
    };
    assert_eq!(charts(&snapshot.event), Some(vec![ChartId(1), ChartId(8), ChartId(9)]));
    assert_eq!(charts(&kept), charts(&snapshot.event));
    let newest = snapshot.event.clone();
    let (loaded, _) = restore(snapshot);
    // Whoever knows all charts reads every commit; whoever knows only the first reads those before the move.
    let mut inventory = Inventory::new(Arc::new(newest.as_made().expect("the event as it was made")));
    for row in &rows {
        let entries = ledger::decode(&row.payload, &newest).expect("a ledger row can be read");
        inventory.apply_commit(row.seq, row.at, &entries);
    }
    assert!(loaded.seat_rows().eq(inventory.seat_rows()), "seats differ");
    assert_eq!(loaded.seat_characters(), inventory.seat_characters());
    let readable = rows.iter().map(|row| ledger::decode(&row.payload, &event).is_ok());
    assert_eq!(readable.collect::<Vec<_>>(), [true, true, false, false, false], "the last names a new seat");
}

pub(super) async fn a_tail_is_read_in_parts(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    for at in 0..5 {
        commit(&*store, event.id, vec![hold("Ada", seats(&[seat(at)]))]).await;
    }
    let seqs = async |after, limit| {
        let rows = store.tail(event.id, Seq(after), limit).await.expect("a tail");
        rows.iter().map(|row| row.seq.0).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0, 2).await, [1, 2]);
    assert_eq!(seqs(2, 2).await, [3, 4]);
    assert_eq!(seqs(4, 2).await, [5]);
    assert!(seqs(5, 2).await.is_empty());
}

pub(super) async fn a_history_contains_its_own_positions_alone(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let first = commit(&*store, event.id, vec![hold("Ada", seats(&[seat(0)]))]).await.after();
    let second = commit(&*store, event.id, vec![hold("Bob", seats(&[seat(1)]))]).await.after();
    let contains = async |position| store.contains(event.id, position).await.expect("a look");
    assert!(contains(Position::default()).await, "every history begins so");
    assert!(contains(first).await && contains(second).await);
    assert!(!contains(Position { head: first.head, ..second }).await, "another head is another history");
    assert!(!contains(Position { seq: Seq(3), ..second }).await, "there is no third commit");
    let strange = Position { seq: Seq(0), head: first.head };
    assert!(!contains(strange).await, "no history begins with a head");
}

pub(super) async fn batches_of_one_event_follow_each_other(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    // Both believe that nothing has happened yet; whoever comes second must be told.
    let one = Part::new(&*store, event.id, vec![hold("Ada", seats(&[seat(0)]))]).await;
    let other = Part::new(&*store, event.id, vec![hold("Bob", seats(&[seat(1)]))]).await;
    let ((one, first), (other, second)) =
        futures_util::future::join(transact(&*store, vec![one]), transact(&*store, vec![other])).await;
    one.and(other).expect("both commit");
    let mut news: Vec<usize> =
        first.iter().chain(&second).flatten().map(|committed| committed.locked.news.len()).collect();
    news.sort_unstable();
    assert_eq!(news, [0, 1]);
    assert_eq!(load(&*store, event.id).await.position.seq, Seq(2));
}

pub(super) async fn events_do_not_share_their_histories(store: Arc<dyn Store>) {
    let one = keep_event(&*store, 1, |sale| sale).await;
    let other = keep_event(&*store, 2, |sale| sale).await;
    let parts = vec![
        Part::new(&*store, one.id, vec![hold("Ada", seats(&[seat(0)]))]).await,
        Part::new(&*store, other.id, vec![hold("Ada", units(FLOOR, 4))]).await,
    ];
    let (result, _) = transact(&*store, parts).await;
    result.expect("one transaction commits for both");
    commit(&*store, other.id, vec![hold("Ada", seats(&[seat(1)]))]).await;
    let (one, other) = (load(&*store, one.id).await, load(&*store, other.id).await);
    assert_eq!((one.position.seq, other.position.seq), (Seq(1), Seq(2)));
    assert_eq!((one.seats.len(), other.seats.len()), (1, 1));
    assert_eq!((one.seats[0].seat, other.seats[0].seat), (seat(0), seat(1)));
    assert_eq!((one.limits[0].2, other.limits[0].2), (1, 5));
}

pub(super) async fn holds_end_without_having_been_read(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let made = commit(&*store, event.id, vec![hold("Ada", seats(&[seat(0)]))]).await.hold(0);
    let patch = EventPatch { status: Some(EventStatus::Cancelled), ..EventPatch::default() };
    commit(&*store, event.id, vec![configure(patch)]).await;
    let swept = commit(&*store, event.id, vec![request(Command::Sweep)]).await;
    let write = swept.write.expect("the sweep ends a hold");
    assert_eq!((write.holds.len(), write.holds_ended.len()), (0, 1), "the sweep reads no record");
    let record = store.hold(made).await.expect("a look").expect("an ended hold stays readable");
    assert_eq!(record.status, HoldStatus::Released);
    assert_eq!((record.ended_at, record.version), (Some(write.at), 2));
    let snapshot = load(&*store, event.id).await;
    assert!(snapshot.holds.is_empty());
    assert_eq!(snapshot.limits[0].2, 0, "its units are given back");
}

pub(super) async fn a_new_history_begins_far_ahead_with_paused_sales(store: Arc<dyn Store>) {
    let open = keep_event(&*store, 1, |sale| sale).await;
    let closed = keep_event(&*store, 2, |sale| sale).await;
    let patch = EventPatch { status: Some(EventStatus::Closed), ..EventPatch::default() };
    commit(&*store, closed.id, vec![configure(patch)]).await;
    let before = commit(&*store, open.id, vec![hold("Ada", seats(&[seat(0)]))]).await.after();
    let mut told = Vec::new();
    let restored = begin_history(&*store, &Fleet::default(), |done, of| told.push((done, of)))
        .await
        .expect("a new history");
    assert_eq!(restored, Restored { events: 2, paused: 1 });
    assert_eq!(told, [(0, 2), (1, 2), (2, 2)]);
    let snapshot = load(&*store, open.id).await;
    assert_eq!(snapshot.position.seq, Seq(before.seq.0 + (1 << 32)));
    assert_eq!(snapshot.event.status, EventStatus::Paused);
    assert_eq!(load(&*store, closed.id).await.event.status, EventStatus::Closed);
    let [row] = &*store.tail(open.id, before.seq, 10).await.expect("a tail") else { panic!("one commit") };
    let entries = ledger::decode(&row.payload, &open).expect("a payload");
    assert_eq!(entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [Kind::Restored]);
    // It goes on from there, and replays from the first commit on.
    let patch = EventPatch { status: Some(EventStatus::Open), ..EventPatch::default() };
    let asked = vec![configure(patch), hold("Bob", seats(&[seat(1)]))];
    let written = commit(&*store, open.id, asked).await.write.expect("a commit");
    let after = written.after;
    assert_eq!(after.seq, snapshot.position.seq.next());
    let mut replayed = Inventory::new(open.clone());
    let rows = store.tail(open.id, Seq(0), 10).await.expect("a tail");
    assert_eq!(rows.last().expect("a commit").mappings, written.mappings);
    for row in rows {
        let entries = ledger::decode(&row.payload, &open).expect("a payload");
        replayed.apply_commit(row.seq, row.at, &entries);
    }
    let (inventory, _) = restore(load(&*store, open.id).await);
    assert!(replayed.seat_rows().eq(inventory.seat_rows()) && replayed.seq() == after.seq);
}

/// A transaction for an event that does not exist changes nothing, and says so.
pub(super) fn is_nothing(result: &Result<Vec<usize>, TransactError>) -> bool {
    matches!(result, Err(TransactError::Nothing(_) | TransactError::Stale(_)))
}
