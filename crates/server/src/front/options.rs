//! The limits of the front, with the relations between them.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::sync::Semaphore;

/// hyper cannot work with a buffer smaller than this, in bytes.
const BUFFER_BYTES_MIN: usize = 8 * 1024;

/// A head smaller than this would refuse ordinary browsers, in bytes.
const HEADER_BYTES_MIN: usize = 1024;

/// HTTP/2's flow-control and settings fields are 31 bits wide.
const HTTP2_FIELD_MAX: u32 = i32::MAX as u32;

/// How long a client may take for each thing, and how much it may take. Every limit is on; the defaults suit a server on
/// the open internet that sells to people behind slow mobile links.
#[derive(Clone, Debug)]
pub struct Options {
    /// From the first byte of a request (of a new connection: from its acceptance) to the end of its head. 10 s.
    pub header_read_timeout: Duration,
    /// The longest wait of a handler for the next piece of a request body. 10 s.
    pub body_read_timeout: Duration,
    /// From the first byte of a request to the end of its body. 30 s. At the rate of 34 KiB/s that a poor mobile link
    /// gives, a body of 1 MiB just fits.
    pub request_total_timeout: Duration,
    /// The longest time a client may leave what we have to say unread, without taking a single byte. 30 s. A stream that
    /// has nothing to say may live on.
    pub write_stall_timeout: Duration,
    /// How long a connection without a request is kept. 75 s: more than the 60 s that common load balancers keep an idle
    /// connection, so that they close it and never send a request into a connection that we are closing.
    pub idle_timeout: Duration,
    /// Connections at a time. 10,000. One more is accepted and closed at once; the process needs a few more file
    /// descriptors than this.
    pub connections_max: usize,
    /// Connections at a time from one address (IPv6: from one /64, which is one customer of a provider). Off by default:
    /// buyers sit in their hundreds behind one address of a mobile carrier, an office or our own load balancer, and all
    /// would share the limit. Set it only where clients connect directly and from addresses of their own.
    pub connections_max_per_address: Option<usize>,
    /// The head of a request, request line included, in bytes; beyond it the answer is 431. 16 KiB.
    pub header_bytes_max: usize,
    /// Header fields in a request; beyond it the answer is 431. 100.
    pub headers_max: usize,
    /// What one HTTP/1.1 connection may hold in its read buffer, and in its write buffer before the response waits, in
    /// bytes. 64 KiB; with `connections_max` it bounds the memory that clients can claim.
    pub buffer_bytes_max: usize,
    /// How long requests in flight may go on after the shutdown began, before their connections are cut. 30 s.
    pub finish_grace: Duration,
    /// The answer to what is no request, or has too large a head: these never reach the service. The application says what
    /// its refusals look like; by default they have no body.
    pub refusal: fn(StatusCode) -> Response<Bytes>,
    /// The limits that only HTTP/2 has.
    pub http2: Http2Options,
}

fn bare_refusal(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

/// The limits of one HTTP/2 connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http2Options {
    /// Requests at a time on one connection. 256.
    pub concurrent_streams_max: u32,
    /// Streams the client opened and reset before we looked at them; one more, and the connection is closed (the
    /// rapid-reset attack, CVE-2023-44487). 20.
    pub pending_reset_streams_max: usize,
    /// Streams that we had to reset because the client broke the protocol on them; one more, and the connection is closed
    /// (RUSTSEC-2024-0003). 256.
    pub error_reset_streams_max: usize,
    /// The pause between pings that ask whether the client is still there. 20 s.
    pub keep_alive_interval: Duration,
    /// How long the answer to a ping may take before the connection is closed. 10 s.
    pub keep_alive_timeout: Duration,
    /// The fields of a request's head after decompression, as RFC 9113 section 6.5.2 counts them, in bytes. 16 KiB.
    pub header_list_bytes_max: u32,
    /// What a client may send ahead of what its handlers read, on one connection, in bytes. 1 MiB.
    pub receive_window_bytes: u32,
    /// What a client may send ahead of what the handler reads, in one request, in bytes. 256 KiB.
    pub stream_receive_window_bytes: u32,
    /// What one response may keep in memory ahead of what the client takes, in bytes. 256 KiB.
    pub send_buffer_bytes_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(10),
            request_total_timeout: Duration::from_secs(30),
            write_stall_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            connections_max: 10_000,
            connections_max_per_address: None,
            header_bytes_max: 16 * 1024,
            headers_max: 100,
            buffer_bytes_max: 64 * 1024,
            finish_grace: Duration::from_secs(30),
            refusal: bare_refusal,
            http2: Http2Options::default(),
        }
    }
}

