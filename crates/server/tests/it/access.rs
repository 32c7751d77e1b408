//! Access tokens: presales, channels and counted limits.

use serde_json::{Value, json};

use crate::client::{Answer, Ask, Client};
use crate::sale::{TestServer, VIP, id_of, text_of};
use crate::stampede::all;

/// 2029-12-31, 2030-01-01 at noon, and 2030-01-02: before, during and after what the tests do.
const YESTERDAY: &str = "2029-12-31T00:00:00Z";
const NOON: &str = "2030-01-01T12:00:00Z";
const TOMORROW: &str = "2030-01-02T00:00:00Z";

async fn token(server: &TestServer, event: &str, body: Value) -> String {
    let made = server.organizer().post(format!("/v1/events/{event}/access"), &body).await.ok(201);
    text_of(&made["token"])
}

fn hold(client: &Client, event: &str, token: &str, place: &str) -> Ask {
    let body = json!({ "buyer": "whoever", "places": [place] });
    client.post(format!("/v1/events/{event}/holds"), &body).header("access-token", token)
}

#[tokio::test]
async fn a_presale_opens_before_everybody_s_and_is_its_bearer_s() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let event = server.event(json!({ "access": "token", "sale": { "opens_at": NOON } })).await;
    let body = json!({ "buyer": "ada", "opens_at": YESTERDAY, "expires_at": TOMORROW });
    let made = server.organizer().post(format!("/v1/events/{event}/access"), &body).await.ok(201);
    assert_eq!(made["expires_at"], "2030-01-02T00:00:00.000Z");
    let ada = text_of(&made["token"]);
    let bare = json!({ "buyer": "ada", "places": ["A-1-1"] });
    browser.post(format!("/v1/events/{event}/holds"), &bare).await.problem(403, "access_required");
    // The token says who buys, whatever the browser says, or when it says nothing.
    let held = hold(&browser, &event, &ada, "A-1-1").await.ok(201);
    assert_eq!(held["buyer"], "ada");
    let nameless = json!({ "places": ["A-1-2"] });
    let asked = browser.post(format!("/v1/events/{event}/holds"), &nameless).header("access-token", &ada);
    assert_eq!(asked.await.ok(201)["buyer"], "ada");
    browser.post(format!("/v1/events/{event}/holds"), &nameless).await.problem(403, "access_required");
    server.organizer().post(format!("/v1/events/{event}/holds"), &nameless).await.invalid(422, "/buyer");
    // A token without a window of its own has the event's; a paused sale is paused for all.
    let bob = token(&server, &event, json!({ "buyer": "bob" })).await;
    let refused = hold(&browser, &event, &bob, "A-1-3").await.problem(409, "sale_not_open");
    assert_eq!(refused["opens_at"], "2030-01-01T12:00:00.000Z");
    server.organizer().patch(format!("/v1/events/{event}"), &json!({ "status": "paused" })).await.ok(200);
    hold(&browser, &event, &ada, "A-1-4").await.problem(409, "sale_paused");
}

#[tokio::test]
async fn a_token_that_is_forged_foreign_or_old_is_worth_nothing() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let (event, other) = (server.event(json!({})).await, server.event(json!({})).await);
    let good = token(&server, &event, json!({ "buyer": "ada", "expires_at": NOON })).await;
    let foreign = token(&server, &other, json!({ "buyer": "ada" })).await;
    let mut forged = good.clone();
    forged.replace_range(10..11, if &forged[10..11] == "A" { "B" } else { "A" });
    for wrong in [forged.as_str(), "", "act_x.y", &foreign, &"x".repeat(2_000)] {
        let told = hold(&browser, &event, wrong, "A-1-1").await.problem(403, "wrong_token");
        assert_eq!(told["retryable"], false);
    }
    let held = hold(&browser, &event, &good, "A-1-1").await.ok(201);
    server.clock.advance_seconds(12 * 3_600);
    hold(&browser, &event, &good, "A-1-2").await.problem(403, "access_required");
    // The seat is free, and everybody may have it: the event is open.
    browser
        .post(format!("/v1/events/{event}/holds"), &json!({ "buyer": "eve", "places": ["A-1-2"] }))
        .await
        .ok(201);
    assert_eq!(held["buyer"], "ada");
}

