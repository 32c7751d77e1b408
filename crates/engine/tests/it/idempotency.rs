//! Same key and same body: same answer, one effect. On any node, whatever got lost.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, Seq};
use domain::place::{AreaIndex, SeatIndex};
use domain::rejection::{RefOwner, Rejection};
use engine::Error;
use engine::options::Options;
use engine::request::{Reply, Request};
use futures_util::FutureExt as _;
use testkit::ask::{book, cancel, hold, keyed, release, seats, units, with_code, with_hold_ref, with_ref};
use testkit::fault::Fault;
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::{hold_of, order_of, seq_of};
use testkit::sale::event;
use tokio::task::JoinSet;

const FLOOR: AreaIndex = AreaIndex(0);

fn sale() -> Arc<Event> {
    event(1).chart(ChartId(1), hall(4, 10).area("Floor", 100).build()).build()
}

async fn nodes(event: &Arc<Event>, count: u64) -> (Arc<MemoryStore>, Vec<Arc<Node>>) {
    let store = store_with(event).await;
    let nodes = (0..count).map(|seed| Arc::new(Node::start(&store, Options::default(), seed))).collect();
    (store, nodes)
}

fn orders(store: &MemoryStore, event: &Event) -> usize {
    store.look(event.id, |table| table.orders.len()).unwrap_or(0)
}

/// Asks the same thing fifty times at once: one effect, and no answer but that of the effect.
async fn fifty_at_once(count: u64, request: Request) {
    let event = sale();
    let (store, nodes) = nodes(&event, count).await;
    // In memory beforehand, so that all of them are admitted before the first is decided.
    for node in &nodes {
        node.desk(event.id).await;
    }
    let mut asking = JoinSet::new();
    for at in 0..50 {
        let (node, request, id) = (nodes[at % nodes.len()].clone(), request.clone(), event.id);
        asking.spawn(async move { node.ask(id, request).await });
    }
    let answers = asking.join_all().await;
    let done: Vec<&Reply> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert!(!done.is_empty());
    assert!(done.iter().all(|reply| reply.body == done[0].body), "answers differ: {done:?}");
    assert_eq!(done.iter().filter(|reply| !reply.is_replay).count(), 1, "one of them is the first");
    let others = answers.iter().filter_map(|answer| answer.as_ref().err());
    let strange: Vec<_> = others.filter(|error| **error != Rejection::IdempotencyInFlight.into()).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(orders(&store, &event), 1, "one effect");
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn fifty_requests_with_one_key_have_one_effect() {
    fifty_at_once(1, keyed(book("Ada", units(FLOOR, 2)), "key")).await;
}

#[tokio::test(start_paused = true)]
async fn fifty_requests_with_one_key_have_one_effect_on_three_nodes() {
    fifty_at_once(3, keyed(book("Ada", units(FLOOR, 2)), "key")).await;
}

#[tokio::test(start_paused = true)]
async fn fifty_requests_for_a_named_seat_have_one_effect() {
    fifty_at_once(1, keyed(book("Ada", seats(&[SeatIndex(0)])), "key")).await;
}

#[tokio::test(start_paused = true)]
async fn another_body_under_the_same_key_is_a_mismatch() {
    let event = sale();
    let (store, nodes) = nodes(&event, 2).await;
    nodes[0].ask(event.id, keyed(book("Ada", units(FLOOR, 1)), "key")).await.expect("there is room");
    for node in &nodes {
        let other = node.ask(event.id, keyed(book("Ada", units(FLOOR, 2)), "key")).await;
        assert_eq!(other, Err(Rejection::IdempotencyMismatch.into()));
    }
    assert_eq!(orders(&store, &event), 1);
}

/// The client of a request leaves when it has been admitted; what was admitted is decided.
#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_changes_nothing_about_what_is_decided() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    nodes[0].desk(event.id).await;
    let request = keyed(book("Ada", seats(&[SeatIndex(0)])), "key");
    let left = nodes[0].ask(event.id, request.clone()).now_or_never();
    assert!(left.is_none(), "a batch takes more than no time");
    // Time passes only when everybody is idle: by then the batch is done.
    tokio::time::advance(Duration::from_millis(1)).await;
    let again = nodes[0].ask(event.id, request).await.expect("the seat is his");
    assert!(again.is_replay, "it was decided after he left: {again:?}");
    assert_eq!(orders(&store, &event), 1);
    assert!(nodes[0].desk(event.id).await.is_settled_equal_to_draft());
}

/// The key's first use is committed by another node while the second waits here, and reaches this node's memory
/// before the second is decided.
#[tokio::test(start_paused = true)]
async fn a_key_used_elsewhere_while_its_request_waits_is_used() {
    let event = sale();
    let (store, nodes) = nodes(&event, 2).await;
    let (here, there) = (&nodes[0], &nodes[1]);
    here.desk(event.id).await;
    let request = keyed(book("Ada", units(FLOOR, 2)), "key");
    // A batch of others keeps this node busy, and brings the news along when it is locked at last.
    here.faults.fail_next(Fault::StallBefore(Duration::from_millis(300)));
    let mut asking = JoinSet::new();
    let (node, id) = (here.clone(), event.id);
    asking.spawn(async move { node.ask(id, book("Bob", units(FLOOR, 1))).await });
    tokio::time::advance(Duration::from_millis(10)).await;
    let (node, waiting) = (here.clone(), request.clone());
    asking.spawn(async move { node.ask(id, waiting).await });
    tokio::time::advance(Duration::from_millis(10)).await;
    let first = there.ask(event.id, request).await.expect("there is room");
    let answers: Vec<Reply> =
        asking.join_all().await.into_iter().map(|answer| answer.expect("there is room")).collect();
    let second = answers.iter().find(|reply| reply.body == first.body).expect("the same answer");
    assert!(second.is_replay && !first.is_replay);
    assert_eq!(orders(&store, &event), 2, "Ada's one order, and Bob's");
}

