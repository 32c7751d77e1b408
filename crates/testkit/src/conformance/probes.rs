//! Checks on what is read under the lock.

use std::sync::Arc;

use domain::id::{HoldId, OrderId, Seq};
use domain::place::SeatIndex;
use domain::record::HoldStatus;
use engine::digest::Kind;
use engine::ledger::Position;
use engine::store::{CommitWrite, Decider, Locked, Probes, Store, Waits, Work};
use parking_lot::Mutex;

use super::scribe::{commit, keep_event};
use crate::ask::{book, confirm, digest, hold, release, seats, with_code, with_hold_ref, with_ref};

/// Looks, and decides nothing.
#[derive(Default)]
struct Looking(Mutex<Option<Locked>>);

impl Decider for Looking {
    fn decide(&self, _: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        *self.0.lock() = Some(locked);
        None
    }
}

pub(super) async fn look(store: &dyn Store, work: Work) -> Locked {
    let looking = Arc::new(Looking::default());
    store
        .transact(vec![work], Waits::ForEvents, looking.clone())
        .await
        .expect("looking changes nothing, and succeeds");
    let locked = looking.0.lock().take();
    locked.expect("the decider was asked")
}

pub(super) async fn news_are_what_was_missed(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let mut positions = vec![Position::default()];
    for at in 0..3 {
        let committed = commit(&*store, event.id, vec![hold("Ada", seats(&[SeatIndex(at)]))]).await;
        positions.push(committed.after());
    }
    for (known, position) in positions.iter().enumerate() {
        let work = Work { event: event.id, position: *position, probes: Probes::default() };
        let locked = look(&*store, work).await;
        assert_eq!(locked.position, positions[3]);
        let news: Vec<u64> = locked.news.iter().map(|row| row.seq.0).collect();
        assert_eq!(news, (known as u64 + 1..=3).collect::<Vec<_>>());
        let tail = store.tail(event.id, Seq(known as u64), 10).await.expect("a tail");
        let pairs = tail.iter().zip(&locked.news);
        for (row, news) in pairs {
            assert_eq!((row.head, &row.payload, &row.keys), (news.head, &news.payload, &news.keys));
            assert_eq!(row.mappings, news.mappings, "mappings come with the commit that made them");
        }
    }
}

pub(super) async fn probes_find_holds_and_their_orders(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let made = commit(
        &*store,
        event.id,
        vec![hold("Ada", seats(&[SeatIndex(0)])), hold("Bob", seats(&[SeatIndex(1)]))],
    )
    .await;
    let (kept, sold) = (made.hold(0), made.hold(1));
    let order = commit(&*store, event.id, vec![confirm(sold)]).await.order(0);
    let guessed = HoldId { salt: kept.salt ^ 1, ..kept };
    let probes = Probes { holds: vec![kept, sold, guessed], ..Probes::default() };
    let found = look(&*store, Work { event: event.id, position: made.after(), probes }).await.found;
    assert_eq!(found.holds.len(), 2);
    assert_eq!(found.holds[&kept.serial].status, HoldStatus::Active);
    assert_eq!(found.holds[&sold.serial].status, HoldStatus::Confirmed(order));
    assert_eq!(found.orders[&order.serial].id, order, "a confirmed hold comes with its order");
    // An identifier with another salt is another's guess: it must find nothing, or the hold under its own name.
    assert!(found.holds.values().all(|record| record.id != guessed));
}

pub(super) async fn probes_find_orders_references_and_codes(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let asked = with_code(with_ref(book("Ada", seats(&[SeatIndex(0)])), "ref"), "code");
    let (reference, fingerprint) = asked.order_ref.expect("the request has a reference");
    let made = commit(&*store, event.id, vec![asked]).await;
    let order = made.order(0);
    let guessed = OrderId { salt: order.salt ^ 1, ..order };
    let position = made.after();
    let code = digest(Kind::Code, "code");
    let other = digest(Kind::OrderRef, "other");
    let by_id = Probes { orders: vec![order], ..Probes::default() };
    let found = look(&*store, Work { event: event.id, position, probes: by_id }).await.found;
    assert_eq!(found.orders[&order.serial].reference.as_deref(), Some("ref"));
    assert_eq!(found.orders[&order.serial].tickets[0].code.as_deref(), Some("code"));
    let by_guess = Probes { orders: vec![guessed], ..Probes::default() };
    let found = look(&*store, Work { event: event.id, position, probes: by_guess }).await.found;
    assert!(found.orders.values().all(|record| record.id != guessed));
    let by_ref = Probes { refs: vec![reference, other], codes: vec![code, other], ..Probes::default() };
    let found = look(&*store, Work { event: event.id, position, probes: by_ref }).await.found;
    assert_eq!(found.refs.len(), 1);
    assert_eq!(found.refs[&reference], (fingerprint, order));
    assert_eq!(found.orders[&order.serial].id, order, "a reference comes with its order");
    assert_eq!(found.codes.len(), 1);
    assert_eq!(found.codes[&code], order);
}

pub(super) async fn probes_find_the_active_holds_of_a_reference(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let named = |seat: u32, reference: &str| with_hold_ref(hold("Ada", seats(&[SeatIndex(seat)])), reference);
    let made = commit(&*store, event.id, vec![named(0, "cart"), named(1, "other"), named(2, "cart")]).await;
    let (kept, ended) = (made.hold(0), made.hold(2));
    let position = commit(&*store, event.id, vec![release(ended)]).await.after();
    let texts: [Arc<str>; 2] = [Arc::from("cart"), Arc::from("unused")];
    let probes = Probes { hold_refs: texts.to_vec(), ..Probes::default() };
    let found = look(&*store, Work { event: event.id, position, probes }).await.found;
    assert_eq!(found.hold_refs, [(texts[0].clone(), kept)], "what was released bears no reference");
}
