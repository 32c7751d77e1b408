//! Rows of the ledger.

use bytes::Bytes;
use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{Seq, Serial};
use domain::time::Timestamp;
use engine::ledger::Head;
use engine::store::LedgerRow;
use rusqlite::Row;

use super::super::error::Failure;
use super::{serial, unsigned};

/// Bytes of one digest with its serial.
const KEY_BYTES: usize = 24;

/// Digests with their serials as their column.
pub(in crate::sqlite) fn pack_keys(keys: &[(Digest, Serial)]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(keys.len() * KEY_BYTES);
    for (digest, serial) in keys {
        packed.extend_from_slice(&digest.0);
        packed.extend_from_slice(&serial.0.to_be_bytes());
    }
    packed
}

/// Adds the keys of a column to a list.
pub(in crate::sqlite) fn unpack_keys(packed: &[u8], keys: &mut Vec<(Digest, Serial)>) -> Result<(), Failure> {
    let damaged = || Failure::damaged("ledger.keys cannot be read");
    if !packed.len().is_multiple_of(KEY_BYTES) {
        return Err(damaged());
    }
    for key in packed.chunks_exact(KEY_BYTES) {
        let (digest, rest) = key.split_first_chunk::<16>().ok_or_else(damaged)?;
        let bits = rest.first_chunk::<8>().ok_or_else(damaged)?;
        keys.push((Digest(*digest), Serial(u64::from_be_bytes(*bits))));
    }
    Ok(())
}

/// The columns that [`row`] reads.
pub(in crate::sqlite) const COLUMNS: &str = "seq, at, hash, payload, keys";

/// A row without the pseudonyms that it gave.
pub(in crate::sqlite) fn row(row: &Row<'_>) -> Result<LedgerRow, Failure> {
    let mut keys = Vec::new();
    unpack_keys(row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?, &mut keys)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_column() {
        let keys = vec![(Digest([7; 16]), Serial(3)), (Digest([9; 16]), Serial(u64::MAX >> 1))];
        let packed = pack_keys(&keys);
        let mut read = Vec::new();
        unpack_keys(&packed, &mut read).unwrap();
        assert_eq!(read, keys);
        assert!(unpack_keys(&packed[1..], &mut read).is_err());
    }
}
