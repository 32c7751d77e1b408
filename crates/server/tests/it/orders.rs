//! `/v1/events/{id}/orders` and `/v1/orders`: booking in one step, reading, listing, cancelling.

use serde_json::{Value, json};

use crate::sale::{TestServer, VIP, id_of, text_of};

#[tokio::test]
async fn an_order_is_booked_in_one_step() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let body = json!({
        "buyer": "b", "payment_ref": "cash", "ref": "box-1", "metadata": { "till": 3 },
        "created_at": "2029-12-24T18:00:00+01:00",
        "places": [{ "place": VIP, "price": 1, "code": "BAR-0" }, "A-1-1"],
        "areas": [{ "name": "Floor", "quantity": 2, "codes": ["BAR-1", "BAR-2"] }],
    });
    let order = organizer.post(format!("/v1/events/{event}/orders"), &body).await.ok(201);
    assert!(id_of(&order).starts_with("ord_"));
    let expected = json!({
        "status": "confirmed", "ref": "box-1", "payment_ref": "cash", "amount": 1 + 5_000 + 2 * 2_000, "seq": 1,
        "created_at": "2029-12-24T17:00:00.000Z", "metadata": { "till": 3 }, "event_id": event,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&order[name], value, "{name}");
    }
    let tickets: Vec<(&Value, &Value)> = order["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| (&ticket["label"], &ticket["code"]))
        .collect();
    let floor = json!("Floor");
    let expected = [
        (&json!(VIP), &json!("BAR-0")),
        (&json!("A-1-1"), &json!(null)),
        (&floor, &json!("BAR-1")),
        (&floor, &json!("BAR-2")),
    ];
    assert_eq!(tickets, expected);
    assert_eq!(organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200), order);
}

#[tokio::test]
async fn an_order_must_be_safe_to_repeat() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    let basket = |place: &str| json!({ "buyer": "b", "places": [place] });
    organizer.post(&path, &basket("A-1-1")).await.invalid(400, "/headers/Idempotency-Key");
    let mut first = basket("A-1-1");
    first["ref"] = json!("r-1");
    let order = organizer.post(&path, &first).await.ok(201);
    let again = organizer.post(&path, &first).await;
    assert_eq!(again.ok(200), order);
    assert_eq!(organizer.post(&path, &first).key("fresh").await.ok(200), order);
    let mut other = basket("A-1-2");
    other["ref"] = json!("r-1");
    let taken = organizer.post(&path, &other).await.problem(409, "ref_taken");
    assert_eq!(taken["order_id"], order["id"]);
    // The ref of another event is another ref.
    let next = server.event(json!({})).await;
    organizer.post(format!("/v1/events/{next}/orders"), &other).await.ok(201);
    // Gone is gone: the ref still names its order after it was cancelled.
    organizer.post(format!("/v1/orders/{}/cancel", id_of(&order)), &json!({})).await.ok(200);
    assert_eq!(organizer.post(&path, &first).await.ok(200)["status"], "cancelled");
}

#[tokio::test]
async fn a_barcode_is_unique_in_its_event() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/orders");
    let coded =
        |place: &str, code: &str| json!({ "buyer": "b", "places": [{ "place": place, "code": code }] });
    organizer.post(&path, &coded("A-1-1", "BAR")).key("1").await.ok(201);
    let taken = organizer.post(&path, &coded("A-1-2", "BAR")).key("2").await.problem(409, "code_taken");
    assert_eq!((&taken["places"], &taken["retryable"]), (&json!(["A-1-2"]), &json!(false)));
    let twice = json!({ "buyer": "b", "places": [{ "place": "A-1-2", "code": "X" }, { "place": "A-1-3", "code": "X" }] });
    organizer.post(&path, &twice).key("3").await.problem(422, "validation");
    let few = json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 2, "codes": ["Y"] }] });
    organizer.post(&path, &few).key("4").await.invalid(422, "/areas/0/codes");
    organizer.post(&path, &coded("A-1-2", &"x".repeat(129))).key("5").await.invalid(422, "/places/0/code");
    let next = server.event(json!({})).await;
    organizer.post(format!("/v1/events/{next}/orders"), &coded("A-1-1", "BAR")).key("1").await.ok(201);
    assert!(server.availability(&event).await["seats"].as_str().unwrap().starts_with("sff"));
}

