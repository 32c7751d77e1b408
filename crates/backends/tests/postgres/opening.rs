//! Opening a database: what is checked, what is told, what several nodes do at once.
#![expect(clippy::disallowed_methods, reason = "tasks and connections of a test end with it")]

use std::sync::Arc;
use std::time::Duration;

use backends::Migrating;
use backends::postgres::{Migrated, MigrationError, OpenError, PostgresOptions, PostgresStore};
use domain::place::SeatIndex;
use engine::options::Options;
use engine::store::{Archive as _, Catalog as _};
use testkit::ask::{book, hold, seats};
use testkit::hall::HallReader;
use testkit::servers::postgres::{Postgres, versions};
use tokio::task::JoinSet;

use crate::nodes::{Node, sale};
use crate::{open, options};

async fn refused(options: PostgresOptions) -> OpenError {
    match PostgresStore::open(options, Arc::new(HallReader)).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn many_nodes_migrate_a_new_database_once() {
    let server = Postgres::shared();
    let url = server.database();
    let mut opening = JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        opening.spawn(async move {
            let store = open(url).await;
            (store.migrated(), store.secret().await.unwrap(), store.default_organization().await.unwrap())
        });
    }
    let opened = opening.join_all().await;
    let (_, secret, organization) = opened[0];
    assert!(opened.iter().all(|(_, s, o)| (*s, *o) == (secret, organization)), "they are one installation");
    let version = opened.iter().map(|(migrated, ..)| migrated.to).max().unwrap();
    let again = open(url).await;
    assert_eq!(again.migrated(), Migrated { from: version, to: version });
}

#[tokio::test]
async fn a_database_of_another_time_is_refused_in_words() {
    let server = Postgres::shared();
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let older = PostgresOptions { migrating: Migrating::Never, ..options(url.clone()) };
    let error = refused(older.clone()).await;
    let OpenError::Migration(MigrationError::Older { found: 0, wanted: version }) = error else {
        panic!("{error}")
    };
    open(url.clone()).await;
    assert!(PostgresStore::open(older, Arc::new(HallReader)).await.is_ok());
    // Who may make a new schema leaves an older one, which the nodes that run may need, as it is.
    let maker = || PostgresOptions { migrating: Migrating::NewOnly, ..options(url.clone()) };
    assert!(PostgresStore::open(maker(), Arc::new(HallReader)).await.is_ok());
    server.sql(&name, &format!("CREATE TABLE noted AS SELECT * FROM migrations WHERE version = {version}"));
    server.sql(&name, &format!("DELETE FROM migrations WHERE version = {version}"));
    let error = refused(maker()).await;
    let OpenError::Migration(MigrationError::Older { found, wanted }) = error else { panic!("{error}") };
    assert_eq!((found, wanted), (version - 1, version));
    server.sql(&name, "INSERT INTO migrations SELECT * FROM noted; DROP TABLE noted");
    // Nor does it keep others from migrating.
    open(url.clone()).await;
    // A newer schema that still serves this version is none of its business.
    server.sql(&name, &format!("INSERT INTO migrations VALUES ({}, 'later', '\\x00', 1)", version + 1));
    open(url.clone()).await;
    server.sql(&name, &format!("UPDATE migrations SET oldest_binary = {0} WHERE version = {0}", version + 1));
    let error = refused(options(url.clone())).await;
    let OpenError::Migration(MigrationError::Newer { found, oldest, known }) = error else {
        panic!("{error}")
    };
    assert_eq!((found, oldest, known), (version + 1, version + 1, version));
    let undo = "DELETE FROM migrations WHERE name = 'later'; UPDATE migrations SET checksum = '\\x00'";
    server.sql(&name, undo);
    let error = refused(options(url)).await;
    assert!(matches!(error, OpenError::Migration(MigrationError::Changed { version: 1, .. })), "{error}");
}

