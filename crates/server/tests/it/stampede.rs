//! The original's stress test, through HTTP on both APIs: five hundred buyers, one seat, one winner.

use serde_json::{Value, json};
use server::http::HttpOptions;
use tokio::task::JoinSet;

use crate::client::{Answer, Ask};
use crate::sale::{Setup, TestServer, VIP, id_of};

/// How many come at once.
const BUYERS: u64 = 500;

/// A process may open as many files as it is allowed to: every buyer has a connection, and both ends are here.
pub(crate) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
}

/// Sends everything at once, and gives the answers in the order of the requests.
pub(crate) async fn all(asks: impl IntoIterator<Item = Ask>) -> Vec<Answer> {
    let mut sent = JoinSet::new();
    for (at, ask) in asks.into_iter().enumerate() {
        sent.spawn(async move { (at, ask.await) });
    }
    let mut answers = sent.join_all().await;
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// The positions of the answers with a status.
fn with_status(answers: &[Answer], status: u16) -> Vec<usize> {
    (0..answers.len()).filter(|&at| answers[at].status == status).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_buyers_one_seat() {
    raise_file_limit();
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let organizer = server.organizer();
    let path = format!("/v1/events/{event}/orders");
    let ask = |buyer: u64| {
        let body = json!({ "buyer": format!("buyer-{buyer}"), "places": [VIP], "payment_ref": format!("pay-{buyer}") });
        organizer.post(&path, &body).key(&format!("stampede-{buyer}"))
    };
    let answers = all((0..BUYERS).map(ask)).await;
    let winners = with_status(&answers, 201);
    assert_eq!((winners.len(), with_status(&answers, 409).len()), (1, 499));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        let problem = answer.json();
        let reason = &problem["reasons"][VIP];
        match problem["code"].as_str().unwrap() {
            "place_unavailable" => {
                assert_eq!((reason, &problem["retryable"]), (&json!("sold"), &json!(false)))
            }
            "place_contended" => {
                assert_eq!((reason, &problem["retryable"]), (&json!("pending"), &json!(true)))
            }
            _ => panic!("{problem}"),
        }
    }
    let winner = winners[0];
    let order = answers[winner].json();
    assert_eq!(order["buyer"], format!("buyer-{winner}"));
    // Whoever lost once more loses for good, and the winner gets his own ticket again.
    let again = all((0..BUYERS).map(ask)).await;
    for (buyer, answer) in again.iter().enumerate() {
        if buyer == winner {
            assert!(answer.is_replay());
            assert_eq!(answer.ok(201), order);
        } else {
            assert_eq!(answer.problem(409, "place_unavailable")["reasons"][VIP], "sold");
        }
    }
    let seats = server.availability(&event).await["categories"]["vip"].clone();
    assert_eq!(seats, json!({ "free": 0, "held": 0, "sold": 1, "blocked": 0 }));
    let orders = organizer.get(&path).await.ok(200);
    assert_eq!(orders["items"], json!([order]));
    assert_eq!(id_of(&order), id_of(&organizer.get(format!("/v1/orders/{}", id_of(&order))).await.ok(200)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_classic_users_one_ticket() {
    raise_file_limit();
    let http = HttpOptions { classic_api: true, ..HttpOptions::default() };
    let server = TestServer::start_with(Setup { http, ..Setup::default() }).await;
    let nobody = server.nobody();
    let seeded = nobody.post("/api/tickets/seed", &json!(null)).await;
    assert_eq!((seeded.status, seeded.text().as_str()), (200, "Created 100 Seats!"));
    let ask = |user: u64| {
        nobody.post(format!("/api/tickets/book?ticketId=1&userId={}", 1_001 + user), &json!(null))
    };
    let answers = all((0..BUYERS).map(ask)).await;
    let winners = with_status(&answers, 200);
    assert_eq!((winners.len(), with_status(&answers, 409).len()), (1, 499));
    let winner = winners[0] as u64;
    let ticket =
        json!({ "id": 1, "seatNumber": "Seat-1", "status": "SOLD", "userId": 1_001 + winner, "version": 1 });
    assert_eq!(answers[winners[0]].ok(200), ticket);
    let messages = ["Sold Out!", "Too many requests! Please try again."];
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        let body: Value = answer.ok(409);
        assert_eq!(body["status"], "error");
        assert!(messages.contains(&body["message"].as_str().unwrap()), "{body}");
    }
    let again = ask(winner).await;
    assert_eq!(again.body, answers[winners[0]].body);
    assert_eq!(ask(winner + 1).await.ok(409), json!({ "status": "error", "message": "Sold Out!" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_posts_with_one_key_have_one_effect() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let organizer = server.organizer();
    let path = format!("/v1/events/{event}/orders");
    let body = json!({ "buyer": "b", "best_available": { "quantity": 2 } });
    let answers = all((0..50).map(|_| organizer.post(&path, &body).key("the-same"))).await;
    let orders: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!orders.is_empty());
    assert_eq!(orders.iter().filter(|answer| !answer.is_replay()).count(), 1);
    for answer in &answers {
        match answer.status {
            201 => assert_eq!(answer.body, orders[0].body),
            _ => drop(answer.problem(409, "idempotency_in_flight")),
        }
    }
    let listed = organizer.get(&path).await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(server.availability(&event).await["categories"]["front"]["sold"], 2);
    // And everybody who was told to wait gets the same answer when they come back.
    let late = organizer.post(&path, &body).key("the-same").await;
    assert!(late.is_replay());
    assert_eq!(late.body, orders[0].body);
}
