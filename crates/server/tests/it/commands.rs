//! The `flashtix` command, as scripts and people use it.

use std::path::Path;

use backends::sqlite::migrate::MIGRATIONS;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::{Process, run, url_of};
use crate::sale::{hall, id_of, text_of};
use crate::waiting::until;

/// A seating plan as pretix's editor exports it.
const THEATRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pretix_theatre.json");

async fn demo(directory: &Path, more: &[&str]) -> (Process, Value) {
    let data = directory.join("demo");
    let data = data.to_str().unwrap();
    let mut arguments = vec!["demo", "--listen", "127.0.0.1:0", "--data-dir", data, "--seats", "500"];
    arguments.extend_from_slice(more);
    let mut process = Process::start(directory, &arguments);
    let line = process.line(true, "{").await;
    let told = serde_json::from_str(&format!("{{{line}")).unwrap();
    (process, told)
}

#[tokio::test]
async fn the_demo_tells_one_line_and_continues_the_same_sale() {
    let directory = TempDir::new().unwrap();
    let (process, told) = demo(directory.path(), &["--json"]).await;
    let members: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(members, ["event_id", "publishable_key", "secret_key", "url"]);
    let event = text_of(&told["event_id"]);
    let browser = Client::of_url(&text_of(&told["url"])).with_key(&text_of(&told["publishable_key"]));
    let availability = browser.get(format!("/v1/events/{event}/availability")).await.ok(200);
    let places = |availability: &Value| {
        let counts = availability["categories"].as_object().unwrap().values();
        counts
            .map(|counts| ["free", "held", "sold", "blocked"].map(|name| counts[name].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert!(places(&availability).iter().map(|counts| counts[0]).sum::<u64>() >= 500);
    let body = json!({ "buyer": "me", "best_available": { "quantity": 2 } });
    let hold = browser.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let confirm = json!({ "token": hold["token"], "payment_ref": "card" });
    let order = browser.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &confirm).await.ok(201);
    let seeded = browser.post("/api/tickets/seed", &json!(null)).await;
    assert_eq!(seeded.text(), "Created 100 Seats!");
    assert_eq!(process.said().lines().count(), 1, "{}", process.said());
    process.stop().await;
    let (process, again) = demo(directory.path(), &["--json"]).await;
    for name in ["event_id", "secret_key", "publishable_key"] {
        assert_eq!(again[name], told[name], "{name}");
    }
    let organizer = Client::of_url(&text_of(&again["url"])).with_key(&text_of(&again["secret_key"]));
    assert_eq!(organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200), order);
    process.stop().await;
}

#[tokio::test]
async fn the_demo_tells_people_what_to_try() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("demo");
    let data = data.to_str().unwrap();
    let mut process = Process::start(
        directory.path(),
        &["demo", "--listen", "127.0.0.1:0", "--data-dir", data, "--seats", "500"],
    );
    process.line(true, "  flashtix storm ").await;
    for word in ["secret key       sk_test_", "publishable key  pk_test_", "/swagger-ui", "curl"] {
        assert!(process.said().contains(word), "{word}: {}", process.said());
    }
    process.stop().await;
}

