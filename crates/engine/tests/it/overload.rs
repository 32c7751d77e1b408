//! Too much at once: new holds are shed before anybody who paid.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, HoldId};
use domain::place::{AreaIndex, SeatIndex};
use engine::Error;
use engine::options::Options;
use engine::request::Reply;
use testkit::ask::{confirm, hold, seats, units};
use testkit::fault::Fault;
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::hold_of;
use testkit::sale::event;
use tokio::task::JoinSet;

async fn sale(options: Options) -> (Arc<Event>, Arc<MemoryStore>, Arc<Node>, Vec<HoldId>) {
    let event = event(1).chart(ChartId(1), hall(2, 5).area("Floor", 1_000).build()).build();
    let store = store_with(&event).await;
    let node = Arc::new(Node::start(&store, options, 1));
    let mut holds = Vec::new();
    for at in 0..4 {
        let reply = node.ask(event.id, hold("Ada", seats(&[SeatIndex(at)]))).await.expect("it is free");
        holds.extend(hold_of(&reply));
    }
    (event, store, node, holds)
}

fn is_overloaded(answer: &Result<Reply, Error>) -> bool {
    matches!(answer, Err(Error::Overloaded { .. }))
}

/// Keeps the sequencer busy for a while.
async fn stall(
    node: &Arc<Node>,
    event: &Event,
    during: Duration,
    asking: &mut JoinSet<Result<Reply, Error>>,
) {
    node.faults.fail_next(Fault::StallBefore(during));
    let (node, id) = (node.clone(), event.id);
    asking.spawn(async move { node.ask(id, hold("first", units(AreaIndex(0), 1))).await });
    tokio::time::advance(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_sheds_holds_and_keeps_room_for_confirms() {
    let options = Options { batch_requests_max: 16, queue_requests_max: 16, ..Options::default() };
    let (event, store, node, holds) = sale(options).await;
    let mut first = JoinSet::new();
    stall(&node, &event, Duration::from_millis(500), &mut first).await;
    let mut newcomers = JoinSet::new();
    for buyer in 0..40 {
        let (node, id) = (node.clone(), event.id);
        newcomers.spawn(async move {
            node.ask(id, hold(&format!("buyer {buyer}"), units(AreaIndex(0), 1))).await
        });
    }
    tokio::time::advance(Duration::from_millis(1)).await;
    let mut payers = JoinSet::new();
    for paid in holds {
        let (node, id) = (node.clone(), event.id);
        payers.spawn(async move { node.ask(id, confirm(paid)).await });
    }
    let payers = payers.join_all().await;
    assert!(payers.iter().all(Result::is_ok), "whoever paid is served: {payers:?}");
    let newcomers = newcomers.join_all().await;
    assert_eq!(newcomers.iter().filter(|answer| answer.is_ok()).count(), 8, "half of the queue is theirs");
    assert_eq!(newcomers.iter().filter(|answer| is_overloaded(answer)).count(), 32);
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_too_long_is_shed_and_confirms_last() {
    let (event, store, node, holds) = sale(Options::default()).await;
    let mut asking = JoinSet::new();
    stall(&node, &event, Duration::from_secs(2), &mut asking).await;
    let mut waiting = JoinSet::new();
    for (at, request) in [hold("Bob", seats(&[SeatIndex(9)])), confirm(holds[0])].into_iter().enumerate() {
        let (node, id) = (node.clone(), event.id);
        waiting.spawn(async move { (at, node.ask(id, request).await) });
    }
    let mut answers = waiting.join_all().await;
    answers.sort_by_key(|(at, _)| *at);
    assert!(is_overloaded(&answers[0].1), "a hold does not wait for two seconds: {:?}", answers[0]);
    assert!(answers[1].1.is_ok(), "a confirm does: {:?}", answers[1]);
    let seat = store.look(event.id, |table| table.seats.contains_key(&SeatIndex(9)));
    assert_eq!(seat, Some(false), "what was shed had no effect");
    assert!(node.desk(event.id).await.is_settled_equal_to_draft());
}

/// One event's trouble is its own: while one waits for a store, another's queue is not full.
#[tokio::test(start_paused = true)]
async fn a_hot_event_fills_its_own_queue_alone() {
    use engine::store::Catalog as _;
    let options = Options { batch_requests_max: 16, queue_requests_max: 16, ..Options::default() };
    let (hot, store, node, _) = sale(options).await;
    let calm = testkit::sale::event(2).area("Field", 50).build();
    store.create_event(calm.clone(), None).await.expect("a second event");
    node.desk(calm.id).await;
    let mut first = JoinSet::new();
    stall(&node, &hot, Duration::from_millis(200), &mut first).await;
    let mut crowd = JoinSet::new();
    for buyer in 0..40 {
        let (node, id) = (node.clone(), hot.id);
        crowd.spawn(
            async move { node.ask(id, hold(&format!("buyer {buyer}"), units(AreaIndex(0), 1))).await },
        );
    }
    tokio::time::advance(Duration::from_millis(1)).await;
    node.ask(calm.id, hold("Cy", units(AreaIndex(0), 1))).await.expect("the calm event sells");
    assert!(crowd.join_all().await.iter().any(is_overloaded));
}
