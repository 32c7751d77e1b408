//! A gate that stands still, forgets, dies, has no room, goes back in time, or lies.

use std::time::Duration;

use testkit::servers::fake_redis::Lie;
use testkit::servers::free_port;
use testkit::servers::proxy::{Network, Proxy};
use testkit::servers::redis::Redis;

use super::{campaign, deeds, is_by_hand, stand};
use crate::campaign::{Dice, Round};
use crate::cluster::{Cluster, Gate, Setup};

/// How long a gate stands still when somebody plays campaigns by hand.
const STANDS: Duration = Duration::from_secs(30);

async fn stands_still(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    let redis = cluster.redis.as_ref().unwrap();
    redis.signal("STOP");
    crowd.more(deeds(dice)).await;
    if is_by_hand() {
        crowd.calm(true);
        stand(STANDS).await;
        crowd.calm(false);
    }
    redis.signal("CONT");
}

async fn forgets_and_is_killed(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    for _ in 0..3 {
        cluster.redis.as_ref().unwrap().command(&["FLUSHALL"]);
        crowd.more(deeds(dice) / 3 + 1).await;
    }
    cluster.restart_redis();
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
    campaign(Setup::with_gate(), strike).await;
}

#[tokio::test]
async fn valkey_stands_still() {
    let setup = Setup { gate: Some(Gate::Valkey), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| stands_still(cluster, crowd, dice).await).await;
}

#[tokio::test]
async fn valkey_forgets_and_is_killed() {
    let setup = Setup { gate: Some(Gate::Valkey), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| forgets_and_is_killed(cluster, crowd, dice).await).await;
}

/// A gate that has no room for what it must keep: it refuses locks, or throws out those that somebody relies on.
#[tokio::test]
async fn the_gate_is_too_small() {
    let gate = Some(Gate::Redis(&["--maxmemory", "1mb", "--maxmemory-policy", "allkeys-random"]));
    campaign(Setup { gate, ..Setup::default() }, async |cluster, crowd, dice| {
        let redis = cluster.redis.as_ref().unwrap();
        for room in ["2mb", "1mb"] {
            redis.command(&["CONFIG", "SET", "maxmemory", room]);
            crowd.more(deeds(dice)).await;
        }
    })
    .await;
}

/// The gate dies, and a replica takes its place that knows of locks which were given back, and not of those that were
/// taken since.
#[tokio::test]
async fn a_stale_replica_becomes_the_gate() {
    let setup = Setup { gate: Some(Gate::Moving), ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| {
        let replication = Proxy::start(cluster.redis.as_ref().unwrap().port());
        let replica = Redis::start_on(free_port(), &[]);
        replica.follow(replication.port());
        crowd.more(deeds(dice) / 3 + 1).await;
        replication.set(Network::StandsStill);
        crowd.more(deeds(dice) / 3 + 1).await;
        replica.promote();
        // Whoever is at the old one is cut off by its end.
        cluster.gateway.as_ref().unwrap().lead_to(replica.port());
        cluster.redis = Some(replica);
        crowd.more(deeds(dice)).await;
    })
    .await;
}

/// A gate whose answers are wrong, in every way in which they can be.
#[tokio::test]
async fn the_gate_lies() {
    // Time enough for every lie on a busy machine: one that is overtaken by the budget hurts nobody.
    let serve = &["--gate-budget-ms", "500"];
    let setup = Setup { gate: Some(Gate::Lying), serve, ..Setup::default() };
    campaign(setup, async |cluster, crowd, dice| {
        for lie in Lie::ALL {
            cluster.liar.as_ref().unwrap().tell(lie);
            // Also of a gate that gives no lock to anybody, as soon as no lock could be alive any more.
            crowd.more(deeds(dice) / 3 + 1).await;
        }
        cluster.liar.as_ref().unwrap().tell(Lie::Grants);
    })
    .await;
}
