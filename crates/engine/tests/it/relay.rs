//! Commits in passing: known sooner where they come through, and nothing else whatever becomes of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::command::{Assign, Assignment, Command};
use domain::event::Event;
use domain::id::{ChartId, Seq};
use domain::place::{ChannelKey, SeatIndex};
use domain::rejection::Rejection;
use engine::Error;
use engine::options::Options;
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use testkit::ask::{book, hold, keyed, request, seats};
use testkit::fault::Rates;
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, Others, store_with};
use testkit::relay::{Office, mischief};
use testkit::sale::event;
use tokio::task::yield_now;

const SECRET: [u8; 32] = [1; 32];
/// Turns of other tasks that are waited for at most.
const TURNS_MAX: usize = 10_000;

/// Desks that never ask the store for news by themselves: what they know came in passing, or because something was missing.
fn deaf() -> Options {
    let hour = Duration::from_secs(3_600);
    Options { follow_interval: hour, refusal_age_max: hour * 2, ..Options::default() }
}

fn among(
    office: &Arc<Office>,
    secret: &[u8; 32],
    store: &Arc<MemoryStore>,
    options: Options,
    seed: u64,
) -> Node {
    let others = Others { relay: Some(office.relaying(secret)), ..Others::default() };
    Node::beside(others, store, options, seed)
}

fn node(store: &Arc<MemoryStore>, office: &Arc<Office>, options: Options, seed: u64) -> Node {
    among(office, &SECRET, store, options, seed)
}

/// Two nodes that have the event in memory, and have looked for news once.
async fn pair(event: &Arc<Event>, office: &Arc<Office>, options: &Options) -> (Arc<MemoryStore>, Node, Node) {
    let store = store_with(event).await;
    let nodes = (node(&store, office, options.clone(), 1), node(&store, office, options.clone(), 2));
    nodes.0.desk(event.id).await;
    nodes.1.desk(event.id).await;
    settle().await;
    (store, nodes.0, nodes.1)
}

fn sale() -> Arc<Event> {
    event(1).chart(ChartId(1), hall(2, 5).build()).max_per_buyer(2).build()
}

async fn sell(node: &Node, event: &Event, buyer: &str, seat: u32) {
    node.ask(event.id, book(buyer, seats(&[SeatIndex(seat)]))).await.expect("it is free");
}

/// Lets everything happen that can happen without time passing.
async fn settle() {
    for _ in 0..200 {
        yield_now().await;
    }
}

/// Lets time pass, and everything happen meanwhile.
async fn pass(time: Duration) {
    let mut ticks = tokio::time::interval(time);
    ticks.tick().await;
    ticks.tick().await;
}

/// Waits, without time passing, until a node's desk has a commit.
async fn known(node: &Node, event: &Event, seq: u64) {
    let desk = node.desk(event.id).await;
    for _ in 0..TURNS_MAX {
        if desk.position().seq >= Seq(seq) {
            assert!(desk.is_settled_equal_to_draft());
            return;
        }
        yield_now().await;
    }
    panic!("the desk knows {} and not {seq}", desk.position().seq);
}

async fn seq(node: &Node, event: &Event) -> u64 {
    node.desk(event.id).await.position().seq.0
}

/// Keeps every message, and delivers none.
fn kept() -> (Arc<Mutex<Vec<Bytes>>>, testkit::relay::Mischief) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeping = kept.clone();
    let keep = Box::new(move |message| {
        keeping.lock().push(message);
        Vec::new()
    });
    (kept, keep)
}