#[tokio::test]
async fn orders_are_listed_filtered_and_paged() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (first, second) = (server.event(json!({})).await, server.event(json!({})).await);
    let mut orders = Vec::new();
    for at in 1..=6_u32 {
        let event = if at % 3 == 0 { &second } else { &first };
        let body = json!({
            "buyer": format!("buyer {}", at % 2), "payment_ref": format!("p&{}", at / 3), "ref": format!("r{at}"),
            "places": [{ "place": format!("A-1-{at}"), "code": format!("c{at}") }],
        });
        orders.push(organizer.post(format!("/v1/events/{event}/orders"), &body).await.ok(201));
    }
    let cancelled =
        organizer.post(format!("/v1/orders/{}/cancel", id_of(&orders[1])), &json!({})).await.ok(200);
    orders[1] = cancelled;
    let listed = async |route: &str, query: &str| -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = organizer.get(format!("{route}?limit=2{query}{cursor}")).await.ok(200);
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    };
    let some = |wanted: &[usize]| -> Vec<Value> { wanted.iter().map(|at| orders[at - 1].clone()).collect() };
    assert_eq!(listed("/v1/orders", "").await, orders);
    let of_first = format!("/v1/events/{first}/orders");
    assert_eq!(listed(&of_first, "").await, some(&[1, 2, 4, 5]));
    assert_eq!(listed(&format!("/v1/events/{second}/orders"), "").await, some(&[3, 6]));
    assert_eq!(listed("/v1/orders", "&buyer=buyer%201").await, some(&[1, 3, 5]));
    assert_eq!(listed("/v1/orders", "&status=cancelled").await, some(&[2]));
    assert_eq!(listed("/v1/orders", "&status=confirmed&buyer=buyer+0").await, some(&[4, 6]));
    assert_eq!(listed("/v1/orders", "&ref=r4").await, some(&[4]));
    assert_eq!(listed("/v1/orders", "&payment_ref=p%261").await, some(&[3, 4, 5]));
    assert_eq!(listed("/v1/orders", "&code=c5").await, some(&[5]));
    assert_eq!(listed(&of_first, "&code=c6").await, some(&[]));
    assert_eq!(listed(&of_first, "&buyer=nobody").await, some(&[]));
    organizer.get("/v1/orders?status=paid").await.problem(400, "validation");
    for route in ["/v1/orders", &of_first, &format!("/v1/orders/{}", id_of(&orders[0]))] {
        server.browser().get(route).await.problem(403, "forbidden");
    }
    let live = server.nobody().with_key(&server.keys.live_secret);
    assert_eq!(live.get("/v1/orders").await.ok(200)["items"], json!([]));
}

