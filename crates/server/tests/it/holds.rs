//! `/v1/events/{id}/holds` and `/v1/holds/{id}`: making, reading, listing, changing, ending.

use serde_json::{Value, json};
use server::http::HttpOptions;

use crate::client::Ask;
use crate::sale::{Setup, TestServer, VIP, id_of, text_of};
use crate::waiting::until;

/// Seconds by which the deadline that a buyer is told precedes the store's.
const GRACE_SECONDS: i64 = 10;

#[tokio::test]
async fn a_hold_keeps_places_at_the_prices_of_the_moment() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({})).await;
    let body = json!({
        "buyer": "b",
        "places": ["A-1-1", { "place": "A-1-2", "ticket_type": "child" }],
        "areas": [{ "name": "Floor", "quantity": 2, "ticket_type": "adult" }],
        "metadata": { "basket": 7 },
    });
    let hold = browser.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let id = id_of(&hold);
    assert!(id.starts_with("hld_") && text_of(&hold["token"]).len() >= 26);
    let expected = json!({
        "status": "active", "version": 1, "event_id": event, "livemode": false, "buyer": "b", "currency": "EUR",
        "amount": 5_000 + 2_500 + 2 * 2_000,
        "metadata": { "basket": 7 },
        "areas": [{ "name": "Floor", "quantity": 2, "category": "floor", "ticket_type": "adult", "price": 2_000 }],
        "created_at": "2030-01-01T00:00:00.000Z",
        "expires_at": "2030-01-01T00:10:00.000Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&hold[name], value, "{name}");
    }
    let second = json!({
        "label": "A-1-2", "section": "A", "row": "1", "seat": "2", "guid": "g-1-2", "category": "front",
        "ticket_type": "child", "price": 2_500,
    });
    assert_eq!(hold["places"][1], second);
    organizer.patch(format!("/v1/events/{event}"), &json!({ "prices": { "front": 1 } })).await.ok(200);
    let read = organizer.get(format!("/v1/holds/{id}")).await.ok(200);
    assert_eq!(read, hold, "prices are kept as given");
}

#[tokio::test]
async fn a_hold_is_all_or_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    let take = |places: Value| organizer.post(&path, &json!({ "buyer": "b", "places": places }));
    take(json!(["A-1-1"])).await.ok(201);
    let order = json!({ "buyer": "b", "places": ["A-1-2"], "ref": "r" });
    organizer.post(format!("/v1/events/{event}/orders"), &order).await.ok(201);
    let refused = take(json!(["A-1-1", "A-1-2", "A-1-3"])).await.problem(409, "place_unavailable");
    assert_eq!(refused["reasons"], json!({ "A-1-1": "held", "A-1-2": "sold" }));
    assert_eq!(refused["retryable"], false);
    let unknown = take(json!(["A-1-3", "Z-9-9"])).await.problem(409, "place_unavailable");
    assert_eq!(unknown["reasons"], json!({ "Z-9-9": "unknown" }));
    let floor = |quantity: u32| json!({ "buyer": "b", "places": ["A-1-3"], "areas": [{ "name": "Floor", "quantity": quantity }] });
    organizer.post(&path, &floor(51)).await.problem(409, "sold_out");
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("hsff"));
    organizer.post(&path, &floor(50)).await.ok(201);
    let all_held =
        organizer.post(&path, &json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 1 }] })).await;
    assert_eq!(all_held.problem(409, "all_held")["retryable"], true);
    let not_priced = json!({ "buyer": "b", "places": [{ "place": VIP, "ticket_type": "child" }] });
    let not_priced = organizer.post(&path, &not_priced).await.problem(422, "not_priced");
    assert_eq!((&not_priced["category"], &not_priced["ticket_type"]), (&json!("vip"), &json!("child")));
}

