//! One seat, and crowds that are refused.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;
use storm::{Outcome, Report, Scenario};

use super::{Bar, Case, Plan};
use crate::hall::{Ware, label};
use crate::peers::Name;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, WARM_UP, close, count, ensure_only, fact, load, profiled};
use crate::servers::Store;
use crate::tuning::tuned;
use crate::wrk;

/// The hall; each crowd wants the first seat that is free.
const HALL: Ware = Ware::Seats(100);
/// The crowds that ask once each.
const CROWDS: [u64; 2] = [500, 5_000];
/// Those who are refused after that: more than anybody refuses in the time.
const REFUSED: u64 = 20_000_000;
const SECONDS: u64 = 10;
/// At least five, or wrk's figure says nothing.
const WRK_SECONDS: u64 = 5;
/// Which share of its refusals a subject gives for good: the others say no more than "try again".
const FINAL: &str = "final, %";

const OURS: usize = 0;
const BARE: usize = 1;
const SETNX: usize = 2;
const FOR_UPDATE: usize = 3;
const OURS_BY_WRK: usize = 4;
const BARE_BY_WRK: usize = 5;

pub(super) fn plan(store: Store) -> Plan {
    let ours = Subject::FlashTix(Installation::on(store));
    let of = |name: Name| (name.as_str().to_owned(), Subject::peer(name));
    let by_storm =
        [(flashtix_on(store, ""), ours.clone()), of(Name::Bare), of(Name::SetnxVersion), of(Name::ForUpdate)];
    let by_wrk = if wrk::is_installed() {
        vec![
            (flashtix_on(store, "driven by wrk"), ours),
            ("bare, driven by wrk".to_owned(), Subject::peer(Name::Bare)),
        ]
    } else {
        Vec::new()
    };
    let by_storm = by_storm.into_iter().map(|(name, subject)| Case::of(name, subject, crowds));
    let by_wrk = by_wrk.into_iter().map(|(name, subject)| Case::of(name, subject, cross_check));
    let cases = by_storm.chain(by_wrk).collect();
    Plan {
        columns: &[FINAL, fact::POOL, fact::SERVER, fact::GENERATOR],
        cases,
        bars: vec![
            Bar::at_least("refusals/s ≥ 0.7 × `bare`, by wrk", 0.7, |found| {
                found.ratio(OURS_BY_WRK, BARE_BY_WRK)
            }),
            Bar::at_least("refusals/s ≥ 0.7 × `bare`", 0.7, |found| found.ratio(OURS, BARE)),
            Bar::at_least("refusals/s ≥ 2 × `setnx-version`", 2.0, |found| found.ratio(OURS, SETNX)),
            Bar::at_least("refusals/s ≥ 10 × `for-update`", 10.0, |found| found.ratio(OURS, FOR_UPDATE)),
        ],
        ..Plan::new(
            "One seat: 500 and 5,000 buyers who ask once each, of whom exactly one gets it, then ten seconds of refusals. \
             Where wrk is installed, it measures the refusals as well.",
            "refusals/s",
        )
    }
}

async fn crowds(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let subject = &tuned(ground, subject, HALL, Scenario::OneSeat).await?;
    let running = Running::start(subject, HALL, ground).await?;
    // The bare handler sells nothing.
    let wins = u64::from(!matches!(subject, Subject::Peer(Name::Bare, _)));
    let mut reports = Vec::new();
    for buyers in CROWDS {
        let mut options = running.options(Scenario::OneSeat);
        options.buyers = buyers;
        let (report, _) = load(&running, ground, options).await?;
        one_won(&report, wins)?;
        reports.push(report);
    }
    let mut options = running.options(Scenario::OneSeat);
    (options.buyers, options.duration_max) =
        (REFUSED, Some(Duration::from_secs(ground.or_quick(SECONDS, 1))));
    let (report, mut facts) = load(&running, ground, options).await?;
    one_won(&report, wins)?;
    facts.insert(FINAL, final_percent(&report));
    let refusals = refusals_per_second(&report, subject)?;
    reports.push(report);
    close(running, ground, refusals, facts, reports).await
}

fn one_won(report: &Report, wins: u64) -> anyhow::Result<()> {
    let won = report.buyers.booked;
    ensure!(won == wins, "one seat was sold to {won} buyers");
    Ok(())
}

/// Refusals a second. Only the original's layers say "try again" where a seat is sold, so only theirs count.
fn refusals_per_second(report: &Report, subject: &Subject) -> anyhow::Result<f64> {
    ensure_only(report, &[Outcome::Booked, Outcome::Refused, Outcome::Contended])?;
    let again = match subject {
        Subject::Peer(Name::SetnxVersion, _) => count(report, Outcome::Contended),
        _ => 0.0,
    };
    let seconds = report.times.last_answer_seconds.context("nobody was answered")?;
    Ok((count(report, Outcome::Refused) + again) / seconds)
}

/// Final refusals among all.
fn final_percent(report: &Report) -> f64 {
    let (last, again) = (count(report, Outcome::Refused), count(report, Outcome::Contended));
    if last + again > 0.0 { last / (last + again) * 100.0 } else { 0.0 }
}

async fn cross_check(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let running = Running::start(subject, HALL, ground).await?;
    let place = label(0);
    if running.is_ours {
        let path = format!("/v1/events/{}/orders", running.events[0]);
        running
            .post(&path, &json!({ "buyer": "winner", "places": [&place], "ref": "the one that sells it" }))?;
    }
    let asked = |seconds| Ok(wrk::refusals(&running, &place, seconds)?.per_second);
    asked(WARM_UP.as_secs())?;
    let refusals = profiled(&running, ground, || asked(ground.or_quick(WRK_SECONDS, 1)))?;
    close(running, ground, refusals, Default::default(), Vec::new()).await
}
