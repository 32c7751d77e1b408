//! A Redis Cluster for a gate: the master of the event's locks dies or stands still and its replica takes over, all servers stand
//! still, or the event's slot moves.
//!
//! All buyers of a round are at one event, whose locks are in one slot: whatever becomes of that slot each node meets.

use testkit::servers::redis::Redis;
use testkit::servers::redis_cluster::Cluster as RedisCluster;

use super::gate::{FAILURES, PATIENT, STANDS, works_everywhere};
use super::{ALL_NODES, campaign, deeds, is_by_hand, stand};
use crate::campaign::{Dice, Round};
use crate::cluster::{Cluster, Gate, NODES, Program, Setup};
use crate::waiting::until;

/// What a server counts of those whom it sent on: for good, and for once.
const MOVED: &str = "errorstat_MOVED:count=";
const ASK: &str = "errorstat_ASK:count=";
/// Time enough for every server on a busy machine.
const PATIENT_SHARDS: &[&str] = &["CONFIG", "SET", "cluster-node-timeout", "60000"];
/// Deeds at every node after a slot has moved.
const MOVE_DEEDS: usize = 5;

fn with_a_cluster() -> Setup {
    Setup { gate: Some(Gate::Cluster(Program::Redis)), ..Setup::default() }
}

fn shards(cluster: &mut Cluster) -> &mut RedisCluster {
    cluster.shards.as_mut().unwrap()
}

/// A lock of the event that a round sells.
fn lock(crowd: &Round) -> String {
    format!("lock:ticket:{{{}}}:0", crowd.event)
}

/// Another server than this one.
fn beside(at: usize) -> usize {
    usize::from(at == 0)
}

/// Waits until a replica has the place of a master that is gone; which it is.
async fn heir(cluster: &mut Cluster, lock: &str, gone: usize) -> usize {
    let shards = shards(cluster);
    let found = async || shards.owner(lock, beside(gone)).filter(|owner| *owner != gone);
    until("a replica takes over", found).await
}

/// Waits until a server has been asked for locks, beside those it was asked for before.
async fn is_asked(server: &Redis) {
    let before = server.locks_asked();
    until("a server is asked for locks", async || (server.locks_asked() > before).then_some(())).await;
}

/// The event's master is gone, until somebody mends it, and its replica is asked for the locks.
async fn loses_its_master(
    cluster: &mut Cluster,
    crowd: &Round,
    dice: &mut Dice,
    breaks: impl FnOnce(&mut RedisCluster, usize),
    mends: impl FnOnce(&mut RedisCluster, usize),
) {
    let lock = lock(crowd);
    let before = cluster.metrics(FAILURES).await;
    let master = shards(cluster).owner(&lock, 0).unwrap();
    breaks(shards(cluster), master);
    cluster.until_beyond(FAILURES, &before).await;
    crowd.more(deeds(dice)).await;
    let heir = heir(cluster, &lock, master).await;
    works_everywhere(cluster).await;
    is_asked(&shards(cluster).nodes[heir]).await;
    mends(shards(cluster), master);
    until("the one that was gone follows", async || shards(cluster).follows(master).then_some(())).await;
    crowd.more(deeds(dice)).await;
    works_everywhere(cluster).await;
}

#[tokio::test]
async fn the_clusters_master_is_killed() {
    campaign(with_a_cluster(), async |cluster, crowd, dice| {
        let dies = |shards: &mut RedisCluster, at: usize| shards.nodes[at].kill();
        loses_its_master(cluster, crowd, dice, dies, RedisCluster::restart).await;
    })
    .await;
}

#[tokio::test]
async fn the_clusters_master_stands_still() {
    campaign(with_a_cluster(), async |cluster, crowd, dice| {
        let stops = |shards: &mut RedisCluster, at: usize| shards.nodes[at].signal("STOP");
        let goes_on = |shards: &mut RedisCluster, at: usize| shards.nodes[at].signal("CONT");
        loses_its_master(cluster, crowd, dice, stops, goes_on).await;
    })
    .await;
}

/// All servers at once; whoever of each two is the master after that.
#[tokio::test]
async fn the_cluster_stands_still() {
    campaign(with_a_cluster(), async |cluster, crowd, dice| {
        let before = cluster.metrics(FAILURES).await;
        shards(cluster).nodes.iter().for_each(|node| node.signal("STOP"));
        cluster.until_beyond(FAILURES, &before).await;
        crowd.more(deeds(dice)).await;
        if is_by_hand() {
            crowd.calm(true);
            stand(STANDS).await;
            crowd.calm(false);
        }
        shards(cluster).nodes.iter().for_each(|node| node.signal("CONT"));
        works_everywhere(cluster).await;
        let asked = cluster.locks_asked();
        until("locks are asked for again", async || (cluster.locks_asked() > asked).then_some(())).await;
    })
    .await;
}

/// Has a slot move from its master to another one; which that is. Whoever is late on a busy machine is not gone.
fn mover(cluster: &mut Cluster, lock: &str, dice: &mut Dice) -> (usize, usize) {
    let shards = shards(cluster);
    shards.nodes.iter().for_each(|node| drop(node.command(PATIENT_SHARDS)));
    let from = shards.owner(lock, 0).unwrap();
    let others: Vec<_> = shards.primaries(0).into_iter().filter(|at| *at != from).collect();
    (from, others[dice.within(0..others.len() as u64)])
}

/// Waits until a server has sent every node on, with such a word.
async fn are_sent_on(server: &Redis, word: &str, before: u64) {
    let enough = before + NODES as u64;
    until(word, async || (server.count("errorstats", word) >= enough).then_some(())).await;
}

/// From its master to another one, while both serve: slowly, so that whoever asks for a lock is sent on for that once, and back at
/// once, so that he is sent on for good.
#[tokio::test]
async fn a_slot_of_the_cluster_moves() {
    let setup = Setup { serve: PATIENT, ..with_a_cluster() };
    campaign(setup, async |cluster, crowd, dice| {
        let lock = lock(crowd);
        let (from, to) = mover(cluster, &lock, dice);
        let before = cluster.metrics(FAILURES).await;
        let moving = shards(cluster);
        let asked = moving.nodes[from].count("errorstats", ASK);
        moving.begin_to_move(&lock, from, to);
        // Of several locks only the first one is had so, and the gate lets the batch go without.
        are_sent_on(&moving.nodes[from], ASK, asked).await;
        cluster.until_beyond(FAILURES, &before).await;
        crowd.more(deeds(dice)).await;
        shards(cluster).move_on(&lock, from, to);
        works_everywhere(cluster).await;
        is_asked(&shards(cluster).nodes[to]).await;
        let moving = shards(cluster);
        let moved = moving.nodes[to].count("errorstats", MOVED);
        moving.begin_to_move(&lock, to, from);
        moving.move_on(&lock, to, from);
        are_sent_on(&moving.nodes[to], MOVED, moved).await;
        is_asked(&moving.nodes[from]).await;
        crowd.more_at(&ALL_NODES, MOVE_DEEDS).await;
        works_everywhere(cluster).await;
    })
    .await;
}