impl Default for Http2Options {
    fn default() -> Self {
        Self {
            concurrent_streams_max: 256,
            pending_reset_streams_max: 20,
            error_reset_streams_max: 256,
            keep_alive_interval: Duration::from_secs(20),
            keep_alive_timeout: Duration::from_secs(10),
            header_list_bytes_max: 16 * 1024,
            receive_window_bytes: 1024 * 1024,
            stream_receive_window_bytes: 256 * 1024,
            send_buffer_bytes_max: 256 * 1024,
        }
    }
}

/// An option whose value cannot work, alone or beside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{option}` must be {must_be}")]
pub struct InvalidOption {
    /// The option's name, as in [`Options`].
    pub option: &'static str,
    /// What it must be.
    pub must_be: &'static str,
}

impl Options {
    /// Checks every limit, and the relations between them.
    ///
    /// # Errors
    /// The first option that cannot work.
    pub fn validate(&self) -> Result<(), InvalidOption> {
        let positive = "longer than nothing";
        let http2 = &self.http2;
        check(!self.header_read_timeout.is_zero(), "header_read_timeout", positive)?;
        check(!self.body_read_timeout.is_zero(), "body_read_timeout", positive)?;
        check(
            self.request_total_timeout >= self.header_read_timeout
                && self.request_total_timeout >= self.body_read_timeout,
            "request_total_timeout",
            "at least `header_read_timeout` and `body_read_timeout`, or those never count",
        )?;
        check(!self.write_stall_timeout.is_zero(), "write_stall_timeout", positive)?;
        check(!self.idle_timeout.is_zero(), "idle_timeout", positive)?;
        check(
            (1..=Semaphore::MAX_PERMITS).contains(&self.connections_max),
            "connections_max",
            "at least 1 and no more than a semaphore can count",
        )?;
        check(
            self.connections_max_per_address.is_none_or(|max| (1..=self.connections_max).contains(&max)),
            "connections_max_per_address",
            "at least 1 and at most `connections_max`",
        )?;
        check(self.header_bytes_max >= HEADER_BYTES_MIN, "header_bytes_max", "at least 1 KiB")?;
        check(self.headers_max >= 1, "headers_max", "at least 1")?;
        check(
            self.buffer_bytes_max >= BUFFER_BYTES_MIN && self.buffer_bytes_max >= self.header_bytes_max,
            "buffer_bytes_max",
            "at least 8 KiB and at least `header_bytes_max`, or no such head could be read",
        )?;
        http2.validate()
    }
}

impl Http2Options {
    fn validate(&self) -> Result<(), InvalidOption> {
        let positive = "longer than nothing";
        check(self.concurrent_streams_max >= 1, "http2.concurrent_streams_max", "at least 1")?;
        check(self.pending_reset_streams_max >= 1, "http2.pending_reset_streams_max", "at least 1")?;
        check(self.error_reset_streams_max >= 1, "http2.error_reset_streams_max", "at least 1")?;
        check(!self.keep_alive_interval.is_zero(), "http2.keep_alive_interval", positive)?;
        check(!self.keep_alive_timeout.is_zero(), "http2.keep_alive_timeout", positive)?;
        check(
            self.header_list_bytes_max as usize >= HEADER_BYTES_MIN,
            "http2.header_list_bytes_max",
            "at least 1 KiB",
        )?;
        check(
            (1..=HTTP2_FIELD_MAX).contains(&self.stream_receive_window_bytes),
            "http2.stream_receive_window_bytes",
            "from 1 byte to what 31 bits can count",
        )?;
        check(
            (self.stream_receive_window_bytes..=HTTP2_FIELD_MAX).contains(&self.receive_window_bytes),
            "http2.receive_window_bytes",
            "at least `http2.stream_receive_window_bytes` and at most what 31 bits can count",
        )?;
        check(self.send_buffer_bytes_max >= 1, "http2.send_buffer_bytes_max", "at least 1 byte")
    }
}

fn check(holds: bool, option: &'static str, must_be: &'static str) -> Result<(), InvalidOption> {
    if holds { Ok(()) } else { Err(InvalidOption { option, must_be }) }
}
