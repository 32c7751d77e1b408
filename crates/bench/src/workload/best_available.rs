//! Seats that the server chooses, to the last one.

use std::process::Command;

use anyhow::{Context as _, ensure};
use storm::Scenario;

use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, close, fact, load, number, warm_up_beside};
use crate::servers::Store;

const SEATS: u32 = 20_000;
/// More than enough pairs and fours to fill it.
const BUYERS: u64 = 20_000;
const FILLED: &str = "filled, %";
const MILLION: &str = "choosing p99 of 972,000 seats, µs";
const BOOKINGS: &str = "bookings/s";
/// What the program that measures choosing calls its houses.
const ARENA_TOLD: &str = "arena of 20,000, parties of [2, 4]";
const BOWL_TOLD: &str = "bowl of 972,000, parties of [2, 4]";

pub(super) fn plan(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store).with_another_event());
    let case = Case::of(flashtix_on(store, ""), subject, filled);
    Plan {
        columns: &[MILLION, FILLED, BOOKINGS, fact::ORDERS_A_COMMIT, fact::SERVER, fact::GENERATOR],
        cases: vec![case],
        bars: vec![
            Bar::at_most("choosing p99 ≤ 20 µs", 20.0, |found| found.value(0)),
            Bar::at_least("≥ 99 % filled, and no refusal while enough were free", 99.0, |found| {
                found.fact(0, FILLED)
            }),
        ],
        ..Plan::new(
            "20,000 seats to pairs and fours that the server chooses, to the last seat; the verdict holds every refusal against \
             what was free. Choosing alone is measured without HTTP and store, over the same kind of sale.",
            "µs, choosing p99",
        )
    }
}

async fn filled(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let seats = ground.or_quick(SEATS, SEATS / 10);
    let running = Running::start(subject, Ware::Seats(seats), ground).await?;
    warm_up_beside(&running, ground).await?;
    let mut options = running.options(Scenario::BestAvailable);
    options.buyers = ground.or_quick(BUYERS, BUYERS / 10);
    let (report, mut facts) = load(&running, ground, options).await?;
    let told = Command::new(&ground.choosing)
        .output()
        .with_context(|| format!("{} is not built", ground.choosing.display()))?;
    ensure!(told.status.success(), "{} failed", ground.choosing.display());
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let p99 = |house| p99_micros(&told, house).with_context(|| format!("no p99 of the {house} in {told:?}"));
    facts.extend([
        (FILLED, number(report.buyers.units) / f64::from(seats) * 100.0),
        (MILLION, p99(BOWL_TOLD)?),
        (BOOKINGS, report.rates.bookings_per_second),
    ]);
    close(running, ground, p99(ARENA_TOLD)?, facts, vec![report]).await
}

/// The p99 of choosing below the line about a house.
fn p99_micros(told: &str, house: &str) -> Option<f64> {
    let below = told.lines().skip_while(|line| !line.starts_with(house));
    let choosing =
        below.skip(1).take_while(|line| line.starts_with(' ')).find(|line| line.contains("choosing"))?;
    choosing.split_once("p99 ")?.1.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_p99_is_that_of_the_house() {
        let told = "20000 seats, 500 blocks\narena of 20,000, parties of [2, 4], 6660 choices\n  sold 20000 of 20000\n  \
                    choosing p50 0.3 µs, p99 8.3 µs, p99.9 12.0 µs, max 20.1 µs\n  marking  p50 0.1 µs, p99 0.2 µs\n\
                    bowl of 972,000, parties of [2, 4], 9 choices\n  choosing p50 1.0 µs, p99 44.0 µs, p99.9 50.0 µs\n";
        assert_eq!(p99_micros(told, ARENA_TOLD), Some(8.3));
        assert_eq!(p99_micros(told, BOWL_TOLD), Some(44.0));
        assert_eq!(p99_micros(told, "field"), None);
    }
}
