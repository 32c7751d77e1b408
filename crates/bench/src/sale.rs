//! One storm on something that runs, with what it cost: what was read before and after, held against each other.

mod fault;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;
use storm::{Observer, Options, Outcome, Percentiles, Phase, Report, Scenario};
use tokio::time::Instant;

pub(crate) use fault::{ensure_came, ensure_only};

use crate::hall::Ware;
use crate::machine;
use crate::profile::{Recorded, Recording};
use crate::running::{Ground, Running, Subject};
use crate::tuning::tuned;

/// How long every subject is loaded, at most, before what is counted: connections, caches and prepared statements come about.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);
/// Which part of what is for sale that may take, so that the sale that is counted begins as good as whole.
const WARM_UP_PART: u64 = 20;
/// Which part of an event of its own.
const WARM_UP_PART_BESIDE: u64 = 2;
/// Other wishes than those of the crowds that are counted.
const WARM_UP_SEED: u64 = 1_000;

/// Names of facts that several workloads tell.
pub(crate) mod fact {
    pub(crate) const ORDERS_A_COMMIT: &str = "orders a commit";
    /// Of all events that share a transaction.
    pub(crate) const ORDERS_A_BATCH: &str = "orders a batch";
    pub(crate) const FLUSHES: &str = "flushes a booking";
    pub(crate) const WAL_BYTES: &str = "WAL bytes a booking";
    pub(crate) const STATEMENTS: &str = "statements a booking";
    pub(crate) const GENERATOR: &str = "generator, cores";
    pub(crate) const SERVER: &str = "server, cores";
    pub(crate) const BUSY: &str = "all, cores";
    /// Connections of a peer to its database.
    pub(crate) const POOL: &str = "pool";
    pub(crate) const REQUESTS: &str = "requests/s";
    pub(crate) const CONTENDED: &str = "contended, %";
    pub(crate) const CONFLICTS: &str = "conflicts";
    pub(crate) const GATE_LOST: &str = "refusals by the gate";
    pub(crate) const OFFERED: &str = "offered/s";
    pub(crate) const ACHIEVED: &str = "achieved/s";
    pub(crate) const DROPPED: &str = "dropped";
    pub(crate) const P50: &str = "p50, ms";
    pub(crate) const P999: &str = "p99.9, ms";
}

/// What one run gave.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figures {
    /// The workload's own figure.
    pub(crate) value: f64,
    /// What else was found, by name.
    pub(crate) facts: BTreeMap<&'static str, f64>,
    /// What the subject says of its durability.
    pub(crate) durability: Option<String>,
    /// What the audit of its store says.
    pub(crate) audit: Option<String>,
    /// The generator's whole reports.
    pub(crate) reports: Vec<Report>,
}

/// What all that runs has worked until one moment.
#[derive(Debug, Clone, Copy)]
struct Clock {
    at: Instant,
    server_seconds: f64,
    busy_seconds: f64,
}

impl Clock {
    /// Read in microseconds, so that it can be read while a load begins.
    fn read(running: &Running) -> Self {
        let (server_seconds, busy_seconds) = (running.cpu_seconds(), machine::busy_seconds());
        Self { at: Instant::now(), server_seconds, busy_seconds }
    }
}

/// What was committed until one moment.
#[derive(Debug, Clone, Copy)]
struct Counters {
    commits: f64,
    orders: f64,
    batches: f64,
    conflicts: f64,
    gate_lost: f64,
    wal_bytes: Option<f64>,
}

impl Counters {
    /// Asks the servers, which takes some of their time.
    fn read(running: &Running, ground: &Ground) -> anyhow::Result<Self> {
        let [commits, orders, batches, conflicts, gate_lost] = if running.is_ours {
            running.metrics([
                "flashtix_bookings_per_commit_count",
                "flashtix_bookings_per_commit_sum",
                "flashtix_batch_seconds_count",
                "flashtix_conflicts_total",
                "flashtix_gate_lost_total",
            ])
        } else {
            [0.0; 5]
        };
        let wal_bytes = if running.is_on_postgres() { Some(ground.servers.wal_bytes()?) } else { None };
        Ok(Self { commits, orders, batches, conflicts, gate_lost, wal_bytes })
    }
}

