//! The embedded store: one file, nothing to install.
//!
//! One thread writes through one connection, in WAL mode with `synchronous=FULL`: a batch of the sequencer is one
//! transaction and one flush. Every guarded row counts: where fewer rows change than must, the whole batch is rolled
//! back. Readers are other threads with connections that cannot write, and never see half of a commit.
//!
//! In reading order:
//!
//! - [`options`], [`error`]: every bound, and what can go wrong
//! - `connection`, `lock`, [`migrate`]: a file becomes a database of the right schema with one server
//! - `writer`, `mover`, `readers`: the threads; `flush`: when the disk loses a write
//! - `rows`: how records are rows
//! - `journal`: batches in, snapshots and commits out
//! - `catalog`, `archive`: everything else that the engine's ports ask
//! - `backup`, `restore`, `purge`, [`audit`]: copies, putting one in place, forgetting, and reading it all

mod archive;
pub mod audit;
mod backup;
mod catalog;
mod connection;
mod erase;
pub mod error;
mod flush;
mod journal;
mod lock;
pub mod migrate;
mod mover;
pub mod options;
mod purge;
mod readers;
mod restore;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::store::{ChartReader, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::Migrating;
use crate::charts::Charts;
use crate::clock::WallClock;
use crate::columns::{signed, unsigned};

pub use backup::{BackupError, backup_file, compact_file};
pub use connection::Durability;
pub use error::OpenError;
pub use migrate::{Migrated, MigrationError};
pub use options::{SqliteOptions, Synchronous};
pub use restore::{RestoreError, Restoring};

use lock::LockFile;
use mover::Mover;
use readers::Readers;
use writer::{Writer, WriterHandle};

/// An open embedded store. Closes when the last owner drops it, after what was begun is done.
pub struct SqliteStore {
    // Dropped in this order: the connection that is closed last empties the log, and readers cannot.
    readers: Readers,
    writer: WriterHandle,
    _lock: Option<LockFile>,
    charts: Charts,
    clock: Arc<dyn WallClock>,
    path: PathBuf,
    durability: Durability,
    migrated: Migrated,
    secret: [u8; 32],
    history: u64,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a database, makes it if it is new, and brings its schema up to date.
    ///
    /// Blocks on the disk for a moment; meant for the start of a program.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(options: SqliteOptions, chart_reader: Arc<dyn ChartReader>) -> Result<Arc<Self>, OpenError> {
        options.validate().map_err(OpenError::Options)?;
        let lock = options.exclusive.then(|| LockFile::take(&options.path)).transpose()?;
        let path = options.path.clone();
        let clock = options.clock.clone();
        let (mut connection, durability) = connection::open_writer(&options)?;
        flush::take_up(&connection, &path)?;
        let migrated = bring_up_to_date(&mut connection, &options)?;
        let (secret, history) =
            identity(&mut connection).map_err(|source| OpenError::Database { path: path.clone(), source })?;
        let readers = Readers::start(&path, options.readers)?;
        let mover = options.exclusive.then(|| Mover::start(&options)).transpose()?;
        let writer = WriterHandle::start(Writer::new(options, connection, mover))?;
        let charts = Charts::new(chart_reader);
        Ok(Arc::new(Self {
            readers,
            writer,
            _lock: lock,
            charts,
            clock,
            path,
            durability,
            migrated,
            secret,
            history,
        }))
    }

    /// How durable commits are, as SQLite said when it was asked at the opening.
    #[must_use]
    pub fn durability(&self) -> &Durability {
        &self.durability
    }

    /// What the opening did to the schema.
    #[must_use]
    pub fn migrated(&self) -> Migrated {
        self.migrated
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bounds the file to so many pages, or lifts the bound: a disk that is full, for drills.
    ///
    /// # Errors
    /// When the writer has no connection.
    pub async fn set_pages_max(&self, pages_max: Option<u32>) -> Result<(), StoreError> {
        Ok(self.writer.run(move |writer| writer.set_pages_max(pages_max)).await??)
    }
}

/// Does the schema's missing steps, if they may be done. Whoever has the lock file still needs an older schema as it is.
fn bring_up_to_date(connection: &mut Connection, options: &SqliteOptions) -> Result<Migrated, OpenError> {
    let path = &options.path;
    let unfit = |source| OpenError::Migration { path: path.clone(), source };
    let takes_steps = options.migrating == Migrating::Always
        && migrate::is_older(connection, migrate::MIGRATIONS).map_err(unfit)?;
    let _no_server = (takes_steps && !options.exclusive).then(|| LockFile::take(path)).transpose()?;
    let now_ms = options.clock.now_ms();
    migrate::migrate(connection, migrate::MIGRATIONS, now_ms, options.migrating).map_err(unfit)
}

/// The installation's secret and the name of its history, made on first use.
fn identity(connection: &mut Connection) -> rusqlite::Result<([u8; 32], u64)> {
    let read = |connection: &Connection| {
        let mut statement = connection.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let secret = statement.query_row(["secret"], |row| row.get::<_, [u8; 32]>(0)).optional()?;
        let history = statement.query_row(["history"], |row| row.get::<_, i64>(0)).optional()?;
        Ok::<_, rusqlite::Error>(secret.zip(history.map(unsigned)))
    };
    if let Some(identity) = read(connection)? {
        return Ok(identity);
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let identity = match read(&transaction)? {
        Some(identity) => identity,
        None => {
            let (secret, history) = (rand::random::<[u8; 32]>(), rand::random::<u64>());
            let mut insert = transaction.prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)")?;
            insert.execute(params!["secret", secret])?;
            insert.execute(params!["history", signed(history)])?;
            (secret, history)
        }
    };
    transaction.commit()?;
    Ok(identity)
}
