//! The digests of a commit, each with the serial of its reply: 24 bytes each, most significant byte first.

use domain::command::Digest;
use domain::id::Serial;

use super::Damaged;

/// Bytes of one digest with its serial.
const KEY_BYTES: usize = 24;

/// Digests with their serials as their column.
pub(crate) fn pack(keys: &[(Digest, Serial)]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(keys.len() * KEY_BYTES);
    for (digest, serial) in keys {
        packed.extend_from_slice(&digest.0);
        packed.extend_from_slice(&serial.0.to_be_bytes());
    }
    packed
}

/// Adds the keys of a column to a list.
pub(crate) fn unpack(packed: &[u8], keys: &mut Vec<(Digest, Serial)>) -> Result<(), Damaged> {
    let damaged = || Damaged::new("ledger.keys cannot be read");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_column() {
        let keys = vec![(Digest([7; 16]), Serial(3)), (Digest([9; 16]), Serial(u64::MAX >> 1))];
        let packed = pack(&keys);
        let mut read = Vec::new();
        unpack(&packed, &mut read).unwrap();
        assert_eq!(read, keys);
        assert!(unpack(&packed[1..], &mut read).is_err());
    }
}
