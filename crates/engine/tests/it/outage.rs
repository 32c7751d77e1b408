//! After an outage of the store: what holds lost of their time is given back, once, and to nobody else.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, HoldId};
use domain::place::SeatIndex;
use domain::record::{HoldRecord, HoldStatus};
use domain::time::Timestamp;
use engine::Error;
use engine::options::Options;
use engine::store::Catalog as _;
use testkit::ask::{book, confirm, hold, seats};
use testkit::fault::Fault;
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, Others, store_with};
use testkit::relay::Office;
use testkit::renderer::hold_of;
use testkit::sale::event;

/// How long holds run, with the ten seconds that no buyer is told of.
const HOLD: Duration = Duration::from_secs(60 + 10);
/// How much longer than an outage what it is made up for may seem: a few questions to the store.
const SLACK_MS: i64 = 300;

/// Lets time pass, and everything happen meanwhile.
async fn pass(time: Duration) {
    let mut ticks = tokio::time::interval(time);
    ticks.tick().await;
    ticks.tick().await;
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn sale(nodes: u64) -> (Arc<Event>, Arc<MemoryStore>, Vec<Node>) {
    let event = event(1).chart(ChartId(1), hall(1, 5).build()).hold_seconds(60, 600).build();
    let store = store_with(&event).await;
    let nodes: Vec<Node> = (0..nodes).map(|seed| Node::start(&store, Options::default(), seed)).collect();
    for node in &nodes {
        node.desk(event.id).await;
    }
    (event, store, nodes)
}

async fn held(node: &Node, event: &Event, seat: u32) -> HoldId {
    let reply = node.ask(event.id, hold("Ada", seats(&[SeatIndex(seat)]))).await.expect("it is free");
    hold_of(&reply).expect("a hold")
}

fn record(store: &MemoryStore, hold: HoldId) -> HoldRecord {
    let record = store.look(hold.event, |table| table.holds.get(&hold.serial).cloned()).flatten();
    record.expect("the hold is kept")
}

fn cut_off(nodes: &[Node], time: Duration) {
    for node in nodes {
        node.faults.fail_reads(time);
        node.faults.fail_writes(time);
    }
}

/// By how much a deadline was moved, in ms.
fn moved(store: &MemoryStore, hold: HoldId, from: Timestamp) -> i64 {
    record(store, hold).deadline.millis_since(from)
}

fn is_about(millis: i64, time: Duration) -> bool {
    let time = i64::try_from(time.as_millis()).expect("a short time");
    (time - SLACK_MS..=time + SLACK_MS).contains(&millis)
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_lapsed_meanwhile_gets_back_what_it_lost() {
    let (event, store, nodes) = sale(3).await;
    let lapses = held(&nodes[0], &event, 0).await;
    pass(seconds(30)).await;
    let runs_on = held(&nodes[1], &event, 1).await;
    let before = (record(&store, lapses).deadline, record(&store, runs_on).deadline);
    pass(HOLD - seconds(30) - seconds(10)).await;
    // It begins ten seconds before the deadline, and takes twenty.
    cut_off(&nodes, seconds(20));
    pass(seconds(22)).await;
    let millis = moved(&store, lapses, before.0);
    assert!(is_about(millis, seconds(20)), "it was moved by {millis} ms");
    assert_eq!(record(&store, runs_on).deadline, before.1, "others lost no chance");
    nodes[2].ask(event.id, confirm(lapses)).await.expect("it runs again");
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn several_nodes_give_it_back_once() {
    for first in 0..3 {
        let (event, store, nodes) = sale(3).await;
        let lapses = held(&nodes[0], &event, 0).await;
        let before = record(&store, lapses).deadline;
        pass(HOLD - seconds(1)).await;
        // One is back a little before the others, and does it.
        cut_off(&nodes, seconds(5));
        cut_off(&nodes[first..=first], seconds(4));
        pass(seconds(7)).await;
        let millis = moved(&store, lapses, before);
        assert!(is_about(millis, seconds(4)), "it was moved by {millis} ms");
        // And it lapses when that is over.
        pass(seconds(5)).await;
        assert_eq!(record(&store, lapses).status, HoldStatus::Expired);
        assert_eq!(moved(&store, lapses, before), millis);
        store.audit().expect("the store is sound");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_alone_was_cut_off_makes_nothing_up() {
    let (event, store, nodes) = sale(2).await;
    let lapses = held(&nodes[0], &event, 0).await;
    let before = record(&store, lapses).deadline;
    pass(HOLD - seconds(1)).await;
    cut_off(&nodes[..1], seconds(10));
    pass(seconds(12)).await;
    let after = record(&store, lapses);
    assert_eq!(
        (after.status, after.deadline),
        (HoldStatus::Expired, before),
        "the other one went on selling"
    );
}

#[tokio::test(start_paused = true)]
async fn what_would_have_lapsed_anyway_has_lapsed() {
    let (event, store, nodes) = sale(1).await;
    let early = held(&nodes[0], &event, 0).await;
    pass(seconds(50)).await;
    let late = held(&nodes[0], &event, 1).await;
    let before = record(&store, late).deadline;
    pass(seconds(15)).await;
    // Two minutes at most: one would have come to an end within them, whatever happened.
    cut_off(&nodes, seconds(150));
    pass(seconds(152)).await;
    assert_eq!(record(&store, early).status, HoldStatus::Expired);
    let millis = moved(&store, late, before);
    assert_eq!(millis, 120_000);
    nodes[0].ask(event.id, confirm(late)).await.expect("it runs again");
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn a_step_of_the_store_s_clock_is_no_outage() {
    let (event, store, nodes) = sale(1).await;
    let lapses = held(&nodes[0], &event, 0).await;
    let before = record(&store, lapses).deadline;
    store.clock().jump(75_000);
    pass(seconds(3)).await;
    let after = record(&store, lapses);
    assert_eq!((after.status, after.deadline), (HoldStatus::Expired, before));
    // Nor is a moment without the store.
    let lapses = held(&nodes[0], &event, 1).await;
    pass(HOLD - seconds(1)).await;
    cut_off(&nodes, Duration::from_millis(1_500));
    pass(seconds(3)).await;
    assert_eq!(record(&store, lapses).status, HoldStatus::Expired);
}

/// What one committed in the last moment before it, the others learn only after it; it was not done meanwhile.
#[tokio::test(start_paused = true)]
async fn another_node_commits_just_before_it() {
    for longer_ms in [0, 30, 130] {
        let (event, store, nodes) = sale(2).await;
        let lapses = held(&nodes[0], &event, 0).await;
        let before = record(&store, lapses).deadline;
        pass(HOLD - seconds(1) + Duration::from_millis(20)).await;
        held(&nodes[1], &event, 1).await;
        let known = nodes[0].desk(event.id).await.position();
        assert_ne!(known, store.position(event.id), "the other one does not know of it yet");
        let outage = seconds(10) + Duration::from_millis(longer_ms);
        cut_off(&nodes[..1], outage);
        cut_off(&nodes[1..], seconds(12));
        pass(seconds(14)).await;
        let millis = moved(&store, lapses, before);
        assert!(is_about(millis, outage), "it was moved by {millis} ms");
        store.audit().expect("the store is sound");
    }
}

/// Nor does it matter how this node learns of what the other one did meanwhile.
#[tokio::test(start_paused = true)]
async fn a_node_that_alone_was_cut_off_makes_nothing_up_with_a_relay() {
    let event = event(1).chart(ChartId(1), hall(1, 5).build()).hold_seconds(60, 600).build();
    let (store, office) = (store_with(&event).await, Office::new());
    let node = |seed, options| {
        let others = Others { relay: Some(office.relaying(&[1; 32])), ..Others::default() };
        Node::beside(others, &store, options, seed)
    };
    let nodes = [
        node(0, Options::default()),
        // It does not end the hold before the other one is back.
        node(1, Options { sweep_interval: seconds(3_600), ..Options::default() }),
    ];
    for node in &nodes {
        node.desk(event.id).await;
    }
    let lapses = held(&nodes[0], &event, 0).await;
    let before = record(&store, lapses).deadline;
    let outage = seconds(10);
    pass(HOLD - outage + Duration::from_millis(100)).await;
    cut_off(&nodes[..1], outage);
    pass(seconds(5)).await;
    nodes[1].ask(event.id, book("Bob", seats(&[SeatIndex(1)]))).await.expect("it is free");
    pass(seconds(4)).await;
    assert_eq!(nodes[0].desk(event.id).await.position(), store.position(event.id), "it came in passing");
    pass(seconds(2)).await;
    let after = record(&store, lapses);
    assert_eq!((after.status, after.deadline), (HoldStatus::Expired, before), "the other one had the store");
}

/// Whatever one event takes the follower, others have not lost the store.
#[tokio::test(start_paused = true)]
async fn a_follower_that_is_busy_is_no_outage() {
    let (quiet, store, nodes) = sale(2).await;
    let busy = event(2).chart(ChartId(1), hall(1, 5).build()).build();
    store.create_event(busy.clone(), None).await.expect("it is kept");
    nodes[0].desk(busy.id).await;
    let lapses = held(&nodes[0], &quiet, 0).await;
    let before = record(&store, lapses).deadline;
    nodes[1].engine.forget(quiet.id);
    pass(HOLD - seconds(5)).await;
    nodes[0].faults.stall_tails(seconds(20));
    nodes[1].ask(busy.id, book("Bob", seats(&[SeatIndex(1)]))).await.expect("it is free");
    pass(seconds(8)).await;
    let after = record(&store, lapses);
    assert_eq!((after.status, after.deadline), (HoldStatus::Expired, before));
}

/// The desk is loaded anew, which says nothing of when others committed.
#[tokio::test(start_paused = true)]
async fn a_desk_that_is_loaded_anew_remembers_it() {
    let (event, store, nodes) = sale(1).await;
    let lapses = held(&nodes[0], &event, 0).await;
    let before = record(&store, lapses).deadline;
    pass(HOLD - seconds(1)).await;
    cut_off(&nodes, seconds(10));
    nodes[0].faults.fail_next(Fault::Stale);
    pass(seconds(12)).await;
    assert_eq!(nodes[0].faults.counts().get("stale"), Some(&1));
    let millis = moved(&store, lapses, before);
    assert!(is_about(millis, seconds(10)), "it was moved by {millis} ms");
}

/// Whoever asks as soon as it can be asked is not too late, though nobody else came before.
#[tokio::test(start_paused = true)]
async fn a_confirm_that_comes_first_is_in_time() {
    let (event, store, nodes) = sale(2).await;
    let lapses = held(&nodes[0], &event, 0).await;
    pass(HOLD - seconds(1)).await;
    cut_off(&nodes, seconds(10));
    let paid = loop {
        match nodes[1].ask(event.id, confirm(lapses)).await {
            Err(Error::Unavailable) => pass(Duration::from_millis(7)).await,
            answer => break answer,
        }
    };
    paid.expect("it had time left");
    store.audit().expect("the store is sound");
}

/// A store that answers every question and takes no commit is an outage for whoever tried to pay.
#[tokio::test(start_paused = true)]
async fn a_store_that_commits_nothing_is_an_outage_too() {
    let (event, store, nodes) = sale(1).await;
    let lapses = held(&nodes[0], &event, 0).await;
    let before = record(&store, lapses).deadline;
    pass(HOLD - seconds(5)).await;
    nodes[0].faults.fail_writes(seconds(10));
    for _ in 0..8 {
        let answer = nodes[0].ask(event.id, confirm(lapses)).await;
        assert!(matches!(answer, Err(Error::Unavailable)), "{answer:?}");
        pass(seconds(1)).await;
    }
    pass(seconds(3)).await;
    let millis = moved(&store, lapses, before);
    assert!(is_about(millis, seconds(10)), "it was moved by {millis} ms");
}
