//! What is wrong with a load that no figure may be taken from.

use anyhow::ensure;
use storm::{Outcome, Report};

use super::{count, number};
use crate::running::Ground;

/// What a verdict is asked of everybody. The rest (idempotency, refusals that say why) only FlashTix promises.
const ASKED_OF_ALL: [&str; 6] = [
    "every buyer has an answer",
    "no buyer met an error",
    "the server's orders can be read",
    "no acknowledged order is lost",
    "no place is sold twice",
    "acknowledged orders have their places",
];

/// Finds fault with a sale that was wrong, or of which nobody can say that it was right.
pub(super) fn judge(is_ours: bool, report: &Report) -> anyhow::Result<()> {
    let checks = &report.verdict.checks;
    let asked = |name| is_ours || ASKED_OF_ALL.contains(&name);
    let failed = checks.iter().find(|check| !check.ok && asked(check.name));
    ensure!(failed.is_none(), "the sale was wrong: {failed:?}");
    let unasked = ASKED_OF_ALL.into_iter().find(|name| checks.iter().all(|check| check.name != *name));
    ensure!(unasked.is_none(), "nobody looked whether {unasked:?}");
    // Peers have no queue that could be full: what they call unavailable is a failure.
    let shed = count(report, Outcome::Shed);
    ensure!(is_ours || shed == 0.0, "a peer failed to answer {shed} requests");
    Ok(())
}

/// Finds fault with a load that had other answers than these: a rate of anything else would be no rate of them.
///
/// # Errors
/// When some requests ended otherwise.
pub(crate) fn ensure_only(report: &Report, outcomes: &[Outcome]) -> anyhow::Result<()> {
    let other = report.outcomes.iter().find(|row| row.count > 0 && !outcomes.contains(&row.outcome));
    ensure!(
        other.is_none(),
        "{} requests ended as {:?}",
        other.map_or(0, |row| row.count),
        other.map_or("", |row| row.outcome.title())
    );
    Ok(())
}

/// Whether an open loop was one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming {
    pub(super) offered_per_second: f64,
    pub(super) achieved_per_second: f64,
    pub(super) started: f64,
    /// Were due and never came: nobody knows how long they would have waited.
    pub(super) dropped: f64,
}

/// The least part of the offered buyers a second that must have come.
const ACHIEVED_SHARE_MIN: f64 = 0.9;

impl Coming {
    fn of(reports: &[&Report]) -> Self {
        let sum = |of: fn(&Report) -> f64| reports.iter().map(|report| of(report)).sum();
        Self {
            offered_per_second: sum(|report| report.rates.offered_per_second.unwrap_or(0.0)),
            achieved_per_second: sum(|report| report.rates.achieved_per_second),
            started: sum(|report| number(report.buyers.started)),
            dropped: sum(|report| number(report.rates.dropped)),
        }
    }

    pub(super) fn fault(&self, dropped_share_max: f64) -> anyhow::Result<()> {
        let Self { offered_per_second, achieved_per_second, started, dropped } = self;
        ensure!(
            *achieved_per_second >= ACHIEVED_SHARE_MIN * offered_per_second,
            "the load did not come: {achieved_per_second:.0} instead of {offered_per_second:.0} buyers a second"
        );
        ensure!(
            *dropped <= dropped_share_max * (started + dropped),
            "the load did not come: {dropped:.0} buyers were due and never started, beside {started:.0} who did"
        );
        Ok(())
    }
}

/// Finds fault with storms that together did not bring the buyers a second that they were to bring, or dropped more than this
/// share of them. A quick look has not the time to bring them.
///
/// # Errors
/// When they did not: what was found is not what such a load finds.
pub(crate) fn ensure_came(
    ground: &Ground,
    reports: &[&Report],
    dropped_share_max: f64,
) -> anyhow::Result<()> {
    if ground.quick { Ok(()) } else { Coming::of(reports).fault(dropped_share_max) }
}
