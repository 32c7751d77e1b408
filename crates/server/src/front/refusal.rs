//! What hyper answers by itself, to what is no request: found among the bytes that it writes, and put in other words.
//!
//! hyper gives such answers no body and no way to change them. They are told from the service's by what they are: one
//! write that is a head and nothing else, of a 4xx, without the identifier that every answer of the service has. One that
//! is written together with an earlier answer, to a client that pipelines, stays as it is.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{Response, StatusCode};

/// What such an answer begins with.
const BEGINNING: &[u8] = b"HTTP/1.1 4";
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// What every answer of the service has.
const REQUEST_ID: &[u8] = b"\nx-request-id:";

/// The status of hyper's own answer, if `bytes` are one.
pub(super) fn status_of(bytes: &[u8]) -> Option<StatusCode> {
    if !bytes.starts_with(BEGINNING) || !bytes.ends_with(END_OF_HEAD) {
        return None;
    }
    let has_id = bytes.windows(REQUEST_ID.len()).any(|window| window.eq_ignore_ascii_case(REQUEST_ID));
    let code = &bytes[BEGINNING.len() - 1..BEGINNING.len() + 2];
    if has_id { None } else { StatusCode::from_bytes(code).ok() }
}

/// A response as HTTP/1.1 sends it, with the date of hyper's own; the connection ends with it.
pub(super) fn encode(response: &Response<Bytes>, own: &[u8]) -> Bytes {
    let status = response.status();
    let mut text =
        format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        // Ours are words and numbers.
        let written = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
        debug_assert!(written.is_ok(), "writing to memory");
    }
    let lines = own.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
    for date in lines.filter(|line| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("date:"))) {
        text.push_str(&format!("{}\r\n", date.trim_end()));
    }
    text.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", response.body().len()));
    Bytes::from([text.as_bytes(), response.body()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_refusal_is_hypers_own() {
        let own = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(status_of(own), Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        for other in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 404 Not Found\r\nX-Request-Id: 7\r\n\r\n",
            b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 4",
            b"HTTP/1.1 4\r\n\r\n",
            b"",
        ] {
            assert_eq!(status_of(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
