//! Seats and area pools.

use domain::inventory::{AreaRow, Pool, SeatRow};
use domain::place::{AreaIndex, ChannelKey, SeatIndex};
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::inventory::status;
use crate::columns::serial;

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