/// An end of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// All connections are open, and the first buyer is let in.
    Begun,
    /// The last buyer has gone home. Holds have not lapsed yet, and no truth was read.
    Over,
}

/// Reads the clocks at both ends of the load: before it the hall is read and connections are made, after it others may be
/// waited for and the truth is read, and none of that is the load's.
struct Watcher<'a> {
    running: &'a Running,
    ground: &'a Ground,
    tell: Box<dyn FnMut(Moment) + 'a>,
    begun: Option<Clock>,
    over: Option<(Clock, anyhow::Result<Counters>)>,
    recording: Option<anyhow::Result<Recording>>,
    recorded: Option<anyhow::Result<Recorded>>,
}

impl Observer for Watcher<'_> {
    fn phase(&mut self, phase: Phase) {
        match phase {
            Phase::Load => {
                let profiler = self.ground.profiler.as_ref();
                self.recording =
                    profiler.and_then(|profiler| profiler.start(&self.running.processes()).transpose());
                self.begun = Some(Clock::read(self.running));
                (self.tell)(Moment::Begun);
            }
            Phase::Lapsing | Phase::Auditing if self.over.is_none() => {
                let clock = Clock::read(self.running);
                (self.tell)(Moment::Over);
                self.recorded = self.recording.take().and_then(|recording| {
                    let stop = |recording| self.ground.profiler.as_ref()?.stop(recording).transpose();
                    recording.map_or_else(|error| Some(Err(error)), stop)
                });
                self.over = Some((clock, Counters::read(self.running, self.ground)));
            }
            _ => {}
        }
    }
}

/// Storms something that runs, and gives the report and what the storm cost.
///
/// # Errors
/// When the storm cannot be run, or the sale was wrong: such a run has no figures.
pub(crate) async fn load(
    running: &Running,
    ground: &Ground,
    options: Options,
) -> anyhow::Result<(Report, BTreeMap<&'static str, f64>)> {
    load_and_tell(running, ground, options, |_| {}).await
}

/// The same; `tell` is called at both ends of the load.
pub(crate) async fn load_and_tell(
    running: &Running,
    ground: &Ground,
    options: Options,
    tell: impl FnMut(Moment),
) -> anyhow::Result<(Report, BTreeMap<&'static str, f64>)> {
    let before = Counters::read(running, ground)?;
    if running.is_on_postgres() && running.flushes_before.get().is_none() {
        // Of another version there is no such count.
        running.flushes_before.set(ground.servers.wal_flushes());
    }
    let mut watcher = Watcher {
        running,
        ground,
        tell: Box::new(tell),
        begun: None,
        over: None,
        recording: None,
        recorded: None,
    };
    let report = Box::pin(storm::run(options, &mut watcher)).await?;
    fault::judge(running.is_ours, &report)?;
    running.booked.set(running.booked.get() + report.buyers.booked);
    let (Some(begun), Some((over, after))) = (watcher.begun, watcher.over.take()) else {
        anyhow::bail!("the storm told of no begin or no end")
    };
    if let (Some(profiler), Some(recorded)) = (&ground.profiler, watcher.recorded.take()) {
        profiler.keep(&recorded?, report.rates.requests_per_second)?;
    }
    let mut facts = shares(&begun, &over);
    facts.insert(fact::GENERATOR, report.cpu.generator_cores);
    facts.extend(costs(&before, &after?, &report));
    Ok((report, facts))
}

/// Runs something else than a storm, and gives how many requests a second were answered; profiled, if loads are.
///
/// # Errors
/// When it fails, or there is no profile of it.
pub(crate) fn profiled(
    running: &Running,
    ground: &Ground,
    load: impl FnOnce() -> anyhow::Result<f64>,
) -> anyhow::Result<f64> {
    let Some(profiler) = &ground.profiler else { return load() };
    let recording = profiler.start(&running.processes())?;
    let rate = load()?;
    if let Some(recorded) = recording.map(|recording| profiler.stop(recording)).transpose()?.flatten() {
        profiler.keep(&recorded, rate)?;
    }
    Ok(rate)
}