#[tokio::test]
async fn a_store_has_one_server() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let (process, client) = Process::serve(directory.path(), &url_of(&database), &[]).await;
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url_of(&database)]).await;
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("flashtix: ") && second.stderr.contains("flashtix.db"),
        "{}",
        second.stderr
    );
    client.get("/readyz").await.ok(200);
    let address = client.address().to_string();
    let other = url_of(&directory.path().join("other.db"));
    let taken = run(&["serve", "--listen", &address, "--database-url", &other]).await;
    assert_eq!(taken.code, Some(1));
    assert!(taken.stderr.contains("--listen"), "{}", taken.stderr);
    process.stop().await;
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked_beside_a_server() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let url = url_of(&database);
    let (process, nobody) = Process::serve(directory.path(), &url_of(&database), &[]).await;
    let made =
        run(&["keys", "create", "--name", "box office", "--mode", "live", "--json", "--database-url", &url])
            .await
            .json();
    let secret = text_of(&made["secret_key"]);
    assert!(secret.starts_with("sk_live_") && text_of(&made["publishable_key"]).starts_with("pk_live_"));
    let client = nobody.with_key(&secret);
    until("the key's coming", async || (client.get("/v1/events").await.status == 200).then_some(())).await;
    let listed = run(&["keys", "--database-url", &url, "list", "--json"]).await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        (&items[0]["name"], &items[0]["livemode"], &items[0]["kind"]),
        (&json!("box office"), &json!(true), &json!("secret"))
    );
    assert!(!listed.to_string().contains(&secret[8..]), "a secret is shown once");
    let id = text_of(&made["secret_key_id"]);
    let live_only = run(&["keys", "list", "--mode", "test", "--json", "--database-url", &url]).await.json();
    assert_eq!(live_only["items"], json!([]));
    let of_other = run(&["keys", "revoke", &id, "--mode", "test", "--database-url", &url]).await;
    assert_eq!(of_other.code, Some(1), "a live key is not revoked as a test key");
    client.get("/v1/events").await.ok(200);
    let revoked = run(&["keys", "revoke", &id, "--mode", "live", "--json", "--database-url", &url]).await;
    assert_eq!(revoked.json(), json!({ "id": id, "revoked": true }));
    until("the key's end", async || (client.get("/v1/events").await.code() == "unauthorized").then_some(()))
        .await;
    let other = nobody.with_key(&text_of(&made["publishable_key"]));
    other.get("/v1/events").await.ok(200);
    let again = run(&["keys", "revoke", &id, "--database-url", &url]).await;
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains(&id), "{}", again.stderr);
    let listed = run(&["keys", "list", "--database-url", &url]).await.ok();
    assert!(listed.contains("revoked") && listed.contains("valid"), "{listed}");
    process.stop().await;
}

#[tokio::test]
async fn a_key_of_a_scope_comes_alone() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    let create = ["keys", "create", "--scope", "box_office", "--json", "--database-url", &url];
    let made = run(&create).await.json();
    assert_eq!((&made["scope"], &made["publishable_key"]), (&json!("box_office"), &json!(null)));
    assert!(text_of(&made["secret_key"]).starts_with("sk_test_"));
    let listed = run(&["keys", "list", "--json", "--database-url", &url]).await.json();
    assert_eq!(listed["items"][0]["scope"], "box_office");
    assert!(run(&["keys", "list", "--database-url", &url]).await.ok().contains("box_office"));
}

#[tokio::test]
async fn access_keys_are_rotated_before_the_last_one_is_retired() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    let keys = async |action: &[&str]| {
        let arguments = [&["access-keys"], action, &["--database-url", &url]].concat();
        run(&arguments).await
    };
    assert!(keys(&["list"]).await.ok().contains("the first"));
    let refused = keys(&["retire", "0"]).await;
    assert!(refused.stderr.contains("rotate"), "{}", refused.stderr);
    assert_eq!(keys(&["rotate", "--json"]).await.json(), json!({ "number": 1 }));
    assert_eq!(keys(&["retire", "0", "--json"]).await.json(), json!({ "number": 0, "retired": true }));
    let again = keys(&["retire", "0"]).await;
    assert!(again.stderr.contains("no valid access key 0"), "{}", again.stderr);
    let listed = keys(&["list", "--json"]).await.json();
    let valid: Vec<bool> =
        listed["items"].as_array().unwrap().iter().map(|key| key["retired_at"].is_null()).collect();
    assert_eq!(valid, [false, true]);
    assert!(keys(&["retire", "1"]).await.stderr.contains("the only one"));
}