#[tokio::test]
async fn an_order_is_cancelled_in_part_or_whole() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 5 })).await;
    let body = json!({
        "buyer": "b", "ref": "r", "places": ["A-1-1", "A-1-2"], "areas": [{ "name": "Floor", "quantity": 3 }],
    });
    let order = organizer.post(format!("/v1/events/{event}/orders"), &body).await.ok(201);
    let path = format!("/v1/orders/{}/cancel", id_of(&order));
    let cancel = |body: Value| organizer.post(&path, &body);
    let part = cancel(json!({ "places": ["A-1-1", "Floor"] })).await.ok(200);
    let expected =
        json!({ "status": "confirmed", "version": 2, "seq": 2, "amount": 16_000, "amount_cancelled": 7_000 });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&part[name], value, "{name}");
    }
    let states: Vec<&str> =
        part["tickets"].as_array().unwrap().iter().map(|ticket| ticket["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["cancelled", "valid", "cancelled", "valid", "valid"]);
    assert_eq!((part["places"].as_array().unwrap().len(), &part["areas"][0]["quantity"]), (1, &json!(2)));
    let free = server.availability(&event).await;
    assert_eq!((&free["seats"].as_str().unwrap()[..3], &free["areas"]["Floor"]["sold"]), ("fsf", &json!(2)));
    let tickets = json!({ "tickets": [part["tickets"][4]["id"]], "then": "press" });
    let part = cancel(tickets.clone()).await.ok(200);
    assert_eq!(part["amount_cancelled"], 9_000);
    assert_eq!(server.availability(&event).await["areas"]["Floor"]["blocked"], 1);
    assert_eq!(cancel(tickets).await.ok(200), part, "what is cancelled already is no fault");
    let whole = organizer.ask(http::Method::POST, &path).await.ok(200);
    assert_eq!((&whole["status"], &whole["amount_cancelled"]), (&json!("cancelled"), &json!(16_000)));
    assert_eq!((&whole["places"], &whole["areas"]), (&json!([]), &json!([])));
    assert_eq!(cancel(json!({})).await.ok(200), whole);
    // The places are everybody's again, and count against nobody.
    organizer
        .post(format!("/v1/events/{event}/holds"), &json!({ "buyer": "b", "places": ["A-1-1", "A-1-2"] }))
        .await
        .ok(201);
}

#[tokio::test]
async fn a_cancellation_that_cannot_be_changes_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let orders = format!("/v1/events/{event}/orders");
    let book =
        |place: &str| organizer.post(&orders, &json!({ "buyer": "b", "places": [place], "ref": place }));
    let (order, other) = (book("A-1-1").await.ok(201), book("A-1-2").await.ok(201));
    let path = format!("/v1/orders/{}", id_of(&order));
    let foreign = text_of(&other["tickets"][0]["id"]);
    for (body, status, code) in [
        (json!({ "tickets": [foreign] }), 404, "not_found"),
        (json!({ "tickets": ["tkt_x"] }), 404, "not_found"),
        (json!({ "tickets": [] }), 422, "validation"),
        (json!({ "places": [] }), 422, "validation"),
        (json!({ "places": ["A-1-2"] }), 422, "validation"),
        (json!({ "places": ["Z-1-2"] }), 409, "place_unavailable"),
        (json!({ "places": ["A-1-1"], "tickets": [order["tickets"][0]["id"]] }), 422, "validation"),
        (json!({ "then": "" }), 422, "validation"),
        (json!({ "then": "x".repeat(65) }), 422, "validation"),
        (json!({ "tickets": "all" }), 422, "validation"),
    ] {
        organizer.post(format!("{path}/cancel"), &body).await.problem(status, code);
    }
    server.browser().post(format!("{path}/cancel"), &json!({})).await.problem(403, "forbidden");
    organizer.post(format!("{path}0/cancel"), &json!({})).await.problem(404, "not_found");
    assert_eq!(organizer.get(&path).await.ok(200), order);
}

#[tokio::test]
async fn a_browser_books_only_where_it_may() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let key = "0123456789abcdef0123456789";
    let body = json!({ "buyer": "b", "places": ["A-1-1"] });
    let event = server.event(json!({})).await;
    browser.post(format!("/v1/events/{event}/orders"), &body).key(key).await.problem(403, "forbidden");
    let event = server.event(json!({ "public_confirm": true })).await;
    let order = browser.post(format!("/v1/events/{event}/orders"), &body).key(key).await.ok(201);
    browser.get(format!("/v1/orders/{}", id_of(&order))).await.problem(403, "forbidden");
    let event = server.event(json!({ "public_confirm": true, "access": "token" })).await;
    browser.post(format!("/v1/events/{event}/orders"), &body).key(key).await.problem(403, "access_required");
    browser.post(format!("/v1/events/{event}/holds"), &body).await.problem(403, "access_required");
    server.organizer().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
}
