//! After an outage of the store: what holds lost of their time is given back, once, and to nobody else.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, HoldId};
use domain::place::SeatIndex;
use domain::record::{HoldRecord, HoldStatus};
use domain::time::Timestamp;
use engine::options::Options;
use testkit::ask::{confirm, hold, seats};
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
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
