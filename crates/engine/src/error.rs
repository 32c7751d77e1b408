//! Why a request did not succeed.

use std::time::Duration;

use domain::rejection::Rejection;

use crate::fleet::NewerSchema;

/// Why a request did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An expected no; nothing was changed.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too much is waiting; nothing was changed.
    #[error("too many requests are waiting")]
    Overloaded {
        /// When trying again may help.
        retry_after: Duration,
    },
    /// The store cannot be written or read at the moment; nothing was changed.
    #[error("the store is unavailable")]
    Unavailable,
    /// The store did not say whether it committed.
    #[error("the outcome is unknown")]
    OutcomeUnknown {
        /// The identifier that the hold or order has if it happened.
        id: Option<String>,
    },
    /// The store was migrated past this process; nothing was changed, and another node may do it.
    #[error(transparent)]
    NewerSchema(NewerSchema),
    /// The process is stopping; nothing was changed.
    #[error("the server is shutting down")]
    ShuttingDown,
}
