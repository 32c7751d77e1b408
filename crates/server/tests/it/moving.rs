//! `POST /v1/events/{id}/chart`: an event goes on over another chart.

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::postgres::{Postgres, versions};

use crate::campaign::audit;
use crate::client::{Client, Feed, Frame};
use crate::process::{Process, run, url_of};
use crate::sale::{TestServer, hall, id_of, settings_of, text_of};

/// The hall with its third row two seats shorter, for a camera, and a fourth row in front of all.
fn camera_hall() -> Value {
    let mut chart = hall();
    let rows = chart["sections"][0]["rows"].as_array_mut().unwrap();
    rows[2]["seats"].as_array_mut().unwrap().truncate(8);
    let mut added = rows[1].clone();
    added["label"] = json!("4");
    for seat in added["seats"].as_array_mut().unwrap() {
        seat["guid"] = json!(format!("g-4-{}", text_of(&seat["label"])));
    }
    rows.insert(0, added);
    chart
}

/// The hall without its first seat.
fn hall_without_the_first() -> Value {
    let mut chart = hall();
    chart["sections"][0]["rows"][0]["seats"].as_array_mut().unwrap().remove(0);
    chart
}

async fn made(client: &Client, chart: &Value) -> String {
    id_of(&client.post("/v1/charts", chart).await.ok(201))
}

async fn book(client: &Client, event: &str, place: &str) -> Value {
    let body = json!({ "buyer": "b", "places": [place], "ref": place });
    client.post(format!("/v1/events/{event}/orders"), &body).await.ok(201)
}

/// What a browser draws: each seat's label with its state.
async fn drawn(client: &Client, event: &str) -> Vec<(String, char)> {
    let state = client.get(format!("/v1/events/{event}/availability")).await.ok(200);
    let chart = client.get(format!("/v1/charts/{}", text_of(&state["chart_id"]))).await.ok(200);
    let mut labels = Vec::new();
    for section in chart["sections"].as_array().unwrap() {
        for row in section["rows"].as_array().unwrap() {
            for seat in row["seats"].as_array().unwrap() {
                let [section, row, seat] =
                    [&section["name"], &row["label"], &seat["label"]].map(|text| text.as_str().unwrap());
                labels.push(format!("{section}-{row}-{seat}"));
            }
        }
    }
    let seats = state["seats"].as_str().unwrap();
    assert_eq!(seats.len(), labels.len());
    labels.into_iter().zip(seats.chars()).collect()
}

fn used(drawn: &[(String, char)]) -> Vec<(&str, char)> {
    drawn.iter().filter(|(_, state)| *state != 'f').map(|(label, state)| (&**label, *state)).collect()
}

