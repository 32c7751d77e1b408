//! The seats that a commit changed, as it left them: for each its number (4 bytes), its version (4), its owner (8), its
//! status (1), and its channel's length (2) and text, which has none for the public's. Numbers have their most significant
//! byte first.

use std::str;

use domain::id::Serial;
use domain::inventory::SeatRow;
use domain::place::{ChannelKey, SeatIndex};

use super::Damaged;
use super::inventory::{status, status_code};

/// Bytes of one seat without its channel's text.
const SEAT_BYTES: usize = 19;

/// Seats as their column; `None` for a channel whose name is longer than any may be.
pub(crate) fn pack<'a>(rows: impl ExactSizeIterator<Item = &'a SeatRow>) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(rows.len() * SEAT_BYTES);
    for SeatRow { seat, version, status, owner, channel } in rows {
        let channel = channel.as_ref().map_or("", |ChannelKey(name)| &**name);
        packed.extend_from_slice(&seat.0.to_be_bytes());
        packed.extend_from_slice(&version.to_be_bytes());
        packed.extend_from_slice(&owner.0.to_be_bytes());
        packed.push(u8::try_from(status_code(*status)).ok()?);
        packed.extend_from_slice(&u16::try_from(channel.len()).ok()?.to_be_bytes());
        packed.extend_from_slice(channel.as_bytes());
    }
    Some(packed)
}

/// The seats of a column, in the order in which they were packed.
pub(crate) fn unpack(mut packed: &[u8]) -> Result<Vec<SeatRow>, Damaged> {
    let mut rows = Vec::with_capacity(packed.len() / SEAT_BYTES);
    while !packed.is_empty() {
        let (row, rest) = first(packed).ok_or_else(|| Damaged::new("ledger.seats cannot be read"))?;
        rows.push(row?);
        packed = rest;
    }
    Ok(rows)
}

/// The first seat and what comes after it; `None` where the column ends within it.
fn first(packed: &[u8]) -> Option<(Result<SeatRow, Damaged>, &[u8])> {
    let (seat, rest) = packed.split_first_chunk::<4>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (owner, rest) = rest.split_first_chunk::<8>()?;
    let (code, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (channel, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let channel = str::from_utf8(channel).ok()?;
    let row = status(i64::from(*code)).map(|status| SeatRow {
        seat: SeatIndex(u32::from_be_bytes(*seat)),
        version: u32::from_be_bytes(*version),
        status,
        owner: Serial(u64::from_be_bytes(*owner)),
        channel: (!channel.is_empty()).then(|| ChannelKey(channel.into())),
    });
    Some((row, rest))
}

#[cfg(test)]
mod tests {
    use domain::place::Status;

    use super::*;

    fn rows() -> Vec<SeatRow> {
        let row = |seat, version, status, owner, channel: Option<&str>| SeatRow {
            seat: SeatIndex(seat),
            version,
            status,
            owner: Serial(owner),
            channel: channel.map(|name| ChannelKey(name.into())),
        };
        vec![
            row(0, 1, Status::Sold, 7 << 16, None),
            row(u32::MAX, u32::MAX, Status::Held, u64::MAX >> 1, Some("spónsors")),
            row(70_000, 300, Status::Free, 0, Some("house")),
        ]
    }

    #[test]
    fn seats_survive_their_column() {
        let packed = pack(rows().iter()).unwrap();
        assert_eq!(unpack(&packed).unwrap(), rows());
        assert_eq!(unpack(&[]).unwrap(), []);
    }

    #[test]
    fn a_cut_column_an_unknown_status_and_a_name_that_is_no_text_are_damage() {
        let packed = pack(rows().iter()).unwrap();
        let whole: Vec<usize> = (0..=3).map(|seats| pack(rows()[..seats].iter()).unwrap().len()).collect();
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length]).is_ok(), whole.contains(&length), "{length}");
        }
        let with = |at: usize, byte| {
            let mut packed = packed.clone();
            packed[at] = byte;
            packed
        };
        assert!(unpack(&with(16, 3)).is_err());
        assert!(unpack(&with(SEAT_BYTES * 2 + 3, 0xff)).is_err());
    }

    #[test]
    fn a_name_that_is_too_long_is_not_packed() {
        let mut row = rows().remove(0);
        row.channel = Some(ChannelKey("x".repeat(65_536).into()));
        assert!(pack([row].iter()).is_none());
    }
}
