//! A server that stops answering: everybody gets an error in time, and what is asked later is answered again.

use std::sync::Arc;
use std::time::Duration;

use backends::postgres::{PostgresOptions, PostgresStore};
use domain::id::EventId;
use engine::store::{Archive as _, Catalog as _, Journal as _, StoreError};
use testkit::hall::HallReader;
use testkit::sale::event;
use testkit::servers::postgres::Postgres;
use testkit::servers::proxy::{Network, Proxy};
use tokio::time::Instant;

use crate::options;

/// Two seconds beyond the server's own bounds, for each of the two round trips that a snapshot takes, and some air.
const PATIENCE: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_answered_is_given_up_in_time() {
    let server = Postgres::shared();
    let url = server.database();
    let proxy = Proxy::start(server.port());
    let through = url.replace(&format!(":{}", server.port()), &format!(":{}", proxy.port()));
    let brief = Duration::from_millis(300);
    let options = PostgresOptions {
        statement_timeout: brief,
        checkout_timeout: brief,
        connect_timeout: brief,
        ..options(through)
    };
    let store = PostgresStore::open(options, Arc::new(HallReader)).await.unwrap();
    let sale = event(1).area("Field", 5).build();
    store.create_event(sale, None).await.unwrap();
    let id = EventId(1);
    let hold = domain::id::HoldId { event: id, serial: domain::id::Serial(1), salt: 1 };
    for network in [Network::StandsStill, Network::LosesAnswers] {
        // Connections that are idle now are met by the silence; so are those that are opened in it.
        assert_eq!(store.positions(vec![id]).await.unwrap().positions.len(), 1);
        proxy.set(network);
        let since = Instant::now();
        let (positions, events, hold, tail, load, key) = tokio::join!(
            store.positions(vec![id]),
            store.all_events(),
            store.hold(hold),
            store.tail(id, domain::id::Seq(0), 10),
            store.load(id, 1_000),
            store.revoke_key(domain::id::KeyId(1)),
        );
        let failures = [positions.err(), events.err(), hold.err(), tail.err(), load.err(), key.err()];
        for failure in failures {
            assert!(matches!(failure, Some(StoreError::Unavailable(_))), "{network:?}: {failure:?}");
        }
        assert!(since.elapsed() < PATIENCE, "{network:?} took {:?}", since.elapsed());
        // Nobody inherits a connection on which an answer is still to come.
        proxy.set(Network::Passes);
        assert_eq!(store.all_events().await.unwrap(), [id], "{network:?}");
        assert_eq!(store.positions(vec![id]).await.unwrap().positions.len(), 1, "{network:?}");
    }
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
