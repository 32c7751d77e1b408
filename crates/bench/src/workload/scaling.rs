//! How bookings a second change with what there is: each sweep is one line.

use anyhow::Context as _;
use storm::Scenario;
use tokio::sync::watch;

use super::half::{COSTS, Half, UNIT};
use super::sustained::SEATS;
use super::{Case, Plan};
use crate::hall::Ware;
use crate::plot::amount;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, Moment, close, load, load_and_tell, warm_up};
use crate::servers::Store;

/// The longest that a point is loaded.
const SECONDS: u64 = 3;

/// The points of a sweep, or the ends and the middle of it for a quick look.
fn points<T: Copy>(all: &[T], quick: bool) -> Vec<T> {
    match all {
        [first, .., last] if quick => vec![*first, all[all.len() / 2], *last],
        _ => all.to_vec(),
    }
}

fn sweep(what: &'static str, axis: &'static str, cases: Vec<Case>) -> Plan {
    Plan { columns: COSTS, axis: Some(axis), cases, ..Plan::new(what, UNIT) }
}

/// A point of a sweep, named by where it is.
fn point(
    axis: &str,
    at: u32,
    installation: Installation,
    run: impl AsyncFn(&Ground, &Subject) -> anyhow::Result<Figures> + Copy + 'static,
) -> Case {
    let name = flashtix_on(installation.store, &format!("{axis}: {}", amount(f64::from(at))));
    Case::of(name, Subject::FlashTix(installation), run).at(f64::from(at))
}

/// A point that differs from the sustained load in how FlashTix is set up.
fn installed(axis: &str, at: u32, installation: Installation) -> Case {
    point(axis, at, installation, async |ground, subject| {
        Half::of(ground, ground.or_quick(SEATS, SEATS / 10), SECONDS).sold_by(ground, subject).await
    })
}

pub(super) fn seats(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "seats";
    let all: [u32; 5] = [1_000, 10_000, 50_000, 200_000, 1_000_000];
    let case = |seats: u32| {
        point(AXIS, seats, Installation::on(store), async move |ground, subject| {
            // A small hall is half sold before the load is under way, so its figure is one of a start.
            Half::of(ground, seats, SECONDS).sold_by(ground, subject).await
        })
    };
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep("Half of one hall's seats, or three seconds of it, by its size.", AXIS, cases)
}

pub(super) fn events(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "events";
    let case = |events: u32| {
        let installation = Installation { events: events as usize, ..Installation::on(store) };
        installed(AXIS, events, installation)
    };
    let all = if quick { vec![1, 100, 1_000] } else { vec![1, 10, 100, 1_000, 10_000] };
    let cases = all.into_iter().map(case).collect();
    sweep("Half of 200,000 seats, by the number of events that they are in.", AXIS, cases)
}

pub(super) fn connections(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "connections";
    let all: [u32; 5] = [16, 64, 512, 2_048, 10_000];
    let case = |connections: u32| {
        // The verdict's questions come over one more.
        let installation = Installation::on(store).with("--connections-max", connections + 100);
        point(AXIS, connections, installation, async move |ground, subject| {
            let seats = ground.or_quick(SEATS, SEATS / 10);
            let half = Half { connections: connections as usize, ..Half::of(ground, seats, SECONDS) };
            half.sold_by(ground, subject).await
        })
    };
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep(
        "Half of 200,000 seats, by the number of connections, each with one request at a time.",
        AXIS,
        cases,
    )
}

/// Seats of the sweep of holds: beside all holds that are made there are those that half a hall of the others has.
const SEATS_BESIDE_HOLDS: u32 = 2 * SEATS;
/// How long those holds last, in seconds: far longer than the load.
const RUNNING_HOLD_SECONDS: u32 = 600;

pub(super) fn holds(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "running holds";
    let all: [u32; 4] = [0, 1_000, 10_000, 100_000];
    let case = |holds: u32| {
        point(AXIS, holds, Installation::on(store), async move |ground, subject| {
            beside_holds(ground, subject, ground.or_quick(holds, holds / 10)).await
        })
    };
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep(
        "100,000 of 400,000 seats, or three seconds of it, by the number of other seats that are held meanwhile.",
        AXIS,
        cases,
    )
}

/// Sells while so many holds run. Their own storm ends with the load, since nobody waits ten minutes for them to lapse: what
/// became of them is for the audit of the store to say.
async fn beside_holds(ground: &Ground, subject: &Subject, holds: u32) -> anyhow::Result<Figures> {
    let seats = ground.or_quick(SEATS_BESIDE_HOLDS, SEATS_BESIDE_HOLDS / 10);
    let running = Running::start(subject, Ware::Seats(seats), ground).await?;
    warm_up(&running, ground).await?;
    let (made, is_made) = watch::channel(holds == 0);
    let held = async {
        if holds == 0 {
            return std::future::pending().await;
        }
        let mut options = running.options(Scenario::Holds);
        // Those who do not confirm are the ones whose holds run on.
        let running_of_hundred = 100 - storm::limits::HOLDS_CONFIRMED_PERCENT;
        options.buyers = u64::from(holds) * 100 / running_of_hundred;
        options.hold_seconds = RUNNING_HOLD_SECONDS;
        load_and_tell(&running, ground, options, |moment| {
            if moment == Moment::Over {
                made.send_replace(true);
            }
        })
        .await
        .map(|_| ())
    };
    let sold = async {
        is_made.clone().wait_for(|made| *made).await?;
        let mut options = running.options(Scenario::Sustained);
        Half::of(ground, seats / 2, SECONDS).shape(&mut options);
        options.seed = 2;
        load(&running, ground, options).await
    };
    let (report, facts) = tokio::select! {
        sold = Box::pin(sold) => sold?,
        ended = Box::pin(held) => return ended.and_then(|()| Err(anyhow::anyhow!("the holds ended before the load"))),
    };
    let path = format!("/v1/events/{}/availability", running.events[0]);
    let availability = running.get(&path)?;
    let states = availability["seats"].as_str().context("an availability without seats")?;
    let still_held = states.bytes().filter(|state| *state == b'h').count();
    // Which buyers confirm is decided by dice.
    let expected = holds as usize * 9 / 10..=holds as usize * 11 / 10 + 100;
    anyhow::ensure!(expected.contains(&still_held), "{still_held} seats were held instead of {holds}");
    let bookings = report.rates.bookings_per_second;
    close(running, ground, bookings, facts, vec![report]).await
}

pub(super) fn batch(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "requests a commit at most";
    let all: [u32; 5] = [1, 8, 64, 256, 1_024];
    let case = |most: u32| installed(AXIS, most, Installation::on(store).with("--batch-requests-max", most));
    let cases = points(&all, quick).into_iter().map(case).collect();
    sweep("Half of 200,000 seats, by how many requests may share a commit.", AXIS, cases)
}

pub(super) fn nodes(store: Store, quick: bool) -> Plan {
    const AXIS: &str = "nodes";
    let all: &[u32] = if store == Store::Postgres { &[1, 2, 3] } else { &[] };
    let case = |nodes: u32| {
        let installation =
            Installation { nodes: nodes as usize, events: EVENTS_OF_NODES, ..Installation::on(store) };
        installed(AXIS, nodes, installation)
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
