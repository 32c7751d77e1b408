//! A gate that stands still, forgets, dies, has no room, goes back in time, or lies.
//!
//! A node that was let down by its gate asks nothing of it for a second, and sells meanwhile. So every campaign waits until each
//! node has met the failure; else most of it would fall into the time in which nobody looks.

use std::process::Command;
use std::time::Duration;

use testkit::servers::fake_redis::Lie;
use testkit::servers::free_port;
use testkit::servers::proxy::{Network, Proxy};

use super::{ALL_NODES, campaign, deeds, is_by_hand, stand};
use crate::campaign::{Dice, Round};
use crate::cluster::{Cluster, Gate, NODES, Program, Setup, metric};
use crate::waiting::until;

/// How long a gate stands still when somebody plays campaigns by hand.
pub(super) const STANDS: Duration = Duration::from_secs(30);
/// What a node counts of its gate's failures.
pub(super) const FAILURES: &str = "flashtix_gate_failures_total";
/// Forgets all locks; how many there were.
const FORGET: &str = "local locks = redis.call('DBSIZE') redis.call('FLUSHALL') return locks";
/// Twice as much as there is room for in [`ROOMY`].
const FILL: &str = "for at = 1, 20000 do redis.call('APPEND', 'ballast:' .. at, string.rep('x', 64)) end";
/// Room for locks and some of the ballast, and less than the server needs for itself.
const ROOMY: &str = "2mb";
const CRAMPED: &str = "512kb";
/// How many times the gate is filled up in a round.
const FILLINGS: usize = 3;
/// Deeds that a replica is behind.
const STALE_DEEDS: usize = 5;
/// Deeds at every node while its gate tells one lie.
const LIE_DEEDS: usize = 3;
/// Time enough for every answer on a busy machine: a wrong one that is overtaken by the budget hurts nobody.
pub(super) const PATIENT: &[&str] = &["--gate-budget-ms", "500"];

/// Waits until every node asks the gate again, and is answered.
pub(super) async fn works_everywhere(cluster: &Cluster) {
    for client in &cluster.clients {
        let works = async || (metric(client, "flashtix_gate_bypassed").await < 1.0).then_some(());
        until("a node's gate works", works).await;
    }
}

async fn stands_still(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    let redis = cluster.redis.as_ref().unwrap();
    let before = cluster.metrics(FAILURES).await;
    redis.signal("STOP");
    cluster.until_beyond(FAILURES, &before).await;
    crowd.more(deeds(dice)).await;
    if is_by_hand() {
        crowd.calm(true);
        stand(STANDS).await;
        crowd.calm(false);
    }
    redis.signal("CONT");
    works_everywhere(cluster).await;
}

/// Has a gate forget all locks, again and again; whether there were any. By a thread of its own: buyers, who live on this one, take
/// no locks while it waits.
async fn forgets(port: u16) -> bool {
    let cli = std::thread::spawn(move || {
        let often = ["-r", "100", "-i", "0.005", "EVAL", FORGET, "0"];
        Command::new("redis-cli").args(["-p", &port.to_string()]).args(often).output().unwrap()
    });
    until("the gate forgets", async || cli.is_finished().then_some(())).await;
    let told = cli.join().unwrap();
    assert!(told.status.success(), "the gate was not made to forget");
    String::from_utf8_lossy(&told.stdout).lines().any(|locks| locks.trim() != "0")
}

async fn forgets_and_is_killed(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    let redis = cluster.redis.as_ref().unwrap();
    for _ in 0..3 {
        // Not at moments when nobody had a lock.
        until("locks are forgotten", async || forgets(redis.port()).await.then_some(())).await;
        let asked = redis.locks_asked();
        crowd.more(deeds(dice) / 3 + 1).await;
        until("locks are asked for again", async || (redis.locks_asked() > asked).then_some(())).await;
    }
    let before = cluster.metrics(FAILURES).await;
    cluster.restart_redis();
    cluster.until_beyond(FAILURES, &before).await;
    works_everywhere(cluster).await;
}

#[tokio::test]
async fn the_gate_stands_still() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| stands_still(cluster, crowd, dice).await).await;
}

#[tokio::test]
async fn the_gate_forgets_and_is_killed() {
    let strike = async |cluster: &mut Cluster, crowd: &Round, dice: &mut Dice| {
        forgets_and_is_killed(cluster, crowd, dice).await;
    };
    campaign(Setup { serve: PATIENT, ..Setup::with_gate() }, strike).await;
}

#[tokio::test]
async fn valkey_stands_still() {
    let setup = Setup { gate: Some(Gate::Real(Program::Valkey, &[])), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| stands_still(cluster, crowd, dice).await).await;
}

#[tokio::test]
async fn valkey_forgets_and_is_killed() {
    let setup = Setup { gate: Some(Gate::Real(Program::Valkey, &[])), serve: PATIENT, ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| forgets_and_is_killed(cluster, crowd, dice).await).await;
}

