//! Bookings while a crowd looks on.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use storm::Scenario;
use tokio::time::Instant;

use super::half::{Half, UNIT};
use super::{Bar, Case, Plan, sustained};
use crate::hall::Ware;
use crate::listeners::Listeners;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, Moment, close, fact, load_and_tell, number, warm_up};
use crate::servers::Store;

const LISTENERS: usize = 2_000;
const SECONDS_MAX: u64 = 10;
/// How long the last listener may take to come to the end of what was sold.
const CONVERGED_SECONDS_MAX: u64 = 30;
const CONVERGED: &str = "listeners that converged";
const FRAMES: &str = "frames a listener";
const MEGABYTES: &str = "MB/s heard";
const AGAIN: &str = "connected again";
const LISTENING: &str = "listening, cores";
const BEHIND: &str = "last listener behind, ms";

const WITHOUT: usize = 0;
const WITH: usize = 1;

pub(super) fn plan(store: Store) -> Plan {
    let case = |note: &str, listeners: usize| {
        let subject = Subject::FlashTix(Installation::on(store));
        Case::of(flashtix_on(store, note), subject, async move |ground, subject| {
            watched(ground, subject, ground.or_quick(listeners, listeners / 10)).await
        })
    };
    Plan {
        columns: &[
            CONVERGED,
            FRAMES,
            MEGABYTES,
            AGAIN,
            BEHIND,
            LISTENING,
            fact::ORDERS_A_COMMIT,
            fact::SERVER,
            fact::GENERATOR,
            fact::BUSY,
        ],
        cases: vec![case("nobody listens", 0), case("2,000 listeners", LISTENERS)],
        bars: vec![
            Bar::at_least("bookings/s within 25 % of those without", 0.75, |found| {
                found.ratio(WITH, WITHOUT)
            }),
            Bar::at_least("all converge to the store", 1.0, |found| {
                Some(found.fact(WITH, CONVERGED)? / found.fact(WITH, "listeners")?)
            }),
        ],
        ..Plan::new(
            "Half of 200,000 seats as in sustained, with and without 2,000 listeners to the event's feed on the same two cores. \
             Each listener's frames, put together, must give the seats as the store has them in the end.",
            UNIT,
        )
    }
}

async fn watched(ground: &Ground, subject: &Subject, listeners: usize) -> anyhow::Result<Figures> {
    let seats = ground.or_quick(sustained::SEATS, sustained::SEATS / 10);
    let running = Running::start(subject, Ware::Seats(seats), ground).await?;
    warm_up(&running, ground).await?;
    let audience = if listeners == 0 {
        None
    } else {
        Some(Listeners::start(running.port(), &running.events[0], &running.key, listeners).await?)
    };
    let mut options = running.options(Scenario::Sustained);
    Half::of(ground, seats, SECONDS_MAX).shape(&mut options);
    let listened = || audience.as_ref().map(Listeners::cpu).unwrap_or_default();
    let mut begun = (Instant::now(), Duration::ZERO);
    let mut over = begun.1;
    let note = |moment| match moment {
        Moment::Begun => begun = (Instant::now(), listened()),
        Moment::Over => over = listened(),
    };
    let (report, mut facts) = load_and_tell(&running, ground, options, note).await?;
    let last_booking = Duration::try_from_secs_f64(report.times.last_booking_seconds.unwrap_or(0.0))?;
    let (last_booking, listening) = (begun.0 + last_booking, over.saturating_sub(begun.1));
    if let Some(audience) = audience {
        let availability = running.get(&format!("/v1/events/{}/availability", running.events[0]))?;
        let seq = availability["seq"].as_u64().context("an availability without a seq")?;
        let states = availability["seats"].as_str().context("an availability without seats")?;
        let within = Duration::from_secs(CONVERGED_SECONDS_MAX);
        let heard = audience.converge(seq, states, within).await?;
        ensure!(
            heard.converged == listeners,
            "{} of {listeners} listeners came to what the store has; {}",
            heard.converged,
            heard.first_wrong.unwrap_or_default()
        );
        let all_heard = heard.all_heard.context("nobody heard of the last commit")?;
        let seconds = report.times.wall_seconds;
        let each = number(listeners as u64);
        facts.extend([
            ("listeners", each),
            (CONVERGED, number(heard.converged as u64)),
            (FRAMES, number(heard.frames) / each),
            (MEGABYTES, number(heard.bytes) / 1e6 / seconds),
            (AGAIN, number(heard.reconnections)),
            (LISTENING, listening.as_secs_f64() / seconds),
            (BEHIND, all_heard.saturating_duration_since(last_booking).as_secs_f64() * 1e3),
        ]);
    }
    let bookings = report.rates.bookings_per_second;
    close(running, ground, bookings, facts, vec![report]).await
}
