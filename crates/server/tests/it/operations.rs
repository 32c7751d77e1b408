//! Health, readiness, metrics, and the API's own description.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::json;

#[cfg(target_os = "linux")]
use crate::process::{Process, url_of};
use crate::sale::{CLOCK_IS_SET, TestServer};
use crate::waiting::until;

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    nobody.get("/healthz").await.ok(200);
    nobody.get("/readyz").await.ok(200);
}

/// Whoever touched a huge page first would wait until all of it is cleared.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_has_no_huge_pages() {
    let folder = tempfile::TempDir::new().unwrap();
    let (server, _) = Process::serve(folder.path(), &url_of(&folder.path().join("flashtix.db")), &[]).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let enabled = status.lines().find_map(|line| line.strip_prefix("THP_enabled:")).map(str::trim);
    // An older kernel does not tell.
    assert_ne!(enabled, Some("1"));
    server.stop().await;
}

#[tokio::test]
async fn metrics_count_what_happens() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    // Other tests of this process count into the same page: only growth says something.
    let sold_before = server.metric("flashtix_places_sold_total").await;
    let refused_before = server.metric("flashtix_sold_out_total").await;
    let body = json!({ "buyer": "b", "places": ["A-1-1", "A-1-2"] });
    organizer.post(&path, &body).key("1").await.ok(201);
    organizer.post(&path, &body).key("2").await.problem(409, "place_unavailable");
    assert!(server.metric("flashtix_places_sold_total").await >= sold_before + 2.0);
    assert!(server.metric("flashtix_sold_out_total").await >= refused_before + 1.0);
    let answer = server.nobody().get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let page = answer.text();
    for name in [
        "flashtix_sold_out_total",
        "flashtix_lock_contention_total",
        "flashtix_commits_total",
        "flashtix_places_sold_total",
        "flashtix_booking_duration_seconds_bucket",
        "flashtix_booking_duration_seconds_count",
        "flashtix_bookings_per_commit_bucket",
        "flashtix_batch_seconds_bucket",
        "flashtix_refusals_total{code=\"place_unavailable\"}",
        "flashtix_feed_clients",
        "flashtix_http_connections",
    ] {
        assert!(page.contains(name), "{name} is missing");
    }
    assert!(page.contains("# TYPE flashtix_commits_total counter"));
}

#[tokio::test]
async fn the_description_and_its_pages_come_from_the_server() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    let document = nobody.get("/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for route in ["/v1/charts", "/v1/events/{event}/orders", "/v1/holds/{hold}/confirm", "/healthz"] {
        assert!(document["paths"][route].is_object(), "{route}");
    }
    let page = nobody.get("/swagger-ui/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(nobody.get("/swagger-ui").await.header("location"), "/swagger-ui/");
    assert_eq!(nobody.get("/swagger-ui/swagger-ui-bundle.js").await.status, 200);
    nobody.get("/swagger-ui/nothing.js").await.problem(404, "not_found");
    assert_eq!(nobody.get("/").await.status, 200);
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_take_that() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    for path in ["/", "/e/evt_1", "/console", "/assets/index.js", "/assets/console.js", "/flashtix-map.js"] {
        let plain = nobody.get(path).await;
        let packed = nobody.get(path).header("accept-encoding", "gzip").await;
        assert_eq!(
            (plain.header("content-encoding"), packed.header("content-encoding")),
            ("", "gzip"),
            "{path}"
        );
        assert_eq!(
            (plain.header("vary"), packed.header("vary")),
            ("accept-encoding", "accept-encoding"),
            "{path}"
        );
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain.body && packed.body.len() < plain.body.len(), "{path}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_is_told() {
    let server = TestServer::start().await;
    // A node reads the clock for the events that it has.
    let event = server.event(json!({})).await;
    server.organizer().get(format!("/v1/events/{event}/availability")).await.ok(200);
    let before = server.metric("flashtix_clock_steps_total").await;
    until("a line about the clock", async || {
        server.clock.advance_seconds(3_600);
        server.log.errors().contains(CLOCK_IS_SET).then_some(())
    })
    .await;
    assert!(server.metric("flashtix_clock_steps_total").await > before);
}
