//! An event that cannot be read: it alone is refused, at once, and comes back by itself; the log is told once.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, EventId, Seq};
use domain::place::SeatIndex;
use engine::Error;
use engine::options::Options;
use engine::store::Catalog as _;
use testkit::ask::{book, hold, seats};
use testkit::fault::{Fault, FaultStore};
use testkit::hall::hall;
use testkit::log::Log;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::PANICS;
use testkit::sale::event;

/// No answer of memory takes as long.
const AT_ONCE: Duration = Duration::from_millis(100);
/// Longer than any pause between two tries.
const LONG: Duration = Duration::from_secs(10);

/// Two events of one lane, each with a seat sold.
async fn two_events() -> ([Arc<Event>; 2], Arc<MemoryStore>, Node) {
    let events = [1, 2].map(|id| event(id).chart(ChartId(1), hall(5, 20).build()).build());
    let store = store_with(&events[0]).await;
    store.create_event(events[1].clone(), None).await.expect("it is kept");
    let node = Node::start(&store, Options::default(), 1);
    for event in &events {
        sold(&node, event, 0).await;
    }
    (events, store, node)
}

async fn ask(node: &Node, event: &Event, buyer: &str, seat: u32) -> Result<(), Error> {
    let asked = node.ask(event.id, book(buyer, seats(&[SeatIndex(seat)])));
    let answer = tokio::time::timeout(AT_ONCE, asked).await.expect("whoever asks is answered at once");
    answer.map(drop)
}

async fn sold(node: &Node, event: &Event, seat: u32) {
    ask(node, event, "Ada", seat).await.expect("it is free");
}

