//! The relay on Redis, Valkey, or a Redis Cluster: publish and subscribe.
//!
//! Plain messages, not sharded ones: a cluster carries them to all of its servers, so that any server will do for whoever sends or
//! hears, none must be found again when slots move, and a server that is gone costs a second. The price is that
//! every server of a cluster gets every message. One channel serves an installation: a node hears of all events on one
//! subscription, however many it has in memory.
//!
//! One connection a node, for both directions (RESP3). What comes while too much waits is dropped, and what is sent while there
//! is no connection is not sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::relay::{Relay, RelayFuture, RelayKey};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, PushInfo,
    PushKind, RedisError, RedisResult, Value,
};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::time::Instant;

use super::{BadUrl, CONNECT_TIMEOUT, RedisOptions, servers};

/// How long a message may take to be taken by the server.
const SEND_TIMEOUT: Duration = Duration::from_millis(500);
/// How long nothing is sent, and no connection tried, after one failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a server that says nothing is asked whether it is there.
const ASK_INTERVAL: Duration = Duration::from_secs(5);
/// Messages that were heard and wait at most.
const HEARD_MESSAGES_MAX: usize = 32;
/// The largest message that is kept, in bytes; nodes send none that is larger.
const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A relay on Redis. Connects when it is first used.
pub struct RedisRelay {
    servers: Vec<Client>,
    channel: String,
    link: Mutex<Link>,
    heard: Mutex<mpsc::Receiver<Bytes>>,
    ear: Arc<Ear>,
}

/// The connection, and how it went.
#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    /// Which server is tried next.
    next: usize,
    paused_until: Option<Instant>,
    /// Whether that it does not work was said already.
    is_down: bool,
}

/// Where the connection leaves what it hears.
struct Ear {
    heard: mpsc::Sender<Bytes>,
    lost: Notify,
}

impl std::fmt::Debug for RedisRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisRelay").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl RedisRelay {
    /// A relay for the installation of a key; it connects when it is first used.
    ///
    /// # Errors
    /// A URL that cannot be understood.
    pub fn new(options: &RedisOptions, key: &RelayKey) -> Result<Self, BadUrl> {
        let bad = |error: RedisError| BadUrl(error.to_string());
        let open = |node: &str| {
            let info: ConnectionInfo = node.into_connection_info()?;
            // A connection that subscribes and asks as well.
            let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
            Client::open(info.set_redis_settings(settings))
        };
        let servers =
            servers(&options.url)?.into_iter().map(open).collect::<RedisResult<_>>().map_err(bad)?;
        let (sender, heard) = mpsc::channel(HEARD_MESSAGES_MAX);
        Ok(Self {
            servers,
            channel: format!("flashtix:{}:commits", key.installation()),
            link: Mutex::default(),
            heard: Mutex::new(heard),
            ear: Arc::new(Ear { heard: sender, lost: Notify::new() }),
        })
    }
}

impl Relay for RedisRelay {
    fn send(&self, message: Bytes) -> RelayFuture<'_, bool> {
        Box::pin(async move {
            let Some(connection) = self.connection().await else { return false };
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(&self.channel).arg(&message[..]);
            let told = ask(connection, &publish, SEND_TIMEOUT).await;
            if let Err(error) = &told {
                self.give_up(error).await;
            }
            told.is_ok()
        })
    }

    fn hear(&self) -> RelayFuture<'_, Bytes> {
        Box::pin(async move {
            let mut heard = self.heard.lock().await;
            loop {
                let connection = self.connection().await;
                let patience = if connection.is_some() { ASK_INTERVAL } else { PAUSE };
                tokio::select! {
                    biased;
                    // This relay itself keeps the sender.
                    Some(message) = heard.recv() => return message,
                    () = self.ear.lost.notified() => self.give_up(&"the connection ended").await,
                    () = tokio::time::sleep(patience) => {
                        let Some(connection) = connection else { continue };
                        if let Err(error) = ask(connection, &redis::cmd("PING"), SEND_TIMEOUT).await {
                            self.give_up(&error).await;
                        }
                    }
                }
            }
        })
    }
}

async fn ask(mut connection: MultiplexedConnection, what: &redis::Cmd, within: Duration) -> RedisResult<()> {
    let late = |_| RedisError::from((redis::ErrorKind::Io, "the server took too long"));
    let answer = what.query_async::<Value>(&mut connection);
    tokio::time::timeout(within, answer).await.map_err(late)?.map(drop)
}

impl RedisRelay {
    /// The connection, made if need be; `None` for a while after it failed.
    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut link = self.link.lock().await;
        if let Some(connection) = &link.connection {
            return Some(connection.clone());
        }
        if link.paused_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let at = link.next % self.servers.len();
        link.next = at + 1;
        match tokio::time::timeout(CONNECT_TIMEOUT, self.connect(&self.servers[at])).await {
            Ok(Ok(connection)) => {
                link.connection = Some(connection.clone());
                if std::mem::take(&mut link.is_down) {
                    tracing::info!("the relay works again");
                }
                metrics::gauge!("flashtix_relay_connected").set(1.0);
                Some(connection)
            }
            Ok(Err(error)) => {
                link.fail(&error);
                None
            }
            Err(_) => {
                link.fail(&"connecting took too long");
                None
            }
        }
    }

    async fn connect(&self, server: &Client) -> RedisResult<MultiplexedConnection> {
        let ear = self.ear.clone();
        let config = AsyncConnectionConfig::new().set_push_sender(move |push| ear.push(push));
        let mut connection = server.get_multiplexed_async_connection_with_config(&config).await?;
        connection.subscribe(&self.channel).await?;
        Ok(connection)
    }

    /// Lets the connection go.
    async fn give_up(&self, reason: &(dyn std::fmt::Display + Sync)) {
        self.link.lock().await.fail(reason);
    }
}

impl Link {
    fn fail(&mut self, reason: &dyn std::fmt::Display) {
        self.connection = None;
        self.paused_until = Some(Instant::now() + PAUSE);
        metrics::gauge!("flashtix_relay_connected").set(0.0);
        if !std::mem::replace(&mut self.is_down, true) {
            tracing::warn!(%reason, "the relay does not work; nodes read each other's commits from the ledger");
        }
    }
}

impl Ear {
    /// Takes what the server says by itself. Never waits: the connection would wait with it.
    fn push(&self, PushInfo { kind, data }: PushInfo) -> Result<(), std::convert::Infallible> {
        match (kind, data.into_iter().nth(1)) {
            (PushKind::Disconnection, _) => self.lost.notify_one(),
            (PushKind::Message, Some(Value::BulkString(message))) => self.keep(message.into()),
            _ => {}
        }
        Ok(())
    }

    /// Keeps a message, if it is not too large and not too many wait.
    fn keep(&self, message: Bytes) {
        if message.len() <= MESSAGE_BYTES_MAX && self.heard.try_send(message).is_err() {
            metrics::counter!("flashtix_relay_heard_total", "outcome" => "overrun").increment(1);
        }
    }
}
