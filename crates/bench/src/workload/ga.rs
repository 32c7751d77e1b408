//! One area that everybody wants a unit of: the hottest row there is.

use std::time::Duration;

use storm::{Options, Scenario};

use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::peers::Name;
use crate::pgbench::{self, Trade};
use crate::running::{Ground, Installation, Subject, flashtix_on};
use crate::sale::{Figures, fact, sell};
use crate::servers::Store;

const UNITS: u32 = 1_000_000;
const SECONDS: u64 = 6;
/// Numbers of clients that pgbench is tried with on the hot row; the best one counts.
const CLIENTS: [u32; 6] = [1, 2, 4, 8, 16, 32];
/// And how many a shop of the original's kind has.
const CLIENTS_OF_A_POOL: [u32; 1] = [50];

const OURS: usize = 0;
const PGBENCH: usize = 2;
const PGBENCH_50: usize = 3;

pub(super) fn plan(store: Store) -> Plan {
    let subjects = [
        (flashtix_on(store, ""), Subject::FlashTix(Installation::on(store))),
        ("for-update on a counter".to_owned(), Subject::peer(Name::ForUpdate)),
    ];
    let of = |(name, subject): (String, Subject)| Case::of(name, subject, counted_down);
    let mut cases: Vec<Case> = subjects.into_iter().map(of).collect();
    cases.push(Case::new("pgbench's hot row", |ground| {
        Box::pin(async move { pgbench::best(ground, &Trade::units(UNITS), &CLIENTS) })
    }));
    cases.push(Case::new("pgbench's hot row, 50 clients", |ground| {
        Box::pin(async move { pgbench::best(ground, &Trade::units(UNITS), &CLIENTS_OF_A_POOL) })
    }));
    Plan {
        columns: &[
            fact::ORDERS_A_COMMIT,
            fact::ORDERS_A_BATCH,
            fact::FLUSHES,
            fact::WAL_BYTES,
            fact::SERVER,
            fact::GENERATOR,
            fact::POOL,
            pgbench::CLIENTS,
        ],
        cases,
        bars: vec![
            Bar::at_least("≥ 25,000 bookings/s", 25_000.0, |found| found.value(OURS)),
            Bar::at_least("≥ 4 × pgbench's hot row at its best client count", 4.0, |found| {
                found.ratio(OURS, PGBENCH)
            }),
            Bar::at_least("≥ 10 × pgbench's hot row at 50 clients", 10.0, |found| {
                found.ratio(OURS, PGBENCH_50)
            }),
        ],
        ..Plan::new(
            "One area of 1,000,000 units, one unit a booking, for six seconds; 512 connections.",
            "durable bookings/s",
        )
    }
}

async fn counted_down(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let seconds = Duration::from_secs(ground.or_quick(SECONDS, 1));
    let shape = |options: &mut Options| {
        (options.buyers, options.duration_max) = (u64::from(UNITS), Some(seconds));
    };
    let value = |report: &storm::Report| report.rates.bookings_per_second;
    sell(ground, subject, Ware::Units(UNITS), Scenario::Ga, shape, value).await
}
