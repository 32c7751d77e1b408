//! Hostile bodies: whatever is sent, the answer is a problem of the 4xx kind that names the field, nothing changes, nothing
//! is logged as an error, and the server goes on.

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::Answer;
use crate::sale::{TestServer, hall, id_of, settings_of};
use crate::waiting::bounded;

/// Arrays within each other: more than any stack takes.
const DEPTH: usize = 100_000;
const MIB: usize = 1024 * 1024;

#[track_caller]
fn assert_refused(what: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
}

/// Where bodies go: a method, a path, and a body that would be right.
async fn targets(server: &TestServer) -> (String, Vec<(Method, String, Value)>) {
    let organizer = server.organizer();
    let chart = server.chart().await;
    let event = server.event_of(&organizer, &chart, json!({})).await;
    let path = format!("/v1/events/{event}");
    let take = |place: &str| json!({ "buyer": "b", "places": [place] });
    let hold = id_of(&organizer.post(format!("{path}/holds"), &take("A-3-9")).await.ok(201));
    let order = id_of(&organizer.post(format!("{path}/orders"), &take("A-3-10")).key("x").await.ok(201));
    let targets = vec![
        (Method::POST, "/v1/charts".to_owned(), hall()),
        (
            Method::POST,
            "/v1/charts?format=pretix".to_owned(),
            json!({ "name": "x", "categories": [], "zones": [] }),
        ),
        (Method::POST, "/v1/events".to_owned(), settings_of(&chart)),
        (Method::PATCH, path.clone(), json!({ "name": "x" })),
        (Method::POST, format!("{path}/holds"), take("A-1-1")),
        (Method::POST, format!("{path}/orders"), take("A-1-1")),
        (Method::POST, format!("{path}/block"), json!({ "places": ["A-1-1"] })),
        (Method::POST, format!("{path}/unblock"), json!({ "places": ["A-1-1"] })),
        (Method::PATCH, format!("/v1/holds/{hold}"), json!({ "seconds": 700 })),
        (Method::POST, format!("/v1/holds/{hold}/confirm"), json!({ "payment_ref": "p" })),
        (Method::POST, format!("/v1/orders/{order}/cancel"), json!({})),
    ];
    (event, targets)
}

#[tokio::test]
async fn what_is_no_json_is_refused_everywhere() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (event, targets) = targets(&server).await;
    let before = server.availability(&event).await;
    let deep_arrays = "[".repeat(DEPTH);
    let deep_objects = "{\"a\":".repeat(DEPTH);
    for (method, path, right) in &targets {
        let right = right.to_string();
        let within = |name: &str, value: &str| format!("{},\"{name}\":{value}}}", &right[..right.len() - 1]);
        let (mut invalid_utf8, mut cut) = (right.clone().into_bytes(), right.clone().into_bytes());
        invalid_utf8.splice(1..1, *b"\"\xff\xfe\":1,");
        cut.pop();
        let bodies: Vec<(&str, Vec<u8>)> = vec![
            ("garbage", b"buyer=b".to_vec()),
            ("cut off", cut),
            ("more behind it", format!("{right}{right}").into_bytes()),
            ("invalid UTF-8", invalid_utf8),
            ("only invalid UTF-8", vec![0xff; 100]),
            ("NUL", vec![0; 10]),
            ("NaN", br#"{"seconds":NaN,"buyer":"b"}"#.to_vec()),
            ("Infinity", br#"{"amount":Infinity,"name":-Infinity}"#.to_vec()),
            ("a comment", format!("/* hello */ {right}").into_bytes()),
            ("single quotes", b"{'buyer':'b'}".to_vec()),
            ("deep arrays", deep_arrays.clone().into_bytes()),
            ("deep objects", deep_objects.clone().into_bytes()),
            ("a deep unknown field", within("unknown", &deep_arrays).into_bytes()),
            ("an array", b"[]".to_vec()),
            ("a text", b"\"x\"".to_vec()),
            ("a number", b"1".to_vec()),
            ("null", b"null".to_vec()),
            ("a byte order mark", format!("\u{feff}{right}").into_bytes()),
        ];
        for (what, body) in bodies {
            let answer = organizer.ask(method.clone(), path.clone()).key("hostile").body(body).await;
            assert_refused(&format!("{what}: {method} {path}"), &answer);
            answer.problem(answer.status, "validation");
        }
    }
    assert_eq!(server.availability(&event).await, before);
}

#[tokio::test]
async fn a_deep_but_whole_body_is_survived() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (event, targets) = targets(&server).await;
    let before = server.availability(&event).await;
    let deep = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    for (method, path, _) in &targets {
        for field in
            ["buyer", "places", "areas", "metadata", "name", "sections", "add", "tickets", "prices", "token"]
        {
            let body = format!("{{\"{field}\":{deep}}}");
            let answer = organizer.ask(method.clone(), path.clone()).key("deep").body(body).await;
            assert!(answer.status < 500, "{method} {path} {field}: {}", answer.text());
        }
    }
    // Cancelling everything is what a body without known fields asks for; nothing else happened.
    let after = server.availability(&event).await;
    let areas = |availability: &Value| availability["areas"].clone();
    assert_eq!(areas(&after), areas(&before));
}

