//! `/v1/events`: making, reading, listing, changing, deleting.

use serde_json::{Value, json};

use crate::client::Feed;
use crate::sale::{TestServer, id_of, settings_of};

#[tokio::test]
async fn an_event_has_defaults_for_all_but_its_name_and_places() {
    let server = TestServer::start().await;
    let body =
        json!({ "name": "Club Night", "areas": [{ "name": "Floor", "capacity": 300, "category": "any" }] });
    let event = server.organizer().post("/v1/events", &body).await.ok(201);
    let expected = json!({
        "name": "Club Night", "seq": 0, "livemode": false, "currency": "EUR", "status": "open", "capacity": 300,
        "hold_seconds": 600, "max_hold_seconds": 900, "max_per_buyer": null, "public_confirm": false,
        "access": "open", "prices": null, "starts_at": null, "chart_id": null, "categories": ["any"],
        "ticket_types": [{ "key": "standard", "name": "Standard", "public": true }],
        "created_at": "2030-01-01T00:00:00.000Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&event[name], value, "{name}");
    }
    let read = server.organizer().get(format!("/v1/events/{}", id_of(&event))).await.ok(200);
    assert_eq!(read, event);
}

#[tokio::test]
async fn an_event_that_cannot_be_names_the_field() {
    let server = TestServer::start().await;
    let chart = server.chart().await;
    let organizer = server.organizer();
    let with = |name: &str, value: Value| {
        let mut body = settings_of(&chart);
        body[name] = value;
        body
    };
    let area =
        |name: &str, capacity: Value| json!([{ "name": name, "capacity": capacity, "category": "floor" }]);
    let faults = [
        (with("name", json!(" ")), "/name"),
        (with("name", json!("x".repeat(201))), "/name"),
        (with("name", json!(["x"])), "/name"),
        (with("currency", json!("euro")), "/currency"),
        (with("starts_at", json!("tomorrow")), "/starts_at"),
        (with("sale", json!({ "opens_at": "2030-13-01T00:00:00Z" })), "/sale/opens_at"),
        (
            with("sale", json!({ "opens_at": "2030-02-01T00:00:00Z", "closes_at": "2030-01-01T00:00:00Z" })),
            "/sale/closes_at",
        ),
        (with("status", json!("on")), "/status"),
        (with("hold_seconds", json!(0)), "/hold_seconds"),
        (with("hold_seconds", json!(-1)), "/hold_seconds"),
        (with("hold_seconds", json!(7_776_001)), "/hold_seconds"),
        (with("max_hold_seconds", json!(0)), "/max_hold_seconds"),
        (with("max_per_buyer", json!(0)), "/max_per_buyer"),
        (with("max_per_buyer", json!(1.5)), "/max_per_buyer"),
        (with("public_confirm", json!("yes")), "/public_confirm"),
        (with("access", json!("closed")), "/access"),
        (with("ticket_types", json!([])), "/ticket_types"),
        (with("ticket_types", json!([{ "key": "a" }, { "key": "a" }])), "/ticket_types/1/key"),
        (with("ticket_types", json!([{ "key": "" }])), "/ticket_types/0/key"),
        (with("prices", json!({ "gold": 1 })), "/prices/gold"),
        (with("prices", json!({ "front": -1 })), "/prices/front"),
        (with("prices", json!({ "front": { "senior": 1 } })), "/prices/front/senior"),
        (with("prices", json!({ "front": { "adult": 1_000_000_000_001_i64 } })), "/prices/front/adult"),
        (with("areas", area("Floor", json!(1))), "/areas/0/name"),
        (with("areas", area("Lawn", json!(0))), "/areas/0/capacity"),
        (with("areas", area("Lawn", json!(10_000_001))), "/areas/0/capacity"),
        (with("areas", area("Lawn", json!(-5))), "/areas/0/capacity"),
        (with("areas", area("", json!(5))), "/areas/0/name"),
        (with("metadata", json!([1])), "/metadata"),
        (with("metadata", json!({ "x": "y".repeat(4_096) })), "/metadata"),
        (with("ref", json!("")), "/ref"),
        (with("ref", json!("x".repeat(256))), "/ref"),
    ];
    for (body, pointer) in faults {
        organizer.post("/v1/events", &body).await.invalid(422, pointer);
    }
    organizer.post("/v1/events", &json!({ "name": "Nowhere" })).await.invalid(422, "/chart_id");
    organizer
        .post("/v1/events", &with("chart_id", json!("cht_0000000000000")))
        .await
        .problem(404, "not_found");
    assert_eq!(organizer.get("/v1/events").await.ok(200)["items"], json!([]));
    server.browser().post("/v1/events", &settings_of(&chart)).await.problem(403, "forbidden");
}

#[tokio::test]
async fn events_are_listed_by_status_and_ref_and_page() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let chart = server.chart().await;
    let mut ids = Vec::new();
    for at in 0..7 {
        let status = ["open", "draft", "paused"][at % 3];
        let settings = json!({ "status": status, "ref": format!("show-{at}"), "metadata": { "at": at } });
        ids.push(server.event_of(&organizer, &chart, settings).await);
    }
    let listed = async |client: &crate::client::Client, query: &str| -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = client.get(format!("/v1/events?limit=2{query}{cursor}")).await.ok(200);
            ids.extend(page["items"].as_array().unwrap().iter().map(id_of));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    };
    assert_eq!(listed(&organizer, "").await, ids);
    assert_eq!(listed(&organizer, "&status=draft").await, [ids[1].clone(), ids[4].clone()]);
    assert_eq!(listed(&organizer, "&ref=show-5").await, [ids[5].clone()]);
    let seen = listed(&server.browser(), "").await;
    assert_eq!(seen.len(), 5, "drafts are nobody's business");
    assert!(!seen.contains(&ids[1]));
    organizer.get("/v1/events?status=on").await.invalid(400, "/query/status");
    let twice = json!({ "name": "x", "chart_id": chart, "ref": "show-0" });
    organizer.post("/v1/events", &twice).await.problem(409, "ref_taken");
}

