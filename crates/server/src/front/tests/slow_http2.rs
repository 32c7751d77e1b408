//! Clients that keep an HTTP/2 connection waiting.

use http::Request;

use super::*;

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(format!("http://localhost{path}")).body(Empty::new()).unwrap()
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let front = Front::start(Options { idle_timeout: NEAR, ..patient() }).await;
    let (mut sender, mut driver) = front.connect_http2().await;
    assert_eq!(bounded(sender.send_request(get("/"))).await.unwrap().status(), 200);
    bounded(driver.join_next()).await.unwrap().unwrap();
    assert_eq!(front.timed_out("idle"), 1.0);
    front.wait_for_connections(0).await;
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let front = Front::start(Options { idle_timeout: NEAR, header_read_timeout: NEAR, ..patient() }).await;
    let mut socket = front.connect().await;
    // The preface, then never a word: not even an answer to the settings or to the farewell.
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    until_closed(&mut socket).await;
    assert!(front.timed_out("idle") >= 1.0);
}

#[tokio::test]
async fn a_client_that_never_opens_its_window_is_closed() {
    let front = Front::start(Options { write_stall_timeout: NEAR, ..patient() }).await;
    let (mut sender, mut driver) = front.connect_http2().await;
    // Its connection answers pings and takes settings all the while; only this response is left lying.
    let response = bounded(sender.send_request(get("/big"))).await.unwrap();
    bounded(driver.join_next()).await.unwrap().unwrap();
    assert_eq!(front.timed_out("write"), 1.0);
    drop(response);
}

#[tokio::test]
async fn a_client_that_does_not_answer_pings_is_closed() {
    let mut options = patient();
    options.http2.keep_alive_interval = NEAR;
    options.http2.keep_alive_timeout = NEAR;
    let front = Front::start(options).await;
    let mut socket = front.connect().await;
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    until_closed(&mut socket).await;
    front.wait_for_connections(0).await;
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
    let (mut sender, mut driver) = front.connect_http2().await;
    let response = bounded(sender.send_request(get("/quiet"))).await.unwrap();
    assert!(timeout(NEAR * 4, driver.join_next()).await.is_err(), "the connection was closed");
    front.gate.open_for_one();
    let mut body = response.into_body();
    let frame = bounded(http_body_util::BodyExt::frame(&mut body)).await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), "data: sold\n\n");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_408() {
    let front = Front::start(Options { body_read_timeout: NEAR, ..patient() }).await;
    let socket = TokioIo::new(front.connect().await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
    let mut driver = JoinSet::new();
    driver.spawn(async { drop(connection.await) });
    let stalled = http_body_util::StreamBody::new(stream::pending::<Result<_, Infallible>>());
    let stalled = http_body_util::BodyExt::map_frame(stalled, |frame: http_body::Frame<Bytes>| frame);
    let request = Request::post("http://localhost/echo").body(stalled).unwrap();
    assert_eq!(bounded(sender.send_request(request)).await.unwrap().status(), 408);
    assert_eq!(front.timed_out("body"), 1.0);
}
