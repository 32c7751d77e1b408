//! Buyers who do not come evenly: all at once when the doors open, and more and more of them until the peak.

use storm::{Arrival, Outcome, Scenario};

use super::load::{DROPPED_MAX, PEAK, SHED, alone, at_peak, millis, shed_percent};
use super::{Case, Plan};
use crate::running::{Ground, Installation, Subject, flashtix_on};
use crate::sale::{Figures, close, ensure_came, fact, latency, load};
use crate::servers::Store;

const SEATS: u32 = 400_000;

/// How they come, in parts of the peak.
#[derive(Debug, Clone, Copy)]
struct Curve {
    arrival: Arrival,
    /// The rate that the curve is made of.
    rate: f64,
    /// So many come as the peak sells in this time.
    seconds: f64,
}

/// One second at twice the peak, then ten seconds at a fifth of it.
const DOORS_OPEN: Curve = Curve { arrival: Arrival::Spike, rate: 0.2, seconds: 4.0 };
/// Ten seconds, from nobody to the peak.
const WORD_GETS_ROUND: Curve = Curve { arrival: Arrival::Ramp, rate: 1.0, seconds: 5.0 };

pub(super) fn plan(store: Store) -> Plan {
    let case = |note: &str, curve: Curve| {
        let subject = Subject::FlashTix(Installation::on(store).with_another_event());
        Case::of(flashtix_on(store, note), subject, async move |ground, subject| {
            came(ground, subject, curve).await
        })
    };
    Plan {
        columns: &[
            fact::P50,
            fact::P999,
            PEAK,
            SHED,
            fact::OFFERED,
            fact::ACHIEVED,
            fact::DROPPED,
            fact::ORDERS_A_COMMIT,
            fact::SERVER,
            fact::GENERATOR,
        ],
        cases: vec![case("the doors open", DOORS_OPEN), case("word gets round", WORD_GETS_ROUND)],
        ..Plan::new(
            "An event of 400,000 seats, in an open loop against the peak, which is measured first in the same run: the doors open, \
             and for a second buyers come at twice the peak, then for ten at a fifth of it; or word gets round, and within ten \
             seconds their rate grows from nothing to the peak.",
            "ms, p99 of accepted",
        )
    }
}

async fn came(ground: &Ground, subject: &Subject, curve: Curve) -> anyhow::Result<Figures> {
    let (running, peak_report) = at_peak(ground, subject, ground.or_quick(SEATS, SEATS / 4)).await?;
    let peak = peak_report.rates.bookings_per_second;
    let mut options = alone(&running, Scenario::Sustained);
    (options.seed, options.arrival) = (2, curve.arrival);
    options.rate = Some(peak * curve.rate);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of buyers")]
    let buyers = (peak * curve.seconds).ceil() as u64;
    options.buyers = buyers;
    let (report, mut facts) = load(&running, ground, options).await?;
    ensure_came(ground, &[&report], DROPPED_MAX)?;
    let accepted = latency(&report, Outcome::Booked);
    facts.extend([
        (fact::P50, millis(accepted.p50_micros)),
        (fact::P999, millis(accepted.p999_micros)),
        (PEAK, peak),
        (SHED, shed_percent(&report, "order")),
    ]);
    close(running, ground, millis(accepted.p99_micros), facts, vec![report, peak_report]).await
}
