//! Checks on the archive: holds, orders, and lists of them.

use std::sync::Arc;

use domain::command::{Assign, Assignment, ChangeOrder, Command, Ignored, Swap};
use domain::id::{EventId, HoldId, OrderId, OrganizationId, TicketId};
use domain::place::{AreaIndex, ChannelKey, SeatIndex};
use domain::time::Timestamp;
use engine::request::Request;
use engine::store::{Erased, OrderFilter, Page, Store};

use super::scribe::{commit, keep_event, load};
use crate::ask::{book, cancel, confirm, hold, seats, units, with_code, with_ref};
use crate::sale::ORGANIZATION;

const ALL: Page = Page { after: 0, limit: 100 };

pub(super) async fn records_are_found_by_their_whole_identifier(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let asked = vec![hold("Ada", seats(&[SeatIndex(0)])), book("Bob", seats(&[SeatIndex(1)]))];
    let made = commit(&*store, event.id, asked).await;
    let (kept, order) = (made.hold(0), made.order(1));
    let write = made.write.expect("a commit");
    assert_eq!(store.hold(kept).await.expect("a look").as_ref(), write.holds.first());
    assert_eq!(store.order(order).await.expect("a look").as_ref(), Some(&write.orders[0].order));
    let guess = store.hold(HoldId { salt: kept.salt ^ 1, ..kept }).await;
    assert!(guess.expect("a look").is_none(), "a salt cannot be guessed");
    let guess = store.order(OrderId { salt: order.salt ^ 1, ..order }).await;
    assert!(guess.expect("a look").is_none(), "a salt cannot be guessed");
}

pub(super) async fn an_order_may_come_with_cancelled_tickets(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let mut basket = seats(&[SeatIndex(0), SeatIndex(1)]);
    basket.areas = units(AreaIndex(0), 2).areas;
    let mut asked = book("Ada", basket);
    if let Command::Book { payment, .. } = &mut asked.command {
        payment.cancelled = vec![0, 3];
    }
    let made = commit(&*store, event.id, vec![asked, book("Bob", seats(&[SeatIndex(0)]))]).await;
    let (first, second) = (made.order(0), made.order(1));
    let kept = store.order(first).await.expect("a look").expect("the order is there");
    let gone: Vec<bool> = kept.tickets.iter().map(|ticket| ticket.is_cancelled).collect();
    assert_eq!((gone, kept.version), (vec![true, false, false, true], 2));
    let snapshot = load(&*store, event.id).await;
    let owner = |at| snapshot.seats.iter().find(|row| row.seat == SeatIndex(at)).expect("a seat").owner;
    assert_eq!((owner(0), owner(1)), (second.serial, first.serial), "sold, given back, and sold again");
}

/// A request with every text that an integrator may write.
fn wordy(mut request: Request) -> Request {
    if let Command::Hold { purchase, .. } | Command::Book { purchase, .. } = &mut request.command {
        purchase.metadata = Some(Arc::from("{\"note\":\"ünïcödé \\u0000 ' \\\" 漢字\"}"));
        purchase.reference = Some(Arc::from("ref ' \" ; -- 漢"));
        purchase.basket.areas[0].ticket_type = Some("child".to_owned());
        purchase.basket.areas[0].codes = vec!["çödè 1".to_owned(), "çödè 2".to_owned()];
    }
    request
}

