//! The nodes that live, by PostgreSQL's account.

use std::sync::Arc;
use std::time::Duration;

use domain::place::SeatIndex;
use engine::fleet::{Beat, Fleet, NewerSchema, Roll};
use engine::options::Options;
use engine::restore::begin_history;
use engine::store::{Catalog as _, StoreError};
use testkit::ask::{book, seats};
use testkit::conformance::fleet::what_is_written_is_what_all_read;
use testkit::servers::postgres::{Postgres, versions};
use tokio::task::JoinSet;

use crate::nodes::{Node, sale};
use crate::open;

const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn every_version_lets_all_read() {
    for version in versions() {
        let server = Postgres::start(&version, &[]);
        let url = server.database();
        let name = url.rsplit('/').next().unwrap().to_owned();
        let pass = async || _ = server.sql(&name, "SELECT pg_sleep(0.01)");
        what_is_written_is_what_all_read(&*open(url.clone()).await, pass).await;
    }
}

/// Nodes that come at once, older ones and newer ones: whoever is let in reads what may be written, whatever the order.
#[tokio::test]
async fn nodes_that_come_together_are_let_in_one_after_the_other() {
    let server = Postgres::start(&versions()[0], &[]);
    for _ in 0..10 {
        let url = server.database();
        let store = open(url).await;
        let mut joining = JoinSet::new();
        for node in 1..=6_u64 {
            let store = store.clone();
            let reads = 1 + u32::try_from(node % 2).unwrap();
            let beat = Beat { node, version: "0.0.0".to_owned(), reads };
            joining.spawn(async move { (beat.clone(), store.beat(beat, LONG, true).await) });
        }
        let answers: Vec<(Beat, Result<Roll, StoreError>)> = joining.join_all().await;
        let answers: Vec<(Beat, Roll)> =
            answers.into_iter().map(|(beat, roll)| (beat, roll.unwrap())).collect();
        let written = answers.iter().map(|(_, roll)| roll.payload_version).max().unwrap();
        let let_in = |(beat, roll): &&(Beat, Roll)| roll.nodes.contains(beat);
        let lowest = answers.iter().filter(let_in).map(|(beat, _)| beat.reads).min().unwrap();
        assert!(
            lowest >= written,
            "{written} is written, and a node that was let in reads {lowest}: {answers:?}"
        );
    }
}

#[tokio::test]
async fn a_node_writes_the_version_that_it_was_told() {
    let server = Postgres::start(&versions()[0], &[]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    // A number that no binary knows: what is looked at is only whether it gets there.
    let told = Arc::new(Fleet::writing(7));
    let node = Node::start_in(told, &url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await.unwrap();
    let payload = server.sql(&name, "SELECT convert_from(payload, 'UTF8') FROM ledger");
    assert!(payload.contains("{\"v\":7,"), "{payload}");
}

#[tokio::test]
async fn a_node_that_spoke_before_the_clock_was_set_back_is_forgotten_in_time() {
    let server = Postgres::start(&versions()[0], &[]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let store = open(url).await;
    let beat = |node| Beat { node, version: "0.0.0".to_owned(), reads: 1 };
    store.beat(beat(1), LONG, true).await.unwrap();
    server.sql(&name, "UPDATE nodes SET seen_at = seen_at + interval '1 day'");
    let roll = store.beat(beat(2), LONG, true).await.unwrap();
    assert_eq!(roll.nodes.len(), 2, "it spoke a moment ago, as far as anybody knows");
    server.sql(&name, "SELECT pg_sleep(0.01)");
    let roll = store.beat(beat(2), Duration::from_millis(1), true).await.unwrap();
    assert_eq!(roll.nodes, [beat(2)]);
}

#[tokio::test]
async fn a_new_history_begins_in_the_version_that_may_be_written() {
    let server = Postgres::start(&versions()[0], &[]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let node = Node::start(&url, Options::default(), 1).await;
    sale(&node, 1).await;
    let store = open(url).await;
    assert_eq!(begin_history(&*store, &Fleet::writing(7), |_, _| ()).await.unwrap().events, 1);
    let payload =
        server.sql(&name, "SELECT convert_from(payload, 'UTF8') FROM ledger ORDER BY seq DESC LIMIT 1");
    assert!(payload.contains("{\"v\":7,"), "{payload}");
}

/// A newer binary migrates the database while this one runs: as long as the schema serves it, nothing happens; then it is told, whatever
/// has become of the tables that it knows.
#[tokio::test]
async fn a_node_is_told_that_the_schema_was_migrated_past_it() {
    let server = Postgres::shared();
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let store = open(url).await;
    let known = store.migrated().to;
    let beat = async || {
        let beat = Beat { node: 1, version: "0.0.0".to_owned(), reads: 1 };
        store.beat(beat, LONG, true).await
    };
    beat().await.unwrap();
    server.sql(&name, &format!("INSERT INTO migrations VALUES ({}, 'later', '\\x00', {known})", known + 1));
    beat().await.unwrap();
    server.sql(
        &name,
        &format!(
            "INSERT INTO migrations VALUES ({}, 'much later', '\\x00', {}); ALTER TABLE nodes RENAME TO members",
            known + 2,
            known + 1
        ),
    );
    let told = beat().await;
    let [found, oldest, known] = [known + 2, known + 1, known].map(i32::cast_unsigned);
    let newer = NewerSchema { found, oldest, known };
    assert!(matches!(told, Err(StoreError::NewerSchema(told)) if told == newer), "{told:?}");
    let undo = "DELETE FROM migrations WHERE checksum = '\\x00'; ALTER TABLE members RENAME TO nodes";
    server.sql(&name, undo);
    beat().await.unwrap();
}
