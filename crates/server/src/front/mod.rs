//! The hardened front: from a listening socket to the router, and nothing a client does in between may cost more than
//! a named limit.
//!
//! `axum::serve` waits for ever for a slow head, a slow body, a silent socket and a client that does not read. This
//! module owns the accept loop instead and gives every such wait a limit ([`Options`]). HTTP/1.1 and HTTP/2 (with prior
//! knowledge, no TLS) are served on one port.
//!
//! What it must not do: know a route, answer for the application, or hold a client to a body size; that is the router's,
//! per route. It speaks plain text: TLS ends in front of it.
//!
//! How a connection is watched: everything that happens on it (bytes read, a request begun or done, a write that is
//! stuck) is noted in a `pulse::Pulse` by plain counters, and the one task that drives the connection looks at the
//! counters whenever it wakes and derives the next deadline (`watch`). The timer is moved only when a deadline comes
//! *nearer*, so a busy connection costs one reading of the clock per wake and no timer work at all. Only a request body
//! that keeps its handler waiting has a timer of its own (`body`), because there the handler must get an error.
//!
//! Reading order: `options`, `serve` here, `admission`, `connection`, `watch`, `pulse`, `stream`, `refusal`,
//! `body`, `response`.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use http::{Request, Response};
use hyper::service::Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch as signal;
use tokio::task::{JoinError, JoinSet};

mod admission;
mod body;
mod connection;
mod options;
mod pulse;
mod refusal;
mod response;
mod stream;
#[cfg(test)]
mod tests;
mod watch;

pub use body::{BodyTimedOut, RequestBody};
pub use options::{Http2Options, InvalidOption, Options};

use admission::Admission;
use connection::Host;

/// How long accepting pauses after an error that is not the connection's own, usually that the process has no file
/// descriptor left: trying again at once would spin, and descriptors come back as connections end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The address a request came from, as the socket says: behind a proxy it is the proxy's. In every request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// What became of the connections that were open when the shutdown began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Drained {
    /// Connections that ended by themselves within the grace: idle, or after the answer to their last request.
    pub finished: usize,
    /// Connections that were cut when the grace was over; what they asked may or may not have been done.
    pub cut: usize,
}

/// Why the front did not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The options contradict each other.
    #[error("the options of the HTTP front are not valid")]
    Options(#[from] InvalidOption),
}

/// Serves `service` on `listener` until `shutdown` completes, then drains and says how that went.
///
/// On shutdown the listener is closed first; idle connections are closed at once, busy ones finish the requests in
/// flight (HTTP/1.1 answers say `Connection: close`), and what is still there after [`Options::finish_grace`] is cut. A
/// stream that never ends by itself, such as server-sent events, must end itself when the application stops, or it is cut.
///
/// Dropping the returned future closes every connection at once.
///
/// # Errors
/// [`Error::Options`] if [`Options::validate`] refuses them. Trouble with one connection, and with accepting, is counted
/// and logged, never returned: a server does not stop because a client, or a moment without file descriptors, is bad.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> Result<Drained, Error>
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
    // `Unpin` lets a response be wrapped without a box of its own; axum's body is.
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    options.validate()?;
    describe_metrics();
    let (stop, stopped) = signal::channel(false);
    let admission = Admission::new(&options);
    let finish_grace = options.finish_grace;
    let host = Arc::new(Host::new(options, stopped));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => note_end(ended),
            (socket, address) = accept(&listener) => {
                let Some(admitted) = admission.admit(address.ip()) else {
                    // Closed at once and not left in the backlog: there it would wait unseen, while a load balancer
                    // that is refused tries another node now.
                    drop(socket);
                    continue;
                };
                let (host, service) = (Arc::clone(&host), service.clone());
                connections.spawn(async move {
                    connection::run(&host, socket, address, service).await;
                    drop(admitted);
                });
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    Ok(drain(connections, finish_grace).await)
}

/// The next connection. Cancel-safe: at worst a pause is cut short.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client was gone before we looked: its affair, and the next one may be fine.
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; trying again shortly");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn drain(mut connections: JoinSet<()>, grace: Duration) -> Drained {
    let mut finished = 0;
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            note_end(ended);
            finished += 1;
        }
    };
    if tokio::time::timeout(grace, all_ended).await.is_ok() {
        return Drained { finished, cut: 0 };
    }
    connections.abort_all();
    let mut cut = 0;
    while let Some(ended) = connections.join_next().await {
        // One may have ended by itself between the last look and the cut.
        match ended {
            Err(error) if error.is_cancelled() => cut += 1,
            ended => {
                note_end(ended);
                finished += 1;
            }
        }
    }
    tracing::warn!(cut, finished, "connections were cut at the end of the drain");
    Drained { finished, cut }
}

/// A connection's task ends with a panic only if a handler panicked; its client sees the connection close.
fn note_end(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a request handler panicked and took its connection with it");
    }
}

fn describe_metrics() {
    metrics::describe_gauge!(admission::CONNECTIONS, "HTTP connections open now");
    metrics::describe_counter!(
        admission::REFUSED,
        "HTTP connections closed at once because a limit was reached"
    );
    metrics::describe_counter!(
        watch::TIMED_OUT,
        "HTTP connections, and request bodies, ended by a time limit, by the phase they were in"
    );
}
