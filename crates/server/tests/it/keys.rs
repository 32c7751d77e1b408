//! Who may do what: keys, organizations, modes, and what only a secret key may say.

use http::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::sale::{TestServer, id_of, text_of};

/// A route, with a body that would be right.
struct Route {
    method: Method,
    path: String,
    body: Value,
    secret: bool,
}

/// Every route that names something, each about something that is there.
async fn routes(server: &TestServer) -> Vec<Route> {
    let organizer = server.organizer();
    let chart = server.chart().await;
    let event = server.event_of(&organizer, &chart, json!({ "public_confirm": true })).await;
    let path = format!("/v1/events/{event}");
    let take = |place: &str| json!({ "buyer": "b", "places": [place] });
    let hold = organizer.post(format!("{path}/holds"), &take("A-1-1")).await.ok(201);
    let order = organizer.post(format!("{path}/orders"), &take("A-1-2")).key("setup").await.ok(201);
    let other = organizer.post(format!("{path}/holds"), &take("A-1-6")).await.ok(201);
    let token = text_of(&hold["token"]);
    let other = format!("/v1/holds/{}", id_of(&other));
    let (hold, order) = (format!("/v1/holds/{}", id_of(&hold)), format!("/v1/orders/{}", id_of(&order)));
    let route =
        |method: Method, path: String, body: Value, secret: bool| Route { method, path, body, secret };
    vec![
        route(Method::GET, format!("/v1/charts/{chart}"), json!(null), false),
        route(Method::GET, path.clone(), json!(null), false),
        route(Method::GET, format!("{path}/availability"), json!(null), false),
        route(Method::GET, format!("{path}/feed"), json!(null), false),
        route(Method::POST, format!("{path}/holds"), take("A-1-3"), false),
        route(Method::POST, format!("{path}/orders"), take("A-1-4"), false),
        route(Method::GET, hold.clone(), json!(null), false),
        route(Method::PATCH, hold.clone(), json!({ "token": token, "seconds": 700 }), false),
        route(Method::POST, format!("{hold}/confirm"), json!({ "token": token }), false),
        route(Method::DELETE, other, json!(null), false),
        route(Method::PATCH, path.clone(), json!({ "name": "Theirs" }), true),
        route(Method::GET, format!("{path}/holds"), json!(null), true),
        route(Method::GET, format!("{path}/orders"), json!(null), true),
        route(Method::GET, format!("{path}/ledger"), json!(null), true),
        route(Method::POST, format!("{path}/block"), json!({ "places": ["A-1-5"] }), true),
        route(Method::POST, format!("{path}/unblock"), json!({ "places": ["A-1-5"] }), true),
        route(Method::GET, order.clone(), json!(null), true),
        route(Method::POST, format!("{order}/cancel"), json!({}), true),
        route(Method::DELETE, path, json!(null), true),
    ]
}

fn ask(client: &Client, route: &Route) -> crate::client::Ask {
    client
        .ask(route.method.clone(), route.path.clone())
        .key("0123456789abcdef0123456789abcdef")
        .body(if route.body.is_null() { String::new() } else { route.body.to_string() })
}

#[tokio::test]
async fn nothing_is_anybody_else_s_business() {
    let server = TestServer::start().await;
    let routes = routes(&server).await;
    let event = routes[1].path.rsplit('/').next().unwrap().to_owned();
    let before = server.availability(&event).await;
    let strangers = [
        ("the live key", &server.keys.live_secret, true),
        ("the live browser", &server.keys.live_publishable, false),
        ("another organization", &server.keys.other_secret, true),
        ("another organization's browser", &server.keys.other_publishable, false),
    ];
    for (who, key, is_secret) in strangers {
        let stranger = server.nobody().with_key(key);
        for route in &routes {
            let answer = ask(&stranger, route).await;
            let expected = if is_secret || !route.secret { (404, "not_found") } else { (403, "forbidden") };
            assert_eq!((answer.status, &*answer.code()), expected, "{who}: {} {}", route.method, route.path);
        }
        for list in ["/v1/charts", "/v1/events", "/v1/orders"] {
            if is_secret || list != "/v1/orders" {
                assert_eq!(stranger.get(list).await.ok(200)["items"], json!([]), "{who}: {list}");
            }
        }
        let chart = routes[0].path.rsplit('/').next().unwrap();
        if is_secret {
            let body = json!({ "name": "Theirs", "chart_id": chart });
            stranger.post("/v1/events", &body).await.problem(404, "not_found");
        }
    }
    assert_eq!(server.availability(&event).await, before);
    // The routes are right: their owner gets a yes from each.
    for route in &routes {
        if !route.path.ends_with("/feed") {
            let answer = ask(&server.organizer(), route).await;
            assert!(answer.status < 300, "{} {}: {}", route.method, route.path, answer.text());
        }
    }
}