#[tokio::test]
async fn everybody_keeps_their_seats() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let sold = book(&organizer, &event, "A-1-1").await;
    let given_back = book(&organizer, &event, "A-3-10").await;
    organizer.post(format!("/v1/orders/{}/cancel", id_of(&given_back)), &json!({})).await.ok(200);
    let held = json!({ "buyer": "c", "places": ["A-2-5"] });
    let hold = organizer.post(format!("{path}/holds"), &held).await.ok(201);
    organizer
        .post(format!("{path}/block"), &json!({ "places": ["A-1-3"], "channel": "house" }))
        .await
        .ok(200);
    let mut listener = Feed::join(organizer.get(format!("{path}/feed"))).await;
    assert_eq!(listener.next().await.event, "snapshot");

    let chart = made(&organizer, &camera_hall()).await;
    let body = json!({ "chart_id": chart });
    let waiting = organizer.get(format!("{path}/ledger?after=5&wait=25"));
    let moving = organizer.post(format!("{path}/chart"), &body).key("camera");
    let (waited, moved) = tokio::join!(waiting, async {
        // The other must have asked before.
        tokio::task::yield_now().await;
        moving.await
    });
    let (waited, moved) = (waited.ok(200), moved.ok(200));
    assert_eq!(waited["items"][0]["kind"], "chart", "who waits for news is told of it");
    assert_eq!((&moved["chart_id"], &moved["seq"]), (&json!(chart), &json!(6)));
    let told = listener.next().await;
    assert_eq!((&*told.event, &told.data["chart_id"]), ("event", &json!(chart)));
    let snapshot = listener.next().await;
    assert_eq!((&*snapshot.event, &snapshot.data), ("snapshot", &server.availability(&event).await));

    let expected = [("A-1-1", 's'), ("A-1-3", 'b'), ("A-2-5", 'h')];
    let house = drawn(&organizer, &event).await;
    assert_eq!(used(&house), expected);
    assert_eq!((&*house[0].0, house.len()), ("A-4-1", 39), "a row of ten more, two seats less");
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({})).await.ok(201);
    book(&organizer, &event, "guid:g-4-10").await;
    let gone = json!({ "buyer": "b", "places": ["A-3-10"], "ref": "gone" });
    organizer.post(format!("{path}/orders"), &gone).await.problem(409, "place_unavailable");
    let orders = organizer.get(format!("{path}/orders")).await.ok(200);
    let label =
        |order: usize| (&orders["items"][order]["tickets"][0]["label"], &orders["items"][order]["status"]);
    assert_eq!(label(0), (&json!("A-1-1"), &json!("confirmed")));
    assert_eq!(label(1), (&json!("A-3-10"), &json!("cancelled")), "a ticket keeps its name");
    assert_eq!(orders["items"][0]["id"], sold["id"]);
    let report = organizer.get(format!("{path}/report")).await.ok(200);
    assert_eq!(report["categories"]["back"]["cancelled"], 1, "{report}");
    let ledger = organizer.get(format!("{path}/ledger?after=5&limit=1")).await.ok(200);
    assert_eq!(ledger["items"][0]["kind"], "chart", "{ledger}");

    // Repeated, it is answered as before; asked again, it changes nothing.
    let again = organizer.post(format!("{path}/chart"), &body).key("camera").await.ok(200);
    assert_eq!(again, moved);
    let seq = server.availability(&event).await["seq"].clone();
    assert_eq!(organizer.post(format!("{path}/chart"), &body).await.ok(200)["seq"], seq);

    let before = (drawn(&organizer, &event).await, orders["items"].as_array().unwrap().len());
    let server = server.restart().await;
    let organizer = server.organizer();
    assert_eq!(drawn(&organizer, &event).await, before.0);
    // Back on the first chart A-3-10 is the seat that it was, though it has been away.
    let first = made(&organizer, &hall()).await;
    organizer
        .post(format!("{path}/chart"), &json!({ "chart_id": first }))
        .await
        .problem(409, "place_unavailable");
    let mut larger = camera_hall();
    larger["sections"][0]["rows"][3] = hall()["sections"][0]["rows"][2].clone();
    let larger = made(&organizer, &larger).await;
    organizer.post(format!("{path}/chart"), &json!({ "chart_id": larger })).await.ok(200);
    book(&organizer, &event, "guid:g-3-10").await;
    let expected = [("A-4-10", 's'), ("A-1-1", 's'), ("A-1-3", 'b'), ("A-2-5", 's'), ("A-3-10", 's')];
    assert_eq!(used(&drawn(&organizer, &event).await), expected);
}

#[tokio::test]
async fn what_somebody_has_must_be_there() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/chart");
    let short = made(&organizer, &hall_without_the_first()).await;
    let to = |chart: &str| json!({ "chart_id": chart });
    let hold = json!({ "buyer": "c", "places": ["A-1-1"], "seconds": 60 });
    let hold = organizer.post(format!("/v1/events/{event}/holds"), &hold).await.ok(201);
    let refused = organizer.post(&path, &to(&short)).await;
    assert_eq!(refused.problem(409, "place_unavailable")["reasons"], json!({ "A-1-1": "held" }));
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({})).await.ok(201);
    let refused = organizer.post(&path, &to(&short)).await;
    assert_eq!(refused.problem(409, "place_unavailable")["reasons"], json!({ "A-1-1": "sold" }));
    let seq = server.availability(&event).await["seq"].clone();
    assert_eq!(seq, 2, "a refusal changes nothing");

    let mut unpriced = hall();
    unpriced["categories"].as_array_mut().unwrap().retain(|category| category["key"] != "vip");
    unpriced["sections"].as_array_mut().unwrap().pop();
    let unpriced = made(&organizer, &unpriced).await;
    let told = organizer.post(&path, &to(&unpriced)).await.invalid(422, "/chart_id");
    assert!(told.to_string().contains("has no category vip"), "{told}");
    let prices = json!({ "chart_id": unpriced, "prices": { "front": 7_000, "back": 1_000, "floor": 500 } });
    let moved = organizer.post(&path, &prices).await.ok(200);
    assert_eq!((&moved["prices"]["front"], &moved["seq"]), (&json!(7_000), &json!(3)));

    let mut small_floor = hall();
    small_floor["areas"][0]["capacity"] = json!(49);
    let small_floor = made(&organizer, &small_floor).await;
    organizer.post(&path, &to(&small_floor)).await.invalid(422, "/chart_id");
    organizer.post(&path, &to("cht_00000000000000")).await.problem(404, "not_found");
    organizer.post(&path, &to("nonsense")).await.problem(404, "not_found");
    let theirs = server.nobody().with_key(&server.keys.other_secret);
    organizer.post(&path, &to(&made(&theirs, &hall()).await)).await.problem(404, "not_found");
    organizer.post(&path, &json!({})).await.invalid(422, "/chart_id");
    organizer.post(&path, &json!({ "chart_id": 7 })).await.invalid(422, "/chart_id");
    let mars = json!({ "chart_id": unpriced, "prices": { "mars": 1 } });
    organizer.post(&path, &mars).await.invalid(422, "/prices/mars");
    organizer.patch(format!("/v1/events/{event}"), &to(&unpriced)).await.invalid(422, "/chart_id");
    let field =
        json!({ "name": "Field", "areas": [{ "name": "Field", "capacity": 9, "category": "floor" }] });
    let field = id_of(&organizer.post("/v1/events", &field).await.ok(201));
    organizer.post(format!("/v1/events/{field}/chart"), &to(&unpriced)).await.invalid(422, "/chart_id");
    organizer.patch(format!("/v1/events/{event}"), &json!({ "status": "cancelled" })).await.ok(200);
    let home = made(&organizer, &hall()).await;
    organizer.post(&path, &to(&home)).await.problem(409, "event_cancelled");
}

