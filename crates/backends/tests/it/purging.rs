//! Forgetting, and deleting test events.

use backends::audit::{AuditReader as _, StoredUnique, Unique};
use backends::purged::Purged;
use backends::sqlite::audit::SqliteAudit;
use bytes::Bytes;
use domain::command::Command;
use domain::event::Event;
use domain::id::{ChartId, EventId, Seq, Serial};
use domain::time::Timestamp;
use engine::store::{Archive, Catalog, CatalogReply, Journal, StoredReply};

use crate::teller::{Asked, book, chart_record, digest, purchase};
use crate::{DAY_MS, Place, plain_event};

fn hold(buyer: &str, seat: u32) -> Asked {
    Asked::new(Command::Hold { purchase: purchase(buyer, &[seat], 0), seconds: Some(60) })
}

#[tokio::test]
async fn ended_holds_and_old_replies_are_forgotten_and_nothing_else() {
    let place = Place::new();
    let reply = StoredReply { fingerprint: digest("body"), status: 201, body: Bytes::from_static(b"{}") };
    let for_good =
        CatalogReply { key: digest("for good"), reply: StoredReply { status: 200, ..reply.clone() } };
    let reply = CatalogReply { key: digest("chart key"), reply };
    let document = Bytes::from_static(b"10x10");
    place.store.create_chart(chart_record(ChartId(1)), document, Some(reply)).await.unwrap();
    let document = Bytes::from_static(b"10x10");
    place.store.create_chart(chart_record(ChartId(2)), document, Some(for_good)).await.unwrap();
    let teller = place.event(1).await;
    place.done(&teller, vec![hold("ann", 1), book("bob", &[2]).keyed("old")]).await;
    let old = place.load(EventId(1)).await.holds[0].id;
    place.clock.advance(3_600_000);
    place.done(&teller, vec![Asked::new(Command::Sweep)]).await;
    place.clock.advance(40 * DAY_MS);
    place.done(&teller, vec![hold("cyn", 3), book("dan", &[4]).keyed("new")]).await;
    let running = place.load(EventId(1)).await.holds[0].id;
    place.done(&teller, vec![Asked::new(Command::Release(running)), hold("eve", 5)]).await;

    let now = place.store.now().await.unwrap();
    let nothing = place.store.purge(Timestamp(now.0 - 39 * DAY_MS), 30 * DAY_MS, 30 * DAY_MS).await.unwrap();
    assert_eq!(nothing, Purged::default());
    let purged = place.store.purge(now, 30 * DAY_MS, DAY_MS).await.unwrap();
    let expected = Purged { holds: 1, replies: 1, catalog_replies: 1, rows_of_deleted_events: 0 };
    assert_eq!(purged, expected);
    assert!(place.store.hold(old).await.unwrap().is_none());
    assert!(place.store.hold(running).await.unwrap().is_some(), "ended a moment ago");
    assert!(place.store.stored_reply(EventId(1), Serial::new(Seq(1), 1)).await.unwrap().is_none());
    assert!(place.store.stored_reply(EventId(1), Serial::new(Seq(3), 1)).await.unwrap().is_some());
    assert!(place.store.reply(digest("chart key")).await.unwrap().is_none());
    assert!(place.store.reply(digest("for good")).await.unwrap().is_some(), "it is no reply to a request");
    place.is_as_believed(&teller).await;
    assert_eq!(place.store.purge(now, 30 * DAY_MS, DAY_MS).await.unwrap(), Purged::default());
}

