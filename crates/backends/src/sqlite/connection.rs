//! Connections, and what is read back from them.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::options::{
    BUSY_TIMEOUT, CHECKPOINT_PAGES_MAX, READER_CACHE_BYTES, STATEMENTS_KEPT, SqliteOptions,
};

/// Bytes of a page of a new database.
const PAGE_BYTES: i64 = 4_096;

/// How durable commits are, as SQLite itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    /// `wal`.
    pub journal_mode: String,
    /// `full`, unless another mode was asked for by name.
    pub synchronous: &'static str,
    /// SQLite's version.
    pub sqlite_version: String,
    /// Bytes of a page.
    pub page_bytes: i64,
}

impl std::fmt::Display for Durability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { journal_mode, synchronous, sqlite_version, .. } = self;
        write!(f, "SQLite {sqlite_version}, journal_mode={journal_mode}, synchronous={synchronous}")
    }
}

/// Opens the one connection that writes, sets it up, and reads back what durability depends on.
pub(super) fn open_writer(options: &SqliteOptions) -> Result<(Connection, Durability), OpenError> {
    let path = &options.path;
    let unusable = |source| OpenError::Database { path: path.clone(), source };
    create_private(path)?;
    let connection = open_existing(path).map_err(unusable)?;
    set_up_writer(&connection, options).map_err(unusable)?;
    let durability = read_back(&connection).map_err(unusable)?;
    let (wanted, _) = options.synchronous.pragma();
    if durability.journal_mode != "wal" {
        let (wanted, found) = ("wal".to_owned(), durability.journal_mode);
        return Err(OpenError::NotDurable { setting: "journal_mode", wanted, found });
    }
    if !durability.synchronous.eq_ignore_ascii_case(wanted) {
        let (wanted, found) = (wanted.to_owned(), durability.synchronous.to_owned());
        return Err(OpenError::NotDurable { setting: "synchronous", wanted, found });
    }
    Ok((connection, durability))
}

/// Opens a database that is there, as it is, to write.
pub(super) fn open_existing(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

fn set_up_writer(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    keep_plans(connection)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", options.synchronous.pragma().0)?;
    connection.pragma_update(None, "cache_size", -kibibytes(options.cache_bytes))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "secure_delete", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // The log is emptied by its own thread, and by the writer after the batch that filled it was answered.
    connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
    // A log that grew while a backup read the database shrinks again when it is empty.
    let log_bytes = i64::from(CHECKPOINT_PAGES_MAX) * PAGE_BYTES * 2;
    connection.query_row(&format!("PRAGMA journal_size_limit = {log_bytes}"), [], |_| Ok(()))
}

/// Opens a connection that moves the log into the database, and does nothing else.
pub(super) fn open_mover(options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let connection = open_existing(&options.path)?;
    connection.pragma_update(None, "synchronous", options.synchronous.pragma().0)?;
    Ok(connection)
}

/// What to do with the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    /// Only look at it. Waits for nobody.
    Look,
    /// Move what no reader is in the way of.
    Move,
    /// Move all of it, and cut it.
    Empty,
}

/// The log: frames in it, and how many of them are in the database already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LogState {
    pub(super) frames: i64,
    pub(super) moved: i64,
}

/// Runs a checkpoint. `None` when somebody else is running one.
pub(super) fn checkpoint(connection: &Connection, how: How) -> rusqlite::Result<Option<LogState>> {
    let pragma = match how {
        How::Look => "PRAGMA wal_checkpoint(NOOP)",
        How::Move => "PRAGMA wal_checkpoint(PASSIVE)",
        How::Empty => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    let mut statement = connection.prepare_cached(pragma)?;
    statement.query_row([], |row| {
        let is_busy: bool = row.get(0)?;
        Ok((!is_busy).then_some(LogState { frames: row.get(1)?, moved: row.get(2)? }))
    })
}

fn read_back(connection: &Connection) -> rusqlite::Result<Durability> {
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    Ok(Durability {
        journal_mode: connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
        synchronous: match synchronous {
            0 => "off",
            1 => "normal",
            2 => "full",
            _ => "extra",
        },
        sqlite_version: rusqlite::version().to_owned(),
        page_bytes: connection.pragma_query_value(None, "page_size", |row| row.get(0))?,
    })
}

/// Opens a connection that can only read.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "query_only", true)?;
    keep_plans(&connection)?;
    connection.pragma_update(None, "cache_size", -kibibytes(READER_CACHE_BYTES))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Otherwise a statement over a partial index is planned anew for every value that is bound to it: the planner looks
/// whether the value lets it use the index.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn kibibytes(bytes: u64) -> i64 {
    i64::try_from(bytes / 1024).unwrap_or(i64::MAX)
}

/// Makes a new database readable by its owner only: it holds the installation's secret. SQLite gives its log the
/// same mode. One that is there is not touched: closing it would end every lock that this process has on it, and whoever
/// closes it next with an older SQLite, which goes by those, would take the log away from under a server.
fn create_private(path: &Path) -> Result<(), OpenError> {
    if path.exists() {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    drop(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_over_a_partial_index_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plans.db");
        let (writer, _) = open_writer(&SqliteOptions::exclusive(&path)).unwrap();
        writer
            .execute_batch(
                "CREATE TABLE orders (event INTEGER NOT NULL, serial INTEGER NOT NULL, paid TEXT); \
                 CREATE INDEX by_event ON orders (event, serial) WHERE serial > 0; \
                 CREATE INDEX by_paid ON orders (paid) WHERE paid IS NOT NULL",
            )
            .unwrap();
        for connection in [&writer, &open_reader(&path).unwrap()] {
            let sql = "SELECT event FROM orders WHERE event = ?1 AND serial BETWEEN ?2 AND ?3 AND paid = ?4";
            let mut statement = connection.prepare(sql).unwrap();
            for at in 0..5 {
                let found = statement.query((at, at, at + 1, "p")).unwrap().next().unwrap().is_some();
                assert!(!found);
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
