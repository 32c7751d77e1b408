//! What others would build, each as its friends would tune it: strategies behind one front.

mod bare;
mod counter;
mod for_update;
mod setnx_version;
mod transaction;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

use crate::hall::Ware;

/// How one request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Booked {
    /// Under this number: the seat's, or that of the unit among those that are sold.
    Sold(u32),
    Taken,
    /// Somebody else was at it: worth another try.
    Contended,
}

/// A sold seat or unit.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub(crate) number: u32,
    pub(crate) buyer: String,
}

/// What a strategy's call gives.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = anyhow::Result<T>> + Send + 'a>>;

/// A way to sell each place once.
pub(crate) trait Peer: Send + Sync {
    /// Sells one seat to a buyer, or a unit of the only area; durable when it says so.
    fn book<'a>(&'a self, seat: u32, buyer: &'a str) -> Answer<'a, Booked>;

    /// Everything that is sold, with its buyer where that is known.
    fn sold(&self) -> Answer<'_, Vec<Sale>>;
}

/// Which strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Parses and refuses, and knows nothing: what the front alone costs.
    Bare,
    /// A transaction for each request: `SELECT … FOR UPDATE`, then `UPDATE`.
    ForUpdate,
    /// The original engine's: a lock in Redis for five seconds, then an update that checks a version.
    SetnxVersion,
}

impl Name {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::ForUpdate => "for-update",
            Self::SetnxVersion => "setnx-version",
        }
    }
}

/// The strategy over its servers, with everything free.
pub(crate) async fn open(
    name: Name,
    ware: Ware,
    pool_size: u32,
    database: Option<&str>,
    redis: Option<&str>,
) -> anyhow::Result<Arc<dyn Peer>> {
    let database = || database.context("this peer needs a database");
    Ok(match (name, ware) {
        (Name::Bare, _) => Arc::new(bare::Bare),
        (Name::ForUpdate, Ware::Seats(seats)) => {
            Arc::new(for_update::ForUpdate::new(tickets(database()?, pool_size, seats).await?))
        }
        (Name::ForUpdate, Ware::Units(units)) => {
            Arc::new(counter::Counter::new(pool(database()?, pool_size)?, units).await?)
        }
        (Name::SetnxVersion, Ware::Seats(seats)) => {
            let redis = redis.context("this peer needs a Redis")?;
            Arc::new(
                setnx_version::SetnxVersion::new(tickets(database()?, pool_size, seats).await?, redis)
                    .await?,
            )
        }
        (Name::SetnxVersion, Ware::Units(_)) => bail!("setnx-version sells seats alone"),
    })
}

/// Connections of a peer's pool, and how long one waits for one of them: the original's settings.
pub(crate) const POOL_SIZE: u32 = 50;
const CHECKOUT: Duration = Duration::from_secs(30);

fn pool(url: &str, size: u32) -> anyhow::Result<Pool> {
    let manager =
        Manager::from_config(url.parse()?, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let pool = Pool::builder(manager)
        .max_size(size as usize)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CHECKOUT))
        .create_timeout(Some(CHECKOUT))
        .build()?;
    Ok(pool)
}

/// The original's table, full of free tickets, and a pool on it. Room is left in its pages, so that an update stays on its own.
async fn tickets(url: &str, pool_size: u32, seats: u32) -> anyhow::Result<Pool> {
    let pool = pool(url, pool_size)?;
    let client = pool.get().await?;
    client
        .batch_execute(
            "CREATE TABLE tickets (id int PRIMARY KEY, status text NOT NULL, buyer text, version bigint NOT NULL) \
             WITH (fillfactor = 50)",
        )
        .await?;
    let seats = i32::try_from(seats)?;
    client
        .execute("INSERT INTO tickets SELECT number, 'AVAILABLE', NULL, 0 FROM generate_series(0, $1::int - 1) AS number", &[&seats])
        .await?;
    client.batch_execute("VACUUM ANALYZE tickets").await?;
    drop(client);
    Ok(pool)
}

/// Every sold ticket of the table.
async fn sold(pool: &Pool) -> anyhow::Result<Vec<Sale>> {
    let rows = pool.get().await?.query("SELECT id, buyer FROM tickets WHERE status = 'SOLD'", &[]).await?;
    rows.iter()
        .map(|row| Ok(Sale { number: u32::try_from(row.try_get::<_, i32>(0)?)?, buyer: row.try_get(1)? }))
        .collect()
}
