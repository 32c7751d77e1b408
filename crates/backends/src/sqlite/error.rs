//! What can go wrong, and what each of SQLite's own errors means to whoever asked.
//!
//! No text here, and none of SQLite's that ends up here, carries what an integrator or a buyer wrote: statements
//! bind all values, and contents that cannot be read are named by table and column only.

use std::io;
use std::path::PathBuf;

use engine::store::StoreError;
use rusqlite::ErrorCode;

use super::migrate::MigrationError;
use crate::columns::Damaged;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The options are out of bounds.
    #[error("the store's options are wrong: {0}")]
    Options(&'static str),
    /// Another server has it.
    #[error(
        "{} is in use by another server{}: stop that one first, or use another data directory",
        path.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The database.
        path: PathBuf,
        /// The process that has it, if it says so.
        pid: Option<u32>,
    },
    /// A file cannot be used.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite cannot open it.
    #[error("{} cannot be opened as a database", path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A disk lost pages that are in the log, and another process keeps the log from being read anew.
    #[error(
        "{0} was not flushed when its server ended, and another process has had it open since: end that one \
         (`fuser -v {0}`), and start again",
        path.display()
    )]
    LogInUse {
        /// The database.
        path: PathBuf,
    },
    /// A disk lost pages that were in the log, and the log is gone.
    #[error(
        "{0} was not flushed when its server ended, and another process has removed its log since: restore a backup, or \
         remove {1} once `flashtix audit` finds nothing",
        path.display(),
        mark.display()
    )]
    LogIsGone {
        /// The database.
        path: PathBuf,
        /// What says so.
        mark: PathBuf,
    },
    /// The schema cannot be brought up to date.
    #[error("the schema of {} does not fit", path.display())]
    Migration {
        /// The database.
        path: PathBuf,
        /// Why.
        source: MigrationError,
    },
    /// It would not be as durable as was asked for.
    #[error("{setting} was asked to be {wanted}, and reads back as {found}")]
    NotDurable {
        /// SQLite's setting.
        setting: &'static str,
        /// What was asked for.
        wanted: String,
        /// What SQLite says.
        found: String,
    },
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

/// Why a job on a connection failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What is stored cannot be understood.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// A unique value is taken.
    #[error("{0}")]
    Conflict(&'static str),
    /// A guard changed fewer rows than it must: which one.
    #[error("{0} is not as it was believed to be")]
    Stale(&'static str),
    /// A connection that was given up cannot be opened again.
    #[error("the database cannot be opened again: {0}")]
    Closed(String),
    /// Whoever decides panicked.
    #[error("a decision panicked")]
    Panicked,
}

impl Failure {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(Damaged::new(what))
    }

    /// Whether the row that was read cannot be understood, while the file is whole.
    pub(super) fn is_of_row(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Sqlite(error) => is_of_row(error),
            _ => false,
        }
    }

    /// Whether it is the fault of what was being done, and whatever else the database holds may be sound.
    pub(super) fn is_of_part(&self) -> bool {
        match self {
            Self::Panicked => true,
            Self::Sqlite(error) if code(error) == Some(ErrorCode::DatabaseCorrupt) => true,
            _ => self.is_of_row(),
        }
    }

    /// Whether a constraint of the schema said no.
    pub(super) fn is_constraint(&self) -> bool {
        matches!(self, Self::Sqlite(error) if code(error) == Some(ErrorCode::ConstraintViolation))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sqlite(error) => of_sqlite(&error),
            Failure::Damaged(damaged) => damaged.into(),
            Failure::Conflict(what) => Self::Conflict(what),
            Failure::Stale(_) | Failure::Closed(_) | Failure::Panicked => {
                Self::Unavailable(failure.to_string())
            }
        }
    }
}

/// SQLite's code of an error.
pub(super) fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqliteFailure(error, _) => Some(error.code),
        _ => None,
    }
}

fn of_sqlite(error: &rusqlite::Error) -> StoreError {
    if is_of_row(error) || matches!(code(error), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) {
        StoreError::Damaged(error.to_string())
    } else {
        StoreError::Unavailable(error.to_string())
    }
}

fn is_of_row(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// Whether an error of COMMIT leaves no doubt that nothing was committed.
///
/// A full disk, a read-only file and a lock stop the log before its commit mark is whole. Any other error, an I/O
/// error above all, may come after the mark was written.
pub(super) fn is_certain(error: &rusqlite::Error) -> bool {
    matches!(
        code(error),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ConstraintViolation
        )
    )
}
