//! Whatever a desk writes, another desk begins with.

use std::sync::Arc;

use bytes::Bytes;
use domain::basket::{Basket, SeatWanted};
use domain::command::{
    Assign, Assignment, Cancel, Claim, Command, Confirm, Edit, Ignored, LimitKey, Payment, Selection,
};
use domain::event::EventPatch;
use domain::id::{EventId, HoldId, OrderId, Seq, Serial};
use domain::inventory::Decided;
use domain::place::{AreaIndex, ChannelKey, SeatIndex};
use domain::record::HoldStatus;
use engine::ledger::{Head, Position};
use engine::store::{Archive, Catalog, Journal, Waits};

use crate::Place;
use crate::teller::{Asked, Batch, Teller, book, digest, purchase};

fn hold(buyer: &str, seats: &[u32], floor_units: u32) -> Asked {
    Asked::new(Command::Hold { purchase: purchase(buyer, seats, floor_units), seconds: Some(60) })
}

/// The identifiers that the last batch made, in order.
fn made(teller: &Teller) -> Vec<Serial> {
    let beliefs = teller.beliefs.lock();
    let serial = |answer: &Result<Decided, _>| match answer {
        Ok(Decided::Hold(serial) | Decided::Order(serial)) => Some(*serial),
        _ => None,
    };
    beliefs.answers.iter().filter_map(serial).collect()
}

async fn last_holds(place: &Place, teller: &Teller) -> Vec<HoldId> {
    let snapshot = place.load(teller.event).await;
    made(teller)
        .iter()
        .map(|serial| snapshot.holds.iter().find(|hold| hold.id.serial == *serial).unwrap().id)
        .collect()
}

fn last_order(teller: &Teller) -> OrderId {
    let beliefs = teller.beliefs.lock();
    beliefs.commits.last().unwrap().iter().rev().find_map(|entry| entry.order).unwrap()
}

#[tokio::test]
async fn a_new_event_is_as_it_was_made() {
    let place = Place::new();
    let teller = place.event(0xffff_ffff_0000_0001).await;
    let read = place.store.event(teller.event).await.unwrap().unwrap();
    let made = crate::plain_event(0xffff_ffff_0000_0001);
    let reference: Option<Arc<str>> = Some("show 18446744069414584321".into());
    assert_eq!(format!("{:?}", read), format!("{:?}", domain::event::Event { reference, ..made }));
    let snapshot = place.load(teller.event).await;
    assert_eq!(snapshot.position, Position::default());
    assert!(snapshot.seats.is_empty() && snapshot.areas.is_empty() && snapshot.holds.is_empty());
    assert!(place.store.load(EventId(77), 1).await.unwrap().is_none());
    assert!(place.store.event(EventId(77)).await.unwrap().is_none());
}

