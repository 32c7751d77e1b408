//! `GET /v1/events/{id}/ledger`: every change, in order, and nobody's name.

use serde_json::{Value, json};

use crate::sale::{TestServer, VIP, id_of, text_of};

/// Texts of the integrator that must be nowhere in a ledger or a feed.
const TEXTS: [&str; 7] =
    ["anna.buyer", "pay.ref", "my.ref", "BAR.CODE", "meta.data", "a.note", "anna.second"];

/// Does one of everything.
async fn busy(server: &TestServer) -> String {
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 50 })).await;
    let path = format!("/v1/events/{event}");
    let block = json!({ "places": ["A-3-9"], "note": "a.note", "channel": "press" });
    organizer.post(format!("{path}/block"), &block).await.ok(200);
    let hold = json!({
        "buyer": "anna.buyer", "places": ["A-1-1", { "place": "A-1-2", "code": "BAR.CODE" }],
        "metadata": { "x": "meta.data" },
    });
    let hold = id_of(&organizer.post(format!("{path}/holds"), &hold).await.ok(201));
    let edit = json!({ "remove": { "places": ["A-1-1"] }, "add": { "areas": [{ "name": "Floor", "quantity": 2 }] } });
    organizer.patch(format!("/v1/holds/{hold}"), &edit).await.ok(200);
    organizer.patch(format!("/v1/holds/{hold}"), &json!({ "seconds": 800 })).await.ok(200);
    let confirm = json!({ "payment_ref": "pay.ref", "ref": "my.ref", "metadata": { "y": "meta.data" }, "buyer": "anna.second" });
    let order = id_of(&organizer.post(format!("/v1/holds/{hold}/confirm"), &confirm).await.ok(201));
    let book = json!({ "buyer": "anna.buyer", "places": [VIP], "ref": "my.ref.2", "ignore": ["sale_window", "limits"] });
    organizer.post(format!("{path}/orders"), &book).await.ok(201);
    organizer.post(format!("/v1/orders/{order}/cancel"), &json!({})).await.ok(200);
    organizer.post(format!("{path}/unblock"), &json!({ "channel": "press" })).await.ok(200);
    let released = id_of(
        &organizer
            .post(format!("{path}/holds"), &json!({ "buyer": "anna.buyer", "places": ["A-2-1"] }))
            .await
            .ok(201),
    );
    organizer.delete(format!("/v1/holds/{released}")).await.ok(200);
    organizer
        .patch(&path, &json!({ "name": "Renamed", "ref": "my.ref.3", "metadata": { "z": "meta.data" } }))
        .await
        .ok(200);
    let lapsing = json!({ "buyer": "anna.buyer", "places": ["A-2-2"], "seconds": 1 });
    organizer.post(format!("{path}/holds"), &lapsing).await.ok(201);
    server.clock.advance_seconds(11);
    crate::waiting::until("the sweep", async || {
        (server.availability(&event).await["seq"] == 13).then_some(())
    })
    .await;
    event
}

async fn items(server: &TestServer, event: &str, query: &str) -> Vec<Value> {
    let page = server.organizer().get(format!("/v1/events/{event}/ledger?{query}")).await.ok(200);
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn it_tells_every_kind_of_change_in_order() {
    let server = TestServer::start().await;
    let event = busy(&server).await;
    let items = items(&server, &event, "").await;
    let kinds: Vec<&str> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    let expected = [
        "block", "hold", "edit", "extend", "confirm", "book", "cancel", "unblock", "hold", "release",
        "event", "hold", "expire",
    ];
    assert_eq!(kinds, expected);
    let seqs: Vec<u64> = items.iter().map(|item| item["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] <= pair[1]), "{seqs:?}");
    for item in &items {
        let actor = item["actor"].as_str().unwrap();
        assert_eq!(actor == "system", item["kind"] == "expire", "{item}");
        assert!(actor == "system" || actor.starts_with("key_"), "{item}");
        assert_eq!(item["hash"].as_str().unwrap().len(), 64);
        assert!(item["at"].as_str().unwrap().starts_with("2030-01-01T00:00:"));
    }
    let book = &items[5];
    assert_eq!(book["ignored"], json!(["sale_window", "limits"]));
    let change = &book["changes"][0];
    let expected = json!({ "place": VIP, "units": 1, "from": "free", "to": "sold", "ticket_type": "adult", "price": 10_000 });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&change[name], value, "{name}");
    }
    assert!(change["order_id"].is_string() && change["ticket_id"].is_string());
    let block = &items[0]["changes"][0];
    assert_eq!(
        (&block["from"], &block["to"], &block["channel"]),
        (&json!("free"), &json!("blocked"), &json!("press"))
    );
    // The same buyer is the same surrogate throughout.
    assert_eq!(items[1]["buyer"], book["buyer"]);
    assert!(text_of(&book["buyer"]).starts_with("byr_"));
    assert_ne!(items[4]["buyer"], book["buyer"]);
}

#[tokio::test]
async fn the_integrator_s_texts_are_nowhere_in_it() {
    let server = TestServer::start().await;
    let event = busy(&server).await;
    let organizer = server.organizer();
    let ledger = organizer.get(format!("/v1/events/{event}/ledger")).await.text();
    for text in TEXTS {
        assert!(!ledger.contains(text), "{text} is in the ledger");
    }
}

#[tokio::test]
async fn it_is_read_page_by_page_and_waits_for_news() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = busy(&server).await;
    let path = format!("/v1/events/{event}/ledger");
    let all = items(&server, &event, "").await;
    let mut paged = Vec::new();
    let mut query = "limit=5".to_owned();
    loop {
        let page = organizer.get(format!("{path}?{query}")).await.ok(200);
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=5&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    let last = all.last().unwrap()["seq"].as_u64().unwrap();
    assert_eq!(items(&server, &event, &format!("after={last}")).await, Vec::<Value>::new());
    let mut waiting = tokio::task::JoinSet::new();
    waiting.spawn(organizer.get(format!("{path}?after={last}&wait=25")).into_future());
    // News come while it waits, or before it asks: either way they are in its answer.
    organizer
        .post(format!("/v1/events/{event}/holds"), &json!({ "buyer": "b", "places": ["A-3-3"] }))
        .await
        .ok(201);
    let news = waiting.join_next().await.unwrap().unwrap().ok(200);
    assert_eq!((news["items"].as_array().unwrap().len(), &news["items"][0]["seq"]), (1, &json!(last + 1)));
    for wrong in
        ["wait=31", "wait=x", "limit=0", "limit=1001", "after=-1", "after=x", "after=9999999999999999999"]
    {
        organizer.get(format!("{path}?{wrong}")).await.problem(400, "validation");
    }
    server.browser().get(&path).await.problem(403, "forbidden");
    assert_eq!(items(&server, &event, "after=9223372036854775807").await, Vec::<Value>::new());
}
