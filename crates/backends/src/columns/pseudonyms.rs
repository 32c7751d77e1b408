//! The pseudonyms that a commit gave: 22 bytes each, its position in the commit (2), the units that it began with (4), and
//! the digest that it is found by (16), most significant byte first.
//!
//! They are one value beside the commit's row and no rows of their own: most buyers buy once, and a row a buyer would be a
//! third of what a booking writes. What is counted under a pseudonym later is a row of `counters`.

use std::collections::HashMap;

use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{Seq, Serial, Surrogate};
use engine::store::CommitWrite;

use super::Damaged;
use crate::audit::StoredLimitKeys;

/// Bytes of one pseudonym.
const PSEUDONYM_BYTES: usize = 22;

/// Counters as a commit leaves them: new pseudonyms' with the pseudonyms, the others by themselves.
pub(crate) struct Counted {
    /// The column.
    pub(crate) pseudonyms: Vec<u8>,
    /// Pseudonyms that earlier commits gave, with the units that they have now.
    pub(crate) known: Vec<(Surrogate, u32)>,
}

/// Splits a commit's counters; `None` when it gives a pseudonym that is not its own, or counts under one of its own or of a
/// later commit that it did not give. Whether an older commit gave an older one is not looked up: the desk knows, and the
/// audit tells of a counter that stands alone.
pub(crate) fn split(write: &CommitWrite) -> Option<Counted> {
    let mut used: HashMap<Surrogate, u32> = write.used.iter().copied().collect();
    let mut pseudonyms = Vec::with_capacity(write.mappings.len() * PSEUDONYM_BYTES);
    for Mapping { surrogate, digest } in &write.mappings {
        if surrogate.seq() != write.after.seq {
            return None;
        }
        pseudonyms.extend_from_slice(&surrogate.position().to_be_bytes());
        pseudonyms.extend_from_slice(&used.remove(surrogate).unwrap_or(0).to_be_bytes());
        pseudonyms.extend_from_slice(&digest.0);
    }
    let known: Vec<_> = write.used.iter().filter(|(key, _)| used.contains_key(key)).copied().collect();
    known.iter().all(|(key, _)| key.seq() < write.after.seq).then_some(Counted { pseudonyms, known })
}

/// The pseudonyms of the commit `seq`, oldest first, each with the units that it began with.
pub(crate) fn unpack(seq: Seq, packed: &[u8]) -> Result<Vec<(Mapping, u32)>, Damaged> {
    let damaged = || Damaged::new(format!("the pseudonyms of commit {seq} cannot be read"));
    if !packed.len().is_multiple_of(PSEUDONYM_BYTES) {
        return Err(damaged());
    }
    let mut pseudonyms = Vec::with_capacity(packed.len() / PSEUDONYM_BYTES);
    for one in packed.chunks_exact(PSEUDONYM_BYTES) {
        let (position, rest) = one.split_first_chunk::<2>().ok_or_else(damaged)?;
        let (used, digest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let digest = Digest(*digest.first_chunk::<16>().ok_or_else(damaged)?);
        let surrogate = Serial::new(seq, u16::from_be_bytes(*position));
        pseudonyms.push((Mapping { surrogate, digest }, u32::from_be_bytes(*used)));
    }
    Ok(pseudonyms)
}

/// Puts later counts in the place of those that pseudonyms began with.
pub(crate) fn count_again(given: &mut [StoredLimitKeys], counted: &HashMap<Surrogate, u32>) {
    for (mapping, used) in given.iter_mut().flat_map(|commit| &mut commit.keys) {
        if let Some(now) = counted.get(&mapping.surrogate) {
            *used = *now;
        }
    }
}

/// What a desk begins with of them.
pub(crate) fn limits(given: Vec<StoredLimitKeys>) -> Vec<(Digest, Surrogate, u32)> {
    let keys = given.into_iter().flat_map(|commit| commit.keys);
    keys.map(|(Mapping { surrogate, digest }, used)| (digest, surrogate, used)).collect()
}

/// The pseudonyms of a commit without their units.
pub(crate) fn mappings(seq: Seq, packed: &[u8]) -> Result<Vec<Mapping>, Damaged> {
    Ok(unpack(seq, packed)?.into_iter().map(|(mapping, _)| mapping).collect())
}

#[cfg(test)]
mod tests {
    use domain::id::EventId;
    use domain::time::Timestamp;
    use engine::ledger::Position;

    use super::*;

    #[test]
    fn pseudonyms_survive_their_column_and_what_is_counted_later_stays_apart() {
        let before = Position { seq: Seq(6), ..Position::default() };
        let mut write = CommitWrite::of(EventId(1), before, Timestamp(0), Vec::new(), 1);
        let mapping =
            |position, byte| Mapping { surrogate: Serial::new(Seq(7), position), digest: Digest([byte; 16]) };
        write.mappings = vec![mapping(0, 1), mapping(300, 2)];
        let older = Serial::new(Seq(3), 9);
        write.used = vec![(older, 4), (Serial::new(Seq(7), 300), 70_000)];
        let Counted { pseudonyms, known } = split(&write).unwrap();
        assert_eq!(known, [(older, 4)]);
        assert_eq!(unpack(Seq(7), &pseudonyms).unwrap(), [(mapping(0, 1), 0), (mapping(300, 2), 70_000)]);
        assert!(unpack(Seq(7), &pseudonyms[1..]).is_err());
        write.used.push((Serial::new(Seq(7), 1), 1));
        assert!(split(&write).is_none(), "counted under a pseudonym of its own that it did not give");
        write.used.pop();
        write.mappings.push(Mapping { surrogate: older, digest: Digest([3; 16]) });
        assert!(split(&write).is_none(), "an older commit's pseudonym is given again");
        assert_eq!(unpack(Seq(7), &[]).unwrap(), []);
    }
}