#[tokio::test]
async fn every_field_of_a_basket_has_its_rule() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let before = server.availability(&event).await;
    let long = |bytes: usize| "x".repeat(bytes);
    let floor =
        |quantity: Value| json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": quantity }] });
    let place = |place: Value| json!({ "buyer": "b", "places": [place] });
    let with = |name: &str, value: Value| {
        let mut body = place(json!("A-1-1"));
        body[name] = value;
        body
    };
    let faults: Vec<(Value, &str)> = vec![
        (json!({ "places": ["A-1-1"] }), "/buyer"),
        (json!({ "buyer": "b" }), "/places"),
        (json!({ "buyer": "b", "places": [], "areas": [] }), "/places"),
        (json!({ "buyer": "", "places": ["A-1-1"] }), "/buyer"),
        (json!({ "buyer": long(256), "places": ["A-1-1"] }), "/buyer"),
        (json!({ "buyer": "a\u{0}b", "places": ["A-1-1"] }), "/buyer"),
        (json!({ "buyer": 7, "places": ["A-1-1"] }), "/buyer"),
        (json!({ "buyer": null, "places": ["A-1-1"] }), "/buyer"),
        (
            json!({ "buyer": "b", "places": (0..10_000).map(|at| format!("A-1-{at}")).collect::<Vec<_>>() }),
            "/places",
        ),
        (json!({ "buyer": "b", "places": ["A-1-1", "A-1-1"] }), "/places"),
        (json!({ "buyer": "b", "places": ["A-1-1", "guid:g-1-1"] }), "/places"),
        (json!({ "buyer": "b", "places": "A-1-1" }), "/places"),
        (place(json!(5)), "/places/0"),
        (place(json!(["A-1-1"])), "/places/0"),
        (place(json!({})), "/places/0/place"),
        (place(json!(long(196))), "/places/0"),
        (place(json!({ "place": "A-1-1", "ticket_type": "senior" })), "/places/0/ticket_type"),
        (place(json!({ "place": "A-1-1", "ticket_type": 1 })), "/places/0/ticket_type"),
        (place(json!({ "place": "A-1-1", "price": -1 })), "/places/0/price"),
        (place(json!({ "place": "A-1-1", "price": 1_000_000_000_001_i64 })), "/places/0/price"),
        (place(json!({ "place": "A-1-1", "price": 1.5 })), "/places/0/price"),
        (place(json!({ "place": "A-1-1", "price": 1e19 })), "/places/0/price"),
        (place(json!({ "place": "A-1-1", "code": "" })), "/places/0/code"),
        (place(json!({ "place": "A-1-1", "code": long(129) })), "/places/0/code"),
        (floor(json!(0)), "/areas/0/quantity"),
        (floor(json!(-1)), "/areas/0/quantity"),
        (floor(json!(1.5)), "/areas/0/quantity"),
        (floor(json!(u64::MAX)), "/areas/0/quantity"),
        (floor(json!("1")), "/areas/0/quantity"),
        (floor(json!(1_001)), "/places"),
        (floor(json!(u32::MAX)), "/places"),
        (json!({ "buyer": "b", "areas": [{ "name": long(65), "quantity": 1 }] }), "/areas/0/name"),
        (json!({ "buyer": "b", "areas": [{ "name": "", "quantity": 1 }] }), "/areas/0/name"),
        (json!({ "buyer": "b", "areas": [{ "quantity": 1 }] }), "/areas/0/name"),
        (with("best_available", json!({ "quantity": 1 })), "/best_available"),
        (with("best_available", json!({ "quantity": -1 })), "/best_available/quantity"),
        (with("best_available", json!(1)), "/best_available"),
        (with("metadata", json!("x")), "/metadata"),
        (with("metadata", json!([{ "a": 1 }])), "/metadata"),
        (with("metadata", json!({ "x": long(4_096) })), "/metadata"),
        (with("ref", json!("")), "/ref"),
        (with("ref", json!(long(256))), "/ref"),
        (with("ref", json!({})), "/ref"),
        (with("ignore", json!(["sale_window", "gravity"])), "/ignore/1"),
        (with("ignore", json!("limits")), "/ignore"),
        (with("channels", json!([""])), "/channels/0"),
        (with("channels", json!([long(65)])), "/channels/0"),
        (with("channels", json!(vec!["c"; 33])), "/channels"),
    ];
    for route in ["holds", "orders"] {
        let path = format!("/v1/events/{event}/{route}");
        for (body, pointer) in &faults {
            organizer.post(&path, body).key("fields").await.invalid(422, pointer);
        }
    }
    for (name, value) in [
        ("seconds", json!(0)),
        ("seconds", json!(-1)),
        ("seconds", json!(7_776_001)),
        ("seconds", json!(1.5)),
        ("seconds", json!("60")),
        ("seconds", json!(u64::MAX)),
    ] {
        let answer = organizer.post(format!("/v1/events/{event}/holds"), &with(name, value)).await;
        answer.invalid(422, &format!("/{name}"));
    }
    for (name, value) in [
        ("created_at", json!("yesterday")),
        ("created_at", json!("2030-02-30T00:00:00Z")),
        ("created_at", json!("2030-01-01")),
        ("created_at", json!("99999-01-01T00:00:00Z")),
        ("created_at", json!(1_893_456_000)),
        ("payment_ref", json!("")),
        ("payment_ref", json!(long(256))),
    ] {
        let answer =
            organizer.post(format!("/v1/events/{event}/orders"), &with(name, value)).key("fields").await;
        answer.invalid(422, &format!("/{name}"));
    }
    assert_eq!(server.availability(&event).await, before);
}

