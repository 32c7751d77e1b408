//! Clients that misbehave, on real sockets. Every limit but the one under test is far away, so nothing else can be what
//! ended a connection; waits are for a condition, and bounded.

mod limits;
mod protocol;
mod shutdown;
mod slow;
mod slow_http2;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures_util::stream;
use http_body_util::Empty;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{BodyTimedOut, Drained, Error, Http2Options, Options, PeerAddress, serve};

/// A limit that is never reached in a test.
const FAR: Duration = Duration::from_secs(600);
/// The limit under test.
const NEAR: Duration = Duration::from_millis(150);
/// The bound of every wait.
const BOUND: Duration = Duration::from_secs(20);
/// The pace of a client that dribbles.
const PACE: Duration = Duration::from_millis(20);

fn patient() -> Options {
    Options {
        header_read_timeout: FAR,
        body_read_timeout: FAR,
        request_total_timeout: FAR,
        write_stall_timeout: FAR,
        idle_timeout: FAR,
        finish_grace: FAR,
        http2: Http2Options { keep_alive_interval: FAR, keep_alive_timeout: FAR, ..Http2Options::default() },
        ..Options::default()
    }
}

/// Where `/slow` and `/quiet` wait until the test lets them go on.
struct Gate {
    permits: Semaphore,
    waiting: AtomicUsize,
}

impl Gate {
    async fn pass(&self) {
        self.waiting.fetch_add(1, Relaxed);
        self.permits.acquire().await.unwrap().forget();
        self.waiting.fetch_sub(1, Relaxed);
    }

    fn open_for_one(&self) {
        self.permits.add_permits(1);
    }

    async fn wait_for_waiter(&self) {
        bounded(async {
            while self.waiting.load(Relaxed) == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// A server under test; everything runs on the test's own thread, so its metrics are its own.
struct Front {
    address: SocketAddr,
    gate: Arc<Gate>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinSet<Result<Drained, Error>>,
    metrics: PrometheusHandle,
    _recorder: metrics::LocalRecorderGuard<'static>,
}

impl Front {
    async fn start(options: Options) -> Self {
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let metrics = recorder.handle();
        let recorder = metrics::set_default_local_recorder(recorder);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Arc::new(Gate { permits: Semaphore::new(0), waiting: AtomicUsize::new(0) });
        let (stop, stopped) = oneshot::channel::<()>();
        let router = router(Arc::clone(&gate));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            serve(listener, TowerToHyperService::new(router), options, async { drop(stopped.await) }).await
        });
        Self { address, gate, stop: Some(stop), serving, metrics, _recorder: recorder }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn connect_http2(&self) -> (SendRequest<Empty<Bytes>>, JoinSet<()>) {
        let socket = TokioIo::new(self.connect().await);
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
        let mut driver = JoinSet::new();
        driver.spawn(async { drop(connection.await) });
        (sender, driver)
    }

    fn request_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    async fn drained(&mut self) -> Drained {
        bounded(self.serving.join_next()).await.unwrap().unwrap().unwrap()
    }

    /// The value of a metric, given as the exposition names it; 0 if nothing was counted.
    fn metric(&self, name: &str) -> f64 {
        let text = self.metrics.render();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    fn timed_out(&self, phase: &str) -> f64 {
        self.metric(&format!("flashtix_http_connections_timed_out_total{{phase=\"{phase}\"}}"))
    }

    async fn wait_for_connections(&self, count: usize) {
        bounded(async {
            while self.metric("flashtix_http_connections") != count as f64 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

fn router(gate: Arc<Gate>) -> Router {
    let slow = async |State(gate): State<Arc<Gate>>| {
        gate.pass().await;
        "finished"
    };
    let quiet = async |State(gate): State<Arc<Gate>>| {
        Body::from_stream(stream::unfold(gate, async |gate| {
            gate.pass().await;
            Some((Ok::<_, Infallible>("data: sold\n\n"), gate))
        }))
    };
    let endless = async || {
        Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 16 * 1024]))))
    };
    let peer = async |Extension(PeerAddress(address)): Extension<PeerAddress>| address.to_string();
    Router::new()
        .route("/", get(async || "ok"))
        .route("/peer", get(peer))
        .route("/slow", get(slow))
        .route("/quiet", get(quiet))
        .route("/endless", get(endless))
        .route("/big", get(async || Body::from(vec![b'x'; 4 * 1024 * 1024])))
        .route("/echo", post(echo))
        .with_state(gate)
}

async fn echo(body: Result<Bytes, BytesRejection>) -> Response {
    match body {
        Ok(body) => body.into_response(),
        Err(error) if BodyTimedOut::caused(&error) => StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(error) => error.into_response(),
    }
}

async fn bounded<T>(future: impl Future<Output = T>) -> T {
    timeout(BOUND, future).await.expect("it never happened")
}

/// What the server sent until it closed the connection, in whichever way.
async fn until_closed(socket: &mut TcpStream) -> String {
    let mut received = Vec::new();
    // A reset closes too, and keeps what came before it.
    bounded(socket.read_to_end(&mut received)).await.ok();
    String::from_utf8_lossy(&received).into_owned()
}

/// Sends a byte of `bytes`, over and over, at a slow pace, until the server closes the connection.
async fn dribble_until_closed(socket: &mut TcpStream, bytes: &[u8]) -> String {
    let mut received = Vec::new();
    bounded(async {
        for byte in bytes.iter().cycle() {
            match timeout(PACE, socket.read_buf(&mut received)).await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(_)) => {}
                Err(_elapsed) => socket.write_all(&[*byte]).await.unwrap_or_default(),
            }
        }
    })
    .await;
    String::from_utf8_lossy(&received).into_owned()
}

/// Sends `request` and reads until `end` has come.
async fn exchange(socket: &mut TcpStream, request: &str, end: &str) -> String {
    socket.write_all(request.as_bytes()).await.unwrap();
    read_until(socket, end).await
}

async fn read_until(socket: &mut TcpStream, end: &str) -> String {
    let mut received = Vec::new();
    bounded(async {
        while !String::from_utf8_lossy(&received).ends_with(end) {
            assert_ne!(socket.read_buf(&mut received).await.unwrap(), 0, "closed before `{end}` came");
        }
    })
    .await;
    String::from_utf8(received).unwrap()
}

/// Asserts that the server leaves the connection open, and says nothing, for several times the limit under test.
async fn stays_open(socket: &mut TcpStream) {
    let mut byte = [0];
    assert!(timeout(NEAR * 4, socket.read(&mut byte)).await.is_err(), "closed, or said something");
}
