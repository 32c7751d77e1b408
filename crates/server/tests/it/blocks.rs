//! `POST /v1/events/{id}/block` and `…/unblock`: places for a channel.

use serde_json::json;

use crate::sale::{TestServer, id_of};

#[tokio::test]
async fn a_block_keeps_places_from_the_public() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let block = json!({ "places": ["A-1-1", "A-1-2"], "areas": [{ "name": "Floor", "quantity": 45 }], "note": "press" });
    let blocked = organizer.post(format!("{path}/block"), &block).await.ok(200);
    assert_eq!(
        (&blocked["seq"], &blocked["blocked"], &blocked["later"]),
        (&json!(1), &json!(47), &json!([]))
    );
    let take = json!({ "buyer": "b", "places": ["A-1-1"] });
    let refused = organizer.post(format!("{path}/holds"), &take).await.problem(409, "place_unavailable");
    assert_eq!(
        (&refused["places"], &refused["reasons"]),
        (&json!(["A-1-1"]), &json!({ "A-1-1": "blocked" }))
    );
    let floor = json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 6 }] });
    organizer.post(format!("{path}/holds"), &floor).await.problem(409, "sold_out");
    // Whoever presents the channel may have them, and so may staff who leave channels aside.
    let mine = json!({ "buyer": "b", "places": ["A-1-1"], "channels": ["house"] });
    let hold = organizer.post(format!("{path}/holds"), &mine).await.ok(201);
    let staff = json!({ "buyer": "b", "places": ["A-1-2"], "ignore": ["channels"] });
    organizer.post(format!("{path}/holds"), &staff).await.ok(201);
    // What ends goes back to its channel, not to the public.
    organizer.delete(format!("/v1/holds/{}", id_of(&hold))).await.ok(200);
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("bh"));
}

#[tokio::test]
async fn what_somebody_has_follows_later() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let hold = json!({ "buyer": "b", "places": ["A-1-1"] });
    let hold = organizer.post(format!("{path}/holds"), &hold).await.ok(201);
    let order = json!({ "buyer": "b", "places": ["A-1-2"], "ref": "r" });
    let order = organizer.post(format!("{path}/orders"), &order).await.ok(201);
    let block = json!({ "places": ["A-1-1", "A-1-2", "A-1-3"], "channel": "press" });
    let blocked = organizer.post(format!("{path}/block"), &block).await.ok(200);
    assert_eq!(blocked["blocked"], 1);
    let later = json!([{ "place": "A-1-1", "state": "held" }, { "place": "A-1-2", "state": "sold" }]);
    assert_eq!(blocked["later"], later);
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("hsbf"));
    organizer.delete(format!("/v1/holds/{}", id_of(&hold))).await.ok(200);
    organizer.post(format!("/v1/orders/{}/cancel", id_of(&order)), &json!({})).await.ok(200);
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("bbbf"));
    let unblocked = organizer.post(format!("{path}/unblock"), &json!({ "channel": "press" })).await.ok(200);
    assert_eq!((&unblocked["unblocked"], &unblocked["later"]), (&json!(3), &json!([])));
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("ffff"));
}

#[tokio::test]
async fn a_block_that_cannot_be_changes_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let faults = [
        (json!({}), "/places"),
        (json!({ "places": [] }), "/places"),
        (json!({ "places": ["A-1-1"], "channel": "" }), "/channel"),
        (json!({ "places": ["A-1-1"], "channel": "free" }), "/channel"),
        (json!({ "places": ["A-1-1"], "channel": "x".repeat(65) }), "/channel"),
        (json!({ "places": ["A-1-1"], "note": "x".repeat(1_001) }), "/note"),
        (json!({ "places": "A-1-1" }), "/places"),
        (json!({ "places": [1] }), "/places/0"),
        (json!({ "areas": [{ "name": "Floor", "quantity": 0 }] }), "/areas/0/quantity"),
        (json!({ "areas": [{ "name": "Floor", "quantity": -1 }] }), "/areas/0/quantity"),
        (json!({ "places": vec!["A-1-1"; 1_001] }), "/places"),
    ];
    for (body, pointer) in faults {
        organizer.post(format!("{path}/block"), &body).await.invalid(422, pointer);
    }
    let unknown = json!({ "places": ["A-1-1", "B-1-1"], "areas": [{ "name": "Lawn", "quantity": 1 }] });
    let refused = organizer.post(format!("{path}/block"), &unknown).await.problem(409, "place_unavailable");
    assert_eq!(refused["reasons"], json!({ "B-1-1": "unknown", "Lawn": "unknown" }));
    let many = json!({ "areas": [{ "name": "Floor", "quantity": 51 }] });
    organizer.post(format!("{path}/block"), &many).await.problem(409, "place_unavailable");
    let all = json!({ "areas": [{ "name": "Floor", "quantity": 50 }] });
    let empty = server.event(json!({})).await;
    organizer.post(format!("/v1/events/{empty}/block"), &all).await.ok(200);
    let again = organizer.post(format!("/v1/events/{empty}/block"), &all).await;
    assert_eq!(again.problem(409, "place_unavailable")["reasons"], json!({ "Floor": "blocked" }));
    organizer.post(format!("{path}/unblock"), &json!({})).await.invalid(422, "/places");
    for route in ["block", "unblock"] {
        let body = json!({ "places": ["A-1-1"] });
        server.browser().post(format!("{path}/{route}"), &body).await.problem(403, "forbidden");
    }
    assert_eq!(server.availability(&event).await["seq"], 0);
}

