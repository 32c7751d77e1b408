//! Many events at once: on one node, and on two.

use std::time::Duration;

use storm::{Options, Scenario};

use super::{Bar, Case, Plan, sustained};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Subject, flashtix_on};
use crate::sale::{Figures, fact, sell};
use crate::servers::Store;

const EVENTS: usize = 1_000;
const SECONDS_MAX: u64 = 10;

const ONE_EVENT: usize = 0;
const ONE_NODE: usize = 1;
const TWO_NODES: usize = 2;

pub(super) fn plan(store: Store) -> Plan {
    let mut cases = vec![case(store, "one event", 1, 1), case(store, "1,000 events", EVENTS, 1)];
    let mut bars = vec![Bar::at_least("≥ 0.6 × one event", 0.6, |found| found.ratio(ONE_NODE, ONE_EVENT))];
    if store == Store::Postgres {
        cases.push(case(store, "1,000 events, two nodes", EVENTS, 2));
        bars.push(Bar::at_least("two nodes ≥ 1.5 × one", 1.5, |found| found.ratio(TWO_NODES, ONE_NODE)));
    }
    Plan {
        runs_max: 3,
        columns: &[
            fact::ORDERS_A_COMMIT,
            fact::ORDERS_A_BATCH,
            fact::FLUSHES,
            fact::WAL_BYTES,
            fact::SERVER,
            fact::GENERATOR,
            fact::BUSY,
        ],
        cases,
        bars,
        ..Plan::new(
            "200,000 seats in 1,000 events of the same hall, wishes evenly over all of them, until half are sold, beside the same \
             seats in one event; 512 connections, with two nodes half of them to each.",
            "durable bookings/s",
        )
    }
}

fn case(store: Store, note: &'static str, events: usize, nodes: usize) -> Case {
    Case::new(flashtix_on(store, note), move |ground| {
        Box::pin(async move {
            let installation = Installation { events, nodes, ..Installation::on(store) };
            over(ground, installation, ground.or_quick(sustained::SEATS, sustained::SEATS / 10), SECONDS_MAX)
                .await
        })
    })
}

/// Half of so many seats, in all events together; a quick look takes a tenth of the time.
pub(super) async fn over(
    ground: &Ground,
    installation: Installation,
    seats: u32,
    seconds_max: u64,
) -> anyhow::Result<Figures> {
    let events = u32::try_from(installation.events)?;
    let each = (seats / events).max(1);
    let seconds = ground.or_quick(Duration::from_secs(seconds_max), Duration::from_secs(1));
    let shape = |options: &mut Options| {
        (options.buyers, options.duration_max) = (u64::from(each * events / 2), Some(seconds));
    };
    let value = |report: &storm::Report| report.rates.bookings_per_second;
    sell(ground, &Subject::FlashTix(installation), Ware::Seats(each), Scenario::Sustained, shape, value).await
}
