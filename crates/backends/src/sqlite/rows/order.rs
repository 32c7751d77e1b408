//! Orders.

use domain::id::{EventId, HoldId, OrderId, Seq};
use domain::money::Amount;
use domain::record::OrderRecord;
use domain::time::Timestamp;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::{order as columns, serial, unsigned};

/// The columns that [`record`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "serial, salt, version, seq, buyer, buyer_surrogate, amount, \
     amount_cancelled, created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata, \
     changes, tickets";

pub(in crate::sqlite) fn record(row: &Row<'_>, event: EventId) -> Result<OrderRecord, Failure> {
    let buyer_surrogate = serial(row.get(5)?);
    let hold = match (row.get::<_, Option<i64>>(9)?, row.get(10)?) {
        (Some(bits), Some(salt)) => Some(HoldId { event, serial: serial(bits), salt }),
        _ => None,
    };
    let claims = row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let changes = row.get_ref(15)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(OrderRecord {
        id: OrderId { event, serial: serial(row.get(0)?), salt: row.get(1)? },
        version: row.get(2)?,
        seq: Seq(unsigned(row.get(3)?)),
        buyer: row.get(4)?,
        buyer_surrogate,
        amount: Amount(row.get(6)?),
        amount_cancelled: Amount(row.get(7)?),
        created_at: Timestamp(row.get(8)?),
        hold,
        claims: columns::claims(claims, buyer_surrogate)?,
        payment_ref: row.get(12)?,
        reference: row.get(13)?,
        metadata: row.get(14)?,
        tickets: columns::tickets(row.get_ref(16)?.as_str().map_err(rusqlite::Error::from)?)?,
        changes: columns::changes(changes)?,
    })
}