#[tokio::test]
async fn a_test_event_goes_with_everything_of_it() {
    let place = Place::new();
    let (gone, kept) = (place.event(1).await, place.event(2).await);
    for teller in [&gone, &kept] {
        let mut booked = book("ann", &[1, 2]).keyed("key");
        booked.order_ref = Some((digest("ref"), digest("basket")));
        booked.codes = vec![digest("code")];
        if let Command::Book { purchase, .. } = &mut booked.command {
            purchase.basket.seats[0].code = Some("code".into());
        }
        let floor = Command::Hold { purchase: purchase("bob", &[7], 3), seconds: None };
        place.done(teller, vec![booked, Asked::new(floor)]).await;
        // Counted once more under a pseudonym that is known.
        place.done(teller, vec![book("ann", &[3])]).await;
    }
    assert!(place.store.delete_event(EventId(1)).await.unwrap());
    assert!(!place.store.delete_event(EventId(1)).await.unwrap());
    assert!(place.store.load(EventId(1), 1).await.unwrap().is_none());
    assert_eq!(place.store.all_events().await.unwrap(), [EventId(2)]);
    place.is_as_believed(&kept).await;
    place.done(&kept, vec![book("cyn", &[9])]).await;

    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let count = |table: &str| -> (i64, i64) {
        let sql = format!("SELECT count(DISTINCT event), count(*) FROM {table}");
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let tables =
        ["filed_seats", "area_pools", "holds", "orders", "barcodes", "counters", "order_refs", "codes"];
    let replies = "(SELECT coalesce(event, 0) AS event FROM replies LEFT JOIN ledger USING (position))";
    for table in tables.into_iter().chain(["ledger", replies, "heads"]) {
        let (events, rows) = count(table);
        assert!(events == 1 && rows > 0, "{table}: {events} events, {rows} rows");
    }
    assert_eq!(count("doomed_events"), (0, 0));
}

#[tokio::test]
async fn a_live_event_stays() {
    let place = Place::new();
    place.event(1).await;
    place.event_of(Event { livemode: true, ..plain_event(2) }).await;
    assert!(!place.store.delete_event(EventId(2)).await.unwrap());
    assert!(!place.store.delete_event(EventId(77)).await.unwrap());
    assert!(place.store.event(EventId(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_large_event_is_deleted_in_pieces() {
    let place = Place::new();
    let teller = place.event(1).await;
    // More rows in one table than a slice takes.
    for round in 0..3_u32 {
        let asked = (0..600).map(|at| {
            Asked::new(Command::Hold {
                purchase: purchase(&format!("buyer {round}-{at}"), &[], 1),
                seconds: Some(10),
            })
        });
        place.ask(&teller, asked.collect()).await.unwrap();
        place.clock.advance(60_000);
        place.ask(&teller, vec![Asked::new(Command::Sweep)]).await.unwrap();
    }
    // And more commits.
    for at in 0..120_u32 {
        let mut booked = book("ann", &[]).keyed(&format!("key {at}"));
        if let Command::Book { purchase: bought, .. } = &mut booked.command {
            *bought = purchase(&format!("ann {at}"), &[], 1);
        }
        place.done(&teller, vec![booked]).await;
    }
    assert!(place.store.delete_event(EventId(1)).await.unwrap());
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    for table in ["holds", "counters", "ledger", "orders", "replies"] {
        let rows: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn an_audit_reads_everything_as_of_one_commit() {
    let place = Place::new();
    let teller = place.event(1).await;
    let mut booked = book("ann", &[1, 2]).keyed("key");
    booked.order_ref = Some((digest("ref"), digest("basket")));
    booked.codes = vec![digest("code")];
    let floor = Command::Hold { purchase: purchase("bob", &[7], 3), seconds: None };
    place.done(&teller, vec![booked, Asked::new(floor)]).await;
    let audit = SqliteAudit::open(&place.path()).unwrap();
    let position = teller.beliefs.lock().position;
    place.done(&teller, vec![book("cyn", &[9])]).await;

    let event = EventId(1);
    assert_eq!(audit.check_file().unwrap(), [""; 0]);
    assert_eq!(audit.events().unwrap(), [event]);
    assert_eq!(audit.position(event).unwrap(), Some(position));
    let seats = audit.seats(event, None, 2).unwrap();
    let rest = audit.seats(event, Some(seats[1].seat), 2).unwrap();
    assert_eq!(seats.iter().chain(&rest).map(|row| row.seat.0).collect::<Vec<_>>(), [1, 2, 7]);
    assert_eq!(audit.areas(event).unwrap().len(), 1);
    let holds = audit.holds(event, Serial(0), 10).unwrap();
    assert_eq!((holds.len(), holds[0].claims.len()), (1, 1));
    let orders = audit.orders(event, Serial(0), 10).unwrap();
    assert_eq!((orders.len(), orders[0].tickets.len()), (1, 2));
    assert!(audit.orders(event, orders[0].id.serial, 10).unwrap().is_empty());
    for (kind, name) in [(Unique::OrderRef, "ref"), (Unique::Code, "code")] {
        let taken = [StoredUnique { digest: digest(name), order: orders[0].id }];
        assert_eq!(audit.uniques(event, kind, None, 10).unwrap(), taken);
        assert_eq!(audit.uniques(event, kind, Some(digest(name)), 10).unwrap(), []);
        assert_eq!(audit.taken(event, kind, &[digest("other"), digest(name)]).unwrap(), taken);
    }
    let keys = audit.limit_keys(event, Seq(0), 10).unwrap();
    let used = keys[0].keys.iter().map(|(mapping, used)| (mapping.digest, *used)).collect::<Vec<_>>();
    assert_eq!((keys.len(), used), (1, vec![(digest("ann"), 2), (digest("bob"), 4)]));
    assert_eq!(audit.ledger(event, Seq(0), 10).unwrap().len(), 1);
    let replies = audit.replies(event, Seq(0), 10).unwrap();
    assert_eq!((replies.len(), replies[0].replies.len()), (1, 1));
    assert_eq!(audit.position(EventId(9)).unwrap(), None);
}
