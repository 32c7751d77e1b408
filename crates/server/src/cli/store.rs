//! Opening the store that a command names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use backends::Migrating;
use backends::postgres::{PostgresOptions, PostgresStore};
use backends::sqlite::{SqliteOptions, SqliteStore};
use clap::Args;

use super::Usage;
use crate::app::{AnyStore, JsonCharts};

/// The default of `--database-url`.
pub(super) const DATABASE_URL_DEFAULT: &str = "sqlite:flashtix.db";

/// Which store.
#[derive(Debug, Clone, Args)]
pub(super) struct StoreArgs {
    /// The store: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, global = true, env = "FLASHTIX_DATABASE_URL", default_value = DATABASE_URL_DEFAULT, value_name = "URL", hide_env_values = true)]
    pub(super) database_url: String,
    /// Certificates that PostgreSQL's must be signed by, as PEM [default: the system's]
    #[arg(long, global = true, env = "FLASHTIX_DATABASE_CA", value_name = "FILE")]
    pub(super) database_ca: Option<PathBuf>,
}

/// What a URL names.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Sqlite(PathBuf),
    Postgres(PostgresOptions),
}

impl StoreArgs {
    pub(super) fn target(&self) -> anyhow::Result<Target> {
        Ok(match target(&self.database_url)? {
            Target::Postgres(options) => {
                Target::Postgres(PostgresOptions { ca_file: self.database_ca.clone(), ..options })
            }
            sqlite @ Target::Sqlite(_) => sqlite,
        })
    }
}

/// Reads a URL. Its password stays out of every message.
pub(super) fn target(url: &str) -> anyhow::Result<Target> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Target::Postgres(PostgresOptions::new(url)));
    }
    let examples = format!("use {DATABASE_URL_DEFAULT}, or postgres://user:password@host/database");
    let Some(path) = url.strip_prefix("sqlite:") else {
        let kind = url.split(':').next().unwrap_or_default();
        return Err(Usage(format!("{kind}: is not a store that this build knows: {examples}")).into());
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') {
        return Err(Usage(format!("{url} names no file: {examples}")).into());
    }
    Ok(Target::Sqlite(PathBuf::from(path)))
}

/// How a command uses a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It serves: nobody else may, where there can be only one server.
    Serves,
    /// It brings the schema up to date: no server of an older version may need it as it is.
    Migrates,
    /// It works beside a server, on a store that must be there already.
    Beside,
    /// It works beside a server, on a store that is made if it is not there.
    BesideOrNew,
}

impl Use {
    /// Only who serves, and who was asked to, changes a schema that somebody may be working on.
    fn migrating(self) -> Migrating {
        match self {
            Self::Serves | Self::Migrates => Migrating::Always,
            Self::BesideOrNew => Migrating::NewOnly,
            Self::Beside => Migrating::Never,
        }
    }
}

/// Opens a store.
pub(super) async fn open(target: Target, used: Use) -> anyhow::Result<AnyStore> {
    match target {
        Target::Sqlite(path) => Ok(AnyStore::Sqlite(open_sqlite(&path, used)?)),
        Target::Postgres(options) => {
            let options = PostgresOptions { migrating: used.migrating(), ..options };
            let store = PostgresStore::open(options, Arc::new(JsonCharts));
            Ok(AnyStore::Postgres(store.await.context("the store cannot be opened")?))
        }
    }
}

/// Opens the embedded store at a path.
pub(super) fn open_sqlite(path: &Path, used: Use) -> anyhow::Result<Arc<SqliteStore>> {
    if used == Use::Beside && !path.exists() {
        bail!(
            "there is no store at {}: name it with --database-url, or make one with `flashtix migrate`",
            path.display()
        );
    }
    let options = SqliteOptions {
        exclusive: used == Use::Serves,
        migrating: used.migrating(),
        ..SqliteOptions::new(path)
    };
    SqliteStore::open(options, Arc::new(JsonCharts))
        .with_context(|| format!("the store {} cannot be opened", path.display()))
}
