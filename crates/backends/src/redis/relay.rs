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
use std::sync::atomic::{AtomicU64, Ordering};
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
    /// Which one that is, counted from 1.
    number: u64,
    /// Which server is tried next.
    next: usize,
    paused_until: Option<Instant>,
    /// Whether that it does not work was said already.
    is_down: bool,
}

/// Where the connection leaves what it hears.
struct Ear {
    heard: mpsc::Sender<Bytes>,
    /// The last connection that ended by itself, by its number, and that one did.
    ended: AtomicU64,
    lost: Notify,
}

/// A connection, and which one it is: what went wrong with it says nothing of those that came after.
#[derive(Clone)]
struct Linked {
    connection: MultiplexedConnection,
    number: u64,
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
            ear: Arc::new(Ear { heard: sender, ended: AtomicU64::new(0), lost: Notify::new() }),
        })
    }
}

impl Relay for RedisRelay {
    fn send(&self, message: Bytes) -> RelayFuture<'_, bool> {
        Box::pin(async move {
            let Some(Linked { connection, number }) = self.connection().await else { return false };
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(&self.channel).arg(&message[..]);
            let told = ask(connection, &publish, SEND_TIMEOUT).await;
            if let Err(error) = &told {
                self.give_up(number, error).await;
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
                    () = self.ear.lost.notified() => self.mind_end().await,
                    () = tokio::time::sleep(patience) => {
                        let Some(Linked { connection, number }) = connection else { continue };
                        if let Err(error) = ask(connection, &redis::cmd("PING"), SEND_TIMEOUT).await {
                            self.give_up(number, &error).await;
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
    async fn connection(&self) -> Option<Linked> {
        let mut link = self.link.lock().await;
        if let Some(connection) = &link.connection {
            return Some(Linked { connection: connection.clone(), number: link.number });
        }
        if link.paused_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let at = link.next % self.servers.len();
        link.next = at + 1;
        link.number += 1;
        let number = link.number;
        match tokio::time::timeout(CONNECT_TIMEOUT, self.connect(&self.servers[at], number)).await {
            Ok(Ok(connection)) => {
                link.connection = Some(connection.clone());
                if std::mem::take(&mut link.is_down) {
                    tracing::info!("the relay works again");
                }
                metrics::gauge!("flashtix_relay_connected").set(1.0);
                Some(Linked { connection, number })
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

    async fn connect(&self, server: &Client, number: u64) -> RedisResult<MultiplexedConnection> {
        let ear = self.ear.clone();
        let config = AsyncConnectionConfig::new().set_push_sender(move |push| ear.push(number, push));
        let mut connection = server.get_multiplexed_async_connection_with_config(&config).await?;
        connection.subscribe(&self.channel).await?;
        Ok(connection)
    }

    /// Lets a connection go, unless there is a newer one already.
    async fn give_up(&self, number: u64, reason: &(dyn std::fmt::Display + Sync)) {
        let mut link = self.link.lock().await;
        if link.number == number && link.connection.is_some() {
            link.fail(reason);
        }
    }

    /// Lets the connection go that is said to have ended, if it is the present one. An old one may end long after it was given up.
    async fn mind_end(&self) {
        self.give_up(self.ear.ended.load(Ordering::Acquire), &"the connection ended").await;
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
    fn push(&self, number: u64, PushInfo { kind, data }: PushInfo) -> Result<(), std::convert::Infallible> {
        match (kind, data.into_iter().nth(1)) {
            (PushKind::Disconnection, _) => {
                self.ended.fetch_max(number, Ordering::AcqRel);
                self.lost.notify_one();
            }
            (PushKind::Message, Some(Value::BulkString(message))) => {
                if let Err(outcome) = self.keep(message.into()) {
                    metrics::counter!("flashtix_relay_heard_total", "outcome" => outcome).increment(1);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps a message; or says why not.
    fn keep(&self, message: Bytes) -> Result<(), &'static str> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err("oversized");
        }
        self.heard.try_send(message).map_err(|_| "overrun")
    }
}

#[cfg(test)]
mod tests {
    use testkit::servers::redis::Redis;

    use super::*;

    fn end() -> PushInfo {
        PushInfo { kind: PushKind::Disconnection, data: Vec::new() }
    }

    async fn is_connected(relay: &RedisRelay) -> bool {
        relay.link.lock().await.connection.is_some()
    }

    /// The number of a connection made anew.
    async fn connected(relay: &RedisRelay) -> u64 {
        relay.link.lock().await.paused_until = None;
        relay.connection().await.expect("the server is there").number
    }

    #[tokio::test]
    async fn an_old_connection_that_ends_late_takes_no_new_one_with_it() {
        let server = Redis::start(&[]);
        let relay =
            RedisRelay::new(&RedisOptions::new(server.url()), &RelayKey::new(&[1; 32])).expect("a URL");
        let old = connected(&relay).await;
        relay.give_up(old, &"it is slow").await;
        assert!(!is_connected(&relay).await);
        let new = connected(&relay).await;
        let Ok(()) = relay.ear.push(old, end());
        relay.mind_end().await;
        relay.give_up(old, &"it is slow").await;
        assert!(is_connected(&relay).await, "the new one has not ended");
        let Ok(()) = relay.ear.push(new, end());
        relay.mind_end().await;
        assert!(!is_connected(&relay).await);
    }

    #[test]
    fn what_is_too_large_or_too_much_is_not_kept() {
        let relay = RedisRelay::new(&RedisOptions::new("redis://127.0.0.1:1"), &RelayKey::new(&[1; 32]))
            .expect("a URL");
        assert_eq!(relay.ear.keep(vec![0; MESSAGE_BYTES_MAX + 1].into()), Err("oversized"));
        for _ in 0..HEARD_MESSAGES_MAX {
            assert_eq!(relay.ear.keep(vec![0; 1].into()), Ok(()));
        }
        assert_eq!(relay.ear.keep(vec![0; 1].into()), Err("overrun"));
    }
}