#[tokio::test]
async fn a_ref_belongs_to_one_running_hold_of_its_event() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let ask = |event: &str, place: &str| {
        let body = json!({ "buyer": "b", "places": [place], "ref": "cart-7", "seconds": 60 });
        organizer.post(format!("/v1/events/{event}/holds"), &body)
    };
    let (one, other) = tokio::join!(ask(&event, "A-1-1"), ask(&event, "A-1-2"));
    let (made, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    let made = made.ok(201);
    let refused = refused.problem(409, "ref_taken");
    assert_eq!((&refused["hold_id"], &refused["retryable"]), (&made["id"], &json!(false)));
    let refused = ask(&event, "A-1-3").await.problem(409, "ref_taken");
    assert_eq!(refused["hold_id"], made["id"]);
    // An order's ref is of its own kind, and so is that of another event's hold.
    let order = json!({ "buyer": "b", "places": ["A-1-4"], "ref": "cart-7" });
    organizer.post(format!("/v1/events/{event}/orders"), &order).await.ok(201);
    let another = server.event(json!({})).await;
    ask(&another, "A-1-1").await.ok(201);
    // What ended gives its ref back: by its owner, and by the clock, whether or not anybody swept.
    let path = format!("/v1/holds/{}", id_of(&made));
    organizer.delete(path).await.ok(200);
    ask(&event, "A-1-3").await.ok(201);
    server.clock.advance_seconds(60 + GRACE_SECONDS);
    ask(&event, "A-1-5").await.ok(201);
}

#[tokio::test]
async fn best_available_chooses_and_says_why_it_cannot() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    let best = |wish: Value| organizer.post(&path, &json!({ "buyer": "b", "best_available": wish }));
    let pair = best(json!({ "quantity": 2, "categories": ["front"], "adjacent": true })).await.ok(201);
    let labels: Vec<&Value> =
        pair["places"].as_array().unwrap().iter().map(|place| &place["label"]).collect();
    assert_eq!(labels, ["A-1-5", "A-1-6"], "side by side, nearest to the stage's middle");
    let family = best(json!({ "ticket_types": ["adult", "child"], "sections": ["A"] })).await.ok(201);
    let types: Vec<&Value> =
        family["places"].as_array().unwrap().iter().map(|place| &place["ticket_type"]).collect();
    assert_eq!(types, ["adult", "child"]);
    let wheels = best(json!({ "quantity": 1, "accessible": true })).await.ok(201);
    assert!(["A-3-1", "A-3-2"].contains(&wheels["places"][0]["label"].as_str().unwrap()));
    best(json!({ "quantity": 9, "categories": ["front"] })).await.problem(409, "all_held");
    best(json!({ "quantity": 9, "categories": ["front"], "adjacent": true })).await.problem(409, "all_held");
    best(json!({ "quantity": 8, "categories": ["vip"] })).await.problem(409, "sold_out");
    for (wish, pointer) in [
        (json!({}), "/best_available/quantity"),
        (json!({ "quantity": 0 }), "/best_available/quantity"),
        (json!({ "quantity": 101 }), "/best_available/quantity"),
        (json!({ "quantity": 1, "ticket_types": ["adult"] }), "/best_available/quantity"),
        (json!({ "ticket_types": [] }), "/best_available/ticket_types"),
        (json!({ "ticket_types": ["senior"] }), "/best_available/ticket_types/0"),
        (json!({ "quantity": 1, "categories": ["gold"] }), "/best_available/categories/0"),
        (json!({ "quantity": 1, "sections": ["Z"] }), "/best_available/sections/0"),
        (json!({ "quantity": 1, "sections": [] }), "/best_available/sections"),
    ] {
        best(wish).await.invalid(422, pointer);
    }
    let scattered = ["A-2-2", "A-2-4", "A-2-6", "A-2-8", "A-3-4", "A-3-6", "A-3-8", "A-3-10"];
    for place in scattered {
        let order = json!({ "buyer": "b", "places": [place], "ref": place });
        let answer = organizer.post(format!("/v1/events/{event}/orders"), &order).await;
        assert!(answer.status == 201 || answer.json()["reasons"][place] == "held");
    }
    let adjacent = json!({ "quantity": 4, "categories": ["back"], "adjacent": true });
    best(adjacent).await.problem(409, "not_enough_adjacent");
    best(json!({ "quantity": 4, "categories": ["back"] })).await.ok(201);
}

