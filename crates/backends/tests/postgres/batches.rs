//! What a batch does when another node has its event, when its connection is lost, and when it stands still.
#![expect(clippy::disallowed_methods, reason = "tasks and connections of a test end with it")]

use std::sync::Arc;
use std::time::Duration;

use domain::id::EventId;
use domain::place::SeatIndex;
use engine::Error;
use engine::fleet::Fleet;
use engine::options::Options;
use engine::restore::begin_history;
use engine::store::{
    Catalog as _, CommitWrite, Decider, Journal as _, Locked, Probes, StoreError, TransactError, Waits, Work,
};
use parking_lot::Mutex;
use testkit::ask::{book, hold, keyed, seats};
use testkit::renderer::{hold_of, order_of};
use testkit::servers::postgres::Postgres;
use tokio_postgres::NoTls;

use crate::nodes::{Node, sale};

/// Decides nothing, and notes what it was asked; on the way it may do something terrible.
struct Onlooker {
    seen: Mutex<Vec<usize>>,
    meanwhile: Box<dyn Fn() + Send + Sync>,
}

impl Onlooker {
    fn new(meanwhile: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), meanwhile: Box::new(meanwhile) })
    }
}

impl Decider for Onlooker {
    fn decide(&self, at: usize, _: Locked) -> Option<Arc<CommitWrite>> {
        self.seen.lock().push(at);
        (self.meanwhile)();
        None
    }
}

