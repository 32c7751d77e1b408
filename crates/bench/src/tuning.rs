//! The pool with which `for-update` does most, found once for each kind of load, as pgbench's number of clients is.

use std::time::Duration;

use storm::Scenario;

use crate::hall::Ware;
use crate::peers::Name;
use crate::running::{Ground, Running, Subject};
use crate::sale::{load, warm_up};

/// Pools that it is tried with.
const POOLS: [u32; 4] = [8, 16, 32, 50];
/// How long each is tried, in seconds.
const SECONDS: u64 = 2;

/// The same subject, with the pool that suits it best if its friends would choose one. Those of the original have the
/// original's.
///
/// # Errors
/// When it cannot be tried.
pub(crate) async fn tuned(
    ground: &Ground,
    subject: &Subject,
    ware: Ware,
    scenario: Scenario,
) -> anyhow::Result<Subject> {
    let Subject::Peer(Name::ForUpdate, _) = subject else { return Ok(subject.clone()) };
    let known = ground.bests.borrow().get(scenario.word()).copied();
    let pool = match known {
        Some(pool) => pool,
        None => {
            let mut best = (f64::MIN, 0);
            for pool in POOLS {
                let rate = rate(ground, &Subject::Peer(Name::ForUpdate, pool), ware, scenario).await?;
                best = if rate > best.0 { (rate, pool) } else { best };
            }
            ground.bests.borrow_mut().insert(scenario.word(), best.1);
            best.1
        }
    };
    Ok(Subject::Peer(Name::ForUpdate, pool))
}

/// Bookings a second; where one seat is wanted, refusals.
async fn rate(ground: &Ground, subject: &Subject, ware: Ware, scenario: Scenario) -> anyhow::Result<f64> {
    let running = Running::start(subject, ware, ground).await?;
    warm_up(&running, ground).await?;
    let mut options = running.options(scenario);
    options.buyers = match scenario {
        Scenario::OneSeat => storm::limits::BUYERS_MAX,
        _ => u64::from(ware.amount() / 2),
    };
    options.duration_max = Some(Duration::from_secs(ground.or_quick(SECONDS, 1)));
    let (report, _) = load(&running, ground, options).await?;
    running.end(ground).await?;
    Ok(match scenario {
        Scenario::OneSeat => report.rates.requests_per_second,
        _ => report.rates.bookings_per_second,
    })
}
