//! What is done to a subject, and what is counted.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use clap::ValueEnum;
use serde::Serialize;
use storm::{Options, Outcome, Report, Scenario};

use crate::hall::Hall;
use crate::peers::Name;
use crate::pgbench;
use crate::subject::{Running, Servers, Store, Subject};

/// Connections of the load; each waits for its answer before it asks again.
const CONNECTIONS: usize = 512;
/// The hall of `sustained`. Half of it is sold, so that half of those who ask at random would still find a place at the end.
const SUSTAINED_SEATS: u32 = 200_000;
/// Buyers who want one seat: more than anybody refuses in the time.
const REFUSED: u64 = 5_000_000;
/// The longest that a run loads a subject: those that are slower do not finish, and their rate is known by then.
const SECONDS_MAX: u64 = 10;
/// What `--quick` divides by.
const QUICK: u32 = 10;
/// What a verdict is asked of everybody. The rest (idempotency, refusals that say why) only FlashTix promises.
const ASKED_OF_ALL: [&str; 3] =
    ["no acknowledged order is lost", "no place is sold twice", "acknowledged orders have their places"];

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// One seat, and a crowd that is refused
    OneSeat,
    /// Half of 200,000 seats in random order, as fast as they can be booked
    Sustained,
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneSeat => "one-seat",
            Self::Sustained => "sustained",
        })
    }
}

/// What one run gave.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    /// The workload's own rate: refusals or durable bookings a second.
    pub(crate) per_second: f64,
    /// Which share of its refusals was final: the others say no more than "try again".
    pub(crate) final_share: Option<f64>,
    /// Orders a commit, where the subject tells.
    pub(crate) per_commit: Option<f64>,
    /// Cores that the generator took for itself.
    pub(crate) generator_cores: Option<f64>,
    /// What the subject says of its durability.
    pub(crate) durability: Option<String>,
    /// The generator's whole report.
    pub(crate) report: Option<Report>,
}

impl Workload {
    pub(crate) const ALL: [Self; 2] = [Self::OneSeat, Self::Sustained];

    /// What its rate counts.
    pub(crate) fn counts(self) -> &'static str {
        match self {
            Self::OneSeat => "refusals/s",
            Self::Sustained => "durable bookings/s",
        }
    }

    /// Who is measured, in the order of a round.
    pub(crate) fn subjects(self, store: Store) -> Vec<Subject> {
        match self {
            Self::OneSeat => vec![
                Subject::FlashTix(store),
                Subject::Peer(Name::Bare),
                Subject::Peer(Name::SetnxVersion),
                Subject::Peer(Name::ForUpdate),
            ],
            Self::Sustained => vec![
                Subject::FlashTix(store),
                Subject::Peer(Name::SetnxVersion),
                Subject::Peer(Name::ForUpdate),
                Subject::Pgbench,
                Subject::OneByOne(store),
            ],
        }
    }

    fn hall(self, quick: bool) -> Hall {
        match self {
            Self::OneSeat => Hall { seats: 100 },
            Self::Sustained => Hall { seats: if quick { SUSTAINED_SEATS / QUICK } else { SUSTAINED_SEATS } },
        }
    }

    fn options(self, running: &Running, hall: Hall, quick: bool) -> Options {
        let scenario = match self {
            Self::OneSeat => Scenario::OneSeat,
            Self::Sustained => Scenario::Sustained,
        };
        let mut options = Options::new(running.url.clone(), scenario);
        options.event = Some(running.event.clone());
        options.key = Some(running.key.clone());
        options.rate = None;
        options.connections = CONNECTIONS;
        let seconds = if quick { SECONDS_MAX / u64::from(QUICK) } else { SECONDS_MAX };
        options.duration_max = Some(Duration::from_secs(seconds));
        options.buyers = match self {
            Self::OneSeat => REFUSED,
            Self::Sustained => u64::from(hall.seats / 2),
        };
        options
    }

    /// One run of a subject that is started for it.
    ///
    /// # Errors
    /// When it cannot be started, or sold wrongly: such a run has no figures.
    pub(crate) async fn run(
        self,
        subject: Subject,
        servers: &Servers,
        binary: &Path,
        quick: bool,
    ) -> anyhow::Result<Figures> {
        let hall = self.hall(quick);
        if subject == Subject::Pgbench {
            return pgbench::run(servers, hall, quick);
        }
        let running = Running::start(subject, hall, servers, binary).await?;
        let report = storm::run(self.options(&running, hall, quick), ()).await?;
        self.judge(subject, &report)?;
        let per_second = match self {
            Self::OneSeat => report.rates.requests_per_second,
            Self::Sustained => report.rates.bookings_per_second,
        };
        Ok(Figures {
            per_second,
            final_share: (self == Self::OneSeat).then(|| final_share(&report)),
            per_commit: running.bookings_per_commit(),
            generator_cores: Some(report.cpu.generator_cores),
            durability: running.durability.clone(),
            report: Some(report),
        })
    }

    fn judge(self, subject: Subject, report: &Report) -> anyhow::Result<()> {
        let is_ours = matches!(subject, Subject::FlashTix(_) | Subject::OneByOne(_));
        let failed = report
            .verdict
            .checks
            .iter()
            .find(|check| !check.ok && (is_ours || ASKED_OF_ALL.contains(&check.name)));
        ensure!(failed.is_none(), "the sale was wrong: {failed:?}");
        let won = report.buyers.booked;
        let wins = u64::from(subject != Subject::Peer(Name::Bare));
        ensure!(self != Self::OneSeat || won == wins, "one seat was sold to {won} buyers");
        Ok(())
    }
}

/// Final refusals among all.
fn final_share(report: &Report) -> f64 {
    let of = |outcome: Outcome| {
        let row = report.outcomes.iter().find(|row| row.outcome == outcome);
        row.map_or(0.0, |row| f64::from(u32::try_from(row.count).unwrap_or(u32::MAX)))
    };
    let (last, again) = (of(Outcome::Refused), of(Outcome::Contended));
    if last + again > 0.0 { last / (last + again) } else { 0.0 }
}
