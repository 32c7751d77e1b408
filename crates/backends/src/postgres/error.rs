//! What can go wrong, and what each of PostgreSQL's own errors means to whoever asked.
//!
//! No text here carries what an integrator or a buyer wrote: of the server's errors only the code and the message are
//! kept, never the detail, which quotes values.

use deadpool_postgres::PoolError;
use domain::id::EventId;
use engine::fleet::NewerSchema;
use engine::store::StoreError;
use tokio_postgres::error::{Severity, SqlState};

use crate::columns::Damaged;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The options are out of bounds.
    #[error("the store's options are wrong: {0}")]
    Options(String),
    /// The URL cannot be understood.
    #[error("the database URL cannot be understood: {0}")]
    Url(String),
    /// Certificates cannot be used.
    #[error("the certificates cannot be used: {0}")]
    Certificates(String),
    /// No connection.
    #[error("no connection to {hosts}: {reason}")]
    Connect {
        /// Whom it was tried with.
        hosts: String,
        /// Why.
        reason: String,
    },
    /// The server is too old.
    #[error("the server is PostgreSQL {found}; FlashTix needs 15 or newer")]
    TooOld {
        /// What it says it is.
        found: String,
    },
    /// It would not be as durable as it must be.
    #[error(
        "{setting} is {found} on the server, so that commits could be lost: set it to on, or say --allow-unsafe-durability"
    )]
    NotDurable {
        /// The server's setting.
        setting: &'static str,
        /// What it is.
        found: String,
    },
    /// The schema cannot be brought up to date.
    #[error("the schema does not fit")]
    Migration(#[from] super::migrate::MigrationError),
    /// The database cannot be read or written as it must be.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
}

/// Why something asked of the database failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{}", told(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection could be had.
    #[error("{0}")]
    NoConnection(String),
    /// What is stored cannot be understood.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// A unique value is taken.
    #[error("{0}")]
    Conflict(&'static str),
    /// A transaction ended without it being told how.
    #[error("{0}")]
    Unknown(String),
    /// Somebody migrated the schema past this binary.
    #[error(transparent)]
    NewerSchema(NewerSchema),
    /// The part of one event cannot be decided: what it needs cannot be read, or whoever decides panicked.
    #[error("the part of event {0} cannot be decided: {1}")]
    Undecidable(EventId, StoreError),
}

impl Failure {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(Damaged::new(what))
    }

    /// The same, if what is stored is damaged, as the fault of what was done for this event.
    pub(super) fn of(self, event: EventId) -> Self {
        if self.is_damage() { Self::Undecidable(event, self.into()) } else { self }
    }

    /// Whether what is stored cannot be read: waiting does not help.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Postgres(error) => is_damage(error),
            _ => false,
        }
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Postgres(error),
            other => Self::NoConnection(format!("no connection of the pool: {other}")),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Damaged(damaged) => damaged.into(),
            Failure::Conflict(what) => Self::Conflict(what),
            Failure::Unknown(reason) => Self::Unknown(reason),
            Failure::NewerSchema(newer) => Self::NewerSchema(newer),
            Failure::Postgres(error) if is_damage(&error) => Self::Damaged(told(&error)),
            Failure::Undecidable(_, error) => error,
            Failure::Postgres(_) | Failure::NoConnection(_) => Self::Unavailable(failure.to_string()),
        }
    }
}

/// An error in words: the server's code and message, or what happened to the connection.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} {}: {}", db.severity(), db.code().code(), db.message()),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

/// Whether the server itself cannot read what it stores.
pub(super) fn is_damage(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED)
}

/// Whether the server ended the whole session, so that what it had answered before says nothing of what it did.
pub(super) fn is_fatal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().map(|db| db.parsed_severity());
    !matches!(severity, None | Some(Some(Severity::Error)))
}

/// Whether a statement found another state than the desk's: a guard's count was short, or a unique value was there.
pub(super) fn is_guard(error: &tokio_postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(code) if *code == SqlState::DIVISION_BY_ZERO
            || *code == SqlState::UNIQUE_VIOLATION
            || *code == SqlState::CHECK_VIOLATION
    )
}