#[tokio::test]
async fn channels_are_counted_listed_and_moved() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    assert_eq!(organizer.get(format!("{path}/channels")).await.ok(200)["items"], json!([]));
    organizer.get(format!("{path}/channels/press")).await.problem(404, "not_found");
    let block = json!({
        "places": ["A-1-1", "A-1-2", "A-1-3"], "areas": [{ "name": "Floor", "quantity": 5 }],
        "channel": "press", "note": "until Friday",
    });
    organizer.post(format!("{path}/block"), &block).await.ok(200);
    let order = json!({ "buyer": "b", "places": ["A-1-1"], "areas": [{ "name": "Floor", "quantity": 46 }], "channels": ["press"] });
    organizer.post(format!("{path}/orders"), &order).key("o").await.ok(201);
    let hold = json!({ "buyer": "b", "places": ["A-1-2"], "channels": ["press"] });
    organizer.post(format!("{path}/holds"), &hold).await.ok(201);
    let press = json!({
        "key": "press", "note": "until Friday", "free": 1 + 4, "held": 1, "sold": 1 + 1,
        "areas": [{ "name": "Floor", "free": 4, "held": 0, "sold": 1 }],
    });
    assert_eq!(organizer.get(format!("{path}/channels")).await.ok(200)["items"], json!([press]));
    let first = organizer.get(format!("{path}/channels/press?limit=2")).await.ok(200);
    let seats = json!([{ "place": "A-1-1", "state": "sold" }, { "place": "A-1-2", "state": "held" }]);
    assert_eq!((&first["places"], &first["free"]), (&seats, &json!(5)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = organizer.get(format!("{path}/channels/press?limit=2&cursor={cursor}")).await.ok(200);
    assert_eq!(rest["places"], json!([{ "place": "A-1-3", "state": "blocked" }]));
    assert_eq!(rest["next_cursor"], json!(null));
    // From one channel to another, in one commit: the public never sees a free seat.
    let before = server.availability(&event).await;
    let moved = json!({ "places": ["A-1-3", "A-2-1"], "areas": [{ "name": "Floor", "quantity": 2 }], "channel": "press", "to": "crew" });
    let moved = organizer.post(format!("{path}/unblock"), &moved).await.ok(200);
    assert_eq!(moved["blocked"], 3, "a seat that is not of the channel stays: {moved}");
    let after = server.availability(&event).await;
    assert_eq!(after["seq"].as_u64(), before["seq"].as_u64().map(|seq| seq + 1));
    assert_eq!((&after["seats"], &after["areas"]), (&before["seats"], &before["areas"]));
    let crew = organizer.get(format!("{path}/channels/crew")).await.ok(200);
    assert_eq!(
        (&crew["free"], &crew["places"]),
        (&json!(3), &json!([{ "place": "A-1-3", "state": "blocked" }]))
    );
    // The best seats of a channel, for who presents it.
    let best = |channels: serde_json::Value| json!({ "buyer": "b", "best_available": { "quantity": 1, "channel": "crew" }, "channels": channels });
    organizer.post(format!("{path}/holds"), &best(json!([]))).await.problem(403, "forbidden");
    let held = organizer.post(format!("{path}/holds"), &best(json!(["crew"]))).await.ok(201);
    assert_eq!(held["places"][0]["label"], "A-1-3");
    let free = json!({ "channel": "crew", "to": "free" });
    organizer.post(format!("{path}/unblock"), &free).await.invalid(422, "/to");
    let long = json!({ "places": ["A-3-1"], "note": "x".repeat(1_001) });
    organizer.post(format!("{path}/block"), &long).await.invalid(422, "/note");
}
