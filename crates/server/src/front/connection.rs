//! One connection: which protocol it speaks, and serving it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use axum::BoxError;
use bytes::Bytes;
use futures_util::TryFutureExt;
use futures_util::future::{Either, ready};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::watch as signal;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::body::{BodyLimits, RequestBody};
use super::pulse::{InFlight, Pulse};
use super::response::{Following, ResponseBody};
use super::stream::Stream;
use super::watch::{Closable, Phase, Protocol, Watch, count_timed_out, drive};
use super::{Options, PeerAddress};

/// What an HTTP/2 client with prior knowledge says first (RFC 9113 section 3.4). No HTTP/1.1 request begins so.
const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What all connections share.
pub(super) struct Host {
    options: Options,
    http1: http1::Builder,
    stopped: signal::Receiver<bool>,
}

impl Host {
    pub(super) fn new(options: Options, stopped: signal::Receiver<bool>) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            // hyper's own limit would count the idle time between requests too; `Watch` tells the two apart.
            .header_read_timeout(None)
            .max_header_size(options.header_bytes_max)
            .max_headers(options.headers_max)
            .max_buf_size(options.buffer_bytes_max);
        Self { options, http1, stopped }
    }

    fn http2(&self, streams: StreamSpawner) -> http2::Builder<StreamSpawner> {
        let limits = &self.options.http2;
        let mut http2 = http2::Builder::new(streams);
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.concurrent_streams_max)
            .max_pending_accept_reset_streams(limits.pending_reset_streams_max)
            .max_local_error_reset_streams(limits.error_reset_streams_max)
            .keep_alive_interval(limits.keep_alive_interval)
            .keep_alive_timeout(limits.keep_alive_timeout)
            .max_header_list_size(limits.header_list_bytes_max)
            .initial_connection_window_size(limits.receive_window_bytes)
            .initial_stream_window_size(limits.stream_receive_window_bytes)
            .max_send_buf_size(limits.send_buffer_bytes_max as usize);
        http2
    }

    /// The request as the service gets it.
    fn admit(
        &self,
        request: Request<Incoming>,
        pulse: &Arc<Pulse>,
        address: SocketAddr,
    ) -> (Request<RequestBody>, InFlight) {
        let (head_begun, in_flight) = pulse.request_begins();
        let mut request = request.map(|incoming| {
            // The clock is read only for a request that has a body and came in one go.
            let limits = (!incoming.is_end_stream()).then(|| BodyLimits {
                frame_timeout: self.options.body_read_timeout,
                deadline: head_begun.unwrap_or_else(Instant::now) + self.options.request_total_timeout,
            });
            RequestBody::new(incoming, limits)
        });
        request.extensions_mut().insert(PeerAddress(address));
        (request, in_flight)
    }
}

/// Serves `socket` until its end.
pub(super) async fn run<S, B>(host: &Arc<Host>, socket: TcpStream, address: SocketAddr, service: S)
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    let opened = Instant::now();
    let mut stopped = host.stopped.clone();
    let sniffed = tokio::select! {
        biased;
        sniffed = timeout_at(opened + host.options.header_read_timeout, sniff(&socket)) => sniffed,
        _ = stopped.wait_for(|stopped| *stopped) => return,
    };
    let (protocol, opening) = match sniffed {
        Ok(Ok(Some(sniffed))) => sniffed,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => {
            tracing::debug!(%error, "an HTTP connection ended before its first request");
            return;
        }
        Err(_elapsed) => {
            count_timed_out(Phase::Header);
            return;
        }
    };
    let pulse = Arc::new(Pulse::new(opened));
    let watch = Watch::new(&pulse, &host.options, protocol, opened);
    let stream = TokioIo::new(Stream::new(socket, opening, Arc::clone(&pulse), host.options.refusal));
    match protocol {
        // The services return futures of combinators, not `async` blocks, which would keep what they await twice: the
        // future of a request is moved several times, so its size is paid for with every one.
        Protocol::Http1 => {
            let answer = service_fn(|request| {
                let (request, in_flight) = host.admit(request, &pulse, address);
                let answer = service.call(request);
                answer.map_ok(|response| finish(response, in_flight, Following::Socket))
            });
            drive(host.http1.serve_connection(stream, answer), watch, host.stopped.clone()).await;
        }
        Protocol::Http2 => {
            let streams = Streams::default();
            let answer = service_fn(|request| {
                let (request, in_flight) = host.admit(request, &pulse, address);
                // HTTP/1.1 counts them while it parses; h2 knows only their size.
                if request.headers().len() > host.options.headers_max {
                    let mut refusal = (host.options.refusal)(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
                    if request.method() == Method::HEAD {
                        refusal.body_mut().clear();
                    }
                    return Either::Left(ready(Ok(
                        refusal.map(|body| ResponseBody::refusal(body, in_flight))
                    )));
                }
                let answer = service.call(request);
                Either::Right(answer.map_ok(|response| finish(response, in_flight, Following::Pieces)))
            });
            let connection = host.http2(streams.spawner()).serve_connection(stream, answer);
            drive(connection, watch, host.stopped.clone()).await;
        }
    }
}

