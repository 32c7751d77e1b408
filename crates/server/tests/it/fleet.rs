//! Nodes that know of each other, and one that must not be among them.

use crate::cluster::{Cluster, NODES, Setup};
use crate::process::run;
use crate::sale::metric_of;
use crate::waiting::until;

#[tokio::test]
async fn nodes_count_each_other_and_who_cannot_read_the_ledger_does_not_serve() {
    let mut cluster = Cluster::start(Setup::default()).await;
    for client in &cluster.clients {
        until("a node knows of all", async || {
            let live = metric_of(&client.get("/metrics").await.text(), "flashtix_nodes_live");
            (live == NODES as f64).then_some(())
        })
        .await;
    }
    let said = cluster.nodes[NODES - 1].said();
    assert!(said.contains("this node is among the live ones"), "{said}");
    // One that ends says so: nobody waits for it.
    let database = cluster.url.rsplit('/').next().unwrap();
    cluster.nodes[NODES - 1].terminate();
    assert!(cluster.nodes[NODES - 1].ended().await.success());
    assert_eq!(cluster.postgres.sql(database, "SELECT count(*) FROM nodes").trim(), (NODES - 1).to_string());
    // As if newer nodes had been alone for a while.
    cluster.postgres.sql(database, "UPDATE payload_version SET version = 99");
    let late = run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &cluster.url]).await;
    assert_eq!(late.code, Some(1), "{late:?}");
    assert!(late.stderr.contains("the ledger is written in version 99"), "{}", late.stderr);
    // Those that serve learn of it, and end rather than go on with half of the truth.
    for node in &mut cluster.nodes[..NODES - 1] {
        assert!(!node.ended().await.success());
    }
}
