//! Behind a gate: the losers of a race are told at once, and nothing depends on it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::id::ChartId;
use domain::place::SeatIndex;
use domain::rejection::{Reason, Rejection};
use engine::Error;
use engine::fleet::{Beat, Fleet};
use engine::gate::{Gate, GateFuture, GateSeat, Pass};
use engine::options::Options;
use parking_lot::Mutex;
use testkit::ask::{book, confirm, hold, release, seats};
use testkit::hall::hall;
use testkit::node::{Node, Others, store_with};
use testkit::renderer::{hold_of, order_of};
use testkit::sale::event;

/// Locks in memory.
#[derive(Default)]
struct Locks {
    held: Mutex<HashSet<GateSeat>>,
    asked: Mutex<Vec<GateSeat>>,
}

impl Gate for Locks {
    fn take(&self, seats: Vec<GateSeat>) -> GateFuture<'_, Pass> {
        self.asked.lock().extend(&seats);
        let mut held = self.held.lock();
        let (taken, lost) = seats.into_iter().partition(|seat| held.insert(*seat));
        Box::pin(std::future::ready(Pass { token: 1, taken, lost }))
    }

    fn release(&self, pass: Pass) {
        let mut held = self.held.lock();
        pass.taken.iter().for_each(|seat| _ = held.remove(seat));
    }
}

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

#[tokio::test(start_paused = true)]
async fn a_seat_that_another_node_decides_about_is_contended_and_hurts_no_neighbour() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let locks = Arc::new(Locks::default());
    let node = Node::behind(Some(locks.clone()), &store, Options::default(), 1);
    node.desk(event.id).await;
    locks.held.lock().insert((event.id, seat(3)));
    let (lost, sold) = tokio::join!(
        node.ask(event.id, book("Ada", seats(&[seat(2), seat(3)]))),
        node.ask(event.id, book("Bob", seats(&[seat(4)]))),
    );
    let Err(Error::Rejected(Rejection::PlaceContended(places))) = lost else { panic!("{lost:?}") };
    assert_eq!(places.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::Pending]);
    assert!(order_of(&sold.expect("its seat is nobody else's")).is_some());
    assert_eq!(*locks.held.lock(), HashSet::from([(event.id, seat(3))]), "what was taken is released");
    // The other node is done: the seat can be had, and nothing is pending any more.
    locks.held.lock().clear();
    assert!(node.ask(event.id, book("Ada", seats(&[seat(2), seat(3)]))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_has_a_seat_is_not_kept_from_it() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let locks = Arc::new(Locks::default());
    let node = Node::behind(Some(locks.clone()), &store, Options::default(), 1);
    let kept = node.ask(event.id, hold("Ada", seats(&[seat(1)]))).await.expect("it is free");
    let given = node.ask(event.id, hold("Bob", seats(&[seat(2)]))).await.expect("it is free");
    assert_eq!(*locks.asked.lock(), [(event.id, seat(1)), (event.id, seat(2))]);
    // A lock that nobody released keeps no owner from what is his.
    locks.held.lock().extend([(event.id, seat(1)), (event.id, seat(2))]);
    node.ask(event.id, confirm(hold_of(&kept).expect("a hold"))).await.expect("it is Ada's");
    node.ask(event.id, release(hold_of(&given).expect("a hold"))).await.expect("it is Bob's");
    assert_eq!(locks.asked.lock().len(), 2, "nobody asked again");
}

/// A gate that is never right: it says that it has locked what others have, and forgets what it locked.
struct Liar;

impl Gate for Liar {
    fn take(&self, seats: Vec<GateSeat>) -> GateFuture<'_, Pass> {
        Box::pin(std::future::ready(Pass { token: 1, taken: seats, lost: Vec::new() }))
    }

    fn release(&self, _: Pass) {}
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_lets_everybody_pass_sells_nothing_twice() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let gates: [Option<Arc<dyn Gate>>; 3] = [Some(Arc::new(Liar)), Some(Arc::new(Liar)), None];
    let nodes: Vec<Arc<Node>> = (0..)
        .zip(gates)
        .map(|(seed, gate)| Arc::new(Node::behind(gate, &store, Options::default(), seed)))
        .collect();
    let mut asking = tokio::task::JoinSet::new();
    for at in 0..90_usize {
        let (node, id) = (nodes[at % 3].clone(), event.id);
        let wanted = seat(u32::try_from(at / 9).expect("ten seats"));
        asking.spawn(async move { node.ask(id, book(&format!("buyer {at}"), seats(&[wanted]))).await });
    }
    let sold = asking.join_all().await.into_iter().filter(Result::is_ok).count();
    assert_eq!(sold, 10, "each seat once");
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_alone_asks_no_gate_until_another_comes() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let locks = Arc::new(Locks::default());
    let join = async |node| Fleet::join(&*store, Beat::of_this_binary(node)).await.expect("it is let in");
    let others = Others { gate: Some(locks.clone()), fleet: join(1).await, ..Others::default() };
    let node = Node::beside(others, &store, Options::default(), 1);
    node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("a free seat");
    assert_eq!(*locks.asked.lock(), [], "there is nobody to keep away");
    join(2).await;
    // The next beat tells.
    tokio::time::advance(Duration::from_secs(3)).await;
    tokio::task::yield_now().await;
    node.ask(event.id, book("Bob", seats(&[seat(1)]))).await.expect("a free seat");
    assert_eq!(*locks.asked.lock(), [(event.id, seat(1))]);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_cannot_know_whether_it_is_alone_asks_the_gate() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let locks = Arc::new(Locks::default());
    let fleet = Fleet::join(&*store, Beat::of_this_binary(1)).await.expect("it is let in");
    let others = Others { gate: Some(locks.clone()), fleet, ..Others::default() };
    let node = Node::beside(others, &store, Options::default(), 1);
    node.desk(event.id).await;
    // Its beats fail, and others may have come since the last one.
    node.faults.fail_reads(Duration::from_secs(60));
    tokio::time::timeout(Duration::from_secs(7), std::future::pending::<()>())
        .await
        .expect_err("time passes");
    node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("a free seat");
    assert_eq!(*locks.asked.lock(), [(event.id, seat(0))]);
}
