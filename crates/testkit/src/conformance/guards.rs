//! Checks on what a store refuses to write: whatever is not as the desk believed.

use std::sync::Arc;

use domain::event::Event;
use domain::id::Seq;
use domain::place::SeatIndex;
use engine::ledger::{Head, Position};
use engine::store::{CommitWrite, Decider, Locked, Probes, Store, TransactError, Waits, Work};

use super::journal::is_nothing;
use super::scribe::{Part, commit, keep_event, load, transact};
use crate::ask::{book, cancel, digest, hold, keyed, seats, with_code, with_ref};
use engine::digest::Kind;

/// Everything that a failed batch must have left alone, as text.
async fn state(store: &dyn Store, event: &Event) -> String {
    let snapshot = load(store, event.id).await;
    let tail = store.tail(event.id, Seq(0), 100).await.expect("a tail");
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {tail:?}",
        snapshot.position, snapshot.seats, snapshot.areas, snapshot.holds, snapshot.limits, snapshot.keys
    )
}

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

/// Runs a part that must meet a guard and leave nothing behind; what comes next commits as ever.
async fn is_stale(store: &dyn Store, event: &Event, part: Part) {
    let before = state(store, event).await;
    let (result, _) = transact(store, vec![part]).await;
    let is_stale = matches!(&result, Err(TransactError::Stale(of)) if *of == event.id);
    assert!(is_stale, "a guard that fails is Stale, not {result:?}");
    assert_eq!(state(store, event).await, before, "a batch that failed at a guard left something behind");
    commit(store, event.id, vec![hold("after", seats(&[seat(23)]))]).await;
}

struct Nothing;

impl Decider for Nothing {
    fn decide(&self, _: usize, _: Locked) -> Option<Arc<CommitWrite>> {
        None
    }
}

pub(super) async fn deciding_nothing_writes_nothing(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    commit(&*store, event.id, vec![hold("Ada", seats(&[seat(0)]))]).await;
    let before = state(&*store, &event).await;
    let position = Position::default();
    let work = Work { event: event.id, position, probes: Probes::default() };
    store.transact(vec![work], Waits::ForEvents, Arc::new(Nothing)).await.expect("deciding nothing succeeds");
    assert_eq!(state(&*store, &event).await, before);
    let unknown = Work { event: domain::id::EventId(99), position, probes: Probes::default() };
    let result = store.transact(vec![unknown], Waits::ForEvents, Arc::new(Nothing)).await;
    assert!(result.is_ok() || is_nothing(&result), "an event that does not exist is no unknown outcome");
}

pub(super) async fn another_history_is_stale(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    commit(&*store, event.id, vec![hold("Ada", seats(&[seat(0)]))]).await;
    let asked = || vec![hold("Bob", seats(&[seat(1)]))];
    let part = Part::new(&*store, event.id, asked()).await;
    is_stale(&*store, &event, part.tampered(|write| write.before.head = Head([9; 32]))).await;
    let part = Part::new(&*store, event.id, asked()).await;
    let earlier = |write: &mut CommitWrite| {
        (write.before.seq, write.after.seq) = (Seq(write.before.seq.0 - 1), write.before.seq);
    };
    let before = state(&*store, &event).await;
    let (result, _) = transact(&*store, vec![part.tampered(earlier)]).await;
    assert!(is_nothing(&result), "a commit that was overtaken is not kept: {result:?}");
    assert_eq!(state(&*store, &event).await, before);
}

pub(super) async fn another_seat_version_is_stale(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let asked = || vec![keyed(hold("Ada", seats(&[seat(0), seat(1)])), "key")];
    // A row is expected where there is none.
    let part = Part::new(&*store, event.id, asked()).await;
    is_stale(&*store, &event, part.tampered(|write| write.seats[1].0 += 1)).await;
    let order = commit(&*store, event.id, vec![book("Bob", seats(&[seat(2)]))]).await.order(0);
    // No row is expected where there is one, and another version than the row has.
    for version in [0, 7] {
        let part = Part::new(&*store, event.id, vec![cancel(order)]).await;
        let before = state(&*store, &event).await;
        let part = part.tampered(move |write| write.seats[0].0 = version);
        let (result, _) = transact(&*store, vec![part]).await;
        assert!(is_nothing(&result), "a seat of another version is not written: {result:?}");
        assert_eq!(state(&*store, &event).await, before);
    }
}