#[tokio::test]
async fn every_kind_of_change_survives_a_restart() {
    let place = Place::new();
    let mut teller = place.event(1).await;

    // Bookings, and holds with a further limit and barcodes.
    let mut limited = purchase("ann", &[5, 6], 3);
    let key = LimitKey { text: "card:7".to_owned(), digest: digest("card:7") };
    limited.claims = vec![Claim { key, max: Some(10), held_only: false }];
    limited.basket.seats[0].code = Some("B-5".to_owned());
    limited.metadata = Some("{\"note\":\"é\"}".into());
    limited.reference = Some("cart 9".into());
    let limited = Asked::new(Command::Hold { purchase: limited, seconds: None });
    let asked = vec![book("ann", &[1, 2]), limited, hold("bob", &[10], 0), hold("cyn", &[20, 21], 7)];
    place.done(&teller, asked).await;
    place.is_as_believed(&teller).await;
    let holds = {
        let snapshot = place.load(teller.event).await;
        let mut ids: Vec<_> = snapshot.holds.iter().map(|hold| hold.id).collect();
        ids.sort_by_key(|id| id.serial);
        ids
    };
    let record = place.store.hold(holds[0]).await.unwrap().unwrap();
    assert_eq!(record.codes[0][0].as_deref(), Some("B-5"));
    assert_eq!((record.reference.as_deref(), record.status), (Some("cart 9"), HoldStatus::Active));

    // A confirm by another buyer, an edit, a release.
    let confirm = Asked::new(Command::Confirm(Confirm {
        hold: holds[0],
        payment_ref: Some("pay-1".into()),
        amount: None,
        buyer: Some(LimitKey { text: "dan".to_owned(), digest: digest("dan") }),
        reference: Some("order 1".into()),
        metadata: None,
    }));
    let seat = SeatWanted { seat: SeatIndex(22), ticket_type: None, price: None, code: None };
    let edit = Asked::new(Command::Edit(Edit {
        hold: holds[2],
        add: Some(Basket { seats: vec![seat], ..Basket::default() }),
        remove_seats: vec![SeatIndex(20)],
        remove_areas: vec![(AreaIndex(0), 2, None)],
        seconds: Some(300),
        is_public: false,
        pass: None,
        claims: Vec::new(),
        channels: Vec::new(),
        ignored: Ignored::default(),
    }));
    place.done(&teller, vec![confirm, edit, Asked::new(Command::Release(holds[1]))]).await;
    place.is_as_believed(&teller).await;
    let order = last_order(&teller);
    let record = place.store.hold(holds[0]).await.unwrap().unwrap();
    assert_eq!(record.status, HoldStatus::Confirmed(order));
    let stored = place.store.order(order).await.unwrap().unwrap();
    assert_eq!((stored.buyer.as_ref(), stored.tickets.len(), stored.version), ("dan", 5, 1));
    assert_eq!(stored.tickets[0].code.as_deref(), Some("B-5"));
    assert_eq!(stored.claims.len(), 2, "the buyer's and the card's");

    // A block, a partial cancellation, new settings; after a restart, so that the desk knows only what is stored.
    drop(teller);
    let place = place.reopened();
    teller = place.teller(EventId(1)).await;
    let block = Asked::new(Command::Assign(Assign {
        seats: vec![SeatIndex(30), SeatIndex(22)],
        areas: vec![(AreaIndex(1), 5)],
        whole_channel: None,
        from: Assignment::Public,
        to: Assignment::Channel(ChannelKey("house".into())),
        note: None,
    }));
    let cancel = Asked::new(Command::Cancel(Cancel {
        order,
        selection: Selection::Places(vec![domain::place::Place::Seat(SeatIndex(5))]),
        then: None,
    }));
    let patch = EventPatch {
        name: Some("Another".to_owned()),
        metadata: Some(None),
        max_per_buyer: Some(Some(8)),
        ..EventPatch::default()
    };
    place.done(&teller, vec![block, cancel, Asked::new(Command::Configure(Box::new(patch)))]).await;
    place.is_as_believed(&teller).await;
    let stored = place.store.order(order).await.unwrap().unwrap();
    assert_eq!(
        (stored.version, stored.tickets[0].is_cancelled, stored.tickets[1].is_cancelled),
        (2, true, false)
    );
    let event = place.store.event(EventId(1)).await.unwrap().unwrap();
    assert_eq!((&*event.name, event.max_per_buyer, event.metadata.clone()), ("Another", Some(8), None));

    // Lapsed holds, ended by the sweeper, unread.
    place.clock.advance(3_600_000);
    place.done(&teller, vec![Asked::new(Command::Sweep)]).await;
    place.is_as_believed(&teller).await;
    assert!(place.load(EventId(1)).await.holds.is_empty());
    let record = place.store.hold(holds[2]).await.unwrap().unwrap();
    assert_eq!(
        (record.status, record.ended_at.map(|at| at.0)),
        (HoldStatus::Expired, Some(1_700_003_600_000))
    );
}

#[tokio::test]
async fn a_replay_of_the_ledger_is_what_is_stored() {
    let place = Place::new();
    let teller = place.event(1).await;
    for round in 0..20_u32 {
        let asked =
            vec![book(&format!("b{round}"), &[round]), hold("h", &[50 + round], 1), hold("i", &[80], 1)];
        place.ask(&teller, asked).await.unwrap();
        place.clock.advance(20_000);
    }
    let mut position = Position::default();
    let event = place.store.event(EventId(1)).await.unwrap().unwrap();
    let mut replayed = domain::inventory::Inventory::new(event.clone());
    let mut limits = domain::inventory::Limits::default();
    loop {
        let rows = place.store.tail(EventId(1), position.seq, 7).await.unwrap();
        if rows.is_empty() {
            break;
        }
        for row in rows {
            assert_eq!(row.head, position.head.extended(event.id, row.seq, row.at, &row.payload));
            row.mappings.iter().for_each(|mapping| limits.learn(mapping));
            let entries = engine::ledger::decode(&row.payload, &event).unwrap();
            entries.iter().for_each(|entry| limits.apply(entry));
            replayed.apply_commit(row.seq, row.at, &entries);
            position = Position { seq: row.seq, head: row.head };
        }
    }
    assert_eq!(position.seq, Seq(20));
    place.is_as_believed(&teller).await;
    crate::is_same(&replayed, &teller.beliefs.lock().inventory);
    let snapshot = place.load(EventId(1)).await;
    assert_eq!(snapshot.limits.len(), 22);
    for (digest, surrogate, used) in snapshot.limits {
        assert_eq!(limits.surrogate(&digest), Some(surrogate));
        assert_eq!(limits.used(surrogate), used);
    }
}

