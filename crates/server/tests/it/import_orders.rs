//! `flashtix import-orders`: moving in from another system.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::{Process, Ran, run, url_of};
use crate::sale::{id_of, text_of};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

/// What the products of the fixture are.
const ITEMS: [&str; 8] =
    ["--item", "1345=adult", "--item", "1345/77=child", "--item", "1346=adult@Stehplatz", "--item", "99=-"];

/// A store that is served, with an event over the theatre.
struct House {
    directory: TempDir,
    url: String,
    process: Process,
    client: Client,
    event: String,
}

impl House {
    async fn open() -> Self {
        let directory = TempDir::new().unwrap();
        let url = url_of(&directory.path().join("flashtix.db"));
        let made = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
        let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
        let client = nobody.with_key(&text_of(&made["secret_key"]));
        let plan = std::fs::read(format!("{DATA}/pretix_theatre.json")).unwrap();
        let chart = client.ask(http::Method::POST, "/v1/charts?format=pretix").body(plan).await.ok(201);
        let event = json!({
            "chart_id": id_of(&chart),
            "name": "Premiere",
            "currency": "EUR",
            "status": "draft",
            "ticket_types": [
                { "key": "adult", "name": "Adult", "public": true },
                { "key": "child", "name": "Child", "public": true },
            ],
            "areas": [{ "name": "Stehplatz", "capacity": 1, "category": "Preisgruppe 4" }],
            "prices": {},
        });
        let event = id_of(&client.post("/v1/events", &event).await.ok(201));
        Self { directory, url, process, client, event }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn import(&self, file: &Path, format: &str, more: &[&str]) -> Ran {
        let file = file.to_str().unwrap();
        let mut arguments = vec!["import-orders", file, "--format", format, "--event", &self.event];
        arguments.extend(["--database-url", &self.url]);
        arguments.extend(more);
        run(&arguments).await
    }

    async fn orders(&self) -> Vec<Value> {
        let page = self.client.get(format!("/v1/events/{}/orders?limit=100", self.event)).await.ok(200);
        page["items"].as_array().unwrap().clone()
    }

    async fn close(self) {
        self.process.stop().await;
        run(&["audit", "--database-url", &self.url]).await.ok();
    }
}

fn fixture() -> String {
    std::fs::read_to_string(format!("{DATA}/pretix_orders.json")).unwrap()
}

#[tokio::test]
async fn pretix_orders_come_over_with_their_past_beside_a_running_server() {
    let house = House::open().await;
    let file = PathBuf::from(format!("{DATA}/pretix_orders.json"));
    let mut arguments = ITEMS.to_vec();
    arguments.push("--json");
    let mut dry = arguments.clone();
    dry.push("--dry-run");
    let dry = house.import(&file, "pretix", &dry).await.json();
    assert_eq!((&dry["to_write"], &dry["faults"]), (&json!(8), &json!([])));
    assert_eq!(house.orders().await, [] as [Value; 0], "a dry run writes nothing");

    let told = house.import(&file, "pretix", &arguments).await.json();
    let sums = json!({ "orders": 8, "valid": 7, "cancelled": 8, "codes": 15, "amount": 27_750, "amount_cancelled": 34_500 });
    assert_eq!((&told["file"], &told["stored"]), (&sums, &sums));
    assert_eq!((&told["made"], &told["known"], &told["reconciled"]), (&json!(8), &json!(0), &json!(true)));
    let left_out = json!({
        "orders_without_tickets": 1, "test_orders": 1, "other_items": 2, "other_items_amount": 840,
        "other_dates": 0, "fees": 150,
    });
    assert_eq!(told["left_out"], left_out);

    let orders = house.orders().await;
    let order = |name: &str| orders.iter().find(|order| order["ref"] == name).unwrap();
    let tickets = |name: &str| -> Vec<(String, String, String, i64)> {
        let tickets = order(name)["tickets"].as_array().unwrap().iter();
        let mut tickets: Vec<_> = tickets
            .map(|ticket| {
                let place = ticket["guid"].as_str().unwrap_or_else(|| ticket["label"].as_str().unwrap());
                let price = ticket["price"].as_i64().unwrap();
                (text_of(&ticket["code"]), place.to_owned(), text_of(&ticket["status"]), price)
            })
            .collect();
        tickets.sort();
        tickets
    };
    let ticket = |code: &str, place: &str, status: &str, price| {
        (code.to_owned(), place.to_owned(), status.to_owned(), price)
    };
    assert_eq!(
        tickets("A2"),
        [
            ticket("a2x", "parkett-1-1", "valid", 4_900),
            ticket("a2y", "parkett-2-1", "cancelled", 4_900),
            ticket("a2z", "parkett-2-2", "valid", 2_450),
        ]
    );
    assert_eq!(
        tickets("A4"),
        [ticket("a4x", "parkett-3-1", "cancelled", 4_900), ticket("a4y", "parkett-3-1", "valid", 4_500)]
    );
    assert_eq!(
        tickets("G1"),
        [ticket("g1x", "Stehplatz", "valid", 1_200), ticket("g1y", "Stehplatz", "cancelled", 1_200)]
    );
    for name in ["C1", "E1"] {
        assert_eq!(order(name)["status"], "cancelled", "{name}");
    }
    assert_eq!(order("A1")["created_at"], "2026-10-03T08:00:00.000Z");
    assert_eq!((&order("A1")["payment_ref"], &order("B1")["payment_ref"]), (&json!("A1-P-2"), &Value::Null));
    assert_eq!((&order("A1")["buyer"], &order("A3")["buyer"]), (&json!("a1@example.org"), &json!("Q7XK2")));
    assert_eq!(order("B1")["metadata"], json!({ "pretix": { "status": "n", "fees": 0 } }));
    assert_eq!(order("A1")["metadata"]["pretix"]["fees"], 150);
    let types: Vec<_> =
        order("A2")["tickets"].as_array().unwrap().iter().map(|t| &t["ticket_type"]).collect();
    assert!(types.contains(&&json!("child")), "{types:?}");

    // Once more: nothing is there twice. And the same through the API's own shape, into another event.
    let again = house.import(&file, "pretix", &arguments).await.json();
    assert_eq!((&again["made"], &again["known"], &again["reconciled"]), (&json!(0), &json!(8), &json!(true)));
    assert_eq!(house.orders().await, orders);
    house.close().await;
}

#[tokio::test]
async fn orders_that_flashtix_answers_are_taken_over_by_another_event() {
    let mut house = House::open().await;
    let file = house.file("orders.json", &fixture());
    house.import(&file, "pretix", &ITEMS).await.ok();
    let page = house.client.get(format!("/v1/events/{}/orders?limit=100", house.event)).await;
    let file = house.file("answered.json", &page.text());
    let event = house.client.get(format!("/v1/events/{}", house.event)).await.ok(200);
    let copy = json!({
        "chart_id": event["chart_id"], "name": "Copy", "currency": "EUR", "areas": event["areas"],
        "ticket_types": event["ticket_types"], "prices": {},
    });
    house.event = id_of(&house.client.post("/v1/events", &copy).await.ok(201));
    let text = house.import(&file, "ndjson", &[]).await.ok();
    assert!(text.contains("The file and the store agree."), "{text}");
    assert!(text.contains("277.50 EUR") && text.contains("345.00 EUR"), "{text}");
    house.close().await;
}

#[tokio::test]
async fn a_file_that_is_not_in_order_changes_nothing_and_names_its_lines() {
    let house = House::open().await;
    let whole = fixture();
    let cases = [
        ("torn", whole[..whole.len() - 40].to_owned(), &ITEMS[..], "line 1: the file ends in the middle"),
        (
            "code",
            whole.replace("\"a3x\"", "\"a1x\""),
            &ITEMS[..],
            "line 4: the barcode \"a1x\" is a ticket's on line 2",
        ),
        (
            "sold",
            whole.replace("parkett-1-2", "parkett-1-1"),
            &ITEMS[..],
            "line 3: the seat Parkett-1-1 is sold",
        ),
        (
            "guid",
            whole.replace("parkett-4-1", "garten-4-1"),
            &ITEMS[..],
            "line 6: the event's chart has no seat",
        ),
        (
            "name",
            whole.replace("\"code\": \"B1\"", "\"code\": \"A1\""),
            &ITEMS[..],
            "line 6: \"A1\" is the name",
        ),
        (
            "money",
            whole.replace("\"45.00\"", "\"45.005\""),
            &ITEMS[..],
            "line 5: \"45.005\" is no amount in EUR",
        ),
        ("item", whole.clone(), &ITEMS[2..], "--item 1346"),
        ("kind", "id;name\n".to_owned(), &ITEMS[..], "line 1: cannot be read as JSON"),
        ("other", "{\"name\":\"x\"}\n".to_owned(), &ITEMS[..], "line 1: is no order of pretix"),
    ];
    for (name, text, items, expected) in cases {
        let items = if name == "item" { &ITEMS[..2] } else { items };
        let ran = house.import(&house.file(name, &text), "pretix", items).await;
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert!(ran.stderr.contains(expected), "{name}: {ran:?}");
        assert!(ran.stderr.contains("nothing was written"), "{name}: {ran:?}");
    }
    let order = json!({
        "ref": "x", "buyer": "b", "created_at": "2026-01-01T00:00:00Z", "currency": "USD",
        "tickets": [{ "label": "Parkett-1-1", "price": 100 }],
    });
    let ran = house.import(&house.file("usd", &order.to_string()), "ndjson", &[]).await;
    assert!(ran.code == Some(1) && ran.stderr.contains("line 1: is in USD, and the event in EUR"), "{ran:?}");
    assert_eq!(house.import(Path::new("x"), "pretix", &["--item", "adult"]).await.code, Some(2));
    assert_eq!(house.orders().await, [] as [Value; 0]);
    house.close().await;
}

#[tokio::test]
async fn what_was_sold_here_already_is_told_and_the_rest_goes_on_later() {
    let house = House::open().await;
    let own = json!({
        "buyer": "counter", "ref": "own",
        "places": [{ "place": "guid:parkett-1-2", "price": 100 }], "ignore": ["sale_window"],
    });
    let own = house.client.post(format!("/v1/events/{}/orders", house.event), &own).await.ok(201);
    let file = house.file("orders.json", &fixture());
    let mut dry = ITEMS.to_vec();
    dry.push("--dry-run");
    let ran = house.import(&file, "pretix", &dry).await;
    assert!(
        ran.code == Some(1) && ran.stderr.contains("line 2: the seat Parkett-1-2 is not free"),
        "{ran:?}"
    );
    let ran = house.import(&file, "pretix", &ITEMS).await;
    assert!(ran.code == Some(1) && ran.stderr.contains("nothing was written"), "{ran:?}");
    assert_eq!(house.orders().await.len(), 1);
    // Half of it is there, as after an interruption; one order of that half is another one.
    let half: Vec<String> = fixture().lines().map(str::to_owned).collect();
    let text = format!(
        "{}]}}",
        half[..1].iter().chain(&half[5..8]).cloned().collect::<String>().trim_end_matches(',')
    );
    house.import(&house.file("half.json", &text), "pretix", &ITEMS).await.ok();
    let cancelled = json!({});
    house.client.post(format!("/v1/orders/{}/cancel", id_of(&own)), &cancelled).await.ok(200);
    let other = house.file("other.json", &fixture().replace("\"45.00\"", "\"44.00\""));
    house.import(&other, "pretix", &ITEMS).await.ok();
    // What the file says now is not what is there: it is told, and nothing is written over.
    let ran = house.import(&file, "pretix", &ITEMS).await;
    assert!(
        ran.code == Some(1) && ran.stderr.contains("line 5: the ref is used by another order"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("do NOT agree") && ran.stdout.contains("differs"), "{ran:?}");
    house.close().await;
}

#[tokio::test]
async fn five_thousand_orders_reconcile_to_the_cent() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    let made = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let (process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let client = nobody.with_key(&text_of(&made["secret_key"]));
    let rows: Vec<Value> = (1..=100)
        .map(|row| {
            let seat = |seat: u32| json!({ "label": seat.to_string(), "x": seat, "y": row, "category": "c", "guid": format!("{row}-{seat}") });
            json!({ "label": row.to_string(), "seats": (1..=100).map(seat).collect::<Vec<_>>() })
        })
        .collect();
    let chart = json!({ "name": "Arena", "categories": [{ "key": "c", "name": "C" }], "sections": [{ "name": "S", "rows": rows }] });
    let chart = id_of(&client.post("/v1/charts", &chart).await.ok(201));
    let event = json!({ "chart_id": chart, "name": "Arena", "currency": "EUR", "prices": {} });
    let event = id_of(&client.post("/v1/events", &event).await.ok(201));
    // Two seats an order; every fifth order was cancelled and its seats sold to the next one as well.
    let order = |at: usize| {
        let is_cancelled = at % 5 == 4;
        let of = if is_cancelled { (at + 1) % 5_000 } else { at };
        let position = |n: usize| {
            let seat = of * 2 + n;
            json!({
                "item": 1, "variation": null, "price": format!("{}.{:02}", 20 + at % 50, at % 100), "subevent": null,
                "secret": format!("s{at}-{n}"), "canceled": is_cancelled,
                "seat": { "seat_guid": format!("{}-{}", seat / 100 + 1, seat % 100 + 1) },
            })
        };
        json!({
            "code": format!("O{at}"), "status": if is_cancelled { "c" } else { "p" }, "email": format!("{at}@example.org"),
            "datetime": "2026-05-05T05:05:05Z", "positions": [position(0), position(1)],
        })
    };
    let text: Vec<String> = (0..5_000).map(|at| order(at).to_string()).collect();
    let file = directory.path().join("orders.ndjson");
    std::fs::write(&file, text.join("\n")).unwrap();
    let arguments = [
        "import-orders",
        file.to_str().unwrap(),
        "--format",
        "pretix",
        "--event",
        &event,
        "--json",
        "--database-url",
        &url,
    ];
    let told = run(&arguments).await.json();
    assert_eq!((&told["made"], &told["reconciled"]), (&json!(5_000), &json!(true)), "{told}");
    assert_eq!(told["stored"]["valid"], 8_000);
    println!("5,000 orders in {} s", told["seconds"]);
    process.stop().await;
    run(&["audit", "--database-url", &url]).await.ok();
}
