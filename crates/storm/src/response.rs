//! A strict reader of HTTP/1.1 responses, over bytes that arrive piece by piece.
//!
//! It reads what RFC 9112 allows a server to answer to a plain request and refuses the rest, above
//! all what two readers could understand differently: lengths that contradict each other, folded
//! headers, blanks before colons. It never allocates for the head and keeps no state but positions.

use std::ops::Range;

use crate::limits;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("no HTTP/1.x status line")]
    StatusLine,
    #[error("a header line is not one")]
    Header,
    #[error("the head is too long")]
    HeadTooLong,
    #[error("a length that cannot be used")]
    Length,
    #[error("two statements about the length")]
    LengthTwice,
    #[error("a transfer encoding other than chunked")]
    Encoding,
    #[error("a chunk that is not one")]
    Chunk,
    #[error("the body is too long")]
    BodyTooLong,
    #[error("a status that does not belong here")]
    Status,
    #[error("bytes after the answer")]
    Trailing,
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

/// The status line and the few headers that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) framing: Framing,
    /// The server closes after this answer.
    pub(crate) close: bool,
    pub(crate) retry_after_seconds: Option<u32>,
    /// `Idempotent-Replay: true`.
    pub(crate) replay: bool,
    /// Bytes of the head, the empty line included.
    pub(crate) length: usize,
}

/// Reads a head if it is complete. `body_bytes_max` bounds the announced length.
pub(crate) fn read_head(bytes: &[u8], body_bytes_max: usize) -> Result<Option<Head>, Malformed> {
    let mut lines = Lines { bytes, at: 0 };
    let Some(first) = lines.next_line() else {
        return incomplete(bytes, limits::HEAD_BYTES_MAX);
    };
    let (status, keeps_alive) = read_status_line(first)?;
    let mut fields = Fields { close: !keeps_alive, ..Fields::default() };
    loop {
        if lines.at > limits::HEAD_BYTES_MAX {
            return Err(Malformed::HeadTooLong);
        }
        match lines.next_line() {
            None => return incomplete(bytes, limits::HEAD_BYTES_MAX),
            Some(b"") => break,
            Some(line) => fields.read(line)?,
        }
    }
    let framing = fields.framing(status, body_bytes_max)?;
    Ok(Some(Head {
        status,
        framing,
        close: fields.close || framing == Framing::UntilClose,
        retry_after_seconds: fields.retry_after_seconds,
        replay: fields.replay,
        length: lines.at,
    }))
}

fn incomplete(bytes: &[u8], bytes_max: usize) -> Result<Option<Head>, Malformed> {
    // Whoever does not speak HTTP is told apart at once instead of waited for.
    let start = b"HTTP/1.";
    let compared = bytes.len().min(start.len());
    if bytes[..compared] != start[..compared] {
        return Err(Malformed::StatusLine);
    }
    if bytes.len() > bytes_max { Err(Malformed::HeadTooLong) } else { Ok(None) }
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line that is complete, without its end. A bare LF ends a line too (RFC 9112, 2.2).
    fn next_line(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|&b| b == b'\n')?;
        self.at += end + 1;
        let line = &rest[..end];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// The status and whether the version keeps connections alive by default.
fn read_status_line(line: &[u8]) -> Result<(u16, bool), Malformed> {
    let keeps_alive = match line.get(..9) {
        Some(b"HTTP/1.1 ") => true,
        Some(b"HTTP/1.0 ") => false,
        _ => return Err(Malformed::StatusLine),
    };
    let (digits, reason) = line[9..].split_at_checked(3).ok_or(Malformed::StatusLine)?;
    if !digits.iter().all(u8::is_ascii_digit) || !matches!(reason, [] | [b' ', ..]) {
        return Err(Malformed::StatusLine);
    }
    let status = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    if (100..600).contains(&status) { Ok((status, keeps_alive)) } else { Err(Malformed::Status) }
}

#[derive(Default)]
struct Fields {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    retry_after_seconds: Option<u32>,
    replay: bool,
}

impl Fields {
    fn read(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let colon = line.iter().position(|&b| b == b':').ok_or(Malformed::Header)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().copied().all(is_token) {
            return Err(Malformed::Header);
        }
        if value.iter().any(|&b| b == 0 || b == b'\r') {
            return Err(Malformed::Header);
        }
        // The length of the name rules out most headers before any letter is compared.
        match name.len() {
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = read_length(value)?;
                if self.length.is_some_and(|before| before != length) {
                    return Err(Malformed::LengthTwice);
                }
                self.length = Some(length);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Malformed::Encoding);
                }
                self.chunked = true;
            }
            17 if name.eq_ignore_ascii_case(b"idempotent-replay") => {
                self.replay = value.eq_ignore_ascii_case(b"true");
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                for word in value.split(|&b| b == b',') {
                    let word = word.trim_ascii();
                    if word.eq_ignore_ascii_case(b"close") {
                        self.close = true;
                    } else if word.eq_ignore_ascii_case(b"keep-alive") {
                        self.close = false;
                    }
                }
            }
            11 if name.eq_ignore_ascii_case(b"retry-after") => {
                // The date form is not worth a calendar here: without a number the default wait holds.
                self.retry_after_seconds = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
            }
            _ => {}
        }
        Ok(())
    }

    fn framing(&self, status: u16, body_bytes_max: usize) -> Result<Framing, Malformed> {
        if self.chunked && self.length.is_some() {
            return Err(Malformed::LengthTwice);
        }
        if status < 200 || status == 204 || status == 304 {
            return Ok(Framing::Length(0));
        }
        if self.chunked {
            return Ok(Framing::Chunked);
        }
        match self.length {
            None => Ok(Framing::UntilClose),
            Some(length) => match usize::try_from(length) {
                Ok(length) if length <= body_bytes_max => Ok(Framing::Length(length)),
                _ => Err(Malformed::BodyTooLong),
            },
        }
    }
}