#[tokio::test]
async fn a_desk_that_is_behind_gets_the_news_under_the_lock_unless_there_is_too_much() {
    let place = Place::new();
    let ahead = place.event(1).await;
    let behind = place.teller(EventId(1)).await;
    place.done(&ahead, vec![book("ann", &[1])]).await;
    place.done(&ahead, vec![book("bob", &[2])]).await;
    place.done(&behind, vec![book("cyn", &[3])]).await;
    assert_eq!(behind.beliefs.lock().news, 2);
    place.is_as_believed(&behind).await;
    place.ask(&behind, vec![book("dan", &[1])]).await.unwrap();
    assert!(behind.beliefs.lock().answers[0].is_err(), "taken by the other desk");

    let far_behind = place.teller(EventId(1)).await;
    for seat in 10..75 {
        place.done(&behind, vec![book("eve", &[seat])]).await;
    }
    place.ask(&far_behind, vec![book("fay", &[80])]).await.unwrap();
    let beliefs = far_behind.beliefs.lock();
    assert_eq!((beliefs.news, beliefs.resyncs), (0, 1), "it must catch up outside the lock");
}

#[tokio::test]
async fn keys_and_replies_are_found_again() {
    let place = Place::new();
    let teller = place.event(1).await;
    let mut first = book("ann", &[1]).keyed("key-1");
    first.body = Bytes::from_static(b"{\"first\":true}");
    let mut second = book("bob", &[2]).keyed("key-2");
    second.body = Bytes::from_static(b"");
    second.order_ref = Some((digest("ref-2"), digest("basket")));
    place.done(&teller, vec![first, second]).await;

    let keys = place.load(EventId(1)).await.keys;
    assert_eq!(keys.len(), 3);
    let serial = |key: &str| keys.iter().find(|(known, _)| *known == digest(key)).unwrap().1;
    for (key, body) in [("key-1", "{\"first\":true}"), ("key-2", "")] {
        let reply = place.store.stored_reply(EventId(1), serial(key)).await.unwrap().unwrap();
        assert_eq!((reply.status, &reply.body[..], reply.fingerprint), (201, body.as_bytes(), digest(key)));
    }
    assert_eq!(place.store.stored_reply(EventId(1), Serial::new(Seq(1), 9)).await.unwrap(), None);
    assert_eq!(place.store.stored_reply(EventId(1), Serial::new(Seq(9), 0)).await.unwrap(), None);
    let tail = place.store.tail(EventId(1), Seq(0), 10).await.unwrap();
    assert_eq!(tail[0].keys.len(), 3);
    let given = tail[0].mappings.iter().map(|mapping| mapping.digest).collect::<Vec<_>>();
    assert_eq!(given, [digest("ann"), digest("bob")]);

    // Older than asked for: not among the keys of a new desk.
    place.clock.advance(3 * crate::DAY_MS);
    assert_eq!(place.load(EventId(1)).await.keys, []);
    assert_eq!(place.store.load(EventId(1), 10 * crate::DAY_MS).await.unwrap().unwrap().keys.len(), 3);
}

#[tokio::test]
async fn references_and_barcodes_are_found_under_the_lock() {
    let place = Place::new();
    let teller = place.event(1).await;
    let mut asked = book("ann", &[1]);
    asked.order_ref = Some((digest("ref"), digest("basket")));
    asked.codes = vec![digest("code")];
    place.done(&teller, vec![asked.clone()]).await;
    let order = last_order(&teller);

    asked.command = Command::Book { purchase: purchase("bob", &[1], 0), payment: Payment::default() };
    place.ask(&teller, vec![asked]).await.unwrap();
    let beliefs = teller.beliefs.lock();
    let found = beliefs.found.as_ref().unwrap();
    assert_eq!(found.refs[&digest("ref")], (digest("basket"), order));
    assert_eq!(found.codes[&digest("code")], order);
    assert_eq!(found.orders[&order.serial].id, order, "the order comes with its reference");
}

