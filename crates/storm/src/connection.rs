//! One connection to the server with at most one request in flight.
//!
//! Written by hand over a socket because the generator shares its machine with the server it
//! measures: a request costs one write, one read and a scan of some hundred bytes.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::limits;
use crate::response::{Chunks, Framing, Head, Malformed, read_head};

/// An answer; its body lies in the connection's buffers until the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) replay: bool,
    body: BodyAt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum BodyAt {
    /// In the read buffer, as it came.
    Buffer(Range<usize>),
    /// Put together from chunks.
    Chunks,
}

#[cfg(test)]
impl Reply {
    /// A reply without a body, for tests of what is made of it.
    pub(crate) fn plain(status: u16) -> Self {
        Self { status, retry_after_seconds: None, replay: false, body: BodyAt::Chunks }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoReply {
    /// No connection could be made; nothing was sent.
    NotSent(io::Error),
    /// The connection ended after something was sent: the outcome is unknown.
    Lost(io::Error),
    /// The time limit passed: the outcome is unknown.
    Timeout,
    /// The answer is not HTTP: the outcome is unknown.
    Malformed(Malformed),
}

/// One connection, opened when first needed and again after every loss.
#[derive(Debug)]
pub(crate) struct Connection {
    authority: String,
    timeout: Duration,
    body_bytes_max: usize,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that have arrived.
    filled: usize,
    chunks: Vec<u8>,
    /// Armed lazily: it fires at most once per time limit and is then moved to the real deadline,
    /// so that a request that is answered in time costs no timer at all.
    alarm: Option<Pin<Box<Sleep>>>,
    /// How often a connection was opened.
    pub(crate) opened: u64,
}

impl Connection {
    pub(crate) fn new(authority: &str, timeout: Duration, body_bytes_max: usize) -> Self {
        Self {
            authority: authority.to_owned(),
            timeout,
            body_bytes_max,
            stream: None,
            buffer: vec![0; limits::BUFFER_BYTES_START],
            filled: 0,
            chunks: Vec::new(),
            alarm: None,
            opened: 0,
        }
    }

    /// The body of the last reply.
    pub(crate) fn body(&self, reply: &Reply) -> &[u8] {
        match &reply.body {
            BodyAt::Buffer(range) => &self.buffer[range.clone()],
            BodyAt::Chunks => &self.chunks,
        }
    }

    /// Makes sure that there is a connection that the server has not closed.
    ///
    /// Not cancel-safe in the sense that a dropped attempt is simply lost; it can be made again.
    pub(crate) async fn open(&mut self) -> Result<(), NoReply> {
        if let Some(stream) = &self.stream {
            // A server closes idle connections; noticed here it is no lost request. Costs no system
            // call as long as nothing has arrived.
            match stream.try_read(&mut self.buffer[..1]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                _ => self.stream = None,
            }
        }
        let connect = TcpStream::connect(&self.authority);
        let stream = match tokio::time::timeout(self.timeout, connect).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(NoReply::NotSent(error)),
            Err(_) => return Err(NoReply::NotSent(io::ErrorKind::TimedOut.into())),
        };
        stream.set_nodelay(true).map_err(NoReply::NotSent)?;
        self.stream = Some(stream);
        self.opened += 1;
        Ok(())
    }

    /// Sends a request and waits for its answer. [`Connection::open`] must have succeeded just before.
    ///
    /// Any failure closes the connection, for what follows on it could not be told apart.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Reply, NoReply> {
        let Some(mut stream) = self.stream.take() else {
            return Err(NoReply::NotSent(io::ErrorKind::NotConnected.into()));
        };
        let deadline = Instant::now() + self.timeout;
        let mut sent = 0;
        while sent < request.len() {
            let write = |cx: &mut Context<'_>| Pin::new(&mut stream).poll_write(cx, &request[sent..]);
            match self.until(deadline, write).await? {
                Ok(0) => return Err(NoReply::Lost(io::ErrorKind::WriteZero.into())),
                Ok(written) => sent += written,
                Err(error) => return Err(NoReply::Lost(error)),
            }
        }
        let (reply, close) = self.receive(&mut stream, deadline).await?;
        if !close {
            self.stream = Some(stream);
        }
        Ok(reply)
    }