#[tokio::test]
async fn without_a_valid_key_there_is_nothing() {
    let server = TestServer::start().await;
    let mut routes = routes(&server).await;
    for (method, path) in
        [(Method::GET, "/v1/charts"), (Method::GET, "/v1/events"), (Method::GET, "/v1/orders")]
    {
        routes.push(Route { method, path: path.to_owned(), body: json!(null), secret: true });
    }
    let nobody = server.nobody();
    let secret = &server.keys.secret;
    let long = format!("Bearer sk_test_{}", "x".repeat(1_000));
    let basic = format!("Basic {secret}");
    for route in &routes {
        let bare = ask(&nobody, route).await;
        bare.problem(401, "unauthorized");
        assert_eq!(bare.header("www-authenticate"), "Bearer");
        for value in ["", "Bearer", "Bearer ", "Bearer sk_test_nonsense", &long, &basic, secret.as_str()] {
            ask(&nobody, route).header("authorization", value).await.problem(401, "unauthorized");
        }
    }
}

#[tokio::test]
async fn a_browser_may_not_do_the_organizer_s_work() {
    let server = TestServer::start().await;
    let browser = server.browser();
    for route in routes(&server).await.iter().filter(|route| route.secret) {
        ask(&browser, route).await.problem(403, "forbidden");
    }
    browser.get("/v1/orders").await.problem(403, "forbidden");
    browser.get("/v1/charts").await.ok(200);
}

#[tokio::test]
async fn some_words_are_for_secret_keys() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({ "public_confirm": true })).await;
    let seat = |place: Value| json!({ "buyer": "b", "places": [place] });
    let with = |name: &str, value: Value| {
        let mut body = seat(json!("A-1-1"));
        body[name] = value;
        body
    };
    let words = [
        ("price", seat(json!({ "place": "A-1-1", "price": 0 }))),
        ("code", seat(json!({ "place": "A-1-1", "code": "X" }))),
        (
            "an area's price",
            json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 1, "price": 0 }] }),
        ),
        (
            "an area's codes",
            json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 1, "codes": ["X"] }] }),
        ),
        ("ref", with("ref", json!("r"))),
        ("created_at", with("created_at", json!("2029-01-01T00:00:00Z"))),
        ("channels", with("channels", json!(["house"]))),
        ("limits", with("limits", json!([{ "key": "k", "max": 1 }]))),
        ("ignore", with("ignore", json!(["limits"]))),
    ];
    let key = "0123456789abcdef0123456789abcdef";
    for (word, body) in &words {
        for route in ["holds", "orders"] {
            let path = format!("/v1/events/{event}/{route}");
            let refused = browser.post(&path, body).key(key).await;
            assert_eq!(
                (refused.status, &*refused.code()),
                (403, "forbidden"),
                "{word} on {route}: {}",
                refused.text()
            );
        }
    }
    let hold = browser.post(format!("/v1/events/{event}/holds"), &seat(json!("A-1-1"))).await.ok(201);
    let path = format!("/v1/holds/{}", id_of(&hold));
    for edit in [
        json!({ "add": { "places": [{ "place": "A-1-2", "price": 0 }] } }),
        json!({ "add": { "places": [{ "place": "A-1-2", "code": "X" }] } }),
        json!({ "add": { "places": ["A-1-2"] }, "ignore": ["limits"] }),
        json!({ "add": { "places": ["A-1-2"] }, "channels": ["house"] }),
    ] {
        let mut body = edit;
        body["token"] = hold["token"].clone();
        browser.patch(&path, &body).await.problem(403, "forbidden");
    }
    // A ticket type that is not public is nothing that a browser can ask for.
    let staff = seat(json!({ "place": "A-1-3", "ticket_type": "staff" }));
    let answer = browser.post(format!("/v1/events/{event}/holds"), &staff).await;
    assert!(answer.status == 422 || answer.status == 403, "{}", answer.text());
    let free = organizer.post(format!("/v1/events/{event}/holds"), &staff).await.ok(201);
    assert_eq!(free["amount"], 0);
    for (word, body) in &words[..5] {
        let answer = organizer
            .post(format!("/v1/events/{event}/orders"), body)
            .key(word.replace(' ', "-").as_str())
            .await;
        assert!(answer.status == 201 || answer.status == 409, "{word}: {}", answer.text());
    }
}