#[tokio::test]
async fn a_channel_is_sold_to_those_who_may() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({})).await;
    let block = json!({ "places": ["A-1-1", "A-1-2", "A-1-3"], "channel": "fans" });
    organizer.post(format!("/v1/events/{event}/block"), &block).await.ok(200);
    let fan = token(&server, &event, json!({ "buyer": "ada", "channels": ["fans"] })).await;
    let other = token(&server, &event, json!({ "buyer": "bob", "channels": ["sponsors"] })).await;
    let refused = hold(&browser, &event, &other, "A-1-1").await.problem(409, "place_unavailable");
    assert_eq!(refused["reasons"], json!({ "A-1-1": "blocked" }));
    let held = hold(&browser, &event, &fan, "A-1-1").await.ok(201);
    // What a hold gets later needs the token as well, and the holder's.
    let path = format!("/v1/holds/{}", id_of(&held));
    let more = json!({ "token": held["token"], "add": { "places": ["A-1-2"] } });
    browser.patch(&path, &more).await.problem(409, "place_unavailable");
    let eve = token(&server, &event, json!({ "buyer": "eve", "channels": ["fans"] })).await;
    browser.patch(&path, &more).header("access-token", &eve).await.problem(403, "forbidden");
    browser.patch(&path, &more).header("access-token", &fan).await.ok(200);
    browser.delete(&path).header("hold-token", &text_of(&held["token"])).await.ok(200);
    let seats = text_of(&server.availability(&event).await["seats"]);
    assert_eq!(seats.matches('b').count(), 3, "what is released goes back to its channel: {seats}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_with_one_code_as_many_win_as_it_is_good_for() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let event = server.event(json!({})).await;
    let code = json!([{ "key": "code 4711", "max": 5 }]);
    let mut tokens = Vec::new();
    for buyer in 0..50 {
        tokens
            .push(token(&server, &event, json!({ "buyer": format!("buyer {buyer}"), "limits": code })).await);
    }
    let area = json!({ "areas": [{ "name": "Floor", "quantity": 1 }] });
    let path = format!("/v1/events/{event}/holds");
    let ask = |token: &String| browser.post(&path, &area).header("access-token", token);
    let answers: Vec<Answer> = all(tokens.iter().map(ask)).await;
    let won: Vec<Value> = answers.iter().filter(|answer| answer.status == 201).map(Answer::json).collect();
    assert_eq!(won.len(), 5);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let told = answer.problem(409, "limit_exceeded");
        assert_eq!((&told["key"], &told["max"], &told["used"]), (&json!("code 4711"), &json!(5), &json!(5)));
    }
    // What is let go can be had again: released, lapsed, cancelled.
    let first = format!("/v1/holds/{}", id_of(&won[0]));
    browser.delete(&first).header("hold-token", &text_of(&won[0]["token"])).await.ok(200);
    ask(&tokens[0]).await.ok(201);
    ask(&tokens[0]).await.problem(409, "limit_exceeded");
    let confirm = format!("/v1/holds/{}/confirm", id_of(&won[1]));
    let order = server.organizer().post(&confirm, &json!({})).await.ok(201);
    ask(&tokens[0]).await.problem(409, "limit_exceeded");
    server.organizer().post(format!("/v1/orders/{}/cancel", id_of(&order)), &json!({})).await.ok(200);
    ask(&tokens[0]).await.ok(201);
    // An order that grows, and a hold, keep to the code as well: who adds says its limit, or sends the token.
    let last = json!({ "add": { "areas": [{ "name": "Floor", "quantity": 1 }] } });
    let mut more = last.clone();
    more["token"] = won[2]["token"].clone();
    let kept = format!("/v1/holds/{}", id_of(&won[2]));
    browser.patch(&kept, &more).await.problem(403, "access_required");
    let mine = answers
        .iter()
        .position(|answer| answer.status == 201 && answer.json()["id"] == won[2]["id"])
        .unwrap();
    browser.patch(&kept, &more).header("access-token", &tokens[mine]).await.problem(409, "limit_exceeded");
    let mut named = last.clone();
    named["limits"] = code.clone();
    server.organizer().patch(&kept, &last).await.invalid(422, "/limits");
    server.organizer().patch(&kept, &named).await.problem(409, "limit_exceeded");
    more["limits"] = code.clone();
    browser.patch(&kept, &more).header("access-token", &tokens[mine]).await.problem(403, "forbidden");
    let order = server.organizer().post(format!("{kept}/confirm"), &json!({})).await.ok(201);
    let change = format!("/v1/orders/{}/change", id_of(&order));
    server.organizer().post(&change, &last).await.invalid(422, "/limits");
    server.organizer().post(&change, &named).await.problem(409, "limit_exceeded");
    // Staff count under the same key when they say so, and need not keep to it.
    let mut staff = json!({ "buyer": "staff", "places": [VIP], "limits": code });
    let organizer = server.organizer();
    organizer.post(&path, &staff).await.problem(409, "limit_exceeded");
    staff["ignore"] = json!(["limits"]);
    organizer.post(&path, &staff).await.ok(201);
    ask(&tokens[0]).await.problem(409, "limit_exceeded");
}