#[tokio::test]
async fn a_browser_needs_the_hold_s_token() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({ "public_confirm": true })).await;
    let take = |place: &str| {
        browser.post(format!("/v1/events/{event}/holds"), &json!({ "buyer": "b", "places": [place] }))
    };
    let (mine, another) = (take("A-1-1").await.ok(201), take("A-1-2").await.ok(201));
    let path = format!("/v1/holds/{}", id_of(&mine));
    let (token, wrong) = (text_of(&mine["token"]), text_of(&another["token"]));
    let confirm = format!("{path}/confirm");
    let empty = json!({});
    let more = json!({ "seconds": 700 });
    let asks: [&dyn Fn() -> Ask; 4] = [
        &|| browser.get(&path),
        &|| browser.patch(&path, &more),
        &|| browser.post(&confirm, &empty),
        &|| browser.delete(&path),
    ];
    for ask in asks {
        ask().await.problem(403, "wrong_token");
        for wrong in [&*wrong, "", "x", &token[1..]] {
            ask().header("hold-token", wrong).await.problem(403, "wrong_token");
        }
    }
    // A secret key needs none, but one that is sent must match.
    organizer.get(&path).await.ok(200);
    organizer.get(&path).header("hold-token", &wrong).await.problem(403, "wrong_token");
    organizer.delete(&path).header("hold-token", &wrong).await.problem(403, "wrong_token");
    let in_body = json!({ "token": wrong });
    browser.post(&confirm, &in_body).await.problem(403, "wrong_token");
    organizer.post(&confirm, &in_body).await.problem(403, "wrong_token");
    browser.patch(&path, &json!({ "token": wrong, "seconds": 700 })).await.problem(403, "wrong_token");
    for ask in &asks[..3] {
        assert!(ask().header("hold-token", &token).await.status < 300);
    }
    browser
        .patch(format!("/v1/holds/{}", id_of(&another)), &json!({ "token": wrong, "seconds": 700 }))
        .await
        .ok(200);
    let ended =
        browser.delete(format!("/v1/holds/{}", id_of(&another))).header("hold-token", &wrong).await.ok(200);
    assert_eq!(ended["status"], "released");
}

#[tokio::test]
async fn running_holds_are_listed_for_the_organizer() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/holds");
    let mut made = Vec::new();
    for seat in 1..=5 {
        let body = json!({ "buyer": "b", "places": [format!("A-1-{seat}")], "seconds": 100 * seat });
        made.push(organizer.post(&path, &body).await.ok(201));
    }
    organizer.delete(format!("/v1/holds/{}", id_of(&made[3]))).await.ok(200);
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&made[4])), &json!({})).await.ok(201);
    let page = organizer.get(format!("{path}?limit=2")).await.ok(200);
    assert_eq!(page["items"], json!([made[0], made[1]]));
    let cursor = text_of(&page["next_cursor"]);
    let rest = organizer.get(format!("{path}?limit=2&cursor={cursor}")).await.ok(200);
    assert_eq!((&rest["items"], &rest["next_cursor"]), (&json!([made[2]]), &json!(null)));
    server.clock.advance_seconds(100 + GRACE_SECONDS);
    until("the first one's end", async || {
        let items = organizer.get(&path).await.ok(200)["items"].clone();
        (items == json!([made[1], made[2]])).then_some(())
    })
    .await;
    server.browser().get(&path).await.problem(403, "forbidden");
}

