//! A storm from beginning to end: what is for sale, the load, the truth, the report.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::acknowledged::Acknowledged;
use crate::answer::{ClassicTicket, Order};
use crate::audit::audit;
use crate::buyer::{End, Question};
use crate::classic::{self, Seeded};
use crate::cpu::{self, Machine};
use crate::driver::{Driver, Load};
use crate::enquiry::Enquirer;
use crate::lapse::{Lapsed, wait_for_lapse};
use crate::progress::{Observer, Phase, Snapshot};
use crate::recorder::Recorder;
use crate::report::{
    Buyers, Cpu, Event, Lapse, OutcomeRow, Percentiles, Rates, Report, Series, Settings, Times, grouped,
};
use crate::script::Script;
use crate::suspicions::Suspicions;
use crate::target::Target;
use crate::venue::Venue;
use crate::verdict::{Check, Verdict, check, told, truth};
use crate::wire::Wire;
use crate::{Api, Error, Options, Outcome, Scenario, limits};

/// What is stormed.
#[derive(Debug, Clone)]
enum Ground {
    V1(Arc<Venue>),
    Classic(Seeded),
}

/// Runs a storm. Dropping the future stops it: buyers on the way are still served, on threads of
/// their own, and nothing is reported.
///
/// Needs a Tokio runtime with time and I/O.
///
/// # Errors
/// When it cannot start: senseless options, no server, a key or an event that does not fit. What goes
/// wrong in the sale itself, or while its truth is read, is part of the report's verdict.
pub async fn run(options: Options, mut observer: impl Observer) -> Result<Report, Error> {
    options.validate()?;
    let targets = std::iter::once(&options.url).chain(&options.further_urls);
    let targets = targets.map(|url| Target::parse(url)).collect::<Result<Vec<_>, _>>()?;
    let target = &targets[0];
    observer.phase(Phase::Preparing);
    let mut enquirer = Enquirer::new(target, options.key.as_deref());
    let (ground, script) = prepare(&options, &mut enquirer).await?;
    let events = match &ground {
        Ground::V1(venue) => venue.events(),
        Ground::Classic(_) => Vec::new(),
    };
    let mut wire = Wire::new(&options, target, &events, rand::random());
    let suspicions = Arc::clone(&script.suspicions);
    let load = Arc::new(Load::new(&options, &targets, script));
    let storm = storm(&options, &ground, &load, &wire, &mut observer).await?;

    enquirer.patience = options.unknown_patience;
    let mut checks = told(&options, &storm.recorder, &suspicions);
    let mut lapsed = Lapsed::default();
    if let Ground::V1(venue) = &ground
        && options.scenario == Scenario::Holds
    {
        observer.phase(Phase::Lapsing);
        // Whether they did is for the verdict to say.
        lapsed = wait_for_lapse(&mut enquirer, venue, &options, &storm.recorder.lapsing).await;
    }
    // First told, then waited for: whoever counts what this load cost must not count the others' load.
    observer.phase(Phase::Auditing);
    if let Some(others) = &options.before_the_truth {
        others.wait().await;
    }
    checks.extend(read_truth(&mut enquirer, &options, &ground, &storm.recorder, &load.script, &wire).await);
    if options.scenario == Scenario::OneSeat {
        checks.extend(ask_again(&mut enquirer, &load.script, &mut wire, &storm.recorder.acknowledged).await);
    }
    observer.phase(Phase::Done);
    Ok(report(&options, &ground, &storm, &lapsed, Verdict::of(checks)))
}

async fn prepare(options: &Options, enquirer: &mut Enquirer) -> Result<(Ground, Script), Error> {
    Ok(match options.api {
        Api::V1 => {
            let venue = Arc::new(Venue::read(enquirer, options).await?);
            let suspicions = Arc::new(Suspicions::new(&venue));
            (Ground::V1(Arc::clone(&venue)), Script::new(options, venue, suspicions))
        }
        Api::Classic => {
            let tickets = classic::tickets(options)?;
            let seeded = classic::seed(enquirer).await?;
            (Ground::Classic(seeded), Script::classic(options, tickets))
        }
    })
}

/// What the load left behind.
struct Storm {
    started_at: String,
    recorder: Recorder,
    started: u64,
    due: u64,
    offered_per_second: Option<f64>,
    wall: Duration,
    generator_cpu: Duration,
    process_cpu: Duration,
    left: Vec<(f64, u64)>,
}

