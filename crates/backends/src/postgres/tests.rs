//! Statements of batches: what they do when a count is short, and how the server means to run them.

use std::sync::Arc;
use std::time::Duration;

use domain::chart::Chart;
use engine::store::ChartReader;
use testkit::servers::postgres::{Postgres, versions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::archive::list_of_event;
use super::connect::{Connector, Link};
use super::error::Failure;
use super::journal::statements;
use super::migrate::{MIGRATIONS, MigrationError, TABLE_WAIT, migrate, step_when_free};
use super::pooled::checkout;
use super::{PostgresOptions, PostgresStore};
use crate::Migrating;
use crate::columns::samples;

struct NoCharts;

impl ChartReader for NoCharts {
    fn read(&self, _: &[u8]) -> Result<Arc<Chart>, String> {
        Err("no charts here".to_owned())
    }
}

#[test]
fn what_changes_rows_counts_them_on_the_server() {
    let (_, writes) = statements();
    for sql in writes {
        // A pool of an area carries its whole new state, and a CHECK of its own; a note and a counter are their whole state.
        let carries_all = ["INSERT INTO area_pools", "INSERT INTO channel_notes", "INSERT INTO counters"];
        let is_guarded = sql.contains("SELECT 1 / (count(*) = $")
            || carries_all.iter().any(|begin| sql.starts_with(begin));
        assert!(is_guarded || !sql.contains("UPDATE"), "{sql}");
    }
}

/// The plans of every statement, as the writer's sessions would keep them.
async fn check_plans(link: &Link, state: &str) {
    let (reads, writes) = statements();
    link.client.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for sql in reads.into_iter().chain(writes) {
        let values = (1..=20).filter(|at| sql.contains(&format!("${at}"))).max().unwrap();
        let nulls = vec!["NULL"; values].join(", ");
        link.client.batch_execute(&format!("PREPARE planned AS {sql}")).await.unwrap();
        let rows = link.client.query(&format!("EXPLAIN EXECUTE planned ({nulls})"), &[]).await.unwrap();
        let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
        for bad in ["Seq Scan on", "Hash Join", "Merge Join", "Bitmap"] {
            assert!(!plan.contains(bad), "with {state}:\n{sql}\n{plan}");
        }
        link.client.batch_execute("DEALLOCATE planned").await.unwrap();
    }
}

/// A page of an event's orders comes out of an index, and is not sorted out of all of them.
async fn check_list(link: &Link) {
    let sql = list_of_event(" AND o.event = $5");
    link.client.batch_execute(&format!("PREPARE list AS {sql}")).await.unwrap();
    for (event, mode) in [(1, "custom"), (77, "custom"), (1, "generic")] {
        link.client.batch_execute(&format!("SET plan_cache_mode = force_{mode}_plan")).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE list (1, false, 50000, 500, {event})");
        let rows = link.client.query(&explain, &[]).await.unwrap();
        let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
        assert!(plan.contains("Index Scan using orders_pkey") && !plan.contains("Sort"), "{mode}:\n{plan}");
    }
}

/// What a server says while a connection is made, in the messages of PostgreSQL's protocol: authentication passed, ready.
const GREETING: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
/// To `SHOW transaction_read_only`, the last question of a connection that is made: a row description, `off`, complete, ready.
const IS_WRITABLE: &[u8] =
    b"T\0\0\0\x2e\0\x01transaction_read_only\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0\
    D\0\0\0\x0d\0\x01\0\0\0\x03offC\0\0\0\x09SHOW\0Z\0\0\0\x05I";

#[tokio::test]
async fn a_server_that_greets_and_falls_silent_keeps_nobody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = async {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in [GREETING, IS_WRITABLE] {
                assert!(stream.read(&mut [0; 512]).await.unwrap() > 0);
                stream.write_all(answer).await.unwrap();
            }
            open.push(stream);
        }
    };
    let brief = Duration::from_millis(100);
    let url = format!("postgres://nobody@127.0.0.1:{port}/nothing?sslmode=disable");
    let options =
        PostgresOptions { checkout_timeout: brief, connect_timeout: brief, ..PostgresOptions::new(url) };
    let pool = Connector::new(&options).unwrap().pool(&options).unwrap();
    let answer = tokio::select! {
        answer = tokio::time::timeout(Duration::from_secs(10), checkout(&pool, &options)) => answer,
        () = server => unreachable!("it accepts for ever"),
    };
    assert!(
        matches!(answer, Ok(Err(Failure::NoConnection(ref why))) if !why.contains("creating")),
        "it is waited for without end"
    );
}

