//! A database that can only be read, as one is that was taken out of service or follows another: at the start it is told; while
//! nodes serve, nothing is sold and nothing is claimed, and it goes on by itself.

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::postgres::{Postgres, versions};

use crate::client::{Answer, Client};
use crate::process::{Process, run};
use crate::sale::{id_of, text_of};
use crate::waiting::until;

/// Has every transaction that begins from now on only read, or write again.
fn only_reads(server: &Postgres, only_reads: bool) {
    let setting = if only_reads {
        "SET default_transaction_read_only = on"
    } else {
        "RESET default_transaction_read_only"
    };
    server.sql("postgres", &format!("ALTER SYSTEM {setting}"));
    server.sql("postgres", "SELECT pg_reload_conf()");
}

#[tokio::test]
async fn a_database_that_can_only_be_read_is_told_at_the_start() {
    let server = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = server.database();
    run(&["migrate", "--database-url", &url]).await.ok();
    only_reads(&server, true);
    until("sessions only read", async || {
        (server.sql("postgres", "SHOW transaction_read_only") == "on").then_some(())
    })
    .await;
    for command in ["serve", "migrate"] {
        let ran = run(&[command, "--database-url", &url]).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains("does not allow writes"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("127.0.0.1:{}", server.port())), "{}", ran.stderr);
    }
}

/// Its sessions stay, or end and are not had again.
#[tokio::test]
async fn a_database_that_can_only_be_read_sells_nothing_until_it_can_be_written() {
    let server = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = server.database();
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let directory = TempDir::new().unwrap();
    let (node, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&text_of(&keys["secret_key"]));
    let area =
        json!({ "name": "Field", "areas": [{ "name": "Field", "capacity": 100_000, "category": "c" }] });
    let event = id_of(&client.post("/v1/events", &area).await.ok(201));
    let mut orders = Vec::new();
    for sessions_end in [false, true] {
        only_reads(&server, true);
        if sessions_end {
            let ended = server.sql(
                "postgres",
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE application_name = 'flashtix'",
            );
            assert_ne!(ended, "0", "nobody was at the database");
        }
        let refusal = until("nothing is sold", async || {
            let answer = book(&client, &event, orders.len()).await;
            if answer.status == 201 {
                orders.push(answer.json());
            }
            (answer.status != 201).then_some(answer)
        })
        .await;
        assert_eq!(refusal.problem(503, "unavailable")["retryable"], true);
        only_reads(&server, false);
        let order = until("it is sold again", async || {
            let answer = book(&client, &event, orders.len()).await;
            assert!(answer.status == 201 || answer.code() == "unavailable", "{}", answer.text());
            (answer.status == 201).then_some(answer)
        })
        .await;
        assert!(!order.is_replay(), "what was refused had happened");
        orders.push(order.json());
    }
    for order in &orders {
        assert_eq!(&client.get(format!("/v1/orders/{}", id_of(order))).await.ok(200), order);
    }
    let sold: Value = client.get(format!("/v1/events/{event}/availability")).await.ok(200);
    assert_eq!(sold["areas"]["Field"]["sold"], json!(orders.len()));
    node.stop().await;
    crate::campaign::audit(&url).await;
}

/// Asks for one place under a key of its own.
async fn book(client: &Client, event: &str, at: usize) -> Answer {
    let body = json!({ "buyer": "b", "areas": [{ "name": "Field", "quantity": 1 }] });
    client.post(format!("/v1/events/{event}/orders"), &body).key(&format!("order-{at}")).await
}
