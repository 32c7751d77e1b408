//! What a commit rests on is looked at row by row: one row that is not as believed, and nothing is written.

use std::sync::Arc;

use domain::command::{Cancel, Command, Selection};
use domain::id::{EventId, Seq};
use domain::place::Status;
use engine::ledger::Head;
use engine::store::{Catalog, CommitWrite, Journal, StoreError, TransactError, Waits};

use crate::Place;
use crate::teller::{Asked, Batch, Teller, book, digest, purchase};

/// Books, holds and cancels, with a fault planted into what is written; nothing of it may be stored.
async fn is_stopped(what: &str, spoil: fn(&mut CommitWrite)) {
    let place = Place::new();
    let teller = place.event(1).await;
    let mut first = book("ann", &[1, 2]).keyed("first");
    first.order_ref = Some((digest("ref"), digest("basket")));
    first.codes = vec![digest("code")];
    let hold = |buyer: &str, seat| {
        Asked::new(Command::Hold { purchase: purchase(buyer, &[seat], 2), seconds: Some(20) })
    };
    // The order is not the first thing of its commit, as that of the next commit will be.
    place.done(&teller, vec![hold("bob", 3), first, hold("cyn", 4)]).await;
    let before = place.load(EventId(1)).await;
    let order = teller.beliefs.lock().commits[0].iter().find_map(|entry| entry.order).unwrap();
    let bobs = before.holds.iter().find(|hold| hold.lines[0].place == seat(3)).unwrap().id;

    teller.beliefs.lock().spoil = Some(spoil);
    // The lapsed hold of seat 4 is ended unread.
    place.clock.advance(40_000);
    let mut again = book("dan", &[4, 5]).keyed("again");
    again.order_ref = Some((digest("ref 2"), digest("basket")));
    again.codes = vec![digest("code 2")];
    let cancel = Cancel { order, selection: Selection::Places(vec![seat(1)]), then: None };
    let release = Asked::new(Command::Release(bobs));
    let asked = vec![again, Asked::new(Command::Cancel(cancel)), release, hold("eve", 6)];
    let result = place.ask(&teller, asked.clone()).await;
    assert!(matches!(result, Err(TransactError::Stale(EventId(1)))), "{what}: {result:?}");

    let after = place.load(EventId(1)).await;
    assert_eq!(after.position, before.position, "{what}");
    assert_eq!((after.seats, after.areas, after.holds), (before.seats, before.areas, before.holds), "{what}");
    assert_eq!((after.limits, after.keys), (before.limits, before.keys), "{what}");
    // The same without the fault is done: it was the guard that said no.
    let fresh = place.teller(EventId(1)).await;
    place.done(&fresh, asked).await;
    place.is_as_believed(&fresh).await;
}

fn seat(at: u32) -> domain::place::Place {
    domain::place::Place::Seat(domain::place::SeatIndex(at))
}

#[tokio::test]
async fn the_events_head_is_guarded() {
    is_stopped("another seq", |write| write.before.seq = Seq(7)).await;
    is_stopped("another head", |write| write.before.head = Head([1; 32])).await;
}

#[tokio::test]
async fn a_seats_version_is_guarded() {
    // Seat 4 was held before, seat 5 never changed.
    is_stopped("a version that is not the row's", |write| write.seats[1].0 += 1).await;
    is_stopped("a row where none was expected", |write| write.seats[1].0 = 0).await;
    is_stopped("no row where one was expected", |write| {
        let new = write.seats.iter_mut().find(|(before, _)| *before == 0).unwrap();
        new.0 = 1;
    })
    .await;
}

#[tokio::test]
async fn an_areas_cap_is_guarded() {
    is_stopped("more than there are", |write| {
        let pool = &mut write.areas[0].pool;
        pool.sold = pool.units;
        pool.held = 1;
    })
    .await;
}

#[tokio::test]
async fn an_orders_version_is_guarded() {
    fn changed(write: &mut CommitWrite) -> &mut engine::store::OrderWrite {
        write.orders.iter_mut().find(|order| order.version_before > 0).unwrap()
    }
    is_stopped("a version that is not the row's", |write| changed(write).version_before = 9).await;
    is_stopped("an order that is there already", |write| changed(write).version_before = 0).await;
    is_stopped("an order that is there already, and takes no tickets along", |write| {
        let changed = changed(write);
        changed.version_before = 0;
        changed.order.tickets.clear();
    })
    .await;
    is_stopped("another order of this serial", |write| changed(write).order.id.salt += 1).await;
    is_stopped("an order that is not there", |write| {
        write.orders.iter_mut().find(|order| order.version_before == 0).unwrap().version_before = 1;
    })
    .await;
}

#[tokio::test]
async fn a_hold_that_is_over_is_guarded() {
    is_stopped("a hold that is not running", |write| {
        let released = write.holds.iter_mut().find(|hold| hold.version > 1).unwrap();
        released.version = 1;
    })
    .await;
    is_stopped("a hold that is over, changed once more", |write| {
        let mut over = write.holds.iter().find(|hold| hold.version > 1).unwrap().clone();
        over.version += 1;
        write.holds.push(over);
    })
    .await;
    is_stopped("another hold of this serial", |write| {
        write.holds.iter_mut().find(|hold| hold.version > 1).unwrap().id.salt += 1;
    })
    .await;
    is_stopped("the end of a hold that does not run", |write| {
        assert!(!write.holds_ended.is_empty(), "the lapsed hold is ended unread");
        write.holds_ended.push(write.holds_ended[0]);
    })
    .await;
}

