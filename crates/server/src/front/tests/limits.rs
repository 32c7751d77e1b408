//! Clients that ask for too much, or for nothing that HTTP knows.

use http::Response;
use http_body_util::BodyExt as _;

use super::*;

#[tokio::test]
async fn an_oversize_head_is_431() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let head = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(16 * 1024));
    socket.write_all(head.as_bytes()).await.unwrap();
    let answer = until_closed(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn too_many_headers_are_431() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let fits = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100));
    exchange(&mut socket, &fits, "ok").await;
    socket.write_all(format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101)).as_bytes()).await.unwrap();
    let answer = until_closed(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn too_many_headers_are_431_on_http2() {
    let front = Front::start(patient()).await;
    let (mut sender, _driver) = front.connect_http2().await;
    for (count, status) in [(100, 200), (101, 431)] {
        let mut request = http::Request::get("http://localhost/");
        for _ in 0..count {
            request = request.header("a", "b");
        }
        let response = bounded(sender.send_request(request.body(Empty::new()).unwrap())).await.unwrap();
        assert_eq!(response.status(), status, "{count} headers");
    }
}

#[tokio::test]
async fn an_oversize_head_is_refused_on_http2() {
    let front = Front::start(patient()).await;
    let (mut sender, _driver) = front.connect_http2().await;
    // The client may refuse by itself, once it knows the server's settings; ask until it does or the server answers.
    let long = http::Request::get("http://localhost/").header("x-long", "x".repeat(17 * 1024));
    let answer = bounded(sender.send_request(long.body(Empty::new()).unwrap())).await;
    assert!(answer.is_err() || answer.is_ok_and(|response| response.status() == 431));
}

fn in_words(status: StatusCode) -> Response<Bytes> {
    let words = Bytes::from(format!("sorry: {}", status.as_u16()));
    Response::builder().status(status).header("x-words", "yes").body(words).unwrap()
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_applications_words() {
    let front = Front::start(Options { refusal: in_words, ..patient() }).await;
    let long = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(16 * 1024));
    for (nonsense, status) in [("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400), (&*long, 431)] {
        let mut socket = front.connect().await;
        exchange(&mut socket, "GET / HTTP/1.1\r\n\r\n", "ok").await;
        socket.write_all(nonsense.as_bytes()).await.unwrap();
        let answer = until_closed(&mut socket).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("\r\nx-words: yes\r\n") && answer.contains("\r\ndate: "), "{answer}");
        assert!(answer.ends_with(&format!("\r\ncontent-length: 10\r\n\r\nsorry: {status}")), "{answer}");
    }
    let (mut sender, _driver) = front.connect_http2().await;
    let mut request = http::Request::get("http://localhost/");
    for _ in 0..101 {
        request = request.header("a", "b");
    }
    let response = bounded(sender.send_request(request.body(Empty::new()).unwrap())).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["x-words"]), (431, &"yes".parse().unwrap()));
    assert_eq!(bounded(response.into_body().collect()).await.unwrap().to_bytes(), "sorry: 431");
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let front = Front::start(Options { connections_max: 2, ..patient() }).await;
    let mut first = front.connect().await;
    let second = front.connect().await;
    front.wait_for_connections(2).await;
    let mut third = front.connect().await;
    assert_eq!(until_closed(&mut third).await, "");
    assert_eq!(front.metric("flashtix_http_connections_refused_total"), 1.0);
    exchange(&mut first, "GET / HTTP/1.1\r\n\r\n", "ok").await;
    drop(second);
    front.wait_for_connections(1).await;
    exchange(&mut front.connect().await, "GET / HTTP/1.1\r\n\r\n", "ok").await;
}

#[tokio::test]
async fn one_address_may_be_limited() {
    let front = Front::start(Options { connections_max_per_address: Some(1), ..patient() }).await;
    let mut first = front.connect().await;
    front.wait_for_connections(1).await;
    assert_eq!(until_closed(&mut front.connect().await).await, "");
    assert_eq!(front.metric("flashtix_http_connections_refused_total"), 1.0);
    exchange(&mut first, "GET / HTTP/1.1\r\n\r\n", "ok").await;
}

#[tokio::test]
async fn garbage_is_refused_and_closed() {
    let front = Front::start(patient()).await;
    for garbage in
        [&b"\0\xff\x01garbage\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nxx\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    {
        let mut socket = front.connect().await;
        socket.write_all(garbage).await.unwrap();
        let answer = until_closed(&mut socket).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    exchange(&mut front.connect().await, "GET / HTTP/1.1\r\n\r\n", "ok").await;
}

#[tokio::test]
async fn a_tls_hello_on_the_plain_port_is_refused_and_closed() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let mut hello = vec![0x16, 0x03, 0x01, 0x00, 0x2f, 0x01, 0x00, 0x00, 0x2b, 0x03, 0x03];
    hello.extend([0x5a; 32]);
    hello.extend([0x00, 0x00, 0x02, 0x13, 0x01, 0x01, 0x00, 0x00, 0x00]);
    socket.write_all(&hello).await.unwrap();
    let answer = until_closed(&mut socket).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    front.wait_for_connections(0).await;
}

#[tokio::test]
async fn a_flood_of_resets_is_closed() {
    let front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    let mut flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for stream in (1..400_u32).step_by(2) {
        // HEADERS with END_STREAM and END_HEADERS: GET, http, /, authority `a`; then RST_STREAM with CANCEL.
        flood.extend([0, 0, 6, 1, 5]);
        flood.extend(stream.to_be_bytes());
        flood.extend([0x82, 0x86, 0x84, 0x41, 1, b'a']);
        flood.extend([0, 0, 4, 3, 0]);
        flood.extend(stream.to_be_bytes());
        flood.extend([0, 0, 0, 8]);
    }
    socket.write_all(&flood).await.unwrap();
    until_closed(&mut socket).await;
    front.wait_for_connections(0).await;
}

#[test]
fn the_defaults_are_valid_and_contradictions_are_not() {
    type Contradiction = (&'static str, fn(&mut Options));
    Options::default().validate().unwrap();
    let contradictions: [Contradiction; 8] = [
        ("header_read_timeout", |options| options.header_read_timeout = Duration::ZERO),
        ("request_total_timeout", |options| options.request_total_timeout = Duration::from_secs(9)),
        ("request_total_timeout", |options| options.body_read_timeout = Duration::from_secs(31)),
        ("connections_max", |options| options.connections_max = 0),
        ("connections_max_per_address", |options| options.connections_max_per_address = Some(10_001)),
        ("buffer_bytes_max", |options| options.header_bytes_max = 65 * 1024),
        ("http2.receive_window_bytes", |options| options.http2.receive_window_bytes = 1024),
        ("http2.keep_alive_timeout", |options| options.http2.keep_alive_timeout = Duration::ZERO),
    ];
    for (option, contradict) in contradictions {
        let mut options = Options::default();
        contradict(&mut options);
        assert_eq!(options.validate().unwrap_err().option, option);
    }
    assert!(
        Options { finish_grace: Duration::ZERO, ..Options::default() }.validate().is_ok(),
        "no grace is a choice"
    );
}

#[tokio::test]
async fn a_front_with_contradicting_options_does_not_serve() {
    let mut front = Front::start(Options { connections_max: 0, ..patient() }).await;
    let Error::Options(invalid) = bounded(front.serving.join_next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!(invalid.option, "connections_max");
}