#[tokio::test]
async fn statements_keep_to_indexes_on_empty_and_on_large_tables() {
    for version in versions() {
        let server = Postgres::start(&version, &[]);
        let options =
            PostgresOptions { allow_unsafe_durability: true, ..PostgresOptions::new(server.database()) };
        PostgresStore::open(options.clone(), Arc::new(NoCharts)).await.unwrap();
        let writer = Connector::new(&options).unwrap().writer().await.unwrap();
        check_plans(&writer, "empty tables").await;
        let large = "INSERT INTO seats SELECT 1, n, n, 1, 2 FROM generate_series(1, 200000) AS n; \
            INSERT INTO counters SELECT 1, n, 1 FROM generate_series(1, 100000) AS n; \
            INSERT INTO holds SELECT 1, n, 1, 1, 1, n, 1, 1, '', 1, 1, 1, '[]', '[]' \
                FROM generate_series(1, 100000) AS n; \
            INSERT INTO orders SELECT 1, n, 1, 1, 0, false, 1, 1, 1, 0, 1 FROM generate_series(1, 100000) AS n; \
            INSERT INTO barcodes SELECT n::text, 1, n FROM generate_series(1, 100000) AS n; \
            INSERT INTO ledger SELECT 1, n, 1, 1, 1, 1, false, '', '', '' FROM generate_series(1, 50000) AS n; \
            ANALYZE";
        let large = large.replace(
            "1, 1, 0, false, 1, 1, 1, 0, 1 FROM",
            "1, 1, 0, false, 1, 1, 1, 0, 1, NULL, NULL, '' FROM",
        );
        let filler = Connector::new(&options).unwrap().link().await.unwrap();
        filler.client.batch_execute(&large).await.unwrap();
        let fresh = Connector::new(&options).unwrap().writer().await.unwrap();
        check_plans(&fresh, "large tables").await;
        check_plans(&writer, "plans that are older than the rows").await;
        check_list(&filler).await;
    }
}

#[tokio::test]
async fn a_step_gives_way_to_whoever_uses_its_tables_and_says_so_in_the_end() {
    let server = Postgres::shared();
    let options =
        PostgresOptions { allow_unsafe_durability: true, ..PostgresOptions::new(server.database()) };
    let connector = Connector::new(&options).unwrap();
    let (migrator, reader, seller) =
        (connector.link().await.unwrap(), connector.link().await.unwrap(), connector.link().await.unwrap());
    migrate(&migrator.client, &MIGRATIONS[..3], Migrating::Always).await.unwrap();
    // An audit, say: it has read a table that the step takes last, and goes on reading.
    reader.client.batch_execute("BEGIN; SELECT count(*) FROM tickets").await.unwrap();
    let error = step_when_free(&migrator.client, &MIGRATIONS[3], 1).await.unwrap_err();
    assert!(matches!(error, MigrationError::InUse { version: 4, .. }), "{error}");
    let sell = "INSERT INTO ledger (event, seq, at, xid, organization, orders, livemode, hash, keys, payload) \
                VALUES (1, 1, 1, 1, 1, 2, false, '', '', '')";
    let migrated = async {
        let migrated = migrate(&migrator.client, MIGRATIONS, Migrating::Always).await;
        migrated.map(|migrated| (migrated.from, migrated.to))
    };
    let others = async {
        // Behind the step for as long as it waits, and then on their way: nothing of the step is kept between its tries.
        for _ in 0..3 {
            tokio::time::timeout(TABLE_WAIT * 4, seller.client.batch_execute(sell)).await.unwrap().unwrap();
            seller.client.batch_execute("DELETE FROM ledger").await.unwrap();
        }
        seller.client.batch_execute(sell).await.unwrap();
        reader.client.batch_execute("COMMIT").await.unwrap();
    };
    let (migrated, ()) = tokio::join!(migrated, others);
    assert_eq!(migrated.unwrap(), (3, i32::try_from(MIGRATIONS.len()).unwrap()));
    let kept = seller.client.query_one("SELECT count(*) FROM ledger", &[]).await.unwrap();
    assert_eq!(kept.get::<_, i64>(0), 1, "what was sold meanwhile came along");
}

#[tokio::test]
async fn what_an_older_schema_kept_in_rows_is_where_this_one_looks() {
    for version in versions() {
        let server = Postgres::start(&version, &[]);
        let options =
            PostgresOptions { allow_unsafe_durability: true, ..PostgresOptions::new(server.database()) };
        let link = Connector::new(&options).unwrap().link().await.unwrap();
        migrate(&link.client, &MIGRATIONS[..3], Migrating::Always).await.unwrap();
        link.client.batch_execute("ALTER TABLE orders ALTER nth SET DEFAULT 0").await.unwrap();
        link.client.batch_execute(samples::OLD_ROWS).await.unwrap();
        let others = "INSERT INTO ledger (event, seq, at, xid, organization, orders, livemode, hash, keys, payload) \
            VALUES (1, 3, 1, 1, 1, 2, false, '', '', ''), (1, 4, 1, 1, 1, 0, false, '', '', ''); \
            INSERT INTO limit_keys VALUES (1, 3 << 16, 2, '\\x00112233445566778899aabbccddeeff', 'ada'), \
            (1, (3 << 16) + 300, 70000, '\\xffeeddccbbaa99887766554433221100', '')";
        link.client.batch_execute(others).await.unwrap();
        migrate(&link.client, MIGRATIONS, Migrating::Always).await.unwrap();
        let one = async |sql: &str| link.client.query_one(sql, &[]).await.unwrap();
        samples::check(
            one("SELECT tickets FROM orders WHERE serial = 5").await.get(0),
            one("SELECT tickets FROM orders WHERE serial = 6").await.get(0),
            one("SELECT pseudonyms FROM ledger WHERE seq = 3").await.get(0),
        );
        assert_eq!(one("SELECT pseudonyms FROM ledger WHERE seq = 4").await.get::<_, &[u8]>(0), b"");
        let found = one("SELECT string_agg(code || order_serial, ',') FROM barcodes").await;
        assert_eq!(found.get::<_, &str>(0), "X5");
    }
}
