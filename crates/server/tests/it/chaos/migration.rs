//! Nodes that die while they bring a schema up to date, several at once.

use std::time::Duration;

use backends::postgres::migrate::MIGRATIONS;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};

use super::{is_by_hand, play, rounds, stand};
use crate::campaign::{Dice, Tally, dice};
use crate::cluster::{Cluster, NODES, Setup};
use crate::process::Process;

/// How often all nodes are started and killed before they are let.
const STORMS: u64 = 6;
#[tokio::test]
async fn nodes_are_killed_while_they_migrate() {
    let name = "nodes_are_killed_while_they_migrate";
    let mut dice = dice(name, "FLASHTIX_CHAOS_SEED");
    let mut postgres = Postgres::start(&versions()[0], &["fsync=on"]);
    let undisturbed = postgres.database();
    // A node is killed at any moment of the time that one takes which nobody disturbs.
    let whole = serve_until_ready(&undisturbed).await;
    let (mut tally, mut halfway) = (Tally::default(), 0);
    for round in 0..rounds() {
        let url = postgres.database();
        // Half of them begin with nothing.
        begin_at(
            &postgres,
            &url,
            dice.within(0..2 * MIGRATIONS.len() as u64).saturating_sub(MIGRATIONS.len()),
        );
        for _ in 0..STORMS {
            storm(&url, whole, &mut dice).await;
            halfway += usize::from(version(&postgres, &url) < MIGRATIONS.len());
        }
        tokio::join!(serve_until_ready(&url), serve_until_ready(&url), serve_until_ready(&url));
        let mut cluster = Cluster::over(postgres, url.clone(), Setup::default()).await;
        let schemas = [&undisturbed, &url].map(|url| cluster.postgres.schema(name_of(url)));
        assert!(schemas[0] == schemas[1], "the schema is not whole: {}", schemas[1]);
        let none = async |_: &mut Cluster, _: &crate::campaign::Round, _: &mut Dice| {};
        play(&mut cluster, &format!("Round {round}"), &none, &mut dice, &mut tally).await;
        postgres = cluster.end().await;
    }
    let killed = rounds() * STORMS * NODES as u64;
    assert!(halfway > 0 || !is_by_hand(), "all nodes never died before the schema was whole");
    eprintln!(
        "{name}: {} rounds, {killed} nodes killed, {halfway} of {} times before the schema was whole, {tally:?}, \
         the audit is clean",
        rounds(),
        rounds() * STORMS
    );
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

/// Starts a node, and ends it when it serves; how long that took.
async fn serve_until_ready(url: &str) -> Duration {
    let directory = TempDir::new().unwrap();
    let began = tokio::time::Instant::now();
    let (node, _) = Process::serve(directory.path(), url, &[]).await;
    let whole = began.elapsed();
    node.stop().await;
    whole
}

/// Gives an empty database the schema of an older version; none for 0.
fn begin_at(postgres: &Postgres, url: &str, version: usize) {
    for step in &MIGRATIONS[..version] {
        let checksum: String = Sha256::digest(step.sql).iter().map(|byte| format!("{byte:02x}")).collect();
        let record = "CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, name text NOT NULL, \
             checksum bytea NOT NULL, oldest_binary integer NOT NULL, \
             applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";
        let sql = format!(
            "BEGIN; {record}; {} INSERT INTO migrations (version, name, checksum, oldest_binary) \
             VALUES ({}, '{}', '\\x{checksum}', {}); COMMIT",
            step.sql, step.version, step.name, step.oldest_binary
        );
        postgres.sql(name_of(url), &sql);
    }
}

/// How far the schema of a database is.
fn version(postgres: &Postgres, url: &str) -> usize {
    let name = name_of(url);
    let has_record = postgres.sql(name, "SELECT to_regclass('migrations') IS NOT NULL");
    if has_record != "t" {
        return 0;
    }
    postgres.sql(name, "SELECT count(*) FROM migrations").parse().unwrap()
}

/// Starts all nodes at once, and kills each at some moment of a time that is at most so long: a short one now and then, or the
/// last of them would nearly always live to see the schema whole.
async fn storm(url: &str, whole: Duration, dice: &mut Dice) {
    let within_ms = dice.below(u64::try_from(whole.as_millis()).unwrap()) + 1;
    let directory = TempDir::new().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..NODES {
        let listen = format!("127.0.0.1:{}", free_port());
        let arguments = ["serve", "--listen", &listen, "--database-url", url];
        nodes.push((dice.below(within_ms) + 1, Process::start(directory.path(), &arguments)));
    }
    nodes.sort_by_key(|(after, _)| *after);
    let mut passed = 0;
    for (after, mut node) in nodes {
        if after > passed {
            stand(Duration::from_millis(after - passed)).await;
            passed = after;
        }
        // It must not have given up by itself, for whatever reason another's death gives it.
        let ended = node.has_ended();
        assert!(ended.is_none(), "a node gave up: {ended:?} {}", node.said());
        node.kill();
    }
}
