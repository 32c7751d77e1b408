//! Clients that keep an HTTP/1.1 connection waiting.

use tokio::time::Instant;

use super::*;

const HOST: &str = "Host: localhost\r\n";

fn short_header() -> Options {
    Options { header_read_timeout: NEAR, ..patient() }
}

#[tokio::test]
async fn a_silent_socket_is_closed() {
    let front = Front::start(short_header()).await;
    assert_eq!(until_closed(&mut front.connect().await).await, "");
    assert_eq!(front.timed_out("header"), 1.0);
    front.wait_for_connections(0).await;
}

#[tokio::test]
async fn half_a_request_line_is_closed() {
    let front = Front::start(short_header()).await;
    let mut socket = front.connect().await;
    socket.write_all(b"GET / HT").await.unwrap();
    assert_eq!(until_closed(&mut socket).await, "");
    assert_eq!(front.timed_out("header"), 1.0);
}

#[tokio::test]
async fn half_a_preface_is_closed() {
    let front = Front::start(short_header()).await;
    let mut socket = front.connect().await;
    socket.write_all(b"PRI * HT").await.unwrap();
    assert_eq!(until_closed(&mut socket).await, "");
    assert_eq!(front.timed_out("header"), 1.0);
}

#[tokio::test]
async fn a_dribbled_head_is_closed_however_often_a_byte_comes() {
    let front = Front::start(short_header()).await;
    let mut socket = front.connect().await;
    socket.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert_eq!(dribble_until_closed(&mut socket, b"X-A: b\r\n").await, "");
    assert_eq!(front.timed_out("header"), 1.0);
}

#[tokio::test]
async fn a_dribbled_head_on_a_kept_connection_is_closed() {
    let front = Front::start(short_header()).await;
    let mut socket = front.connect().await;
    exchange(&mut socket, &format!("GET / HTTP/1.1\r\n{HOST}\r\n"), "ok").await;
    stays_open(&mut socket).await;
    socket.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    dribble_until_closed(&mut socket, b"X-A: b\r\n").await;
    assert_eq!(front.timed_out("header"), 1.0);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let front = Front::start(Options { idle_timeout: NEAR, ..patient() }).await;
    let mut socket = front.connect().await;
    exchange(&mut socket, &format!("GET / HTTP/1.1\r\n{HOST}\r\n"), "ok").await;
    assert_eq!(until_closed(&mut socket).await, "");
    assert_eq!(front.timed_out("idle"), 1.0);
    front.wait_for_connections(0).await;
}

#[tokio::test]
async fn a_body_that_stops_coming_is_408() {
    let front = Front::start(Options { body_read_timeout: NEAR, ..patient() }).await;
    let mut socket = front.connect().await;
    let head = format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 10\r\n\r\nhalf");
    socket.write_all(head.as_bytes()).await.unwrap();
    let answer = until_closed(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(front.timed_out("body"), 1.0);
}

#[tokio::test]
async fn a_dribbled_body_is_408_however_often_a_byte_comes() {
    let options = Options { header_read_timeout: NEAR, request_total_timeout: NEAR * 2, ..patient() };
    let front = Front::start(Options { body_read_timeout: NEAR * 2, ..options }).await;
    let mut socket = front.connect().await;
    let head = format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 100000\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let answer = dribble_until_closed(&mut socket, b"x").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(front.timed_out("body"), 1.0);
}

#[tokio::test]
async fn a_body_that_pauses_within_the_limits_arrives() {
    let front = Front::start(Options { body_read_timeout: NEAR * 4, ..patient() }).await;
    let mut socket = front.connect().await;
    let head = format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 40\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..40 {
        // The whole takes longer than one pause may.
        assert!(timeout(PACE, socket.readable()).await.is_err(), "answered too early");
        socket.write_all(b"x").await.unwrap();
    }
    read_until(&mut socket, &"x".repeat(40)).await;
}

#[tokio::test]
async fn a_client_that_never_reads_is_closed() {
    let front = Front::start(Options { write_stall_timeout: NEAR, ..patient() }).await;
    let mut socket = front.connect().await;
    socket.write_all(format!("GET /endless HTTP/1.1\r\n{HOST}\r\n").as_bytes()).await.unwrap();
    front.wait_for_connections(1).await;
    front.wait_for_connections(0).await;
    assert_eq!(front.timed_out("write"), 1.0);
}

#[tokio::test]
async fn a_client_that_never_reads_the_end_of_a_response_is_closed() {
    let front = Front::start(Options { write_stall_timeout: NEAR, ..patient() }).await;
    // The handler is done long before; what is left is in the connection's own buffers. Many requests, because the
    // kernel's buffers would take a few megabytes.
    let mut socket = front.connect().await;
    let requests = format!("GET /big HTTP/1.1\r\n{HOST}\r\n").repeat(10);
    socket.write_all(requests.as_bytes()).await.unwrap();
    front.wait_for_connections(1).await;
    front.wait_for_connections(0).await;
    assert_eq!(front.timed_out("write"), 1.0);
}

#[tokio::test]
async fn a_client_that_reads_slowly_is_served() {
    let limits = Options { write_stall_timeout: NEAR * 2, idle_timeout: NEAR * 2, ..patient() };
    let front = Front::start(limits).await;
    let mut socket = front.connect().await;
    socket.write_all(format!("GET /endless HTTP/1.1\r\n{HOST}\r\n").as_bytes()).await.unwrap();
    let mut buffer = vec![0; 1024 * 1024];
    let begun = Instant::now();
    while begun.elapsed() < NEAR * 8 {
        assert_ne!(bounded(socket.read(&mut buffer)).await.unwrap(), 0, "closed while it read");
        // tidy: allow(no-sleeping-tests) because the pause is the slow client itself
        tokio::time::sleep(PACE).await;
    }
    assert_eq!(front.timed_out("write"), 0.0);
}

#[tokio::test]
async fn a_stream_with_nothing_to_say_outlives_every_limit() {
    let front = Front::start(Options {
        header_read_timeout: NEAR,
        body_read_timeout: NEAR,
        request_total_timeout: NEAR,
        write_stall_timeout: NEAR,
        idle_timeout: NEAR,
        ..patient()
    })
    .await;
    let mut socket = front.connect().await;
    exchange(&mut socket, &format!("GET /quiet HTTP/1.1\r\n{HOST}\r\n"), "\r\n\r\n").await;
    stays_open(&mut socket).await;
    front.gate.open_for_one();
    read_until(&mut socket, "data: sold\n\n\r\n").await;
}