/// Loads a subject for a moment that no figure counts, on what is sold afterwards: peers have nothing else.
///
/// # Errors
/// When the storm cannot be run, or the sale was wrong.
pub(crate) async fn warm_up(running: &Running, ground: &Ground) -> anyhow::Result<()> {
    let events = running.events.len() as u64;
    warm(running, ground, running.options(warming(running.ware)), events, WARM_UP_PART).await
}

/// The same on the last of several events, where what is sold afterwards is sold to its end.
pub(crate) async fn warm_up_beside(running: &Running, ground: &Ground) -> anyhow::Result<()> {
    let mut options = running.options(warming(running.ware));
    options.event = running.events.last().cloned();
    options.further_events.clear();
    warm(running, ground, options, 1, WARM_UP_PART_BESIDE).await
}

fn warming(ware: Ware) -> Scenario {
    match ware {
        Ware::Seats(_) => Scenario::Sustained,
        Ware::Units(_) => Scenario::Ga,
    }
}

async fn warm(
    running: &Running,
    ground: &Ground,
    mut options: Options,
    events: u64,
    part: u64,
) -> anyhow::Result<()> {
    options.buyers = (u64::from(running.ware.amount()) * events / part).max(1);
    (options.duration_max, options.seed) = (Some(WARM_UP), WARM_UP_SEED);
    load(running, ground, options).await?;
    Ok(())
}

/// How many cores worked between the ends of a load.
fn shares(begun: &Clock, over: &Clock) -> BTreeMap<&'static str, f64> {
    let seconds = (over.at - begun.at).as_secs_f64().max(f64::MIN_POSITIVE);
    BTreeMap::from([
        (fact::SERVER, (over.server_seconds - begun.server_seconds) / seconds),
        (fact::BUSY, (over.busy_seconds - begun.busy_seconds) / seconds),
    ])
}

/// What a load took of the store, by the counters at its ends.
fn costs(before: &Counters, after: &Counters, report: &Report) -> BTreeMap<&'static str, f64> {
    let mut facts = BTreeMap::new();
    let commits = after.commits - before.commits;
    if commits > 0.0 {
        facts.insert(fact::ORDERS_A_COMMIT, (after.orders - before.orders) / commits);
        let batches = (after.batches - before.batches).max(1.0);
        facts.insert(fact::ORDERS_A_BATCH, (after.orders - before.orders) / batches);
        facts.insert(fact::CONFLICTS, after.conflicts - before.conflicts);
        facts.insert(fact::GATE_LOST, after.gate_lost - before.gate_lost);
    }
    facts.insert(fact::REQUESTS, report.rates.requests_per_second);
    let requests = number(report.rates.requests).max(1.0);
    facts.insert(fact::CONTENDED, count(report, Outcome::Contended) / requests * 100.0);
    let booked = number(report.buyers.booked);
    if let (Some(from), Some(to)) = (before.wal_bytes, after.wal_bytes)
        && booked > 0.0
    {
        facts.insert(fact::WAL_BYTES, (to - from) / booked);
    }
    if let Some(offered) = report.rates.offered_per_second {
        facts.insert(fact::OFFERED, offered);
        facts.insert(fact::ACHIEVED, report.rates.achieved_per_second);
        facts.insert(fact::DROPPED, number(report.rates.dropped));
    }
    facts
}

/// Ends a subject, has its store audited, and puts everything together.
///
/// # Errors
/// When the audit is not clean.
pub(crate) async fn close(
    running: Running,
    ground: &Ground,
    value: f64,
    mut facts: BTreeMap<&'static str, f64>,
    reports: Vec<Report>,
) -> anyhow::Result<Figures> {
    let durability = running.durability.clone();
    facts.extend(running.pool_size.map(|size| (fact::POOL, f64::from(size))));
    let (flushes_before, booked) = (running.flushes_before.get(), running.booked.get());
    let audit = running.end(ground).await?;
    // Sessions tell of their last flushes when they end, which they have done by now: so all loads are counted together.
    if let (Some(before), Some(now)) = (flushes_before, ground.servers.wal_flushes()) {
        facts.insert(fact::FLUSHES, (now - before) / number(booked).max(1.0));
    }
    Ok(Figures { value, facts, durability, audit, reports })
}