    async fn receive(&mut self, stream: &mut TcpStream, deadline: Instant) -> Result<(Reply, bool), NoReply> {
        self.filled = 0;
        let mut interims = 0;
        let head = loop {
            match read_head(&self.buffer[..self.filled], self.body_bytes_max).map_err(NoReply::Malformed)? {
                None => self.read_more(stream, deadline).await?,
                Some(head) if head.status >= 200 => break head,
                Some(head) => {
                    interims += 1;
                    if head.status == 101 || interims > limits::INTERIM_ANSWERS_MAX {
                        return Err(NoReply::Malformed(Malformed::Status));
                    }
                    self.buffer.copy_within(head.length..self.filled, 0);
                    self.filled -= head.length;
                }
            }
        };
        let body = self.receive_body(stream, deadline, &head).await?;
        let reply = Reply {
            status: head.status,
            retry_after_seconds: head.retry_after_seconds,
            replay: head.replay,
            body,
        };
        Ok((reply, head.close))
    }

    async fn receive_body(
        &mut self,
        stream: &mut TcpStream,
        deadline: Instant,
        head: &Head,
    ) -> Result<BodyAt, NoReply> {
        match head.framing {
            Framing::Length(length) => {
                let end = head.length + length;
                while self.filled < end {
                    self.read_more(stream, deadline).await?;
                }
                self.ends_at(end)?;
                Ok(BodyAt::Buffer(head.length..end))
            }
            Framing::Chunked => {
                self.chunks.clear();
                let mut reader = Chunks::starting_at(head.length);
                let end = loop {
                    let arrived = &self.buffer[..self.filled];
                    match reader.advance(arrived, &mut self.chunks, self.body_bytes_max) {
                        Ok(Some(end)) => break end,
                        Ok(None) => self.read_more(stream, deadline).await?,
                        Err(malformed) => return Err(NoReply::Malformed(malformed)),
                    }
                };
                self.ends_at(end)?;
                Ok(BodyAt::Chunks)
            }
            Framing::UntilClose => loop {
                match self.read_more(stream, deadline).await {
                    Ok(()) => {}
                    Err(NoReply::Lost(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                        return Ok(BodyAt::Buffer(head.length..self.filled));
                    }
                    Err(error) => return Err(error),
                }
            },
        }
    }

    /// One request, one answer: more bytes than that belong to nobody.
    fn ends_at(&self, end: usize) -> Result<(), NoReply> {
        if self.filled > end { Err(NoReply::Malformed(Malformed::Trailing)) } else { Ok(()) }
    }

    async fn read_more(&mut self, stream: &mut TcpStream, deadline: Instant) -> Result<(), NoReply> {
        if self.filled == self.buffer.len() {
            // Chunks carry framing beside the body, at most about as much again.
            let bytes_max = limits::HEAD_BYTES_MAX + 2 * self.body_bytes_max;
            if self.filled >= bytes_max {
                return Err(NoReply::Malformed(Malformed::BodyTooLong));
            }
            self.buffer.resize((self.filled * 2).min(bytes_max), 0);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let filled = self.filled;
        let read = |cx: &mut Context<'_>| {
            let mut target = ReadBuf::new(&mut buffer[filled..]);
            Pin::new(&mut *stream).poll_read(cx, &mut target).map_ok(|()| target.filled().len())
        };
        let result = self.until(deadline, read).await;
        self.buffer = buffer;
        match result? {
            Ok(0) => Err(NoReply::Lost(io::ErrorKind::UnexpectedEof.into())),
            Ok(count) => {
                self.filled += count;
                Ok(())
            }
            Err(error) => Err(NoReply::Lost(error)),
        }
    }

    /// Polls until there is a result or the deadline has passed.
    async fn until<T>(
        &mut self,
        deadline: Instant,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, NoReply> {
        poll_fn(|cx| {
            if let Poll::Ready(result) = poll(cx) {
                return Poll::Ready(Ok(result));
            }
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
            while alarm.as_mut().poll(cx).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(Err(NoReply::Timeout));
                }
                alarm.as_mut().reset(deadline);
            }
            Poll::Pending
        })
        .await
    }
}
