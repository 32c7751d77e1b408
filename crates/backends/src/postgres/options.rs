//! How a PostgreSQL store is reached, and every bound of it, by name.

use std::path::PathBuf;
use std::time::Duration;

use crate::Migrating;

/// The most connections of the pool.
pub const POOL_MAX: usize = 1_000;
/// The most connections that write.
pub const WRITERS_MAX: usize = 64;
/// How long a transaction may stand still between its two round trips before the server ends it: a node that pauses
/// there keeps others from its events for so long.
pub(super) const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(2);
/// How long data may stay unacknowledged before a connection is given up.
pub(super) const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the server looks whether a client that it works for is still there.
pub(super) const CLIENT_CHECK: Duration = Duration::from_secs(1);

/// How a PostgreSQL store is opened.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host,host/database?…`, as libpq reads it.
    pub url: String,
    /// Certificates that a server's must be signed by, in a PEM file; the system's when missing.
    pub ca_file: Option<PathBuf>,
    /// What may be done about an older schema.
    pub migrating: Migrating,
    /// Whether a server may be used that does not flush what it commits. For experiments.
    pub allow_unsafe_durability: bool,
    /// Connections for everything but batches, from 1 to [`POOL_MAX`].
    pub pool_size: usize,
    /// How long a connection of the pool is waited for.
    pub checkout_timeout: Duration,
    /// How long a new connection may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a batch waits for an event that another node is writing to.
    pub lock_timeout: Duration,
    /// Connections that batches are written on, from 1 to [`WRITERS_MAX`].
    pub writers: usize,
}

impl PostgresOptions {
    /// The defaults.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca_file: None,
            migrating: Migrating::Always,
            allow_unsafe_durability: false,
            pool_size: 50,
            checkout_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_millis(2_500),
            writers: 4,
        }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// A sentence that names the bound that is off.
    pub fn validate(&self) -> Result<(), String> {
        if self.pool_size == 0 || self.pool_size > POOL_MAX {
            return Err(format!("pool_size must be from 1 to {POOL_MAX}"));
        }
        if self.writers == 0 || self.writers > WRITERS_MAX {
            return Err(format!("writers must be from 1 to {WRITERS_MAX}"));
        }
        for (name, timeout) in [
            ("checkout_timeout", self.checkout_timeout),
            ("connect_timeout", self.connect_timeout),
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
        ] {
            if timeout < Duration::from_millis(10) || timeout > Duration::from_secs(3_600) {
                return Err(format!("{name} must be from 10 ms to an hour"));
            }
        }
        if self.lock_timeout <= IDLE_IN_TRANSACTION {
            return Err(
                "lock_timeout must be above the 2 s after which a standing transaction is ended".to_owned()
            );
        }
        Ok(())
    }
}
