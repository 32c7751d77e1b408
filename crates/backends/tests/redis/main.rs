//! The gate and the relay on real servers, which the tests start and end.
#![expect(clippy::unwrap_used, reason = "a test stops at its first fault")]

mod relay;

use std::time::Duration;

use backends::redis::{RedisGate, RedisOptions};
use domain::id::EventId;
use domain::place::SeatIndex;
use engine::gate::{Gate as _, GateSeat, Pass};
use testkit::servers::fake_redis::{FakeRedis, Lie};
use testkit::servers::free_port;
use testkit::servers::redis::{Redis, programs};
use testkit::servers::redis_cluster::Cluster;

/// How long locks are waited for: far longer than it takes.
const BOUND: Duration = Duration::from_secs(30);

fn gate(url: String) -> RedisGate {
    // A budget that a busy machine keeps.
    RedisGate::new(&RedisOptions { budget: Duration::from_millis(500), ..RedisOptions::new(url) }).unwrap()
}

fn seat(at: u32) -> GateSeat {
    (EventId(7), SeatIndex(at))
}

async fn until_taken(gate: &RedisGate, seats: &[GateSeat]) -> Pass {
    let taken = async {
        loop {
            let pass = gate.take(seats.to_vec()).await;
            if pass.taken.len() == seats.len() {
                return pass;
            }
            gate.release(pass);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, taken).await.expect("the locks are had in the end")
}

/// What a gate is for, on a server or a cluster at this URL.
async fn keeps_the_rules(url: &str) {
    let (one, other) = (gate(url.to_owned()), gate(url.to_owned()));
    let mine = one.take(vec![seat(1), seat(2)]).await;
    assert_eq!((mine.taken.len(), mine.lost.len()), (2, 0), "{url}");
    let theirs = other.take(vec![seat(2), seat(3)]).await;
    assert_eq!((&*theirs.taken, &*theirs.lost), (&[seat(3)][..], &[seat(2)][..]), "{url}");
    // Whoever does not know the token releases nothing.
    other.release(Pass { token: theirs.token, taken: vec![seat(1)], lost: Vec::new() });
    other.release(theirs);
    until_taken(&other, &[seat(3)]).await;
    assert_eq!(other.take(vec![seat(1)]).await.lost, [seat(1)], "{url}");
    one.release(mine);
    until_taken(&other, &[seat(1), seat(2)]).await;
    // Events do not share their locks; in a cluster they lie on different servers, and one batch asks for all.
    let seats: Vec<GateSeat> = (10..30).map(|event| (EventId(event), SeatIndex(1))).collect();
    let all = one.take(seats.clone()).await;
    assert_eq!((all.taken.len(), all.lost.len()), (20, 0), "{url}");
    assert_eq!(other.take(seats.clone()).await.lost, seats, "{url}");
    one.release(all);
    until_taken(&other, &seats).await;
}

#[tokio::test]
async fn a_seat_is_one_node_s_until_it_is_released() {
    for program in programs() {
        keeps_the_rules(&Redis::run(&program, free_port(), &[]).url()).await;
    }
}

#[tokio::test]
async fn a_cluster_keeps_the_same_rules() {
    for program in programs() {
        let cluster = Cluster::start(&program);
        keeps_the_rules(&cluster.url()).await;
        // Their replicas may be behind.
        let keep = |at: &usize| cluster.nodes[*at].command(&["DBSIZE"]).trim() != "0";
        let primaries = cluster.primaries(0);
        assert!(
            primaries.len() == 3 && primaries.iter().all(keep),
            "every primary of {} keeps some of the locks",
            program.display()
        );
    }
}

/// While the cluster is without one of its servers the gate keeps nobody; the replica that takes over is used.
#[tokio::test]
async fn a_replica_of_a_cluster_takes_over() {
    for program in programs() {
        let mut cluster = Cluster::start(&program);
        let gate = gate(cluster.url());
        let seats: Vec<GateSeat> = (10..30).map(|event| (EventId(event), SeatIndex(1))).collect();
        gate.release(until_taken(&gate, &seats).await);
        drop(cluster.nodes.remove(0));
        assert_eq!(gate.take(seats.clone()).await.lost, [], "{}", program.display());
        until_taken(&gate, &seats).await;
    }
}

/// Nothing breaks, so that nobody is told: whoever waits in vain looks who is there.
#[tokio::test]
async fn a_replica_of_a_cluster_takes_over_from_a_server_that_stands_still() {
    for program in programs() {
        let cluster = Cluster::start(&program);
        let gate = gate(cluster.url());
        let seats: Vec<GateSeat> = (10..30).map(|event| (EventId(event), SeatIndex(1))).collect();
        gate.release(until_taken(&gate, &seats).await);
        cluster.nodes[0].signal("STOP");
        assert_eq!(gate.take(seats.clone()).await.lost, [], "{}", program.display());
        until_taken(&gate, &seats).await;
        cluster.nodes[0].signal("CONT");
    }
}

#[tokio::test]
async fn a_gate_that_is_not_there_keeps_nobody() {
    let gate = gate(format!("redis://127.0.0.1:{}", free_port()));
    for _ in 0..3 {
        assert_eq!(gate.take(vec![seat(1)]).await, Pass::default());
    }
}

#[tokio::test]
async fn a_gate_that_stands_still_keeps_nobody_longer_than_its_budget() {
    let server = Redis::start(&[]);
    let budget = Duration::from_millis(20);
    let gate = RedisGate::new(&RedisOptions { budget, ..RedisOptions::new(server.url()) }).unwrap();
    server.signal("STOP");
    let began = tokio::time::Instant::now();
    for _ in 0..50 {
        assert_eq!(gate.take(vec![seat(1)]).await, Pass::default());
    }
    // One budget was waited, the rest was bypassed; far from fifty budgets, on however busy a machine.
    assert!(began.elapsed() < budget * 50, "{:?}", began.elapsed());
    server.signal("CONT");
}

#[tokio::test]
async fn a_gate_that_comes_back_is_used_again() {
    let server = Redis::start(&[]);
    let port = server.port();
    let gate = gate(server.url());
    let pass = gate.take(vec![seat(1)]).await;
    assert_eq!(pass.taken.len(), 1);
    drop(server);
    assert_eq!(gate.take(vec![seat(2)]).await, Pass::default());
    let _server = Redis::start_on(port, &[]);
    // Everything that was locked is forgotten with the old server: nobody is kept by it.
    until_taken(&gate, &[seat(1), seat(2)]).await;
}

#[tokio::test]
async fn a_password_is_used_and_not_told() {
    let server = Redis::start(&["--requirepass", "hush"]);
    let port = server.port();
    let with = gate(format!("redis://:hush@127.0.0.1:{port}"));
    assert_eq!(with.take(vec![seat(1)]).await.taken.len(), 1);
    let without = gate(server.url());
    assert_eq!(without.take(vec![seat(2)]).await, Pass::default());
    let options = RedisOptions::new("redis://:hush@127.0.0.1:1");
    assert!(!format!("{options:?}").contains("hush"));
    let error = RedisGate::new(&RedisOptions::new("postgres://hush@x")).unwrap_err().to_string();
    assert!(!error.contains("hush"), "{error}");
    assert!(RedisGate::new(&RedisOptions::new(" , ")).is_err());
}

/// A lock lives for five seconds: whoever is refused for longer is lied to.
#[tokio::test]
async fn a_gate_that_refuses_everything_is_not_believed_for_long() {
    let server = FakeRedis::start(Lie::Refuses);
    let gate = gate(server.url());
    let began = tokio::time::Instant::now();
    assert_eq!(gate.take(vec![seat(1)]).await.lost, [seat(1)]);
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        let pass = gate.take(vec![seat(2)]).await;
        if pass.lost.is_empty() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "it keeps a buyer from a free seat for ever");
    }
    assert!(began.elapsed() > Duration::from_secs(5), "a lock was overlooked while it was alive");
    // Once it says something else, it is asked again.
    server.tell(Lie::Grants);
    until_taken(&gate, &[seat(1), seat(2)]).await;
    server.tell(Lie::Refuses);
    assert_eq!(gate.take(vec![seat(3)]).await.lost, [seat(3)]);
}

#[tokio::test]
async fn a_gate_that_says_anything_else_keeps_nobody() {
    let server = FakeRedis::start(Lie::Grants);
    for lie in [Lie::Fails, Lie::Confuses, Lie::Garbles, Lie::HangsUp] {
        server.tell(lie);
        assert_eq!(gate(server.url()).take(vec![seat(1)]).await, Pass::default(), "{lie:?}");
    }
    server.tell(Lie::Grants);
    assert_eq!(gate(server.url()).take(vec![seat(1)]).await.taken, [seat(1)]);
}
