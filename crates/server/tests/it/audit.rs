//! `flashtix audit` finds what is not as the ledger says, in tables that no other table is made of.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use testkit::servers::postgres::{Postgres, versions};

use crate::process::{Process, run, url_of};
use crate::sale::{hall, id_of, settings_of, text_of};

/// What is done to a store, what the audit must say of it, and what undoes it. Both databases read these.
const DAMAGES: [(&str, &str, &str); 12] = [
    (
        "UPDATE barcodes SET event = -event WHERE code = 'code 1'",
        "leads nowhere",
        "UPDATE barcodes SET event = -event WHERE code = 'code 1'",
    ),
    (
        "INSERT INTO barcodes (event, order_serial, code) \
         SELECT event, order_serial, 'stray' FROM barcodes WHERE code = 'code 0'",
        "none of its tickets has it",
        "DELETE FROM barcodes WHERE code = 'stray'",
    ),
    (
        "INSERT INTO barcodes (event, order_serial, code) \
         SELECT event, order_serial + 1, 'stray' FROM barcodes WHERE code = 'code 0'",
        "which is no order",
        "DELETE FROM barcodes WHERE code = 'stray'",
    ),
    (
        "INSERT INTO barcodes (event, order_serial, code) \
         SELECT event, order_serial + 70000, 'stray' FROM barcodes WHERE code = 'code 2'",
        "which is no order",
        "DELETE FROM barcodes WHERE code = 'stray'",
    ),
    (
        "INSERT INTO counters (event, surrogate, used) SELECT DISTINCT event, 77, 3 FROM barcodes",
        "3 units are counted under pseudonym 77, which no commit gave",
        "DELETE FROM counters WHERE surrogate = 77",
    ),
    // A digest of the other kind is one that nothing has.
    (
        "INSERT INTO codes (event, digest, order_serial, order_salt) SELECT event, digest, order_serial, order_salt \
         FROM order_refs WHERE order_serial = (SELECT min(order_serial) FROM order_refs)",
        "a code is taken for ord_",
        "DELETE FROM codes WHERE digest IN (SELECT digest FROM order_refs)",
    ),
    (
        "INSERT INTO order_refs (event, digest, fingerprint, order_serial, order_salt) \
         SELECT event, digest, digest, order_serial, order_salt \
         FROM codes WHERE order_serial = (SELECT max(order_serial) FROM codes)",
        "a ref is taken for ord_",
        "DELETE FROM order_refs WHERE digest IN (SELECT digest FROM codes)",
    ),
    (
        "UPDATE codes SET event = -event WHERE order_serial = (SELECT min(order_serial) FROM codes)",
        "a second order may get it",
        "UPDATE codes SET event = -event WHERE order_serial = (SELECT min(order_serial) FROM codes)",
    ),
    // Two orders that are read together have one barcode.
    (
        "UPDATE orders SET tickets = replace(tickets, 'code 0', 'code 1') WHERE tickets LIKE '%code 0%'",
        "a code of ord_",
        "UPDATE orders SET tickets = replace(tickets, 'code 1', 'code 0') \
         WHERE serial = (SELECT min(serial) FROM orders)",
    ),
    (
        "UPDATE order_refs SET event = -event WHERE order_serial = (SELECT max(order_serial) FROM order_refs)",
        "a second order may get it",
        "UPDATE order_refs SET event = -event WHERE order_serial = (SELECT max(order_serial) FROM order_refs)",
    ),
    (
        "UPDATE codes SET order_salt = order_salt - 1 WHERE order_serial = (SELECT max(order_serial) FROM codes)",
        "is taken for ord_",
        "UPDATE codes SET order_salt = order_salt + 1 WHERE order_serial = (SELECT max(order_serial) FROM codes)",
    ),
    (
        "UPDATE order_refs SET order_serial = order_serial + 70000 \
         WHERE order_serial = (SELECT max(order_serial) FROM order_refs)",
        "is taken for ord_",
        "UPDATE order_refs SET order_serial = order_serial - 70000 \
         WHERE order_serial = (SELECT max(order_serial) FROM order_refs)",
    ),
];

/// Rows where an embedded store's ledger leads nobody: damage, what is told, and how it is undone.
const STRAYS: [(&str, &str, &str); 2] = [
    (
        "UPDATE orders SET number = -number WHERE serial = (SELECT max(serial) FROM orders)",
        "orders that no commit leads to: 1",
        "UPDATE orders SET number = -number WHERE number < 0",
    ),
    (
        "INSERT INTO replies (position, at, replies) VALUES (-1, 0, x'')",
        "replies that no commit leads to: 1",
        "DELETE FROM replies WHERE position = -1",
    ),
];

/// Sells three orders with barcodes, damages the store in each way, and wants each told.
async fn damage_is_told(
    directory: &Path,
    url: &str,
    damages: &[(&'static str, &str, &str)],
    execute: impl Fn(&str),
) {
    let keys = run(&["keys", "create", "--json", "--database-url", url]).await.json();
    let (process, nobody) = Process::serve(directory, url, &[]).await;
    let client = nobody.with_key(&text_of(&keys["secret_key"]));
    let chart = id_of(&client.post("/v1/charts", &hall()).await.ok(201));
    let event = id_of(&client.post("/v1/events", &settings_of(&chart)).await.ok(201));
    for at in 0..3 {
        // The same buyer, so that there is a counter too.
        let area = json!({ "name": "Floor", "quantity": 1, "codes": [format!("code {at}")] });
        let order = json!({ "buyer": "ada", "areas": [area], "ref": format!("order {at}") });
        client.post(format!("/v1/events/{event}/orders"), &order).await.ok(201);
    }
    process.stop().await;
    run(&["audit", "--database-url", url]).await.ok();
    let mut untold = Vec::new();
    for &(damage, told, undo) in damages {
        execute(damage);
        let found = run(&["audit", "--database-url", url]).await;
        if found.code != Some(1) || !found.stdout.contains(told) {
            untold.push((damage, found.code, found.stdout.clone()));
        }
        assert!(
            ["stray", "code 0", "code 1", "code 2"].iter().all(|code| !found.stdout.contains(code)),
            "{found:?}"
        );
        execute(undo);
    }
    assert!(untold.is_empty(), "{untold:#?}");
    run(&["audit", "--database-url", url]).await.ok();
}

#[tokio::test]
async fn damage_in_an_embedded_store_is_told() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let execute = |sql: &str| {
        let changed = Connection::open(&database).unwrap().execute(sql, []).unwrap();
        assert_eq!(changed, 1, "{sql}");
    };
    let damages = [&DAMAGES[..], &STRAYS].concat();
    damage_is_told(directory.path(), &url_of(&database), &damages, execute).await;
}

#[tokio::test]
async fn damage_in_postgresql_is_told() {
    let directory = TempDir::new().unwrap();
    let server = Postgres::start(&versions()[0], &["fsync=on"]);
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    damage_is_told(directory.path(), &url, &DAMAGES, |sql| drop(server.sql(name, sql))).await;
}
