//! Orders.

use domain::id::{EventId, HoldId, OrderId, Seq, Serial};
use domain::money::Amount;
use domain::record::OrderRecord;
use domain::time::Timestamp;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::{order as columns, serial, unsigned};

/// The columns that [`record`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "serial, salt, version, last_seq, buyer, buyer_surrogate, amount, \
     amount_cancelled, created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata, \
     changes, tickets";

/// The orders of an event's commits, oldest first; `ledger.event` and `ledger.seq` tell of which.
pub(in crate::sqlite) const BY_COMMIT: &str = "ledger CROSS JOIN orders \
     ON orders.number BETWEEN ledger.position << 16 AND (ledger.position << 16) | 65535 \
     AND orders.event = ledger.event";

/// The number of the order that an event (?1) knows by a serial (?2).
pub(in crate::sqlite) const NUMBER: &str =
    "(SELECT (position << 16) | (?2 & 65535) FROM ledger WHERE event = ?1 AND seq = ?2 >> 16)";

/// The query for the order that an event (?1) knows by a serial (?2): by its number, and not among all that its commit made.
pub(in crate::sqlite) fn by_serial() -> String {
    format!("SELECT {COLUMNS} FROM orders WHERE number = {NUMBER}")
}

/// The query for so many (?4) orders of an event (?1), from one serial (?2) to another (?3), oldest first.
pub(in crate::sqlite) fn by_serials() -> String {
    format!(
        "SELECT {COLUMNS} FROM {BY_COMMIT} WHERE ledger.event = ?1 AND ledger.seq BETWEEN ?2 >> 16 AND ?3 >> 16 \
         AND serial BETWEEN ?2 AND ?3 ORDER BY ledger.seq, orders.number LIMIT ?4"
    )
}

/// The number of an order that the commit at a position made.
pub(in crate::sqlite) fn number(position: i64, serial: Serial) -> i64 {
    (position << 16) | i64::from(serial.position())
}

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