#[tokio::test]
async fn what_a_token_may_say_is_checked() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/access");
    let with = |name: &str, value: Value| {
        let mut body = json!({ "buyer": "b" });
        body[name] = value;
        body
    };
    let limit = |max: Value| json!([{ "key": "k", "max": max }]);
    let long = "x".repeat(256);
    for (body, pointer) in [
        (json!({}), "/buyer"),
        (with("buyer", json!("")), "/buyer"),
        (with("buyer", json!(long)), "/buyer"),
        (with("opens_at", json!("soon")), "/opens_at"),
        (with("expires_at", json!(YESTERDAY)), "/expires_at"),
        (with("expires_at", json!("2040-01-01T00:00:00Z")), "/expires_at"),
        (json!({ "buyer": "b", "opens_at": TOMORROW, "closes_at": NOON }), "/closes_at"),
        (with("channels", json!(vec!["c"; 33])), "/channels"),
        (with("channels", json!([""])), "/channels/0"),
        (with("limits", limit(json!(0))), "/limits/0/max"),
        (with("limits", limit(json!(1_000_001))), "/limits/0/max"),
        (with("limits", limit(json!(-1))), "/limits/0/max"),
        (with("limits", json!([{ "key": "", "max": 1 }])), "/limits/0/key"),
        (with("limits", json!([{ "key": "k", "max": 1 }, { "key": "k", "max": 2 }])), "/limits/1/key"),
        (with("limits", json!(vec![json!({ "key": "k", "max": 1 }); 8])), "/limits"),
    ] {
        organizer.post(&path, &body).await.invalid(422, pointer);
    }
    // The largest one that may be made fits its header.
    let channels: Vec<String> = (0..32).map(|at| format!("{at:064}")).collect();
    let limits: Vec<Value> = (0..7).map(|at| json!({ "key": format!("{at:0255}"), "max": 1 })).collect();
    let body = json!({ "buyer": "b".repeat(255), "channels": channels, "limits": limits });
    let large = token(&server, &event, body).await;
    hold(&server.browser(), &event, &large, "A-1-1").await.ok(201);
    organizer.post("/v1/events/evt_none/access", &json!({ "buyer": "b" })).await.problem(404, "not_found");
}
