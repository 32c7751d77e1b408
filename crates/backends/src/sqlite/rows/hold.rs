//! Holds.

use domain::id::{EventId, HoldId, OrderId, Surrogate};
use domain::inventory::Hold;
use domain::record::HoldRecord;
use domain::time::Timestamp;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::{hold as columns, serial};

/// The columns that [`record`] and [`claims`] read.
pub(in crate::sqlite) const COLUMNS: &str = "serial, salt, version, status, order_serial, order_salt, \
     buyer_surrogate, buyer, created_at, deadline, ended_at, lines, codes, reference, metadata, claims";

pub(in crate::sqlite) fn record(row: &Row<'_>, event: EventId) -> Result<HoldRecord, Failure> {
    let order = match (row.get::<_, Option<i64>>(4)?, row.get(5)?) {
        (Some(bits), Some(salt)) => Some(OrderId { event, serial: serial(bits), salt }),
        _ => None,
    };
    let codes = row.get_ref(12)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(HoldRecord {
        id: HoldId { event, serial: serial(row.get(0)?), salt: row.get(1)? },
        version: row.get(2)?,
        status: columns::status(row.get(3)?, order)?,
        buyer_surrogate: serial(row.get(6)?),
        buyer: row.get(7)?,
        created_at: Timestamp(row.get(8)?),
        deadline: Timestamp(row.get(9)?),
        ended_at: row.get::<_, Option<_>>(10)?.map(Timestamp),
        lines: columns::lines(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?)?,
        codes: columns::codes(codes)?,
        reference: row.get(13)?,
        metadata: row.get(14)?,
    })
}

pub(in crate::sqlite) fn claims(row: &Row<'_>) -> Result<Vec<(Surrogate, bool)>, Failure> {
    let text = row.get_ref(15)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(columns::claims(text)?)
}

/// A running hold as a desk keeps it.
pub(in crate::sqlite) fn running(row: &Row<'_>, event: EventId) -> Result<Hold, Failure> {
    let claims = claims(row)?;
    let HoldRecord { id, created_at, deadline, lines, buyer_surrogate, .. } = record(row, event)?;
    Ok(Hold { id, created_at, deadline, lines, buyer: buyer_surrogate, claims })
}