/// One storm on a subject that is started and warmed up for it, and the figure that is read off its report.
///
/// # Errors
/// When it cannot be started, or sold wrongly.
pub(crate) async fn sell(
    ground: &Ground,
    subject: &Subject,
    ware: Ware,
    scenario: Scenario,
    shape: impl FnOnce(&mut Options),
    value: impl FnOnce(&Report) -> f64,
) -> anyhow::Result<Figures> {
    let subject = tuned(ground, subject, ware, scenario).await?;
    let running = Running::start(&subject, ware, ground).await?;
    warm_up(&running, ground).await?;
    let mut options = running.options(scenario);
    shape(&mut options);
    let (report, facts) = load(&running, ground, options).await?;
    let value = value(&report);
    close(running, ground, value, facts, vec![report]).await
}

/// How many requests ended so.
pub(crate) fn count(report: &Report, outcome: Outcome) -> f64 {
    report.outcomes.iter().find(|row| row.outcome == outcome).map_or(0.0, |row| number(row.count))
}

/// The latencies of those that ended so.
pub(crate) fn latency(report: &Report, outcome: Outcome) -> Percentiles {
    report.outcomes.iter().find(|row| row.outcome == outcome).map(|row| row.latency).unwrap_or_default()
}

/// Bookings a second while this share of those who ask finds a place, and how long that was.
///
/// # Errors
/// When the share is not found for a moment: there is no such rate.
pub(crate) fn bookings_while_found(report: &Report, share: f64) -> anyhow::Result<(f64, f64)> {
    let series = &report.series;
    let of = |outcome: &str, step: usize| {
        series
            .outcomes
            .get(outcome)
            .and_then(|counts| counts.get(step))
            .map_or(0.0, |count| f64::from(*count))
    };
    let steps = series.outcomes.values().map(Vec::len).max().unwrap_or(0);
    let requests: Vec<(f64, f64)> = (0..steps)
        .map(|step| {
            let asked: f64 = Outcome::ALL.into_iter().map(|outcome| of(outcome.name(), step)).sum();
            (asked, of(Outcome::Booked.name(), step))
        })
        .collect();
    let (booked, steps) = while_found(&requests, share);
    ensure!(steps > 0.0, "at no time did {:.0} % of those who asked find a place", share * 100.0);
    // The last step of a whole run is rarely a whole one.
    let seconds = (steps * series.step_seconds).min(report.times.wall_seconds);
    Ok((booked / seconds, seconds))
}

/// Steps over which the share is taken: of a single one it is chance, since a flush answers many who booked at once.
const SHARE_STEPS: usize = 5;

/// What was booked until the share of the last steps fell for the first time, and the number of steps until then, of steps of
/// those who asked and those who found. At the start refusals overtake bookings, which wait for a flush: it may fall as soon as
/// it has been reached.
fn while_found(steps: &[(f64, f64)], share: f64) -> (f64, f64) {
    let (mut booked, mut passed, mut counted) = (0.0, 0.0, (0.0, 0.0));
    for (at, (_, finds)) in steps.iter().enumerate() {
        booked += finds;
        passed += 1.0;
        let last = &steps[(at + 1).saturating_sub(SHARE_STEPS)..=at];
        let (asked, found) = last.iter().fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
        let is_reached = found > 0.0 && found >= share * asked;
        if is_reached {
            counted = (booked, passed);
        } else if counted.1 > 0.0 {
            break;
        }
    }
    counted
}

/// A count as a figure.
pub(crate) fn number(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let number = count as f64;
    number
}

#[cfg(test)]
mod tests;
