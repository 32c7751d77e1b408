//! Large values are kept compressed: a busy commit's ledger entries and replies are hundreds of times nearly the same text, and
//! what a database is given it copies, logs and flushes.
//!
//! A value is either as it was or, if it is long and that is shorter, one Zstandard frame (RFC 8878); a frame begins with a number that
//! neither JSON nor packed replies begin with. So a quiet sale's ledger can be read with a database client alone, and a busy
//! one's with `zstd -d` beside it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};

use super::Damaged;

/// Below this there is less to be gained than it costs, in bytes: one order's answers are shorter, a batch's longer.
const BYTES_MIN: usize = 1_024;
/// The longest value that is expanded, in bytes: far more than a batch of the largest allowed size makes.
const BYTES_MAX: usize = 1 << 30;
/// Fast: a batch waits for it.
const LEVEL: i32 = 1;
/// What every frame begins with.
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

thread_local! {
    /// Making them costs more than a short value does.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Does something with a thread's own tool, which is made the first time.
fn with<T, R>(
    tool: &RefCell<Option<T>>,
    make: impl FnOnce() -> io::Result<T>,
    work: impl FnOnce(&mut T) -> io::Result<R>,
) -> io::Result<R> {
    let mut tool = tool.borrow_mut();
    let made = match &mut *tool {
        Some(made) => made,
        none => none.insert(make()?),
    };
    work(made)
}

/// A value as it is stored.
pub(crate) fn compact(value: &[u8]) -> Cow<'_, [u8]> {
    if value.len() < BYTES_MIN {
        return Cow::Borrowed(value);
    }
    // Compressing into memory fails only where memory does; the value itself is always as good.
    let frame = COMPRESSOR
        .with(|tool| with(tool, || Compressor::new(LEVEL), |compressor| compressor.compress(value)));
    match frame {
        Ok(frame) if frame.len() < value.len() => Cow::Owned(frame),
        _ => Cow::Borrowed(value),
    }
}

/// The value again.
pub(crate) fn expand<'a>(stored: &'a [u8], column: &str) -> Result<Cow<'a, [u8]>, Damaged> {
    if !stored.starts_with(&MAGIC) {
        return Ok(Cow::Borrowed(stored));
    }
    let damaged = || Damaged::new(format!("{column} cannot be expanded"));
    let length = Decompressor::upper_bound(stored).filter(|length| *length <= BYTES_MAX);
    let length = length.ok_or_else(damaged)?;
    let value = DECOMPRESSOR
        .with(|tool| with(tool, Decompressor::new, |expander| expander.decompress(stored, length)));
    value.map(Cow::Owned).map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_and_long_ones_shrink() {
        let book = b"{\"k\":\"book\"}";
        for value in [Vec::new(), b"{}".to_vec(), book.repeat(60), book.repeat(100), vec![7; 100_000]] {
            let stored = compact(&value).into_owned();
            assert_eq!(&*expand(&stored, "ledger.payload").unwrap(), &*value);
            assert_eq!(stored.len() < value.len(), value.len() >= BYTES_MIN, "{} bytes", value.len());
        }
    }

    #[test]
    fn short_values_that_were_compressed_before_are_expanded() {
        let value = b"ticket ".repeat(90);
        assert!(value.len() < BYTES_MIN);
        let frame = Compressor::new(LEVEL).unwrap().compress(&value).unwrap();
        assert_eq!(&*expand(&frame, "replies").unwrap(), &*value);
    }

    #[test]
    fn what_does_not_shrink_is_kept_as_it_is() {
        let noise: Vec<u8> =
            (0..4_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert!(compact(&noise).len() <= noise.len());
        assert_eq!(&*expand(&compact(&noise), "replies").unwrap(), &*noise);
    }

    #[test]
    fn a_value_does_not_depend_on_those_before_it() {
        let (one, other) = (b"{\"k\":\"book\"}".repeat(400), b"ticket ".repeat(1_000));
        let alone = compact(&other).into_owned();
        // Damage that a thread's own tool meets: the frame is whole, and what it holds is not.
        let mut damaged = compact(&one).into_owned();
        let at = damaged.len() / 2;
        damaged[at..].iter_mut().for_each(|byte| *byte ^= 0xff);
        assert!(Decompressor::upper_bound(&damaged).is_some());
        assert!(expand(&damaged, "replies").is_err());
        assert_eq!(&*expand(&alone, "replies").unwrap(), &*other);
        assert_eq!(&*compact(&other), &*alone);
    }

    #[test]
    fn a_cut_or_lying_frame_is_damage_and_no_panic() {
        let frame = compact(&b"ticket ".repeat(1_000)).into_owned();
        for length in 4..frame.len() {
            assert!(expand(&frame[..length], "replies").is_err(), "{length}");
        }
        let lying = [&MAGIC[..], &[0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0]].concat();
        assert!(expand(&lying, "replies").is_err());
    }
}
