//! `POST /v1/holds/{id}/confirm`: a hold becomes an order, once.

use serde_json::{Value, json};

use crate::sale::{TestServer, id_of, text_of};

/// An event that browsers may confirm in, and one hold of it.
async fn held(server: &TestServer, public_confirm: bool) -> (String, Value) {
    let event = server.event(json!({ "public_confirm": public_confirm })).await;
    let body = json!({ "buyer": "b", "places": ["A-1-1"], "areas": [{ "name": "Floor", "quantity": 2 }], "metadata": { "m": 1 } });
    let hold = server.browser().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    (event, hold)
}

#[tokio::test]
async fn a_confirmed_hold_is_an_order_with_a_ticket_a_unit() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (event, hold) = held(&server, false).await;
    let path = format!("/v1/holds/{}", id_of(&hold));
    let body = json!({ "token": hold["token"], "payment_ref": "pi_1", "amount": 9_000, "ref": "order-1" });
    let order = organizer.post(format!("{path}/confirm"), &body).await.ok(201);
    let expected = json!({
        "event_id": event, "livemode": false, "ref": "order-1", "buyer": "b", "status": "confirmed", "version": 1,
        "seq": 2, "currency": "EUR", "amount": 9_000, "amount_cancelled": 0, "payment_ref": "pi_1",
        "metadata": { "m": 1 }, "hold_id": hold["id"], "places": hold["places"], "areas": hold["areas"],
        "created_at": "2030-01-01T00:00:00.000Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&order[name], value, "{name}");
    }
    let tickets = order["tickets"].as_array().unwrap();
    let labels: Vec<&Value> = tickets.iter().map(|ticket| &ticket["label"]).collect();
    assert_eq!(labels, ["A-1-1", "Floor", "Floor"]);
    assert!(tickets.iter().all(|ticket| ticket["status"] == "valid" && id_of(ticket).starts_with("tkt_")));
    assert_eq!((&tickets[0]["seat"], &tickets[1]["seat"]), (&json!("1"), &json!(null)));
    let after = organizer.get(&path).await.ok(200);
    assert_eq!((&after["status"], &after["order_id"]), (&json!("confirmed"), &order["id"]));
    assert_eq!(organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200), order);
    organizer.patch(&path, &json!({ "seconds": 60 })).await.problem(409, "already_confirmed");
    organizer.delete(&path).await.problem(409, "already_confirmed");
    assert_eq!(server.availability(&event).await["areas"]["Floor"]["sold"], 2);
}

#[tokio::test]
async fn the_same_payment_confirms_once_and_for_ever() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (_, hold) = held(&server, false).await;
    let path = format!("/v1/holds/{}/confirm", id_of(&hold));
    let paid = |payment: &str| organizer.post(&path, &json!({ "payment_ref": payment }));
    let order = paid("pi_1").key("key-1").await.ok(201);
    let again = paid("pi_1").key("key-1").await;
    assert!(again.is_replay());
    assert_eq!(again.ok(201), order);
    assert_eq!(paid("pi_1").key("key-2").await.ok(200), order);
    assert_eq!(paid("pi_1").await.ok(200), order);
    for other in [paid("pi_2"), paid("pi_2").key("key-3"), organizer.post(&path, &json!({}))] {
        let refused = other.await.problem(409, "already_confirmed");
        assert_eq!((&refused["order_id"], &refused["retryable"]), (&order["id"], &json!(false)));
    }
    // Days later, too.
    server.clock.advance_seconds(40 * 24 * 3_600);
    assert_eq!(paid("pi_1").await.ok(200), order);
    paid("pi_1").key("key-1").await.json();
    let server = server.restart().await;
    let answer = server.organizer().post(&path, &json!({ "payment_ref": "pi_1" })).await;
    assert_eq!(answer.ok(200), order);
}

#[tokio::test]
async fn what_was_charged_must_be_what_it_costs() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let (_, hold) = held(&server, false).await;
    let path = format!("/v1/holds/{}", id_of(&hold));
    let confirm = |amount: Value| organizer.post(format!("{path}/confirm"), &json!({ "amount": amount }));
    let changed = confirm(json!(8_999)).await.problem(409, "hold_changed");
    assert_eq!(changed["amount"], 9_000);
    for wrong in [json!(-1), json!(1_000_000_000_001_i64), json!(9_000.5), json!("9000")] {
        confirm(wrong).await.invalid(422, "/amount");
    }
    organizer.patch(&path, &json!({ "add": { "places": ["A-1-2"] } })).await.ok(200);
    confirm(json!(9_000)).await.problem(409, "hold_changed");
    assert_eq!(confirm(json!(14_000)).await.ok(201)["amount"], 14_000);
}

