//! How bookings a second change with what there is: each sweep is one line.

use std::time::Duration;

use storm::{Options, Scenario};

use super::many_events::over;
use super::sustained::SEATS;
use super::{Case, Plan, Ran};
use crate::hall::Ware;
use crate::plot::amount;
use crate::running::{Ground, Installation, Subject, flashtix_on};
use crate::sale::{Figures, fact, sell};
use crate::servers::Store;

/// Runs of each point, since there are many.
const RUNS: u8 = 3;
/// The longest that a point is loaded.
const SECONDS: u64 = 5;
const COLUMNS: &[&str] = &[
    fact::ORDERS_A_COMMIT,
    fact::ORDERS_A_BATCH,
    fact::FLUSHES,
    fact::WAL_BYTES,
    fact::SERVER,
    fact::GENERATOR,
    fact::BUSY,
];
const UNIT: &str = "durable bookings/s";

/// The points of a sweep, or the ends and the middle of it for a quick look.
fn points<T: Copy>(all: &[T], quick: bool) -> Vec<T> {
    match all {
        [first, .., last] if quick => vec![*first, all[all.len() / 2], *last],
        _ => all.to_vec(),
    }
}

fn sweep(what: &'static str, axis: &'static str, cases: Vec<Case>) -> Plan {
    Plan { runs_max: RUNS, columns: COLUMNS, axis: Some(axis), cases, ..Plan::new(what, UNIT) }
}

/// A point of a sweep, named by where it is.
fn point(store: Store, axis: &str, at: u32, run: impl for<'a> Fn(&'a Ground) -> Ran<'a> + 'static) -> Case {
    Case::new(flashtix_on(store, &format!("{axis}: {}", amount(f64::from(at)))), run).at(f64::from(at))
}

/// A point that differs from the sustained load in how FlashTix is set up.
fn installed(store: Store, axis: &str, at: u32, installation: Installation) -> Case {
    point(store, axis, at, move |ground| {
        let installation = installation.clone();
        Box::pin(async move { over(ground, installation, ground.or_quick(SEATS, SEATS / 10), SECONDS).await })
    })
}

pub(super) fn seats(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "seats";
    let all: [u32; 7] = [1_000, 5_000, 20_000, 50_000, 200_000, 500_000, 1_000_000];
    let case = |seats: u32| {
        point(store, AXIS, seats, move |ground| {
            // A small hall is half sold before the load is under way, so its figure is one of a start.
            Box::pin(async move { over(ground, Installation::on(store), seats, SECONDS).await })
        })
    };
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep("Half of one hall's seats, or five seconds of it, by its size.", AXIS, cases)
}

pub(super) fn events(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "events";
    let case = |events: u32| {
        let installation = Installation { events: events as usize, ..Installation::on(store) };
        installed(store, AXIS, events, installation)
    };
    let all = if quick { vec![1, 100, 1_000] } else { vec![1, 10, 100, 1_000, 10_000] };
    let cases = all.into_iter().map(case).collect();
    sweep("Half of 200,000 seats, by the number of events that they are in.", AXIS, cases)
}

pub(super) fn connections(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "connections";
    let all: [u32; 7] = [16, 64, 256, 512, 2_048, 5_000, 10_000];
    let case = |connections: u32| {
        point(store, AXIS, connections, move |ground| Box::pin(connected(ground, store, connections)))
    };
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep(
        "Half of 200,000 seats, by the number of connections, each with one request at a time.",
        AXIS,
        cases,
    )
}

async fn connected(ground: &Ground, store: Store, connections: u32) -> anyhow::Result<Figures> {
    // The verdict's questions come over one more.
    let installation = Installation::on(store).with("--connections-max", connections + 100);
    let seats = ground.or_quick(SEATS, SEATS / 10);
    let seconds = Duration::from_secs(ground.or_quick(SECONDS, 1));
    let shape = |options: &mut Options| {
        options.connections = connections as usize;
        (options.buyers, options.duration_max) = (u64::from(seats / 2), Some(seconds));
    };
    let value = |report: &storm::Report| report.rates.bookings_per_second;
    sell(ground, &Subject::FlashTix(installation), Ware::Seats(seats), Scenario::Sustained, shape, value)
        .await
}

pub(super) fn batch(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "requests a commit at most";
    let all: [u32; 6] = [1, 4, 16, 64, 256, 1_024];
    let case =
        |most: u32| installed(store, AXIS, most, Installation::on(store).with("--batch-requests-max", most));
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep("Half of 200,000 seats, by how many requests may share a commit.", AXIS, cases)
}

pub(super) fn nodes(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "nodes";
    let all: &[u32] = if store == Store::Postgres { &[1, 2, 3] } else { &[] };
    let case = |nodes: u32| {
        let installation =
            Installation { nodes: nodes as usize, events: EVENTS_OF_NODES, ..Installation::on(store) };
        installed(store, AXIS, nodes, installation)
    };
    let cases = points(all, quick).into_iter().map(case).collect();
    sweep(
        "Half of 200,000 seats in 100 events, by the number of nodes on one PostgreSQL, the connections dealt out to them.",
        AXIS,
        cases,
    )
}

/// Events of the sweep of nodes: of one event, only one node can write at a time.
const EVENTS_OF_NODES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_sweep_keeps_both_ends() {
        assert_eq!(points(&[1, 2, 3, 4, 5, 6], true), [1, 4, 6]);
        assert_eq!(points(&[1, 2, 3], true), [1, 2, 3]);
        assert_eq!(points(&[1, 2, 3, 4], false), [1, 2, 3, 4]);
        assert!(points::<u32>(&[], true).is_empty());
    }
}
