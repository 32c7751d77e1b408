//! A newer binary migrates the database past a node that runs: the node is to be updated, says so, and takes nothing any more.

use serde_json::json;
use tempfile::TempDir;
use testkit::servers::postgres::{Postgres, versions};

use crate::process::{Process, run};
use crate::sale::{hall, id_of, settings_of, text_of};
use crate::waiting::until;

/// What a migration leaves on record that serves no binary of today.
const MIGRATE: &str = "INSERT INTO migrations (version, name, checksum, oldest_binary) \
    SELECT max(version) + 1, 'later', '\\x00'::bytea, max(version) + 1 FROM migrations";

#[tokio::test]
async fn a_node_that_its_database_has_outgrown_is_not_ready_and_sells_nothing() {
    let directory = TempDir::new().unwrap();
    let server = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&text_of(&keys["secret_key"]));
    let chart = id_of(&client.post("/v1/charts", &hall()).await.ok(201));
    let event = id_of(&client.post("/v1/events", &settings_of(&chart)).await.ok(201));
    let orders = format!("/v1/events/{event}/orders");
    let order = json!({ "buyer": "ada", "areas": [{ "name": "Floor", "quantity": 1 }] });
    client.post(&orders, &order).key("1").await.ok(201);
    nobody.get("/readyz").await.ok(200);

    server.sql(name, MIGRATE);
    let told = until("readiness to fall", async || {
        let answer = nobody.get("/readyz").await;
        (answer.status == 503).then(|| answer.problem(503, "unavailable"))
    })
    .await;
    assert!(text_of(&told["detail"]).contains("update this node"), "{told}");
    for (path, body) in [(orders.as_str(), &order), ("/v1/charts", &hall())] {
        let refused = client.post(path, body).key("2").await;
        assert!(!refused.header("retry-after").is_empty(), "{path}");
        let told = refused.problem(503, "unavailable");
        assert!(
            told["retryable"] == true && text_of(&told["detail"]).contains("nothing was changed"),
            "{told}"
        );
    }
    client.get(format!("/v1/events/{event}/availability")).await.ok(200);
    assert_eq!(server.sql(name, "SELECT count(*) FROM orders"), "1");
    let said = process.said();
    assert_eq!(said.matches("too old for its database").count(), 1, "{said}");

    server.sql(name, "DELETE FROM migrations WHERE name = 'later'");
    until("readiness", async || (nobody.get("/readyz").await.status == 200).then_some(())).await;
    client.post(&orders, &order).key("2").await.ok(201);
    process.stop().await;
}
