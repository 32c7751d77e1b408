//! A store that cannot write: nothing is acknowledged, and selling goes on by itself once there is space.

use engine::store::Catalog as _;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::sale::{TestServer, id_of};
use crate::waiting::until;

/// Sends bookings until one is refused for want of space; gives the orders made, and the refusal with its seat.
async fn fill(server: &TestServer, event: &str) -> (Vec<Value>, Answer, u32) {
    let organizer = server.organizer();
    let mut orders = Vec::new();
    for seat in 1..=20 {
        // Metadata makes orders large, so that pages run out before seats do.
        let (row, number) = (1 + (seat - 1) / 10, 1 + (seat - 1) % 10);
        let body = json!({
            "buyer": "b", "places": [format!("A-{row}-{number}")], "metadata": { "x": "y".repeat(4_000) },
        });
        let answer =
            organizer.post(format!("/v1/events/{event}/orders"), &body).key(&format!("k{seat}")).await;
        if answer.status != 201 {
            return (orders, answer, seat);
        }
        orders.push(answer.json());
    }
    panic!("the disk never filled up");
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_without_a_restart() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    let before = server.availability(&event).await;
    server.store.set_pages_max(Some(1)).await.unwrap();
    let (orders, refusal, seat) = fill(&server, &event).await;
    let problem = refusal.problem(503, "unavailable");
    assert_eq!(problem["retryable"], true);
    // Nothing of the refused one happened, and reading goes on.
    let now = server.availability(&event).await;
    assert_eq!(now["seq"], json!(before["seq"].as_u64().unwrap() + orders.len() as u64));
    for order in &orders {
        assert_eq!(&organizer.get(format!("/v1/orders/{}", id_of(order))).await.ok(200), order);
    }
    let area = json!({
        "name": "New", "areas": [{ "name": "F", "capacity": 1, "category": "c" }],
        "metadata": { "x": "y".repeat(4_000) },
    });
    until("a full catalog", async || {
        let answer = organizer.post("/v1/events", &area).await;
        (answer.status != 201).then(|| answer.problem(503, "unavailable"))
    })
    .await;
    organizer.get("/v1/events").await.ok(200);
    server.store.set_pages_max(None).await.unwrap();
    let (row, number) = (1 + (seat - 1) / 10, 1 + (seat - 1) % 10);
    let body = json!({
        "buyer": "b", "places": [format!("A-{row}-{number}")], "metadata": { "x": "y".repeat(4_000) },
    });
    let answer = organizer.post(&path, &body).key(&format!("k{seat}")).await;
    assert!(!answer.is_replay(), "the refused request was not remembered");
    answer.ok(201);
    organizer.post("/v1/events", &area).await.ok(201);
    assert!(server.store.now().await.is_ok());
    let server = server.restart().await;
    let listed = server.organizer().get(&path).await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), orders.len() + 1);
}
