//! What becomes of connections when the server stops.

use http_body_util::BodyExt;

use super::*;

#[tokio::test]
async fn a_request_in_flight_is_answered_and_idle_connections_close_at_once() {
    let mut front = Front::start(patient()).await;
    let mut busy = front.connect().await;
    let mut idle = front.connect().await;
    let mut silent = front.connect().await;
    exchange(&mut idle, "GET / HTTP/1.1\r\n\r\n", "ok").await;
    busy.write_all(b"GET /slow HTTP/1.1\r\n\r\n").await.unwrap();
    front.wait_for_connections(3).await;
    front.gate.wait_for_waiter().await;

    front.request_stop();
    assert_eq!(until_closed(&mut idle).await, "");
    assert_eq!(until_closed(&mut silent).await, "");
    assert!(TcpStream::connect(front.address).await.is_err(), "nobody listens any more");
    front.wait_for_connections(1).await;
    stays_open(&mut busy).await;

    front.gate.open_for_one();
    let answer = until_closed(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nfinished"), "{answer}");
    assert_eq!(front.drained().await.cut, 0);
}

#[tokio::test]
async fn a_long_response_is_finished() {
    let mut front = Front::start(patient()).await;
    let mut socket = front.connect().await;
    socket.write_all(b"GET /big HTTP/1.1\r\n\r\n").await.unwrap();
    let mut first = [0; 1024];
    bounded(socket.read_exact(&mut first)).await.unwrap();
    front.request_stop();
    let rest = until_closed(&mut socket).await;
    let head = String::from_utf8_lossy(&first).find("\r\n\r\n").unwrap() + 4;
    assert_eq!(first.len() - head + rest.len(), 4 * 1024 * 1024);
    assert_eq!(front.drained().await, Drained { finished: 1, cut: 0 });
}

#[tokio::test]
async fn what_outlasts_the_grace_is_cut() {
    let mut front = Front::start(Options { finish_grace: NEAR, ..patient() }).await;
    let mut stream = front.connect().await;
    exchange(&mut stream, "GET /quiet HTTP/1.1\r\n\r\n", "\r\n\r\n").await;
    let mut idle = front.connect().await;
    exchange(&mut idle, "GET / HTTP/1.1\r\n\r\n", "ok").await;
    front.request_stop();
    until_closed(&mut stream).await;
    assert_eq!(front.drained().await, Drained { finished: 1, cut: 1 });
}

#[tokio::test]
async fn http2_requests_in_flight_are_answered() {
    let mut front = Front::start(patient()).await;
    let (mut sender, mut driver) = front.connect_http2().await;
    let request = |path| http::Request::get(format!("http://localhost{path}")).body(Empty::new()).unwrap();
    assert_eq!(bounded(sender.send_request(request("/"))).await.unwrap().status(), 200);
    let mut slow = std::pin::pin!(sender.send_request(request("/slow")));
    bounded(async {
        tokio::select! {
            answer = &mut slow => panic!("answered too early: {answer:?}"),
            () = front.gate.wait_for_waiter() => {}
        }
    })
    .await;
    front.request_stop();
    front.gate.open_for_one();
    let body = bounded(slow.await.unwrap().into_body().collect()).await.unwrap().to_bytes();
    assert_eq!(body, "finished");
    bounded(driver.join_next()).await.unwrap().unwrap();
    assert_eq!(front.drained().await, Drained { finished: 1, cut: 0 });
}
