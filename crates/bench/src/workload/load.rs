//! What a known part of the peak does, in an open loop: buyers come at their rate, whatever the server does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use storm::{Options, Outcome, Report, Scenario};
use tokio::sync::Barrier;
use tokio::time::Instant;

use super::{Bar, Case, Plan};
use crate::disk::{self, Flusher};
use crate::hall::Ware;
use crate::machine;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{
    Figures, close, count, ensure_came, ensure_only, fact, latency as latency_of, load, load_and_tell,
    number, warm_up_beside,
};
use crate::servers::Store;

/// So many that nobody has to be refused in all of it.
const SEATS: u32 = 1_000_000;
const SEATS_QUICK: u32 = 250_000;
/// How long the peak is measured, in the same run and on another event of the same hall.
const PEAK_SECONDS: u64 = 3;
pub(super) const PEAK: &str = "peak, bookings/s";

/// Half of the peak, and how long.
const LATENCY_SHARE: f64 = 0.5;
const LATENCY_SECONDS: u64 = 60;
const LATENCY_SECONDS_QUICK: u64 = 10;

/// Twice the peak, how long, and which share of it holds and confirms.
const OVERLOAD_SHARE: f64 = 2.0;
const OVERLOAD_SECONDS: u64 = 10;
const HOLDS_SHARE: f64 = 0.1;
/// More than may wait in the server: with fewer, the crowd would wait in the generator, and nobody would be shed.
const OVERLOAD_CONNECTIONS: usize = 8_000;
const HOLDS_CONNECTIONS: usize = 1_000;
/// The largest share of the buyers who were due and may never have started. What they would have waited is in no latency, so at
/// half of the peak it is far below the hundredth that a p99 leaves out.
pub(super) const DROPPED_MAX: f64 = 0.001;
const OVERLOAD_DROPPED_MAX: f64 = 0.1;
/// From which share of all cores on no processor is left.
const ALL_BUSY: f64 = 0.95;
/// How long a buyer who was told to come back with a hold comes back.
const HOLDS_PATIENCE: Duration = Duration::from_secs(2);
const PER_CORE: &str = "of the peak, on the cores that the generator left, %";
pub(super) const SHED: &str = "shed, %";
const HOLDS_SHED: &str = "holds shed, %";
const CONFIRMS_SHED: &str = "confirms shed, %";
const BOOKED_P99: &str = "booked p99, ms";

pub(super) fn latency(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store).with_another_event());
    let case = Case::of(flashtix_on(store, ""), subject, half);
    let alone =
        Case::new("the disk alone, 500 flushes/s of 16 KiB", |ground| Box::pin(disk::alone(ground))).apart();
    Plan {
        columns: &[
            disk::LONGEST,
            disk::IN_LONG,
            disk::LATE,
            fact::P50,
            fact::P999,
            PEAK,
            fact::OFFERED,
            fact::ACHIEVED,
            fact::DROPPED,
            SHED,
            fact::ORDERS_A_COMMIT,
            fact::ORDERS_A_BATCH,
            fact::SERVER,
            fact::GENERATOR,
            fact::BUSY,
        ],
        cases: vec![case, alone],
        bars: vec![Bar::at_most("p99 of accepted ≤ 15 ms", 15.0, |found| found.value(0))],
        ..Plan::new(
            "An event of 1,000,000 seats at 50 % of the peak, which is measured first in the same run, for 60 s in an open loop, or until \
             every seat is sold, which is sooner where the peak is above 33,333/s; counted from when each buyer meant to come. Where buyers did not come at that rate, or were shed, the run has no \
             figure. Meanwhile somebody flushes 4 KiB fifty times a second, and says how long the longest flush took, and how late he woke at \
             most. And in turn with it somebody flushes as often as such a sale for 30 s, and nobody else does anything: his p99 is \
             counted from when each flush was due.",
            "ms, p99",
        )
    }
}

