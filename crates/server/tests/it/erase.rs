//! `POST /v1/buyers/erase`: a person goes, and the sale stays as it was.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::json;
use testkit::servers::postgres::{Postgres, versions};

use crate::client::Client;
use crate::process::{Process, run, url_of};
use crate::sale::{TestServer, id_of, text_of};

/// Whom nothing may remember; long enough to be nowhere by chance.
const PERSON: &str = "grace.hopper.1906@example.org";

#[tokio::test]
async fn an_erased_buyer_is_in_no_answer_any_more() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 5 })).await;
    let path = format!("/v1/events/{event}");
    let body = json!({ "buyer": PERSON, "places": ["A-1-1"], "metadata": { "phone": "1" } });
    let hold = organizer.post(format!("{path}/holds"), &body).key("her hold").await.ok(201);
    let body = json!({ "buyer": PERSON, "places": ["A-1-2"], "ref": format!("order of {PERSON}"), "payment_ref": "p1" });
    let order = organizer.post(format!("{path}/orders"), &body).key("her order").await.ok(201);
    let other = json!({ "buyer": "bob", "places": ["A-1-3"], "metadata": { "phone": "2" } });
    let other = organizer.post(format!("{path}/orders"), &other).key("his order").await.ok(201);
    let before = server.availability(&event).await;
    let erased = organizer.post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.ok(200);
    assert_eq!(erased, json!({ "holds": 1, "orders": 1, "replies": 2 }));
    for path in [
        format!("/v1/orders/{}", id_of(&order)),
        format!("/v1/holds/{}", id_of(&hold)),
        format!("{path}/orders"),
        format!("{path}/holds"),
        format!("{path}/ledger"),
    ] {
        let told = organizer.get(&path).await;
        assert!(told.status == 200 && !told.text().contains(PERSON), "{path}: {}", told.text());
    }
    let read = organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200);
    assert_eq!(
        (&read["buyer"], &read["ref"], &read["payment_ref"]),
        (&json!(""), &json!("order of "), &json!("p1"))
    );
    assert_eq!((&read["amount"], &read["tickets"]), (&order["amount"], &order["tickets"]));
    assert_eq!(organizer.get(format!("/v1/orders/{}", id_of(&other))).await.ok(200), other);
    assert_eq!(server.availability(&event).await, before);
    // Whoever repeats the request gets the order that it made, without its buyer.
    let again = organizer.post(format!("{path}/orders"), &body).key("her order").await;
    assert!(again.is_replay() && !again.text().contains(PERSON), "{}", again.text());
    assert_eq!(again.ok(201)["id"], order["id"]);
    // What she has still counts: five in all, two of them here.
    let more = json!({ "buyer": PERSON, "areas": [{ "name": "Floor", "quantity": 4 }] });
    let refused = organizer.post(format!("{path}/holds"), &more).await.problem(409, "limit_exceeded");
    assert_eq!(refused["used"], 2);
    let again = organizer.post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.ok(200);
    assert_eq!(again["orders"], 0);
    organizer.post("/v1/buyers/erase", &json!({ "buyer": "" })).await.invalid(422, "/buyer");
    server.browser().post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.problem(403, "forbidden");
}

/// The files of a folder that have the person's text.
fn files_with_person(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let has_it = |path: &PathBuf| {
        let bytes = if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() };
        bytes.windows(PERSON.len()).any(|window| window == PERSON.as_bytes())
    };
    paths.filter(has_it).collect()
}

/// Sixty holds, every third one hers; half of them are paid.
async fn sell_to_person(client: &Client) {
    let show =
        json!({ "name": "Show", "areas": [{ "name": "Floor", "capacity": 500, "category": "floor" }] });
    let event = id_of(&client.post("/v1/events", &show).await.ok(201));
    for at in 0..60 {
        let buyer = if at % 3 == 0 { PERSON.to_owned() } else { format!("buyer {at}") };
        let body = json!({ "buyer": buyer, "areas": [{ "name": "Floor", "quantity": 1 }], "seconds": 600 });
        let hold =
            client.post(format!("/v1/events/{event}/holds"), &body).key(&format!("hold {at}")).await.ok(201);
        if at % 2 == 0 {
            client.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({})).await.ok(201);
        }
    }
}

