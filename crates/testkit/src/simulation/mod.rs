//! The seeded simulation: real engines, a crowd, and everything that goes wrong, decided by one number.
//!
//! One to three nodes share the oracle, each through a store that fails in its own way. Clients hold, edit, confirm,
//! book, cancel; they retry what got lost, on any node; they leave in the middle. Clocks jump, nodes die. What is
//! checked all the while, and again when it is quiet, are the invariants of the design, by name.
//!
//! The runtime has one thread and its time is paused, so a seed replays byte for byte: same trace, same hash.

mod chaos;
mod client;
mod errand;
mod judge;
mod plan;
mod quiet;
mod trace;
mod watcher;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use crate::memory::Violation;
use plan::Plan;
use trace::Line;
use world::World;

/// How large a simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Nodes at most.
    pub nodes_max: u32,
    /// Events at most.
    pub events_max: u32,
    /// Clients at most.
    pub clients_max: u32,
    /// What a client does at most, retries left out.
    pub errands_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { nodes_max: 3, events_max: 3, clients_max: 20, errands_max: 30 }
    }
}

/// What a seed came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// A hash over everything that happened.
    pub trace_hash: u64,
    /// What happened, by name.
    pub counts: BTreeMap<String, u64>,
    /// What happened, line by line.
    pub trace: Vec<String>,
}

/// A seed that broke an invariant.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What was broken.
    pub violation: Violation,
    /// What happened, line by line, up to then.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LINES_SHOWN: usize = 60;
        let skipped = self.trace.len().saturating_sub(LINES_SHOWN);
        writeln!(f, "seed {}: {}", self.seed, self.violation)?;
        self.trace[skipped..].iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        write!(f, "reproduce with: cargo xtask sim --seed {}", self.seed)
    }
}

impl std::error::Error for Failure {}

/// Runs one seed.
///
/// # Errors
/// The first invariant that broke, with the trace up to there.
///
/// # Panics
/// When no runtime can be made.
pub fn simulate(seed: u64, options: &Options) -> Result<Summary, Box<Failure>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime with one thread needs nothing but memory");
    let plan = Plan::new(seed, options);
    let lines = trace::Trace::default();
    let run = AssertUnwindSafe(|| runtime.block_on(run(plan, &lines)));
    let result = std::panic::catch_unwind(run)
        .unwrap_or_else(|_| Err(Violation::new("asserts", "a panic; its message is above")));
    let (hash, trace) = (lines.hash(), lines.texts());
    match result {
        Ok(counts) => Ok(Summary { seed, trace_hash: hash, counts, trace }),
        Err(violation) => Err(Box::new(Failure { seed, violation, trace })),
    }
}

async fn run(plan: Plan, lines: &trace::Trace) -> Result<BTreeMap<String, u64>, Violation> {
    /// No run takes so long; whoever still waits then waits for ever.
    const RUN_MAX: Duration = Duration::from_secs(3_600);
    let world = World::build(plan, lines.clone()).await;
    let whole = async {
        tokio::select! {
            biased;
            violation = world.failed() => Err(violation),
            done = crowd(&world) => done,
        }
    };
    let result = tokio::time::timeout(RUN_MAX, whole).await;
    let result = result.unwrap_or_else(|_| Err(Violation::new("liveness", "the run does not end")));
    world.note_commits();
    let counts = world.counts();
    lines.add(Line::new(world.store.clock().elapsed(), format!("{counts:?}")));
    result.map(|()| counts)
}

/// Lets everybody loose, waits until they have done everything, and looks around when it is quiet.
async fn crowd(world: &std::sync::Arc<World>) -> Result<(), Violation> {
    let mut clients = client::start_all(world);
    let mut others = tokio::task::JoinSet::new();
    others.spawn(chaos::rage(world.clone()));
    others.spawn(world::watch_nodes(world.clone()));
    watcher::start_all(world, &mut others);
    while let Some(client) = clients.join_next().await {
        client.map_err(|error| Violation::new("asserts", format!("a client failed: {error}")))?;
    }
    world.calm();
    quiet::look_around(world).await?;
    others.shutdown().await;
    Ok(())
}
