//! Seats and area pools.

use domain::inventory::{AreaRow, Pool, SeatRow};
use domain::place::{AreaIndex, ChannelKey, SeatIndex, Status};
use rusqlite::Row;

use super::super::error::Failure;
use super::serial;

/// A status as its column.
pub(in crate::sqlite) fn status_code(status: Status) -> i64 {
    match status {
        Status::Free => 0,
        Status::Held => 1,
        Status::Sold => 2,
    }
}

fn status(code: i64) -> Result<Status, Failure> {
    match code {
        0 => Ok(Status::Free),
        1 => Ok(Status::Held),
        2 => Ok(Status::Sold),
        other => Err(Failure::damaged(format!("seats.status is {other}"))),
    }
}

/// The columns that [`seat`] reads.
pub(in crate::sqlite) const SEAT: &str = "seat, version, status, owner, channel";

pub(in crate::sqlite) fn seat(row: &Row<'_>) -> Result<SeatRow, Failure> {
    Ok(SeatRow {
        seat: SeatIndex(row.get(0)?),
        version: row.get(1)?,
        status: status(row.get(2)?)?,
        owner: serial(row.get(3)?),
        channel: row.get::<_, Option<_>>(4)?.map(ChannelKey),
    })
}

/// The columns that [`area`] reads.
pub(in crate::sqlite) const AREA: &str = "area, channel, units, held, sold";

pub(in crate::sqlite) fn area(row: &Row<'_>) -> Result<AreaRow, Failure> {
    let channel: std::sync::Arc<str> = row.get(1)?;
    Ok(AreaRow {
        area: AreaIndex(row.get(0)?),
        channel: (!channel.is_empty()).then_some(ChannelKey(channel)),
        pool: Pool { units: row.get(2)?, held: row.get(3)?, sold: row.get(4)? },
    })
}