#[tokio::test(start_paused = true)]
async fn a_reference_belongs_to_one_order() {
    let event = sale();
    let (store, nodes) = nodes(&event, 2).await;
    let request = with_ref(book("Ada", units(FLOOR, 1)), "ref");
    let first = nodes[0].ask(event.id, request.clone()).await.expect("there is room");
    let order = order_of(&first).expect("an order");
    for node in &nodes {
        let same = node.ask(event.id, request.clone()).await.expect("the same request, asked again");
        assert_eq!((order_of(&same), same.is_replay), (Some(order), true));
        let other = node.ask(event.id, with_ref(book("Bob", units(FLOOR, 1)), "ref")).await;
        assert_eq!(other, Err(Rejection::RefTaken { by: RefOwner::Order(order) }.into()));
    }
    assert_eq!(orders(&store, &event), 1);
}

/// Keys are forgotten in time, references never: the winner who asks again after days is not told that his seat is sold.
#[tokio::test(start_paused = true)]
async fn a_reference_outlives_the_memory_of_it() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    let request = with_ref(book("Ada", seats(&[SeatIndex(3)])), "ref");
    let first = nodes[0].ask(event.id, request.clone()).await.expect("the seat is free");
    let keep = Options::default().idempotency_keep;
    for at in 0..3 {
        tokio::time::advance(keep + Duration::from_secs(1)).await;
        nodes[0].ask(event.id, book("Bob", units(FLOOR, at + 1))).await.expect("there is room");
    }
    let later = Node::start(&store, Options::default(), 9);
    for node in [&nodes[0], &later] {
        let same = node.ask(event.id, request.clone()).await.expect("the same request, asked again");
        assert_eq!((order_of(&same), same.is_replay), (order_of(&first), true));
        let other = node.ask(event.id, with_ref(book("Bob", seats(&[SeatIndex(3)])), "new")).await;
        assert!(matches!(other, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{other:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_belongs_to_one_ticket_and_hurts_no_neighbour() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    nodes[0].desk(event.id).await;
    let mut asking = JoinSet::new();
    for at in 0..4 {
        let code = if at < 2 { "same".to_owned() } else { format!("own {at}") };
        let request = with_code(book("Ada", seats(&[SeatIndex(at)])), &code);
        let (node, id) = (nodes[0].clone(), event.id);
        asking.spawn(async move { node.ask(id, request).await });
    }
    let answers = asking.join_all().await;
    let taken =
        |answer: &&Result<Reply, Error>| matches!(answer, Err(Error::Rejected(Rejection::CodeTaken { .. })));
    assert_eq!(answers.iter().filter(taken).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(orders(&store, &event), 3);
    assert_eq!(store.position(event.id).seq, Seq(1), "all of them in one commit");
}

/// Two that share a commit: the store knows neither of them when it is asked.
#[tokio::test(start_paused = true)]
async fn a_hold_s_reference_belongs_to_one_of_a_batch() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    nodes[0].desk(event.id).await;
    let named = |seat: u32| with_hold_ref(hold("Ada", seats(&[SeatIndex(seat)])), "cart");
    let (made, refused) = tokio::join!(nodes[0].ask(event.id, named(0)), nodes[0].ask(event.id, named(1)));
    let made = hold_of(&made.expect("the ref is new")).expect("a hold");
    assert_eq!(refused, Err(Rejection::RefTaken { by: RefOwner::Hold(made) }.into()));
    let after = nodes[0].ask(event.id, book("Bob", units(FLOOR, 1))).await;
    assert_eq!(after.as_ref().ok().and_then(seq_of), Some(Seq(2)), "both holds were decided for one commit");
    assert_eq!(store.position(event.id).seq, Seq(2));
}

/// What changes nothing makes no commit, so its answer must not name one.
#[tokio::test(start_paused = true)]
async fn an_answer_names_a_commit_that_there_is() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    let made = nodes[0].ask(event.id, book("Ada", units(FLOOR, 1))).await.expect("there is room");
    let order = order_of(&made).expect("an order");
    let first = nodes[0].ask(event.id, cancel(order)).await.expect("it can be cancelled");
    let second = nodes[0].ask(event.id, cancel(order)).await.expect("it is cancelled");
    assert_eq!((seq_of(&made), seq_of(&first), seq_of(&second)), (Some(Seq(1)), Some(Seq(2)), Some(Seq(2))));
    assert_eq!(store.position(event.id).seq, Seq(2));
}

#[tokio::test(start_paused = true)]
async fn releasing_twice_is_releasing_once() {
    let event = sale();
    let (store, nodes) = nodes(&event, 1).await;
    let made =
        nodes[0].ask(event.id, testkit::ask::hold("Ada", units(FLOOR, 1))).await.expect("there is room");
    let hold = testkit::renderer::hold_of(&made).expect("a hold");
    for _ in 0..2 {
        nodes[0].ask(event.id, release(hold)).await.expect("the places are gone from the hold");
    }
    assert_eq!(store.position(event.id).seq, Seq(2));
}
