//! What well-behaved clients may rely on.

use http_body_util::BodyExt;

use super::*;

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    for _ in 0..3 {
        let answer = exchange(&mut socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "ok").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(front.metric("flashtix_http_connections"), 1.0);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let requests = "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nfirst\
                    GET / HTTP/1.1\r\n\r\n\
                    POST /echo HTTP/1.1\r\nContent-Length: 4\r\n\r\nlast";
    let answers = exchange(&mut socket, requests, "last").await;
    let bodies: Vec<_> =
        answers.split("HTTP/1.1 200 OK\r\n").filter_map(|answer| answer.split("\r\n\r\n").nth(1)).collect();
    assert_eq!(bodies, ["first", "ok", "last"]);
}

#[tokio::test]
async fn a_request_is_served_however_its_bytes_are_cut() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let request = b"PUT /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    let (last, first) = request.split_last().unwrap();
    for byte in first {
        socket.write_all(&[*byte]).await.unwrap();
        // Leaves the server the time to read it alone.
        assert!(timeout(Duration::from_millis(2), socket.readable()).await.is_err(), "answered too early");
    }
    socket.write_all(&[*last]).await.unwrap();
    // `PUT` shares its first letter with the preface of HTTP/2.
    let answer = read_until(&mut socket, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

#[tokio::test]
async fn http2_with_prior_knowledge_is_served_on_the_same_port() {
    let front = Front::start(patient()).await;
    let (mut sender, _driver) = front.connect_http2().await;
    for _ in 0..3 {
        let request = http::Request::get("http://localhost/peer").body(Empty::new()).unwrap();
        let response = bounded(sender.send_request(request)).await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        let body = bounded(response.into_body().collect()).await.unwrap().to_bytes();
        assert!(body.starts_with(b"127.0.0.1:"), "{body:?}");
    }
    assert_eq!(front.metric("flashtix_http_connections"), 1.0);
}

#[tokio::test]
async fn a_handler_knows_its_peer() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let own = socket.local_addr().unwrap().to_string();
    exchange(&mut socket, "GET /peer HTTP/1.1\r\n\r\n", &own).await;
}
