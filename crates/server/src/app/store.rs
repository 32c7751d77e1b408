//! What a server needs of its store beyond the engine's ports, whichever store it is.

use std::sync::Arc;
use std::time::Duration;

use backends::postgres::PostgresStore;
use backends::purged::Purged;
use backends::sqlite::SqliteStore;
use domain::time::Timestamp;
use engine::store::{Store, StoreError};
use engine::supervisor::Supervisor;

/// How often the use of its connections is published.
const PUBLISH_INTERVAL: Duration = Duration::from_secs(1);

/// One of the stores that there are.
#[derive(Debug, Clone)]
pub enum AnyStore {
    /// The embedded one.
    Sqlite(Arc<SqliteStore>),
    /// PostgreSQL.
    Postgres(Arc<PostgresStore>),
}

impl AnyStore {
    /// The store as the engine sees it.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(store) => store.clone(),
        }
    }

    /// How durable its commits are, in its own words.
    #[must_use]
    pub fn durability(&self) -> String {
        match self {
            Self::Sqlite(store) => format!("{:?}", store.durability()),
            Self::Postgres(store) => format!("{:?}", store.durability()),
        }
    }

    /// The versions of its schema, before the opening and after.
    #[must_use]
    pub fn migrated(&self) -> (i64, i64) {
        match self {
            Self::Sqlite(store) => (store.migrated().from.into(), store.migrated().to.into()),
            Self::Postgres(store) => (store.migrated().from.into(), store.migrated().to.into()),
        }
    }

    /// Forgets what is older than it has to be kept, in ms.
    pub(super) async fn purge(
        &self,
        now: Timestamp,
        holds_ms: i64,
        replies_ms: i64,
    ) -> Result<Purged, StoreError> {
        match self {
            Self::Sqlite(store) => store.purge(now, holds_ms, replies_ms).await,
            Self::Postgres(store) => store.purge(now, holds_ms, replies_ms).await,
        }
    }

    /// Starts what the store does beside answering: telling other nodes what is committed here and hearing them,
    /// publishing what it measures of itself.
    pub(crate) fn start(&self, supervisor: &mut Supervisor) {
        let Self::Postgres(store) = self else { return };
        let (news, publishing) = (store.clone(), store.clone());
        supervisor.critical("news", async move { news.exchange_news().await });
        supervisor.critical("publishing", async move {
            let mut ticks = tokio::time::interval(PUBLISH_INTERVAL);
            loop {
                ticks.tick().await;
                publishing.publish_metrics();
            }
        });
    }
}
