//! A small HTTP client. Every answer it gets is held against the manners of the API: an `X-Request-Id` on each, a problem
//! of the right shape for every "no".

use std::io::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use flate2::write::GzDecoder;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::waiting::bounded;

/// A connection over which requests go out.
type Sender = SendRequest<Full<Bytes>>;

/// Connections that are kept, and the tasks that drive them.
#[derive(Default)]
struct Pool {
    idle: Mutex<Vec<Sender>>,
    drivers: Mutex<JoinSet<()>>,
}

/// Speaks with one server, with one key or without any.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    key: Option<String>,
    pool: Arc<Pool>,
}

impl Client {
    /// A client without a key.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, key: None, pool: Arc::default() }
    }

    /// A client of the server at a URL.
    pub(crate) fn of_url(url: &str) -> Self {
        Self::new(url.strip_prefix("http://").unwrap().parse().unwrap())
    }

    /// The same server, with a key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn ask(&self, method: Method, path: impl Into<String>) -> Ask {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        let path = path.into();
        *request.uri_mut() = path.parse().unwrap();
        let ask = Ask { client: self.clone(), request, path };
        match &self.key {
            Some(key) => ask.header("authorization", &format!("Bearer {key}")),
            None => ask,
        }
    }

    pub(crate) fn get(&self, path: impl Into<String>) -> Ask {
        self.ask(Method::GET, path)
    }

    pub(crate) fn delete(&self, path: impl Into<String>) -> Ask {
        self.ask(Method::DELETE, path)
    }

    pub(crate) fn post(&self, path: impl Into<String>, body: &Value) -> Ask {
        self.ask(Method::POST, path).body(body.to_string())
    }

    pub(crate) fn patch(&self, path: impl Into<String>, body: &Value) -> Ask {
        self.ask(Method::PATCH, path).body(body.to_string())
    }

    async fn connect(&self) -> Result<Sender, Broken> {
        let socket = TcpStream::connect(self.address).await.map_err(|_| Broken)?;
        socket.set_nodelay(true).map_err(|_| Broken)?;
        let (sender, connection) = handshake(TokioIo::new(socket)).await.map_err(|_| Broken)?;
        self.pool.drivers.lock().spawn(async { drop(connection.await) });
        Ok(sender)
    }

    async fn sender(&self) -> Result<Sender, Broken> {
        loop {
            let idle = self.pool.idle.lock().pop();
            match idle {
                Some(mut sender) => {
                    if sender.ready().await.is_ok() {
                        return Ok(sender);
                    }
                }
                None => return self.connect().await,
            }
        }
    }
}

/// The connection broke, or was never made: it is not known what became of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// A request under construction; awaiting it sends it.
pub(crate) struct Ask {
    client: Client,
    request: Request<Bytes>,
    path: String,
}

impl Ask {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn key(self, idempotency_key: &str) -> Self {
        self.header("idempotency-key", idempotency_key)
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    async fn send(self) -> Result<(Client, Sender, Response<Incoming>, String), Broken> {
        let Self { client, request, path } = self;
        let mut sender = client.sender().await?;
        let (mut head, body) = request.into_parts();
        head.headers.insert("host", client.address.to_string().parse().unwrap());
        let request = Request::from_parts(head, Full::new(body));
        let response = sender.send_request(request).await.map_err(|_| Broken)?;
        Ok((client, sender, response, path))
    }

    /// Sends it, where a broken connection is to be expected.
    pub(crate) async fn attempt(self) -> Result<Answer, Broken> {
        let method = self.request.method().clone();
        let (client, sender, response, path) = bounded("an answer", self.send()).await?;
        let (head, body) = response.into_parts();
        let body = bounded("a body", body.collect()).await.map_err(|_| Broken)?.to_bytes();
        client.pool.idle.lock().push(sender);
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, body, path };
        answer.check_manners(&method);
        Ok(answer)
    }

    /// Sends it, and leaves the answer's body to be read piece by piece; the client keeps the connection.
    pub(crate) async fn stream(self) -> (Client, Response<Incoming>) {
        let (client, _, response, _) = bounded("a head", self.send()).await.expect("the connection broke");
        (client, response)
    }
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let what = format!("{} {}", self.request.method(), self.path);
        Box::pin(async move {
            match self.attempt().await {
                Ok(answer) => answer,
                Err(Broken) => panic!("{what}: the connection broke"),
            }
        })
    }
}

