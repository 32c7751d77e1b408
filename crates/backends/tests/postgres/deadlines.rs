//! A server that stops answering: everybody gets an error in time, and what is asked later is answered again.

use std::sync::Arc;
use std::time::Duration;

use backends::postgres::{PostgresOptions, PostgresStore};
use domain::id::EventId;
use domain::place::SeatIndex;
use engine::Error;
use engine::options::Options;
use engine::store::{Archive as _, Catalog as _, Journal as _, StoreError};
use testkit::ask::{book, keyed, seats};
use testkit::hall::HallReader;
use testkit::sale::event;
use testkit::servers::postgres::Postgres;
use testkit::servers::proxy::{Network, Proxy};
use tokio::time::Instant;

use crate::nodes::{Node, sale};
use crate::options;

/// Two seconds beyond the server's own bounds, for each of the two round trips that a snapshot takes, for the look-up of a
/// commit's outcome, and some air.
const PATIENCE: Duration = Duration::from_secs(12);
/// Pieces of an answer that no call has as many of.
const PIECES_MAX: u64 = 40;
/// The server's own bounds.
const BRIEF: Duration = Duration::from_millis(300);

/// A store behind a network that can be broken.
struct Behind {
    store: Arc<PostgresStore>,
    proxy: Proxy,
    server: Arc<Postgres>,
    database: String,
}

impl Behind {
    async fn open() -> Self {
        let server = Postgres::shared();
        let url = server.database();
        let proxy = Proxy::start(server.port());
        let through = url.replace(&format!(":{}", server.port()), &format!(":{}", proxy.port()));
        let options = PostgresOptions {
            statement_timeout: BRIEF,
            checkout_timeout: BRIEF,
            connect_timeout: BRIEF,
            ..options(through)
        };
        let store = PostgresStore::open(options, Arc::new(HallReader)).await.unwrap();
        let database = url.rsplit('/').next().unwrap().to_owned();
        Self { store, proxy, server, database }
    }

    /// Has the server fall silent at every piece of its answers to a call, one after the other, until the call is answered;
    /// returns what came of it each time before. Each time an idle connection is met, and each time the next user is answered.
    async fn silenced(&self, call: impl AsyncFn(u64) -> Result<(), StoreError>) -> Vec<StoreError> {
        let mut failures = Vec::new();
        for after in 0..PIECES_MAX {
            self.store.all_events().await.unwrap();
            self.proxy.set(Network::FallsSilent { after });
            let since = Instant::now();
            let result = call(after).await;
            assert!(
                since.elapsed() < PATIENCE,
                "silenced after {after} pieces it took {:?}",
                since.elapsed()
            );
            self.proxy.set(Network::Passes);
            // Nobody inherits a connection on which an answer is still to come.
            self.store.all_events().await.unwrap();
            match result {
                Ok(()) => return failures,
                Err(failure) => failures.push(failure),
            }
        }
        panic!("it is never answered");
    }

    /// What only reads fails in time, and says that the store cannot be had.
    async fn reads(&self, call: impl AsyncFn() -> Option<StoreError>) {
        let failures = self.silenced(async |_| call().await.map_or(Ok(()), Err)).await;
        assert!(!failures.is_empty(), "the server was not silenced");
        let all = failures.iter().all(|failure| matches!(failure, StoreError::Unavailable(_)));
        assert!(all, "{failures:?}");
        self.proxy.set(Network::StandsStill);
        let since = Instant::now();
        assert!(matches!(call().await, Some(StoreError::Unavailable(_))));
        assert!(since.elapsed() < PATIENCE, "in a network that stands still it took {:?}", since.elapsed());
        self.proxy.set(Network::Passes);
        assert!(call().await.is_none());
    }

