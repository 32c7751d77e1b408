//! `GET /v1/events/{id}/feed`: server-sent events.

use serde_json::json;

use crate::client::{Ask, Client, Feed};
use crate::sale::{SEATS, TestServer};

fn feed(client: &Client, event: &str) -> Ask {
    client.get(format!("/v1/events/{event}/feed"))
}

async fn hold(server: &TestServer, event: &str, place: &str) {
    let body = json!({ "buyer": "b", "places": [place] });
    server.organizer().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
}

#[tokio::test]
async fn it_begins_with_a_snapshot_and_goes_on_in_order() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    hold(&server, &event, "A-1-1").await;
    let mut listener = Feed::join(feed(&server.browser(), &event)).await;
    let snapshot = listener.next().await;
    assert_eq!(snapshot.event, "snapshot");
    assert_eq!(snapshot.data, server.availability(&event).await);
    let mut seats = snapshot.data["seats"].as_str().unwrap().as_bytes().to_vec();
    let mut seq = 1;
    for seat in 2..=10 {
        hold(&server, &event, &format!("A-1-{seat}")).await;
    }
    let floor = json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 7 }] });
    server.organizer().post(format!("/v1/events/{event}/holds"), &floor).await.ok(201);
    let mut ids = Vec::new();
    while seq < 11 {
        let frame = listener.next().await;
        assert_eq!((frame.event.as_str(), &frame.data["from"]), ("commit", &json!(seq + 1)));
        seq = frame.data["seq"].as_u64().unwrap();
        for (seat, state) in frame.data["seats"].as_object().unwrap() {
            seats[seat.parse::<usize>().unwrap()] = state.as_str().unwrap().as_bytes()[0];
        }
        if seq == 11 {
            let floor = json!({ "free": 43, "held": 7, "sold": 0, "blocked": 0 });
            assert_eq!(frame.data["areas"], json!({ "Floor": floor }));
        }
        ids.push(frame.id);
    }
    assert_eq!(
        String::from_utf8(seats).unwrap(),
        server.availability(&event).await["seats"].as_str().unwrap()
    );
    ids.dedup();
    assert!(ids.iter().all(|id| !id.is_empty()));
    assert!(server.metric("flashtix_feed_clients").await >= 1.0);
}

#[tokio::test]
async fn it_resumes_after_the_last_frame() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let browser = server.browser();
    let mut listener = Feed::join(feed(&browser, &event)).await;
    let snapshot = listener.next().await;
    drop(listener);
    hold(&server, &event, "A-1-1").await;
    hold(&server, &event, "A-1-2").await;
    let mut resumed = Feed::join(feed(&browser, &event).header("last-event-id", &snapshot.id)).await;
    let frame = resumed.next().await;
    let expected = json!({ "from": 1, "seq": 2, "seats": { "0": "h", "1": "h" }, "areas": {} });
    assert_eq!((frame.event.as_str(), &frame.data), ("commit", &expected));
    // Clients without headers say it in the query; the header wins.
    let in_query = browser.get(format!("/v1/events/{event}/feed?last_event_id={}", snapshot.id));
    assert_eq!(Feed::join(in_query).await.next().await.data, expected);
    // Who is up to date hears of nothing but news.
    let mut current = Feed::join(feed(&browser, &event).header("last-event-id", &frame.id)).await;
    hold(&server, &event, "A-1-3").await;
    assert_eq!(current.next().await.data["from"], 3);
    drop((resumed, current));
    let server = server.restart().await;
    let after =
        Feed::join(feed(&server.browser(), &event).header("last-event-id", &frame.id)).await.next().await;
    assert!(["snapshot", "commit"].contains(&after.event.as_str()));
    assert_eq!(after.data["seq"], 3);
}

