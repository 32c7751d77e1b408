//! The feed: every commit in order, from wherever a browser left off.

use std::sync::Arc;
use std::time::Duration;

use domain::event::{Event, EventPatch, EventStatus, NewChart};
use domain::id::{ChartId, Seq};
use domain::place::{AreaIndex, SeatIndex};
use domain::rejection::{Reason, Rejection};
use engine::desk::SharedDesk;
use engine::feed::{Frame, FrameKind};
use engine::options::Options;
use testkit::ask::{book, configure, hold, seats, units};
use testkit::hall::hall;
use testkit::memory::MemoryStore;
use testkit::node::{Node, store_with};
use testkit::renderer::PlainRenderer;
use testkit::sale::event;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

async fn sale(options: Options) -> (Arc<Event>, Arc<MemoryStore>, Node, SharedDesk) {
    let event = event(1).chart(ChartId(1), hall(2, 5).area("Floor", 5).build()).build();
    let store = store_with(&event).await;
    let node = Node::start(&store, options, 1);
    let desk = node.desk(event.id).await;
    (event, store, node, desk)
}

async fn sell(node: &Node, event: &Event, at: u32) {
    node.ask(event.id, book("Ada", seats(&[SeatIndex(at)]))).await.expect("it is free");
}

fn text(frame: &Frame) -> String {
    String::from_utf8_lossy(&frame.data).into_owned()
}

fn kinds(frames: &[Arc<Frame>]) -> Vec<(FrameKind, u64)> {
    frames.iter().map(|frame| (frame.kind, frame.seq.0)).collect()
}