    /// What writes fails in time, and when it is the commit that is not answered it says that nobody knows.
    async fn writes(&self, call: impl AsyncFn(u64) -> Result<(), StoreError>) {
        let failures = self.silenced(call).await;
        assert!(failures.len() > 1, "the server was not silenced: {failures:?}");
        let (at_commit, before) = failures.split_last().unwrap();
        assert!(matches!(at_commit, StoreError::Unknown(_)), "{failures:?}");
        let all = before
            .iter()
            .all(|failure| matches!(failure, StoreError::Unavailable(_) | StoreError::Unknown(_)));
        assert!(all && matches!(before[0], StoreError::Unavailable(_)), "{failures:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_is_not_answered_is_given_up_in_time() {
    let id = EventId(1);
    let hold = domain::id::HoldId { event: id, serial: domain::id::Serial(1), salt: 1 };
    let behind = async || {
        let behind = Behind::open().await;
        behind.store.create_event(event(1).area("Field", 5).build(), None).await.unwrap();
        behind
    };
    let (positions, events, holds, tail, load) =
        tokio::join!(behind(), behind(), behind(), behind(), behind());
    tokio::join!(
        positions.reads(async || positions.store.positions(vec![id]).await.err()),
        events.reads(async || events.store.all_events().await.err()),
        holds.reads(async || holds.store.hold(hold).await.err()),
        tail.reads(async || tail.store.tail(id, domain::id::Seq(0), 10).await.err()),
        load.reads(async || load.store.load(id, 1_000).await.err()),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_not_answered_is_given_up_in_time_and_a_commit_is_told_apart() {
    let (events, keys) = tokio::join!(Behind::open(), Behind::open());
    tokio::join!(
        events.writes(async |at| {
            let sale = event(1 + at).area("Field", 5).build();
            events.store.create_event(sale, None).await.map(drop)
        }),
        keys.writes(async |at| keys.store.revoke_key(domain::id::KeyId(at)).await.map(drop)),
    );
}

/// A batch whose first round trip, whose commit, or the look-up of whose outcome is not answered: whoever asks again under
/// the same key gets one order, and nobody two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_not_answered_is_given_up_in_time_and_sold_once() {
    let behind = Behind::open().await;
    let never = Duration::from_secs(3_600);
    let options = Options {
        // Nobody else asks anything of the server, so that the silence falls where it is meant to.
        follow_interval: never,
        refusal_age_max: never * 2,
        sweep_interval: never,
        outcome_wait_max: BRIEF,
        ..Options::default()
    };
    let node = Node::over(behind.store.clone(), options, 1);
    let sale = sale(&node, 1).await;
    node.engine.desk(sale.id).await.unwrap();
    let booking = |at: u64| {
        let seat = SeatIndex(u32::try_from(at).unwrap());
        keyed(book("Ada", seats(&[seat])), &format!("key {at}"))
    };
    let mut asked = 0;
    let (mut refused, mut unknown) = (0, 0);
    let failures = behind
        .silenced(async |at| {
            let answer = node.ask(&sale, booking(at)).await;
            match answer {
                Ok(_) => Ok(()),
                Err(Error::Unavailable) => Err(StoreError::Unavailable(String::new())),
                Err(Error::OutcomeUnknown { .. }) => Err(StoreError::Unknown(String::new())),
                Err(other) => panic!("{other:?}"),
            }
        })
        .await;
    for failure in &failures {
        asked += 1;
        match failure {
            StoreError::Unknown(_) => unknown += 1,
            _ => refused += 1,
        }
    }
    assert!(
        refused > 0 && unknown > 0,
        "the batch was not silenced where it reads and where it commits: {failures:?}"
    );
    for at in 0..=asked {
        assert_eq!(node.ask(&sale, booking(at)).await.map(|reply| reply.status), Ok(201));
    }
    let orders = behind.server.sql(&behind.database, "SELECT count(*) FROM orders");
    assert_eq!(orders, (asked + 1).to_string());
}

/// Whoever asks next would otherwise wait behind an answer that does not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_whose_user_went_away_is_not_handed_on_unanswered() {
    let server = Postgres::shared();
    let url = server.database();
    let proxy = Proxy::start(server.port());
    let through = url.replace(&format!(":{}", server.port()), &format!(":{}", proxy.port()));
    let brief = Duration::from_millis(300);
    let options = PostgresOptions { statement_timeout: brief, ..options(through) };
    let store = PostgresStore::open(options, Arc::new(HallReader)).await.unwrap();
    assert!(store.all_events().await.unwrap().is_empty());
    proxy.set(Network::LosesAnswers);
    let went_away = tokio::time::timeout(Duration::from_millis(100), store.all_events()).await;
    assert!(went_away.is_err(), "there was an answer: {went_away:?}");
    proxy.set(Network::Passes);
    assert!(store.all_events().await.unwrap().is_empty(), "the next one waits for the other's answer");
}
