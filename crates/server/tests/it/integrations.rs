//! The walks of docs/integrations.md, run from the document as they stand in it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::stripe::Stripe;

use crate::process::{Process, run, url_of};
use crate::sale::text_of;

const DOCUMENT: &str = include_str!("../../../../docs/integrations.md");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
const FLASHTIX: &str = env!("CARGO_BIN_EXE_flashtix");

/// A section of the document: its heading, its scripts in one, and the files it shows, by name.
struct Walk<'a> {
    heading: &'a str,
    script: String,
    files: Vec<(&'a str, &'a str)>,
}

fn sections() -> Vec<Walk<'static>> {
    DOCUMENT.split("\n## ").skip(1).map(section).collect()
}

fn section(text: &str) -> Walk<'_> {
    let mut walk = Walk { heading: text.lines().next().unwrap(), script: String::new(), files: Vec::new() };
    for fence in text.split("\n```").skip(1).step_by(2) {
        let (language, body) = fence.split_once('\n').unwrap();
        match language {
            "sh" => walk.script += &format!("{body}\n"),
            "python" => {
                let name = body.strip_prefix("# ").and_then(|line| line.split(':').next()).unwrap();
                walk.files.push((name, body));
            }
            other => panic!("a block in {other:?}"),
        }
    }
    walk
}

/// Where a walk runs.
struct Place {
    url: String,
    other: String,
    database_url: String,
    secret: String,
    publishable: String,
}

/// A script that is run by a group of processes of its own; dropping it ends them.
struct Bash(Child);

impl Drop for Bash {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.0);
        // There is none any more when it ended in order.
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap_or_default();
        drop(self.0.wait());
    }
}

/// Runs a walk; returns what it said when it failed.
fn walk(before: &str, walk: &Walk<'_>, place: &Place, stripe: Option<&Stripe>) -> Result<(), String> {
    use std::os::unix::process::CommandExt as _;
    let folder = TempDir::new().unwrap();
    for (name, text) in &walk.files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for (name, source) in [("plan.json", "pretix_theatre.json"), ("orders.json", "pretix_orders.json")] {
        std::fs::copy(Path::new(DATA).join(source), folder.path().join(name)).unwrap();
    }
    let script = format!("set -euo pipefail\n{before}\nset -x\n{}", walk.script);
    std::fs::write(folder.path().join("walk.sh"), script).unwrap();
    let log = folder.path().join("walk.log");
    let output = std::fs::File::create(&log).unwrap();
    let programs = Path::new(FLASHTIX).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let child = Command::new("timeout")
        .args(["120", "bash", "walk.sh"])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("URL", &place.url)
        .env("OTHER", &place.other)
        .env("SK", &place.secret)
        .env("PK", &place.publishable)
        .env("STRIPE", stripe.map(Stripe::url).unwrap_or_default())
        .env("SHOP_PORT", free_port().to_string())
        .env("FLASHTIX_DATABASE_URL", &place.database_url)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .process_group(0)
        .spawn()
        .unwrap();
    let status = Bash(child).0.wait().unwrap();
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    let end = lines[lines.len().saturating_sub(30)..].join("\n");
    Err(format!("{}: {status}\n{end}", walk.heading))
}

/// Runs all walks, one after the other, each on events of its own.
async fn walk_all(place: Place) {
    let walked = tokio::task::spawn_blocking(move || {
        let stripe = Stripe::start();
        let sections = sections();
        let (before, walks) = sections.split_first().unwrap();
        assert_eq!((before.heading, walks.len()), ("Before you begin", 10));
        let failed: Vec<String> = walks
            .iter()
            .filter(|each| stripe.is_some() || !each.script.contains("$STRIPE"))
            .filter_map(|each| walk(&before.script, each, &place, stripe.as_ref()).err())
            .collect();
        assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    });
    // What the walks said is told once already.
    walked.await.unwrap_or_else(|_| panic!("a walk of the document failed"));
}

/// A fresh store's keys; the nodes are started after they are made, so that they know them at once.
async fn keys(database_url: &str) -> (String, String) {
    run(&["migrate", "--database-url", database_url]).await.ok();
    let keys = run(&["keys", "create", "--json", "--database-url", database_url]).await.json();
    (text_of(&keys["secret_key"]), text_of(&keys["publishable_key"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_walk_of_the_document_runs_on_the_embedded_store() {
    let directory = TempDir::new().unwrap();
    let database = url_of(&directory.path().join("flashtix.db"));
    let (secret, publishable) = keys(&database).await;
    let (node, client) = Process::serve(directory.path(), &database, &[]).await;
    let url = format!("http://{}", client.address());
    walk_all(Place { url: url.clone(), other: url, database_url: database.clone(), secret, publishable })
        .await;
    node.stop().await;
    run(&["audit", "--database-url", &database]).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_walk_of_the_document_runs_on_postgresql_with_two_nodes() {
    let directory = TempDir::new().unwrap();
    let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
    let database = postgres.database();
    let (secret, publishable) = keys(&database).await;
    let (node, client) = Process::serve(directory.path(), &database, &[]).await;
    let (second, other) = Process::serve(directory.path(), &database, &[]).await;
    let url = format!("http://{}", client.address());
    let other = format!("http://{}", other.address());
    walk_all(Place { url, other, database_url: database.clone(), secret, publishable }).await;
    node.stop().await;
    second.stop().await;
    run(&["audit", "--database-url", &database]).await.ok();
}