#[tokio::test]
async fn an_edit_adds_and_removes_in_one_step_and_never_moves_the_deadline() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let body =
        json!({ "buyer": "b", "places": ["A-1-1", "A-1-2"], "areas": [{ "name": "Floor", "quantity": 3 }] });
    let hold = organizer.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let path = format!("/v1/holds/{}", id_of(&hold));
    server.clock.advance_seconds(60);
    let edit = json!({
        "add": { "places": [{ "place": "A-2-1", "ticket_type": "child" }] },
        "remove": { "places": ["A-1-1"], "areas": [{ "name": "Floor", "quantity": 2 }] },
    });
    let edited = organizer.patch(&path, &edit).await.ok(200);
    assert_eq!((&edited["version"], &edited["expires_at"]), (&json!(2), &hold["expires_at"]));
    assert_eq!(edited["amount"], 5_000 + 3_000 + 2_000);
    let labels: Vec<&Value> =
        edited["places"].as_array().unwrap().iter().map(|place| &place["label"]).collect();
    assert_eq!(
        (labels, &edited["areas"][0]["quantity"]),
        (vec![&json!("A-1-2"), &json!("A-2-1")], &json!(1))
    );
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("fhffffffffh"));
    // What cannot be done whole is not done at all.
    let other = json!({ "buyer": "c", "places": ["A-3-3"] });
    organizer.post(format!("/v1/events/{event}/holds"), &other).await.ok(201);
    for (edit, status, code) in [
        (
            json!({ "add": { "places": ["A-3-3"] }, "remove": { "places": ["A-1-2"] } }),
            409,
            "place_unavailable",
        ),
        (json!({ "add": { "places": ["Z-1-1"] } }), 409, "place_unavailable"),
        (json!({ "add": { "places": ["A-3-4"] }, "remove": { "places": ["A-1-1"] } }), 422, "validation"),
        (
            json!({ "remove": { "places": ["A-1-2", "A-2-1"], "areas": [{ "name": "Floor", "quantity": 1 }] } }),
            422,
            "validation",
        ),
        (json!({ "remove": { "areas": [{ "name": "Floor", "quantity": 2 }] } }), 422, "validation"),
        (json!({ "remove": { "areas": [{ "name": "Lawn", "quantity": 1 }] } }), 409, "place_unavailable"),
        (json!({ "add": {} }), 422, "validation"),
        (json!({}), 422, "validation"),
        (json!({ "seconds": 0 }), 422, "validation"),
        (json!({ "seconds": -5 }), 422, "validation"),
        (json!({ "seconds": 7_776_001 }), 422, "validation"),
    ] {
        organizer.patch(&path, &edit).await.problem(status, code);
    }
    assert_eq!(organizer.get(&path).await.ok(200), edited);
}

#[tokio::test]
async fn a_hold_is_extended_up_to_its_cap_and_never_shortened() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({})).await;
    let body = json!({ "buyer": "b", "places": ["A-1-1"], "seconds": 100 });
    let hold = browser.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let path = format!("/v1/holds/{}", id_of(&hold));
    let token = text_of(&hold["token"]);
    let extend = async |seconds: u32| {
        let answer = browser.patch(&path, &json!({ "token": token, "seconds": seconds })).await.ok(200);
        text_of(&answer["expires_at"])
    };
    assert_eq!(extend(50).await, "2030-01-01T00:01:40.000Z", "never an earlier one");
    assert_eq!(extend(200).await, "2030-01-01T00:03:20.000Z");
    server.clock.advance_seconds(100);
    // However often the button is pressed: at most max_hold_seconds from creation.
    for _ in 0..3 {
        assert_eq!(extend(100_000).await, "2030-01-01T00:15:00.000Z");
    }
    let staff = organizer.patch(&path, &json!({ "seconds": 7_776_000 })).await.ok(200);
    assert_eq!(staff["expires_at"], "2030-04-01T00:00:00.000Z", "90 days from its creation");
    let long = json!({ "buyer": "b", "places": ["A-1-2"], "seconds": 10_000 });
    let long = browser.post(format!("/v1/events/{event}/holds"), &long).await.ok(201);
    assert_eq!(long["expires_at"], "2030-01-01T00:16:40.000Z", "max_hold_seconds after 00:01:40");
}