pub(super) async fn texts_survive(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let mut basket = seats(&[SeatIndex(3)]);
    basket.areas = units(AreaIndex(0), 2).areas;
    let asked = vec![wordy(hold("Zoë 'x' 漢字", basket.clone()))];
    let made = commit(&*store, event.id, asked).await;
    let kept = made.hold(0);
    let write = made.write.expect("a commit");
    let record = store.hold(kept).await.expect("a look").expect("the hold is there");
    assert_eq!(Some(&record), write.holds.first());
    assert_eq!(&*record.buyer, "Zoë 'x' 漢字");
    let made = commit(&*store, event.id, vec![confirm(kept)]).await;
    let order = made.order(0);
    let write = made.write.expect("a commit");
    let record = store.order(order).await.expect("a look").expect("the order is there");
    assert_eq!(record, write.orders[0].order);
    assert_eq!(record.tickets[2].code.as_deref(), Some("çödè 2"));
    assert_eq!((record.hold, record.payment_ref.as_deref()), (Some(kept), Some("paid")));
    // A partial cancellation, and all of it after.
    let half = domain::command::Cancel {
        order,
        selection: domain::command::Selection::Places(vec![domain::place::Place::Area(AreaIndex(0))]),
        then: None,
    };
    commit(&*store, event.id, vec![crate::ask::request(Command::Cancel(half))]).await;
    let record = store.order(order).await.expect("a look").expect("the order is there");
    let cancelled: Vec<bool> = record.tickets.iter().map(|ticket| ticket.is_cancelled).collect();
    assert_eq!((cancelled, record.version), (vec![false, true, false], 2));
    assert_eq!((record.amount.0, record.amount_cancelled.0), (5_000 + 2_000, 1_000));
    // An exchange, with its history.
    let mut asked = crate::ask::request(Command::Change(exchange(order)));
    asked.codes = vec![(domain::command::Digest([9; 16]), "A-2".to_owned())];
    let write = commit(&*store, event.id, vec![asked]).await.write.expect("a commit");
    let record = store.order(order).await.expect("a look").expect("the order is there");
    assert_eq!(record, write.orders[0].order);
    assert_eq!((record.tickets.len(), record.tickets[3].replaces), (4, Some(0)));
    assert_eq!(record.changes[0].payment_ref.as_deref(), Some("refund çödè"));
    let by_code = OrderFilter { code: Some("new".to_owned()), ..OrderFilter::default() };
    let found = store.orders(ORGANIZATION, false, by_code, ALL).await.expect("a list");
    assert_eq!(found.into_iter().map(|(_, order)| order).collect::<Vec<_>>(), [record]);
}

pub(super) async fn an_erased_buyer_is_nowhere_and_everything_else_is(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let live = keep_event(&*store, 2, crate::sale::Sale::live).await;
    let ada = "ada \"l\" 漢";
    let seat = |at| seats(&[SeatIndex(at)]);
    let with_texts = |mut request: Request| {
        if let Command::Hold { purchase, .. } | Command::Book { purchase, .. } = &mut request.command {
            purchase.metadata = Some(Arc::from("{\"phone\":1}"));
            purchase.reference = Some(Arc::from(format!("of {ada}")));
        }
        request
    };
    let asked = vec![with_texts(hold(ada, seat(0))), with_texts(book(ada, seat(1))), book("Bob", seat(2))];
    let made = commit(&*store, event.id, asked).await;
    let (kept, order, bobs) = (made.hold(0), made.order(1), made.order(2));
    let others = commit(&*store, live.id, vec![book(ada, seat(0))]).await.order(0);
    let key = crate::ask::buyer_key(ada);
    let erased = store.erase_buyer(ORGANIZATION, false, key.clone()).await.expect("an erasure");
    assert_eq!((erased.holds, erased.orders), (1, 1));
    let record = store.order(order).await.expect("a look").expect("the order is there");
    assert_eq!((&*record.buyer, record.metadata, record.reference.as_deref()), ("", None, Some("of ")));
    assert_eq!((record.tickets.len(), record.amount.0, record.version), (1, 5_000, 1));
    let record = store.hold(kept).await.expect("a look").expect("the hold is there");
    assert_eq!((&*record.buyer, record.metadata, record.lines.len()), ("", None, 1));
    let bobs = store.order(bobs).await.expect("a look").expect("the order is there");
    assert_eq!(&*bobs.buyer, "Bob");
    let others = store.order(others).await.expect("a look").expect("the order is there");
    assert_eq!(&*others.buyer, ada, "the other mode is another world");
    let by_buyer = OrderFilter { buyer: Some(ada.to_owned()), ..OrderFilter::default() };
    assert!(store.orders(ORGANIZATION, false, by_buyer, ALL).await.expect("a list").is_empty());
    // The hold can still be paid, and units are counted as before.
    let sold = commit(&*store, event.id, vec![confirm(kept)]).await.order(0);
    assert_eq!(store.order(sold).await.expect("a look").expect("it is there").buyer.len(), 0);
    let snapshot = super::scribe::load(&*store, event.id).await;
    let (_, _, used) = snapshot.limits.iter().find(|(digest, ..)| *digest == key.digest).expect("a key");
    assert_eq!(*used, 2);
    let again = store.erase_buyer(ORGANIZATION, false, key.clone()).await.expect("an erasure");
    assert_eq!(again, Erased::default());
    // Somebody else's change was paid by her.
    let change = ChangeOrder {
        version: None,
        swap: Vec::new(),
        cancel: vec![TicketId { order: bobs.id, index: 0 }],
        payment_ref: Some(Arc::from(format!("back to {ada}"))),
        ..exchange(bobs.id)
    };
    commit(&*store, event.id, vec![crate::ask::request(Command::Change(change))]).await;
    store.erase_buyer(ORGANIZATION, false, key).await.expect("an erasure");
    let bobs = store.order(bobs.id).await.expect("a look").expect("the order is there");
    assert_eq!((&*bobs.buyer, bobs.changes[0].payment_ref.as_deref()), ("Bob", Some("back to ")));
}

