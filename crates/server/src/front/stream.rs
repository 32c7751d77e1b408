//! The socket, with what was read to tell the protocol put back in front, noting progress in the [`Pulse`].

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::pulse::Pulse;
use super::refusal;

/// Writes of several pieces are put together up to so many bytes: the head of an answer and its body, mostly. Copying
/// them costs less than telling the kernel about two.
const JOIN_BYTES_MAX: usize = 2_048;

pub(super) struct Stream {
    socket: TcpStream,
    /// Read already, and due first.
    opening: Bytes,
    pulse: Arc<Pulse>,
    /// Small pieces of one write, put together; never more than [`JOIN_BYTES_MAX`].
    joined: Vec<u8>,
    /// Says what is no request in the application's words.
    refusal: fn(StatusCode) -> Response<Bytes>,
    /// What is left to write of such an answer.
    refusing: Option<Bytes>,
}

impl Stream {
    pub(super) fn new(
        socket: TcpStream,
        opening: Bytes,
        pulse: Arc<Pulse>,
        refusal: fn(StatusCode) -> Response<Bytes>,
    ) -> Self {
        Self { socket, opening, pulse, joined: Vec::new(), refusal, refusing: None }
    }

    /// Writes a refusal to its end in the stead of hyper's own.
    fn refuse(&mut self, context: &mut Context<'_>, status: StatusCode, own: &[u8]) -> Poll<io::Result<()>> {
        let refusal = self.refusal;
        let left = self.refusing.get_or_insert_with(|| refusal::encode(&refusal(status), own));
        while !left.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(context, left))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            left.advance(written);
        }
        self.refusing = None;
        Poll::Ready(Ok(()))
    }

    fn note_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.pulse.wrote(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.pulse.write_is_stuck(),
        }
        written
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.opening.is_empty() {
            let length = self.opening.len().min(buffer.remaining());
            buffer.put_slice(&self.opening[..length]);
            self.opening.advance(length);
            self.pulse.bytes_read();
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pulse.bytes_read();
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match refusal::status_of(bytes) {
            Some(status) => self.refuse(context, status, bytes).map_ok(|()| bytes.len()),
            None => Pin::new(&mut self.socket).poll_write(context, bytes),
        };
        self.note_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [slice] = slices {
            return self.poll_write(context, slice);
        }
        let Self { socket, joined, .. } = &mut *self;
        let bytes: usize = slices.iter().map(|slice| slice.len()).sum();
        let written = if bytes <= JOIN_BYTES_MAX {
            joined.clear();
            joined.reserve_exact(JOIN_BYTES_MAX);
            slices.iter().for_each(|slice| joined.extend_from_slice(slice));
            Pin::new(socket).poll_write(context, joined)
        } else {
            Pin::new(socket).poll_write_vectored(context, slices)
        };
        self.note_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
