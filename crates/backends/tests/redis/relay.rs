//! The relay on real servers: what is sent is heard, and what is not there keeps nobody.

use std::sync::Arc;
use std::time::Duration;

use backends::redis::RedisOptions;
use backends::redis::relay::RedisRelay;
use bytes::Bytes;
use engine::relay::{Relay as _, RelayKey};
use testkit::servers::free_port;
use testkit::servers::redis::{Redis, programs};
use testkit::servers::redis_cluster::Cluster;
use tokio::time::{Instant, timeout};

/// How long anything is waited for: far longer than it takes.
const BOUND: Duration = Duration::from_secs(30);
/// How long a message is waited for before it is sent again.
const AGAIN: Duration = Duration::from_millis(20);

fn relay(url: &str, secret: u8) -> Arc<RedisRelay> {
    Arc::new(RedisRelay::new(&RedisOptions::new(url), &RelayKey::new(&[secret; 32])).unwrap())
}

fn text(at: usize) -> Bytes {
    Bytes::from(format!("message {at}"))
}

/// Sends a message until it is heard: nobody hears what was sent before he listened.
async fn until_heard(from: &RedisRelay, to: &RedisRelay, message: &Bytes) {
    let deadline = Instant::now() + BOUND;
    while Instant::now() < deadline {
        from.send(message.clone()).await;
        while let Ok(heard) = timeout(AGAIN, to.hear()).await {
            if heard == *message {
                return;
            }
        }
    }
    panic!("{message:?} was never heard");
}

#[tokio::test]
async fn what_one_node_sends_the_others_hear_in_its_order() {
    for program in programs() {
        let server = Redis::run(&program, free_port(), &[]);
        let (one, other) = (relay(&server.url(), 1), relay(&server.url(), 1));
        until_heard(&one, &other, &text(0)).await;
        until_heard(&other, &one, &text(1)).await;
        until_heard(&one, &other, &text(2)).await;
        for at in 10..30 {
            assert!(one.send(text(at)).await, "{}", program.display());
        }
        let mut heard = Vec::new();
        while heard.last() != Some(&text(29)) {
            heard.push(timeout(BOUND, other.hear()).await.unwrap());
        }
        // Repeats of what came before stand in front.
        assert_eq!(
            heard[heard.len() - 20..],
            (10..30).map(text).collect::<Vec<_>>(),
            "{}",
            program.display()
        );
    }
}

#[tokio::test]
async fn any_server_of_a_cluster_will_do() {
    for program in programs() {
        let cluster = Cluster::start(&program);
        let of = |at: usize| relay(&cluster.nodes[at].url(), 1);
        let (one, other, all) = (of(0), of(2), relay(&cluster.url(), 1));
        until_heard(&one, &other, &text(0)).await;
        until_heard(&other, &one, &text(1)).await;
        until_heard(&all, &one, &text(2)).await;
        until_heard(&one, &all, &text(3)).await;
    }
}

#[tokio::test]
async fn installations_that_share_a_server_do_not_hear_each_other() {
    let server = Redis::start(&[]);
    let (one, other, stranger) = (relay(&server.url(), 1), relay(&server.url(), 1), relay(&server.url(), 2));
    until_heard(&one, &other, &text(0)).await;
    until_heard(&stranger, &stranger, &text(1)).await;
    assert!(stranger.send(text(2)).await);
    until_heard(&one, &other, &text(3)).await;
    // Everything that the stranger said was there before the last message.
    assert!(timeout(AGAIN, async { while other.hear().await == text(3) {} }).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_gone_keeps_nobody_and_is_used_again_when_it_is_back() {
    let server = Redis::start(&[]);
    let port = server.port();
    // The first address leads nowhere: the next one is tried.
    let url = format!("redis://127.0.0.1:{},{}", free_port(), server.url());
    let (one, other) = (relay(&url, 1), relay(&url, 1));
    until_heard(&one, &other, &text(0)).await;
    drop(server);
    let began = Instant::now();
    let tried = 1_000;
    for at in 0..tried {
        assert!(!one.send(text(at)).await);
    }
    assert!(began.elapsed() < BOUND, "{tried} messages took {:?}", began.elapsed());
    let _server = Redis::start_on(port, &[]);
    until_heard(&one, &other, &text(1)).await;
}

#[tokio::test]
async fn a_server_that_stands_still_keeps_a_sender_for_a_moment_only() {
    let server = Redis::start(&[]);
    let (one, other) = (relay(&server.url(), 1), relay(&server.url(), 1));
    until_heard(&one, &other, &text(0)).await;
    server.signal("STOP");
    let began = Instant::now();
    for at in 0..100 {
        assert!(!one.send(text(at)).await);
    }
    // One message was waited for, and the connection that was tried after it; the rest was let go.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    server.signal("CONT");
    until_heard(&one, &other, &text(1)).await;
}

#[tokio::test]
async fn what_nobody_takes_and_what_is_too_large_is_let_go() {
    let server = Redis::start(&[]);
    let (one, other) = (relay(&server.url(), 1), relay(&server.url(), 1));
    until_heard(&one, &other, &text(0)).await;
    assert!(one.send(vec![b'x'; 3 * 1024 * 1024].into()).await);
    for at in 1..200 {
        assert!(one.send(text(at)).await);
    }
    let mut heard = Vec::new();
    while let Ok(message) = timeout(Duration::from_millis(200), other.hear()).await {
        heard.push(message);
    }
    assert!(heard.iter().all(|message| message.len() < 100), "the large one is not among them");
    assert!(heard.len() < 199, "all {} were kept", heard.len());
    until_heard(&one, &other, &text(200)).await;
}

#[tokio::test]
async fn a_password_is_used_and_not_told() {
    let server = Redis::start(&["--requirepass", "hush"]);
    let with = relay(&format!("redis://:hush@127.0.0.1:{}", server.port()), 1);
    until_heard(&with, &with, &text(0)).await;
    assert!(!relay(&server.url(), 1).send(text(1)).await);
    assert!(!format!("{with:?}").contains("hush"));
    let error =
        RedisRelay::new(&RedisOptions::new("postgres://hush@x"), &RelayKey::new(&[1; 32])).unwrap_err();
    assert!(!error.to_string().contains("hush"), "{error}");
}