pub(super) async fn people_of_events_that_are_over_are_forgotten(store: Arc<dyn Store>) {
    let now = store.now().await.expect("the time");
    let later = now.plus_seconds(86_400);
    let over = keep_event(&*store, 1, |sale| sale).await;
    let coming = keep_event(&*store, 2, |sale| sale.window(None, Some(later))).await;
    let ada = "ada \"l\" 漢";
    let mut made = Vec::new();
    for event in [over.id, coming.id] {
        let mut asked = book(ada, seats(&[SeatIndex(0)]));
        if let Command::Book { purchase, payment } = &mut asked.command {
            purchase.metadata = Some(Arc::from("{\"phone\":1}"));
            payment.payment_ref = Some(Arc::from(format!("paid by {ada}")));
        }
        let committed = commit(&*store, event, vec![asked, hold("Bob", seats(&[SeatIndex(1)]))]).await;
        made.push((committed.order(0), committed.hold(1)));
    }
    assert_eq!(store.erase_people(Timestamp(now.0 - 1)).await.expect("an erasure"), 0, "not old enough");
    assert_eq!(store.erase_people(later).await.expect("an erasure"), 1, "one has not begun");
    let order = async |id| store.order(id).await.expect("a look").expect("the order is there");
    let forgotten = order(made[0].0).await;
    assert_eq!((&*forgotten.buyer, &forgotten.metadata), ("", &None));
    assert_eq!(forgotten.payment_ref.as_deref(), Some("paid by "));
    assert_eq!((forgotten.tickets.len(), forgotten.amount.0), (1, 5_000));
    let bobs = store.hold(made[0].1).await.expect("a look").expect("the hold is there");
    assert_eq!(&*bobs.buyer, "");
    assert_eq!(&*order(made[1].0).await.buyer, ada, "who is yet to come is known");
    assert_eq!(store.erase_people(later).await.expect("an erasure"), 0, "nobody is left");
    let after = now.plus_seconds(2 * 86_400);
    assert_eq!(store.erase_people(after).await.expect("an erasure"), 1, "the other is over by then");
    assert_eq!(&*order(made[1].0).await.buyer, "");
}

pub(super) async fn channels_keep_their_last_note(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let block = |channel: &str, seat, note: Option<&str>| {
        crate::ask::request(Command::Assign(Assign {
            seats: vec![SeatIndex(seat)],
            areas: Vec::new(),
            whole_channel: None,
            from: Assignment::Public,
            to: Assignment::Channel(ChannelKey(channel.into())),
            note: note.map(Into::into),
        }))
    };
    let asked =
        vec![block("press", 0, Some("first")), block("press", 1, Some("çödè")), block("house", 2, None)];
    commit(&*store, event.id, asked).await;
    commit(&*store, event.id, vec![block("crew", 3, Some("later"))]).await;
    // The same places once more: nothing changes but the note.
    commit(&*store, event.id, vec![block("crew", 3, Some("last"))]).await;
    let notes = store.channel_notes(event.id).await.expect("notes");
    let told: Vec<(&str, &str)> = notes.iter().map(|(channel, note)| (&*channel.0, &**note)).collect();
    assert_eq!(told, [("crew", "last"), ("press", "çödè")]);
    assert!(store.channel_notes(EventId(99)).await.expect("notes").is_empty());
}

