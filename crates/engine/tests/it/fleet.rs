//! The nodes that live: what is written is what all of them read.

use std::sync::Arc;
use std::time::Duration;

use domain::id::ChartId;
use domain::place::SeatIndex;
use engine::Error;
use engine::fleet::{Beat, Fleet, JoinError, LIVE_MAX, NewerSchema};
use engine::options::Options;
use engine::store::Catalog as _;
use testkit::ask::{book, seats};
use testkit::conformance::fleet::what_is_written_is_what_all_read;
use testkit::hall::hall;
use testkit::log::Log;
use testkit::memory::MemoryStore;
use testkit::node::{Node, Others, store_with};
use testkit::sale::event;

/// Long enough for any node to have said several times that it lives.
const WHILE: Duration = Duration::from_secs(10);

fn beat(node: u64, reads: u32) -> Beat {
    Beat { node, version: format!("0.{reads}.0"), reads }
}

/// Lets time pass, and everything happen meanwhile.
async fn pass(time: Duration) {
    let mut ticks = tokio::time::interval(time);
    ticks.tick().await;
    ticks.tick().await;
}

async fn join(store: &Arc<MemoryStore>, node: u64, reads: u32) -> Result<Arc<Fleet>, JoinError> {
    Fleet::join(&**store, beat(node, reads)).await
}

fn start(store: &Arc<MemoryStore>, fleet: &Arc<Fleet>, seed: u64) -> Node {
    let others = Others { fleet: fleet.clone(), ..Others::default() };
    Node::beside(others, store, Options::default(), seed)
}

#[tokio::test(start_paused = true)]
async fn the_memory_store_lets_all_read() {
    let passing = async || pass(Duration::from_millis(10)).await;
    what_is_written_is_what_all_read(&MemoryStore::new(), passing).await;
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_is_written_once_the_last_older_node_is_gone() {
    let store = store_with(&event(1).chart(ChartId(1), hall(1, 5).build()).build()).await;
    let (old, new) =
        (join(&store, 1, 1).await.expect("the first"), join(&store, 2, 2).await.expect("the next"));
    let (older, _newer) = (start(&store, &old, 1), start(&store, &new, 2));
    pass(WHILE + LIVE_MAX).await;
    assert_eq!((old.payload_version(), new.payload_version()), (1, 1), "both live, for however long");
    drop(older);
    pass(LIVE_MAX - Duration::from_secs(3)).await;
    assert_eq!(new.payload_version(), 1, "it may only stand still");
    // And it is not believed at once that it does not.
    pass(LIVE_MAX + WHILE).await;
    assert_eq!(new.payload_version(), 2);
    // Who comes late cannot read it, and does not begin.
    let error = join(&store, 3, 1).await.expect_err("it reads less");
    assert!(matches!(error, JoinError::TooOld { written: 2, reads: 1 }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_taken_for_dead_and_cannot_read_on_ends() {
    let store = store_with(&event(1).chart(ChartId(1), hall(1, 5).build()).build()).await;
    let (old, new) =
        (join(&store, 1, 1).await.expect("the first"), join(&store, 2, 2).await.expect("the next"));
    let mut older = start(&store, &old, 1);
    let newer = start(&store, &new, 2);
    // It is cut off for longer than it is waited for. Selling needs no answer to a beat.
    older.faults.fail_reads(LIVE_MAX * 2 + WHILE);
    pass(LIVE_MAX * 2 + WHILE / 2).await;
    assert_eq!(new.payload_version(), 2);
    let end = tokio::time::timeout(WHILE, older.first_end()).await.expect("it learns of it");
    assert_eq!(end, "the task heartbeat ended");
    // Those who are cut off for as long and can read on, go on.
    newer.faults.fail_reads(LIVE_MAX + WHILE);
    pass(LIVE_MAX + WHILE * 2).await;
    let fleet = join(&store, 3, 2).await.expect("it reads enough");
    assert_eq!(fleet.payload_version(), 2);
}

/// Set forward, the store's clock makes all seem long dead but the one who speaks first.
#[tokio::test(start_paused = true)]
async fn a_step_of_the_clock_takes_no_node_for_dead() {
    let store = store_with(&event(1).chart(ChartId(1), hall(1, 5).build()).build()).await;
    let (old, new) =
        (join(&store, 1, 1).await.expect("the first"), join(&store, 2, 2).await.expect("the next"));
    let mut older = start(&store, &old, 1);
    pass(Duration::from_secs(1)).await;
    let _newer = start(&store, &new, 2);
    // After the older one has spoken, and before the newer one does.
    pass(Duration::from_millis(1_500)).await;
    for hour in [1, -2] {
        pass(WHILE).await;
        store.clock().jump(hour * 3_600_000);
        pass(LIVE_MAX * 2 + WHILE).await;
        assert_eq!((old.payload_version(), new.payload_version()), (1, 1), "both have lived all the time");
    }
    let end = tokio::time::timeout(WHILE, older.first_end()).await;
    assert!(end.is_err(), "{end:?}");
    // And a node that is gone is not kept by what it said before the clock was set back.
    drop(older);
    pass(LIVE_MAX * 2 + WHILE).await;
    assert_eq!(new.payload_version(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_ends_says_so_and_no_more() {
    let store = store_with(&event(1).chart(ChartId(1), hall(1, 5).build()).build()).await;
    let fleet = join(&store, 1, 1).await.expect("the first");
    let _node = start(&store, &fleet, 1);
    pass(WHILE).await;
    fleet.leave(&*store).await;
    let seen = async || store.beat(beat(2, 1), LIVE_MAX, false).await.expect("it is let in").nodes;
    assert_eq!(seen().await, [beat(2, 1)]);
    pass(WHILE).await;
    assert_eq!(seen().await, [beat(2, 1)], "it does not come back");
}

/// The schema was migrated past a node that runs: it says so once, and takes nothing any more that it might get wrong.
#[tokio::test(start_paused = true)]
async fn a_node_that_its_store_has_outgrown_takes_no_requests() {
    let log = Log::of_this_thread();
    let event = event(1).chart(ChartId(1), hall(1, 9).build()).build();
    let store = store_with(&event).await;
    let (old, new) =
        (join(&store, 1, 1).await.expect("the first"), join(&store, 2, 1).await.expect("the next"));
    let (older, newer) = (start(&store, &old, 1), start(&store, &new, 2));
    let ask =
        async |node: &Node, seat| node.ask(event.id, book("Ada", seats(&[SeatIndex(seat)]))).await.map(drop);
    ask(&older, 0).await.expect("it is free");
    let reason = NewerSchema { found: 8, oldest: 7, known: 6 };
    older.faults.outgrow(reason);
    pass(WHILE).await;
    assert_eq!((old.newer_schema(), new.newer_schema()), (Some(reason), None));
    for seat in 1..3 {
        assert_eq!(ask(&older, seat).await, Err(Error::NewerSchema(reason)));
    }
    ask(&newer, 1).await.expect("its schema serves the other one");
    let joining = Fleet::join(&*older.faults, beat(3, 1)).await;
    assert!(matches!(joining, Err(JoinError::NewerSchema(_))), "{joining:?}");
    pass(WHILE * 6).await;
    let told = log.errors();
    assert!(told.lines().count() == 1 && told.contains("update this node"), "{told}");
    // It was the schema of another store, say: nobody has to start the node anew.
    older.faults.heal();
    pass(WHILE).await;
    ask(&older, 2).await.expect("it is free");
    store.audit().expect("the store is sound");
}
