//! Everybody wants the same seat at the same instant: one gets it, and everybody is told the truth.

use std::sync::Arc;

use domain::event::Event;
use domain::id::ChartId;
use domain::place::SeatIndex;
use domain::rejection::Rejection;
use engine::Error;
use engine::options::Options;
use engine::request::Reply;
use testkit::ask::{book, keyed, seats};
use testkit::hall::{hall, seat};
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::order_of;
use testkit::sale::event;
use tokio::task::JoinSet;

const BUYERS: u32 = 500;

fn one_seat() -> (Arc<Event>, SeatIndex) {
    let chart = hall(1, 1).section("VIP").first_row("TEST").build();
    let vip = seat(&chart, "VIP-TEST-1");
    (event(1).chart(ChartId(1), chart).build(), vip)
}

/// Lets every buyer ask a node of his own choice at once, and returns all answers.
async fn stampede(nodes: &[Arc<Node>], event: &Event, vip: SeatIndex) -> Vec<(u32, Result<Reply, Error>)> {
    let mut buyers = JoinSet::new();
    for buyer in 0..BUYERS {
        let node = nodes[buyer as usize % nodes.len()].clone();
        let request = keyed(book(&format!("buyer {buyer}"), seats(&[vip])), &format!("key {buyer}"));
        let id = event.id;
        buyers.spawn(async move { (buyer, node.ask(id, request).await) });
    }
    buyers.join_all().await
}

/// Exactly one winner, everybody else refused, and the winner's ticket given to him again when he asks again.
async fn one_wins(nodes: &[Arc<Node>], store: &MemoryStore, event: &Event, vip: SeatIndex) {
    let answers = stampede(nodes, event, vip).await;
    let winners: Vec<_> =
        answers.iter().filter_map(|(buyer, answer)| Some((*buyer, answer.as_ref().ok()?))).collect();
    let [(winner, reply)] = &*winners else { panic!("{} of {BUYERS} got the seat", winners.len()) };
    let is_refusal = |answer: &Result<Reply, Error>| {
        matches!(answer, Err(Error::Rejected(Rejection::PlaceUnavailable(_) | Rejection::PlaceContended(_))))
    };
    let refused = answers.iter().filter(|(_, answer)| is_refusal(answer)).count();
    assert_eq!(
        refused,
        BUYERS as usize - 1,
        "everybody else is told that somebody has, or is getting, the seat"
    );
    for node in nodes {
        let request = keyed(book(&format!("buyer {winner}"), seats(&[vip])), &format!("key {winner}"));
        let again = node.ask(event.id, request).await.expect("the winner is not told that it is sold");
        assert!(again.is_replay && again.body == reply.body, "the winner gets another answer: {again:?}");
    }
    store.audit().expect("the store is sound");
    let orders =
        store.look(event.id, |table| table.orders.values().map(|order| order.id).collect::<Vec<_>>());
    assert_eq!(orders, Some(vec![order_of(reply).expect("the winner has an order")]));
}

async fn run(nodes: u64, options: Options) {
    let (event, vip) = one_seat();
    let store = store_with(&event).await;
    let nodes: Vec<_> = (0..nodes).map(|seed| Arc::new(Node::start(&store, options.clone(), seed))).collect();
    one_wins(&nodes, &store, &event, vip).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_five_hundred_gets_the_seat() {
    run(1, Options::default()).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_five_hundred_gets_the_seat_on_three_nodes() {
    run(3, Options::default()).await;
}

#[tokio::test(start_paused = true)]
async fn the_store_alone_sells_nothing_twice() {
    run(1, Options { desk_refuses: false, ..Options::default() }).await;
    run(3, Options { desk_refuses: false, ..Options::default() }).await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_one_sells_nothing_twice() {
    let options = Options { batch_requests_max: 1, desk_refuses: false, ..Options::default() };
    run(2, options).await;
}

#[tokio::test(start_paused = true)]
async fn an_arena_sells_every_seat_once() {
    let chart = hall(10, 20).build();
    let event = event(1).chart(ChartId(1), chart).build();
    let store = store_with(&event).await;
    let nodes: Vec<_> = (0..3).map(|seed| Arc::new(Node::start(&store, Options::default(), seed))).collect();
    let mut buyers = JoinSet::new();
    for buyer in 0..300_u32 {
        let node = nodes[buyer as usize % 3].clone();
        let (id, request) = (event.id, book(&format!("buyer {buyer}"), testkit::ask::party(1)));
        buyers.spawn(async move { node.ask(id, request).await });
    }
    let answers = buyers.join_all().await;
    let sold = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(sold, 200, "every seat finds a buyer");
    let is_sold_out = |answer: &&Result<Reply, Error>| **answer == Err(Rejection::SoldOut.into());
    assert_eq!(answers.iter().filter(is_sold_out).count(), 100);
    store.audit().expect("the store is sound");
}
