//! Stopping in good order: whatever was accepted is answered, and the next server has it all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::{Broken, Client, Feed};
use crate::process::{Process, run, url_of};
use crate::sale::{TestServer, hall, id_of, text_of};
use crate::waiting::{bounded, until};

#[tokio::test]
async fn sigterm_under_load_answers_what_was_accepted() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let keys = run(&["keys", "create", "--json", "--database-url", &url_of(&database)]).await.json();
    let secret = text_of(&keys["secret_key"]);
    let (mut process, nobody) = Process::serve(directory.path(), &url_of(&database), &[]).await;
    let client = nobody.with_key(&secret);
    let area =
        json!({ "name": "Field", "areas": [{ "name": "Field", "capacity": 1_000_000, "category": "c" }] });
    let event = id_of(&client.post("/v1/events", &area).await.ok(201));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut buyers: JoinSet<Vec<(String, Option<Value>)>> = JoinSet::new();
    for buyer in 0..8 {
        buyers.spawn(buy_until_gone(client.clone(), event.clone(), buyer, acknowledged.clone()));
    }
    until("some orders", async || (acknowledged.load(Ordering::Relaxed) >= 200).then_some(())).await;
    process.terminate();
    let status = process.ended().await;
    assert!(status.success(), "{status}: {}", process.said());
    let told: BTreeMap<String, Option<Value>> = buyers.join_all().await.into_iter().flatten().collect();
    let (_next, nobody) = Process::serve(directory.path(), &url_of(&database), &[]).await;
    let client = nobody.with_key(&secret);
    for (key, order) in &told {
        let again = client.post(format!("/v1/events/{event}/orders"), &basket()).key(key).await;
        match order {
            Some(order) => {
                assert!(again.is_replay(), "{key} was told and is not there");
                assert_eq!(&again.ok(201), order);
            }
            // The connection ended instead of an answer: then the request must not have been taken.
            None => assert!(!again.is_replay(), "{key} was taken and not answered"),
        }
    }
}

fn basket() -> Value {
    json!({ "buyer": "b", "areas": [{ "name": "Field", "quantity": 1 }] })
}

async fn buy_until_gone(
    client: Client,
    event: String,
    buyer: u32,
    acknowledged: Arc<AtomicUsize>,
) -> Vec<(String, Option<Value>)> {
    let mut told = Vec::new();
    for at in 0.. {
        let key = format!("{buyer}-{at}");
        let answer = client.post(format!("/v1/events/{event}/orders"), &basket()).key(&key).attempt().await;
        match answer {
            Ok(answer) if answer.status == 201 => {
                acknowledged.fetch_add(1, Ordering::Relaxed);
                told.push((key, Some(answer.json())));
            }
            Ok(answer) => drop(answer.problem(503, "unavailable")),
            Err(Broken) => {
                told.push((key, None));
                break;
            }
        }
    }
    told
}

#[tokio::test]
async fn a_stopping_server_ends_its_feeds_and_finishes_what_it_took() {
    let mut server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let organizer = server.organizer();
    let mut listener = Feed::join(organizer.get(format!("/v1/events/{event}/feed"))).await;
    listener.next().await;
    // A request that is on its way keeps the server: its head was taken, its body is still to come.
    let mut socket = TcpStream::connect(organizer.address()).await.unwrap();
    let body = json!({ "buyer": "b", "places": ["A-1-1"] }).to_string();
    let head = format!(
        "POST /v1/events/{event}/holds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        server.keys.secret,
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut answer = vec![0; go_on.len()];
    bounded("the handler", socket.read_exact(&mut answer)).await.unwrap();
    assert_eq!(answer, go_on);
    server.request_stop();
    assert_eq!(listener.next_or_end().await, None, "the feed ends by itself");
    socket.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    bounded("the answer", socket.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    server.ended().await;
    assert!(TcpStream::connect(organizer.address()).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_stopping_server_is_alive_and_not_ready() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    nobody.get("/readyz").await.ok(200);
    // The instant between the signal and the end: a load balancer must send its requests elsewhere.
    server.stopping.send_replace(true);
    assert_eq!(nobody.get("/readyz").await.problem(503, "unavailable")["retryable"], true);
    nobody.get("/healthz").await.ok(200);
}

#[tokio::test]
async fn a_node_serves_on_until_load_balancers_have_noticed() {
    let directory = TempDir::new().unwrap();
    let url = url_of(&directory.path().join("flashtix.db"));
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let forever = ["--drain-seconds", "3600"];
    let (mut process, nobody) = Process::serve(directory.path(), &url, &forever).await;
    let client = nobody.with_key(&text_of(&keys["secret_key"]));
    let area = json!({ "name": "Field", "areas": [{ "name": "Field", "capacity": 10, "category": "c" }] });
    let event = id_of(&client.post("/v1/events", &area).await.ok(201));
    let mut feed = Feed::join(client.get(format!("/v1/events/{event}/feed"))).await;
    client.get("/readyz").await.ok(200);
    process.terminate();
    until("readiness to fall", async || (client.get("/readyz").await.status == 503).then_some(())).await;
    // Whoever has not noticed yet is served, on old connections and new ones, and streams go on.
    client.get("/healthz").await.ok(200);
    client.post(format!("/v1/events/{event}/orders"), &basket()).key("late").await.ok(201);
    while feed.next().await.event != "commit" {}
    // Somebody in a hurry says so again.
    process.terminate();
    assert!(process.ended().await.success(), "{}", process.said());
}

#[tokio::test]
async fn a_restart_goes_on_with_everything() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({ "max_per_buyer": 3 })).await;
    let path = format!("/v1/events/{event}");
    let hold = json!({ "buyer": "ann", "places": ["A-1-1"], "areas": [{ "name": "Floor", "quantity": 1 }] });
    let hold = organizer.post(format!("{path}/holds"), &hold).await.ok(201);
    let order = json!({ "buyer": "ann", "places": ["A-1-2"], "ref": "r" });
    let order = organizer.post(format!("{path}/orders"), &order).await.ok(201);
    organizer.post(format!("{path}/block"), &json!({ "places": ["A-1-3"] })).await.ok(200);
    organizer.patch(&path, &json!({ "name": "Renamed" })).await.ok(200);
    let before = (
        organizer.get(&path).await.ok(200),
        server.availability(&event).await,
        organizer.get(format!("{path}/ledger")).await.ok(200),
    );
    let server = server.restart().await;
    let organizer = server.organizer();
    let after = (
        organizer.get(&path).await.ok(200),
        server.availability(&event).await,
        organizer.get(format!("{path}/ledger")).await.ok(200),
    );
    assert_eq!(after, before);
    let again =
        organizer.get(format!("/v1/holds/{}", id_of(&hold))).header("hold-token", &text_of(&hold["token"]));
    assert_eq!(again.await.ok(200), hold, "tokens stay what they were");
    assert_eq!(organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200), order);
    let floor = json!({ "buyer": "ann", "areas": [{ "name": "Floor", "quantity": 1 }] });
    organizer.post(format!("{path}/holds"), &floor).await.problem(409, "limit_exceeded");
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&hold)), &json!({})).await.ok(201);
    let chart = organizer.post("/v1/charts", &hall()).await.ok(201);
    assert!(id_of(&chart).starts_with("cht_"));
}