#[tokio::test(start_paused = true)]
async fn what_another_node_commits_is_known_without_asking_the_store() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    let winner = keyed(book("Ada", seats(&[SeatIndex(0), SeatIndex(1)])), "once");
    let first = one.ask(event.id, winner.clone()).await.expect("it is free");
    known(&other, &event, 1).await;
    assert_eq!(other.desk(event.id).await.position(), store.position(event.id));
    // Its seats, its key, and what its buyer is counted under.
    let hour = Duration::from_secs(3_600);
    other.faults.fail_reads(hour);
    other.faults.fail_writes(hour);
    let lost = other.ask(event.id, book("Bob", seats(&[SeatIndex(0)]))).await;
    assert!(matches!(lost, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{lost:?}");
    other.faults.heal();
    let again = other.ask(event.id, winner).await.expect("it was done before");
    assert!(again.is_replay && again.body == first.body);
    let third = other.ask(event.id, book("Ada", seats(&[SeatIndex(2)]))).await;
    assert!(matches!(third, Err(Error::Rejected(Rejection::LimitExceeded { .. }))), "{third:?}");
    sell(&other, &event, "Bob", 3).await;
    known(&one, &event, 2).await;
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_is_read_from_the_ledger_once_something_comes_after_it() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    office.now(Box::new(|_| Vec::new()));
    sell(&one, &event, "Ada", 0).await;
    sell(&one, &event, "Bob", 1).await;
    settle().await;
    assert_eq!(seq(&other, &event).await, 0, "it heard nothing");
    office.now(Box::new(|message| vec![message]));
    sell(&one, &event, "Cy", 2).await;
    known(&other, &event, 3).await;
    assert_eq!(other.desk(event.id).await.position(), store.position(event.id));
}

#[tokio::test(start_paused = true)]
async fn what_comes_twice_or_in_another_order_is_taken_once_and_in_its_own() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    let (kept, keep) = kept();
    office.now(keep);
    for seat in 0..6 {
        sell(&one, &event, &format!("buyer {seat}"), seat).await;
        settle().await;
    }
    // Without the first, nothing follows from what the desk has; the store is asked, and says no: it must come in passing.
    other.faults.fail_reads(Duration::from_secs(3_600));
    let messages = kept.lock().clone();
    assert_eq!(messages.len(), 6);
    for message in messages.iter().rev().chain(&messages) {
        office.deliver(message);
    }
    known(&other, &event, 6).await;
    other.faults.heal();
    assert_eq!(other.desk(event.id).await.position(), store.position(event.id));
    sell(&other, &event, "Cy", 7).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_relay_and_what_gathers_meanwhile_goes_as_one() {
    let event = event(1).chart(ChartId(1), hall(20, 20).build()).build();
    let office = Office::new();
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    let messages = Arc::new(Mutex::new(0));
    let seen = messages.clone();
    office.now(Box::new(move |message| {
        *seen.lock() += 1;
        vec![message]
    }));
    office.stand_still(true);
    for seat in 0..10 {
        sell(&one, &event, "Ada", seat).await;
    }
    settle().await;
    assert_eq!(seq(&other, &event).await, 0);
    office.stand_still(false);
    known(&other, &event, 10).await;
    assert_eq!(*messages.lock(), 2, "the first, and all others");
    // More than is kept for it: what finds no room is not told, and nobody waits for that either.
    office.stand_still(true);
    for seat in 10..310 {
        sell(&one, &event, "Ada", seat).await;
    }
    office.stand_still(false);
    settle().await;
    sell(&one, &event, "Ada", 310).await;
    known(&other, &event, 311).await;
    assert_eq!(other.desk(event.id).await.position(), store.position(event.id));
}

#[tokio::test(start_paused = true)]
async fn lies_are_ignored_and_the_ledger_says_what_is_so() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &Options::default()).await;
    let (kept, keep) = kept();
    office.now(keep);
    sell(&one, &event, "Ada", 0).await;
    settle().await;
    let message = kept.lock()[0].clone();
    for at in 0..message.len() {
        let mut garbled = message.to_vec();
        garbled[at] ^= 0x10;
        office.deliver(&garbled.into());
        office.deliver(&message.slice(..at));
        settle().await;
    }
    assert_eq!(seq(&other, &event).await, 0, "nothing of that was believed");
    // Another installation's node, with the same event and a commit that would fit.
    let strangers = store_with(&event).await;
    let foreign = Office::new();
    let stranger = among(&foreign, &[2; 32], &strangers, Options::default(), 3);
    let (heard, keep) = self::kept();
    foreign.now(keep);
    sell(&stranger, &event, "Mallory", 5).await;
    settle().await;
    office.deliver(&heard.lock()[0].clone());
    settle().await;
    assert_eq!(seq(&other, &event).await, 0, "nor what another installation says");
    // Time passes, and the desk asks.
    tokio::time::advance(Duration::from_millis(60)).await;
    known(&other, &event, 1).await;
    assert_eq!(other.desk(event.id).await.position(), store.position(event.id));
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_another_history_is_ignored() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    sell(&one, &event, "Ada", 0).await;
    known(&other, &event, 1).await;
    let past = store.backup(event.id);
    let (kept, keep) = kept();
    office.now(keep);
    sell(&one, &event, "Bob", 1).await;
    settle().await;
    // The store loses Bob's commit, and a node that never knew of it serves on.
    store.restore(past);
    let third = node(&store, &office, deaf(), 3);
    assert_eq!(seq(&third, &event).await, 1);
    // Its first look for news would undo what is wrong.
    settle().await;
    // Its seal is good, and it would follow from what the desk has; it is of the history that was lost.
    office.deliver(&kept.lock()[0].clone());
    settle().await;
    assert_eq!(seq(&third, &event).await, 1);
    sell(&third, &event, "Cy", 1).await;
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_does_not_fit_the_desk_s_chain_changes_nothing() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    sell(&one, &event, "Ada", 0).await;
    known(&other, &event, 1).await;
    // The same installation's secret and name of the history, and another past: as two copies of one store have.
    let copy = store_with(&event).await;
    let elsewhere = Office::new();
    let stray = node(&copy, &elsewhere, deaf(), 3);
    sell(&stray, &event, "Eve", 7).await;
    let (kept, keep) = kept();
    elsewhere.now(keep);
    sell(&stray, &event, "Eve", 8).await;
    settle().await;
    let before = other.desk(event.id).await;
    office.deliver(&kept.lock()[0].clone());
    settle().await;
    assert_eq!(seq(&other, &event).await, 1);
    assert!(Arc::ptr_eq(&before, &other.desk(event.id).await) && before.is_settled_equal_to_draft());
    sell(&other, &event, "Bob", 8).await;
    known(&one, &event, 2).await;
    store.audit().expect("the store is sound");
}

