//! Settings of `serve` for PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use backends::postgres::PostgresOptions;
use serde::Deserialize;

use super::store::Target;

/// Flags and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct PostgresArgs {
    /// Certificates that PostgreSQL's must be signed by, as PEM [default: the system's]
    #[arg(long, env = "FLASHTIX_DATABASE_CA", value_name = "FILE")]
    database_ca: Option<PathBuf>,
    /// Connections for everything but commits [default: 50]
    #[arg(long, env = "FLASHTIX_POOL_SIZE", value_name = "COUNT")]
    pool_size: Option<usize>,
    /// How long a connection of the pool is waited for, in seconds [default: 30]
    #[arg(long, env = "FLASHTIX_POOL_TIMEOUT_SECONDS", value_name = "SECONDS")]
    pool_timeout_seconds: Option<u64>,
    /// How long a new connection may take, in seconds [default: 5]
    #[arg(long, env = "FLASHTIX_CONNECT_TIMEOUT_SECONDS", value_name = "SECONDS")]
    connect_timeout_seconds: Option<u64>,
    /// How long a statement may take, in seconds [default: 10]
    #[arg(long, env = "FLASHTIX_STATEMENT_TIMEOUT_SECONDS", value_name = "SECONDS")]
    statement_timeout_seconds: Option<u64>,
    /// How long a commit waits for an event that another node is writing to, in ms [default: 2500]
    #[arg(long, env = "FLASHTIX_LOCK_TIMEOUT_MS", value_name = "MS")]
    lock_timeout_ms: Option<u64>,
    /// Connections that commits are written on; half as many events are written at once [default: 4]
    #[arg(long, env = "FLASHTIX_WRITERS", value_name = "COUNT")]
    writers: Option<usize>,
    /// Use a server although it does not flush what it commits: for experiments
    #[arg(long, env = "FLASHTIX_ALLOW_UNSAFE_DURABILITY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    allow_unsafe_durability: Option<bool>,
}

/// The section `[postgres]` of a configuration file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PostgresFile {
    database_ca: Option<PathBuf>,
    pool_size: Option<usize>,
    pool_timeout_seconds: Option<u64>,
    connect_timeout_seconds: Option<u64>,
    statement_timeout_seconds: Option<u64>,
    lock_timeout_ms: Option<u64>,
    writers: Option<usize>,
    allow_unsafe_durability: Option<bool>,
}

impl PostgresArgs {
    /// The target with these settings; the embedded store has none of them.
    pub(super) fn apply(self, file: &PostgresFile, target: Target) -> Target {
        let Target::Postgres(defaults) = target else { return target };
        let seconds = |seconds: Option<u64>, default| seconds.map_or(default, Duration::from_secs);
        Target::Postgres(PostgresOptions {
            ca_file: self.database_ca.or_else(|| file.database_ca.clone()),
            pool_size: self.pool_size.or(file.pool_size).unwrap_or(defaults.pool_size),
            checkout_timeout: seconds(
                self.pool_timeout_seconds.or(file.pool_timeout_seconds),
                defaults.checkout_timeout,
            ),
            connect_timeout: seconds(
                self.connect_timeout_seconds.or(file.connect_timeout_seconds),
                defaults.connect_timeout,
            ),
            statement_timeout: seconds(
                self.statement_timeout_seconds.or(file.statement_timeout_seconds),
                defaults.statement_timeout,
            ),
            lock_timeout: self
                .lock_timeout_ms
                .or(file.lock_timeout_ms)
                .map_or(defaults.lock_timeout, Duration::from_millis),
            writers: self.writers.or(file.writers).unwrap_or(defaults.writers),
            allow_unsafe_durability: self
                .allow_unsafe_durability
                .or(file.allow_unsafe_durability)
                .unwrap_or(defaults.allow_unsafe_durability),
            ..defaults
        })
    }
}