#[tokio::test]
async fn who_takes_gzip_is_sent_the_same_wherever_the_stream_begins() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let browser = server.browser();
    let mut plain = Feed::join(feed(&browser, &event).header("accept-encoding", "br, gzip;q=0")).await;
    let first = plain.next().await;
    let packed =
        |last: &str| feed(&browser, &event).header("accept-encoding", "gzip").header("last-event-id", last);
    let mut early = Feed::join(packed("")).await;
    assert!(early.is_packed() && !plain.is_packed());
    assert_eq!(early.next().await, first);
    hold(&server, &event, "A-1-1").await;
    let second = plain.next().await;
    let mut late = Feed::join(packed(&first.id)).await;
    hold(&server, &event, "A-1-2").await;
    let third = plain.next().await;
    for listener in [&mut early, &mut late] {
        assert_eq!((listener.next().await, listener.next().await), (second.clone(), third.clone()));
    }
    // What each was sent has another checksum, and ends with it.
    assert_eq!(server.organizer().delete(format!("/v1/events/{event}")).await.status, 204);
    for listener in [&mut early, &mut late, &mut plain] {
        assert_eq!(listener.next_or_end().await, None);
    }
}

#[tokio::test]
async fn an_id_that_nobody_gave_gets_a_snapshot() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    hold(&server, &event, "A-1-1").await;
    let browser = server.browser();
    let known = Feed::join(feed(&browser, &event)).await.next().await.id;
    let history = known.split_once('.').unwrap().0.to_owned();
    let foreign = ["", "x", "1.2.3", "-1", "0.1", "ffffffffffffffff.1", "99999999999999999999.1"];
    let future = [format!("{history}.2"), format!("{history}.18446744073709551615")];
    for id in foreign.into_iter().chain(future.iter().map(String::as_str)) {
        let frame = Feed::join(feed(&browser, &event).header("last-event-id", id)).await.next().await;
        assert_eq!((frame.event.as_str(), &frame.data["seq"]), ("snapshot", &json!(1)), "{id}");
        assert_eq!(frame.data["seats"].as_str().unwrap().len(), SEATS);
    }
}

#[tokio::test]
async fn an_event_s_changes_are_told() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "ref": "mine", "metadata": { "secret": 1 } })).await;
    let mut listener = Feed::join(feed(&server.browser(), &event)).await;
    listener.next().await;
    let path = format!("/v1/events/{event}");
    organizer.patch(&path, &json!({ "status": "paused", "prices": { "back": 7 } })).await.ok(200);
    let frame = listener.next().await;
    assert_eq!((frame.event.as_str(), &frame.data["status"]), ("event", &json!("paused")));
    assert_eq!(frame.data["prices"], json!({ "back": 7 }));
    assert!(frame.data["ref"].is_null() && frame.data["metadata"].is_null());
    organizer.patch(&path, &json!({ "status": "cancelled" })).await.ok(200);
    assert_eq!(listener.next().await.data["status"], "cancelled");
    let snapshot = listener.next().await;
    assert_eq!(
        (snapshot.event.as_str(), snapshot.data["seats"].as_str().unwrap()),
        ("snapshot", &*"b".repeat(SEATS))
    );
}

#[tokio::test]
async fn a_key_may_come_in_the_query_unless_it_is_secret() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let nobody = server.nobody();
    let with = |key: &str| nobody.get(format!("/v1/events/{event}/feed?key={key}"));
    Feed::join(with(&server.keys.publishable)).await.next().await;
    with(&server.keys.secret).await.problem(401, "unauthorized");
    with("pk_test_nonsense").await.problem(401, "unauthorized");
    with(&server.keys.live_publishable).await.problem(404, "not_found");
    nobody.get(format!("/v1/events/{event}/feed")).await.problem(401, "unauthorized");
    nobody.get(format!("/v1/events/{event}?key={}", server.keys.publishable)).await.ok(200);
    nobody.get(format!("/v1/events/{event}?key={}", server.keys.secret)).await.problem(401, "unauthorized");
    let post = nobody.post(format!("/v1/events/{event}/holds?key={}", server.keys.publishable), &json!({}));
    post.await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_deleted_event_s_feed_ends() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let mut listener = Feed::join(feed(&server.browser(), &event)).await;
    listener.next().await;
    assert_eq!(server.organizer().delete(format!("/v1/events/{event}")).await.status, 204);
    assert_eq!(listener.next_or_end().await, None);
}
