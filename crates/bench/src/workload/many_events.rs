//! Many events at once: on one node, and on two.

use super::half::{COSTS, Half, UNIT};
use super::{Bar, Case, Plan, sustained};
use crate::running::{Installation, Subject, flashtix_on};
use crate::servers::Store;

const EVENTS: usize = 1_000;
const SECONDS_MAX: u64 = 6;

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
        columns: COSTS,
        cases,
        bars,
        ..Plan::new(
            "200,000 seats in 1,000 events of the same hall, wishes evenly over all of them, until half are sold, beside the same \
             seats in one event; 512 connections, with two nodes half of them to each.",
            UNIT,
        )
    }
}

fn case(store: Store, note: &str, events: usize, nodes: usize) -> Case {
    let subject = Subject::FlashTix(Installation { events, nodes, ..Installation::on(store) });
    Case::of(flashtix_on(store, note), subject, async |ground, subject| {
        let seats = ground.or_quick(sustained::SEATS, sustained::SEATS / 10);
        Half::of(ground, seats, SECONDS_MAX).sold_by(ground, subject).await
    })
}
