//! What every route does alike: request identifiers, CORS, unknown routes and methods. That every "no" is a problem of the
//! right shape, `client` demands of each answer that any test gets.

use http::Method;
use serde_json::json;

use crate::sale::TestServer;

#[tokio::test]
async fn a_request_identifier_is_echoed_or_made() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    for path in ["/v1/events", "/healthz", "/v1/nothing", "/metrics"] {
        let mine = organizer.get(path).header("x-request-id", "req-1_A.b:2").await;
        assert_eq!(mine.header("x-request-id"), "req-1_A.b:2", "{path}");
        let long = "x".repeat(65);
        for wrong in ["", "with space", "a\"b", "ümlaut", &long] {
            let answer = organizer.get(path).header("x-request-id", wrong).await;
            let id = answer.header("x-request-id");
            assert!(id != wrong && id.len() >= 16, "{path}: {id}");
        }
        let made = [organizer.get(path).await, organizer.get(path).await];
        assert_ne!(made[0].header("x-request-id"), made[1].header("x-request-id"));
    }
}

#[tokio::test]
async fn browsers_of_any_shop_may_ask() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let nobody = server.nobody();
    for path in
        ["/v1/charts", &format!("/v1/events/{event}/holds"), &format!("/v1/events/{event}/availability")]
    {
        let preflight = nobody
            .ask(Method::OPTIONS, path)
            .header("origin", "https://shop.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,idempotency-key,hold-token")
            .await;
        assert_eq!(preflight.status, 200, "{path}");
        assert_eq!(preflight.header("access-control-allow-origin"), "*");
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            assert!(preflight.header("access-control-allow-methods").contains(method), "{path}: {method}");
        }
        let allowed = preflight.header("access-control-allow-headers").to_lowercase();
        for name in [
            "authorization",
            "content-type",
            "idempotency-key",
            "hold-token",
            "access-token",
            "last-event-id",
            "if-seq",
            "x-request-id",
        ] {
            assert!(allowed.contains(name), "{path}: {name}");
        }
        assert!(preflight.header("access-control-max-age").parse::<u32>().unwrap() >= 600);
    }
    let origin = "https://shop.example";
    let read = server.browser().get(format!("/v1/events/{event}")).header("origin", origin).await;
    assert_eq!(read.header("access-control-allow-origin"), "*");
    assert!(read.header("access-control-expose-headers").to_lowercase().contains("x-request-id"));
    // A browser must be able to read a refusal as well.
    let refused = server.browser().get("/v1/events/evt_0000000000000").header("origin", origin).await;
    refused.problem(404, "not_found");
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    let unauthorized = nobody.get(format!("/v1/events/{event}")).header("origin", origin).await;
    assert_eq!((unauthorized.status, unauthorized.header("access-control-allow-origin")), (401, "*"));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    for path in [
        "/v1",
        "/v1/",
        "/v2/events",
        "/v1/event",
        "/v1/events/",
        "/nothing",
        "/v1/events/evt_1/nothing",
        "//",
    ] {
        organizer.get(path).await.problem(404, "not_found");
        organizer.post(path, &json!({})).await.problem(404, "not_found");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/v1/events", "POST"),
        (Method::DELETE, "/v1/charts", "POST"),
        (Method::POST, "/v1/holds/hld_1", "PATCH"),
        (Method::GET, "/v1/holds/hld_1/confirm", "POST"),
        (Method::PATCH, "/healthz", "GET"),
        (Method::TRACE, "/v1/orders", "GET"),
    ] {
        let answer = organizer.ask(method.clone(), path).await;
        answer.problem(405, "method_not_allowed");
        assert!(answer.header("allow").contains(allowed), "{method} {path}: {:?}", answer.header("allow"));
    }
    let event = server.event(json!({})).await;
    let head = organizer.ask(Method::HEAD, format!("/v1/events/{event}")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn identifiers_of_nothing_are_not_found() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let text = event.strip_prefix("evt_").unwrap();
    let nothing = "0".repeat(32);
    for (prefix, route, texts) in [
        ("evt_", "/v1/events/", vec!["0000000000000", "x", "", "ÄÖ", "%2e%2e", "%00", "0000000000001"]),
        ("hld_", "/v1/holds/", vec![&*nothing, "x", text, "%ff"]),
        ("ord_", "/v1/orders/", vec![&*nothing, "x", text, "%ff"]),
        ("cht_", "/v1/charts/", vec!["0000000000000", text, "zzzzzzzzzzzzz"]),
    ] {
        for text in texts {
            if text.is_ascii() {
                let answer = organizer.get(format!("{route}{prefix}{text}")).await;
                assert!([400, 404].contains(&answer.status), "{route}{prefix}{text}: {}", answer.text());
            }
        }
    }
    // A hold's identifier that embeds a real event, and a salt that nobody rolled.
    let hold = json!({ "buyer": "b", "places": ["A-1-1"] });
    let hold = crate::sale::id_of(&organizer.post(format!("/v1/events/{event}/holds"), &hold).await.ok(201));
    let last = if hold.ends_with('0') { "8" } else { "0" };
    let forged = format!("{}{last}", &hold[..hold.len() - 1]);
    assert_ne!(forged, hold);
    organizer.get(format!("/v1/holds/{forged}")).await.problem(404, "not_found");
    organizer.delete(format!("/v1/holds/{forged}")).await.problem(404, "not_found");
    organizer.post(format!("/v1/holds/{forged}/confirm"), &json!({})).await.problem(404, "not_found");
    organizer.patch(format!("/v1/holds/{forged}"), &json!({ "seconds": 60 })).await.problem(404, "not_found");
    let order = forged.replace("hld_", "ord_");
    organizer.get(format!("/v1/orders/{order}")).await.problem(404, "not_found");
    organizer.post(format!("/v1/orders/{order}/cancel"), &json!({})).await.problem(404, "not_found");
}
