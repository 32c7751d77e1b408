//! Puts a backup in the place of a database.
//!
//! The copy is made and checked beside the database that it replaces, and takes its name in the last step. The old database
//! is kept under another one.

use std::io;
use std::path::{Path, PathBuf};

use super::backup::{BackupError, copy, empty_log, flush, flush_folder, of_file, unfinished_name};
use super::connection::open_reader;
use super::error::OpenError;
use super::flush::MARK_SUFFIX;
use super::lock::{LockFile, with_suffix};
use super::migrate::APPLICATION_ID;

/// A copy that is about to take the place of a database which no server has open. Dropping it leaves the database as it is.
#[derive(Debug)]
pub struct Restoring {
    destination: PathBuf,
    unfinished: PathBuf,
    _lock: LockFile,
}

impl Restoring {
    /// Copies a backup, checked whole, to a file beside the database that it shall replace. Blocks until it is done.
    ///
    /// # Errors
    /// A server has the database open; it is there, and nobody said to replace it; the backup is none, or damaged.
    pub fn begin(backup: &Path, destination: &Path, replace: bool) -> Result<Self, RestoreError> {
        let lock = LockFile::take(destination)?;
        if !replace && destination.try_exists().map_err(|source| of_file(destination, source))? {
            return Err(BackupError::Exists(destination.to_owned()).into());
        }
        let unfinished = unfinished_name(destination);
        // From here on it is removed when it comes to nothing.
        let restoring = Self { destination: destination.to_owned(), unfinished, _lock: lock };
        copy(backup, &restoring.unfinished)?;
        let connection = open_reader(&restoring.unfinished).map_err(BackupError::Copy)?;
        let id = connection.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0));
        if id.map_err(BackupError::Copy)? != APPLICATION_ID {
            return Err(RestoreError::Foreign(backup.to_owned()));
        }
        let finding = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        let finding = finding.map_err(BackupError::Copy)?;
        if finding != "ok" {
            return Err(RestoreError::Damaged { path: backup.to_owned(), finding });
        }
        Ok(restoring)
    }

    /// The copy, for whoever has something to change in it before it is put in place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.unfinished
    }

    /// Puts the copy in place; returns where the database is now that was there before. Nobody may have the copy open.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn finish(self) -> Result<Option<PathBuf>, RestoreError> {
        empty_log(&self.unfinished).map_err(BackupError::Copy)?;
        flush(&self.unfinished)?;
        let replaced = set_aside(&self.destination)?;
        std::fs::rename(&self.unfinished, &self.destination)
            .map_err(|source| of_file(&self.destination, source))?;
        flush_folder(&self.destination)?;
        Ok(replaced)
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        // Best effort, and nothing to do once it was put in place.
        for suffix in ["", "-wal", "-shm", ".lock"] {
            drop(std::fs::remove_file(with_suffix(&self.unfinished, suffix)));
        }
    }
}

/// Why a backup did not take a database's place, which is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database cannot be taken, as a rule because a server has it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backup cannot be copied, or there is a database already.
    #[error(transparent)]
    Copy(#[from] BackupError),
    /// It is a database, but none of FlashTix.
    #[error("{} is no backup of a FlashTix store", .0.display())]
    Foreign(PathBuf),
    /// It contradicts itself.
    #[error("{} is damaged: {finding}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What SQLite found first.
        finding: String,
    },
}

/// Gives a database another name beside its own, if there is one: whoever looks meanwhile finds a store, and never none.
fn set_aside(database: &Path) -> Result<Option<PathBuf>, BackupError> {
    if !database.try_exists().map_err(|source| of_file(database, source))? {
        return Ok(None);
    }
    // What is in its log belongs to it; a database that is too broken for this is set aside with its log.
    drop(empty_log(database));
    let aside = with_suffix(database, &format!(".replaced-{:08x}", rand::random::<u32>()));
    // The log goes: a new database must never find an old one's.
    for suffix in ["-wal", "-shm", MARK_SUFFIX] {
        let (from, to) = (with_suffix(database, suffix), with_suffix(&aside, suffix));
        match std::fs::rename(&from, to) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(of_file(&from, source)),
            _ => {}
        }
    }
    // Where files cannot have two names, the old one is moved.
    std::fs::hard_link(database, &aside)
        .or_else(|_| std::fs::rename(database, &aside))
        .map_err(|source| of_file(database, source))?;
    Ok(Some(aside))
}
