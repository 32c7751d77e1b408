//! The lock file: one server at a time.
//!
//! SQLite would let two servers write in turns, and both would be right; but each would keep reading what the other
//! did, at half the speed. Commands take no lock: they write rarely and briefly.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::TryLockError;

use super::error::OpenError;

/// A held lock file. The operating system gives it back, whatever ends the process.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
}

/// The lock file of a database.
pub(super) fn path_of(database: &Path) -> PathBuf {
    with_suffix(database, ".lock")
}

/// The name of a file beside a database.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl LockFile {
    /// Takes the lock of a database.
    pub(super) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = path_of(database);
        let unusable = |source| OpenError::File { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(unusable)?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = read_pid(&mut file);
                return Err(OpenError::Locked { path: database.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        // The number only helps whoever reads the error; the lock is the operating system's.
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()))
            .map_err(unusable)?;
        Ok(Self { file })
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // The file stays: removing it would let a third server lock a file that the second no longer sees.
        drop(self.file.set_len(0));
        // Closing it is not enough: a process that is just being started has a copy until it becomes another program.
        if let Err(error) = fs4::FileExt::unlock(&self.file) {
            tracing::warn!(%error, "the lock file could not be unlocked; closing it is left");
        }
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_with_its_owner_though_a_copy_of_the_file_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("flashtix.db");
        let lock = LockFile::take(&database).unwrap();
        let _copy = lock.file.try_clone().unwrap();
        let refused = LockFile::take(&database).unwrap_err();
        assert!(matches!(refused, OpenError::Locked { pid, .. } if pid == Some(std::process::id())));
        drop(lock);
        drop(LockFile::take(&database).unwrap());
    }
}
