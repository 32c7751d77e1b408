//! A small server with the shop's API and planted faults: what a correct one does, and every way in
//! which the verdict must not believe a wrong one.

mod shop;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) use shop::{Fault, Shop};

/// How answers travel, whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Transport {
    /// At once, with a length.
    #[default]
    Plain,
    /// In chunks of a few bytes.
    Chunked,
    /// Every seventh purchase is decided, and then the connection is cut instead of answered.
    CutAfterDeciding,
    /// Every seventh of the first purchases is answered later than any client waits.
    Slow,
    /// The server closes after every answer.
    CloseAlways,
    /// Every seventh purchase is answered with something that is not HTTP.
    Garbage,
}

/// A request as far as this server reads it.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) idempotency_key: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The same for another path.
    fn at(&self, path: &str) -> Self {
        Self {
            method: self.method.clone(),
            path: path.to_owned(),
            key: self.key.clone(),
            idempotency_key: self.idempotency_key.clone(),
            body: self.body.clone(),
        }
    }
}

/// An answer before it travels.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) replay: bool,
    pub(crate) body: String,
}

/// A server on a port of its own; it ends with this value.
pub(crate) struct Fake {
    pub(crate) url: String,
    pub(crate) shop: Arc<Mutex<Shop>>,
    transport: Transport,
    accepting: JoinSet<()>,
}

impl Fake {
    pub(crate) async fn start(shop: Shop, transport: Transport) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shop = Arc::new(Mutex::new(shop));
        let accepting = accept(listener, Arc::clone(&shop), transport);
        Self { url, shop, transport, accepting }
    }

    /// Another server of the same shop.
    pub(crate) async fn second(&self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepting = accept(listener, Arc::clone(&self.shop), self.transport);
        Self { url, shop: Arc::clone(&self.shop), transport: self.transport, accepting }
    }

    /// Dies with all its connections; what it has sold is stored.
    pub(crate) async fn die(&mut self) {
        self.accepting.shutdown().await;
    }

    /// Comes back at the same address.
    pub(crate) async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.url.strip_prefix("http://").unwrap()).await.unwrap();
        self.accepting = accept(listener, Arc::clone(&self.shop), self.transport);
    }
}

fn accept(listener: TcpListener, shop: Arc<Mutex<Shop>>, transport: Transport) -> JoinSet<()> {
    let mut accepting = JoinSet::new();
    accepting.spawn(async move {
        let purchases = Arc::new(AtomicU64::new(0));
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(serve(stream, Arc::clone(&shop), transport, Arc::clone(&purchases)));
        }
    });
    accepting
}

async fn serve(
    mut stream: TcpStream,
    shop: Arc<Mutex<Shop>>,
    transport: Transport,
    purchases: Arc<AtomicU64>,
) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let answer = shop.lock().answer(&request);
        let seventh = request.method == "POST" && purchases.fetch_add(1, Ordering::Relaxed) % 7 == 3;
        // Each one costs its client a whole time limit.
        let slow_left = || purchases.load(Ordering::Relaxed) < 100;
        match transport {
            Transport::CutAfterDeciding if seventh => return,
            Transport::Garbage if seventh => {
                stream.write_all(b"220 smtp.example.org ESMTP\r\n").await.ok();
                return;
            }
            // tidy: allow(no-sleeping-tests) because the pause is the slow server itself
            Transport::Slow if seventh && slow_left() => tokio::time::sleep(Duration::from_secs(1)).await,
            _ => {}
        }
        if stream.write_all(&in_transit(&answer, transport)).await.is_err()
            || transport == Transport::CloseAlways
        {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    let length: usize = header("Content-Length").map_or(0, |length| length.parse().unwrap());
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split(' ');
    let request = Request {
        method: words.next().unwrap().to_owned(),
        path: words.next().unwrap().to_owned(),
        key: header("Authorization").and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned)),
        idempotency_key: header("Idempotency-Key").unwrap_or_default(),
        body: buffer[head_end..head_end + length].to_vec(),
    };
    buffer.drain(..head_end + length);
    Some(request)
}

fn in_transit(answer: &Answer, transport: Transport) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Whatever\r\nX-Request-Id: req_1\r\n", answer.status);
    if answer.replay {
        head += "Idempotent-Replay: true\r\n";
    }
    if transport == Transport::CloseAlways {
        head += "Connection: close\r\n";
    }
    let mut bytes;
    if transport == Transport::Chunked {
        bytes = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        for chunk in answer.body.as_bytes().chunks(7) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
    } else {
        bytes = format!("{head}Content-Length: {}\r\n\r\n{}", answer.body.len(), answer.body).into_bytes();
    }
    bytes
}
