//! The store for production and for many nodes: PostgreSQL, 15 or newer.
//!
//! A batch of the sequencer is one transaction in two round trips, whatever its size: the first locks the events' rows and reads
//! what others committed, the second writes everything, guarded row by row, and commits. Where nobody else commits to the
//! events, the first is guessed. Statements grow with commits
//! and not with requests.
//!
//! In reading order:
//!
//! - [`options`], [`error`]: every bound, and what can go wrong
//! - `connect`, [`migrate`]: a URL becomes connections to a server of the right schema
//! - `identity`: what the database is
//! - `session`: the connections that batches are written on
//! - `pooled`: the connections of everything else, and how long an answer is waited for
//! - `rows`: how records are rows
//! - `journal`: batches in, snapshots and commits out
//! - `catalog`, `archive`: everything else that the engine's ports ask
//! - `news`: word between nodes that something was committed
//! - `fleet`: the nodes that live
//! - `purge`: forgetting

mod archive;
pub mod audit;
mod catalog;
mod connect;
mod erase;
pub mod error;
mod fleet;
mod identity;
mod journal;
pub mod migrate;
mod news;
pub mod options;
mod pooled;
mod purge;
mod rows;
mod session;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::Pool;
use domain::chart::Chart;
use domain::id::{ChartId, EventId, OrganizationId};
use engine::store::ChartReader;
use parking_lot::Mutex;
use tokio_postgres::Row;

pub use connect::Durability;
pub use error::OpenError;
pub use migrate::{Migrated, MigrationError};
pub use options::PostgresOptions;

use crate::charts::Charts;
use crate::columns::event::EventRow;
use connect::{Connector, examine};
use error::Failure;
use identity::{Identity, identify};
use journal::Guesses;
use news::News;
use session::Writers;

/// Connections that charts, events and keys are written on at most.
const CATALOG_WRITERS: usize = 2;

/// What the hot tables call an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventKey {
    number: i64,
    organization: OrganizationId,
    livemode: bool,
}

impl EventKey {
    /// The name under which a reference of the event's account is locked.
    fn reference_lock(self, reference: &str) -> String {
        reference_lock("events", self.organization, self.livemode, reference)
    }
}

/// The name under which a reference is locked while it is looked for and taken.
fn reference_lock(table: &str, organization: OrganizationId, livemode: bool, reference: &str) -> String {
    format!("{table}:{}:{livemode}:{reference}", organization.0)
}

/// A store on a PostgreSQL server.
pub struct PostgresStore {
    options: PostgresOptions,
    pool: Pool,
    writers: Writers,
    /// Apart from those of batches: what makes a chart or an event may wait, and batches must not wait with it.
    catalog_writers: Writers,
    charts: Charts,
    keys: Mutex<HashMap<EventId, EventKey>>,
    guesses: Guesses,
    durability: Durability,
    migrated: Migrated,
    news: News,
    identity: Identity,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("durability", &self.durability).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects to a database, and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(
        options: PostgresOptions,
        chart_reader: Arc<dyn ChartReader>,
    ) -> Result<Arc<Self>, OpenError> {
        options.validate().map_err(OpenError::Options)?;
        let connector = Connector::new(&options)?;
        let no_connection = |reason: String| OpenError::Connect { hosts: connector.hosts(), reason };
        // A connection of its own: waiting for other nodes' migrations has no timeout.
        let mut first = connector.link().await.map_err(|failure| no_connection(failure.to_string()))?;
        let durability = examine(&first.client, options.allow_unsafe_durability).await?;
        let migrated = migrate::migrate(&first.client, migrate::MIGRATIONS, options.migrating).await?;
        let identity = identify(&mut first.client).await?;
        let pool = connector.pool(&options)?;
        let writers = Writers::new(connector.clone(), options.writers, options.lock_timeout);
        let catalog_writers = Writers::new(connector, CATALOG_WRITERS, options.checkout_timeout);
        let charts = Charts::new(chart_reader);
        let keys = Mutex::default();
        let guesses = Guesses::default();
        let news = News::new();
        Ok(Arc::new(Self {
            options,
            pool,
            writers,
            catalog_writers,
            charts,
            keys,
            guesses,
            durability,
            migrated,
            news,
            identity,
        }))
    }

    /// What the server said about how durable its commits are.
    #[must_use]
    pub fn durability(&self) -> &Durability {
        &self.durability
    }

    /// What the opening did to the schema.
    #[must_use]
    pub fn migrated(&self) -> Migrated {
        self.migrated
    }

    /// Publishes how the connections are used.
    pub fn publish_metrics(&self) {
        let status = self.pool.status();
        metrics::gauge!("flashtix_pool_connections").set(status.size as f64);
        metrics::gauge!("flashtix_pool_available").set(status.available as f64);
        metrics::gauge!("flashtix_pool_waiting").set(status.waiting as f64);
        let (idle, free) = self.writers.use_of();
        metrics::gauge!("flashtix_writers_idle").set(idle as f64);
        metrics::gauge!("flashtix_writers_free").set(free as f64);
        let (right, wrong) = self.guesses.counts();
        metrics::counter!("flashtix_guesses_total", "outcome" => "right").absolute(right);
        metrics::counter!("flashtix_guesses_total", "outcome" => "wrong").absolute(wrong);
    }

    /// Every chart that an event sold over, from memory where they are.
    async fn charts_of(&self, event: &EventRow) -> Result<Vec<(ChartId, Arc<Chart>)>, Failure> {
        let mut charts = Vec::new();
        for id in event.charts()? {
            let chart = match self.charts.get(id) {
                Some(chart) => chart,
                None => {
                    let missing = || Failure::damaged(format!("{id} has no document"));
                    self.charts.read(id, self.read_document(id).await?.ok_or_else(missing)?).await?
                }
            };
            charts.push((id, chart));
        }
        Ok(charts)
    }

    /// Forgets what an event is called, because it is gone.
    fn forget(&self, id: EventId) {
        self.keys.lock().remove(&id);
        self.guesses.forget(id);
    }
}

/// Reads all rows.
fn all<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    rows.iter().map(read).collect()
}