#[tokio::test(start_paused = true)]
async fn what_is_heard_makes_no_desk_fresh() {
    let (event, office) = (sale(), Office::new());
    let (_, one, other) = pair(&event, &office, &Options::default()).await;
    let hour = Duration::from_secs(3_600);
    other.faults.fail_reads(hour);
    other.faults.fail_writes(hour);
    tokio::time::advance(Duration::from_secs(1)).await;
    sell(&one, &event, "Ada", 0).await;
    known(&other, &event, 1).await;
    // Its memory says that the seat is sold; but its last word from the store is too old to say so for good.
    let asked = other.ask(event.id, book("Bob", seats(&[SeatIndex(0)]))).await;
    assert!(matches!(asked, Err(Error::Unavailable)), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_is_told_all_the_time_stays_fresh() {
    let event = event(1).chart(ChartId(1), hall(20, 20).build()).build();
    let office = Office::new();
    let (_, one, other) = pair(&event, &office, &Options::default()).await;
    // Where the store stands is old news to it by the time that it hears of it.
    other.faults.set_rates(Rates { latency_max: Duration::from_millis(40), ..Rates::default() });
    for seat in 0..200 {
        sell(&one, &event, "Ada", seat).await;
        tokio::time::advance(Duration::from_millis(5)).await;
        settle().await;
    }
    let hour = Duration::from_secs(3_600);
    other.faults.fail_reads(hour);
    other.faults.fail_writes(hour);
    let lost = other.ask(event.id, book("Bob", seats(&[SeatIndex(0)]))).await;
    assert!(matches!(lost, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lost_commits_is_noticed_by_a_desk_that_has_been_there() {
    let event = sale();
    let store = store_with(&event).await;
    let node = Node::start(&store, Options::default(), 1);
    sell(&node, &event, "Ada", 0).await;
    let past = store.backup(event.id);
    sell(&node, &event, "Bob", 1).await;
    store.lose(past);
    pass(Duration::from_millis(200)).await;
    assert_eq!(node.desk(event.id).await.position(), store.position(event.id));
    sell(&node, &event, "Cy", 1).await;
}

/// While the follower's rows are on their way, the desk hears of a commit that the store has lost: it has as many as were read then, and
/// not the same ones.
#[tokio::test(start_paused = true)]
async fn a_desk_that_went_another_way_than_what_was_read_is_not_fresh() {
    let (event, office) = (sale(), Office::new());
    let (store, one, other) = pair(&event, &office, &Options::default()).await;
    sell(&one, &event, "Ada", 0).await;
    known(&other, &event, 1).await;
    let (told, keep) = kept();
    office.now(keep);
    other.faults.fail_reads(Duration::from_secs(3_600));
    let past = store.backup(event.id);
    sell(&one, &event, "Bob", 1).await;
    settle().await;
    let lost = told.lock().pop().expect("it is told");
    store.lose(past);
    pass(Duration::from_millis(500)).await;
    assert_eq!(seq(&one, &event).await, 1, "it does not know that the store lost a commit");
    sell(&one, &event, "Cy", 2).await;

    other.faults.heal();
    other.faults.stall_tails(Duration::from_millis(100));
    for _ in 0..100 {
        if other.faults.counts().contains_key("tail stalled") {
            break;
        }
        tokio::time::advance(Duration::from_millis(5)).await;
    }
    office.deliver(&lost);
    known(&other, &event, 2).await;
    let desk = other.desk(event.id).await;
    assert_eq!(other.faults.counts().get("tail stalled"), Some(&1), "the follower reads");
    assert_ne!(desk.position(), store.position(event.id), "it has heard of what was lost");
    other.faults.stall_positions(Duration::from_millis(100));
    other.faults.fail_writes(Duration::from_secs(60));
    for _ in 0..200 {
        tokio::time::advance(Duration::from_millis(5)).await;
        if desk.position() != store.position(event.id) {
            let answer = other.ask(event.id, hold("Di", seats(&[SeatIndex(1)]))).now_or_never();
            assert_eq!(answer, None, "it is refused from memory");
        }
    }
    assert_eq!(desk.position(), store.position(event.id), "it found out in the end");
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_is_too_large_to_tell_is_announced() {
    let event = event(1).chart(ChartId(1), hall(150, 100).build()).build();
    let office = Office::new();
    let (store, one, other) = pair(&event, &office, &deaf()).await;
    let largest = Arc::new(Mutex::new(0));
    let seen = largest.clone();
    office.now(Box::new(move |message| {
        let mut largest = seen.lock();
        *largest = message.len().max(*largest);
        vec![message]
    }));
    let block = |first: u32| {
        let block = Assign {
            seats: (first..first + 1_000).map(SeatIndex).collect(),
            areas: Vec::new(),
            whole_channel: None,
            from: Assignment::Public,
            to: Assignment::Channel(ChannelKey("house".into())),
            note: None,
        };
        one.ask(event.id, request(Command::Assign(block)))
    };
    let blocks: Vec<_> = (0..15).map(|at| block(at * 1_000)).collect();
    for blocked in futures_util::future::join_all(blocks).await {
        blocked.expect("they are free");
    }
    let commits = store.position(event.id).seq.0;
    assert!(commits < 15, "they share commits");
    known(&other, &event, commits).await;
    assert!(*largest.lock() < 200, "what was told: {} bytes", largest.lock());
}

#[tokio::test(start_paused = true)]
async fn three_nodes_behind_a_relay_that_does_as_it_likes_sell_each_seat_once() {
    for seed in 0..8 {
        let event = event(1).chart(ChartId(1), hall(3, 10).build()).build();
        let store = store_with(&event).await;
        store.set_commit_time(Duration::from_millis(seed % 3));
        let office = Office::with(mischief(seed));
        let nodes: Vec<Arc<Node>> =
            (0..3).map(|at| Arc::new(node(&store, &office, Options::default(), at))).collect();
        let mut asking = tokio::task::JoinSet::new();
        for at in 0..180_usize {
            let (node, id) = (nodes[at % 3].clone(), event.id);
            let wanted = SeatIndex(u32::try_from(at / 6).expect("thirty seats"));
            let buyer = format!("buyer {at}");
            let wish =
                if at % 2 == 0 { book(&buyer, seats(&[wanted])) } else { hold(&buyer, seats(&[wanted])) };
            asking.spawn(async move { node.ask(id, wish).await });
            tokio::time::advance(Duration::from_micros(700)).await;
        }
        let had = asking.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(had, 30, "each seat once, with seed {seed}");
        store.audit().unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        // Everybody knows in the end.
        let last = store.position(event.id);
        tokio::time::advance(Duration::from_millis(100)).await;
        for node in &nodes {
            known(node, &event, last.seq.0).await;
            assert_eq!(node.desk(event.id).await.position(), last);
        }
    }
}