#[tokio::test]
async fn a_hold_ends_ten_seconds_after_its_buyer_was_told() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let take = |place: &str| {
        let body = json!({ "buyer": "b", "places": [place], "seconds": 60 });
        organizer.post(format!("/v1/events/{event}/holds"), &body)
    };
    let (late, too_late) = (take("A-1-1").await.ok(201), take("A-1-2").await.ok(201));
    assert_eq!(late["expires_at"], "2030-01-01T00:01:00.000Z");
    let confirm = |hold: &Value| organizer.post(format!("/v1/holds/{}/confirm", id_of(hold)), &json!({}));
    server.clock.advance_seconds(60 + GRACE_SECONDS - 1);
    confirm(&late).await.ok(201);
    let read = organizer.get(format!("/v1/holds/{}", id_of(&too_late))).await.ok(200);
    assert_eq!(read["status"], "active");
    server.clock.advance_seconds(1);
    let expired = confirm(&too_late).await.problem(409, "hold_expired");
    assert_eq!((&expired["hold_status"], &expired["retryable"]), (&json!("expired"), &json!(false)));
    let path = format!("/v1/holds/{}", id_of(&too_late));
    until("its end", async || (organizer.get(&path).await.ok(200)["status"] == "expired").then_some(()))
        .await;
    organizer.patch(&path, &json!({ "seconds": 60 })).await.problem(409, "hold_expired");
    assert_eq!(organizer.delete(&path).await.ok(200)["status"], "expired");
    // The seat is somebody else's now; the late payment does not take it back.
    let next = until("the seat", async || {
        let answer = take("A-1-2").await;
        (answer.status == 201).then(|| answer.json())
    })
    .await;
    confirm(&too_late).await.problem(409, "hold_expired");
    assert_eq!(confirm(&next).await.ok(201)["places"][0]["label"], "A-1-2");
}

#[tokio::test]
async fn a_released_hold_is_over() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let body = json!({ "buyer": "b", "places": ["A-1-1"], "areas": [{ "name": "Floor", "quantity": 5 }] });
    let hold = organizer.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let path = format!("/v1/holds/{}", id_of(&hold));
    let released = organizer.delete(&path).await.ok(200);
    assert_eq!(
        (&released["status"], &released["ended_at"]),
        (&json!("released"), &json!("2030-01-01T00:00:00.000Z"))
    );
    assert_eq!(organizer.delete(&path).await.ok(200), released, "once more is no harm");
    let refused = organizer.post(format!("{path}/confirm"), &json!({})).await.problem(409, "hold_expired");
    assert_eq!(refused["hold_status"], "released");
    organizer.patch(&path, &json!({ "seconds": 60 })).await.problem(409, "hold_expired");
    let free = server.availability(&event).await;
    assert_eq!(
        (free["areas"]["Floor"]["free"].as_u64(), free["seats"].as_str().unwrap().find('h')),
        (Some(50), None)
    );
    server.organizer().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
}

#[tokio::test]
async fn limits_hold_per_buyer_and_per_client() {
    let http = HttpOptions { max_held_per_client: 5, ..HttpOptions::default() };
    let server = TestServer::start_with(Setup { http, ..Setup::default() }).await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({ "max_per_buyer": 3 })).await;
    let path = format!("/v1/events/{event}/holds");
    let floor = |buyer: &str, quantity: u32| json!({ "buyer": buyer, "areas": [{ "name": "Floor", "quantity": quantity }] });
    let first = browser.post(&path, &floor("ann", 3)).await.ok(201);
    let refused = organizer.post(&path, &floor("ann", 1)).await.problem(409, "limit_exceeded");
    assert_eq!((&refused["key"], &refused["max"], &refused["used"]), (&json!("ann"), &json!(3), &json!(3)));
    let mut staff = floor("ann", 1);
    staff["ignore"] = json!(["limits"]);
    organizer.post(&path, &staff).await.ok(201);
    browser.post(&path, &floor("bob", 2)).await.ok(201);
    // Another name does not help the same client.
    let refused = browser.post(&path, &floor("eve", 1)).await.problem(409, "limit_exceeded");
    assert_eq!((&refused["max"], &refused["used"]), (&json!(5), &json!(5)));
    organizer.post(&path, &floor("eve", 1)).await.ok(201);
    let token = text_of(&first["token"]);
    browser.delete(format!("/v1/holds/{}", id_of(&first))).header("hold-token", &token).await.ok(200);
    browser.post(&path, &floor("eve", 1)).await.ok(201);
    for ignore in [json!(["everything"]), json!("limits")] {
        let mut body = floor("x", 1);
        body["ignore"] = ignore;
        organizer.post(&path, &body).await.problem(422, "validation");
    }
}
