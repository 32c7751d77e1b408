//! When the store fails, or does not say: what is told is true, and what is not known is looked up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{ChartId, Seq};
use domain::place::SeatIndex;
use engine::Error;
use engine::options::Options;
use engine::store::{Catalog as _, TransactError};
use testkit::ask::{book, hold, keyed, seats, with_ref};
use testkit::fault::{Fault, Rates, Stop};
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::{PANICS, order_of};
use testkit::sale::event;
use tokio::task::JoinSet;

async fn one_node() -> (Arc<Event>, Arc<MemoryStore>, Arc<Node>) {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).build();
    let store = store_with(&event).await;
    let node = Arc::new(Node::start(&store, Options::default(), 1));
    (event, store, node)
}

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

async fn is_as_before(event: &Event, store: &MemoryStore, node: &Node, seq: u64) {
    let desk = node.desk(event.id).await;
    assert!(desk.is_settled_equal_to_draft(), "what failed was not taken back");
    assert_eq!((desk.position(), desk.position().seq), (store.position(event.id), Seq(seq)));
    assert!(!desk.is_pending(seat(0)), "nothing is pending any more");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_that_committed_is_acknowledged() {
    for fault in [Fault::UnknownCommitted, Fault::InDoubt] {
        let (event, store, node) = one_node().await;
        store.set_commit_time(Duration::from_millis(200));
        node.faults.fail_next(fault);
        let reply = node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it was committed");
        assert!(order_of(&reply).is_some() && !reply.is_replay);
        is_as_before(&event, &store, &node, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_committed_is_not_acknowledged_and_can_be_had() {
    for fault in [Fault::UnknownLost, Fault::RolledBack, Fault::Nothing] {
        let (event, store, node) = one_node().await;
        node.faults.fail_next(fault);
        let request = keyed(book("Ada", seats(&[seat(0)])), "key");
        let failed = node.ask(event.id, request.clone()).await;
        assert_eq!(failed, Err(Error::Unavailable), "{fault:?}");
        is_as_before(&event, &store, &node, 0).await;
        let reply = node.ask(event.id, request).await.expect("the seat is free");
        assert!(!reply.is_replay, "it had no effect before");
        is_as_before(&event, &store, &node, 1).await;
        store.audit().expect("the store is sound");
    }
}

/// Buyers' counters are taken back with the batch, so that a failure does not use up a limit.
#[tokio::test(start_paused = true)]
async fn limits_are_taken_back_too() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).max_per_buyer(2).build();
    let store = store_with(&event).await;
    let node = Node::start(&store, Options::default(), 1);
    for _ in 0..3 {
        node.faults.fail_next(Fault::RolledBack);
        let failed = node.ask(event.id, hold("Ada", seats(&[seat(0), seat(1)]))).await;
        assert_eq!(failed, Err(Error::Unavailable));
    }
    node.ask(event.id, hold("Ada", seats(&[seat(0), seat(1)]))).await.expect("nothing of the limit is used");
    let over = node.ask(event.id, hold("Ada", seats(&[seat(2)]))).await;
    assert!(matches!(over, Err(Error::Rejected(_))), "the limit holds: {over:?}");
}

/// A look-up that takes too long: the client is told, with the identifier that the order has if there is one.
#[tokio::test(start_paused = true)]
async fn an_outcome_that_stays_unknown_is_told_and_found_again() {
    let (event, store, node) = one_node().await;
    node.desk(event.id).await;
    node.faults.fail_next(Fault::UnknownCommitted);
    node.faults.fail_reads(Duration::from_secs(20));
    let request = keyed(book("Ada", seats(&[seat(0)])), "key");
    let unknown = node.ask(event.id, request.clone()).await;
    let Err(Error::OutcomeUnknown { id: Some(id) }) = unknown else { panic!("told {unknown:?}") };
    // As long as it is not known, nobody else gets the place, and the key is in flight.
    assert!(node.desk(event.id).await.is_pending(seat(0)));
    let meanwhile = node.ask(event.id, request.clone()).await;
    assert_eq!(meanwhile, Err(domain::rejection::Rejection::IdempotencyInFlight.into()));
    tokio::time::advance(Duration::from_secs(20)).await;
    let found = loop {
        match node.ask(event.id, request.clone()).await {
            Ok(reply) => break reply,
            Err(Error::Rejected(domain::rejection::Rejection::IdempotencyInFlight)) => {
                tokio::time::advance(Duration::from_millis(50)).await;
            }
            other => panic!("told {other:?}"),
        }
    };
    assert!(found.is_replay);
    assert_eq!(order_of(&found).map(|order| order.to_string()), Some(id), "the identifier that was told");
    is_as_before(&event, &store, &node, 1).await;
}

/// A store that stands still: whoever is in the batch is told what there is if it commits, and who waits behind it is
/// told that nothing happened, which then stays true.
#[tokio::test(start_paused = true)]
async fn a_store_that_stands_still_is_not_waited_for_for_ever() {
    let (event, store, node) = one_node().await;
    node.desk(event.id).await;
    store.set_commit_time(Duration::from_secs(25));
    let mut buyers = JoinSet::new();
    let mut come = |buyer: &'static str, at: u32| {
        let (node, event) = (node.clone(), event.id);
        buyers.spawn(async move { (buyer, node.ask(event, book(buyer, seats(&[seat(at)]))).await) });
    };
    come("Ada", 0);
    while !node.desk(event.id).await.is_pending(seat(0)) {
        tokio::task::yield_now().await;
    }
    // Her batch is under way before Bob comes.
    tokio::time::advance(Duration::from_millis(1)).await;
    come("Bob", 1);
    let told: HashMap<_, _> = buyers.join_all().await.into_iter().collect();
    let Err(Error::OutcomeUnknown { id: Some(id) }) = &told["Ada"] else { panic!("told {told:?}") };
    assert!(matches!(told["Bob"], Err(Error::Overloaded { .. })), "told {told:?}");
    assert_eq!(store.position(event.id).seq, Seq(0), "neither has happened yet");
    while store.position(event.id).seq == Seq(0) || node.desk(event.id).await.is_pending(seat(0)) {
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    is_as_before(&event, &store, &node, 1).await;
    let orders =
        store.look(event.id, |table| table.orders.values().map(|order| order.id.to_string()).collect());
    assert_eq!(orders, Some(vec![id.clone()]), "Ada's, and only hers");
    assert!(!node.desk(event.id).await.is_pending(seat(1)));
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_fails_is_met_with_a_fresh_desk() {
    let (event, store, node) = one_node().await;
    node.faults.fail_next(Fault::Stale);
    node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("the second attempt succeeds");
    is_as_before(&event, &store, &node, 1).await;
    (0..3).for_each(|_| node.faults.fail_next(Fault::Stale));
    let failed = node.ask(event.id, book("Bob", seats(&[seat(1)]))).await;
    assert_eq!(failed, Err(Error::Unavailable), "a desk that is never right gives up");
    is_as_before(&event, &store, &node, 1).await;
}

/// An assertion that fails while a batch is decided: everybody in it hears that nothing happened, and nothing of it
/// stays, neither pending places nor counted limits.
#[tokio::test(start_paused = true)]
async fn a_decision_that_panics_leaves_nothing_behind() {
    let event = event(1).chart(ChartId(1), hall(2, 5).build()).max_per_buyer(1).build();
    let store = store_with(&event).await;
    let node = Arc::new(Node::start(&store, Options::default(), 1));
    node.desk(event.id).await;
    let mut buyers = JoinSet::new();
    for (at, buyer) in (0..).zip(["Ada", PANICS, "Bob"]) {
        let (node, event) = (node.clone(), event.id);
        buyers.spawn(async move { node.ask(event, book(buyer, seats(&[seat(at)]))).await });
    }
    for told in buyers.join_all().await {
        assert_eq!(told, Err(Error::Unavailable));
    }
    is_as_before(&event, &store, &node, 0).await;
    for (at, buyer) in (0..).zip(["Ada", "Cy", "Bob"]) {
        node.ask(event.id, book(buyer, seats(&[seat(at)])))
            .await
            .expect("free, and nothing of the limit is used");
    }
    store.audit().expect("the store is sound");
}

/// Two events of one batch, one of whose decisions panics: the other's request is decided once more, alone.
#[tokio::test(start_paused = true)]
async fn a_decision_that_panics_fails_no_other_event() {
    let ([broken, sound], store, node) = several_events().await;
    let asked = [(&broken, PANICS, 0), (&sound, "Bob", 0), (&broken, "Cyn", 1)]
        .map(|(event, buyer, at)| node.ask(event.id, book(buyer, seats(&[seat(at)]))));
    let [panicked, sold, with_it] = futures_util::future::join_all(asked).await.try_into().expect("three");
    assert_eq!((panicked, with_it), (Err(Error::Unavailable), Err(Error::Unavailable)));
    sold.expect("it has nothing to do with the other");
    is_as_before(&sound, &store, &node, 1).await;
    is_as_before(&broken, &store, &node, 0).await;
    node.ask(broken.id, book("Cyn", seats(&[seat(0)]))).await.expect("the desk was mended");
    assert_eq!(store.panics(), 1, "it is not tried again");
    store.audit().expect("the store is sound");
}

/// An outcome that cannot be looked up in one event of the batch, since its ledger is damaged, is looked up in another.
#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_looked_up_where_it_can_be_read() {
    for fault in [Fault::UnknownCommitted, Fault::UnknownLost] {
        let ([damaged, sound], store, node) = several_events().await;
        node.faults.damage_ledger(damaged.id);
        node.faults.fail_next(fault);
        let asked = [&damaged, &sound].map(|event| node.ask(event.id, book("Ada", seats(&[seat(0)]))));
        for told in futures_util::future::join_all(asked).await {
            let is_told = told.as_ref().err().is_none_or(|error| *error == Error::Unavailable);
            assert!(is_told && told.is_ok() == (fault == Fault::UnknownCommitted), "{told:?}");
        }
        assert_eq!(node.faults.counts().get("ledger damaged"), Some(&1), "the damaged one was asked first");
        node.faults.heal();
        store.audit().expect("the store is sound");
    }
}

/// An outcome that no event of the batch can tell: everybody hears that it is unknown, nobody waits behind it, and what was
/// committed is found when the event can be read again.
#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_of_a_damaged_event_stops_no_other() {
    let ([damaged, sound], store, node) = several_events().await;
    node.faults.damage_ledger(damaged.id);
    node.faults.fail_next(Fault::UnknownCommitted);
    let request = keyed(book("Ada", seats(&[seat(0)])), "key");
    let told = node.ask(damaged.id, request.clone()).await;
    let Err(Error::OutcomeUnknown { id: Some(id) }) = told else { panic!("told {told:?}") };
    let refused = node.ask(damaged.id, book("Bob", seats(&[seat(1)]))).await;
    assert_eq!(refused, Err(Error::Unavailable));
    node.ask(sound.id, book("Bob", seats(&[seat(1)]))).await.expect("another event is sold");
    node.faults.heal();
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    let found = loop {
        match node.ask(damaged.id, request.clone()).await {
            Ok(reply) => break reply,
            Err(error) => assert_eq!(error, Error::Unavailable),
        }
        assert!(tokio::time::Instant::now() < until, "it is refused for ever");
        tokio::time::advance(Duration::from_millis(100)).await;
    };
    assert!(found.is_replay);
    assert_eq!(order_of(&found).map(|order| order.to_string()), Some(id), "the identifier that was told");
    is_as_before(&damaged, &store, &node, 1).await;
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_decides_twice_keeps_the_second_decision() {
    let (event, store, node) = one_node().await;
    node.faults.fail_next(Fault::DecideTwice);
    node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    is_as_before(&event, &store, &node, 1).await;
    store.audit().expect("the store is sound");
}

/// What was decided on a guess is gone when its event is left to whoever has it: what became of the others in the batch has nothing
/// to do with it.
#[tokio::test(start_paused = true)]
async fn a_wrong_guess_leaves_nothing_behind() {
    let (left, store, node) = one_node().await;
    let other = event(2).chart(ChartId(1), hall(2, 5).build()).build();
    store.create_event(other.clone(), None).await.expect("a new event");
    for event in [&left, &other] {
        node.desk(event.id).await;
    }
    node.faults.fail_next(Fault::GuessesWrong);
    let (first, second) = tokio::join!(
        node.ask(left.id, book("Ada", seats(&[seat(0)]))),
        node.ask(other.id, book("Bob", seats(&[seat(0)])))
    );
    assert_eq!(node.faults.counts().get("guessed wrong"), Some(&1), "in one batch");
    first.expect("it is free, and its turn comes");
    second.expect("it was committed");
    for event in [&left, &other] {
        is_as_before(event, &store, &node, 1).await;
    }
    store.audit().expect("the store is sound");
}

/// Orders of one batch are whole, each for itself: who cannot have everything gets nothing, and hurts nobody.
#[tokio::test(start_paused = true)]
async fn a_refused_neighbour_hurts_nobody() {
    let (event, store, node) = one_node().await;
    node.ask(event.id, book("first", seats(&[seat(9)]))).await.expect("it is free");
    let options = Options { desk_refuses: false, ..Options::default() };
    let node = Arc::new(Node::start(&store, options, 2));
    node.desk(event.id).await;
    let mut asking = JoinSet::new();
    for (buyer, wanted) in [[0, 1], [2, 9], [3, 4], [1, 5]].into_iter().enumerate() {
        let request = book(&format!("buyer {buyer}"), seats(&wanted.map(seat)));
        let (node, id) = (node.clone(), event.id);
        asking.spawn(async move { (buyer, node.ask(id, request).await.is_ok()) });
    }
    let mut answers = asking.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [(0, true), (1, false), (2, true), (3, false)]);
    assert_eq!(store.position(event.id).seq, Seq(2), "all of it in one commit");
    store.audit().expect("the store is sound");
}

/// A node dies with a batch under way: what was acknowledged is there, and a new node sells on.
#[tokio::test(start_paused = true)]
async fn a_node_that_dies_loses_nothing_that_was_acknowledged() {
    let (event, store, node) = one_node().await;
    store.set_commit_time(Duration::from_millis(10));
    let kept = node.ask(event.id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    node.faults.fail_next(Fault::Detached);
    let asking = node.ask(event.id, keyed(book("Bob", seats(&[seat(1)])), "key"));
    let cut = tokio::time::timeout(Duration::from_millis(5), asking).await;
    assert!(cut.is_err(), "the commit was still under way");
    let faults = node.faults.clone();
    drop(Arc::into_inner(node));
    let heir = Node::start(&store, Options::default(), 2);
    let again = heir.ask(event.id, keyed(book("Bob", seats(&[seat(1)])), "key")).await;
    let again = again.expect("it is his, however it came about");
    drop(faults);
    let orders: Vec<_> = store
        .look(event.id, |table| table.orders.values().map(|order| order.id).collect())
        .expect("the event is there");
    assert_eq!(orders, [order_of(&kept).expect("an order"), order_of(&again).expect("an order")]);
    store.audit().expect("the store is sound");
}

#[test]
fn errors_say_what_was_changed() {
    let error = TransactError::Unknown("a cut".to_owned());
    assert_eq!(error.to_string(), "the outcome is unknown: a cut");
}

/// A barcode or a reference that is taken although nobody found it: only whoever brought it is refused.
#[tokio::test(start_paused = true)]
async fn a_request_that_a_guard_stops_fails_no_neighbour() {
    a_request_that_is_stopped_fails_no_neighbour(Stop::AtGuard).await;
}

/// A hold that cannot be read: only whoever asks for it is refused.
#[tokio::test(start_paused = true)]
async fn a_request_whose_row_cannot_be_read_fails_no_neighbour() {
    a_request_that_is_stopped_fails_no_neighbour(Stop::AtRow).await;
}

async fn a_request_that_is_stopped_fails_no_neighbour(stop: Stop) {
    let (event, store, node) = one_node().await;
    node.desk(event.id).await;
    let guilty = with_ref(book("buyer 3", seats(&[seat(3)])), "taken");
    node.faults.stop_reference(guilty.order_ref.expect("it has a reference").0, stop);
    let mut asks = JoinSet::new();
    for at in 0..10 {
        let (node, id) = (node.clone(), event.id);
        let innocent = with_ref(book(&format!("buyer {at}"), seats(&[seat(at)])), &format!("ref {at}"));
        let request = if at == 3 { guilty.clone() } else { innocent };
        asks.spawn(async move { (at, node.ask(id, request).await) });
    }
    for (at, answer) in asks.join_all().await {
        if at == 3 {
            assert_eq!(answer, Err(Error::Unavailable));
        } else {
            assert!(answer.is_ok(), "buyer {at} pays for what another one brought: {answer:?}");
        }
    }
    // Halves, and halves of halves, not each by itself: 3 of 8 steps are spared at least.
    assert!(store.position(event.id).seq.0 < 9, "every request was committed by itself");
    store.audit().expect("the store is sound");
    let desk = node.desk(event.id).await;
    assert!(desk.is_settled_equal_to_draft() && !desk.is_pending(seat(3)), "what failed was not taken back");
}

/// One lane with several events, whose parts go together.
async fn several_events<const N: usize>() -> ([Arc<Event>; N], Arc<MemoryStore>, Arc<Node>) {
    let event_of = |at| event(at as u64 + 1).chart(ChartId(1), hall(2, 8).build()).live().build();
    let events: [_; N] = std::array::from_fn(event_of);
    let store = store_with(&events[0]).await;
    for event in &events[1..] {
        store.create_event(event.clone(), None).await.expect("it is kept");
    }
    let node = Arc::new(Node::start(&store, Options::default(), 1));
    for event in &events {
        node.desk(event.id).await;
    }
    (events, store, node)
}

#[tokio::test(start_paused = true)]
async fn events_that_guards_stop_fail_no_other_event() {
    events_that_are_stopped_fail_no_other_event(Stop::AtGuard).await;
}

#[tokio::test(start_paused = true)]
async fn events_with_rows_that_cannot_be_read_fail_no_other_event() {
    events_that_are_stopped_fail_no_other_event(Stop::AtRow).await;
}

/// Four events of one batch have a request that is stopped, and a fifth one has none.
async fn events_that_are_stopped_fail_no_other_event(stop: Stop) {
    let (events, store, node) = several_events::<5>().await;
    let guilty = with_ref(book("guilty", seats(&[seat(3)])), "taken");
    node.faults.stop_reference(guilty.order_ref.expect("it has a reference").0, stop);
    let mut asks = JoinSet::new();
    for event in &events {
        for at in [2, 3] {
            let is_guilty = at == 3 && event.id.0 != 3;
            let request = if is_guilty { guilty.clone() } else { book("Ada", seats(&[seat(at)])) };
            let (node, id) = (node.clone(), event.id);
            asks.spawn(async move { (id, is_guilty, node.ask(id, request).await) });
        }
    }
    for (event, is_guilty, answer) in asks.join_all().await {
        assert_eq!(answer.is_err(), is_guilty, "{event}: {answer:?}");
    }
    assert_eq!(store.position(events[2].id).seq, Seq(1), "the innocent event's requests went together");
    store.audit().expect("the store is sound");
}

/// Many events of one batch have something that cannot be read: the lane does not try without each of them in turn.
#[tokio::test(start_paused = true)]
async fn many_events_that_fail_their_batch_are_soon_tried_alone() {
    let (events, store, node) = several_events::<40>().await;
    let guilty = with_ref(book("guilty", seats(&[seat(3)])), "taken");
    node.faults.stop_reference(guilty.order_ref.expect("it has a reference").0, Stop::AtRow);
    node.faults.set_rates(Rates { latency_max: Duration::from_millis(400), ..Rates::default() });
    let began = tokio::time::Instant::now();
    let asked = events.iter().map(|event| {
        let is_guilty = event.id.0 % 2 == 0;
        let request = if is_guilty { guilty.clone() } else { book("Ada", seats(&[seat(3)])) };
        let node = &node;
        async move { (is_guilty, node.ask(event.id, request).await) }
    });
    for (is_guilty, answer) in futures_util::future::join_all(asked).await {
        assert_eq!(answer.is_err(), is_guilty, "{answer:?}");
    }
    // Alone they are tried side by side; in turn they would take twice as long.
    assert!(began.elapsed() < Duration::from_secs(4), "it took {:?}", began.elapsed());
    store.audit().expect("the store is sound");
}

/// While the requests of one event are tried by halves, the lane goes on.
#[tokio::test(start_paused = true)]
async fn an_event_that_is_divided_keeps_no_other_waiting() {
    let (events, store, node) = several_events::<2>().await;
    let commit = Duration::from_millis(200);
    store.set_commit_time(commit);
    let guilty = with_ref(book("guilty", seats(&[seat(9)])), "taken");
    node.faults.stop_reference(guilty.order_ref.expect("it has a reference").0, Stop::AtGuard);
    let mut asks = JoinSet::new();
    for at in 0..16 {
        let request = if at == 9 { guilty.clone() } else { book(&format!("buyer {at}"), seats(&[seat(at)])) };
        let (node, id) = (node.clone(), events[0].id);
        asks.spawn(async move { node.ask(id, request).await });
    }
    // After that batch has begun.
    let first = asks.join_next().await.expect("somebody asked").expect("and is answered");
    first.expect("it was in an innocent half");
    let began = tokio::time::Instant::now();
    node.ask(events[1].id, book("Ada", seats(&[seat(0)]))).await.expect("it is free");
    let took = began.elapsed();
    assert!(took < commit * 2, "it took {took:?} beside an event that is divided");
    assert!(!asks.is_empty(), "the other event has long been done");
    let answers = asks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1, "{answers:?}");
}
