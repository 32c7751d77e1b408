//! What happens on one connection, as counters that the connection's own task reads.
//!
//! Nothing here is a lock or a clock reading: on a busy connection a request costs a few uncontended atomic additions.
//! `Relaxed` is enough, because each counter stands alone and is read again whenever the task wakes; HTTP/2 streams run
//! in tasks of their own, and what they note is seen at the latest when the timer makes the task look again.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Pulse {
    opened: Instant,
    /// When a head was found incomplete, in milliseconds after `opened`, plus one; 0 for none.
    head_begun_at: AtomicU64,
    requests: AtomicU64,
    in_flight: AtomicUsize,
    head_begun: AtomicBool,
    write_stuck: AtomicBool,
    bytes_written: AtomicU64,
    chunks_unsent: AtomicUsize,
    chunk_progress: AtomicU64,
}

/// A request from its head to the end of its response body.
pub(super) struct InFlight(Arc<Pulse>);

impl Pulse {
    /// For a connection accepted at `opened`.
    pub(super) fn new(opened: Instant) -> Self {
        Self {
            opened,
            head_begun_at: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            head_begun: AtomicBool::new(false),
            write_stuck: AtomicBool::new(false),
            bytes_written: AtomicU64::new(0),
            chunks_unsent: AtomicUsize::new(0),
            chunk_progress: AtomicU64::new(0),
        }
    }

    /// Bytes came. Between requests they begin the next head; during one they belong to its body, or to a request that
    /// is pipelined behind it and is parsed as soon as this one is answered.
    pub(super) fn bytes_read(&self) {
        if self.in_flight.load(Relaxed) == 0 {
            self.head_begun.store(true, Relaxed);
        }
    }

    /// The head of the request that comes next began at `since` and is not complete.
    pub(super) fn head_begun_at(&self, since: Instant) {
        let milliseconds = since.saturating_duration_since(self.opened).as_millis();
        self.head_begun_at.store(u64::try_from(milliseconds).unwrap_or(0) + 1, Relaxed);
    }

    /// A head is complete. Returns the request's mark, and when the head began, if it did not come in one go.
    pub(super) fn request_begins(self: &Arc<Self>) -> (Option<Instant>, InFlight) {
        self.requests.fetch_add(1, Relaxed);
        self.in_flight.fetch_add(1, Relaxed);
        self.head_begun.store(false, Relaxed);
        let head_begun = self.head_begun_at.load(Relaxed).checked_sub(1).map(|milliseconds| {
            self.head_begun_at.store(0, Relaxed);
            self.opened + Duration::from_millis(milliseconds)
        });
        (head_begun, InFlight(Arc::clone(self)))
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.bytes_written.fetch_add(bytes as u64, Relaxed);
        self.write_stuck.store(false, Relaxed);
    }

    pub(super) fn write_is_stuck(&self) {
        self.write_stuck.store(true, Relaxed);
    }

    pub(super) fn chunk_waits(&self) {
        self.chunks_unsent.fetch_add(1, Relaxed);
    }

    pub(super) fn chunk_advances(&self) {
        self.chunk_progress.fetch_add(1, Relaxed);
    }

    pub(super) fn chunk_is_gone(&self) {
        self.chunk_progress.fetch_add(1, Relaxed);
        self.chunks_unsent.fetch_sub(1, Relaxed);
    }

    /// How many requests have begun.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    pub(super) fn is_serving(&self) -> bool {
        self.in_flight.load(Relaxed) > 0
    }

    /// Whether the head of a request has begun and is not complete.
    pub(super) fn is_head_begun(&self) -> bool {
        self.head_begun.load(Relaxed)
    }

    /// If the socket takes nothing: how many bytes it took so far.
    pub(super) fn stuck_after_bytes(&self) -> Option<u64> {
        self.write_stuck.load(Relaxed).then(|| self.bytes_written.load(Relaxed))
    }

    /// If pieces of responses wait for the client's flow control: a number that changes when one of them moves.
    pub(super) fn chunks_stuck_at(&self) -> Option<u64> {
        (self.chunks_unsent.load(Relaxed) > 0).then(|| self.chunk_progress.load(Relaxed))
    }
}

impl InFlight {
    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
