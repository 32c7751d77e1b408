//! Copies of a database that is in use.
//!
//! One read transaction and one pass: a backup in steps starts over whenever somebody writes, and under load never
//! ends. While it runs the log grows instead of being emptied; it shrinks again afterwards.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::SqliteStore;
use super::connection::{How, checkpoint, open_existing, open_reader};
use super::error::OpenError;
use super::lock::{LockFile, with_suffix};

/// Why there is no copy. What was at the destination before is there still.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file already, and nobody said to replace it.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The database cannot be read, or the copy not written.
    #[error("the database could not be copied")]
    Copy(#[source] rusqlite::Error),
    /// A file cannot be used.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The thread that copies ended.
    #[error("the copy was interrupted")]
    Interrupted,
}

impl SqliteStore {
    /// Copies the database to a file, whole and as of one commit, while it is in use.
    ///
    /// The file appears under its name only when it is complete and on the disk. `replace` lets it take the place
    /// of another.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub async fn backup(&self, destination: impl Into<PathBuf>, replace: bool) -> Result<(), BackupError> {
        let (path, destination) = (self.path.clone(), destination.into());
        // A thread of its own: the readers have better things to do for the next minute.
        let (sender, done) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("sqlite-backup".to_owned())
            .spawn(move || drop(sender.send(backup_file(&path, &destination, replace))))
            .map_err(|source| BackupError::File { path: self.path.clone(), source })?;
        done.await.unwrap_or(Err(BackupError::Interrupted))
    }
}

/// The same for any process, whether or not a server has the database open. Blocks until it is done.
///
/// # Errors
/// See [`BackupError`].
pub fn backup_file(database: &Path, destination: &Path, replace: bool) -> Result<(), BackupError> {
    let exists = || destination.try_exists().map_err(|source| of_file(destination, source));
    if !replace && exists()? {
        return Err(BackupError::Exists(destination.to_owned()));
    }
    let unfinished = unfinished_name(destination);
    let copied = copy(database, &unfinished).and_then(|()| {
        // Looked at again: somebody may have put a file there while the copy was made.
        if !replace && exists()? {
            return Err(BackupError::Exists(destination.to_owned()));
        }
        std::fs::rename(&unfinished, destination).map_err(|source| of_file(destination, source))?;
        flush_folder(destination)
    });
    if copied.is_err() {
        // Best effort: what matters is the error that is returned.
        drop(std::fs::remove_file(&unfinished));
    }
    copied
}

/// Moves everything that is in a database's log to the database.
pub(super) fn empty_log(database: &Path) -> rusqlite::Result<()> {
    checkpoint(&open_existing(database)?, How::Empty).map(drop)
}

/// Rewrites a database that no server has open, so that nothing that was deleted or overwritten is left in its files;
/// returns its size in bytes. Blocks until it is done, and needs as much room as the database takes.
///
/// # Errors
/// A server has it open, or it cannot be rewritten.
pub fn compact_file(database: &Path) -> Result<u64, OpenError> {
    let lock = LockFile::take(database)?;
    let failed = |source| OpenError::Database { path: database.to_owned(), source };
    let connection = open_existing(database).map_err(failed)?;
    connection.execute_batch("VACUUM").map_err(failed)?;
    drop(connection);
    // What the log held is in the database now, or nowhere.
    empty_log(database).map_err(failed)?;
    drop(lock);
    let of_file = |source| OpenError::File { path: database.to_owned(), source };
    Ok(std::fs::metadata(database).map_err(of_file)?.len())
}

pub(super) fn of_file(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}

/// A name beside the destination, so that the rename cannot cross file systems.
pub(super) fn unfinished_name(destination: &Path) -> PathBuf {
    with_suffix(destination, &format!(".{}-{:08x}.unfinished", std::process::id(), rand::random::<u32>()))
}

pub(super) fn copy(database: &Path, unfinished: &Path) -> Result<(), BackupError> {
    let source = open_reader(database).map_err(BackupError::Copy)?;
    create_private(unfinished)?;
    let name = unfinished.to_str().ok_or_else(|| {
        let reason = io::Error::new(io::ErrorKind::InvalidFilename, "the name is not UTF-8");
        of_file(unfinished, reason)
    })?;
    source.pragma_update(None, "query_only", false).map_err(BackupError::Copy)?;
    source.execute("VACUUM INTO ?1", [name]).map_err(BackupError::Copy)?;
    flush(unfinished)
}

/// Waits until a file, or a folder's list of names, is on the disk.
pub(super) fn flush(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|source| of_file(path, source))
}

/// The copy holds the installation's secret, as the database does. SQLite fills an empty file.
fn create_private(path: &Path) -> Result<(), BackupError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| of_file(path, source))
}

/// Without this, a loss of power could take the new name away again.
pub(super) fn flush_folder(destination: &Path) -> Result<(), BackupError> {
    let folder = match destination.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    #[cfg(unix)]
    flush(folder)?;
    Ok(())
}
