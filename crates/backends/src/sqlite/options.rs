//! How an embedded store is opened, and every bound of it, by name.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::Migrating;
use crate::clock::{SystemClock, WallClock};

/// The smallest page cache of the writer: in a smaller one a batch of a thousand events has no room, and writes pages twice.
pub const CACHE_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// The fewest frames of the write-ahead log from which on they are moved into the database.
pub const CHECKPOINT_PAGES_MIN: u32 = 1_000;
/// The most.
pub const CHECKPOINT_PAGES_MAX: u32 = 20_000;
/// The most seats of one event that are kept with their commits.
pub const RECENT_SEATS_MAX: usize = 1_000_000;
/// The most readers.
pub const READERS_MAX: usize = 64;
/// The page cache of each reader.
pub(super) const READER_CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// How long a connection waits for another process that writes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// Jobs that wait for the writer at most.
pub(super) const WRITER_JOBS_MAX: usize = 256;
/// Jobs that wait for a reader at most.
pub(super) const READER_JOBS_MAX: usize = 1_024;
/// Prepared statements that a connection keeps; more than there are in this crate.
pub(super) const STATEMENTS_KEPT: usize = 256;

/// When a commit counts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Once the disk has it. The only mode that keeps what was promised through a loss of power.
    #[default]
    Full,
    /// Once the operating system has it; a loss of power loses the last commits. For experiments.
    Normal,
    /// Once the operating system has it, and nothing is ever flushed. For control experiments that must fail.
    Off,
}

impl Synchronous {
    /// SQLite's name, and the number that it answers when asked.
    pub(super) fn pragma(self) -> (&'static str, i64) {
        match self {
            Self::Full => ("FULL", 2),
            Self::Normal => ("NORMAL", 1),
            Self::Off => ("OFF", 0),
        }
    }
}

/// How an embedded store is opened.
#[derive(Clone)]
pub struct SqliteOptions {
    /// The database file. Its folder must exist; the file is made when it does not.
    pub path: PathBuf,
    /// When a commit counts as written.
    pub synchronous: Synchronous,
    /// Whether to hold the lock file `<path>.lock`: servers do, so that there is one at a time; commands do not.
    pub exclusive: bool,
    /// What may be done about an older schema. Steps are taken only while no server has the database.
    pub migrating: Migrating,
    /// The writer's page cache, from [`CACHE_BYTES_MIN`]. No larger than it must be: at the end of each transaction that split a page of
    /// a database below 1 GiB, SQLite looks through all of it, which took 2 ms with 256 MiB. What is not in it is in the system's.
    pub cache_bytes: u64,
    /// Frames of the write-ahead log from which on it is moved into the database, once they are of many transactions, from
    /// [`CHECKPOINT_PAGES_MIN`] to [`CHECKPOINT_PAGES_MAX`], which are moved in any case: fewer write the same pages more often, more make each flush of the database
    /// longer, for which commits wait.
    pub checkpoint_pages: u32,
    /// Seats of one event that changed and are kept with their commits before they come to their table, some with each
    /// commit, from 1 to [`RECENT_SEATS_MAX`]: more make the pages fewer that a booking writes, and an event slower to load.
    pub recent_seats: usize,
    /// Threads that read, each with a connection of its own, from 1 to [`READERS_MAX`].
    pub readers: usize,
    /// The store's clock.
    pub clock: Arc<dyn WallClock>,
}

impl std::fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteOptions")
            .field("path", &self.path)
            .field("synchronous", &self.synchronous)
            .field("exclusive", &self.exclusive)
            .field("migrating", &self.migrating)
            .field("cache_bytes", &self.cache_bytes)
            .field("checkpoint_pages", &self.checkpoint_pages)
            .field("recent_seats", &self.recent_seats)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

impl SqliteOptions {
    /// The defaults for a command that shares the database with a server.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            synchronous: Synchronous::Full,
            exclusive: false,
            migrating: Migrating::NewOnly,
            cache_bytes: 32 * 1024 * 1024,
            checkpoint_pages: 2_000,
            recent_seats: 65_536,
            // Two that read large things at once must not keep the others from a heartbeat.
            readers: 4,
            clock: Arc::new(SystemClock),
        }
    }

    /// The defaults for a server.
    #[must_use]
    pub fn exclusive(path: impl Into<PathBuf>) -> Self {
        Self { exclusive: true, migrating: Migrating::Always, ..Self::new(path) }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// A sentence that names the bound that is off.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.cache_bytes < CACHE_BYTES_MIN {
            return Err("cache_bytes must be at least 16777216 (16 MiB)");
        }
        if !(CHECKPOINT_PAGES_MIN..=CHECKPOINT_PAGES_MAX).contains(&self.checkpoint_pages) {
            return Err("checkpoint_pages must be from 1000 to 20000");
        }
        if self.recent_seats == 0 || self.recent_seats > RECENT_SEATS_MAX {
            return Err("recent_seats must be from 1 to 1000000");
        }
        if self.readers == 0 || self.readers > READERS_MAX {
            return Err("readers must be from 1 to 64");
        }
        Ok(())
    }
}