#[tokio::test]
async fn a_ref_stays_unique_when_it_is_changed() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let first = server.event(json!({ "ref": "first" })).await;
    let second = server.event(json!({})).await;
    let rename = async |event: &str, reference: &str| {
        organizer.patch(format!("/v1/events/{event}"), &json!({ "ref": reference })).await
    };
    let taken = rename(&second, "first").await.problem(409, "ref_taken");
    assert_eq!(taken["event_id"], first);
    rename(&first, "first").await.ok(200);
    rename(&first, "moved on").await.ok(200);
    assert_eq!(rename(&second, "first").await.ok(200)["ref"], "first");
    rename(&first, "first").await.problem(409, "ref_taken");
}

#[tokio::test]
async fn one_of_the_two_times_of_a_hold_draws_the_other_with_it() {
    let server = TestServer::start().await;
    for (settings, expected) in [
        (json!({ "max_hold_seconds": 300 }), (300, 300)),
        (json!({ "max_hold_seconds": 700 }), (600, 700)),
        (json!({ "hold_seconds": 1_200 }), (1_200, 1_200)),
        (json!({ "hold_seconds": 60 }), (60, 900)),
    ] {
        let event = server.event(settings.clone()).await;
        let event = server.organizer().get(format!("/v1/events/{event}")).await.ok(200);
        let times = (event["hold_seconds"].clone(), event["max_hold_seconds"].clone());
        assert_eq!(times, (json!(expected.0), json!(expected.1)), "{settings}");
    }
    let both = json!({ "name": "x", "chart_id": server.chart().await, "hold_seconds": 600, "max_hold_seconds": 599 });
    server.organizer().post("/v1/events", &both).await.invalid(422, "/max_hold_seconds");
}

