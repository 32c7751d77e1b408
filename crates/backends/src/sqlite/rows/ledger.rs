//! Rows of the ledger.

use bytes::Bytes;
use domain::id::Seq;
use domain::time::Timestamp;
use engine::ledger::Head;
use engine::store::LedgerRow;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::compact::expand;
use crate::columns::{keys, pseudonyms, unsigned};

/// The columns that [`row`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "seq, at, hash, payload, keys, pseudonyms";

/// Replies of an event's (?1) commits after one (?2), oldest first.
pub(in crate::sqlite) const REPLIES_AFTER: &str = "ledger CROSS JOIN replies ON replies.position = ledger.position \
     WHERE ledger.event = ?1 AND ledger.seq > ?2 \
         AND ledger.position >= (SELECT min(position) FROM replies) ORDER BY ledger.seq";

pub(in crate::sqlite) fn row(row: &Row<'_>) -> Result<LedgerRow, Failure> {
    let mut keys = Vec::new();
    keys::unpack(row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?, &mut keys)?;
    let seq = Seq(unsigned(row.get(0)?));
    let blob =
        |at| -> Result<&[u8], Failure> { Ok(row.get_ref(at)?.as_blob().map_err(rusqlite::Error::from)?) };
    Ok(LedgerRow {
        seq,
        at: Timestamp(row.get(1)?),
        head: Head(row.get(2)?),
        payload: Bytes::from(expand(blob(3)?, "ledger.payload")?.into_owned()),
        keys,
        mappings: pseudonyms::mappings(seq, blob(5)?)?,
    })
}
