//! `Idempotency-Key`: the same request twice has one effect, and gets one answer.

use http::Method;
use serde_json::{Value, json};

use crate::sale::{TestServer, hall, id_of};

#[tokio::test]
async fn every_change_can_be_repeated() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let take = |place: &str| json!({ "buyer": "b", "places": [place] });
    let hold = id_of(&organizer.post(format!("{path}/holds"), &take("A-2-1")).await.ok(201));
    let other = id_of(&organizer.post(format!("{path}/holds"), &take("A-2-2")).await.ok(201));
    let order = id_of(&organizer.post(format!("{path}/orders"), &take("A-2-3")).key("x").await.ok(201));
    let area = json!({ "name": "N", "areas": [{ "name": "F", "capacity": 1, "category": "c" }] });
    let with = |body: &Value, name: &str, value: Value| {
        let mut other = body.clone();
        other[name] = value;
        other
    };
    let routes = [
        (Method::POST, "/v1/charts".to_owned(), hall(), with(&hall(), "name", json!("Other"))),
        (Method::POST, "/v1/events".to_owned(), area.clone(), with(&area, "name", json!("Other"))),
        (Method::PATCH, path.clone(), json!({ "name": "A" }), json!({ "name": "B" })),
        (Method::POST, format!("{path}/holds"), take("A-1-1"), take("A-1-2")),
        (Method::POST, format!("{path}/orders"), take("A-1-3"), take("A-1-4")),
        (
            Method::POST,
            format!("{path}/block"),
            json!({ "places": ["A-3-1"] }),
            json!({ "places": ["A-3-2"] }),
        ),
        (
            Method::POST,
            format!("{path}/unblock"),
            json!({ "places": ["A-3-1"] }),
            json!({ "places": ["A-3-2"] }),
        ),
        (Method::PATCH, format!("/v1/holds/{hold}"), json!({ "seconds": 700 }), json!({ "seconds": 800 })),
        (
            Method::POST,
            format!("/v1/holds/{hold}/confirm"),
            json!({ "payment_ref": "p" }),
            json!({ "payment_ref": "q" }),
        ),
        (Method::POST, format!("/v1/holds/{other}/confirm"), json!({}), json!({ "payment_ref": "q" })),
        (Method::POST, format!("/v1/orders/{order}/cancel"), json!({}), json!({ "then": "press" })),
    ];
    for (method, route, body, other) in routes {
        let send =
            |body: &Value| organizer.ask(method.clone(), route.clone()).body(body.to_string()).key("the-key");
        let first = send(&body).await;
        assert!(first.status < 300 && !first.is_replay(), "{method} {route}: {}", first.text());
        let again = send(&body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{method} {route}");
        assert!(again.is_replay(), "{method} {route}");
        send(&other).await.problem(422, "idempotency_mismatch");
        let after = send(&body).await;
        assert_eq!(after.body, first.body, "{method} {route}: the mismatch changed something");
    }
}

#[tokio::test]
async fn a_key_is_read_quoted_and_bare_and_within_bounds() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let first = organizer.post(&path, &body).key("\"a key\"").await;
    first.ok(201);
    assert_eq!(organizer.post(&path, &body).key("a key").await.body, first.body);
    for wrong in ["", "\"\"", &"k".repeat(256), &format!("\"{}\"", "k".repeat(256)), "ü"] {
        organizer.post(&path, &body).key(wrong).await.invalid(400, "/headers/Idempotency-Key");
    }
    let longest = json!({ "buyer": "b", "places": ["A-1-2"] });
    organizer.post(&path, &longest).key(&format!("\"{}\"", "k".repeat(255))).await.ok(201);
    let browser = server.browser();
    let mine = json!({ "buyer": "b", "places": ["A-1-3"] });
    browser.post(&path, &mine).key(&"k".repeat(21)).await.invalid(400, "/headers/Idempotency-Key");
    browser.post(&path, &mine).key(&"k".repeat(22)).await.ok(201);
    browser.post(&path, &json!({ "buyer": "b", "places": ["A-1-4"] })).await.ok(201);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let hold = organizer.post(&path, &body).key("winner").await.ok(201);
    organizer.post(&path, &body).key("loser").await.problem(409, "place_unavailable");
    organizer.delete(format!("/v1/holds/{}", id_of(&hold))).await.ok(200);
    let second = organizer.post(&path, &body).key("loser").await;
    assert!(!second.is_replay());
    second.ok(201);
    // The answer stays what it was, whatever became of the hold since.
    let replay = organizer.post(&path, &body).key("winner").await;
    assert!(replay.is_replay());
    assert_eq!(replay.ok(201), hold);
    // What was no JSON used the key up for nobody.
    organizer.ask(Method::POST, path.clone()).body("{").key("fresh").await.problem(400, "validation");
    organizer.post(&path, &json!({ "buyer": "b", "places": ["A-1-2"] })).key("fresh").await.ok(201);
}

#[tokio::test]
async fn a_key_belongs_to_one_organization_mode_and_route() {
    let server = TestServer::start().await;
    let (first, second) = (server.event(json!({})).await, server.event(json!({})).await);
    let organizer = server.organizer();
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let mut answers = Vec::new();
    for event in [&first, &second] {
        for route in ["holds", "orders"] {
            let mut body = body.clone();
            body["places"] = json!([if route == "holds" { "A-1-1" } else { "A-1-2" }]);
            let answer = organizer.post(format!("/v1/events/{event}/{route}"), &body).key("one").await;
            assert!(!answer.is_replay());
            answers.push(id_of(&answer.ok(201)));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 4);
    let area = json!({ "name": "N", "areas": [{ "name": "F", "capacity": 1, "category": "c" }] });
    let keys = &server.keys;
    for key in [&keys.secret, &keys.live_secret, &keys.other_secret] {
        let answer = server.nobody().with_key(key).post("/v1/events", &area).key("one").await;
        assert!(!answer.is_replay());
        answer.ok(201);
    }
}

#[tokio::test]
async fn keys_survive_a_restart() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let first = server.organizer().post(&path, &body).key("k").await;
    first.ok(201);
    let server = server.restart().await;
    let again = server.organizer().post(&path, &body).key("k").await;
    assert_eq!((again.status, &again.body, again.is_replay()), (201, &first.body, true));
    let other = json!({ "buyer": "b", "places": ["A-1-2"] });
    server.organizer().post(&path, &other).key("k").await.problem(422, "idempotency_mismatch");
    // An answer is remembered for a day at least.
    server.clock.advance_seconds(24 * 3_600 - 60);
    assert!(server.organizer().post(&path, &body).key("k").await.is_replay());
}
