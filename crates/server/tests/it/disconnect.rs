//! A client that goes away in the middle of a request changes nothing about what was decided.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::sale::{TestServer, id_of};
use crate::waiting::until;

/// Sends the first bytes of a request, and hangs up without reading.
async fn send_and_go(server: &TestServer, path: &str, key: &str, body: &str, bytes_short: usize) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: flashtix\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.keys.secret,
        body.len()
    );
    let mut socket = TcpStream::connect(server.nobody().address()).await.unwrap();
    socket.write_all(&head.as_bytes()[..head.len() - bytes_short]).await.unwrap();
    drop(socket);
}

#[tokio::test]
async fn what_was_sent_whole_is_decided_and_the_retry_tells_how() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    for seat in 1..=10 {
        let body = json!({ "buyer": "b", "places": [format!("A-1-{seat}")] });
        send_and_go(&server, &path, &format!("k{seat}"), &body.to_string(), 0).await;
    }
    // Every one of them is either done or not: the retry finds out, and there is one order a key.
    let mut orders = Vec::new();
    for seat in 1..=10 {
        let body = json!({ "buyer": "b", "places": [format!("A-1-{seat}")] });
        let answer = until("an answer", async || {
            let answer = organizer.post(&path, &body).key(&format!("k{seat}")).await;
            (answer.code() != "idempotency_in_flight").then_some(answer)
        })
        .await;
        orders.push(id_of(&answer.ok(201)));
    }
    let listed = organizer.get(&path).await.ok(200);
    let mut ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(id_of).collect();
    ids.sort();
    orders.sort();
    assert_eq!(ids, orders);
    assert_eq!(server.availability(&event).await["categories"]["front"]["sold"], 10);
}

#[tokio::test]
async fn what_was_begun_only_is_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    let body = json!({ "buyer": "b", "places": ["A-1-1"] }).to_string();
    for bytes_short in [1, body.len() / 2, body.len(), body.len() + 10] {
        send_and_go(&server, &path, "half", &body, bytes_short).await;
    }
    until("their ends", async || (server.metric("flashtix_http_connections").await >= 0.0).then_some(()))
        .await;
    let answer = organizer.ask(http::Method::POST, path).key("half").body(body).await;
    assert!(!answer.is_replay());
    answer.ok(201);
}

#[tokio::test]
async fn a_crowd_that_hangs_up_leaves_the_books_right() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    for at in 0..60 {
        let body = json!({ "buyer": format!("b{at}"), "best_available": { "quantity": 1 } });
        send_and_go(&server, &path, &format!("crowd-{at}"), &body.to_string(), 0).await;
    }
    // Each of them, asked again, has a hold or is told why not; the availability agrees with the holds.
    let mut held = 0;
    for at in 0..60 {
        let body = json!({ "buyer": format!("b{at}"), "best_available": { "quantity": 1 } });
        let answer = until("an answer", async || {
            let answer = organizer.post(&path, &body).key(&format!("crowd-{at}")).await;
            (!["idempotency_in_flight", "place_contended"].contains(&&*answer.code())).then_some(answer)
        })
        .await;
        match answer.status {
            201 => held += 1,
            _ => drop(answer.problem(409, "all_held")),
        }
    }
    let seats = server.availability(&event).await["seats"].as_str().unwrap().to_owned();
    assert_eq!(seats.matches('h').count(), held);
    // Two are accessible, and nobody asked for one.
    assert_eq!(held, 29);
}
