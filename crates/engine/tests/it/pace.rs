//! How often batches are begun: at once for whoever is alone, and not before their time while a crowd is there.

use std::sync::Arc;
use std::time::Duration;

use domain::id::{ChartId, EventId};
use domain::place::AreaIndex;
use engine::options::Options;
use engine::store::Catalog as _;
use testkit::ask::{hold, units};
use testkit::fault::Fault;
use testkit::hall::hall;
use testkit::node::{Node, store_with};
use testkit::sale::event;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Twenty times the usual one: timers have no finer steps than milliseconds.
const INTERVAL: Duration = Duration::from_millis(40);
const QUARTER: Duration = Duration::from_millis(10);

/// Buyers who ask for places of so many events in turn: the first `arrivals` at once, the next half a quarter later, and so on by the quarter.
/// The first batch takes the store a quarter, others no time. Returns how long it took to serve all of them, and in how many batches.
async fn serve_with(options: Options, events: u64, arrivals: &[u64]) -> (Duration, u64) {
    let on_sale = |id| event(id).chart(ChartId(1), hall(2, 5).area("Floor", 1_000).build()).build();
    let store = store_with(&on_sale(1)).await;
    for id in 2..=events {
        store.create_event(on_sale(id), None).await.expect("a new store keeps every event");
    }
    let node = Arc::new(Node::start(&store, options, 1));
    for id in 1..=events {
        node.desk(EventId(id)).await;
    }
    node.faults.fail_next(Fault::StallBefore(QUARTER));
    let begun = Instant::now();
    let mut ticks = tokio::time::interval_at(begun + QUARTER / 2, QUARTER);
    let mut asking = JoinSet::new();
    for (at, buyers) in arrivals.iter().enumerate() {
        if at > 0 {
            ticks.tick().await;
        }
        for buyer in 0..*buyers {
            let node = node.clone();
            let request = hold(&format!("buyer {at} {buyer}"), units(AreaIndex(0), 1));
            asking.spawn(async move { node.ask(EventId(1 + buyer % events), request).await });
        }
    }
    assert!(asking.join_all().await.iter().all(Result::is_ok));
    let mut commits = 0;
    for id in 1..=events {
        commits += node.desk(EventId(id)).await.position().seq.0;
    }
    (begun.elapsed(), commits / events)
}

fn paced() -> Options {
    Options { batch_interval: INTERVAL, ..Options::default() }
}

async fn serve(arrivals: &[u64]) -> (Duration, u64) {
    serve_with(paced(), 1, arrivals).await
}

#[tokio::test(start_paused = true)]
async fn who_comes_fast_shares_a_commit() {
    assert_eq!(serve(&[8, 8, 8, 8, 8]).await, (INTERVAL, 2));
    assert_eq!(serve(&[8, 8]).await, (QUARTER * 3, 2), "all that could come were there");
    assert_eq!(serve_with(paced(), 4, &[8, 8, 8, 8, 8]).await, (INTERVAL, 2), "over several events");
}

#[tokio::test(start_paused = true)]
async fn who_is_alone_or_one_of_few_waits_for_the_store_and_nothing_else() {
    assert_eq!(serve(&[1]).await, (QUARTER, 1), "a lone buyer");
    assert_eq!(serve(&[7, 8]).await, (QUARTER, 2), "a batch of few");
    assert_eq!(serve(&[8, 7]).await, (QUARTER, 2), "few came meanwhile");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_while_a_batch_is_full_or_is_told_to() {
    let full = Options { batch_requests_max: 8, ..paced() };
    assert_eq!(serve_with(full, 1, &[8, 16]).await, (QUARTER, 3));
    let at_once = Options { batch_interval: Duration::ZERO, ..paced() };
    assert_eq!(serve_with(at_once, 1, &[8, 8]).await, (QUARTER, 2));
}
