//! What a desk says from memory: only what is true, and only while it is fresh.

use std::sync::Arc;
use std::time::Duration;

use domain::event::{Event, EventPatch, EventStatus};
use domain::id::{ChartId, Seq};
use domain::place::SeatIndex;
use domain::rejection::{Reason, Rejection};
use engine::Error;
use engine::options::Options;
use engine::request::Renderer as _;
use engine::store::Catalog as _;
use futures_util::FutureExt as _;
use testkit::ask::{book, configure, hold, release, seats};
use testkit::fault::{Fault, Rates};
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::{PlainRenderer, hold_of};
use testkit::sale::event;
use tokio::task::yield_now;

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

async fn two_nodes() -> (Arc<Event>, Arc<MemoryStore>, Node, Node) {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let (here, there) =
        (Node::start(&store, Options::default(), 1), Node::start(&store, Options::default(), 2));
    here.desk(event.id).await;
    there.desk(event.id).await;
    (event, store, here, there)
}

fn sold(event: &Event, at: u32) -> Error {
    Rejection::PlaceUnavailable(vec![(event.seat_name(seat(at)), Reason::Sold)]).into()
}

/// Lets followers and sweepers do their rounds.
async fn a_while() {
    for _ in 0..6 {
        tokio::time::advance(Duration::from_millis(20)).await;
    }
}

/// So many commits that change no seat.
async fn rename(node: &Node, event: &Event, times: usize) {
    for round in 0..times {
        let request = configure(EventPatch { name: Some(format!("Round {round}")), ..EventPatch::default() });
        node.ask(event.id, request).await.expect("settings can be changed");
    }
}

/// More than a page of commits: by the first of them a seat is held, by the last it is free again.
async fn hold_rename_release(node: &Node, event: &Event) {
    let made = node.ask(event.id, hold("Ada", seats(&[seat(0)]))).await.expect("it is free");
    rename(node, event, 299).await;
    node.ask(event.id, release(hold_of(&made).expect("a hold"))).await.expect("it runs");
}

#[tokio::test(start_paused = true)]
async fn what_is_sold_is_refused_from_memory() {
    let (event, store, here, _) = two_nodes().await;
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    // No transaction can succeed from here on, so the answer comes from memory.
    here.faults.fail_writes(Duration::from_secs(60));
    let refused = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(sold(&event, 0)));
    assert_eq!(store.position(event.id).seq, Seq(1));
}

#[tokio::test(start_paused = true)]
async fn the_availability_is_rendered_once_a_commit() {
    let (event, _, here, there) = two_nodes().await;
    let desk = here.desk(event.id).await;
    let shown = || desk.availability(&PlainRenderer).text.clone();
    let at_first = shown();
    assert_eq!(at_first.as_ptr(), shown().as_ptr(), "the same text for everybody");
    let listener = desk.subscribe(None, &PlainRenderer);
    assert_eq!(at_first.as_ptr(), listener.first[0].data.as_ptr(), "for new listeners, too");
    let other = desk.subscribe(None, &PlainRenderer);
    assert!(Arc::ptr_eq(&listener.first[0], &other.first[0]), "who are sent one frame");
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    let after_own = shown();
    assert_eq!(after_own, desk.read(|inventory| PlainRenderer.availability(inventory)));
    assert_ne!(after_own, at_first);
    there.ask(event.id, book("Bob", seats(&[seat(1)]))).await.expect("it is free");
    a_while().await;
    assert_eq!(shown(), desk.read(|inventory| PlainRenderer.availability(inventory)));
    assert_ne!(shown(), after_own);
}

#[tokio::test(start_paused = true)]
async fn commits_of_another_node_are_followed() {
    let (event, store, here, there) = two_nodes().await;
    there.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    here.faults.fail_writes(Duration::from_secs(60));
    a_while().await;
    assert_eq!(here.desk(event.id).await.position(), store.position(event.id));
    let refused = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(sold(&event, 0)), "nobody had to ask the store");
}