#[tokio::test]
async fn a_browser_confirms_only_where_it_may() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let (_, hold) = held(&server, false).await;
    let body = json!({ "token": hold["token"], "payment_ref": "pi" });
    let path = format!("/v1/holds/{}/confirm", id_of(&hold));
    browser.post(&path, &body).await.problem(403, "forbidden");
    let (_, hold) = held(&server, true).await;
    let path = format!("/v1/holds/{}/confirm", id_of(&hold));
    let token = text_of(&hold["token"]);
    browser.post(&path, &json!({ "token": token, "ref": "mine" })).await.problem(403, "forbidden");
    let order = browser.post(&path, &json!({ "token": token, "payment_ref": "pi" })).await.ok(201);
    assert_eq!(order["hold_id"], hold["id"]);
}

#[tokio::test]
async fn an_order_s_ref_is_its_own() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let take = |place: &str| {
        organizer.post(format!("/v1/events/{event}/holds"), &json!({ "buyer": "b", "places": [place] }))
    };
    let (first, second) = (take("A-1-1").await.ok(201), take("A-1-2").await.ok(201));
    let confirm = |hold: &Value, reference: &str| {
        organizer.post(format!("/v1/holds/{}/confirm", id_of(hold)), &json!({ "ref": reference }))
    };
    let order = confirm(&first, "r-1").await.ok(201);
    assert_eq!(confirm(&first, "r-1").await.ok(200)["id"], order["id"]);
    // The same order's ref does not hide that it was paid twice.
    let twice = json!({ "ref": "r-1", "payment_ref": "another" });
    let paid = organizer.post(format!("/v1/holds/{}/confirm", id_of(&first)), &twice).await;
    assert_eq!(paid.problem(409, "already_confirmed")["order_id"], order["id"]);
    let taken = confirm(&second, "r-1").await.problem(409, "ref_taken");
    assert_eq!(taken["order_id"], order["id"]);
    confirm(&second, "r-2").await.ok(201);
    for (field, value) in [
        ("ref", json!("")),
        ("ref", json!("x".repeat(256))),
        ("payment_ref", json!("")),
        ("payment_ref", json!("x".repeat(256))),
        ("payment_ref", json!(1)),
        ("buyer", json!("x".repeat(256))),
        ("metadata", json!("x")),
        ("metadata", json!({ "x": "y".repeat(4_096) })),
        ("token", json!(5)),
    ] {
        let hold = take("A-1-3").await;
        let hold = if hold.status == 201 { hold.json() } else { second.clone() };
        let answer =
            organizer.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({ field: value })).await;
        answer.invalid(422, &format!("/{field}"));
        if hold["id"] != second["id"] {
            organizer.delete(format!("/v1/holds/{}", id_of(&hold))).await.ok(200);
        }
    }
}

#[tokio::test]
async fn somebody_else_may_pay_within_their_own_limit() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 2 })).await;
    let floor = |buyer: &str, quantity: u32| json!({ "buyer": buyer, "areas": [{ "name": "Floor", "quantity": quantity }] });
    let path = format!("/v1/events/{event}/holds");
    organizer.post(&path, &floor("ann", 1)).await.ok(201);
    let hold = organizer.post(&path, &floor("guest", 2)).await.ok(201);
    let confirm = format!("/v1/holds/{}/confirm", id_of(&hold));
    let refused = organizer.post(&confirm, &json!({ "buyer": "ann" })).await.problem(409, "limit_exceeded");
    assert_eq!((&refused["key"], &refused["used"]), (&json!("ann"), &json!(1)));
    let order = organizer.post(&confirm, &json!({ "buyer": "bob" })).await.ok(201);
    assert_eq!(order["buyer"], "bob");
    organizer.post(&path, &floor("bob", 1)).await.problem(409, "limit_exceeded");
    organizer.post(&path, &floor("guest", 2)).await.ok(201);
}

#[tokio::test]
async fn a_barcode_of_a_confirmed_hold_is_taken() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let coded = |place: &str| json!({ "buyer": "b", "places": [{ "place": place, "code": "BAR-1" }] });
    let path = format!("/v1/events/{event}/holds");
    let (first, second) =
        (organizer.post(&path, &coded("A-1-1")).await.ok(201), organizer.post(&path, &coded("A-1-2")).await);
    let order = organizer.post(format!("/v1/holds/{}/confirm", id_of(&first)), &json!({})).await.ok(201);
    assert_eq!(order["tickets"][0]["code"], "BAR-1");
    let mut book = coded("A-1-3");
    book["ref"] = json!("r");
    let taken = organizer.post(format!("/v1/events/{event}/orders"), &book).await.problem(409, "code_taken");
    assert_eq!(taken["places"], json!(["A-1-3"]));
    if second.status == 201 {
        let confirm = format!("/v1/holds/{}/confirm", id_of(&second.json()));
        organizer.post(confirm, &json!({})).await.problem(409, "code_taken");
    }
}
