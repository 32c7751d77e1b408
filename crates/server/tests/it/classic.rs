//! The original's wire, byte for byte; see `stampede` for the crowd.

use serde_json::{Value, json};
use server::http::HttpOptions;

use crate::client::Answer;
use crate::sale::{Setup, TestServer};

async fn classic() -> TestServer {
    let http = HttpOptions { classic_api: true, ..HttpOptions::default() };
    TestServer::start_with(Setup { http, ..Setup::default() }).await
}

async fn post(server: &TestServer, path: &str) -> Answer {
    server.nobody().post(path, &Value::Null).body("").await
}

#[tokio::test]
async fn the_exact_bodies() {
    let server = classic().await;
    let unseeded = post(&server, "/api/tickets/book?ticketId=1&userId=1001").await;
    assert_eq!(
        (unseeded.status, unseeded.text().as_str()),
        (409, r#"{"message":"Invalid Ticket ID","status":"error"}"#)
    );
    for expected in ["Created 100 Seats!", "Database already has tickets.", "Database already has tickets."] {
        let seeded = post(&server, "/api/tickets/seed").await;
        assert_eq!((seeded.status, seeded.text().as_str()), (200, expected));
        assert!(seeded.header("content-type").starts_with("text/plain"));
    }
    let booked = post(&server, "/api/tickets/book?ticketId=1&userId=1001").await;
    let ticket = json!({ "id": 1, "seatNumber": "Seat-1", "status": "SOLD", "userId": 1001, "version": 1 });
    assert_eq!(booked.ok(200), ticket);
    assert_eq!(post(&server, "/api/tickets/book?ticketId=1&userId=1001").await.body, booked.body);
    let sold_out = json!({ "status": "error", "message": "Sold Out!" });
    assert_eq!(post(&server, "/api/tickets/book?ticketId=1&userId=1002").await.ok(409), sold_out);
    let invalid = json!({ "status": "error", "message": "Invalid Ticket ID" });
    for ticket in ["101", "9223372036854775807"] {
        let answer = post(&server, &format!("/api/tickets/book?ticketId={ticket}&userId=1")).await;
        assert_eq!(answer.ok(409), invalid);
    }
    assert_eq!(
        post(&server, "/api/tickets/book?userId=7&ticketId=100").await.ok(200)["seatNumber"],
        "Seat-100"
    );
}

#[tokio::test]
async fn ids_that_are_none_are_400() {
    let server = classic().await;
    post(&server, "/api/tickets/seed").await;
    for query in [
        "",
        "?",
        "?ticketId=1",
        "?userId=1",
        "?ticketId=&userId=1",
        "?ticketId=x&userId=1",
        "?ticketId=1&userId=x",
        "?ticketId=0&userId=1",
        "?ticketId=-1&userId=1",
        "?ticketId=1&userId=0",
        "?ticketId=1&userId=-7",
        "?ticketId=1.5&userId=1",
        "?ticketId=9223372036854775808&userId=1",
        "?ticketId=1&userId=99999999999999999999",
    ] {
        let answer = post(&server, &format!("/api/tickets/book{query}")).await;
        assert_eq!(answer.ok(400)["status"], "error", "{query}");
    }
    assert_eq!(post(&server, "/api/tickets/book?ticketId=1&userId=1").await.ok(200)["version"], 1);
}

#[tokio::test]
async fn it_survives_a_restart() {
    let server = classic().await;
    post(&server, "/api/tickets/seed").await;
    let booked = post(&server, "/api/tickets/book?ticketId=5&userId=9").await;
    let server = server.restart().await;
    assert_eq!(post(&server, "/api/tickets/seed").await.text(), "Database already has tickets.");
    assert_eq!(post(&server, "/api/tickets/book?ticketId=5&userId=9").await.body, booked.body);
    assert_eq!(post(&server, "/api/tickets/book?ticketId=5&userId=8").await.status, 409);
}

#[tokio::test]
async fn its_operations_pages_are_there() {
    let server = classic().await;
    let health = server.nobody().get("/actuator/health").await.ok(200);
    assert_eq!(health["status"], "UP");
    let metrics = server.nobody().get("/actuator/prometheus").await;
    assert!(metrics.text().contains("flashtix_sold_out_total"));
    let swagger = server.nobody().get("/swagger-ui.html").await;
    assert_eq!((swagger.status, swagger.header("location")), (307, "/swagger-ui/"));
}

#[tokio::test]
async fn it_is_off_unless_enabled() {
    let server = TestServer::start().await;
    for path in ["/api/tickets/seed", "/api/tickets/book?ticketId=1&userId=1"] {
        assert_eq!(post(&server, path).await.status, 404);
    }
    for path in ["/actuator/health", "/actuator/prometheus", "/swagger-ui.html"] {
        assert_eq!(server.nobody().get(path).await.status, 404);
    }
}