/// For a minute, one event is refused and the other sells; and it is not tried all the time.
async fn one_is_refused_while_the_other_sells(node: &Node, damaged: &Event, sound: &Event) {
    let tries = || {
        let counts = node.faults.counts();
        ["ledger damaged", "holds lost"].iter().filter_map(|fault| counts.get(fault)).sum::<u64>()
    };
    let before = tries();
    for second in 1..=60 {
        for _ in 0..3 {
            assert_eq!(ask(node, damaged, "Bob", 1).await, Err(Error::Unavailable));
        }
        sold(node, sound, second).await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let tried = tries() - before;
    assert!((5..=60).contains(&tried), "it was read {tried} times in a minute");
}

/// The event takes requests again, before long.
async fn comes_back(node: &Node, event: &Event) {
    let until = tokio::time::Instant::now() + LONG;
    while let Err(error) = ask(node, event, "Bob", 1).await {
        assert_eq!(error, Error::Unavailable);
        assert!(tokio::time::Instant::now() < until, "it is refused for ever");
        tokio::time::advance(Duration::from_millis(100)).await;
    }
}

/// The log was told of it once, with the event and the commit, and that it is over.
fn was_told_once(log: &Log, damaged: &Event, seq: u64) {
    let told = log.lines("an event cannot be read");
    let [line] = &told[..] else { panic!("it was told {} times: {told:#?}", told.len()) };
    let [id, seq] = [format!("event={}", damaged.id), format!("seq={seq} ")];
    assert!(line.contains(" ERROR ") && line.contains(&id) && line.contains(&seq), "{line}");
    assert_eq!(log.lines("an event can be read again").len(), 1);
}

/// An event's desk must be loaded anew after this fault, and cannot be after this damage; the commit that was told is `seq`.
async fn stops_no_other(
    ([damaged, sound], store, node): ([Arc<Event>; 2], Arc<MemoryStore>, Node),
    damage: impl FnOnce(&FaultStore<MemoryStore>, EventId),
    (fault, buyer): (Option<Fault>, &str),
    seq: u64,
) {
    let log = Log::of_this_thread();
    damage(&node.faults, damaged.id);
    fault.into_iter().for_each(|fault| node.faults.fail_next(fault));
    assert_eq!(ask(&node, &damaged, buyer, 1).await, Err(Error::Unavailable));
    one_is_refused_while_the_other_sells(&node, &damaged, &sound).await;
    node.faults.heal();
    comes_back(&node, &damaged).await;
    was_told_once(&log, &damaged, seq);
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_broke_and_cannot_be_loaded_anew_stops_no_other_event() {
    stops_no_other(two_events().await, FaultStore::damage_ledger, (None, PANICS), 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_a_guard_stopped_and_cannot_be_loaded_anew_stops_no_other_event() {
    stops_no_other(two_events().await, FaultStore::damage_ledger, (Some(Fault::Stale), "Bob"), 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_another_node_that_cannot_be_read_stops_no_other_event() {
    let log = Log::of_this_thread();
    let ([damaged, sound], store, node) = two_events().await;
    let other = Node::start(&store, Options::default(), 2);
    node.faults.damage_ledger(damaged.id);
    sold(&other, &damaged, 2).await;
    while !node.faults.counts().contains_key("ledger damaged") {
        tokio::time::advance(Duration::from_millis(10)).await;
    }
    one_is_refused_while_the_other_sells(&node, &damaged, &sound).await;
    sold(&other, &damaged, 3).await;
    node.faults.heal();
    comes_back(&node, &damaged).await;
    was_told_once(&log, &damaged, 2);
    store.audit().expect("the store is sound");
}

/// A crowd at an event whose place in its history cannot be read is not tried request by request.
#[tokio::test(start_paused = true)]
async fn a_crowd_at_an_event_that_cannot_be_read_is_refused_as_one() {
    let ([damaged, sound], store, node) = two_events().await;
    node.faults.damage_position(damaged.id);
    let crowd = (1..60).map(|seat| ask(&node, &damaged, "Bob", seat));
    let (told, _) = tokio::join!(futures_util::future::join_all(crowd), sold(&node, &sound, 1));
    assert!(told.iter().all(|told| *told == Err(Error::Unavailable)), "{told:?}");
    let tried = node.faults.counts()["position damaged in a batch"];
    assert!(tried <= 2, "it was tried {tried} times");
    node.faults.heal();
    comes_back(&node, &damaged).await;
    store.audit().expect("the store is sound");
}

/// Where one event stands cannot be read: the others' commits are heard of all the same.
#[tokio::test(start_paused = true)]
async fn a_position_that_cannot_be_read_stops_no_other_event() {
    let log = Log::of_this_thread();
    let ([damaged, sound], store, node) = two_events().await;
    let other = Node::start(&store, Options::default(), 2);
    node.faults.damage_position(damaged.id);
    tokio::time::advance(LONG).await;
    sold(&other, &sound, 1).await;
    let desk = node.desk(sound.id).await;
    let until = tokio::time::Instant::now() + LONG;
    while desk.position().seq < Seq(2) {
        assert!(tokio::time::Instant::now() < until, "it is not followed");
        tokio::time::advance(Duration::from_millis(10)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines("an event cannot be read").len(), 1, "the follower finds it before anybody asks");
    assert_eq!(ask(&node, &damaged, "Bob", 1).await, Err(Error::Unavailable));
    sold(&node, &sound, 2).await;
    node.faults.heal();
    comes_back(&node, &damaged).await;
    was_told_once(&log, &damaged, 1);
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn rows_that_contradict_each_other_stop_no_other_event() {
    let events = two_events().await;
    events.2.ask(events.0[0].id, hold("Ada", seats(&[SeatIndex(9)]))).await.expect("it is free");
    stops_no_other(events, FaultStore::lose_holds, (Some(Fault::Stale), "Bob"), 2).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_in_memory_and_cannot_be_read_stops_no_other() {
    let log = Log::of_this_thread();
    let ([damaged, sound], store, first) = two_events().await;
    first.ask(damaged.id, hold("Ada", seats(&[SeatIndex(9)]))).await.expect("it is free");
    drop(first);
    let node = Node::start(&store, Options::default(), 2);
    node.faults.lose_holds(damaged.id);
    one_is_refused_while_the_other_sells(&node, &damaged, &sound).await;
    node.faults.heal();
    comes_back(&node, &damaged).await;
    was_told_once(&log, &damaged, 0);
    store.audit().expect("the store is sound");
}

/// A store that is away for a while is no damage: nobody must look at the event.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_no_damage() {
    let log = Log::of_this_thread();
    let ([event, other], store, node) = two_events().await;
    node.faults.fail_next(Fault::Stale);
    node.faults.fail_reads(LONG);
    assert_eq!(ask(&node, &event, "Bob", 1).await, Err(Error::Unavailable));
    assert_eq!(ask(&node, &event, "Bob", 1).await, Err(Error::Unavailable));
    sold(&node, &other, 1).await;
    tokio::time::advance(LONG).await;
    comes_back(&node, &event).await;
    assert_eq!(log.lines("an event cannot be read"), [""; 0]);
    assert_eq!(log.lines("an event can be read again").len(), 1);
    store.audit().expect("the store is sound");
}