/// Moves an event on one node while a map is open on another, which then sells; returns the event.
async fn move_and_sell(here: &Client, there: &Client) -> String {
    let chart = made(here, &hall()).await;
    let event = id_of(&here.post("/v1/events", &settings_of(&chart)).await.ok(201));
    book(here, &event, "A-2-2").await;
    let mut listener = Feed::join(there.get(format!("/v1/events/{event}/feed"))).await;
    listener.next().await;
    let chart = made(here, &camera_hall()).await;
    here.post(format!("/v1/events/{event}/chart"), &json!({ "chart_id": chart })).await.ok(200);
    // A node that followed tells nothing but the end of the stream, and everything to whoever comes back.
    let is_told = |frame: &Frame| frame.event == "snapshot" && frame.data["chart_id"] == *chart;
    loop {
        match listener.next_or_end().await {
            Some(frame) if is_told(&frame) => break,
            Some(_) => {}
            None => listener = Feed::join(there.get(format!("/v1/events/{event}/feed"))).await,
        }
    }
    book(there, &event, "A-4-1").await;
    // A seat that the event got just now is known wherever its records are read, however far a node has followed.
    let kept = json!({ "buyer": "c", "places": ["A-4-9"] });
    let held = here.post(format!("/v1/events/{event}/holds"), &kept).await.ok(201);
    let held = there.get(format!("/v1/holds/{}", id_of(&held))).await.ok(200);
    assert_eq!(held["places"][0]["label"], "A-4-9");
    there.delete(format!("/v1/holds/{}", id_of(&held))).await.ok(200);
    let last = book(here, &event, "A-4-2").await["seq"].to_string();
    there.get(format!("/v1/events/{event}/availability")).header("if-seq", &last).await.ok(200);
    assert_eq!(used(&drawn(there, &event).await), [("A-4-1", 's'), ("A-4-2", 's'), ("A-2-2", 's')]);
    event
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_follows_and_the_audit_is_clean() {
    let directory = TempDir::new().unwrap();
    let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = postgres.database();
    run(&["migrate", "--database-url", &url]).await.ok();
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let secret = text_of(&keys["secret_key"]);
    let (node, here) = Process::serve(directory.path(), &url, &[]).await;
    let (second, there) = Process::serve(directory.path(), &url, &[]).await;
    move_and_sell(&here.with_key(&secret), &there.with_key(&secret)).await;
    audit(&url).await;
    node.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_it_sells_on() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    run(&["migrate", "--database-url", &url]).await.ok();
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let secret = text_of(&keys["secret_key"]);
    let (node, client) = Process::serve(directory.path(), &url, &[]).await;
    let client = client.with_key(&secret);
    let event = move_and_sell(&client, &client).await;
    let backup = directory.path().join("backup.db");
    let backup = backup.to_str().unwrap();
    run(&["backup", backup, "--database-url", &url]).await.ok();
    node.stop().await;
    run(&["restore", backup, "--replace", "--database-url", &url]).await.ok();
    let (node, client) = Process::serve(directory.path(), &url, &[]).await;
    let client = client.with_key(&secret);
    client.patch(format!("/v1/events/{event}"), &json!({ "status": "open" })).await.ok(200);
    book(&client, &event, "A-4-3").await;
    let house = drawn(&client, &event).await;
    assert_eq!(used(&house), [("A-4-1", 's'), ("A-4-2", 's'), ("A-4-3", 's'), ("A-2-2", 's')]);
    audit(&url).await;
    node.stop().await;
}
