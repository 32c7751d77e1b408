//! Rows of the ledger.

use bytes::Bytes;
use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::Seq;
use domain::time::Timestamp;
use engine::ledger::Head;
use engine::store::LedgerRow;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::{keys, serial, unsigned};

/// The columns that [`row`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "seq, at, hash, payload, keys";

/// A row without the pseudonyms that it gave.
pub(in crate::sqlite) fn row(row: &Row<'_>) -> Result<LedgerRow, Failure> {
    let mut keys = Vec::new();
    keys::unpack(row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?, &mut keys)?;
    Ok(LedgerRow {
        seq: Seq(unsigned(row.get(0)?)),
        at: Timestamp(row.get(1)?),
        head: Head(row.get(2)?),
        payload: Bytes::from(row.get::<_, Vec<u8>>(3)?),
        keys,
        mappings: Vec::new(),
    })
}

/// The columns that [`mapping`] reads.
pub(in crate::sqlite) const MAPPING: &str = "surrogate, digest, text";

pub(in crate::sqlite) fn mapping(row: &Row<'_>) -> Result<Mapping, Failure> {
    Ok(Mapping { surrogate: serial(row.get(0)?), digest: Digest(row.get(1)?), text: row.get(2)? })
}
