//! Half of what is for sale, as fast as it can be booked: the load that most workloads and all sweeps are variations of.

use std::time::Duration;

use storm::{Options, Report, Scenario};

use crate::hall::Ware;
use crate::running::{CONNECTIONS, Ground, Subject};
use crate::sale::{Figures, fact, sell};

/// The unit of its figure.
pub(super) const UNIT: &str = "durable bookings/s";

/// What a booking costs, as columns.
pub(super) const COSTS: &[&str] = &[
    fact::ORDERS_A_COMMIT,
    fact::ORDERS_A_BATCH,
    fact::FLUSHES,
    fact::WAL_BYTES,
    fact::SERVER,
    fact::GENERATOR,
    fact::BUSY,
];

/// So many seats, in all events together, until half of them are sold or the time is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Half {
    pub(super) seats: u32,
    pub(super) time: Duration,
    pub(super) connections: usize,
    /// How skewed the wishes are.
    pub(super) zipf: Option<f64>,
}

impl Half {
    /// An even crowd over the usual connections; a quick look takes a second.
    pub(super) fn of(ground: &Ground, seats: u32, seconds: u64) -> Self {
        let time = Duration::from_secs(ground.or_quick(seconds, 1));
        Self { seats, time, connections: CONNECTIONS, zipf: None }
    }

    /// Makes a storm this one.
    pub(super) fn shape(&self, options: &mut Options) {
        (options.buyers, options.duration_max) = (u64::from(self.seats / 2).max(1), Some(self.time));
        (options.connections, options.zipf) = (self.connections, self.zipf);
    }

    /// Has a subject sell it.
    pub(super) async fn sold_by(&self, ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
        let events = match subject {
            Subject::FlashTix(installation) => u32::try_from(installation.events)?,
            Subject::Peer(..) => 1,
        };
        let ware = Ware::Seats((self.seats / events).max(1));
        let value = |report: &Report| report.rates.bookings_per_second;
        sell(ground, subject, ware, Scenario::Sustained, |options| self.shape(options), value).await
    }
}
