//! Holds end at their deadline by the store's clock, whether or not anybody looks.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, HoldId};
use domain::place::{AreaIndex, SeatIndex};
use domain::record::{HoldRecord, HoldStatus};
use domain::rejection::{Reason, Rejection};
use engine::Error;
use engine::options::Options;
use engine::store::Catalog as _;
use testkit::ask::{book, confirm, extend, hold, keyed, party, seats, units};
use testkit::fault::Fault;
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::hold_of;
use testkit::sale::event;

const SEAT: SeatIndex = SeatIndex(0);

/// A node that leaves every decision to the store, and sweeps so seldom that nobody notices.
fn slow_sweeper() -> Options {
    let sweep_interval = Duration::from_secs(1_000_000);
    Options { desk_refuses: false, sweep_interval, ..Options::default() }
}

async fn sale(options: Options) -> (Arc<Event>, Arc<MemoryStore>, Node) {
    let event = event(1).chart(ChartId(1), hall(1, 2).area("Floor", 2).build()).build();
    let store = store_with(&event).await;
    let node = Node::start(&store, options, 1);
    // The sweeper's first round is over before there is anything to sweep.
    node.desk(event.id).await;
    tokio::time::advance(Duration::from_millis(1)).await;
    (event, store, node)
}

async fn held(event: &Event, node: &Node) -> HoldId {
    let mut basket = seats(&[SEAT, SeatIndex(1)]);
    basket.areas = units(AreaIndex(0), 2).areas;
    let reply = node.ask(event.id, hold("Ada", basket)).await.expect("everything is free");
    hold_of(&reply).expect("a hold")
}

fn record(store: &MemoryStore, hold: HoldId) -> HoldRecord {
    let record = store.look(hold.event, |table| table.holds.get(&hold.serial).cloned()).flatten();
    record.expect("the hold is kept")
}

#[tokio::test(start_paused = true)]
async fn a_held_seat_is_sold_to_another_at_the_deadline_and_not_before() {
    for basket in [seats(&[SEAT]), units(AreaIndex(0), 1), party(1)] {
        let (event, store, node) = sale(slow_sweeper()).await;
        let hold = held(&event, &node).await;
        let deadline = record(&store, hold).deadline;
        store.clock().set(deadline.plus_millis(-1));
        let early = node.ask(event.id, book("Bob", basket.clone())).await;
        let is_held = match &early {
            Err(Error::Rejected(Rejection::PlaceUnavailable(places))) => places[0].1 == Reason::Held,
            other => *other == Err(Rejection::AllHeld.into()),
        };
        assert!(is_held, "a millisecond before the deadline it is held: {early:?}");
        store.clock().set(deadline);
        node.ask(event.id, book("Bob", basket)).await.expect("at the deadline it is free");
        assert_eq!(record(&store, hold).status, HoldStatus::Expired);
        store.audit().expect("the store is sound");
    }
}

#[tokio::test(start_paused = true)]
async fn a_confirm_is_in_time_before_the_deadline_and_late_at_it() {
    let (event, store, node) = sale(slow_sweeper()).await;
    let hold = held(&event, &node).await;
    store.clock().set(record(&store, hold).deadline);
    for request in [confirm(hold), extend(hold, 60)] {
        let late = node.ask(event.id, request).await;
        assert_eq!(late, Err(Rejection::HoldExpired { released: false }.into()));
    }
    let (event, store, node) = sale(slow_sweeper()).await;
    let hold = held(&event, &node).await;
    store.clock().set(record(&store, hold).deadline.plus_millis(-1));
    node.ask(event.id, confirm(hold)).await.expect("a millisecond before the deadline it is in time");
}

/// A confirm whose reply was lost stays confirmed, however late it is asked for again.
#[tokio::test(start_paused = true)]
async fn a_confirm_in_time_is_answered_again_after_the_deadline() {
    let (event, store, node) = sale(Options::default()).await;
    let hold = held(&event, &node).await;
    let first = node.ask(event.id, keyed(confirm(hold), "key")).await.expect("it is in time");
    store.clock().set(record(&store, hold).deadline.plus_seconds(60));
    let again = node.ask(event.id, keyed(confirm(hold), "key")).await.expect("it was confirmed");
    assert!(again.is_replay && again.body == first.body);
}

/// Waits, bounded, until a hold has ended.
async fn is_swept(store: &MemoryStore, hold: HoldId) -> bool {
    for _ in 0..100 {
        if record(store, hold).status == HoldStatus::Expired {
            return true;
        }
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test(start_paused = true)]
async fn a_lapsed_hold_is_swept_without_anybody_asking() {
    let (event, store, node) = sale(Options::default()).await;
    let hold = held(&event, &node).await;
    assert!(!is_swept(&store, hold).await, "it runs for over a minute");
    store.clock().set(record(&store, hold).deadline);
    assert!(is_swept(&store, hold).await, "five seconds after the deadline it is still there");
    let desk = node.desk(event.id).await;
    assert_eq!(desk.read(|inventory| inventory.total_counts().free), 4);
}

/// A sweep whose batch failed is made up for.
#[tokio::test(start_paused = true)]
async fn a_sweep_that_failed_is_made_up_for() {
    for fault in [Fault::Nothing, Fault::RolledBack, Fault::UnknownLost] {
        let (event, store, node) = sale(Options::default()).await;
        let hold = held(&event, &node).await;
        store.clock().set(record(&store, hold).deadline);
        node.faults.fail_next(fault);
        assert!(is_swept(&store, hold).await, "{fault:?}: nobody sweeps any more");
    }
}

/// A sweep that waited for too long, behind another event's trouble, is shed and made up for.
#[tokio::test(start_paused = true)]
async fn a_sweep_that_was_shed_is_made_up_for() {
    let (event, store, node) = sale(Options::default()).await;
    let other = testkit::sale::event(2).area("Field", 5).build();
    store.create_event(other.clone(), None).await.expect("a second event");
    let hold = held(&event, &node).await;
    node.desk(other.id).await;
    node.faults.fail_next(Fault::StallBefore(Duration::from_secs(3)));
    let stalled = node.ask(other.id, book("Bob", units(AreaIndex(0), 1)));
    let swept = async {
        tokio::time::advance(Duration::from_millis(1)).await;
        store.clock().set(record(&store, hold).deadline);
        is_swept(&store, hold).await
    };
    let (sold, is_swept) = futures_util::future::join(stalled, swept).await;
    assert!(sold.is_ok(), "it was first in its queue: {sold:?}");
    assert!(is_swept, "nobody sweeps any more");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_back_keeps_holds_longer_and_sells_nothing_twice() {
    let (event, store, node) = sale(Options::default()).await;
    let hold = held(&event, &node).await;
    store.clock().jump(-3_600_000);
    tokio::time::advance(Duration::from_secs(100)).await;
    let refused = node.ask(event.id, book("Bob", seats(&[SEAT]))).await;
    assert!(matches!(refused, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{refused:?}");
    node.ask(event.id, confirm(hold)).await.expect("by the store's clock there is an hour left");
    store.audit().expect("the store is sound");
}