#[tokio::test]
async fn the_first_keys_come_from_the_command_line_or_not_at_all() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let (secret, publishable) = ("sk_test_0123456789abcdefghij", "pk_test_0123456789abcdefghij");
    let keys = ["--secret-key", secret, "--publishable-key", publishable];
    for _ in 0..2 {
        let (process, client) = Process::serve(directory.path(), &url_of(&database), &keys).await;
        client.with_key(secret).get("/v1/orders").await.ok(200);
        client.with_key(publishable).get("/v1/events").await.ok(200);
        process.stop().await;
    }
    let url = url_of(&database);
    for wrong in [
        &["--secret-key", secret][..],
        &["--secret-key", publishable, "--publishable-key", secret],
        &["--secret-key", secret, "--publishable-key", "pk_live_0123456789abcdefghij"],
        &["--secret-key", "sk_test_short", "--publishable-key", publishable],
    ] {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--database-url", &url];
        arguments.extend_from_slice(wrong);
        let ran = run(&arguments).await;
        assert_eq!(ran.code, Some(2), "{wrong:?}: {ran:?}");
        assert!(ran.stderr.contains("KEY"), "{ran:?}");
    }
}

#[tokio::test]
async fn charts_are_imported() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    let native = directory.path().join("hall.json");
    std::fs::write(&native, hall().to_string()).unwrap();
    let native = native.to_str().unwrap();
    let made = run(&["import", native, "--json", "--database-url", &url]).await.json();
    assert_eq!((&made["seats"], &made["sections"], &made["capacity"]), (&json!(31), &json!(2), &json!(81)));
    let theatre =
        run(&["import", THEATRE, "--format", "pretix", "--json", "--database-url", &url]).await.json();
    assert_eq!(theatre["seats"], 1_134);
    let text = run(&["import", native, "--live", "--database-url", &url]).await.ok();
    assert!(text.starts_with("cht_") && text.contains("31 seats"), "{text}");
    for (arguments, word) in [
        (vec!["import", THEATRE, "--database-url", &url], "pretix_theatre.json"),
        (vec!["import", native, "--format", "pretix", "--database-url", &url], "hall.json"),
        (vec!["import", "/nowhere/hall.json", "--database-url", &url], "/nowhere/hall.json"),
    ] {
        let ran = run(&arguments).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains(word), "{ran:?}");
    }
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let database = directory.path().join("flashtix.db");
    let (process, client) = Process::serve(directory.path(), &url_of(&database), &[]).await;
    let client = client.with_key(&text_of(&keys["secret_key"]));
    let listed = client.get("/v1/charts").await.ok(200);
    let ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(ids, [id_of(&made), id_of(&theatre)], "the live one is for live events");
    client.get(format!("/v1/charts/{}", id_of(&made))).await.ok(200);
    process.stop().await;
}

#[tokio::test]
async fn a_backup_is_made_while_it_sells_and_serves() {
    let directory = TempDir::new().unwrap();
    let (process, told) = demo(directory.path(), &["--json"]).await;
    let event = text_of(&told["event_id"]);
    let secret = text_of(&told["secret_key"]);
    let client = Client::of_url(&text_of(&told["url"])).with_key(&secret);
    let path = format!("/v1/events/{event}/orders");
    let book = |at: u32| {
        let body = json!({ "buyer": "b", "best_available": { "quantity": 1 }, "ref": format!("r{at}") });
        client.post(&path, &body)
    };
    let mut orders = Vec::new();
    for at in 0..5 {
        orders.push(book(at).await.ok(201));
    }
    let source = url_of(&directory.path().join("demo/flashtix.db"));
    let copy = directory.path().join("copy.db");
    let target = copy.to_str().unwrap();
    run(&["backup", target, "--database-url", &source]).await.ok();
    book(5).await.ok(201);
    let twice = run(&["backup", target, "--database-url", &source]).await;
    assert_eq!(twice.code, Some(1), "a backup never overwrites another: {twice:?}");
    run(&["audit", "--database-url", &source, "--json"]).await.json();
    process.stop().await;
    let (process, client) = Process::serve(directory.path(), &url_of(&copy), &[]).await;
    let client = client.with_key(&secret);
    let listed = client.get(&path).await.ok(200);
    assert_eq!(listed["items"], json!(orders));
    process.stop().await;
    run(&["audit", "--database-url", &url_of(&copy), "--json"]).await.json();
}