#[tokio::test]
async fn what_is_wrong_is_told_without_a_secret() {
    let server = Postgres::shared();
    let port = server.port();
    for (url, word) in [
        (format!("postgres://flashtix:hush@127.0.0.1:{port}/nowhere"), "nowhere"),
        (format!("postgres://nobody_here:hush@127.0.0.1:{port}/postgres"), "nobody_here"),
        ("postgres://flashtix:hush@127.0.0.1:1/postgres".to_owned(), "127.0.0.1:1"),
        ("postgres://flashtix:hush@".to_owned(), "host"),
        ("postgres://flashtix:hush@127.0.0.1:x/postgres".to_owned(), "port"),
    ] {
        let error = refused(options(url.clone())).await;
        let told = format!("{error}: {error:?}");
        assert!(told.contains(word), "{url}: {told}");
        assert!(!told.contains("hush"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_flush_is_refused() {
    let server = Postgres::shared();
    let url = server.database();
    let careful = PostgresOptions { allow_unsafe_durability: false, ..options(url.clone()) };
    let error = refused(careful).await;
    assert!(matches!(error, OpenError::NotDurable { setting: "fsync", .. }), "{error}");
    let flushing = Postgres::start(&versions()[0], &["fsync=on"]);
    let careful = || PostgresOptions { allow_unsafe_durability: false, ..options(flushing.database()) };
    let store = PostgresStore::open(careful(), Arc::new(HallReader)).await.unwrap();
    assert_eq!((&*store.durability().fsync, &*store.durability().synchronous_commit), ("on", "on"));
    flushing.sql("postgres", "ALTER ROLE flashtix SET synchronous_commit = off");
    let error = refused(careful()).await;
    assert!(matches!(error, OpenError::NotDurable { setting: "synchronous_commit", .. }), "{error}");
}

#[tokio::test]
async fn options_have_bounds() {
    for wrong in [
        PostgresOptions { pool_size: 0, ..options(String::new()) },
        PostgresOptions { writers: 65, ..options(String::new()) },
        PostgresOptions { connect_timeout: Duration::ZERO, ..options(String::new()) },
        PostgresOptions { lock_timeout: Duration::from_secs(2), ..options(String::new()) },
    ] {
        assert!(matches!(refused(wrong).await, OpenError::Options(_)));
    }
}

/// What docs/operations.md grants to a role that serves and does not migrate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_with_the_data_alone_can_serve() {
    let server = Postgres::start(&versions()[0], &[]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let server_role = server.url("flashtix_server", &name);
    server.sql("postgres", "CREATE ROLE flashtix_server LOGIN");
    let error = refused(options(server_role.clone())).await;
    assert!(format!("{error:?}").contains("permission denied"), "{error:?}");
    drop(open(url).await);
    server.sql(
        &name,
        "GRANT USAGE ON SCHEMA public TO flashtix_server; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO flashtix_server",
    );
    let node = Node::start(&server_role, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let sold = node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await;
    assert!(sold.is_ok(), "{sold:?}");
    assert!(node.store.delete_event(event.id).await.unwrap());
}

/// A slice that another node has begun may fail: whoever comes later must still know of the event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_another_node_was_deleting_go_later() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    node.ask(&event, book("Ada", seats(&[SeatIndex(0), SeatIndex(1)]))).await.unwrap();
    assert!(node.store.delete_event(event.id).await.unwrap());
    let (mut other, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let slice = other.transaction().await.unwrap();
    let locked = slice.query("SELECT event FROM seats FOR UPDATE", &[]).await.unwrap();
    assert_eq!(locked.len(), 2);
    let now = node.store.now().await.unwrap();
    let purged = async || node.store.purge(now, 1_000_000, 1_000_000).await.unwrap().rows_of_deleted_events;
    assert!(purged().await > 0, "what nobody has locked goes at once");
    slice.rollback().await.unwrap();
    assert_eq!(purged().await, 2, "the seats are left behind for ever");
    assert_eq!(server.sql(url.rsplit('/').next().unwrap(), "SELECT count(*) FROM doomed_events"), "0");
    drop(other);
    connection.await.unwrap().unwrap();
}

/// What is deleted is gone for everybody at once, on nodes that know the event as well, and its rows go with the next purge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_event_s_rows_go_with_the_next_purge() {
    let server = Postgres::shared();
    let url = server.database();
    let (node, other) =
        (Node::start(&url, Options::default(), 1).await, Node::start(&url, Options::default(), 2).await);
    let (event, kept) = (sale(&node, 1).await, sale(&node, 2).await);
    let sold = node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await.unwrap();
    let order = testkit::renderer::order_of(&sold).unwrap();
    let held = node.ask(&event, hold("Ada", seats(&[SeatIndex(1)]))).await.unwrap();
    let held = testkit::renderer::hold_of(&held).unwrap();
    node.ask(&kept, book("Ada", seats(&[SeatIndex(0)]))).await.unwrap();
    assert!(
        other.store.hold(held).await.unwrap().is_some() && other.store.order(order).await.unwrap().is_some()
    );
    assert!(node.store.delete_event(event.id).await.unwrap());
    assert_eq!(other.store.hold(held).await.unwrap(), None);
    assert_eq!(other.store.order(order).await.unwrap(), None);
    let now = node.store.now().await.unwrap();
    let purged = node.store.purge(now, 1_000_000, 1_000_000).await.unwrap();
    // Two seats, a hold, an order, what is counted for a buyer who came twice, two commits.
    assert_eq!(purged.rows_of_deleted_events, 7);
    let name = url.rsplit('/').next().unwrap();
    for table in ["seats", "holds", "orders", "ledger", "counters", "doomed_events"] {
        let rows = server.sql(name, &format!("SELECT count(*) FROM {table}"));
        let of_the_other = if matches!(table, "holds" | "counters" | "doomed_events") { "0" } else { "1" };
        assert_eq!(rows, of_the_other, "{table}");
    }
    assert_eq!(node.store.purge(now, 1_000_000, 1_000_000).await.unwrap().rows_of_deleted_events, 0);
}
