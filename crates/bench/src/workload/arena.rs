//! An arena that sells out under a crowd ten times its size.

use anyhow::ensure;
use storm::Scenario;

use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, close, fact, load, number, warm_up_beside};
use crate::servers::Store;

const SEATS: u32 = 20_000;
const BUYERS: u64 = 200_000;
const LAST_ANSWER: &str = "last answer, s";
const REQUESTS: &str = "requests";
const PER_SECOND: &str = "requests/s";
const SOLD: &str = "seats sold, %";
const ANSWERED: &str = "buyers answered, %";

pub(super) fn plan(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store).with_another_event());
    let case = Case::of(flashtix_on(store, ""), subject, sold_out);
    Plan {
        columns: &[LAST_ANSWER, SOLD, ANSWERED, REQUESTS, PER_SECOND, fact::SERVER, fact::GENERATOR],
        cases: vec![case],
        bars: vec![
            Bar::at_least("every seat sold once", 100.0, |found| found.fact(0, SOLD)),
            Bar::at_least("everybody answered", 100.0, |found| found.fact(0, ANSWERED)),
        ],
        ..Plan::new(
            "20,000 seats and 200,000 buyers, who want one to four seats of their choice, then any, then fewer, until they are \
             told that nothing is left; as fast as 512 connections allow.",
            "s to the last seat",
        )
    }
}

async fn sold_out(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let seats = ground.or_quick(SEATS, SEATS / 10);
    let running = Running::start(subject, Ware::Seats(seats), ground).await?;
    warm_up_beside(&running, ground).await?;
    let mut options = running.options(Scenario::Arena);
    options.buyers = ground.or_quick(BUYERS, BUYERS / 10);
    let (report, mut facts) = load(&running, ground, options).await?;
    let (buyers, times) = (&report.buyers, &report.times);
    ensure!(buyers.units == u64::from(seats), "{} of {seats} seats were sold", buyers.units);
    let answered = number(buyers.started - buyers.unanswered) / number(report.settings.buyers) * 100.0;
    facts.extend([
        (LAST_ANSWER, times.last_answer_seconds.unwrap_or(f64::NAN)),
        (SOLD, number(buyers.units) / f64::from(seats) * 100.0),
        (ANSWERED, answered),
        (REQUESTS, number(report.rates.requests)),
        (PER_SECOND, report.rates.requests_per_second),
    ]);
    let last_seat = times.last_booking_seconds.unwrap_or(f64::NAN);
    close(running, ground, last_seat, facts, vec![report]).await
}