#[tokio::test(start_paused = true)]
async fn memory_that_is_not_fresh_refuses_nothing() {
    let (event, _, here, there) = two_nodes().await;
    there.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    a_while().await;
    here.faults.fail_reads(Duration::from_secs(60));
    here.faults.fail_writes(Duration::from_secs(60));
    tokio::time::advance(Duration::from_millis(150)).await;
    let refused = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(sold(&event, 0)), "its last word from the store is young enough");
    tokio::time::advance(Duration::from_millis(150)).await;
    let unknown = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).await;
    assert_eq!(unknown, Err(Error::Unavailable), "what it knew a quarter of a second ago may be over");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_knows_more_than_a_desk_is_not_refused_by_it() {
    let (event, _, here, there) = two_nodes().await;
    let made = there.ask(event.id, hold("Ada", seats(&[seat(0)]))).await.expect("it is free");
    a_while().await;
    there.ask(event.id, release(hold_of(&made).expect("a hold"))).await.expect("it runs");
    // This node has not heard of the release yet: without the number it says "held".
    let mut request = hold("Bob", seats(&[seat(0)]));
    let refused = here.ask(event.id, request.clone()).await;
    assert!(matches!(refused, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{refused:?}");
    request.at_least = Some(Seq(2));
    here.ask(event.id, request).await.expect("the store knows that it is free");
}

/// A desk that has read a part of what it missed does not know the rest.
#[tokio::test(start_paused = true)]
async fn a_desk_far_behind_is_not_fresh_before_it_has_read_everything() {
    let (event, store, here, there) = two_nodes().await;
    here.faults.fail_reads(Duration::from_secs(1));
    hold_rename_release(&there, &event).await;
    assert_eq!(store.position(event.id).seq, Seq(301));
    here.faults.fail_writes(Duration::from_secs(60));
    here.faults.set_rates(Rates { latency_max: Duration::from_millis(40), ..Rates::default() });
    let desk = here.desk(event.id).await;
    // While it catches up it never says what was only true 300 commits ago.
    let mut is_seen = false;
    for _ in 0..400 {
        tokio::time::advance(Duration::from_millis(5)).await;
        if desk.position().seq > Seq(0) && desk.position() != store.position(event.id) {
            is_seen = true;
            let answer = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).now_or_never();
            assert_eq!(answer, None, "at {} it is refused from memory", desk.position().seq);
        }
    }
    assert!(is_seen, "it was never seen half-way");
    assert_eq!(desk.position(), store.position(event.id), "it caught up in the end");
}

#[tokio::test(start_paused = true)]
async fn a_desk_far_behind_catches_up_and_sells() {
    let (event, store, here, there) = two_nodes().await;
    here.faults.fail_reads(Duration::from_millis(40));
    rename(&there, &event, 20).await;
    here.faults.heal();
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    assert_eq!(here.desk(event.id).await.position(), store.position(event.id));
    assert!(here.desk(event.id).await.is_settled_equal_to_draft());
    store.audit().expect("the store is sound");
}

/// A batch reads on until its desk has everything, while the follower does, too.
#[tokio::test(start_paused = true)]
async fn a_desk_a_thousand_commits_behind_sells() {
    let (event, store, here, there) = two_nodes().await;
    here.faults.fail_reads(Duration::from_secs(3_600));
    rename(&there, &event, 1_000).await;
    here.faults.heal();
    here.faults.stall_tails(Duration::from_millis(10));
    a_while().await;
    assert!(here.faults.counts().contains_key("tail stalled"), "the follower reads nothing");
    assert_ne!(here.desk(event.id).await.position(), store.position(event.id), "it has read everything");
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    assert_eq!(here.desk(event.id).await.position(), store.position(event.id));
    assert!(here.desk(event.id).await.is_settled_equal_to_draft());
}

/// After a restore equal numbers do not mean equal histories: the desk starts over, and nothing is sold twice.
#[tokio::test(start_paused = true)]
async fn another_history_is_loaded_anew() {
    let (event, store, here, there) = two_nodes().await;
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    a_while().await;
    let backup = store.backup(event.id);
    here.ask(event.id, book("Bob", seats(&[seat(1)]))).await.expect("it is free");
    a_while().await;
    store.restore(backup);
    // Bob's order is gone. A desk that still believes in it would refuse his seat.
    a_while().await;
    for node in [&here, &there] {
        let desk = node.desk(event.id).await;
        assert_eq!((desk.position(), desk.history()), (store.position(event.id), 2));
    }
    here.ask(event.id, book("Cy", seats(&[seat(1)]))).await.expect("in this history it is free");
    let refused = there.ask(event.id, book("Dan", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(sold(&event, 0)));
    store.audit().expect("the store is sound");
}

/// The same, met by a batch before any follower saw it: same number of commits, another head.
#[tokio::test(start_paused = true)]
async fn another_history_is_met_under_the_lock() {
    let (event, store, here, there) = two_nodes().await;
    let backup = store.backup(event.id);
    here.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    store.restore(backup);
    // The other node never heard of Ada, and makes another first commit.
    there.ask(event.id, book("Bob", seats(&[seat(1)]))).await.expect("it is free");
    here.ask(event.id, book("Cy", seats(&[seat(2)]))).await.expect("it is free in either history");
    assert_eq!(here.desk(event.id).await.position(), store.position(event.id));
    here.ask(event.id, book("Dan", seats(&[seat(0)]))).await.expect("in this history it is free");
    let refused = here.ask(event.id, book("Eve", seats(&[seat(1)]))).await;
    assert_eq!(refused, Err(sold(&event, 1)));
    store.audit().expect("the store is sound");
    assert_eq!(store.guard_failures(), 0, "no commit of the other history was tried");
}

#[tokio::test(start_paused = true)]
async fn a_pause_reaches_every_node() {
    let (event, _, here, there) = two_nodes().await;
    let pause = EventPatch { status: Some(EventStatus::Paused), ..EventPatch::default() };
    there.ask(event.id, configure(pause)).await.expect("settings can be changed");
    a_while().await;
    here.faults.fail_writes(Duration::from_secs(60));
    let refused = here.ask(event.id, hold("Ada", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(Rejection::SalePaused.into()));
}

#[tokio::test(start_paused = true)]
async fn the_longest_unused_desk_is_forgotten_and_comes_back() {
    let first = event(1).chart(ChartId(1), hall(1, 5).build()).build();
    let second = event(2).area("Field", 5).build();
    let store = store_with(&first).await;
    store.create_event(second.clone(), None).await.expect("a second event");
    let node = Node::start(&store, Options { desks_max: 1, ..Options::default() }, 1);
    node.ask(first.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    let before = Arc::downgrade(&node.desk(first.id).await);
    node.desk(second.id).await;
    a_while().await;
    assert!(before.upgrade().is_none(), "there is room for one");
    let refused = node.ask(first.id, book("Bob", seats(&[seat(0)]))).await;
    assert_eq!(refused, Err(sold(&first, 0)), "what it knew it knows again");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_event_is_forgotten() {
    let (event, store, here, _) = two_nodes().await;
    assert!(store.delete_event(event.id).await.expect("a deletion"));
    a_while().await;
    let gone = here.ask(event.id, hold("Ada", seats(&[seat(0)]))).await;
    assert_eq!(gone, Err(Rejection::NotFound(domain::rejection::Missing::Event).into()));
}

/// Once, and not at every round from then on.
#[tokio::test(start_paused = true)]
async fn an_event_that_a_failover_lost_is_forgotten() {
    let lost = event(1).chart(ChartId(1), hall(1, 5).build()).build();
    let kept = event(2).area("Field", 5).build();
    let store = store_with(&lost).await;
    store.create_event(kept.clone(), None).await.expect("a second event");
    let node = Node::start(&store, Options::default(), 1);
    let desk = Arc::downgrade(&node.desk(lost.id).await);
    let backup = store.backup(kept.id);
    assert!(store.delete_event(lost.id).await.expect("a deletion"));
    store.restore(backup);
    a_while().await;
    assert!(desk.upgrade().is_none(), "the desk of an event that is gone is still there");
}

/// Whoever listens to it would otherwise take commits that were lost for its own.
#[tokio::test(start_paused = true)]
async fn a_desk_that_is_never_idle_hears_of_a_failover_too() {
    let busy = event(1).chart(ChartId(1), hall(1, 5).build()).build();
    let other = event(2).area("Field", 5).build();
    let store = store_with(&busy).await;
    store.create_event(other.clone(), None).await.expect("a second event");
    let node = Arc::new(Node::start(&store, Options::default(), 1));
    let desk = node.desk(busy.id).await;
    let history = desk.history();
    // Each batch is still under way when the next round of the follower begins, and the next one waits already.
    let mut asking = tokio::task::JoinSet::new();
    for asker in 0..3 {
        let (node, event) = (node.clone(), busy.id);
        asking.spawn(async move {
            for round in 0..1_000 {
                node.faults.fail_next(Fault::StallAfter(Duration::from_millis(70)));
                let name = Some(format!("{asker} {round}"));
                drop(node.ask(event, configure(EventPatch { name, ..EventPatch::default() })).await);
            }
        });
    }
    a_while().await;
    store.restore(store.backup(other.id));
    for _ in 0..2 {
        a_while().await;
    }
    assert!(asking.try_join_next().is_none(), "the desk was idle");
    assert_ne!(desk.history(), history, "the desk goes on under the old name");
    asking.abort_all();
}

/// However long the store takes to say what the others did, and whether it has what this one did, batches go on.
#[tokio::test(start_paused = true)]
async fn no_batch_waits_for_what_the_follower_reads() {
    let (event, store, here, there) = two_nodes().await;
    let soon = |at| {
        tokio::time::timeout(Duration::from_secs(1), here.ask(event.id, book("Ada", seats(&[seat(at)]))))
    };
    here.faults.stall_tails(Duration::from_secs(20));
    there.ask(event.id, book("Bob", seats(&[seat(0)]))).await.expect("it is free");
    a_while().await;
    assert_eq!(here.faults.counts().get("tail stalled"), Some(&1), "the follower reads what the other did");
    soon(1).await.expect("the batch did not wait").expect("it is free");

    let rename = || configure(EventPatch { name: Some("Again".to_owned()), ..EventPatch::default() });
    here.faults.stall_tails(Duration::ZERO);
    // Longer than the time between two rounds: one is always under way.
    here.faults.stall_positions(Duration::from_millis(100));
    tokio::time::advance(Duration::from_secs(21)).await;
    a_while().await;
    // More commits than a desk remembers to have passed, while the store's word on them is on its way.
    for _ in 0..100 {
        here.ask(event.id, rename()).await.expect("settings can be changed");
    }
    here.faults.stall_tails(Duration::from_secs(20));
    a_while().await;
    assert_eq!(
        here.faults.counts().get("tail stalled"),
        Some(&2),
        "the follower looks for where the desk stands"
    );
    soon(2).await.expect("the batch did not wait").expect("it is free");
    tokio::time::advance(Duration::from_secs(21)).await;
    a_while().await;
    assert_eq!(here.desk(event.id).await.position(), store.position(event.id));
    assert!(here.desk(event.id).await.is_settled_equal_to_draft());
}

/// What the follower read may have come by a batch meanwhile, all of it or the first part: it then reads on, and the desk is not fresh
/// before it has the rest.
#[tokio::test(start_paused = true)]
async fn a_desk_that_a_batch_brought_a_part_of_the_way_is_not_fresh() {
    let (event, store, here, there) = two_nodes().await;
    here.faults.fail_reads(Duration::from_secs(1));
    hold_rename_release(&there, &event).await;
    let desk = here.desk(event.id).await;
    let is_stalled = |times| here.faults.counts().get("tail stalled") == Some(&times);

    // The first page is on its way to the follower when a batch reads it, and cannot read the next one.
    here.faults.stall_tails(Duration::from_millis(100));
    for _ in 0..400 {
        if is_stalled(1) {
            break;
        }
        tokio::time::advance(Duration::from_millis(5)).await;
    }
    assert!(is_stalled(1), "the follower reads nothing");
    here.faults.stall_tails(Duration::from_millis(10));
    let cut_off = async {
        for _ in 0..10_000 {
            if is_stalled(2) {
                break;
            }
            yield_now().await;
        }
        here.faults.fail_reads(Duration::from_millis(30));
    };
    let asked = here.ask(event.id, book("Cy", seats(&[seat(1)])));
    let (failed, ()) = futures_util::future::join(asked, cut_off).await;
    assert_eq!(failed, Err(Error::Unavailable));
    assert_eq!(desk.position().seq, Seq(256), "the batch read a page");

    here.faults.fail_writes(Duration::from_secs(60));
    here.faults.stall_tails(Duration::from_millis(100));
    let mut is_seen = false;
    for _ in 0..100 {
        tokio::time::advance(Duration::from_millis(5)).await;
        if desk.position() != store.position(event.id) {
            is_seen |= is_stalled(3);
            let answer = here.ask(event.id, hold("Bob", seats(&[seat(0)]))).now_or_never();
            assert_eq!(answer, None, "at {} it is refused from memory", desk.position().seq);
        }
    }
    assert!(is_seen, "the follower did not read on while the desk was behind");
    assert_eq!(desk.position(), store.position(event.id), "it caught up in the end");
}

/// A reading of the clock that took long is no reading: a sale that has opened is not said to be closed because a
/// commit was slow, however fresh the places are.
#[tokio::test(start_paused = true)]
async fn a_slow_commit_does_not_hold_the_clock_back() {
    let opens_at = testkit::clock::EPOCH.plus_seconds(1);
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).window(Some(opens_at), None).build();
    let store = store_with(&event).await;
    let (here, there) =
        (Node::start(&store, Options::default(), 1), Node::start(&store, Options::default(), 2));
    here.desk(event.id).await;
    let rename = |name: &str| configure(EventPatch { name: Some(name.to_owned()), ..EventPatch::default() });
    // It ends between two rounds of the follower, which then meets the other node's commit first.
    here.faults.fail_next(Fault::StallAfter(Duration::from_millis(2_010)));
    here.ask(event.id, rename("before the sale opened")).await.expect("settings can be changed");
    there.ask(event.id, rename("long after")).await.expect("settings can be changed");
    here.faults.fail_writes(Duration::from_secs(60));
    for _ in 0..30 {
        tokio::time::advance(Duration::from_millis(5)).await;
        let answer = here.ask(event.id, hold("Ada", seats(&[seat(0)]))).now_or_never();
        let is_late = matches!(answer, Some(Err(Error::Rejected(Rejection::SaleNotOpen { .. }))));
        assert!(!is_late, "the sale opened a second ago");
    }
}