fn read_length(value: &[u8]) -> Result<u64, Malformed> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return Err(Malformed::Length);
    }
    Ok(value.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Reads a chunked body as far as it has arrived.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// Up to where everything is read.
    at: usize,
    /// Bytes of the current chunk that are still to come.
    remaining: usize,
    state: ChunkState,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ChunkState {
    #[default]
    Size,
    Data,
    DataEnd,
    Trailer,
}

impl Chunks {
    /// A reader that starts at `at`, the end of the head.
    pub(crate) fn starting_at(at: usize) -> Self {
        Self { at, ..Self::default() }
    }

    /// Moves what has arrived into `body`; `Some(end)` once the last chunk and its trailers are read.
    pub(crate) fn advance(
        &mut self,
        bytes: &[u8],
        body: &mut Vec<u8>,
        body_bytes_max: usize,
    ) -> Result<Option<usize>, Malformed> {
        loop {
            match self.state {
                ChunkState::Size => {
                    let Some(line) = self.line(bytes)? else { return Ok(None) };
                    self.remaining = read_chunk_size(&bytes[line])?;
                    if self.remaining > body_bytes_max - body.len().min(body_bytes_max) {
                        return Err(Malformed::BodyTooLong);
                    }
                    self.state = if self.remaining == 0 { ChunkState::Trailer } else { ChunkState::Data };
                }
                ChunkState::Data => {
                    let here = (bytes.len() - self.at).min(self.remaining);
                    body.extend_from_slice(&bytes[self.at..self.at + here]);
                    self.at += here;
                    self.remaining -= here;
                    if self.remaining > 0 {
                        return Ok(None);
                    }
                    self.state = ChunkState::DataEnd;
                }
                ChunkState::DataEnd => match bytes[self.at..] {
                    [b'\r', b'\n', ..] => {
                        self.at += 2;
                        self.state = ChunkState::Size;
                    }
                    [] | [b'\r'] => return Ok(None),
                    _ => return Err(Malformed::Chunk),
                },
                ChunkState::Trailer => {
                    let Some(line) = self.line(bytes)? else { return Ok(None) };
                    if line.is_empty() {
                        return Ok(Some(self.at));
                    }
                }
            }
        }
    }

    fn line(&mut self, bytes: &[u8]) -> Result<Option<Range<usize>>, Malformed> {
        let rest = &bytes[self.at..];
        let Some(end) = rest.iter().take(limits::CHUNK_LINE_BYTES_MAX).position(|&b| b == b'\n') else {
            let too_long = rest.len() >= limits::CHUNK_LINE_BYTES_MAX;
            return if too_long { Err(Malformed::Chunk) } else { Ok(None) };
        };
        // Chunk lines decide where the next answer starts, so here a bare LF is not forgiven.
        if end == 0 || rest[end - 1] != b'\r' {
            return Err(Malformed::Chunk);
        }
        let line = self.at..self.at + end - 1;
        self.at += end + 1;
        Ok(Some(line))
    }
}

fn read_chunk_size(line: &[u8]) -> Result<usize, Malformed> {
    let digits = line.split(|&b| b == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > 15 {
        return Err(Malformed::Chunk);
    }
    digits.iter().try_fold(0_usize, |sum, &digit| {
        let value = char::from(digit).to_digit(16).ok_or(Malformed::Chunk)?;
        Ok(sum * 16 + value as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY_MAX: usize = 1_000;

    fn head(text: &str) -> Result<Option<Head>, Malformed> {
        read_head(text.as_bytes(), BODY_MAX)
    }

    #[test]
    fn a_plain_answer() {
        let text = "HTTP/1.1 409 Conflict\r\nContent-Length: 12\r\nRetry-After: 3\r\n\
                    Idempotent-Replay: true\r\n\r\n";
        let head = head(text).unwrap().unwrap();
        assert_eq!(head.status, 409);
        assert_eq!(head.framing, Framing::Length(12));
        assert_eq!((head.close, head.replay, head.retry_after_seconds), (false, true, Some(3)));
        assert_eq!(head.length, text.len());
    }

    #[test]
    fn every_prefix_of_a_head_is_incomplete() {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\n";
        for length in 0..text.len() {
            assert_eq!(head(&text[..length]), Ok(None), "{:?}", &text[..length]);
        }
    }

    #[test]
    fn connection_words() {
        let close = |text: &str| head(text).unwrap().unwrap().close;
        assert!(!close("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"));
        assert!(close("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"));
        assert!(close("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
        assert!(!close("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
        assert!(close("HTTP/1.1 200 OK\r\n\r\n"), "without a length only the end tells the end");
    }

    #[test]
    fn hostile_heads() {
        let cases: [(&str, Malformed); 20] = [
            ("SSH-2.0-OpenSSH", Malformed::StatusLine),
            ("\r\n\r\n", Malformed::StatusLine),
            ("HTTP/2 200\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 20\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 2000\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 -20 x\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 999 x\r\n\r\n", Malformed::Status),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Malformed::Header),
            ("HTTP/1.1 200 OK\r\n: empty\r\n\r\n", Malformed::Header),
            ("HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\n", Malformed::Header),
            ("HTTP/1.1 200 OK\r\na: b\r\n folded: c\r\n\r\n", Malformed::Header),
            ("HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n", Malformed::Header),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", Malformed::BodyTooLong),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Malformed::LengthTwice),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                Malformed::LengthTwice,
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", Malformed::Encoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Malformed::Encoding),
        ];
        for (text, expect) in cases {
            assert_eq!(head(text), Err(expect), "{text:?}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(limits::HEAD_BYTES_MAX / 6 + 1));
        assert_eq!(head(&endless), Err(Malformed::HeadTooLong));
        let long_line = format!("HTTP/1.1 200 {}", "x".repeat(limits::HEAD_BYTES_MAX));
        assert_eq!(head(&long_line), Err(Malformed::HeadTooLong));
    }

    /// Feeds a chunked body byte by byte; the body and whether it ended at the end.
    fn chunked(text: &str) -> Result<Option<String>, Malformed> {
        let (mut chunks, mut body) = (Chunks::starting_at(0), Vec::new());
        for end in 0..=text.len() {
            if let Some(at) = chunks.advance(&text.as_bytes()[..end], &mut body, BODY_MAX)? {
                assert_eq!(at, end);
                return Ok(Some(String::from_utf8(body).unwrap()));
            }
        }
        Ok(None)
    }

    #[test]
    fn chunks_in_any_pieces() {
        assert_eq!(chunked("3\r\nabc\r\n0\r\n\r\n"), Ok(Some("abc".to_owned())));
        assert_eq!(
            chunked("3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n"),
            Ok(Some("abc0123456789".to_owned()))
        );
        assert_eq!(chunked("0\r\n\r\n"), Ok(Some(String::new())));
        assert_eq!(chunked("3\r\nabc\r\n"), Ok(None));
    }

    #[test]
    fn hostile_chunks() {
        let cases: [(String, Malformed); 8] = [
            ("x\r\n".to_owned(), Malformed::Chunk),
            ("\r\n".to_owned(), Malformed::Chunk),
            ("-1\r\n".to_owned(), Malformed::Chunk),
            ("3\nabc\r\n".to_owned(), Malformed::Chunk),
            ("3\r\nabcd\r\n".to_owned(), Malformed::Chunk),
            ("3e9\r\n".to_owned(), Malformed::BodyTooLong),
            ("fffffffffffffffff\r\n".to_owned(), Malformed::Chunk),
            ("1;".to_owned() + &"x".repeat(limits::CHUNK_LINE_BYTES_MAX), Malformed::Chunk),
        ];
        for (text, expect) in cases {
            assert_eq!(chunked(&text), Err(expect), "{text:?}");
        }
        let many = "1f4\r\n".to_owned() + &"x".repeat(500) + "\r\n";
        assert_eq!(chunked(&many.repeat(3)), Err(Malformed::BodyTooLong));
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let mut state = 7_u64;
        let pieces: [&[u8]; 9] = [
            b"HTTP/1.1 200 OK",
            b"\r\n",
            b"\n",
            b"Content-Length: 5",
            b":",
            b"5",
            b"\r",
            b"\0",
            b"Transfer-Encoding: chunked",
        ];
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()]);
            }
            if let Ok(Some(head)) = read_head(&text, BODY_MAX) {
                assert!(head.length <= text.len());
            }
            // Any outcome is fine; reading must end and stay within the bytes.
            Chunks::starting_at(0).advance(&text, &mut Vec::new(), BODY_MAX).ok();
        }
    }
}