#[tokio::test]
async fn migrate_tells_the_schema_s_version() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let first = run(&["migrate", "--database-url", &url_of(&database)]).await.ok();
    assert!(first.contains("it was at 0"), "{first}");
    let second = run(&["migrate", "--database-url", &url_of(&database)]).await.ok();
    assert!(!second.contains("it was at 0"), "{second}");
    std::fs::write(&database, "this is no database, and long enough to be looked at").unwrap();
    let broken = run(&["migrate", "--database-url", &url_of(&database)]).await;
    assert_eq!(broken.code, Some(1));
    assert!(broken.stderr.contains("flashtix.db"), "{broken:?}");
}

/// Makes a database as version 3 of the schema left it: the next one takes tables away.
fn make_older(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let record = "PRAGMA application_id = 0x464c5458; CREATE TABLE migrations \
        (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT";
    connection.execute_batch(record).unwrap();
    for step in &MIGRATIONS[..3] {
        connection.execute_batch(step.sql).unwrap();
        let checksum: [u8; 32] = Sha256::digest(step.sql).into();
        let note = "INSERT INTO migrations VALUES (?1, ?2, ?3, 0)";
        connection.execute(note, params![step.version, step.name, checksum]).unwrap();
    }
}

#[tokio::test]
async fn only_who_is_asked_to_changes_an_older_schema() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("older.db");
    make_older(&database);
    let (url, theatre) = (url_of(&database), THEATRE);
    let beside: [&[&str]; 5] = [
        &["audit"],
        &["keys", "list"],
        &["access-keys", "list"],
        &["import", theatre, "--format", "pretix"],
        &["import-orders", theatre, "--format", "pretix", "--event", "evt_0000000000000"],
    ];
    for command in beside {
        let refused = run(&[command, &["--database-url", &url][..]].concat()).await;
        assert_eq!(refused.code, Some(1), "{command:?}: {refused:?}");
        assert!(refused.stderr.contains("run `flashtix migrate`"), "{command:?}: {refused:?}");
    }
    // A copy of it is put in place as this version needs it, and nothing is left beside it.
    let (copy, file) = (url_of(&directory.path().join("copy.db")), database.to_str().unwrap());
    run(&["restore", file, "--database-url", &copy]).await.ok();
    run(&["audit", "--database-url", &copy]).await.ok();
    let names = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_str().unwrap().contains("unfinished")));
    let migrated = run(&["migrate", "--database-url", &url]).await.ok();
    assert!(migrated.contains("it was at 3"), "{migrated}");
    run(&["audit", "--database-url", &url]).await.ok();
}

#[tokio::test]
async fn wrong_usage_is_2_and_a_wrong_value_says_so() {
    for wrong in [
        &[][..],
        &["sell"],
        &["serve", "--port", "80"],
        &["serve", "--listen", "here"],
        &["demo", "--seats", "many"],
        &["keys"],
        &["keys", "create", "--mode", "real"],
        &["keys", "revoke", "nonsense"],
        &["import"],
        &["import", "x", "--format", "svg"],
        &["backup"],
        &["storm", "--scenario", "flood"],
        &["storm", "--buyers", "-1"],
        &["completions", "tcsh-or-so"],
    ] {
        let ran = run(wrong).await;
        assert_eq!(ran.code, Some(2), "{wrong:?}: {ran:?}");
        assert!(ran.stderr.contains("Usage") || ran.stderr.contains("--help"), "{wrong:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{wrong:?}");
    }
    for wrong in [
        &["serve", "--database-url", "mysql://x"][..],
        &["serve", "--database-url", "sqlite:"],
        &["serve", "--database-url", "sqlite:/nowhere/at/all.db"],
        &["serve", "--config", "/nowhere.toml"],
        &["demo", "--seats", "1"],
        &["audit", "--database-url", "sqlite:/nowhere/at/all.db"],
        &["backup", "/tmp/never-made.db", "--database-url", "sqlite:/nowhere/at/all.db"],
    ] {
        let ran = run(wrong).await;
        assert!(matches!(ran.code, Some(1 | 2)), "{wrong:?}: {ran:?}");
        assert!(ran.stderr.starts_with("flashtix: ") || ran.code == Some(2), "{wrong:?}: {ran:?}");
    }
}