pub(super) fn overload(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store).with_another_event());
    let case = Case::of(flashtix_on(store, ""), subject, twice);
    Plan {
        columns: &[
            PER_CORE,
            PEAK,
            fact::OFFERED,
            fact::ACHIEVED,
            fact::DROPPED,
            SHED,
            HOLDS_SHED,
            CONFIRMS_SHED,
            BOOKED_P99,
            fact::SERVER,
            fact::GENERATOR,
            fact::BUSY,
        ],
        cases: vec![case],
        bars: vec![
            Bar::at_least("goodput ≥ 75 % of the peak", 75.0, |found| found.value(0)),
            Bar::at_least("goodput ≥ 90 % with the generator's own core subtracted", 90.0, |found| {
                found.fact(0, PER_CORE)
            }),
            Bar::at_most("no confirm of a paid hold shed while new holds are", 0.0, |found| {
                found
                    .fact(0, CONFIRMS_SHED)
                    .filter(|_| found.fact(0, HOLDS_SHED).is_some_and(|shed| shed > 0.0))
            }),
        ],
        ..Plan::new(
            "An event of 1,000,000 seats at twice the peak, which is measured first in the same run, for 10 s in an open loop \
             over 9,000 connections; a tenth of the buyers hold, and 30 % of those confirm. Goodput is what was sold a second: \
             orders and confirms. Where buyers did not come at that rate or nobody was shed while processors had time, or somebody was shed and not told \
             when to come back, the run has no figure.",
            "% of the peak",
        )
    }
}

/// A load on the event that is measured, and on no other.
pub(super) fn alone(running: &Running, scenario: Scenario) -> Options {
    let mut options = running.options(scenario);
    options.further_events.clear();
    options
}

/// So many seats, and the peak on as many others: what is measured then finds its hall empty.
pub(super) async fn at_peak(
    ground: &Ground,
    subject: &Subject,
    seats: u32,
) -> anyhow::Result<(Running, Report)> {
    let ware = Ware::Seats(seats);
    let running = Running::start(subject, ware, ground).await?;
    warm_up_beside(&running, ground).await?;
    let mut options = alone(&running, Scenario::Sustained);
    options.event = running.events.last().cloned();
    options.buyers = u64::from(ware.amount());
    options.duration_max = Some(Duration::from_secs(ground.or_quick(PEAK_SECONDS, 1)));
    let (report, _) = load(&running, ground, options).await?;
    Ok((running, report))
}

async fn half(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let (running, peak_report) = at_peak(ground, subject, ground.or_quick(SEATS, SEATS_QUICK)).await?;
    let peak = peak_report.rates.bookings_per_second;
    let seconds = ground.or_quick(LATENCY_SECONDS, LATENCY_SECONDS_QUICK);
    let mut options = alone(&running, Scenario::Sustained);
    options.seed = 2;
    options.rate = Some(peak * LATENCY_SHARE);
    // Whoever came after these would find no seat.
    (options.buyers, options.duration_max) = (u64::from(SEATS), Some(Duration::from_secs(seconds)));
    let flusher = Flusher::beside(ground)?;
    let mut ends = Vec::new();
    let tell = |_| ends.push(Instant::now());
    let (report, mut facts) = Box::pin(load_and_tell(&running, ground, options, tell)).await?;
    let &[begun, over] = ends.as_slice() else { bail!("the storm told of no begin or no end") };
    facts.extend(flusher.saw(begun, over)?);
    ensure_came(ground, &[&report], DROPPED_MAX)?;
    if !ground.quick {
        ensure_only(&report, &[Outcome::Booked])?;
    }
    facts.insert(SHED, shed_percent(&report, "order"));
    let accepted = latency_of(&report, Outcome::Booked);
    facts.extend([
        (fact::P50, millis(accepted.p50_micros)),
        (fact::P999, millis(accepted.p999_micros)),
        (PEAK, peak),
    ]);
    close(running, ground, millis(accepted.p99_micros), facts, vec![report, peak_report]).await
}

