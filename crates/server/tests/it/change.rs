//! `POST /v1/orders/{id}/change`: tickets swapped, added and cancelled in one commit, or none of it.

use serde_json::{Value, json};

use crate::client::Feed;
use crate::sale::{TestServer, VIP, id_of, text_of};
use crate::stampede::all;

/// An order of two seats and a place on the floor; its path, and the identifiers of its tickets.
async fn sold(server: &TestServer, event: &str) -> (String, Vec<String>) {
    let body = json!({
        "buyer": "ada", "payment_ref": "first", "places": ["A-1-1", { "place": "A-1-2", "code": "OLD" }],
        "areas": [{ "name": "Floor", "quantity": 1 }],
    });
    let asked = server.organizer().post(format!("/v1/events/{event}/orders"), &body).key("first order");
    let order = asked.await.ok(201);
    let tickets = order["tickets"].as_array().unwrap();
    (format!("/v1/orders/{}/change", id_of(&order)), tickets.iter().map(id_of).collect())
}

#[tokio::test]
async fn swapping_adding_and_cancelling_are_one_commit() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 3 })).await;
    let (path, tickets) = sold(&server, &event).await;
    let mut listener = Feed::join(server.browser().get(format!("/v1/events/{event}/feed"))).await;
    let snapshot = listener.next().await;
    let body = json!({
        "version": 1, "payment_ref": "my.payment",
        "swap": [{ "ticket": tickets[1], "to": { "place": VIP, "code": "NEW.CODE" } }],
        "add": { "areas": [{ "name": "Floor", "quantity": 1 }] },
        "cancel": [tickets[0]],
    });
    let changed = organizer.post(&path, &body).key("a change").await.ok(200);
    let difference = changed["difference"].as_i64().unwrap();
    let price = |at: usize| changed["tickets"][at]["price"].as_i64().unwrap();
    assert_eq!(difference, price(3) + price(4) - price(0) - price(1));
    assert_eq!(changed["amount"].as_i64().unwrap(), (0..5).map(price).sum::<i64>());
    assert_eq!(changed["amount_cancelled"].as_i64().unwrap(), price(0) + price(1));
    let told: Vec<(String, String, &Value, &Value)> = changed["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| {
            (text_of(&ticket["label"]), text_of(&ticket["status"]), &ticket["code"], &ticket["replaces"])
        })
        .collect();
    let ticket = |label: &str, status: &str, code: Value, replaces: Value| {
        (label.to_owned(), status.to_owned(), code, replaces)
    };
    let expected = [
        ticket("A-1-1", "cancelled", json!(null), json!(null)),
        ticket("A-1-2", "cancelled", json!("OLD"), json!(null)),
        ticket("Floor", "valid", json!(null), json!(null)),
        ticket(VIP, "valid", json!("NEW.CODE"), json!(tickets[1])),
        ticket("Floor", "valid", json!(null), json!(null)),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, b, c, d)| (a.clone(), b.clone(), c, d)).collect();
    assert_eq!(told, expected);
    assert_eq!((&changed["version"], &changed["seq"]), (&json!(2), &json!(2)));
    assert_eq!(changed["changes"][0]["payment_ref"], "my.payment");
    assert_eq!(changed["changes"][0]["difference"], changed["difference"]);
    // One frame: whoever looks on sees the old seats and the new one together, or none of them.
    let frame = listener.next().await;
    assert_eq!((&frame.data["from"], &frame.data["seq"]), (&json!(2), &json!(2)));
    let states: Vec<&Value> = frame.data["seats"].as_object().unwrap().values().collect();
    assert_eq!(states.len(), 3);
    assert_eq!(snapshot.data["seats"].as_str().unwrap().matches('s').count(), 2);
    assert_eq!(server.availability(&event).await["seats"].as_str().unwrap().matches('s').count(), 1);
    // The same again is the same; the order reads as it was told, but for the answer's difference.
    let again = organizer.post(&path, &body).key("a change").await;
    assert!(again.is_replay());
    assert_eq!(again.ok(200), changed);
    let mut read = organizer.get(path.trim_end_matches("/change")).await.ok(200);
    assert_eq!(read["difference"], Value::Null);
    read["difference"] = changed["difference"].clone();
    assert_eq!(read, changed);
    let page = organizer.get(format!("/v1/events/{event}/ledger?after=1")).await.ok(200);
    let items = page["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["kind"]), (1, &json!("change")));
    assert_eq!(items[0]["changes"].as_array().unwrap().len(), 4);
    assert!(!page.to_string().contains("my.payment") && !page.to_string().contains("NEW.CODE"));
    // The ledger's own index finds the ticket by its new code, and the old code stays the old ticket's.
    let by_code = async |code: &str| {
        let page = organizer.get(format!("/v1/events/{event}/orders?code={code}")).await.ok(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((by_code("NEW.CODE").await, by_code("OLD").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_staff_one_wins_and_the_others_are_told() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let (path, tickets) = sold(&server, &event).await;
    let ask = |at: usize| {
        let place = format!("A-{}-{}", 2 + at % 2, 1 + at % 10);
        let body = json!({ "swap": [{ "ticket": tickets[0], "to": { "place": place } }] });
        organizer.post(&path, &body)
    };
    let answers = all((0..50).map(ask)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let told = ["ticket_cancelled", "place_unavailable", "place_contended"];
        assert!(told.contains(&&*answer.code()), "{}", answer.text());
    }
    let seats = server.availability(&event).await["seats"].as_str().unwrap().matches('s').count();
    assert_eq!(seats, 2, "a swap neither wins nor loses a seat");
    let stale = json!({ "version": 1, "cancel": [tickets[1]] });
    let told = organizer.post(&path, &stale).await.problem(409, "order_changed");
    assert_eq!((&told["version"], &told["retryable"]), (&json!(2), &json!(false)));
}

#[tokio::test]
async fn a_change_that_cannot_be_had_changes_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 3 })).await;
    let (path, tickets) = sold(&server, &event).await;
    let others = json!({ "buyer": "eve", "places": [{ "place": "A-3-1", "code": "EVE" }] });
    let others = organizer.post(format!("/v1/events/{event}/orders"), &others).key("eve").await.ok(201);
    let before = organizer.get(path.trim_end_matches("/change")).await.ok(200);
    let swap = |to: Value| json!({ "swap": [{ "ticket": tickets[0], "to": to }] });
    let ask = async |body: Value| organizer.post(&path, &body).await;
    let refused = ask(swap(json!({ "place": "A-3-1" }))).await.problem(409, "place_unavailable");
    assert_eq!(refused["reasons"], json!({ "A-3-1": "sold" }));
    let refused = ask(swap(json!({ "place": "Z-9-9" }))).await.problem(409, "place_unavailable");
    assert_eq!(refused["reasons"], json!({ "Z-9-9": "unknown" }));
    let foreign = json!({ "swap": [{ "ticket": id_of(&others["tickets"][0]), "to": { "place": "A-2-1" } }] });
    ask(foreign).await.problem(404, "not_found");
    ask(swap(json!({}))).await.invalid(422, "/swap/0/to");
    ask(swap(json!({ "place": "A-2-1", "area": "Floor" }))).await.invalid(422, "/swap/0/to");
    ask(swap(json!({ "place": "A-2-1", "price": -1 }))).await.invalid(422, "/swap/0/to/price");
    ask(swap(json!({ "place": "A-2-1", "ticket_type": "ghost" })))
        .await
        .invalid(422, "/swap/0/to/ticket_type");
    ask(swap(json!({ "place": "A-2-1", "code": "EVE" }))).await.problem(409, "code_taken");
    let twice = json!({
        "swap": [{ "ticket": tickets[0], "to": { "place": "A-2-1", "code": "X" } }],
        "add": { "places": [{ "place": "A-2-2", "code": "X" }] }, "cancel": [tickets[1]],
    });
    ask(twice).await.invalid(422, "/swap");
    let same = json!({ "swap": [
        { "ticket": tickets[0], "to": { "place": "A-2-1" } }, { "ticket": tickets[1], "to": { "place": "A-2-1" } },
    ] });
    ask(same).await.invalid(422, "/swap");
    ask(json!({ "cancel": [tickets[0], tickets[0]] })).await.invalid(422, "/cancel/1");
    ask(json!({ "cancel": ["nonsense"] })).await.problem(404, "not_found");
    ask(json!({})).await.invalid(422, "/swap");
    ask(json!({ "swap": [], "then": "x".repeat(65), "cancel": [tickets[0]] })).await.invalid(422, "/then");
    ask(json!({ "add": { "places": ["A-2-1"] } })).await.problem(409, "limit_exceeded");
    ask(json!({ "version": 7, "cancel": [tickets[0]] })).await.problem(409, "order_changed");
    let shop = server.browser().post(&path, &swap(json!({ "place": "A-2-1" }))).await;
    shop.problem(403, "forbidden");
    organizer
        .post("/v1/orders/ord_none/change", &swap(json!({ "place": "A-2-1" })))
        .await
        .problem(404, "not_found");
    organizer.patch(format!("/v1/events/{event}"), &json!({ "status": "closed" })).await.ok(200);
    ask(swap(json!({ "place": "A-2-1" }))).await.problem(409, "sale_closed");
    organizer.patch(format!("/v1/events/{event}"), &json!({ "status": "open" })).await.ok(200);
    assert_eq!(organizer.get(path.trim_end_matches("/change")).await.ok(200), before);
    let mut staff = swap(json!({ "place": "A-2-1" }));
    staff["ignore"] = json!(["sale_window"]);
    assert_eq!(ask(staff).await.ok(200)["difference"], 3_000 - 5_000);
}