/// A gate that has no room for what it must keep.
fn cramped(program: Program) -> Setup {
    let gate = Some(Gate::Real(program, &["--maxmemory", ROOMY, "--maxmemory-policy", "allkeys-random"]));
    Setup { gate, serve: PATIENT, ..Setup::default() }
}

/// It throws out locks that somebody relies on, and then refuses all.
async fn has_no_room(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    let redis = cluster.redis.as_ref().unwrap();
    for _ in 0..FILLINGS {
        let (evicted, asked) = (redis.count("stats", "evicted_keys:"), redis.locks_asked());
        redis.command(&["EVAL", FILL, "0"]);
        crowd.more(deeds(dice) / 3 + 1).await;
        until("something is thrown out", async || {
            let is_thrown_out = redis.count("stats", "evicted_keys:") > evicted;
            (is_thrown_out && redis.locks_asked() > asked).then_some(())
        })
        .await;
    }
    let before = cluster.metrics(FAILURES).await;
    redis.command(&["CONFIG", "SET", "maxmemory", CRAMPED]);
    cluster.until_beyond(FAILURES, &before).await;
    assert!(redis.count("errorstats", "errorstat_OOM:count=") > 0, "the gate had room for every lock");
    crowd.more(deeds(dice)).await;
    redis.command(&["CONFIG", "SET", "maxmemory", ROOMY]);
    works_everywhere(cluster).await;
}

#[tokio::test]
async fn the_gate_is_too_small() {
    let setup = cramped(Program::Redis);
    campaign(setup, async |cluster, crowd, dice| has_no_room(cluster, crowd, dice).await).await;
}

#[tokio::test]
async fn valkey_is_too_small() {
    let setup = cramped(Program::Valkey);
    campaign(setup, async |cluster, crowd, dice| has_no_room(cluster, crowd, dice).await).await;
}

/// The gate dies, and a replica takes its place that knows of locks which were given back, and not of those that were
/// taken since.
async fn goes_back_in_time(program: Program, cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    let replication = Proxy::start(cluster.redis.as_ref().unwrap().port());
    let replica = program.run(free_port(), &[]);
    replica.follow(replication.port());
    crowd.more(deeds(dice) / 3 + 1).await;
    // Locks live for five seconds at the longest, and most of them for a moment: until it has one of old.
    until("the replica has a lock that was given back", async || {
        replication.set(Network::StandsStill);
        crowd.more(STALE_DEEDS).await;
        let has_locks = replica.command(&["DBSIZE"]).trim() != "0";
        if !has_locks {
            replication.set(Network::Passes);
        }
        has_locks.then_some(())
    })
    .await;
    let before = cluster.metrics(FAILURES).await;
    replica.promote();
    // Whoever is at the old one is cut off by its end.
    cluster.gateway.as_ref().unwrap().lead_to(replica.port());
    cluster.redis = Some(replica);
    cluster.until_beyond(FAILURES, &before).await;
    crowd.more(deeds(dice)).await;
    works_everywhere(cluster).await;
}

#[tokio::test]
async fn a_stale_replica_becomes_the_gate() {
    let setup = Setup { gate: Some(Gate::Moving(Program::Redis)), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| {
        goes_back_in_time(Program::Redis, cluster, crowd, dice).await
    })
    .await;
}

#[tokio::test]
async fn valkey_goes_back_in_time() {
    let setup = Setup { gate: Some(Gate::Moving(Program::Valkey)), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| {
        goes_back_in_time(Program::Valkey, cluster, crowd, dice).await
    })
    .await;
}

/// Gates whose answers are wrong, in every way in which they can be.
#[tokio::test]
async fn the_gate_lies() {
    let setup = Setup { gate: Some(Gate::Lying), serve: PATIENT, ..Setup::default() };
    campaign(setup, async |cluster, crowd, _| {
        for lies in turns() {
            for (liar, lie) in cluster.liars.iter().zip(lies) {
                liar.tell(lie);
            }
            for liar in &cluster.liars {
                until("a node is lied to", async || (liar.times_told() > 0).then_some(())).await;
            }
            // Also by a gate that gives no lock to anybody, as soon as no lock could be alive any more.
            crowd.more_at(&ALL_NODES, LIE_DEEDS).await;
        }
        cluster.liars.iter().for_each(|liar| liar.tell(Lie::Grants));
    })
    .await;
}

/// What each node's gate says, turn by turn. By hand every node hears every lie; where nobody has the time, every lie is told to
/// one of them.
fn turns() -> Vec<[Lie; NODES]> {
    if is_by_hand() {
        return Lie::ALL.map(|lie| [lie; NODES]).to_vec();
    }
    Lie::ALL.chunks(NODES).map(|lies| std::array::from_fn(|at| lies[at % lies.len()])).collect()
}
