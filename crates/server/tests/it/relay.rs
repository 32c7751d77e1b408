//! Commits over Redis, from node to node of the real binary: sooner known, and nothing depends on it.

use serde_json::{Value, json};

use crate::campaign::{audit, event};
use crate::client::Client;
use crate::cluster::{Cluster, NODES, Setup, metric};
use crate::waiting::until;

async fn heard(client: &Client, outcome: &str) -> f64 {
    metric(client, &format!("flashtix_relay_heard_total{{outcome=\"{outcome}\"}}")).await
}

/// Sells one place to somebody, at a node; the commit that did it.
async fn sell(client: &Client, event: &str, buyer: usize) -> u64 {
    let wanted = json!({ "buyer": format!("buyer-{buyer}"), "best_available": { "quantity": 1 } });
    let ask = client.post(format!("/v1/events/{event}/orders"), &wanted);
    let sold = ask.key(&format!("sale-{buyer}")).await.ok(201);
    sold["seq"].as_u64().unwrap()
}

/// Waits until every node shows a commit.
async fn all_show(cluster: &Cluster, event: &str, seq: u64) {
    for client in &cluster.clients {
        until("a node shows the sale", async || {
            let seen: Value = client.get(format!("/v1/events/{event}/availability")).await.ok(200);
            (seen["seq"].as_u64().unwrap() >= seq).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn what_one_node_sells_the_others_are_told_over_redis_and_can_do_without() {
    let mut cluster = Cluster::start(Setup::with_gate()).await;
    let event = event(&cluster.clients[0], &cluster.chart, "Relayed").await;
    all_show(&cluster, &event, 0).await;
    let mut buyers = 0..;
    let mut next = || buyers.next().unwrap_or_default();
    // The database's own word may come first: some of many commits are known before it.
    for at in 0..NODES {
        until("a node is told of a commit", async || {
            let seq = sell(&cluster.clients[(at + 1) % NODES], &event, next()).await;
            all_show(&cluster, &event, seq).await;
            (heard(&cluster.clients[at], "applied").await > 0.0).then_some(())
        })
        .await;
    }
    // What anybody may say on the channel is believed by nobody.
    let redis = cluster.redis.as_ref().unwrap();
    let channels = redis.command(&["PUBSUB", "CHANNELS", "flashtix:*"]);
    let channel = channels.trim();
    assert!(channel.ends_with(":commits") && !channel.contains('\n'), "{channels:?}");
    redis.command(&["PUBLISH", channel, "\u{1}nothing of this is so"]);
    redis.command(&["PUBLISH", channel, ""]);
    until("a lie is noticed", async || (heard(&cluster.clients[0], "forged").await >= 2.0).then_some(()))
        .await;
    redis.command(&["FLUSHALL"]);
    let seq = sell(&cluster.clients[1], &event, next()).await;
    all_show(&cluster, &event, seq).await;
    // It stands still, and is gone: everything goes on, and everybody knows.
    redis.signal("STOP");
    let seq = sell(&cluster.clients[2], &event, next()).await;
    all_show(&cluster, &event, seq).await;
    redis.signal("CONT");
    drop(cluster.redis.take());
    let seq = sell(&cluster.clients[0], &event, next()).await;
    all_show(&cluster, &event, seq).await;
    until("a node says that the relay is gone", async || {
        (metric(&cluster.clients[0], "flashtix_relay_connected").await == 0.0).then_some(())
    })
    .await;
    for node in cluster.nodes.drain(..) {
        node.stop().await;
    }
    audit(&cluster.url).await;
}