async fn twice(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let (running, peak_report) = at_peak(ground, subject, ground.or_quick(SEATS, SEATS_QUICK)).await?;
    let peak = peak_report.rates.bookings_per_second;
    let together = Arc::new(Barrier::new(2));
    let storm = |scenario, share: f64, connections, seed| {
        let mut options = alone(&running, scenario);
        let duration = Duration::from_secs(ground.or_quick(OVERLOAD_SECONDS, 2));
        options.rate = Some(peak * OVERLOAD_SHARE * share);
        (options.buyers, options.duration_max) = (u64::from(SEATS), Some(duration));
        (options.connections, options.seed, options.hold_seconds) = (connections, seed, 1);
        options.retry_patience = HOLDS_PATIENCE;
        options.before_the_truth = Some(Arc::clone(&together));
        load(&running, ground, options)
    };
    let orders = storm(Scenario::Sustained, 1.0 - HOLDS_SHARE, OVERLOAD_CONNECTIONS, 2);
    let holds = storm(Scenario::Holds, HOLDS_SHARE, HOLDS_CONNECTIONS, 3);
    let ((orders, mut facts), (holds, _)) = tokio::try_join!(Box::pin(orders), Box::pin(holds))?;
    ensure!(
        orders.shed_without_wait + holds.shed_without_wait == 0,
        "{} buyers were shed without a word on when to come back",
        orders.shed_without_wait + holds.shed_without_wait
    );
    // Without a processor left, buyers who cannot come are the overload, and the server need not turn anybody away.
    let cores = f64::from(u32::try_from(machine::cores()).unwrap_or(u32::MAX));
    if facts.get(fact::BUSY).is_none_or(|busy| *busy < cores * ALL_BUSY) {
        ensure_came(ground, &[&orders, &holds], OVERLOAD_DROPPED_MAX)?;
        let was_shed = |report| count(report, Outcome::Shed) > 0.0;
        ensure!(
            ground.quick || (was_shed(&orders) && was_shed(&holds)),
            "nobody was shed: this was no overload"
        );
    }
    facts.extend(overloaded(&orders, &holds, &peak_report, machine::cores()));
    let goodput = facts.remove(GOODPUT).unwrap_or(0.0);
    close(running, ground, goodput / peak * 100.0, facts, vec![orders, holds, peak_report]).await
}

const GOODPUT: &str = "goodput/s";

/// What is said of an overload beside its costs.
fn overloaded(orders: &Report, holds: &Report, peak: &Report, cores: usize) -> BTreeMap<&'static str, f64> {
    // A hold that nobody confirms sells nothing.
    let goodput = orders.rates.bookings_per_second + holds.rates.bookings_per_second;
    let both = |of: fn(&storm::Rates) -> f64| of(&orders.rates) + of(&holds.rates);
    let cores = f64::from(u32::try_from(cores).unwrap_or(u32::MAX));
    // Two storms at the same time, each over its own.
    let generator = orders.cpu.generator_cores + holds.cpu.generator_cores;
    let of_a_core = |rate: f64, generator: f64| rate / (cores - generator).max(0.1);
    let peak_rate = peak.rates.bookings_per_second;
    let of_peak = of_a_core(goodput, generator) / of_a_core(peak_rate, peak.cpu.generator_cores);
    BTreeMap::from([
        (GOODPUT, goodput),
        (PER_CORE, of_peak * 100.0),
        (PEAK, peak_rate),
        (fact::OFFERED, both(|rates| rates.offered_per_second.unwrap_or(0.0))),
        (fact::ACHIEVED, both(|rates| rates.achieved_per_second)),
        (fact::DROPPED, number(orders.rates.dropped + holds.rates.dropped)),
        (fact::GENERATOR, generator),
        (SHED, shed_percent(orders, "order")),
        (HOLDS_SHED, shed_percent(holds, "hold")),
        (CONFIRMS_SHED, shed_percent(holds, "confirm")),
        (BOOKED_P99, millis(latency_of(orders, Outcome::Booked).p99_micros)),
    ])
}

/// A latency as a figure.
pub(super) fn millis(micros: u64) -> f64 {
    number(micros) / 1e3
}

/// Which part of the questions of a kind was shed.
pub(super) fn shed_percent(report: &Report, question: &str) -> f64 {
    let Some(counts) = report.questions.get(question) else { return 0.0 };
    let shed = counts.get(Outcome::Shed.name()).copied().unwrap_or(0);
    number(shed) / number(counts.values().sum::<u64>()).max(1.0) * 100.0
}
