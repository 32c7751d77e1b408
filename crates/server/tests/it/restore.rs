//! `flashtix backup` while selling, `flashtix restore`, and closing the gap by sending orders again.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::postgres::{Postgres, versions};

use crate::client::{Client, Feed};
use crate::process::{Process, run, url_of};
use crate::sale::{hall, id_of, settings_of, text_of};

/// What a new history adds to the number of the last commit.
const JUMP: u64 = 1 << 32;

/// The order of one unit that the shop calls by this number.
fn order(at: usize) -> Value {
    json!({
        "buyer": format!("b{at}"),
        "areas": [{ "name": "Floor", "quantity": 1, "codes": [format!("code {at}")] }],
        "ref": format!("shop {at}"),
        "payment_ref": format!("paid {at}"),
        "created_at": "2026-01-02T03:04:05Z",
        "ignore": ["sale_window"],
    })
}

async fn sell(client: &Client, event: &str, orders: std::ops::Range<usize>) -> Vec<Value> {
    let mut sold = Vec::new();
    for at in orders {
        sold.push(client.post(format!("/v1/events/{event}/orders"), &order(at)).await.ok(201));
    }
    sold
}

async fn open_event(client: &Client) -> String {
    let chart = id_of(&client.post("/v1/charts", &hall()).await.ok(201));
    id_of(&client.post("/v1/events", &settings_of(&chart)).await.ok(201))
}

async fn secret_key(url: &str) -> String {
    let made = run(&["keys", "create", "--json", "--database-url", url]).await.json();
    text_of(&made["secret_key"])
}

async fn seq_of(client: &Client, event: &str) -> u64 {
    client.get(format!("/v1/events/{event}")).await.ok(200)["seq"].as_u64().unwrap()
}

/// Sends all orders again: those that the store has are answered as they are, the others are made.
async fn close_the_gap(client: &Client, event: &str, known: &[Value], all: usize) {
    for at in 0..all {
        let told = client.post(format!("/v1/events/{event}/orders"), &order(at)).await;
        match known.get(at) {
            Some(known) => assert_eq!(told.ok(200)["id"], known["id"]),
            None => {
                let made = told.ok(201);
                assert_eq!(made["tickets"][0]["code"], format!("code {at}"));
                assert_eq!(made["created_at"], "2026-01-02T03:04:05.000Z");
            }
        }
    }
    let orders = client.get(format!("/v1/events/{event}/orders?limit=100")).await.ok(200);
    assert_eq!(orders["items"].as_array().unwrap().len(), all);
}

#[tokio::test]
async fn a_restored_store_tells_everybody_and_is_made_whole_by_sending_orders_again() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (database, backup) = (path("flashtix.db"), path("backup.db"));
    let (url, file) = (url_of(&database), backup.to_str().unwrap());
    let secret = secret_key(&url).await;
    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&secret);
    let event = open_event(&client).await;
    let mut sold = sell(&client, &event, 0..5).await;
    let backup = ["backup", file, "--database-url", &url];
    let (ran, more) = tokio::join!(run(&backup), sell(&client, &event, 5..20));
    ran.ok();
    sold.extend(more);
    let feed_path = format!("/v1/events/{event}/feed");
    let mut feed = Feed::join(client.get(&feed_path)).await;
    let last = feed.next().await.id;
    let told = seq_of(&client, &event).await;

    // Not while somebody serves it, not over a store unasked, not from anything else.
    let refused = run(&["restore", file, "--replace", "--database-url", &url]).await;
    assert!(refused.code == Some(1) && refused.stderr.contains("in use"), "{refused:?}");
    process.stop().await;
    let refused = run(&["restore", file, "--database-url", &url]).await;
    assert!(refused.code == Some(1) && refused.stderr.contains("exists"), "{refused:?}");
    std::fs::write(path("empty.db"), "").unwrap();
    let empty = path("empty.db");
    let refused = run(&["restore", empty.to_str().unwrap(), "--replace", "--database-url", &url]).await;
    assert!(refused.code == Some(1) && refused.stderr.contains("no backup"), "{refused:?}");
    assert_eq!(run(&["restore", "--database-url", &url]).await.code, Some(2));
    assert_eq!(leftovers(directory.path()), [""; 0]);

    let restored = run(&["restore", file, "--replace", "--json", "--database-url", &url]).await.json();
    assert_eq!((&restored["events"], &restored["paused"]), (&json!(1), &json!(1)));
    let replaced = text_of(&restored["replaced"]);
    assert!(
        run(&["audit", "--database-url", &format!("sqlite:{replaced}")]).await.ok().contains("20 orders")
    );
    assert_eq!(leftovers(directory.path()), [""; 0]);

    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&secret);
    let now = seq_of(&client, &event).await;
    assert!(now > told && now >= JUMP, "no number is given twice: {now} after {told}");
    let mut feed = Feed::join(client.get(&feed_path).header("last-event-id", &last)).await;
    let snapshot = feed.next().await;
    assert_eq!((&*snapshot.event, &snapshot.data["status"]), ("snapshot", &json!("paused")));
    assert_ne!(snapshot.id.split('.').next(), last.split('.').next(), "another history");
    let ledger = client.get(format!("/v1/events/{event}/ledger?after={told}")).await.ok(200);
    assert_eq!(ledger["items"][0]["kind"], "restored");
    assert_eq!(ledger["items"][0]["actor"], "system");
    let hold = json!({ "buyer": "x", "places": ["A-1-1"] });
    client.post(format!("/v1/events/{event}/holds"), &hold).await.problem(409, "sale_paused");

    let orders = client.get(format!("/v1/events/{event}/orders?limit=100")).await.ok(200);
    let kept = orders["items"].as_array().unwrap().len();
    assert!((5..=20).contains(&kept), "{kept}");
    close_the_gap(&client, &event, &sold[..kept], 20).await;
    client.patch(format!("/v1/events/{event}"), &json!({ "status": "open" })).await.ok(200);
    client.post(format!("/v1/events/{event}/holds"), &hold).await.ok(201);
    process.stop().await;
    run(&["audit", "--database-url", &url]).await.ok();
}

/// Files that a restore must not leave behind.
fn leftovers(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name.contains("unfinished")).collect()
}

#[tokio::test]
async fn a_database_that_postgresql_restored_begins_anew() {
    let directory = TempDir::new().unwrap();
    let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = postgres.database();
    let secret = secret_key(&url).await;
    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&secret);
    let event = open_event(&client).await;
    let sold = sell(&client, &event, 0..3).await;
    process.stop().await;
    let told = run(&["restore", "file", "--database-url", &url]).await;
    assert!(told.code == Some(2) && told.stderr.contains("operations.md"), "{told:?}");
    // Not by a binary that does not read all of the ledger.
    let name = url.rsplit('/').next().unwrap();
    let before = postgres.sql(name, "SELECT * FROM heads");
    postgres.sql(name, "UPDATE payload_version SET version = 1000");
    let refused = run(&["restore", "--database-url", &url]).await;
    assert!(refused.code == Some(1) && refused.stderr.contains("version 1000"), "{refused:?}");
    assert_eq!(postgres.sql(name, "SELECT * FROM heads"), before);
    postgres.sql(name, "UPDATE payload_version SET version = 1");
    let restored = run(&["restore", "--json", "--database-url", &url]).await.json();
    assert_eq!((&restored["events"], &restored["paused"]), (&json!(1), &json!(1)));
    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&secret);
    assert!(seq_of(&client, &event).await > JUMP);
    close_the_gap(&client, &event, &sold, 6).await;
    process.stop().await;
    run(&["audit", "--database-url", &url]).await.ok();
}
