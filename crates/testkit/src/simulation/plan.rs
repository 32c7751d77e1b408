//! What a seed decides before anything happens.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::ChartId;
use rand::RngExt as _;

use super::Options;
use crate::clock::EPOCH;
use crate::entropy::{SeededRng, seeded};
use crate::fault::Rates;
use crate::hall::hall;
use crate::sale::{self, event};

/// A run, planned.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) nodes: u32,
    pub(super) clients: u32,
    pub(super) errands_max: u32,
    pub(super) events: Vec<Arc<Event>>,
    pub(super) engine: engine::options::Options,
    pub(super) rates: Rates,
    pub(super) clock_jumps: bool,
    pub(super) nodes_crash: bool,
    pub(super) outages: bool,
    /// Whether an organizer pauses, opens and changes what is sold.
    pub(super) organizer: bool,
    pub(super) commit_time: Duration,
    /// Whether nodes tell each other of their commits in passing, which goes wrong in every way.
    pub(super) relay: bool,
}

impl Plan {
    pub(super) fn new(seed: u64, options: &Options) -> Self {
        let mut rng = seeded(seed, 2);
        let rng = &mut rng;
        let nodes = rng.random_range(1..=options.nodes_max.max(1));
        let events = rng.random_range(1..=u64::from(options.events_max.max(1)));
        Self {
            seed,
            nodes,
            clients: rng.random_range(2..=options.clients_max.max(2)),
            errands_max: options.errands_max.max(1),
            events: (1..=events).map(|id| planned_event(id, rng)).collect(),
            engine: engine::options::Options {
                // Apart from the other draws, which stay as they were.
                batch_interval: [0, 2, 50].map(Duration::from_millis)[seeded(seed, 9).random_range(0..3)],
                ..engine_options(rng)
            },
            rates: rates(rng),
            clock_jumps: rng.random_bool(0.4),
            nodes_crash: rng.random_bool(0.6),
            outages: rng.random_bool(0.5),
            organizer: rng.random_bool(0.6),
            commit_time: Duration::from_micros(rng.random_range(0..=3_000)),
            // Apart from them, too.
            relay: seeded(seed, 8).random_bool(0.5),
        }
    }
}

fn planned_event(id: u64, rng: &mut SeededRng) -> Arc<Event> {
    let hall = hall(rng.random_range(1..=4), rng.random_range(2..=7)).accessible(rng.random_range(0..=2));
    let hall = hall.area("Floor", rng.random_range(3..=30));
    let mut planned: sale::Sale = event(id).chart(ChartId(id), hall.build());
    let usual = rng.random_range(1..=5);
    planned = planned.hold_seconds(usual, usual + rng.random_range(0..=10));
    if rng.random_bool(0.4) {
        planned = planned.area("Bar", rng.random_range(1..=5));
    }
    if rng.random_bool(0.5) {
        planned = planned.max_per_buyer(rng.random_range(1..=6));
    }
    if rng.random_bool(0.3) {
        let opens_at = EPOCH.plus_millis(rng.random_range(0..=4_000));
        planned =
            planned.window(Some(opens_at), Some(opens_at.plus_millis(rng.random_range(10_000..=90_000))));
    }
    planned.build()
}

fn engine_options(rng: &mut SeededRng) -> engine::options::Options {
    let defaults = engine::options::Options::default();
    let pick = |rng: &mut SeededRng, of: &[usize]| of[rng.random_range(0..of.len())];
    let batch_requests_max = pick(rng, &[1, 2, 16, 1_024]);
    engine::options::Options {
        batch_requests_max,
        queue_requests_max: batch_requests_max.max(pick(rng, &[4, 64, 8_192])),
        outcome_wait_max: Duration::from_millis(pick(rng, &[0, 300, 5_000]) as u64),
        feed_commits_kept: pick(rng, &[2, 4_096]),
        desks_max: pick(rng, &[1, 10_000, 10_000]),
        desk_refuses: rng.random_bool(0.85),
        ..defaults
    }
}

fn rates(rng: &mut SeededRng) -> Rates {
    let stormy = Rates::stormy();
    match rng.random_range(0..4) {
        0 => Rates { latency_max: stormy.latency_max, ..Rates::default() },
        1 => Rates { stall: 0, read_stalls: 0, ..stormy },
        _ => stormy,
    }
}