#[tokio::test]
async fn a_browser_sees_no_draft_and_nothing_of_the_organizer_s() {
    let server = TestServer::start().await;
    let (organizer, browser) = (server.organizer(), server.browser());
    let event = server.event(json!({ "status": "draft", "ref": "mine", "metadata": { "a": 1 } })).await;
    let path = format!("/v1/events/{event}");
    let holds = format!("{path}/holds");
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    browser.get(&path).await.problem(404, "not_found");
    browser.get(format!("{path}/availability")).await.problem(404, "not_found");
    browser.get(format!("{path}/feed")).await.problem(404, "not_found");
    browser.post(&holds, &body).await.problem(404, "not_found");
    organizer.post(&holds, &body).await.problem(409, "sale_not_open");
    let full = organizer.patch(&path, &json!({ "status": "open" })).await.ok(200);
    assert_eq!(
        (&full["status"], &full["ref"], &full["metadata"]),
        (&json!("open"), &json!("mine"), &json!({ "a": 1 }))
    );
    let shown = browser.get(&path).await.ok(200);
    assert!(shown["ref"].is_null() && shown["metadata"].is_null());
    let types: Vec<&Value> = shown["ticket_types"].as_array().unwrap().iter().map(|t| &t["key"]).collect();
    assert_eq!(types, ["adult", "child"]);
    browser.post(&holds, &body).await.ok(201);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 4 })).await;
    let path = format!("/v1/events/{event}");
    let before = organizer.get(&path).await.ok(200);
    let patch =
        json!({ "name": "Second Night", "max_per_buyer": null, "prices": { "back": 1 }, "hold_seconds": 60 });
    let after = organizer.patch(&path, &patch).await.ok(200);
    assert_eq!(after, organizer.get(&path).await.ok(200));
    for (name, value) in before.as_object().unwrap() {
        match name.as_str() {
            "seq" => assert_eq!(after["seq"], 1),
            name if patch.get(name).is_some() => assert_eq!(after[name], patch[name]),
            name => assert_eq!(&after[name], value, "{name}"),
        }
    }
    for (field, value) in [("chart_id", json!("cht_x")), ("currency", json!("USD"))] {
        organizer.patch(&path, &json!({ field: value })).await.invalid(422, &format!("/{field}"));
    }
    organizer.patch(&path, &json!({ "hold_seconds": 901 })).await.invalid(422, "/max_hold_seconds");
    organizer.patch(&path, &json!({ "name": 1 })).await.invalid(422, "/name");
    server.browser().patch(&path, &json!({ "name": "Mine" })).await.problem(403, "forbidden");
    assert_eq!(organizer.get(&path).await.ok(200), after);
}

#[tokio::test]
async fn areas_grow_and_open_maps_see_it() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let lawn = |capacity: u32| json!({ "name": "Lawn", "capacity": capacity, "category": "front" });
    let event = server.event(json!({ "areas": [lawn(2)] })).await;
    let path = format!("/v1/events/{event}");
    let holds = format!("{path}/holds");
    let three = json!({ "buyer": "b", "areas": [{ "name": "Lawn", "quantity": 3 }] });
    let counts = |free: u32, held: u32| json!({ "free": free, "held": held, "sold": 0, "blocked": 0 });
    let mut listener = Feed::join(server.browser().get(format!("{path}/feed"))).await;
    assert_eq!(listener.next().await.data["areas"]["Lawn"], counts(2, 0));
    organizer.post(&holds, &three).await.problem(409, "sold_out");

    for (areas, pointer) in [
        (json!([]), "/areas"),
        (json!([lawn(1)]), "/areas/0/capacity"),
        (json!([{ "name": "Lawn", "capacity": 2, "category": "back" }]), "/areas/0/category"),
        (json!([lawn(2), { "name": "Bar", "capacity": 1, "category": "front" }]), "/areas/1/name"),
        (json!([lawn(2), lawn(3)]), "/areas"),
    ] {
        organizer.patch(&path, &json!({ "areas": areas })).await.invalid(422, pointer);
    }
    let after = organizer.patch(&path, &json!({ "areas": [lawn(4)] })).await.ok(200);
    assert_eq!(after["areas"][1], lawn(4));
    let told = listener.next().await;
    assert_eq!((told.event.as_str(), &told.data["areas"]), ("event", &after["areas"]));
    let told = listener.next().await;
    let areas = json!({ "Lawn": counts(4, 0) });
    assert_eq!((told.event.as_str(), &told.data["areas"]), ("commit", &areas));
    organizer.post(&holds, &three).await.ok(201);
    assert_eq!(server.availability(&event).await["areas"]["Lawn"], counts(1, 3));
}