#[tokio::test]
async fn numbers_that_fit_nothing_are_refused() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let before = server.availability(&event).await;
    let holds = format!("/v1/events/{event}/holds");
    for number in [
        "1e999",
        "-1e999",
        "1e19",
        "18446744073709551616",
        "-9223372036854775809",
        "0.1",
        "1E400",
        &"9".repeat(400),
    ] {
        for body in [
            format!(r#"{{"buyer":"b","places":["A-1-1"],"seconds":{number}}}"#),
            format!(r#"{{"buyer":"b","areas":[{{"name":"Floor","quantity":{number}}}]}}"#),
            format!(r#"{{"buyer":"b","places":[{{"place":"A-1-1","price":{number}}}]}}"#),
            format!(r#"{{"buyer":"b","best_available":{{"quantity":{number}}}}}"#),
        ] {
            let answer = organizer.ask(Method::POST, holds.clone()).body(body.clone()).await;
            assert_refused(&body, &answer);
            assert_ne!(
                answer.problem(answer.status, "validation")["pointer"],
                "",
                "{body}: {}",
                answer.text()
            );
        }
        let chart = hall().to_string().replace("\"x\":1,", &format!("\"x\":{number},"));
        let answer = organizer.ask(Method::POST, "/v1/charts").body(chart).await;
        assert!(answer.status == 201 || (400..500).contains(&answer.status), "{number}: {}", answer.text());
    }
    assert_eq!(server.availability(&event).await, before);
}

#[tokio::test]
async fn metadata_that_no_client_can_read_is_refused() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let chart = server.chart().await;
    let event = server.event_of(&organizer, &chart, json!({})).await;
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(1_000), "]".repeat(1_000));
    for metadata in [&*deep, r#"{"a":1e999}"#, r#"{"a":"\ud800"}"#] {
        let places = format!(r#"{{"buyer":"b","places":["A-1-1"],"metadata":{metadata}}}"#);
        let body = format!(r#"{{"name":"x","chart_id":"{chart}","metadata":{metadata}}}"#);
        let patch = format!(r#"{{"metadata":{metadata}}}"#);
        for (method, path, body) in [
            (Method::POST, "/v1/events".to_owned(), body),
            (Method::PATCH, format!("/v1/events/{event}"), patch),
            (Method::POST, format!("/v1/events/{event}/holds"), places.clone()),
            (Method::POST, format!("/v1/events/{event}/orders"), places),
        ] {
            let answer = organizer.ask(method, path).key(&format!("m{}", metadata.len())).body(body).await;
            assert!(
                [400, 422].contains(&answer.status),
                "{metadata:.20}: {} {:.300}",
                answer.status,
                answer.text()
            );
        }
        for list in ["/v1/events", "/v1/orders", &format!("/v1/events/{event}/holds")] {
            let items = organizer.get(list).await.ok(200)["items"].clone();
            assert!(items.as_array().unwrap().iter().all(Value::is_object), "{list}: {items}");
        }
    }
}

#[tokio::test]
async fn a_body_over_its_limit_is_413() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (event, targets) = targets(&server).await;
    let before = server.availability(&event).await;
    let padded = |right: &Value, bytes: usize| {
        let right = right.to_string();
        format!("{right}{}", " ".repeat(bytes - right.len()))
    };
    for (method, path, right) in &targets {
        let limit = if path.starts_with("/v1/charts") { 32 * MIB } else { MIB };
        let answer =
            organizer.ask(method.clone(), path.clone()).key("big").body(padded(right, limit + 1)).await;
        answer.problem(413, "payload_too_large");
    }
    assert_eq!(server.availability(&event).await, before);
    // Just within it is no problem.
    let path = format!("/v1/events/{event}/holds");
    let body = padded(&json!({ "buyer": "b", "places": ["A-1-1"] }), MIB);
    organizer.ask(Method::POST, path).body(body).await.ok(201);
}

#[tokio::test]
async fn overlong_lines_and_heads_are_refused() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let long = "x".repeat(8_000);
    organizer.get(format!("/v1/events/evt_{long}")).await.problem(404, "not_found");
    organizer.get(format!("/v1/orders?buyer={long}")).await.ok(200);
    organizer.get(format!("/v1/orders?cursor={long}")).await.problem(400, "validation");
    organizer.get(format!("/v1/events/{event}/feed")).header("last-event-id", &long).stream().await;
    let path = format!("/v1/holds/hld_{}", "0".repeat(32));
    organizer.get(path).header("hold-token", &long).await.problem(404, "not_found");
    organizer.get("/healthz").await.ok(200);
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_too() {
    let server = TestServer::start().await;
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101));
    for (nonsense, status, code) in
        [("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "validation"), (&*many, 431, "headers_too_large")]
    {
        let mut socket = TcpStream::connect(server.nobody().address()).await.unwrap();
        socket.write_all(nonsense.as_bytes()).await.unwrap();
        let mut answer = String::new();
        bounded("the answer", socket.read_to_string(&mut answer)).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(head.contains("\r\ncontent-type: application/problem+json\r\n"), "{answer}");
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)));
        let id = problem["request_id"].as_str().unwrap();
        assert!(head.contains(&format!("\r\nx-request-id: {id}\r\n")), "{answer}");
    }
}