async fn storm(
    options: &Options,
    ground: &Ground,
    load: &Arc<Load>,
    wire: &Wire,
    observer: &mut impl Observer,
) -> Result<Storm, Error> {
    let obtainable = match ground {
        Ground::V1(venue) => Some(venue.at_start.total().obtainable()),
        Ground::Classic(seeded) => seeded.fresh.then_some(limits::CLASSIC_TICKETS),
    };
    let process_cpu = cpu::of_this_process();
    let driver = Driver::start(Arc::clone(load), wire, options.threads).await?;
    let (start, started_at) = (driver.start, now_to_the_second());
    observer.phase(Phase::Load);
    let mut left = Vec::new();
    let (mut requests_before, mut elapsed_before) = (0, Duration::ZERO);
    let sample = |load: &Load, recorders: &[Arc<Mutex<Recorder>>], elapsed: Duration| {
        let left_now = obtainable.map(|units| units.saturating_sub(load.script.suspicions.booked()));
        let mut snapshot = snapshot(recorders, elapsed, load.buyers, left_now);
        let seconds = elapsed.saturating_sub(elapsed_before).as_secs_f64().max(0.001);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = (snapshot.requests() - requests_before) as f64 / seconds;
        snapshot.requests_per_second = rate;
        (requests_before, elapsed_before) = (snapshot.requests(), elapsed);
        if left.len() < limits::SERIES_STEPS_MAX {
            left.extend(left_now.map(|units| (elapsed.as_secs_f64(), units)));
        }
        observer.progress(&snapshot);
    };
    let (recorder, generator_cpu) = driver.finish(sample).await?;
    let wall = start.elapsed();
    let offered_for = options.duration_max.map_or(wall, |limit| limit.min(wall));
    Ok(Storm {
        started_at,
        started: load.buyers_started(),
        offered_per_second: load.schedule.map(|schedule| schedule.mean_per_second(offered_for)),
        due: load.schedule.map_or(load.buyers_started(), |schedule| schedule.due(offered_for)),
        recorder,
        wall,
        generator_cpu,
        process_cpu: cpu::of_this_process().saturating_sub(process_cpu),
        left,
    })
}

fn now_to_the_second() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

fn snapshot(
    recorders: &[Arc<Mutex<Recorder>>],
    elapsed: Duration,
    buyers: u64,
    left: Option<u64>,
) -> Snapshot {
    let mut outcomes = [0; Outcome::COUNT];
    let mut buyers_ended = 0;
    for recorder in recorders {
        let recorder = recorder.lock();
        buyers_ended += recorder.buyers_ended();
        for outcome in Outcome::ALL {
            outcomes[outcome.index()] += recorder.count(outcome);
        }
    }
    Snapshot { elapsed, outcomes, requests_per_second: 0.0, buyers_ended, buyers, left }
}

async fn read_truth(
    enquirer: &mut Enquirer,
    options: &Options,
    ground: &Ground,
    recorder: &Recorder,
    script: &Script,
    wire: &Wire,
) -> Vec<Check> {
    let venue = match ground {
        Ground::Classic(seeded) => {
            return classic::checks(options, recorder, &script.suspicions, *seeded);
        }
        Ground::V1(venue) => venue,
    };
    let prefix = wire.buyer_prefix();
    let event_of = |buyer| script.event_of(buyer);
    let name = "the server's orders can be read";
    match audit(enquirer, venue, &recorder.acknowledged, &prefix, event_of).await {
        Ok(audit) => {
            let mut checks = vec![check(name, true, format!("{} orders", grouped(audit.orders)))];
            checks.extend(truth(options, venue, recorder, &script.suspicions, &audit));
            checks
        }
        Err(error) => vec![check(name, false, error.to_string())],
    }
}

/// The winner of one-seat asks again, and must get its own order back.
async fn ask_again(
    enquirer: &mut Enquirer,
    script: &Script,
    wire: &mut Wire,
    acknowledged: &Acknowledged,
) -> Option<Check> {
    let name = "the winner who asks again gets the same order";
    let order = acknowledged.iter().next()?;
    let mut request = Vec::new();
    wire.write(script, &script.arrives(order.buyer, Instant::now()), &mut request);
    let told = match enquirer.repeat(&request, "answer the winner again").await {
        Ok(told) => told,
        Err(error) => return Some(check(name, false, error.to_string())),
    };
    let same = match script.api {
        Api::V1 => serde_json::from_slice::<Order<'_>>(told.body).is_ok_and(|again| {
            again.id == order.id && again.tickets.iter().map(|t| &*t.label).eq(order.places)
        }),
        Api::Classic => serde_json::from_slice::<ClassicTicket>(told.body).is_ok_and(|again| {
            again.id.to_string() == order.id && again.user_id == wire.classic_user(order.buyer)
        }),
    };
    // The classic API has no such header.
    let marked = told.replay || script.api == Api::Classic;
    let detail = format!(
        "status {}, {}, {}",
        told.status,
        if same { "the same order" } else { "another answer" },
        if told.replay { "marked as a replay" } else { "not marked as a replay" }
    );
    Some(check(name, matches!(told.status, 200 | 201) && same && marked, detail))
}

