//! Failure campaigns: three nodes over PostgreSQL and Redis sell to a crowd, something breaks, and goes on.
//!
//! After every round everything that any buyer was told is asked for again, at other nodes: what was acknowledged is
//! there, no place has two owners, and repeating a request gets its answer. A campaign ends with the audit.
//!
//! `FLASHTIX_CHAOS_ROUNDS` is the number of rounds (one by default), `FLASHTIX_CHAOS_SEED` replays a campaign's dice. By
//! hand: `cargo xtask chaos <name> --rounds 100`.

mod clocks;
mod database;
mod disk;
mod gate;
mod guesses;
mod migration;
mod nodes;
mod shards;

use std::time::Duration;

use testkit::servers::unchecked;
use tokio::time::interval;

use crate::campaign::{Dice, Round, Tally, dice, event, number_from_environment};
use crate::cluster::{Cluster, NODES, Setup};

/// Deeds that come before a failure, after it began, and after it was over.
const DEEDS: std::ops::Range<u64> = 20..150;
/// Every node.
const ALL_NODES: [usize; NODES] = [0, 1, 2];
/// The end of the statement that commits a batch, as it stands in the bytes.
const COMMIT: &str = "CHAIN\0";
/// Commits of each node whose answers are lost.
const COMMITS: usize = 3;
/// How long what stands still does so.
const PAUSE: Duration = Duration::from_secs(4);

fn deeds(dice: &mut Dice) -> usize {
    dice.within(DEEDS)
}

fn any_node(dice: &mut Dice) -> usize {
    dice.within(0..NODES as u64)
}

/// Lets time pass while the crowd goes on.
async fn stand(pause: Duration) {
    let mut ticks = interval(pause);
    ticks.tick().await;
    ticks.tick().await;
}

/// Whether somebody plays campaigns by hand, on a machine that has nothing else to do.
fn is_by_hand() -> bool {
    number_from_environment("FLASHTIX_CHAOS_ROUNDS").is_some()
}

/// How many rounds a campaign has.
fn rounds() -> u64 {
    number_from_environment("FLASHTIX_CHAOS_ROUNDS").unwrap_or(1)
}

/// The name of the test that a campaign's strike was written in.
fn name_of<T>(_: &T) -> &'static str {
    let test = std::any::type_name::<T>().split("::{{").next().unwrap();
    test.rsplit("::").next().unwrap()
}

/// Plays a campaign: `strike` breaks something, and mends it, while a crowd is at an event.
async fn campaign(setup: Setup, strike: impl AsyncFn(&mut Cluster, &Round, &mut Dice)) {
    let name = name_of(&strike);
    if let Some(what) = setup.lacks() {
        eprintln!("{name} is passed over: {what}");
        unchecked(name, &what);
        return;
    }
    let mut dice = dice(name, "FLASHTIX_CHAOS_SEED");
    let mut cluster = Cluster::start(setup).await;
    let mut tally = Tally::default();
    for round in 0..rounds() {
        play(&mut cluster, &format!("Round {round}"), &strike, &mut dice, &mut tally).await;
    }
    assert_ne!(cluster.locks_asked(), Some(0), "no node has asked the gate for a lock");
    cluster.end().await;
    eprintln!("{name}: {} rounds, {tally:?}, the audit is clean", rounds());
}

/// Plays one round of a campaign.
async fn play(
    cluster: &mut Cluster,
    name: &str,
    strike: &impl AsyncFn(&mut Cluster, &Round, &mut Dice),
    dice: &mut Dice,
    tally: &mut Tally,
) {
    let event = event(&cluster.clients[0], &cluster.chart, name).await;
    let crowd = Round::begin(&cluster.doors, &event, dice);
    crowd.more(deeds(dice)).await;
    strike(cluster, &crowd, dice).await;
    crowd.more(deeds(dice)).await;
    let told = crowd.end().await;
    tally.check(&cluster.clients, &event, told, cluster.postgres.has_clock()).await;
}
