//! Holds that lapse at once, and everybody else meanwhile.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use storm::{Report, Scenario, limits};
use tokio::sync::{Barrier, watch};
use tokio::time::Instant;

use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, Moment, close, ensure_came, fact, load, load_and_tell, number};
use crate::servers::Store;

const HOLDS: u32 = 20_000;
/// How long they last; the server lets go ten seconds later.
const HOLD_SECONDS: u32 = 6;
/// Bookings a second meanwhile: far from what stops a server, and often enough to see that it stops.
const RATE: u32 = 2_000;
/// How long others book: from some seconds before the deadlines until after the last seat is free.
const BOOKING_SECONDS: u32 = 8;
/// When they begin to book, after the first hold was asked for.
const BOOKING_AFTER: Duration = Duration::from_secs(12);
/// When the first deadline is, and the last one: no hold is made later than [`HOLD_SECONDS`] after the first.
const FIRST_DEADLINE: Duration = Duration::from_secs(HOLD_SECONDS as u64).saturating_add(limits::HOLD_GRACE);
const LAST_DEADLINE: Duration = FIRST_DEADLINE.saturating_add(Duration::from_secs(1));
/// How long they must have booked before the first deadline.
const BOOKING_BEFORE: Duration = Duration::from_secs(1);
/// Room for the holds and for those who book.
const SEATS: u32 = HOLDS + RATE * BOOKING_SECONDS + 4_000;
const P50: &str = "free after, p50 ms";
const P99: &str = "free after, p99 ms";
const PAUSE: &str = "longest pause of bookings, ms";
const BOOKED_P99: &str = "booking p99 meanwhile, ms";
const LAPSED: &str = "holds lapsed";
const MADE: &str = "all held after, s";
const LEAKED: &str = "seats not sold in the end";

pub(super) fn plan(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store));
    let case = Case::of(flashtix_on(store, ""), subject, lapse);
    Plan {
        columns: &[P50, P99, PAUSE, BOOKED_P99, MADE, LAPSED, LEAKED, fact::GENERATOR],
        cases: vec![case],
        bars: vec![
            Bar::at_most("resellable within 1 s of the deadline", 1_000.0, |found| found.value(0)),
            Bar::at_most("none leaked", 0.0, |found| found.fact(0, LEAKED)),
            Bar::at_most("bookings meanwhile not stopped for over 50 ms", 50.0, |found| found.fact(0, PAUSE)),
        ],
        ..Plan::new(
            "20,000 holds, 30 % confirmed, the others end within one second of each other, while others book 2,000 other seats a \
             second from before the first deadline until after the last seat is free; then everything that is left is sold, so that a seat that was never given back would be missed. A seat \
             counts as resellable when the availability, asked every 25 ms, shows it free.",
            "ms after its deadline, the last seat is free",
        )
    }
}

async fn lapse(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let holds = ground.or_quick(HOLDS, HOLDS / 10);
    let running = Running::start(subject, Ware::Seats(SEATS), ground).await?;
    let together = Arc::new(Barrier::new(2));
    let (began, has_begun) = watch::channel(None);
    let held = async {
        let mut options = running.options(Scenario::Holds);
        (options.buyers, options.hold_seconds) = (u64::from(holds), HOLD_SECONDS);
        options.holds_end_together = true;
        options.before_the_truth = Some(Arc::clone(&together));
        load_and_tell(&running, ground, options, |moment| {
            if moment == Moment::Begun {
                began.send_replace(Some(Instant::now()));
            }
        })
        .await
    };
    let meanwhile = book_meanwhile(&running, ground, Arc::clone(&together), has_begun);
    let ((held, mut facts), (booked, lead)) = tokio::try_join!(Box::pin(held), Box::pin(meanwhile))?;
    let rest = resell(&running, ground).await?;
    let lapse = held.lapse.context("no hold was seen to lapse")?;
    ensure!(
        lapse.holds == held.buyers.lapsing,
        "{} of {} holds became free",
        lapse.holds,
        held.buyers.lapsing
    );
    ensure_around(&held, &booked, lead, Duration::from_micros(lapse.late.max_micros))?;
    let sold: u64 = [&held, &booked, &rest].iter().map(|report| report.buyers.units).sum();
    let millis = |micros: u64| number(micros) / 1e3;
    facts.extend([
        (P50, millis(lapse.late.p50_micros)),
        (P99, millis(lapse.late.p99_micros)),
        (PAUSE, booked.times.booking_pause_max_seconds * 1e3),
        (BOOKED_P99, millis(crate::sale::latency(&booked, storm::Outcome::Booked).p99_micros)),
        (MADE, held.times.wall_seconds),
        (LAPSED, number(lapse.holds)),
        (LEAKED, f64::from(SEATS) - number(sold)),
    ]);
    close(running, ground, millis(lapse.late.max_micros), facts, vec![held, booked, rest]).await
}

/// Finds fault with others who did not book all the while that holds ended: what stops them would not be seen. `lead` is from
/// the first hold to the first booking, `late` how long after its deadline the last seat was free.
fn ensure_around(held: &Report, booked: &Report, lead: Duration, late: Duration) -> anyhow::Result<()> {
    let made = held.times.wall_seconds;
    ensure!(
        made < f64::from(HOLD_SECONDS),
        "it took {made:.1} s to make the holds, so they did not end together"
    );
    ensure!(
        lead + BOOKING_BEFORE <= FIRST_DEADLINE,
        "others began to book {lead:?} after the first hold, and the first deadline was after {FIRST_DEADLINE:?}"
    );
    let until = lead.as_secs_f64() + booked.times.last_booking_seconds.unwrap_or(0.0);
    let free = (LAST_DEADLINE + late).as_secs_f64();
    ensure!(
        until >= free,
        "others booked until {until:.1} s after the first hold, and the last seat was free after {free:.1} s"
    );
    Ok(())
}

/// Books other seats at a steady rate, around the moment when the holds end. Also gives how long after the first hold it began.
async fn book_meanwhile(
    running: &Running,
    ground: &Ground,
    together: Arc<Barrier>,
    mut has_begun: watch::Receiver<Option<Instant>>,
) -> anyhow::Result<(Report, Duration)> {
    let begun = has_begun.wait_for(Option::is_some).await?.context("the holds have no begin")?;
    tokio::time::sleep_until(begun + BOOKING_AFTER).await;
    let mut options = running.options(Scenario::Sustained);
    (options.rate, options.buyers) = (Some(f64::from(RATE)), u64::from(RATE * BOOKING_SECONDS));
    options.connections = 64;
    options.before_the_truth = Some(together);
    let mut lead = None;
    let note = |moment| {
        if moment == Moment::Begun {
            lead = Some(begun.elapsed());
        }
    };
    let (report, _) = load_and_tell(running, ground, options, note).await?;
    ensure_came(ground, &[&report], 0.0)?;
    Ok((report, lead.context("the bookings have no begin")?))
}

/// Sells everything that is free.
async fn resell(running: &Running, ground: &Ground) -> anyhow::Result<Report> {
    let availability = running.get(&format!("/v1/events/{}/availability", running.events[0]))?;
    let seats = availability["seats"].as_str().context("an availability without seats")?;
    let mut options = running.options(Scenario::Sustained);
    options.buyers = seats.bytes().filter(|state| *state == b'f').count() as u64;
    options.seed = 2;
    Ok(load(running, ground, options).await?.0)
}
