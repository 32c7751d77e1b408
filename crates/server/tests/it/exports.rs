//! `GET …/exports/{list}` and `GET …/report`: everything as a file, and what was sold.

use serde_json::{Value, json};

use crate::sale::{TestServer, VIP, id_of};

/// Some orders: one of two seats, one of which is cancelled, and many of one place on the floor.
async fn busy(server: &TestServer, event: &str, many: usize) -> Vec<Value> {
    let organizer = server.organizer();
    let path = format!("/v1/events/{event}");
    let first = json!({ "buyer": "=cmd", "places": ["A-1-1", VIP], "ref": "a,\"b\"", "payment_ref": "p" });
    let first = organizer.post(format!("{path}/orders"), &first).await.ok(201);
    let cancel = json!({ "places": ["A-1-1"] });
    let mut orders =
        vec![organizer.post(format!("/v1/orders/{}/cancel", id_of(&first)), &cancel).await.ok(200)];
    for at in 0..many {
        let body = json!({ "buyer": format!("b{at}"), "areas": [{ "name": "Floor", "quantity": 1 }] });
        orders.push(organizer.post(format!("{path}/orders"), &body).key(&format!("k{at}")).await.ok(201));
    }
    orders
}

#[tokio::test]
async fn a_file_has_every_order_every_ticket_and_every_change() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let orders = busy(&server, &event, 40).await;
    let file = async |what: &str| organizer.get(format!("/v1/events/{event}/exports/{what}")).await;
    let csv = file("orders").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains(&format!("{event}-orders.csv")));
    let text = csv.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + orders.len());
    assert!(lines[0].starts_with("id,created_at,status,"));
    // Commas and quotes are kept, and a name is no formula.
    let expected = format!(r#"{},"#, id_of(&orders[0]));
    assert!(
        lines[1].starts_with(&expected) && lines[1].contains(r#""a,""b""",'=cmd,p,EUR,"#),
        "{}",
        lines[1]
    );
    let objects = |text: String| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let told = file("orders?format=ndjson").await;
    assert_eq!(told.header("content-type"), "application/x-ndjson");
    let told = objects(told.text());
    let ids: Vec<&Value> = told.iter().map(|order| &order["id"]).collect();
    assert_eq!(ids, orders.iter().map(|order| &order["id"]).collect::<Vec<_>>());
    assert_eq!((&told[0]["valid"], &told[0]["cancelled"]), (&json!(1), &json!(1)));
    let tickets = objects(file("tickets?format=ndjson").await.text());
    assert_eq!(tickets.len(), 42);
    assert_eq!((&tickets[0]["order_id"], &tickets[0]["status"]), (&orders[0]["id"], &json!("cancelled")));
    let ledger = objects(file("ledger?format=ndjson").await.text());
    assert_eq!(ledger.len(), 2 + 1 + 40);
    assert_eq!(ledger[2]["kind"], "cancel");
    file("secrets").await.problem(404, "not_found");
    file("orders?format=xlsx").await.invalid(400, "/query/format");
    // An event without anything has a file with a head.
    let empty = server.event(json!({})).await;
    let told = organizer.get(format!("/v1/events/{empty}/exports/tickets")).await;
    assert_eq!(told.text().lines().count(), 1);
}

#[tokio::test]
async fn a_list_of_many_pieces_is_whole() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let settings =
        json!({ "name": "Big", "areas": [{ "name": "Lawn", "capacity": 2_000, "category": "lawn" }] });
    let event = id_of(&organizer.post("/v1/events", &settings).await.ok(201));
    let path = format!("/v1/events/{event}/orders");
    let ask = |at: usize| {
        let body = json!({ "buyer": format!("b{at}"), "areas": [{ "name": "Lawn", "quantity": 1 }] });
        organizer.post(&path, &body).key(&format!("k{at}"))
    };
    for answer in crate::stampede::all((0..1_100).map(ask)).await {
        answer.ok(201);
    }
    for list in ["orders", "tickets", "ledger"] {
        let told = organizer.get(format!("/v1/events/{event}/exports/{list}?format=ndjson")).await.text();
        let mut lines: Vec<&str> = told.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 1_100, "{list}");
    }
}

#[tokio::test]
async fn a_report_sums_what_was_sold() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let block = json!({ "areas": [{ "name": "Floor", "quantity": 50 }], "channel": "fans" });
    organizer.post(format!("{path}/block"), &block).await.ok(200);
    let first = json!({ "buyer": "ada", "places": ["A-1-1", { "place": "A-1-2", "ticket_type": "child" }] });
    let first = organizer.post(format!("{path}/orders"), &first).key("1").await.ok(201);
    let fan = json!({ "buyer": "bob", "areas": [{ "name": "Floor", "quantity": 3 }], "channels": ["fans"] });
    organizer.post(format!("{path}/orders"), &fan).key("2").await.ok(201);
    organizer
        .post(format!("/v1/orders/{}/cancel", id_of(&first)), &json!({ "places": ["A-1-2"] }))
        .await
        .ok(200);
    let report = organizer.get(format!("{path}/report")).await.ok(200);
    let sums = |sold: u64, cancelled: u64, amount: u64, back: u64| json!({ "sold": sold, "cancelled": cancelled, "amount": amount, "amount_cancelled": back });
    assert_eq!((&report["orders"], &report["currency"]), (&json!(2), &json!("EUR")));
    assert_eq!(report["total"], sums(5, 1, 5_000 + 2_500 + 6_000, 2_500));
    assert_eq!(
        report["categories"],
        json!({ "front": sums(2, 1, 7_500, 2_500), "floor": sums(3, 0, 6_000, 0) })
    );
    let types = json!({ "adult": sums(4, 0, 11_000, 0), "child": sums(1, 1, 2_500, 2_500) });
    assert_eq!(report["ticket_types"], types);
    assert_eq!(report["channels"], json!({ "": sums(2, 1, 7_500, 2_500), "fans": sums(3, 0, 6_000, 0) }));
    assert_eq!(report["days"], json!({ "2030-01-01": sums(5, 1, 13_500, 2_500) }));
}