#[tokio::test]
async fn an_erased_buyer_is_in_no_file_any_more() {
    let directory = tempfile::TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let url = url_of(&database);
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let (process, client) = Process::serve(directory.path(), &url, &[]).await;
    let client = client.with_key(&text_of(&keys["secret_key"]));
    sell_to_person(&client).await;
    assert!(!files_with_person(directory.path()).is_empty(), "who looks must be able to find");
    let erased = client.post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.ok(200);
    assert_eq!((&erased["holds"], &erased["orders"]), (&json!(20), &json!(10)));
    process.stop().await;
    let compacted = run(&["compact", "--database-url", &url]).await;
    assert!(compacted.ok().contains("flashtix.db"));
    // The database, its log, and what the server said.
    assert_eq!(files_with_person(directory.path()), Vec::<PathBuf>::new());
    assert!(run(&["audit", "--database-url", &url]).await.ok().contains("clean"));
}

/// Damages the first of two buyers' remembered answers, and erases the second.
async fn damage_blocks_nobody(directory: &Path, url: &str, damage: impl Fn()) {
    let keys = run(&["keys", "create", "--json", "--database-url", url]).await.json();
    let (process, client) = Process::serve(directory, url, &[]).await;
    let client = client.with_key(&text_of(&keys["secret_key"]));
    let show =
        json!({ "name": "Show", "areas": [{ "name": "Floor", "capacity": 500, "category": "floor" }] });
    let event = id_of(&client.post("/v1/events", &show).await.ok(201));
    let body = |buyer: &str| json!({ "buyer": buyer, "areas": [{ "name": "Floor", "quantity": 1 }] });
    for buyer in ["bob", PERSON] {
        client.post(format!("/v1/events/{event}/orders"), &body(buyer)).key(buyer).await.ok(201);
    }
    damage();
    let erased = client.post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.ok(200);
    assert_eq!(erased, json!({ "holds": 0, "orders": 1, "replies": 1 }));
    let again = client.post(format!("/v1/events/{event}/orders"), &body(PERSON)).key(PERSON).await;
    assert!(again.is_replay() && !again.text().contains(PERSON), "{}", again.text());
    assert!(process.said().contains("cannot be read"), "somebody must look: {}", process.said());
    process.stop().await;
    run(&["audit", "--database-url", url]).await.ok();
}

#[tokio::test]
async fn answers_that_cannot_be_read_keep_nobody_from_being_erased() {
    let directory = tempfile::TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let damage = || {
        let sql =
            "UPDATE replies SET replies = x'00000009' WHERE position = (SELECT min(position) FROM replies)";
        assert_eq!(Connection::open(&database).unwrap().execute(sql, []).unwrap(), 1);
    };
    damage_blocks_nobody(directory.path(), &url_of(&database), damage).await;
    let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = postgres.database();
    let damage = || {
        let sql = "UPDATE replies SET replies = '\\x00000009' WHERE seq = (SELECT min(seq) FROM replies)";
        postgres.sql(url.rsplit('/').next().unwrap(), sql);
    };
    damage_blocks_nobody(directory.path(), &url, damage).await;
}

#[tokio::test]
async fn an_erased_buyer_is_in_no_dump_any_more() {
    let directory = tempfile::TempDir::new().unwrap();
    for version in versions() {
        let postgres = Postgres::start(&version, &["fsync=on"]);
        let url = postgres.database();
        let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
        let (process, client) = Process::serve(directory.path(), &url, &[]).await;
        let client = client.with_key(&text_of(&keys["secret_key"]));
        sell_to_person(&client).await;
        // What pg_dump writes, of any version of the server.
        let database = url.rsplit('/').next().unwrap();
        let tables = postgres.sql(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        let rows = |table: &str| postgres.sql(database, &format!("SELECT row::text FROM {table} AS row"));
        let dump = || tables.lines().map(rows).collect::<String>();
        // Answers are kept as bytes, and dumped as hexadecimal digits.
        let in_hex: String = PERSON.bytes().map(|byte| format!("{byte:02x}")).collect();
        let found = dump();
        assert!(found.contains(PERSON) && found.contains(&in_hex), "who looks must be able to find");
        let erased = client.post("/v1/buyers/erase", &json!({ "buyer": PERSON })).await.ok(200);
        assert_eq!((&erased["holds"], &erased["orders"]), (&json!(20), &json!(10)));
        let found = dump();
        assert!(!found.contains(PERSON) && !found.contains(&in_hex));
        assert!(!process.said().contains(PERSON));
        process.stop().await;
        assert!(run(&["audit", "--database-url", &url]).await.ok().contains("clean"));
    }
}