#[expect(clippy::cast_precision_loss, reason = "rates for people")]
fn report(options: &Options, ground: &Ground, storm: &Storm, lapsed: &Lapsed, verdict: Verdict) -> Report {
    let recorder = &storm.recorder;
    let wall = storm.wall.as_secs_f64().max(1e-6);
    let per_second = |count: u64, over: Option<Duration>| {
        count as f64 / over.map_or(wall, |over| over.as_secs_f64()).max(1e-6)
    };
    let requests = recorder.requests();
    let generator = storm.generator_cpu.as_secs_f64();
    let occurred = || Outcome::ALL.into_iter().filter(|&outcome| recorder.count(outcome) > 0);
    Report {
        started_at: storm.started_at.clone(),
        settings: settings(options),
        event: match ground {
            Ground::Classic(_) => None,
            Ground::V1(venue) => Some(Event {
                id: venue.event.clone(),
                name: venue.event_name.clone(),
                capacity: venue.at_start.total().capacity(),
                obtainable_at_start: venue.at_start.total().obtainable(),
            }),
        },
        load: if options.rate.is_some() { "open" } else { "closed" },
        rates: Rates {
            offered_per_second: storm.offered_per_second,
            achieved_per_second: per_second(storm.started, recorder.last_start),
            requests_per_second: per_second(requests, recorder.last_answer),
            bookings_per_second: per_second(recorder.acknowledged.orders(), recorder.last_booking),
            requests,
            dropped: storm.due.saturating_sub(storm.started),
        },
        times: Times {
            wall_seconds: wall,
            last_booking_seconds: recorder.last_booking.map(|at| at.as_secs_f64()),
            last_answer_seconds: recorder.last_answer.map(|at| at.as_secs_f64()),
            booking_pause_max_seconds: recorder.booking_pause_max.as_secs_f64(),
            lapse_seconds: lapsed.all_after,
        },
        buyers: buyers(storm),
        outcomes: occurred()
            .map(|outcome| OutcomeRow {
                outcome,
                count: recorder.count(outcome),
                latency: Percentiles::of(recorder.latencies(outcome)),
            })
            .collect(),
        refusals: recorder.refusals.iter().cloned().collect(),
        errors: recorder.errors.iter().cloned().collect(),
        questions: questions(recorder),
        shed_without_wait: recorder.shed_without_wait,
        lapse: (!lapsed.late.is_empty())
            .then(|| Lapse { holds: lapsed.late.len(), late: Percentiles::of(&lapsed.late) }),
        served: Percentiles::of(&recorder.served),
        lag: Percentiles::of(&recorder.lag),
        retries: recorder.retries,
        connections_opened: recorder.connections_opened,
        connections_failed: recorder.connections_failed,
        cpu: Cpu {
            generator_seconds: generator,
            process_seconds: storm.process_cpu.as_secs_f64(),
            generator_cores: generator / wall,
            generator_micros_per_request: generator * 1e6 / requests.max(1) as f64,
        },
        machine: Machine::read(),
        series: Series {
            step_seconds: limits::SERIES_STEP.as_secs_f64(),
            outcomes: occurred()
                .map(|outcome| {
                    let steps = recorder.series.iter().map(|step| step[outcome.index()]);
                    (outcome.name(), steps.collect())
                })
                .collect(),
            left: storm.left.clone(),
        },
        verdict,
    }
}

fn questions(recorder: &Recorder) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
    let of = |question: Question| {
        let counts = recorder.questions[question as usize];
        Outcome::ALL.into_iter().map(move |outcome| (outcome.name(), counts[outcome.index()]))
    };
    Question::ALL
        .into_iter()
        .map(|question| (question.name(), of(question).filter(|(_, count)| *count > 0).collect()))
        .filter(|(_, counts): &(_, BTreeMap<_, _>)| !counts.is_empty())
        .collect()
}

fn buyers(storm: &Storm) -> Buyers {
    let ended = |end| storm.recorder.ended_as(end);
    debug_assert_eq!(storm.recorder.buyers_ended(), storm.started, "{:?}", End::ALL);
    Buyers {
        started: storm.started,
        booked: ended(End::Booked),
        lapsing: ended(End::Lapsing),
        sold_out: ended(End::SoldOut),
        all_held: ended(End::AllHeld),
        refused: ended(End::Refused),
        turned_away: ended(End::TurnedAway),
        errored: ended(End::Errored),
        unanswered: ended(End::Unanswered),
        units: storm.recorder.acknowledged.units(),
    }
}

fn settings(options: &Options) -> Settings {
    Settings {
        url: options.url.clone(),
        api: options.api,
        scenario: options.scenario,
        buyers: options.buyers,
        rate: options.rate,
        arrival: options.arrival,
        connections: options.connections,
        threads: options.threads,
        seed: options.seed,
        zipf: options.zipf,
        duration_max_seconds: options.duration_max.map(|limit| limit.as_secs_f64()),
        request_timeout_seconds: options.request_timeout.as_secs_f64(),
    }
}