#[tokio::test]
async fn a_confirmed_hold_is_found_with_its_order() {
    let place = Place::new();
    let teller = place.event(1).await;
    place.done(&teller, vec![hold("ann", &[1], 0)]).await;
    let id = last_holds(&place, &teller).await[0];
    let confirm = Confirm {
        hold: id,
        payment_ref: Some("pay".into()),
        amount: None,
        buyer: None,
        reference: None,
        metadata: None,
    };
    place.done(&teller, vec![Asked::new(Command::Confirm(confirm.clone()))]).await;
    let order = last_order(&teller);
    place.done(&teller, vec![Asked::new(Command::Confirm(confirm))]).await;
    let beliefs = teller.beliefs.lock();
    assert!(matches!(beliefs.answers[0], Ok(Decided::OrderBefore(serial)) if serial == order.serial));
    assert!(beliefs.found.as_ref().unwrap().orders.contains_key(&order.serial));
}

#[tokio::test]
async fn an_identifier_with_another_salt_is_nobodys() {
    let place = Place::new();
    let teller = place.event(1).await;
    place.done(&teller, vec![hold("ann", &[1], 0), book("bob", &[2])]).await;
    let hold = last_holds_of(&place).await;
    let order = last_order(&teller);
    assert!(place.store.hold(hold).await.unwrap().is_some());
    assert!(place.store.hold(HoldId { salt: hold.salt + 1, ..hold }).await.unwrap().is_none());
    assert!(place.store.hold(HoldId { event: EventId(9), ..hold }).await.unwrap().is_none());
    assert!(place.store.order(order).await.unwrap().is_some());
    assert!(place.store.order(OrderId { salt: order.salt + 1, ..order }).await.unwrap().is_none());
}

async fn last_holds_of(place: &Place) -> HoldId {
    place.load(EventId(1)).await.holds[0].id
}

#[tokio::test]
async fn several_events_commit_together_or_not_at_all() {
    let place = Place::new();
    let (one, two) = (place.event(1).await, place.event(2).await);
    let works = vec![one.work(vec![book("ann", &[1])]), two.work(vec![book("ann", &[1])])];
    place
        .store
        .transact(works, Waits::ForEvents, Arc::new(Batch(vec![one.clone(), two.clone()])))
        .await
        .unwrap();
    place.is_as_believed(&one).await;
    place.is_as_believed(&two).await;
    let positions = place.store.positions(vec![EventId(1), EventId(3), EventId(2)]).await.unwrap();
    assert_eq!(positions.now.0, 1_700_000_000_000);
    let believed = |teller: &Teller| (teller.event, teller.beliefs.lock().position);
    assert_eq!(positions.positions, [believed(&one), believed(&two)]);
}

#[tokio::test]
async fn a_history_contains_its_positions_and_no_others() {
    let place = Place::new();
    let teller = place.event(1).await;
    let start = Position::default();
    place.done(&teller, vec![book("ann", &[1])]).await;
    let first = teller.beliefs.lock().position;
    place.done(&teller, vec![book("bob", &[2])]).await;
    let contains = async |position| place.store.contains(EventId(1), position).await.unwrap();
    assert!(contains(start).await && contains(first).await);
    assert!(!contains(Position { head: Head([7; 32]), ..first }).await, "another history");
    assert!(!contains(Position { head: Head([7; 32]), ..start }).await, "another beginning");
    assert!(!contains(Position { seq: Seq(9), ..first }).await, "not yet");
    assert!(!place.store.contains(EventId(9), start).await.unwrap(), "no such event");
}

#[tokio::test]
async fn a_batch_without_any_change_is_no_commit() {
    let place = Place::new();
    let teller = place.event(1).await;
    place.done(&teller, vec![book("ann", &[1])]).await;
    let before = teller.beliefs.lock().position;
    place.ask(&teller, vec![book("bob", &[1])]).await.unwrap();
    assert!(teller.beliefs.lock().answers[0].is_err());
    assert_eq!(place.load(EventId(1)).await.position, before);
}