/// Somebody else's session, as another node's.
async fn stranger(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Locks an event as a batch does.
async fn lock(stranger: &tokio_postgres::Client, event: u64) {
    stranger.batch_execute("BEGIN").await.unwrap();
    let sql = "SELECT seq FROM heads JOIN events ON events.number = heads.event WHERE events.id = $1 FOR UPDATE OF heads";
    stranger.query_one(sql, &[&event.cast_signed()]).await.unwrap();
}

fn work(event: u64) -> Work {
    let position = engine::ledger::Position::default();
    Work { event: EventId(event), position, probes: Probes::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_events_those_that_others_have_are_left() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    for id in [1, 2, 3] {
        sale(&node, id).await;
    }
    let stranger = stranger(&url).await;
    lock(&stranger, 2).await;
    let onlooker = Onlooker::new(|| ());
    let works = [1, 2, 3].map(work).to_vec();
    let left = node.store.transact(works, Waits::ForNothing, onlooker.clone()).await.unwrap();
    assert_eq!((left, onlooker.seen.lock().clone()), (vec![1], vec![0, 2]));
}

/// What a server says that cannot read a page.
const TORN: &str = "CREATE FUNCTION torn() RETURNS text LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'a torn page' USING ERRCODE = 'data_corrupted'; END $$";
/// A hold that is there and cannot be understood, and one whose page the server itself cannot read; whether it is known whose it is.
const DAMAGES: [(&str, bool); 2] = [
    ("UPDATE holds SET lines = 'no lines'", true),
    ("ALTER TABLE holds RENAME TO pages;
     CREATE VIEW holds AS SELECT event, serial, salt, version, status, order_serial, order_salt, buyer_surrogate, buyer,
         created_at, deadline, ended_at, torn() AS lines, claims, codes, reference, metadata FROM pages", false),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_fails_no_other_event() {
    let server = Postgres::shared();
    for (damage, is_named) in DAMAGES {
        let url = server.database();
        let node = Node::start(&url, Options::default(), 1).await;
        let events = [sale(&node, 1).await, sale(&node, 2).await];
        let reply = node.ask(&events[0], hold("Ada", seats(&[SeatIndex(3)]))).await.unwrap();
        let hold = hold_of(&reply).unwrap();
        stranger(&url).await.batch_execute(&format!("{TORN}; {damage}")).await.unwrap();
        let damaged = || Work { probes: Probes { holds: vec![hold], ..Probes::default() }, ..work(1) };
        let ask = async |works| node.store.transact(works, Waits::ForEvents, Onlooker::new(|| ())).await;
        let result = ask(vec![work(2), damaged()]).await;
        let is_of_one = |result: &_| {
            matches!(result, Err(TransactError::Undecidable(EventId(1), StoreError::Damaged(_))))
        };
        let is_divided = matches!(result, Err(TransactError::Divided));
        assert!(if is_named { is_of_one(&result) } else { is_divided }, "{damage}: {result:?}");
        let result = ask(vec![damaged()]).await;
        assert!(is_of_one(&result), "{damage}: {result:?}");
        ask(vec![work(2)]).await.unwrap();
    }
}

/// A seat whose page the server cannot read is met when it is written: whoever wants another seat of the event gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_written_fails_no_other_request() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let damage = format!(
        "{TORN}; CREATE FUNCTION torn_seat() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM torn(); RETURN NEW; END $$;
         CREATE TRIGGER torn BEFORE INSERT ON seats FOR EACH ROW WHEN (NEW.seat = 3) EXECUTE FUNCTION torn_seat()"
    );
    stranger(&url).await.batch_execute(&damage).await.unwrap();
    let asked = (0..8).map(|at| node.ask(&event, book(&format!("buyer {at}"), seats(&[SeatIndex(at)]))));
    let answers = futures_util::future::join_all(asked).await;
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), at != 3, "seat {at}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_cannot_be_read_hides_no_other() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let [damaged, sound] = [sale(&node, 1).await, sale(&node, 2).await].map(|event| event.id);
    let damage = "UPDATE heads SET head = 'short' WHERE event = (SELECT number FROM events WHERE id = 1)";
    stranger(&url).await.batch_execute(damage).await.unwrap();
    let positions = node.store.positions(vec![damaged, sound, EventId(3)]).await.unwrap();
    assert_eq!(positions.damaged, [damaged]);
    assert_eq!(positions.positions, [(sound, engine::ledger::Position::default())]);
    let begun = begin_history(&*node.store, &Fleet::default(), |_, _| ()).await;
    assert!(matches!(begun, Err(StoreError::Damaged(_))), "it is no event that is gone: {begun:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_events_sell_while_one_is_in_other_hands() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let (taken, free) = (sale(&node, 1).await, sale(&node, 2).await);
    let stranger = stranger(&url).await;
    lock(&stranger, 1).await;
    let waiting = {
        let (node, taken) = (node.clone(), taken.clone());
        tokio::spawn(async move { node.ask(&taken, book("Ada", seats(&[SeatIndex(0)]))).await })
    };
    for at in 0..5 {
        let sold = node.ask(&free, book(&format!("buyer {at}"), seats(&[SeatIndex(at)]))).await;
        assert!(sold.is_ok(), "{sold:?}");
    }
    assert!(!waiting.is_finished(), "its event is still in other hands");
    stranger.batch_execute("ROLLBACK").await.unwrap();
    let sold = waiting.await.unwrap().unwrap();
    assert!(order_of(&sold).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_stays_in_other_hands_is_a_clean_no() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let stranger = stranger(&url).await;
    stranger.batch_execute("SET idle_in_transaction_session_timeout = 0").await.unwrap();
    lock(&stranger, 1).await;
    let request = keyed(book("Ada", seats(&[SeatIndex(0)])), "key");
    assert_eq!(node.ask(&event, request.clone()).await, Err(Error::Unavailable));
    stranger.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(node.ask(&event, request).await.unwrap().status, 201);
}

/// A sale whose writer's session is ended by the server in the middle of a batch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_before_the_commit_loses_nothing() {
    let server = Postgres::shared();
    let url = server.database();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let killer = server.clone();
    let kill = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{database}' AND state = 'idle in transaction'"
    );
    let onlooker = Onlooker::new(move || {
        killer.sql("postgres", &kill);
    });
    let cut = node.store.transact(vec![work(1)], Waits::ForEvents, onlooker).await;
    assert!(matches!(cut, Ok(_) | Err(TransactError::Nothing(_))), "nothing was to be written: {cut:?}");
    let sold = node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await;
    assert!(sold.is_ok(), "{sold:?}");
    assert_eq!(server.sql(&database, "SELECT count(*) FROM orders"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_found_again() {
    let server = Postgres::start(&testkit::servers::postgres::versions()[0], &["fsync=on"]);
    let url = server.database();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let mut acknowledged = 0;
    for (at, mode) in (0..).zip(["fast", "immediate", "fast"]) {
        let request = keyed(book(&format!("buyer {at}"), seats(&[SeatIndex(at)])), &format!("key {at}"));
        assert!(node.ask(&event, request.clone()).await.is_ok());
        acknowledged += 1;
        server.stop(mode);
        let lost = keyed(book("nobody", seats(&[SeatIndex(30)])), &format!("lost {at}"));
        let refused = node.ask(&event, lost).await;
        assert!(matches!(refused, Err(Error::Unavailable | Error::OutcomeUnknown { .. })), "{refused:?}");
        server.go();
        // The same key again: the first order, whatever became of its connection.
        let again = node.ask(&event, request).await.unwrap();
        assert!(again.is_replay);
    }
    let orders = server.sql(&database, "SELECT count(*) FROM orders WHERE buyer <> 'nobody'");
    assert_eq!(orders, acknowledged.to_string());
    assert_eq!(node.store.all_events().await.unwrap(), [event.id]);
}

/// A node that stands still between its two round trips is ended by the server, and the next one sells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_does_not_keep_its_event() {
    let server = Postgres::shared();
    let url = server.database();
    let (still, awake) =
        (Node::start(&url, Options::default(), 1).await, Node::start(&url, Options::default(), 2).await);
    let event = sale(&awake, 1).await;
    let began = Arc::new(tokio::sync::Notify::new());
    let (has_begun, standing) = (began.clone(), still.clone());
    let (go_on, stands) = std::sync::mpsc::sync_channel::<()>(1);
    let stands = Mutex::new(stands);
    let pause = tokio::spawn(async move {
        let onlooker = Onlooker::new(move || {
            has_begun.notify_one();
            // Until the other node has sold: it fails the test when it waits for this one. In place, because a thread
            // that blocks may be the one that hears of everything.
            tokio::task::block_in_place(|| stands.lock().recv().ok());
        });
        standing.store.transact(vec![work(1)], Waits::ForEvents, onlooker).await
    });
    began.notified().await;
    let asked = tokio::time::Instant::now();
    let sold = awake.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await;
    assert!(sold.is_ok(), "{sold:?}");
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    go_on.send(()).unwrap();
    drop(pause.await.unwrap());
}

/// A commit of which the server warns, as it does when it stops waiting for a standby, counts only once it was looked up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_the_server_warns_of_is_looked_up() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let name = url.rsplit('/').next().unwrap();
    let warn = |table: &str| {
        format!(
            "CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION warn()"
        )
    };
    server.sql(
        name,
        "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE WARNING 'as of a standby that is gone'; RETURN NULL; END $$",
    );
    server.sql(name, &warn("ledger"));
    server.sql(name, &warn("events"));
    let sold = node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await;
    assert!(sold.is_ok(), "it was committed, and is found: {sold:?}");
    // An event is made, or it is not: whoever made it has to ask.
    let made = node.store.create_event(testkit::sale::event(2).area("Field", 5).build(), None).await;
    assert!(matches!(made, Err(StoreError::Unknown(_))), "{made:?}");
    assert!(node.store.event(domain::id::EventId(2)).await.unwrap().is_some());
}