pub(super) async fn another_order_version_is_stale(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let order = commit(&*store, event.id, vec![book("Ada", seats(&[seat(0)]))]).await.order(0);
    let part = Part::new(&*store, event.id, vec![cancel(order)]).await;
    is_stale(&*store, &event, part.tampered(|write| write.orders[0].version_before += 1)).await;
    let record = store.order(order).await.expect("a look").expect("the order is there");
    assert_eq!((record.version, record.is_cancelled()), (1, false));
}

pub(super) async fn a_batch_is_all_or_nothing(store: Arc<dyn Store>) {
    let one = keep_event(&*store, 1, |sale| sale).await;
    let other = keep_event(&*store, 2, |sale| sale).await;
    let before = (state(&*store, &one).await, state(&*store, &other).await);
    let sound = Part::new(&*store, one.id, vec![keyed(hold("Ada", seats(&[seat(0)])), "key")]).await;
    let stale = Part::new(&*store, other.id, vec![hold("Bob", seats(&[seat(0)]))]).await;
    let stale = stale.tampered(|write| write.before.head = Head([9; 32]));
    let (result, _) = transact(&*store, vec![sound, stale]).await;
    let is_told = match &result {
        Err(TransactError::Stale(of)) => *of == other.id,
        Err(TransactError::Divided) => true,
        _ => false,
    };
    assert!(is_told, "neither stale nor divided: {result:?}");
    assert_eq!((state(&*store, &one).await, state(&*store, &other).await), before);
}

pub(super) async fn a_panic_of_one_part_fails_no_other(store: Arc<dyn Store>) {
    let one = keep_event(&*store, 1, |sale| sale).await;
    let other = keep_event(&*store, 2, |sale| sale).await;
    let before = (state(&*store, &one).await, state(&*store, &other).await);
    let asked = || vec![keyed(hold("Ada", seats(&[seat(0)])), "key")];
    let broken = async || {
        let part = Part::new(&*store, other.id, asked()).await;
        part.tampered(|_| panic!("planted"))
    };
    let sound = Part::new(&*store, one.id, asked()).await;
    let (result, _) = transact(&*store, vec![sound, broken().await]).await;
    assert!(matches!(result, Err(TransactError::Undecidable(of, _)) if of == other.id), "{result:?}");
    let (result, _) = transact(&*store, vec![broken().await]).await;
    assert!(matches!(result, Err(TransactError::Undecidable(of, _)) if of == other.id), "{result:?}");
    assert_eq!((state(&*store, &one).await, state(&*store, &other).await), before);
    commit(&*store, one.id, asked()).await;
    commit(&*store, other.id, asked()).await;
}

pub(super) async fn a_reference_is_taken_once(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    commit(&*store, event.id, vec![with_ref(book("Ada", seats(&[seat(0)])), "ref")]).await;
    let taken = digest(Kind::OrderRef, "ref");
    let part = Part::new(&*store, event.id, vec![with_ref(book("Bob", seats(&[seat(1)])), "other")]).await;
    let before = state(&*store, &event).await;
    let (result, _) = transact(&*store, vec![part.tampered(move |write| write.refs[0].0 = taken)]).await;
    assert!(is_nothing(&result), "a reference that is taken is not written: {result:?}");
    assert_eq!(state(&*store, &event).await, before);
}

pub(super) async fn a_code_is_taken_once(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    commit(&*store, event.id, vec![with_code(book("Ada", seats(&[seat(0)])), "code")]).await;
    let taken = digest(Kind::Code, "code");
    let part = Part::new(&*store, event.id, vec![with_code(book("Bob", seats(&[seat(1)])), "other")]).await;
    let before = state(&*store, &event).await;
    let (result, _) = transact(&*store, vec![part.tampered(move |write| write.codes[0].0 = taken)]).await;
    assert!(is_nothing(&result), "a code that is taken is not written: {result:?}");
    assert_eq!(state(&*store, &event).await, before);
}
