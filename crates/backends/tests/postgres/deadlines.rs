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
/// The statement to its end: every `BEGIN` says `READ COMMITTED`.
const COMMIT: &str = "COMMIT\0";
/// The end of the statement that commits a batch.
const COMMIT_OF_BATCH: &str = "CHAIN\0";
/// How long statements may take.
const BRIEF: Duration = Duration::from_millis(300);
/// How long connecting may take, on a busy machine.
const CONNECTING: Duration = Duration::from_secs(2);

/// A store behind a network that can be broken, with an event.
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
            checkout_timeout: CONNECTING,
            connect_timeout: CONNECTING,
            ..options(through)
        };
        let store = PostgresStore::open(options, Arc::new(HallReader)).await.unwrap();
        let database = url.rsplit('/').next().unwrap().to_owned();
        store.create_event(event(1).area("Field", 5).build(), None).await.unwrap();
        Self { store, proxy, server, database }
    }

    /// What a call fails with in a network. It fails in time, and whoever asks next is answered.
    async fn failure<T>(
        &self,
        network: Network,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> StoreError {
        self.proxy.set(network);
        let since = Instant::now();
        let result = call.await;
        assert!(since.elapsed() < PATIENCE, "{network:?} took {:?}", since.elapsed());
        self.proxy.set(Network::Passes);
        // Nobody inherits a connection on which an answer is still to come.
        self.store.all_events().await.unwrap();
        result.err().expect("nobody answered")
    }

    /// A call that reads is silenced on a connection that was idle.
    async fn reads<T>(self, call: impl AsyncFn(&PostgresStore) -> Result<T, StoreError>) {
        for network in [Network::LosesAnswers, Network::StandsStill] {
            assert!(call(&self.store).await.is_ok());
            let failure = self.failure(network, call(&self.store)).await;
            assert!(matches!(failure, StoreError::Unavailable(_)), "{network:?}: {failure:?}");
        }
        assert!(call(&self.store).await.is_ok());
    }

    /// A call that writes is silenced before it has written, and at its commit: then it is not known what came of it.
    async fn writes<T>(self, call: impl AsyncFn(&PostgresStore, u64) -> Result<T, StoreError>) {
        for (at, network) in (2..).zip([Network::LosesAnswers, Network::StandsStill]) {
            assert!(call(&self.store, at).await.is_ok());
            let failure = self.failure(network, call(&self.store, at + 10)).await;
            assert!(matches!(failure, StoreError::Unavailable(_)), "{network:?}: {failure:?}");
        }
        assert!(call(&self.store, 20).await.is_ok());
        let network = Network::LosesAnswersTo { word: COMMIT };
        let failure = self.failure(network, call(&self.store, 21)).await;
        assert!(matches!(failure, StoreError::Unknown(_)), "{failure:?}");
        assert!(call(&self.store, 22).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_is_not_answered_is_given_up_in_time() {
    let id = EventId(1);
    let hold = domain::id::HoldId { event: id, serial: domain::id::Serial(1), salt: 1 };
    tokio::join!(
        Behind::open().await.reads(async |store: &PostgresStore| store.positions(vec![id]).await),
        Behind::open().await.reads(async |store: &PostgresStore| store.all_events().await),
        Behind::open().await.reads(async |store: &PostgresStore| store.hold(hold).await),
        Behind::open()
            .await
            .reads(async |store: &PostgresStore| store.tail(id, domain::id::Seq(0), 10).await),
        Behind::open().await.reads(async |store: &PostgresStore| store.load(id, 1_000).await),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_not_answered_is_given_up_in_time_and_a_commit_is_told_apart() {
    tokio::join!(
        Behind::open().await.writes(async |store: &PostgresStore, at| {
            store.create_event(event(at).area("Field", 5).build(), None).await
        }),
        Behind::open()
            .await
            .writes(async |store: &PostgresStore, at| { store.revoke_key(domain::id::KeyId(at)).await }),
    );
}

/// A batch whose first round trip or whose commit is not answered: whoever asks again under the same key gets one order,
/// and nobody two.
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
    let node = Node::over(Arc::default(), behind.store.clone(), options, 1);
    let sale = sale(&node, 2).await;
    let booking =
        |at: u32| keyed(book(&format!("buyer {at}"), seats(&[SeatIndex(at)])), &format!("key {at}"));
    node.ask(&sale, booking(0)).await.unwrap();
    for (at, word) in (1..).zip(["BEGIN", COMMIT_OF_BATCH]) {
        behind.proxy.set(Network::LosesAnswersTo { word });
        let since = Instant::now();
        let answer = node.ask(&sale, booking(at)).await;
        assert!(since.elapsed() < PATIENCE, "without an answer to {word} it took {:?}", since.elapsed());
        let is_told_apart = match answer {
            Err(Error::Unavailable) => word == "BEGIN",
            Err(Error::OutcomeUnknown { .. }) => word == COMMIT_OF_BATCH,
            _ => false,
        };
        assert!(is_told_apart, "without an answer to {word}: {answer:?}");
        behind.proxy.set(Network::Passes);
        let again = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Ok(reply) = node.ask(&sale, booking(at)).await {
                    return reply;
                }
            }
        });
        let again = again.await.unwrap();
        assert_eq!((again.status, again.is_replay), (201, word == COMMIT_OF_BATCH), "{word}");
    }
    assert_eq!(behind.server.sql(&behind.database, "SELECT count(*) FROM orders"), "3");
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