/// The first ticket for another seat, at another price.
fn exchange(order: OrderId) -> ChangeOrder {
    let swap = Swap {
        ticket: TicketId { order, index: 0 },
        to: domain::place::Place::Seat(SeatIndex(2)),
        ticket_type: None,
        price: Some(domain::money::Amount(7)),
        code: Some("new".to_owned()),
    };
    ChangeOrder {
        order,
        version: Some(2),
        swap: vec![swap],
        add: None,
        cancel: Vec::new(),
        then: None,
        payment_ref: Some("refund çödè".into()),
        claims: Vec::new(),
        channels: Vec::new(),
        ignored: Ignored::default(),
    }
}

pub(super) async fn orders_are_filtered(store: Arc<dyn Store>) {
    let one = keep_event(&*store, 1, |sale| sale).await;
    let other = keep_event(&*store, 2, |sale| sale).await;
    let live = keep_event(&*store, 3, crate::sale::Sale::live).await;
    let seat = |at| seats(&[SeatIndex(at)]);
    let first = commit(&*store, one.id, vec![with_ref(book("Ada", seat(0)), "ref")]).await.order(0);
    let second = commit(&*store, one.id, vec![with_code(book("Bob", seat(1)), "code")]).await.order(0);
    let kept = commit(&*store, other.id, vec![hold("Ada", seat(0))]).await.hold(0);
    let third = commit(&*store, other.id, vec![confirm(kept)]).await.order(0);
    let fourth = commit(&*store, live.id, vec![book("Ada", seat(0))]).await.order(0);
    commit(&*store, one.id, vec![cancel(second)]).await;
    let find = async |filter: OrderFilter| {
        let found = store.orders(ORGANIZATION, false, filter, ALL).await.expect("a list");
        found.into_iter().map(|(_, order)| order.id).collect::<Vec<_>>()
    };
    let none = OrderFilter::default;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(find(none()).await, [first, second, third]);
    assert_eq!(find(OrderFilter { event: Some(one.id), ..none() }).await, [first, second]);
    assert_eq!(find(OrderFilter { buyer: text("Ada"), ..none() }).await, [first, third]);
    assert_eq!(find(OrderFilter { is_cancelled: Some(true), ..none() }).await, [second]);
    assert_eq!(find(OrderFilter { is_cancelled: Some(false), ..none() }).await, [first, third]);
    assert_eq!(find(OrderFilter { reference: text("ref"), ..none() }).await, [first]);
    assert_eq!(find(OrderFilter { payment_ref: text("paid"), ..none() }).await, [third]);
    let by_code = OrderFilter { event: Some(one.id), code: text("code"), ..none() };
    assert_eq!(find(by_code).await, [second]);
    assert_eq!(find(OrderFilter { code: text("code"), ..none() }).await, [second]);
    assert!(find(OrderFilter { buyer: text("Bob"), reference: text("ref"), ..none() }).await.is_empty());
    assert!(find(OrderFilter { event: Some(live.id), ..none() }).await.is_empty(), "live orders are live");
    let lives = store.orders(ORGANIZATION, true, none(), ALL).await.expect("a list");
    assert_eq!(lives.iter().map(|(_, order)| order.id).collect::<Vec<_>>(), [fourth]);
    let foreign = store.orders(OrganizationId(2), false, none(), ALL).await.expect("a list");
    assert!(foreign.is_empty(), "orders of others are nobody's business");
}

pub(super) async fn orders_come_in_pages(store: Arc<dyn Store>) {
    let event = keep_event(&*store, 1, |sale| sale).await;
    let mut made = Vec::new();
    for at in 0..5 {
        made.push(commit(&*store, event.id, vec![book("Ada", seats(&[SeatIndex(at)]))]).await.order(0));
    }
    for (limit, pages) in [(2, 3), (5, 1), (1, 5)] {
        let mut page = Page { after: 0, limit };
        let mut seen = Vec::new();
        let mut turned = 0;
        loop {
            let found =
                store.orders(ORGANIZATION, false, OrderFilter::default(), page).await.expect("a list");
            let Some((last, _)) = found.last() else { break };
            (page.after, turned) = (*last, turned + 1);
            seen.extend(found.iter().map(|(_, order)| order.id));
            // What is changed in between keeps its position.
            commit(&*store, event.id, vec![cancel(made[0])]).await;
        }
        assert_eq!((&seen, turned), (&made, pages), "{limit} a page");
    }
}