#[tokio::test]
async fn the_configuration_file_is_read() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("from-file.db");
    let config = directory.path().join("flashtix.toml");
    let text =
        format!("database_url = \"{}\"\nclassic_api = true\nlisten = \"127.0.0.1:0\"\n", url_of(&database));
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let mut process = Process::start(directory.path(), &["serve", "--config", config]);
    let url = process.line(false, "flashtix serves ").await;
    assert_eq!(Client::of_url(&url).get("/actuator/health").await.ok(200)["status"], "UP");
    assert!(database.exists());
    process.stop().await;
    std::fs::write(config, "listne = \"127.0.0.1:0\"\n").unwrap();
    let ran = run(&["serve", "--config", config]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("listne"), "{ran:?}");
}

#[tokio::test]
async fn help_names_every_flag() {
    let commands: [(&[&str], &[&str]); 15] = [
        (
            &[],
            &[
                "demo",
                "serve",
                "migrate",
                "keys",
                "access-keys",
                "import",
                "backup",
                "compact",
                "storm",
                "audit",
                "completions",
                "man",
                "openapi",
            ],
        ),
        (&["demo"], &["--listen", "--data-dir", "--seats", "--json"]),
        (&["serve"], &["--config", "--listen", "--database-url", "--classic-api", "FLASHTIX_LISTEN"]),
        (&["migrate"], &["--database-url"]),
        (&["keys"], &["create", "list", "revoke"]),
        (&["access-keys"], &["rotate", "list", "retire"]),
        (&["keys", "create"], &["--mode", "--name", "--scope", "--json", "--database-url"]),
        (&["keys", "list"], &["--json", "--database-url"]),
        (&["keys", "revoke"], &["KEY", "--database-url"]),
        (&["import"], &["--format", "--json", "--database-url"]),
        (&["compact"], &["--database-url"]),
        (&["backup"], &["FILE", "--database-url"]),
        (
            &["storm"],
            &["--url", "--api", "--scenario", "--buyers", "--rate", "--connections", "--json", "--report"],
        ),
        (&["audit"], &["--json", "--head", "--database-url"]),
        (&["completions"], &["SHELL"]),
    ];
    for (command, words) in commands {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let help = run(&arguments).await.ok();
        for word in words {
            assert!(help.contains(word), "{command:?} does not tell of {word}:\n{help}");
        }
    }
    let version = run(&["--version"]).await.ok();
    assert!(version.starts_with("flashtix "), "{version}");
}

#[tokio::test]
async fn completions_manual_and_description_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).await.ok();
        assert!(script.contains("flashtix") && script.contains("database-url"), "{shell}");
    }
    let manual = run(&["man"]).await.ok();
    for word in [".TH flashtix", "FLASHTIX SERVE", "FLASHTIX STORM"] {
        assert!(manual.contains(word), "{word}");
    }
    let document: Value = serde_json::from_str(&run(&["openapi"]).await.ok()).unwrap();
    assert!(document["paths"].as_object().unwrap().len() > 15);
}

#[tokio::test]
async fn a_storm_ends_with_a_verdict() {
    let directory = TempDir::new().unwrap();
    let (process, told) = demo(directory.path(), &["--json"]).await;
    let [url, event, key] = ["url", "event_id", "secret_key"].map(|name| text_of(&told[name]));
    let report = directory.path().join("report.html");
    let target = ["--url", &url, "--event", &event, "--key", &key, "--rate", "0", "--json"];
    let mut arguments =
        vec!["storm", "--scenario", "one-seat", "--buyers", "300", "--report", report.to_str().unwrap()];
    arguments.extend(target);
    let verdict = run(&arguments).await.json();
    assert_eq!(verdict["verdict"]["ok"], true, "{verdict}");
    assert!(std::fs::read_to_string(&report).unwrap().contains("<html"));
    process.stop().await;
    // Nobody there: a run that failed.
    let nobody = run(&arguments).await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert!(nobody.stderr.contains("flashtix: "), "{nobody:?}");
}
