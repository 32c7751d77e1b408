//! Drives one connection and ends it when its client takes too long.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::sync::watch as signal;
use tokio::time::{Instant, sleep_until};

use super::Options;
use super::pulse::Pulse;

pub(super) const TIMED_OUT: &str = "flashtix_http_connections_timed_out_total";

/// What a client took too long for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Sending the head of a request.
    Header,
    /// Sending the body of a request.
    Body,
    /// Taking a response.
    Write,
    /// Having nothing to ask.
    Idle,
}

/// Counts an ending by `phase`.
pub(super) fn count_timed_out(phase: Phase) {
    let name = match phase {
        Phase::Header => "header",
        Phase::Body => "body",
        Phase::Write => "write",
        Phase::Idle => "idle",
    };
    metrics::counter!(TIMED_OUT, "phase" => name).increment(1);
}

/// A connection that can be told to finish.
pub(super) trait Closable: Future<Output = Result<(), hyper::Error>> {
    /// Ends the connection after the requests that are in flight; at once if there are none.
    fn close_when_answered(self: Pin<&mut Self>);
}

/// Polls `connection` to its end, which comes by itself, by a limit (counted) or, once `stopped` says so, after the
/// requests in flight.
pub(super) async fn drive(connection: impl Closable, mut watch: Watch<'_>, stopped: signal::Receiver<bool>) {
    let mut connection = pin!(connection);
    let mut stopping = pin!({
        let mut stopped = stopped.clone();
        async move { stopped.wait_for(|stopped| *stopped).await.is_ok() }
    });
    let mut is_listening = false;
    let mut alarm = Instant::now();
    let mut timer = pin!(sleep_until(alarm));
    poll_fn(move |context| {
        // The waker of a task stays the same, so the signal is polled once to leave it there, and then only when it has
        // come: polling takes a lock that all connections share, asking whether it has come does not.
        if watch.closing_since.is_none() && (!is_listening || stopped.has_changed().unwrap_or(true)) {
            is_listening = true;
            if stopping.as_mut().poll(context).is_ready() {
                watch.closing_since = Some(Instant::now());
                connection.as_mut().close_when_answered();
            }
        }
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                note_end(ended);
                return Poll::Ready(());
            }
            let now = Instant::now();
            match watch.look(now) {
                Verdict::Over(Phase::Idle) if watch.closing_since.is_none() => {
                    count_timed_out(Phase::Idle);
                    // Politely, so that an HTTP/2 client with a request on its way learns that it was not taken.
                    watch.closing_since = Some(now);
                    connection.as_mut().close_when_answered();
                }
                Verdict::Over(phase) => {
                    count_timed_out(phase);
                    return Poll::Ready(());
                }
                Verdict::Until(deadline) => {
                    if deadline >= alarm && alarm > now {
                        return Poll::Pending;
                    }
                    alarm = deadline;
                    timer.as_mut().reset(deadline);
                    if timer.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    })
    .await;
}

/// Garbage, resets and half requests are a client's affair and daily life: never above `debug`.
fn note_end(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

enum Verdict {
    /// The client took too long.
    Over(Phase),
    /// Nothing to do before this instant, unless the connection's task wakes earlier.
    Until(Instant),
}

/// Which limits apply to what a client sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    /// Between requests an HTTP/2 connection carries settings and pings, so bytes do not mean that a head has begun;
    /// half a head is an idle connection.
    Http2,
}

/// The deadlines of one connection.
pub(super) struct Watch<'a> {
    pulse: &'a Pulse,
    options: &'a Options,
    protocol: Protocol,
    /// What the client is at, and how many requests came before.
    reading: Since<(Phase, u64)>,
    /// The socket takes nothing, after so many bytes.
    socket_stuck: Since<u64>,
    /// No piece of any response has moved.
    pieces_stuck: Since<u64>,
    /// When the connection was told to finish.
    closing_since: Option<Instant>,
}

impl<'a> Watch<'a> {
    /// Watches a connection that was accepted at `opened`.
    pub(super) fn new(pulse: &'a Pulse, options: &'a Options, protocol: Protocol, opened: Instant) -> Self {
        let reading = match protocol {
            Protocol::Http1 => Some(((Phase::Header, 0), opened)),
            Protocol::Http2 => None,
        };
        Self {
            pulse,
            options,
            protocol,
            reading: Since(reading),
            socket_stuck: Since(None),
            pieces_stuck: Since(None),
            closing_since: None,
        }
    }

    fn look(&mut self, now: Instant) -> Verdict {
        // A stream's task may change the counters without waking the connection's, so it looks now and then by itself.
        let mut verdict = (now + self.options.idle_timeout.min(self.options.write_stall_timeout), None);
        let mut limit = |deadline: Instant, phase: Phase| {
            if deadline < verdict.0 {
                verdict = (deadline, Some(phase));
            }
        };
        let socket_stuck = self.pulse.stuck_after_bytes();
        let pieces_stuck = self.pulse.chunks_stuck_at();
        let at = if self.pulse.is_serving() || socket_stuck.is_some() || pieces_stuck.is_some() {
            None
        } else if self.protocol == Protocol::Http1
            && (self.pulse.requests() == 0 || self.pulse.is_head_begun())
        {
            Some(Phase::Header)
        } else {
            Some(Phase::Idle)
        };
        if let Some(((phase, _), since)) =
            self.reading.observe(at.map(|phase| (phase, self.pulse.requests())), now)
        {
            match (phase, self.closing_since) {
                (Phase::Idle, None) => limit(since + self.options.idle_timeout, phase),
                (Phase::Idle, Some(closing)) => limit(closing + self.options.header_read_timeout, phase),
                _ => {
                    self.pulse.head_begun_at(since);
                    limit(since + self.options.header_read_timeout, phase);
                }
            }
        }
        for (stuck, seen) in [(&mut self.socket_stuck, socket_stuck), (&mut self.pieces_stuck, pieces_stuck)]
        {
            if let Some((_, since)) = stuck.observe(seen, now) {
                limit(since + self.options.write_stall_timeout, Phase::Write);
            }
        }
        match verdict {
            (deadline, Some(phase)) if deadline <= now => Verdict::Over(phase),
            (deadline, _) => Verdict::Until(deadline),
        }
    }
}

/// A state, and when it was first seen unchanged.
struct Since<T>(Option<(T, Instant)>);

impl<T: Copy + PartialEq> Since<T> {
    fn observe(&mut self, seen: Option<T>, now: Instant) -> Option<(T, Instant)> {
        if self.0.map(|(state, _)| state) != seen {
            self.0 = seen.map(|state| (state, now));
        }
        self.0
    }
}
