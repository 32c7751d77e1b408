//! Opening the store that a command names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use backends::sqlite::{SqliteOptions, SqliteStore};
use clap::Args;

use super::Usage;
use crate::app::JsonCharts;

/// The default of `--database-url`.
const DATABASE_URL_DEFAULT: &str = "sqlite:flashtix.db";

/// Which store.
#[derive(Debug, Clone, Args)]
pub(super) struct StoreArgs {
    /// The store: sqlite:PATH
    #[arg(long, global = true, env = "FLASHTIX_DATABASE_URL", default_value = DATABASE_URL_DEFAULT, value_name = "URL")]
    pub(super) database_url: String,
}

/// The file of an SQLite URL.
pub(super) fn sqlite_path(url: &str) -> anyhow::Result<PathBuf> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        let reason = "is not a store that this build knows: use sqlite:PATH, such as";
        return Err(Usage(format!("{url} {reason} {DATABASE_URL_DEFAULT}")).into());
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') {
        return Err(
            Usage(format!("{url} names no file: use sqlite:PATH, such as {DATABASE_URL_DEFAULT}")).into()
        );
    }
    Ok(PathBuf::from(path))
}

/// How a command uses a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It serves: nobody else may.
    Serves,
    /// It works beside a server, on a store that must be there already.
    Beside,
    /// It works beside a server, on a store that is made if it is not there.
    BesideOrNew,
}

/// Opens the store at a path.
pub(super) fn open(path: &Path, used: Use) -> anyhow::Result<Arc<SqliteStore>> {
    if used == Use::Beside && !path.exists() {
        bail!(
            "there is no store at {}: name it with --database-url, or make one with `flashtix migrate`",
            path.display()
        );
    }
    let options = SqliteOptions { exclusive: used == Use::Serves, ..SqliteOptions::new(path) };
    SqliteStore::open(options, Arc::new(JsonCharts))
        .with_context(|| format!("the store {} cannot be opened", path.display()))
}