#[tokio::test(start_paused = true)]
async fn who_comes_first_gets_everything_and_then_each_commit() {
    let (event, _, node, desk) = sale(Options::default()).await;
    sell(&node, &event, 0).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    assert_eq!(kinds(&listener.first), [(FrameKind::Snapshot, 1)]);
    assert_eq!(text(&listener.first[0]), "seq 1 seats sfffffffff Floor 5/0/0/0");
    sell(&node, &event, 1).await;
    let frame = listener.rest.recv().await.expect("a frame");
    assert_eq!((frame.kind, frame.seq, frame.history), (FrameKind::Commit, Seq(2), desk.history()));
    assert_eq!(text(&frame), r#"{"from":2,"seq":2,"seats":{"1":"s"},"areas":{}}"#);
    node.ask(event.id, hold("Bob", units(AreaIndex(0), 2))).await.expect("there is room");
    let frame = listener.rest.recv().await.expect("a frame");
    let floor = r#"{"Floor":{"free":3,"held":2,"sold":0,"blocked":0}}"#;
    assert_eq!(text(&frame), format!(r#"{{"from":3,"seq":3,"seats":{{}},"areas":{floor}}}"#));
}

#[tokio::test(start_paused = true)]
async fn under_load_commits_share_frames_and_none_is_left_out() {
    let (event, store, node, desk) = sale(Options::default()).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    let mut told = Seq(0);
    for at in 0..10 {
        sell(&node, &event, at).await;
        tokio::time::advance(Duration::from_millis(15)).await;
    }
    let mut frames = 0;
    while told < store.position(event.id).seq {
        let frame = listener.rest.recv().await.expect("a frame");
        let from = format!("{{\"from\":{},", told.next());
        assert!(text(&frame).starts_with(&from), "after {told} comes {}", text(&frame));
        assert!(frame.seq > told);
        (told, frames) = (frame.seq, frames + 1);
    }
    assert!((2..=4).contains(&frames), "150 ms of commits came in {frames} frames");
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_is_told_what_he_missed() {
    let (event, _, node, desk) = sale(Options::default()).await;
    for at in 0..4 {
        sell(&node, &event, at).await;
    }
    let history = desk.history();
    let resumed = desk.subscribe(Some((history, Seq(2))), &PlainRenderer);
    assert_eq!(kinds(&resumed.first), [(FrameKind::Commit, 4)]);
    assert_eq!(text(&resumed.first[0]), r#"{"from":3,"seq":4,"seats":{"2":"s","3":"s"},"areas":{}}"#);
    let also = desk.subscribe(Some((history, Seq(2))), &PlainRenderer);
    assert!(Arc::ptr_eq(&resumed.first[0], &also.first[0]), "one frame for a crowd that comes back");
    let later = desk.subscribe(Some((history, Seq(3))), &PlainRenderer);
    assert_eq!(text(&later.first[0]), r#"{"from":4,"seq":4,"seats":{"3":"s"},"areas":{}}"#);
    sell(&node, &event, 4).await;
    let still_later = desk.subscribe(Some((history, Seq(3))), &PlainRenderer);
    assert_eq!(text(&still_later.first[0]), r#"{"from":4,"seq":5,"seats":{"3":"s","4":"s"},"areas":{}}"#);
    let up_to_date = desk.subscribe(Some((history, Seq(5))), &PlainRenderer);
    assert!(up_to_date.first.is_empty());
    let of_another_history = desk.subscribe(Some((history + 1, Seq(5))), &PlainRenderer);
    assert_eq!(kinds(&of_another_history.first), [(FrameKind::Snapshot, 5)]);
}

/// Moves an event to a hall that lacks the last seat of either row, and has a third row.
async fn move_away(node: &Node, event: &Event) {
    let chart = hall(3, 4).area("Floor", 5).build();
    let chart = Some(NewChart { id: ChartId(2), chart, seating: None });
    node.ask(event.id, configure(EventPatch { chart, ..EventPatch::default() })).await.expect("it may move");
}

#[tokio::test(start_paused = true)]
async fn a_move_to_another_chart_is_told_with_everything() {
    let (event, _, node, desk) = sale(Options::default()).await;
    sell(&node, &event, 5).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    assert_eq!(text(&listener.first[0]), "seq 1 seats fffffsffff Floor 5/0/0/0");
    move_away(&node, &event).await;
    let frame = listener.rest.recv().await.expect("a frame");
    assert_eq!((frame.kind, frame.seq), (FrameKind::Event, Seq(1)), "whoever is cut off here is told again");
    let frame = listener.rest.recv().await.expect("a frame");
    assert_eq!((frame.kind, frame.seq), (FrameKind::Snapshot, Seq(2)));
    // B-1 was the sixth seat, and is the fifth.
    assert_eq!(text(&frame), "seq 2 seats ffffsfffffff Floor 5/0/0/0");
    let added = desk.read(|inventory| inventory.event().find_seat("Hall-C-1")).expect("a seat");
    sell(&node, &event, added.0).await;
    let frame = listener.rest.recv().await.expect("a frame");
    assert_eq!(
        text(&frame),
        r#"{"from":3,"seq":3,"seats":{"8":"s"},"areas":{}}"#,
        "where it is on the chart"
    );
    let resumed = desk.subscribe(Some((desk.history(), Seq(1))), &PlainRenderer);
    assert_eq!(kinds(&resumed.first), [(FrameKind::Event, 1), (FrameKind::Snapshot, 3)]);
    let since = desk.subscribe(Some((desk.history(), Seq(2))), &PlainRenderer);
    assert_eq!(kinds(&since.first), [(FrameKind::Commit, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_follows_a_move_sells_over_the_new_chart() {
    let (event, store, node, _) = sale(Options::default()).await;
    let other = Node::start(&store, Options::default(), 2);
    let desk = other.desk(event.id).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    move_away(&node, &event).await;
    sell(&node, &event, 0).await;
    // The other node has not heard of it: it finds out under the lock.
    let last_of_a_row = other.ask(event.id, book("Bob", seats(&[SeatIndex(4)]))).await;
    let Err(engine::Error::Rejected(Rejection::PlaceUnavailable(places))) = last_of_a_row else {
        panic!("{last_of_a_row:?}");
    };
    assert_eq!(places, [("Hall-A-5".to_owned(), Reason::Unknown)]);
    sell(&other, &event, 10).await;
    assert!(matches!(listener.rest.recv().await, Err(RecvError::Closed)), "it must come back and ask");
    let back = desk.subscribe(Some((desk.history(), Seq(0))), &PlainRenderer);
    assert_eq!(text(&back.first[0]), "seq 3 seats sfffffffsfff Floor 5/0/0/0");
    store.audit().expect("the oracle agrees");
}

#[tokio::test(start_paused = true)]
async fn who_missed_more_than_is_kept_gets_everything() {
    let (event, _, node, desk) = sale(Options { feed_commits_kept: 2, ..Options::default() }).await;
    for at in 0..4 {
        sell(&node, &event, at).await;
    }
    let history = desk.history();
    let recent = desk.subscribe(Some((history, Seq(2))), &PlainRenderer);
    assert_eq!(kinds(&recent.first), [(FrameKind::Commit, 4)]);
    let old = desk.subscribe(Some((history, Seq(1))), &PlainRenderer);
    assert_eq!(kinds(&old.first), [(FrameKind::Snapshot, 4)]);
}

#[tokio::test(start_paused = true)]
async fn who_joins_sees_nothing_older_than_what_he_has() {
    let (event, _, node, desk) = sale(Options::default()).await;
    let mut early = desk.subscribe(None, &PlainRenderer);
    sell(&node, &event, 0).await;
    sell(&node, &event, 1).await;
    // Nobody was told yet; whoever joins now gets it at once, and so do the others.
    let mut late = desk.subscribe(None, &PlainRenderer);
    assert_eq!(kinds(&late.first), [(FrameKind::Snapshot, 2)]);
    assert!(matches!(late.rest.try_recv(), Err(TryRecvError::Empty)));
    sell(&node, &event, 2).await;
    let frame = late.rest.recv().await.expect("a frame");
    assert!(text(&frame).starts_with("{\"from\":3,"), "{}", text(&frame));
    let mut told = Seq(0);
    while told < Seq(3) {
        let frame = early.rest.recv().await.expect("a frame");
        assert!(text(&frame).starts_with(&format!("{{\"from\":{},", told.next())), "{}", text(&frame));
        told = frame.seq;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_event_has_no_free_place_any_more() {
    let (event, _, node, desk) = sale(Options::default()).await;
    sell(&node, &event, 0).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    let patch = EventPatch { status: Some(EventStatus::Cancelled), ..EventPatch::default() };
    node.ask(event.id, configure(patch)).await.expect("settings can be changed");
    let changed = listener.rest.recv().await.expect("a frame");
    assert_eq!((changed.kind, text(&changed)), (FrameKind::Event, "seq 2 cancelled Event 1".to_owned()));
    let everything = listener.rest.recv().await.expect("a frame");
    assert_eq!(text(&everything), "seq 2 seats sbbbbbbbbb Floor 0/0/0/5");
}

#[tokio::test(start_paused = true)]
async fn another_history_sends_listeners_back_to_the_beginning() {
    let (event, store, node, desk) = sale(Options::default()).await;
    let backup = store.backup(event.id);
    sell(&node, &event, 0).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    let before = (desk.history(), Seq(1));
    store.restore(backup);
    let ended = loop {
        match listener.rest.recv().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(ended, RecvError::Closed);
    let again = desk.subscribe(Some(before), &PlainRenderer);
    assert_eq!(kinds(&again.first), [(FrameKind::Snapshot, 0)]);
    assert_eq!(text(&again.first[0]), "seq 0 seats ffffffffff Floor 5/0/0/0");
    assert_ne!(again.first[0].history, before.0);
}

/// What others were told before a failover may be lost, even where this event lost nothing.
#[tokio::test(start_paused = true)]
async fn another_history_with_the_same_commits_is_another_history() {
    let (event, store, node, desk) = sale(Options::default()).await;
    sell(&node, &event, 0).await;
    let mut listener = desk.subscribe(None, &PlainRenderer);
    store.restore(store.backup(event.id));
    while listener.rest.recv().await.is_ok() {}
    assert_eq!((desk.history(), desk.position().seq), (2, Seq(1)));
    let again = desk.subscribe(Some((1, Seq(1))), &PlainRenderer);
    assert_eq!(kinds(&again.first), [(FrameKind::Snapshot, 1)]);
}

#[tokio::test(start_paused = true)]
async fn listeners_are_counted_and_commits_of_other_nodes_are_told() {
    let (event, store, node, desk) = sale(Options::default()).await;
    let other = Node::start(&store, Options::default(), 2);
    let mut listener = desk.subscribe(None, &PlainRenderer);
    assert_eq!(node.engine.feed_listeners(), 1);
    sell(&other, &event, 3).await;
    let frame = listener.rest.recv().await.expect("a frame");
    assert_eq!(text(&frame), r#"{"from":1,"seq":1,"seats":{"3":"s"},"areas":{}}"#);
    drop(listener);
    assert_eq!(node.engine.feed_listeners(), 0);
}
