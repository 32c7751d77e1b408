//! Who may do what: keys, their scopes, organizations, modes, and what only a secret key may say.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::store::Scope;
use http::Method;
use serde_json::{Value, json};
use server::app::keys;

use crate::client::Client;
use crate::sale::{TestServer, id_of, text_of};

/// A route, with a body that would be right.
struct Route {
    method: Method,
    path: String,
    body: Value,
    /// Whether only secret keys may.
    secret: bool,
    /// The least scope of a secret key that may.
    scope: Scope,
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
    let ticket = text_of(&order["tickets"][0]["id"]);
    let (hold, order) = (format!("/v1/holds/{}", id_of(&hold)), format!("/v1/orders/{}", id_of(&order)));
    let route = |method: Method, path: &str, body: Value, secret: bool, scope: Scope| {
        let path = path.to_owned();
        Route { method, path, body, secret, scope }
    };
    let shared = |method, path: &str, body, scope| route(method, path, body, false, scope);
    let secret = |method, path: &str, body, scope| route(method, path, body, true, scope);
    vec![
        shared(Method::GET, &format!("/v1/charts/{chart}"), json!(null), Scope::Reports),
        shared(Method::GET, &path, json!(null), Scope::Reports),
        shared(Method::GET, &format!("{path}/availability"), json!(null), Scope::Reports),
        shared(Method::GET, &format!("{path}/feed"), json!(null), Scope::Reports),
        shared(Method::POST, &format!("{path}/holds"), take("A-1-3"), Scope::BoxOffice),
        shared(Method::POST, &format!("{path}/orders"), take("A-1-4"), Scope::BoxOffice),
        shared(Method::GET, &hold, json!(null), Scope::Reports),
        shared(Method::PATCH, &hold, json!({ "token": token, "seconds": 700 }), Scope::BoxOffice),
        shared(Method::POST, &format!("{hold}/confirm"), json!({ "token": token }), Scope::BoxOffice),
        shared(Method::DELETE, &other, json!(null), Scope::BoxOffice),
        secret(Method::PATCH, &path, json!({ "name": "Theirs" }), Scope::Integration),
        secret(Method::GET, &format!("{path}/holds"), json!(null), Scope::Reports),
        secret(Method::GET, &format!("{path}/orders"), json!(null), Scope::Reports),
        secret(Method::GET, &format!("{path}/ledger"), json!(null), Scope::Reports),
        secret(Method::POST, &format!("{path}/grace"), json!({ "seconds": 60 }), Scope::Integration),
        secret(Method::POST, &format!("{path}/chart"), json!({ "chart_id": chart }), Scope::Integration),
        secret(Method::POST, &format!("{path}/access"), json!({ "buyer": "b" }), Scope::Integration),
        secret(Method::POST, &format!("{path}/block"), json!({ "places": ["A-1-5"] }), Scope::Integration),
        secret(Method::GET, &format!("{path}/channels"), json!(null), Scope::Reports),
        secret(Method::GET, &format!("{path}/report"), json!(null), Scope::Reports),
        secret(Method::GET, &format!("{path}/exports/orders"), json!(null), Scope::Reports),
        secret(Method::GET, &format!("{path}/channels/house"), json!(null), Scope::Reports),
        secret(Method::POST, &format!("{path}/unblock"), json!({ "places": ["A-1-5"] }), Scope::Integration),
        secret(Method::GET, &order, json!(null), Scope::Reports),
        secret(
            Method::POST,
            &format!("{order}/change"),
            json!({ "swap": [{ "ticket": ticket, "to": { "place": "A-2-1" } }] }),
            Scope::BoxOffice,
        ),
        secret(Method::POST, &format!("{order}/cancel"), json!({}), Scope::BoxOffice),
        secret(Method::DELETE, &path, json!(null), Scope::Integration),
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
        let path = path.to_owned();
        routes.push(Route { method, path, body: json!(null), secret: true, scope: Scope::Reports });
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

/// Routes that name nothing that must be there, so that strangers find nothing to be kept from.
async fn open_routes(server: &TestServer) -> Vec<Route> {
    let chart = server.chart().await;
    let event = json!({ "name": "Show", "chart_id": chart, "currency": "EUR", "prices": { "front": 1 } });
    let route = |method, path: &str, body, secret, scope| {
        let path = path.to_owned();
        Route { method, path, body, secret, scope }
    };
    vec![
        route(Method::GET, "/v1/charts", json!(null), false, Scope::Reports),
        route(Method::POST, "/v1/charts", crate::sale::hall(), true, Scope::Integration),
        route(Method::GET, "/v1/events", json!(null), false, Scope::Reports),
        route(Method::POST, "/v1/events", event, true, Scope::Integration),
        route(Method::GET, "/v1/orders", json!(null), true, Scope::Reports),
        route(Method::POST, "/v1/buyers/erase", json!({ "buyer": "nobody" }), true, Scope::Integration),
    ]
}

/// A path as the API's description has it.
fn pattern(path: &str) -> String {
    let named = |part: &str| match part.split_once('_').map(|(prefix, _)| prefix) {
        None if part == "orders" && path.contains("/exports/") => "{list}".to_owned(),
        None if part == "house" => "{channel}".to_owned(),
        Some("cht") => "{chart}".to_owned(),
        Some("evt") => "{event}".to_owned(),
        Some("hld") => "{hold}".to_owned(),
        Some("ord") => "{order}".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(named).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_key_may_do_what_its_scope_says_and_nothing_else() {
    let server = TestServer::start().await;
    let store: Arc<dyn engine::store::Store> = server.store.clone();
    let organization = store.default_organization().await.unwrap();
    let mut routes = open_routes(&server).await;
    routes.extend(self::routes(&server).await);
    // The matrix is complete: every operation of the API is in it.
    let document: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1/"))
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys().filter(|method| *method != "parameters");
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let tried: BTreeSet<(String, String)> =
        routes.iter().map(|route| (route.method.to_string(), pattern(&route.path))).collect();
    assert_eq!(tried, described);
    for (scope, name) in Scope::ALL.into_iter().rev() {
        let key = keys::create_scoped(&store, organization, false, scope, name).await.unwrap();
        crate::waiting::until("the key is known", async || {
            let known = server.nobody().with_key(&key.text).get("/v1/charts").await;
            (known.status == 200).then_some(())
        })
        .await;
        let client = server.nobody().with_key(&key.text);
        for route in &routes {
            // `Scope::ALL` begins with the one that may do everything.
            let may = scope as usize <= route.scope as usize;
            if may && route.path.ends_with("/feed") {
                continue;
            }
            let answer = ask(&client, route).await;
            let what = format!("{name}: {} {}: {}", route.method, route.path, answer.text());
            if may {
                assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{what}");
            } else {
                assert_eq!((answer.status, &*answer.code()), (403, "forbidden"), "{what}");
                assert!(answer.text().contains(name), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn who_only_reads_learns_nothing_that_releases() {
    let server = TestServer::start().await;
    let store: Arc<dyn engine::store::Store> = server.store.clone();
    let organization = store.default_organization().await.unwrap();
    let event = server.event(json!({})).await;
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let hold = server.organizer().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let key = keys::create_scoped(&store, organization, false, Scope::Reports, "reports").await.unwrap();
    let client = server.nobody().with_key(&key.text);
    crate::waiting::until("the key is known", async || {
        (client.get("/v1/charts").await.status == 200).then_some(())
    })
    .await;
    let token = text_of(&hold["token"]);
    for path in [format!("/v1/holds/{}", id_of(&hold)), format!("/v1/events/{event}/holds")] {
        let told = client.get(&path).await;
        assert!(told.status == 200 && !told.text().contains(&token), "{path}: {}", told.text());
        assert!(server.organizer().get(&path).await.text().contains(&token), "{path}");
    }
}
