//! What goes wrong beside the store's own faults: nodes die, ways to the store are cut, the clock jumps.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;

use super::world::World;
use crate::entropy::{SeededRng, seeded};

fn millis(rng: &mut SeededRng, from: u64, to: u64) -> Duration {
    Duration::from_millis(rng.random_range(from..=to))
}

/// Makes trouble until it is calm.
pub(super) async fn rage(world: Arc<World>) {
    let mut rng = seeded(world.plan.seed, 3);
    let rng = &mut rng;
    while !world.is_calm() {
        tokio::time::sleep(millis(rng, 100, 3_000)).await;
        if world.is_calm() {
            break;
        }
        let at = rng.random_range(0..world.nodes.len());
        match rng.random_range(0..4) {
            0 if world.plan.nodes_crash => {
                world.crash(at);
                tokio::time::sleep(millis(rng, 0, 1_000)).await;
                world.start(at);
            }
            1 if world.plan.clock_jumps => world.jump_clock(jump(rng)),
            2 if world.plan.outages => {
                let during = millis(rng, 50, 2_000);
                world.say(format!("node {at} cannot read for {during:?}"));
                world.nodes[at].faults.fail_reads(during);
            }
            3 if world.plan.outages => {
                let during = millis(rng, 50, 2_000);
                world.say(format!("node {at} cannot write for {during:?}"));
                world.nodes[at].faults.fail_writes(during);
            }
            _ => {}
        }
    }
    (0..world.nodes.len()).for_each(|at| world.start(at));
}

/// Mostly seconds, sometimes an hour, either way.
fn jump(rng: &mut SeededRng) -> i64 {
    let size = match rng.random_range(0..10) {
        0 => 3_600_000,
        1..4 => 60_000,
        _ => 8_000,
    };
    rng.random_range(-size..=size)
}