#[tokio::test]
async fn a_status_says_what_may_be_done() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let take =
        |place: &str| organizer.post(format!("{path}/holds"), &json!({ "buyer": "b", "places": [place] }));
    let confirm = |hold: &Value| organizer.post(format!("/v1/holds/{}/confirm", id_of(hold)), &json!({}));
    let (first, second, third) =
        (take("A-1-1").await.ok(201), take("A-1-2").await.ok(201), take("A-1-3").await.ok(201));
    organizer.patch(&path, &json!({ "status": "paused" })).await.ok(200);
    assert_eq!(take("A-2-1").await.problem(409, "sale_paused")["retryable"], true);
    confirm(&first).await.ok(201);
    organizer.patch(&path, &json!({ "status": "closed" })).await.ok(200);
    assert_eq!(take("A-2-1").await.problem(409, "sale_closed")["retryable"], false);
    let order = confirm(&second).await.ok(201);
    let staff = json!({ "buyer": "b", "places": ["A-2-1"], "ignore": ["sale_window"] });
    organizer.post(format!("{path}/holds"), &staff).await.ok(201);
    organizer.patch(&path, &json!({ "status": "cancelled" })).await.ok(200);
    confirm(&third).await.problem(409, "event_cancelled");
    take("A-2-2").await.problem(409, "event_cancelled");
    organizer.post(format!("{path}/holds"), &staff).await.problem(409, "event_cancelled");
    organizer.patch(&path, &json!({ "status": "open" })).await.problem(409, "event_cancelled");
    // Holds are released, nothing is free again, and orders stay until they are cancelled one by one.
    let seats = crate::waiting::until("the holds' end", async || {
        let seats = server.availability(&event).await["seats"].as_str().unwrap().to_owned();
        (!seats.contains('h')).then_some(seats)
    })
    .await;
    assert!(!seats.contains('f'), "{seats}");
    assert_eq!(seats.matches('s').count(), 2);
    let cancelled = organizer.post(format!("/v1/orders/{}/cancel", id_of(&order)), &json!({})).await.ok(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert!(!server.availability(&event).await["seats"].as_str().unwrap().contains('f'));
}

#[tokio::test]
async fn a_sale_has_its_window() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let window = json!({ "opens_at": "2030-01-01T00:10:00Z", "closes_at": "2030-01-01T01:20:00+01:00" });
    let event = server.event(json!({ "sale": window })).await;
    let path = format!("/v1/events/{event}/holds");
    let take = |place: &str| organizer.post(&path, &json!({ "buyer": "b", "places": [place] }));
    let early = take("A-1-1").await.problem(409, "sale_not_open");
    assert_eq!(early["opens_at"], "2030-01-01T00:10:00.000Z");
    server.clock.advance_seconds(600);
    let hold = crate::waiting::until("the opening", async || {
        let answer = take("A-1-1").await;
        (answer.status == 201).then(|| answer.json())
    })
    .await;
    server.clock.advance_seconds(599);
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({})).await.ok(201);
    let last = take("A-1-2").await.ok(201);
    server.clock.advance_seconds(1);
    crate::waiting::until("the closing", async || {
        (take("A-1-3").await.code() == "sale_closed").then_some(())
    })
    .await;
    // A hold made in time may be confirmed after the sale has closed.
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&last)), &json!({})).await.ok(201);
}

#[tokio::test]
async fn only_test_events_can_be_deleted() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let order = json!({ "buyer": "b", "places": ["A-1-1"], "ref": "r" });
    let order = id_of(&organizer.post(format!("{path}/orders"), &order).await.ok(201));
    server.browser().delete(&path).await.problem(403, "forbidden");
    assert_eq!(organizer.delete(&path).await.status, 204);
    organizer.get(&path).await.problem(404, "not_found");
    organizer.get(format!("/v1/orders/{order}")).await.problem(404, "not_found");
    organizer.delete(&path).await.problem(404, "not_found");
    assert_eq!(organizer.get("/v1/events").await.ok(200)["items"], json!([]));
    assert_eq!(organizer.get("/v1/orders").await.ok(200)["items"], json!([]));
    let live = server.nobody().with_key(&server.keys.live_secret);
    let area = json!({ "name": "Real", "areas": [{ "name": "Floor", "capacity": 1, "category": "c" }] });
    let real = live.post("/v1/events", &area).await.ok(201);
    assert_eq!(real["livemode"], true);
    live.delete(format!("/v1/events/{}", id_of(&real))).await.problem(403, "forbidden");
    live.get(format!("/v1/events/{}", id_of(&real))).await.ok(200);
}
