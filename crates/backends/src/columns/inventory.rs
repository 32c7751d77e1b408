//! Who has a place.

use domain::place::Status;

use super::Damaged;

/// A status as its column.
pub(crate) fn status_code(status: Status) -> i64 {
    match status {
        Status::Free => 0,
        Status::Held => 1,
        Status::Sold => 2,
    }
}

/// A status from its column.
pub(crate) fn status(code: i64) -> Result<Status, Damaged> {
    match code {
        0 => Ok(Status::Free),
        1 => Ok(Status::Held),
        2 => Ok(Status::Sold),
        other => Err(Damaged::new(format!("seats.status is {other}"))),
    }
}
