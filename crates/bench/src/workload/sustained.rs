//! Bookings as fast as they can be made.

use std::time::Duration;

use storm::Scenario;

use super::half::{Half, UNIT};
use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::peers::Name;
use crate::pgbench::{self, Trade};
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, bookings_while_found, close, fact, load, number, warm_up};
use crate::servers::Store;
use crate::tuning::tuned;

/// The hall. Half of it is sold, so that half of those who ask at random would still find a place at the end.
pub(super) const SEATS: u32 = 200_000;
/// The longest that a run loads a subject: those that are slower do not finish, and their rate is known by then.
const SECONDS_MAX: u64 = 6;
/// How long statements are counted, after the load that is measured.
const COUNTED_SECONDS: u64 = 2;
/// Numbers of clients that pgbench is tried with; the best one counts.
const CLIENTS: [u32; 4] = [8, 16, 32, 64];
/// How skewed the other crowd is. At 1.0, a real sale's, fewer than half of 512 buyers at a time find a place from the first
/// moment on, and there would be no rate to take.
const ZIPF: f64 = 0.5;
/// Rates are taken while this share of those who ask finds a place.
const FOUND: f64 = 0.5;
const SECONDS: &str = "while half found a place, s";

const OURS: usize = 0;
const SETNX: usize = 1;
const FOR_UPDATE: usize = 2;
const PGBENCH: usize = 3;

pub(super) fn plan(store: Store) -> Plan {
    let one_by_one = Installation::on(store).with("--batch-requests-max", 1);
    let subject_cases = [
        (flashtix_on(store, ""), Subject::FlashTix(Installation::on(store))),
        (Name::SetnxVersion.as_str().to_owned(), Subject::peer(Name::SetnxVersion)),
        (Name::ForUpdate.as_str().to_owned(), Subject::peer(Name::ForUpdate)),
        (flashtix_on(store, "batch=1"), Subject::FlashTix(one_by_one)),
    ];
    let of = |(name, subject): (String, Subject)| Case::of(name, subject, uniform);
    let mut cases: Vec<Case> = subject_cases.into_iter().map(of).collect();
    let pgbench = Case::new("pgbench", |ground| {
        Box::pin(async move { pgbench::best(ground, &Trade::seats(seats(ground)), &CLIENTS) })
    });
    cases.insert(PGBENCH, pgbench);
    let least = match store {
        Store::Sqlite => Bar::at_least("≥ 30,000 durable bookings/s", 30_000.0, |found| found.value(OURS)),
        Store::Postgres => {
            Bar::at_least("≥ 25,000 durable bookings/s", 25_000.0, |found| found.value(OURS))
        }
    };
    Plan {
        columns: &[
            fact::ORDERS_A_COMMIT,
            fact::ORDERS_A_BATCH,
            fact::FLUSHES,
            fact::STATEMENTS,
            fact::WAL_BYTES,
            fact::SERVER,
            fact::GENERATOR,
            fact::BUSY,
            fact::POOL,
            pgbench::CLIENTS,
        ],
        cases,
        bars: vec![
            least,
            Bar::at_least("≥ 5 × `setnx-version`", 5.0, |found| found.ratio(OURS, SETNX)),
            Bar::at_least("≥ 5 × `for-update`", 5.0, |found| found.ratio(OURS, FOR_UPDATE)),
            Bar::at_least("≥ 3 × `pgbench`", 3.0, |found| found.ratio(OURS, PGBENCH)),
            Bar::at_least("≥ 50 bookings a flush at 512 connections", 50.0, |found| {
                found.fact(OURS, fact::ORDERS_A_BATCH)
            }),
        ],
        ..Plan::new(
            "200,000 seats in random order, one booking each, until half are sold or six seconds are over; 512 connections.",
            UNIT,
        )
    }
}

pub(super) fn zipf(store: Store) -> Plan {
    let subjects = [
        (flashtix_on(store, ""), Subject::FlashTix(Installation::on(store))),
        (Name::SetnxVersion.as_str().to_owned(), Subject::peer(Name::SetnxVersion)),
        (Name::ForUpdate.as_str().to_owned(), Subject::peer(Name::ForUpdate)),
    ];
    let case = |(name, subject): (String, Subject)| Case::of(name, subject, skewed);
    Plan {
        columns: &[
            SECONDS,
            fact::REQUESTS,
            fact::POOL,
            fact::ORDERS_A_COMMIT,
            fact::ORDERS_A_BATCH,
            fact::SERVER,
            fact::GENERATOR,
        ],
        cases: subjects.into_iter().map(case).collect(),
        bars: vec![
            Bar::at_least("≥ 5 × `setnx-version`", 5.0, |found| found.ratio(OURS, SETNX)),
            Bar::at_least("≥ 5 × `for-update`", 5.0, |found| found.ratio(OURS, FOR_UPDATE)),
        ],
        ..Plan::new(
            "The same by a crowd whose wishes follow a Zipf distribution (exponent 0.5); the rate is taken while half of \
             those who ask find a place, over the last half second at each moment.",
            UNIT,
        )
    }
}

fn seats(ground: &Ground) -> u32 {
    ground.or_quick(SEATS, SEATS / 10)
}

async fn uniform(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let ware = Ware::Seats(seats(ground));
    let subject = tuned(ground, subject, ware, Scenario::Sustained).await?;
    let running = Running::start(&subject, ware, ground).await?;
    warm_up(&running, ground).await?;
    let mut options = running.options(Scenario::Sustained);
    Half::of(ground, seats(ground), SECONDS_MAX).shape(&mut options);
    let (report, mut facts) = load(&running, ground, options).await?;
    let bookings = report.rates.bookings_per_second;
    let mut reports = vec![report];
    if let Some(database) = running.database.as_ref().filter(|_| running.is_on_postgres())
        && ground.servers.count_statements()
    {
        let mut options = running.options(Scenario::Sustained);
        options.duration_max = Some(Duration::from_secs(ground.or_quick(COUNTED_SECONDS, 1)));
        let (report, _) = load(&running, ground, options).await?;
        let statements = ground.servers.statements_counted(database)?;
        facts.insert(fact::STATEMENTS, statements / number(report.buyers.booked).max(1.0));
        reports.push(report);
    }
    close(running, ground, bookings, facts, reports).await
}

async fn skewed(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    // A smaller hall would have nothing left of what is wanted before a quick look has begun.
    let ware = Ware::Seats(SEATS);
    let subject = tuned(ground, subject, ware, Scenario::Sustained).await?;
    let running = Running::start(&subject, ware, ground).await?;
    warm_up(&running, ground).await?;
    let mut options = running.options(Scenario::Sustained);
    Half { zipf: Some(ZIPF), ..Half::of(ground, SEATS, SECONDS_MAX) }.shape(&mut options);
    let (report, mut facts) = load(&running, ground, options).await?;
    let (bookings, seconds) = bookings_while_found(&report, FOUND)?;
    facts.insert(SECONDS, seconds);
    close(running, ground, bookings, facts, vec![report]).await
}