#[tokio::test]
async fn a_limit_key_is_guarded() {
    is_stopped("a counter of a key that is not there", |write| {
        write.mappings.clear();
    })
    .await;
    is_stopped("a key that is there already", |write| {
        let mut known = write.mappings[0].clone();
        known.surrogate = write.used[0].0;
        write.mappings.push(known);
    })
    .await;
}

#[tokio::test]
async fn unique_values_are_guarded() {
    is_stopped("a reference that is taken", |write| write.refs[0].0 = digest("ref")).await;
    is_stopped("a barcode that is taken", |write| write.codes[0].0 = digest("code")).await;
}

#[tokio::test]
async fn the_ledger_is_guarded() {
    is_stopped("a commit that is there already", |write| {
        write.after.seq = Seq(1);
        // Their serials name the commit, so that they would be in the way themselves.
        write.holds.clear();
        write.replies.clear();
    })
    .await;
}

#[tokio::test]
async fn one_stale_event_takes_the_whole_batch_back_and_is_named() {
    let place = Place::new();
    let (one, two) = (place.event(1).await, place.event(2).await);
    place.done(&two, vec![book("ann", &[1])]).await;
    two.beliefs.lock().spoil = Some(|write| write.seats[0].0 = 3);
    let works = vec![one.work(vec![book("bob", &[5])]), two.work(vec![book("bob", &[5])])];
    let result = place.store.transact(works, Waits::ForEvents, Arc::new(Batch(vec![one.clone(), two]))).await;
    assert!(matches!(result, Err(TransactError::Stale(EventId(2)))), "{result:?}");
    assert_eq!(place.load(EventId(1)).await.position.seq, Seq(0));
    assert_eq!(place.load(EventId(2)).await.position.seq, Seq(1));
}

#[tokio::test]
async fn a_decision_that_panics_changes_nothing_and_stops_nobody() {
    let place = Place::new();
    let (one, two) = (place.event(1).await, place.event(2).await);
    two.beliefs.lock().panics = true;
    let works = vec![one.work(vec![book("ann", &[1])]), two.work(vec![book("ann", &[1])])];
    let result = place.store.transact(works, Waits::ForEvents, Arc::new(Batch(vec![one, two]))).await;
    assert!(
        matches!(result, Err(TransactError::Undecidable(EventId(2), StoreError::Unavailable(_)))),
        "{result:?}"
    );
    assert_eq!(place.load(EventId(1)).await.position.seq, Seq(0));
    let fresh = place.teller(EventId(1)).await;
    place.done(&fresh, vec![book("bob", &[1])]).await;
    place.is_as_believed(&fresh).await;
}

#[tokio::test]
async fn an_event_that_is_gone_stops_nobody_else() {
    let place = Place::new();
    let (one, two) = (place.event(1).await, place.event(2).await);
    assert!(place.store.delete_event(EventId(2)).await.unwrap());
    let works = vec![one.work(vec![book("ann", &[1])]), two.work(vec![book("ann", &[1])])];
    place
        .store
        .transact(works, Waits::ForEvents, Arc::new(Batch(vec![one.clone(), two.clone()])))
        .await
        .unwrap();
    assert_eq!(two.beliefs.lock().resyncs, 1, "its desk must load anew, and will find nothing");
    place.is_as_believed(&one).await;
}

#[tokio::test]
async fn a_full_disk_is_a_clean_no_and_recovers_by_itself() {
    let place = Place::new();
    let teller = place.event(1).await;
    place.done(&teller, vec![book("ann", &[0])]).await;
    let before = teller.beliefs.lock().position;
    // SQLite takes the bound to be at least what the file has already.
    place.store.set_pages_max(Some(1)).await.unwrap();
    let mut acknowledged = 1;
    let mut refused = 0;
    for seat in 1..90 {
        let desk = place.teller(EventId(1)).await;
        let mut asked = book("bob", &[seat]).keyed(&format!("key {seat}"));
        asked.body = vec![b'x'; 3_000].into();
        match place.ask(&desk, vec![asked]).await {
            Ok(_) => acknowledged += 1,
            Err(TransactError::Nothing(StoreError::Unavailable(_))) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "the disk was never full");
    let stored = place.load(EventId(1)).await;
    assert_eq!(stored.seats.iter().filter(|row| row.status == Status::Sold).count(), acknowledged);
    assert!(place.store.contains(EventId(1), before).await.unwrap(), "reading goes on");

    place.store.set_pages_max(None).await.unwrap();
    let desk = place.teller(EventId(1)).await;
    place.done(&desk, vec![book("cyn", &[90])]).await;
    place.is_as_believed(&desk).await;
}

#[tokio::test]
async fn whoever_asks_may_leave_and_the_batch_is_done_nevertheless() {
    let place = Place::new();
    let teller = place.event(1).await;
    let works = vec![teller.work(vec![book("ann", &[1])])];
    let asked = place.store.transact(works, Waits::ForEvents, Arc::new(Batch(vec![teller.clone()])));
    // The job is in the queue after the first poll; then nobody listens any more.
    let polled = futures_util::FutureExt::now_or_never(asked);
    assert!(polled.is_none() || polled.is_some_and(|result| result.is_ok()));
    let position = |teller: &Teller| teller.beliefs.lock().position;
    // The writer does jobs in order: once it answers this, the batch is over.
    assert!(
        !place
            .store
            .contains(EventId(1), engine::ledger::Position { seq: Seq(9), ..position(&teller) })
            .await
            .unwrap()
    );
    assert_eq!(position(&teller).seq, Seq(1));
    place.is_as_believed(&teller).await;
}