/// An answer, complete.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    path: String,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{}: {error} in {:?}", self.path, self.text()),
        }
    }

    /// Whether the answer was given before to the same request.
    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotent-replay") == "true"
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.path, self.text());
        assert_eq!(self.header("content-type"), "application/json", "{}", self.path);
        self.json()
    }

    /// The problem that an answer must be.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}: {}", self.path, self.text());
        self.json()
    }

    /// The problem of a field, with the pointer that it must name.
    #[track_caller]
    pub(crate) fn invalid(&self, status: u16, pointer: &str) -> Value {
        let problem = self.problem(status, "validation");
        assert_eq!(problem["pointer"], pointer, "{problem}");
        problem
    }

    /// A problem's code; empty when the answer is none.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// What holds for every answer.
    fn check_manners(&self, method: &Method) {
        let Self { status, headers, body, path } = self;
        let what = format!("{method} {path}: {status} {headers:?} {}", self.text());
        assert!(!self.header("x-request-id").is_empty(), "no X-Request-Id: {what}");
        let is_classic = path.starts_with("/api/tickets") || path.starts_with("/actuator");
        if *status < 400 || is_classic {
            return;
        }
        if method == Method::HEAD {
            return;
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
        let problem: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {what}"));
        assert_eq!(problem["status"], *status, "{what}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{what}");
        let code = problem["code"].as_str().unwrap_or_else(|| panic!("no code: {what}"));
        assert!(problem["type"].as_str().is_some_and(|text| text.ends_with(code)), "{what}");
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "no {text}: {what}");
        }
        let is_retryable = problem["retryable"].as_bool().unwrap_or_else(|| panic!("no retryable: {what}"));
        assert_eq!(is_retryable, problem["retry_after_ms"].is_u64(), "{what}");
        assert_eq!(is_retryable, self.header("retry-after").parse::<u64>().is_ok_and(|s| s >= 1), "{what}");
        if code == "validation" {
            assert!(problem["pointer"].is_string() && problem["reason"].is_string(), "{what}");
        }
    }
}

/// A feed's frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) event: String,
    pub(crate) id: String,
    pub(crate) data: Value,
}

/// A feed that is read frame by frame.
pub(crate) struct Feed {
    /// Dropping it ends the connection.
    _client: Client,
    body: Incoming,
    /// Where a stream that is sent as gzip is read.
    gzip: Option<GzDecoder<Vec<u8>>>,
    buffer: String,
}

impl Feed {
    /// Joins a feed.
    pub(crate) async fn join(ask: Ask) -> Self {
        let (client, response) = ask.stream().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().contains_key("x-request-id"));
        assert_eq!(response.headers()["vary"], "accept-encoding");
        let gzip = response.headers().get("content-encoding").map(|coding| {
            assert_eq!(coding, "gzip");
            GzDecoder::new(Vec::new())
        });
        Self { _client: client, body: response.into_body(), gzip, buffer: String::new() }
    }

    /// Whether it is sent as gzip.
    pub(crate) fn is_packed(&self) -> bool {
        self.gzip.is_some()
    }

    /// The next frame; comments and other lines are skipped. `None` when the stream has ended.
    pub(crate) async fn next_or_end(&mut self) -> Option<Frame> {
        // The comments that keep a stream alive must not keep the wait alive.
        bounded("a frame", self.read_frame()).await
    }

    async fn read_frame(&mut self) -> Option<Frame> {
        loop {
            while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let field =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let frame = field("data: ").map(|data| Frame {
                    event: field("event: ").unwrap_or_default(),
                    id: field("id: ").unwrap_or_default(),
                    data: serde_json::from_str(&data).unwrap(),
                });
                self.buffer = rest.to_owned();
                if frame.is_some() {
                    return frame;
                }
            }
            let Some(piece) = self.body.frame().await else {
                if let Some(gzip) = &mut self.gzip {
                    gzip.try_finish().expect("the checksum, and the length, of all that was sent");
                }
                return None;
            };
            let Ok(mut bytes) = piece.expect("the stream broke").into_data() else { continue };
            if let Some(gzip) = &mut self.gzip {
                gzip.write_all(&bytes).and_then(|()| gzip.flush()).expect("gzip");
                bytes = std::mem::take(gzip.get_mut()).into();
            }
            self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next frame.
    pub(crate) async fn next(&mut self) -> Frame {
        self.next_or_end().await.expect("the stream ended")
    }
}
