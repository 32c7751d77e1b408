//! A response body that says when it is done, and for HTTP/2 when its pieces have left.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use super::pulse::{InFlight, Pulse};

/// How a response's pieces are followed until the client has taken them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Following {
    /// HTTP/1.1: not at all; a piece that the client does not take leaves the socket's write stuck, which is seen there.
    Socket,
    /// HTTP/2: one by one. The socket may be writable, and the client busy with other streams and with pings, while a
    /// stream's window stays shut and its pieces stay in our memory.
    Pieces,
}

/// Whose words a response carries.
enum Content<B> {
    Service(B),
    /// The front's own, until they are sent.
    Refusal(Option<Bytes>),
}

pub(super) struct ResponseBody<B> {
    body: Content<B>,
    in_flight: InFlight,
    following: Following,
}

impl<B> ResponseBody<B> {
    pub(super) fn new(body: B, in_flight: InFlight, following: Following) -> Self {
        Self { body: Content::Service(body), in_flight, following }
    }

    pub(super) fn refusal(body: Bytes, in_flight: InFlight) -> Self {
        let body = Content::Refusal((!body.is_empty()).then_some(body));
        Self { body, in_flight, following: Following::Pieces }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for ResponseBody<B> {
    type Data = Piece<Bytes>;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, B::Error>>> {
        let frame = match &mut self.body {
            Content::Service(body) => ready!(Pin::new(body).poll_frame(context)),
            Content::Refusal(body) => body.take().map(|body| Ok(Frame::data(body))),
        };
        let pulse = (self.following == Following::Pieces).then(|| self.in_flight.pulse());
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(|data| Piece::new(data, pulse)))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Content::Service(body) => body.is_end_stream(),
            Content::Refusal(body) => body.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Content::Service(body) => body.size_hint(),
            Content::Refusal(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
        }
    }
}

/// A piece of a response; with a pulse it tells how far it got, and that it is gone.
pub(super) struct Piece<D> {
    data: D,
    pulse: Option<Arc<Pulse>>,
}

impl<D> Piece<D> {
    fn new(data: D, pulse: Option<&Arc<Pulse>>) -> Self {
        if let Some(pulse) = pulse {
            pulse.chunk_waits();
        }
        Self { data, pulse: pulse.cloned() }
    }
}

impl<D: Buf> Buf for Piece<D> {
    fn remaining(&self) -> usize {
        self.data.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.data.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.data.chunks_vectored(slices)
    }

    fn advance(&mut self, bytes: usize) {
        self.data.advance(bytes);
        if let Some(pulse) = &self.pulse {
            pulse.chunk_advances();
        }
    }
}

impl<D> Drop for Piece<D> {
    fn drop(&mut self) {
        if let Some(pulse) = &self.pulse {
            pulse.chunk_is_gone();
        }
    }
}