/// Reads until it is clear which protocol this is, and returns what was read; `None` if the client went away.
async fn sniff(socket: &TcpStream) -> io::Result<Option<(Protocol, Bytes)>> {
    // An answer leaves in one piece; waiting for more to send with it only delays it.
    socket.set_nodelay(true)?;
    let mut opening = [0; HTTP2_PREFACE.len()];
    let mut length = 0;
    loop {
        socket.readable().await?;
        match socket.try_read(&mut opening[length..]) {
            Ok(0) => return Ok(None),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        let seen = &opening[..length];
        if !HTTP2_PREFACE.starts_with(seen) {
            return Ok(Some((Protocol::Http1, Bytes::copy_from_slice(seen))));
        }
        if length == HTTP2_PREFACE.len() {
            return Ok(Some((Protocol::Http2, Bytes::from_static(HTTP2_PREFACE))));
        }
    }
}

fn finish<B>(
    mut response: Response<B>,
    in_flight: InFlight,
    following: Following,
) -> Response<ResponseBody<B>> {
    if response.status() == StatusCode::REQUEST_TIMEOUT {
        // The rest of the request is still to come, so nothing can follow it (RFC 9110 section 15.5.9).
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(|body| ResponseBody::new(body, in_flight, following))
}

/// The tasks of one HTTP/2 connection's streams; they end with it.
#[derive(Default)]
struct Streams(Arc<Mutex<JoinSet<()>>>);

/// Starts streams. Weak, because hyper keeps one in every stream's task, and the tasks are in the set.
#[derive(Clone)]
struct StreamSpawner(Weak<Mutex<JoinSet<()>>>);

impl Streams {
    fn spawner(&self) -> StreamSpawner {
        StreamSpawner(Arc::downgrade(&self.0))
    }
}

impl<F> hyper::rt::Executor<F> for StreamSpawner
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let Some(streams) = self.0.upgrade() else { return };
        let mut streams = streams.lock();
        while let Some(ended) = streams.try_join_next() {
            super::note_end(ended);
        }
        streams.spawn(stream);
    }
}

impl<S> Closable for http1::Connection<TokioIo<Stream>, S>
where
    S: HttpService<Incoming>,
    S::Error: Into<BoxError>,
    S::ResBody: 'static,
    <S::ResBody as http_body::Body>::Error: Into<BoxError>,
{
    fn close_when_answered(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S> Closable for http2::Connection<TokioIo<Stream>, S, StreamSpawner>
where
    S: HttpService<Incoming>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    S::ResBody: Send + 'static,
    <S::ResBody as http_body::Body>::Data: Send,
    <S::ResBody as http_body::Body>::Error: Into<BoxError>,
    StreamSpawner: hyper::rt::bounds::Http2ServerConnExec<S::Future, S::ResBody>,
{
    fn close_when_answered(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
