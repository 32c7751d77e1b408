//! Flushing the database file, past SQLite, and what is done when that fails.
//!
//! Linux forgets pages that it could not write, and tells every open file of it once. SQLite counts such pages as moved:
//! nothing in this process would write them again, and the log that has them would be started over. So the process
//! ends at once. Who opens the database next, alone, reads all of the log anew and moves all of it; a file beside the
//! database says that it must have been so.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::{How, checkpoint};
use super::error::OpenError;
use super::lock::with_suffix;
use super::options::{SqliteOptions, Synchronous};

/// What the mark is called, after the database.
pub(super) const MARK_SUFFIX: &str = ".unflushed";

/// The database file of a store. Closing any copy of such a file ends every lock that this process has on the
/// database, so this one must be closed after all connections of its store.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    file: File,
    is_flushed: bool,
    mark: PathBuf,
}

impl DatabaseFile {
    pub(super) fn open(options: &SqliteOptions) -> Result<Self, OpenError> {
        let path = &options.path;
        let file = File::options().read(true).write(true).open(path);
        let file = file.map_err(|source| OpenError::File { path: path.clone(), source })?;
        let is_flushed = options.synchronous != Synchronous::Off;
        Ok(Self { file, is_flushed, mark: with_suffix(path, MARK_SUFFIX) })
    }

    /// Waits until the disk has what was moved. Ends the process if it cannot have it.
    pub(super) fn flush(&self) {
        if self.is_flushed
            && let Err(error) = self.file.sync_data()
        {
            tracing::error!(%error, "the database could not be flushed: ending at once, so that the log is read again");
            let marked = File::create(&self.mark).and_then(|file| file.sync_all());
            if let Err(error) = marked {
                tracing::error!(%error, "nor can it be marked: end every other process that has it open");
            }
            std::process::abort();
        }
    }
}

/// Sees to it that a log which was not wholly flushed is wholly moved: refuses a database that is marked unless its log
/// was read anew, as it is by whoever is alone when opening it.
pub(super) fn take_up(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mark = with_suffix(path, MARK_SUFFIX);
    if !mark.exists() {
        return Ok(());
    }
    let log = checkpoint(connection, How::Look)
        .map_err(|source| OpenError::Database { path: path.to_owned(), source })?
        .unwrap_or_default();
    if log.frames <= 0 {
        return Err(OpenError::LogIsGone { path: path.to_owned(), mark });
    }
    if log.moved > 0 {
        return Err(OpenError::LogInUse { path: path.to_owned() });
    }
    std::fs::remove_file(&mark).map_err(|source| OpenError::File { path: mark, source })?;
    tracing::warn!(
        frames = log.frames,
        "the log of a server that could not flush its database is moved again"
    );
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A database file that cannot be flushed, and says so: a device.
    pub(in crate::sqlite) fn unflushable(options: &SqliteOptions) -> DatabaseFile {
        DatabaseFile { file: File::open("/dev/null").unwrap(), ..DatabaseFile::open(options).unwrap() }
    }

    #[test]
    fn who_asks_for_no_flushes_gets_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flashtix.db");
        std::fs::write(&path, "").unwrap();
        let options = SqliteOptions { synchronous: Synchronous::Off, ..SqliteOptions::new(&path) };
        unflushable(&options).flush();
        assert!(!with_suffix(&path, MARK_SUFFIX).exists());
    }
}
