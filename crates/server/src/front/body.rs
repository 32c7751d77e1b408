//! A request body that does not wait for ever.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::watch::{Phase, count_timed_out};

/// The client took too long to send the body of its request; the answer is 408.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client took too long to send the body")]
pub struct BodyTimedOut;

impl BodyTimedOut {
    /// Whether `error`, or anything that caused it, is a `BodyTimedOut`: extractors wrap what a body tells them.
    #[must_use]
    pub fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// The body of a request. It fails with [`BodyTimedOut`] when the next piece, or the whole, takes longer than the
/// options allow. The timer exists only once a reader had to wait, so a body that is there already costs nothing.
pub struct RequestBody {
    incoming: Incoming,
    /// `None` if there is nothing to wait for.
    limits: Option<BodyLimits>,
    /// The reader waits for a piece, and `timer` says how long it may.
    is_waiting: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy)]
pub(super) struct BodyLimits {
    /// The longest wait for one piece.
    pub(super) frame_timeout: Duration,
    /// When the whole body must be here.
    pub(super) deadline: Instant,
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, limits: Option<BodyLimits>) -> Self {
        Self { incoming, limits, is_waiting: false, timer: None }
    }

    /// Ready once the client has taken too long for the piece that the reader waits for.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(limits) = self.limits else { return Poll::Pending };
        let timer = match &mut self.timer {
            Some(timer) if self.is_waiting => timer,
            timer => {
                let until = limits.deadline.min(Instant::now() + limits.frame_timeout);
                self.is_waiting = true;
                match timer {
                    Some(timer) => {
                        timer.as_mut().reset(until);
                        timer
                    }
                    None => timer.insert(Box::pin(tokio::time::sleep_until(until))),
                }
            }
        };
        timer.as_mut().poll(context)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) {
            self.is_waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.poll_timer(context));
        count_timed_out(Phase::Body);
        Poll::Ready(Some(Err(BodyTimedOut.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RequestBody").field("size", &self.size_hint()).finish_non_exhaustive()
    }
}
