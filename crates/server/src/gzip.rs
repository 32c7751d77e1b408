//! Texts as gzip ([RFC 1952]), compressed once for all who are sent them.
//!
//! A stream of texts is compressed once as well: each text becomes deflate blocks that refer to nothing before them and
//! end at a whole byte ([RFC 1951]), so that every reader's stream may be put together of the same pieces, wherever it
//! begins. What a reader has of its own is the checksum, and that of a stream follows from those of its pieces.
//!
//! [RFC 1951]: https://www.rfc-editor.org/rfc/rfc1951
//! [RFC 1952]: https://www.rfc-editor.org/rfc/rfc1952

use bytes::Bytes;
use engine::feed::Packed;
use flate2::{Compress, Compression, FlushCompress};
use http::{HeaderMap, HeaderValue, header};

/// What a gzip file begins with: deflate, no name, no time, nothing about its compressor, on no particular system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// A last block that is empty.
const LAST: [u8; 2] = [3, 0];

/// Whether a client takes gzip: it names it, or everything, and not with a quality of zero.
#[must_use]
pub fn is_taken(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let (mut named, mut any) = (None, None);
    for coding in lists.flat_map(|list| list.split(',')) {
        let (name, parameter) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let quality = parameter.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('='));
        let is_taken =
            quality.and_then(|quality| quality.parse().ok()).is_some_and(|quality: f32| quality > 0.0);
        match name.trim() {
            "*" => any = Some(is_taken),
            name if name.eq_ignore_ascii_case("gzip") => named = Some(is_taken),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

/// Says of an answer whether its body is gzip, and that this depends on who asks.
pub fn declare(headers: &mut HeaderMap, is_packed: bool) {
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

/// A text as a gzip file of its own.
#[must_use]
pub fn file(text: &[u8], level: Compression) -> Bytes {
    let mut stream = Stream::default();
    [stream.add(&pack(text, level)), stream.end()].concat().into()
}

/// Compresses a text so that it can follow any other in a stream.
///
/// # Panics
/// Never, unless the compressor needs more room than it says that it does.
#[must_use]
pub fn pack(text: &[u8], level: Compression) -> Packed {
    // All that it can come to (`mz_deflateBound`). A compressor that is given less and then more may keep the end for itself.
    let mut bytes = Vec::with_capacity(text.len() + text.len() / 10 + 128);
    let mut compress = Compress::new(level, false);
    let status = compress.compress_vec(text, &mut bytes, FlushCompress::Full);
    let is_all = compress.total_in() == text.len() as u64 && bytes.len() < bytes.capacity();
    assert!(status.is_ok() && is_all, "a text could not be compressed in memory");
    bytes.shrink_to_fit();
    Packed { bytes: bytes.into(), crc: crc32fast::hash(text), length: text.len() as u64 }
}

/// One reader's stream.
#[derive(Debug, Default)]
pub struct Stream {
    has_begun: bool,
    sum: crc32fast::Hasher,
    length: u64,
}

impl Stream {
    /// What a text adds to the stream; the first one, after what every stream begins with.
    pub fn add(&mut self, packed: &Packed) -> Bytes {
        self.sum.combine(&crc32fast::Hasher::new_with_initial_len(packed.crc, packed.length));
        self.length += packed.length;
        if std::mem::replace(&mut self.has_begun, true) {
            packed.bytes.clone()
        } else {
            [&HEAD, &*packed.bytes].concat().into()
        }
    }

    /// What comes last, after one text at least. The length is told in 32 bits, whatever it is.
    #[must_use]
    pub fn end(self) -> Bytes {
        let length = (self.length & u64::from(u32::MAX)) as u32;
        let mut bytes = LAST.to_vec();
        bytes.extend_from_slice(&self.sum.finalize().to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use http::HeaderValue;

    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(bytes)
            .read_to_string(&mut text)
            .expect("a gzip file, with its checksum and its length");
        text
    }

    /// Texts that compress well, badly, and not at all.
    fn texts() -> [String; 5] {
        let digits = (0..20_000_u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).to_string());
        [String::new(), "f".to_owned(), "f".repeat(1_000_000), digits.collect(), "ffsfh".repeat(4_000)]
    }

    #[test]
    fn a_text_is_a_file_of_its_own() {
        for level in [Compression::fast(), Compression::best()] {
            for text in texts() {
                assert_eq!(read(&file(text.as_bytes(), level)), text);
            }
        }
    }

    #[test]
    fn however_long_it_is() {
        let [_, _, _, digits, _] = texts();
        for length in (0..digits.len()).step_by(251) {
            assert_eq!(read(&file(&digits.as_bytes()[..length], Compression::fast())), digits[..length]);
        }
    }

    #[test]
    fn streams_are_put_together_of_the_same_pieces_wherever_they_begin() {
        let texts = texts();
        let packed: Vec<_> = texts.iter().map(|text| pack(text.as_bytes(), Compression::fast())).collect();
        for begin in 0..texts.len() {
            let mut stream = Stream::default();
            let mut sent: Vec<Bytes> = packed[begin..].iter().map(|packed| stream.add(packed)).collect();
            sent.push(stream.end());
            assert_eq!(read(&sent.concat()), texts[begin..].concat());
        }
    }

    #[test]
    fn what_was_sent_can_be_read_before_the_end() {
        let text = "event: commit\n\n";
        let sent = Stream::default().add(&pack(text.as_bytes(), Compression::fast()));
        let mut read = vec![0; text.len()];
        GzDecoder::new(&sent[..]).read_exact(&mut read).expect("all of the text is there");
        assert_eq!(read, text.as_bytes());
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let is_taken = |list: &'static str| {
            is_taken(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(list))]))
        };
        for list in ["gzip", "br, GZIP", "*", "gzip;q=0.5", "gzip; q=1.0, identity", "*;q=0, gzip;Q=1"] {
            assert!(is_taken(list), "{list}");
        }
        for list in
            ["", "br", "gzip;q=0", "gzip;Q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "gzip;q=x", "xgzip"]
        {
            assert!(!is_taken(list), "{list}");
        }
        assert!(!super::is_taken(&HeaderMap::new()));
    }
}
