//! The gate on Redis, Valkey, or a Redis Cluster.
//!
//! `SET lock:ticket:{event}:seat <token> NX PX 5000`, all of a batch in one pipeline (on a cluster, one an event); released by comparing the token and
//! deleting. The event is the key's hash tag, so that a cluster keeps an event's locks on one node. Past its budget, or on any
//! error, the gate is bypassed for a while: selling goes on without it.
//!
//! [`relay`]: the same server also carries commits from node to node.

pub mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use engine::gate::{Gate, GateFuture, GateSeat, Pass};
use futures_util::future::try_join_all;
use redis::aio::ConnectionLike;
use redis::{Pipeline, RedisError, RedisResult, Value};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a lock lives when nobody releases it.
const LOCK_MS: u64 = 5_000;
/// How long the gate is bypassed after it failed.
const BYPASS: Duration = Duration::from_secs(1);
/// How often in a row it must have refused every lock, for longer than one lives, before it is not believed: whoever loses a few races
/// against other nodes has lost no more than that.
const REFUSALS_MIN: u32 = 8;
/// How many times in a row it must have been late before its connection is given up. A server that stands still breaks none, and who
/// has taken its place in a cluster only a new connection finds out.
const LATE_MIN: u32 = 3;
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Deletes a lock if it still is the one that was taken. Running it twice does no harm.
const RELEASE: &str =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/// How a gate is reached.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://…`, or `rediss://…` for TLS; several, separated by commas, are a cluster's nodes.
    pub url: String,
    /// How long a batch waits for the gate.
    pub budget: Duration,
}

impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL has a password in it.
        f.debug_struct("RedisOptions").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl RedisOptions {
    /// The defaults.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), budget: Duration::from_millis(20) }
    }
}

/// A URL that is none, or names no server.
#[derive(Debug, thiserror::Error)]
#[error("the Redis URL cannot be understood: {0}")]
pub struct BadUrl(String);

/// The servers that a URL names; at least one.
fn servers(url: &str) -> Result<Vec<&str>, BadUrl> {
    let nodes: Vec<&str> = url.split(',').map(str::trim).filter(|node| !node.is_empty()).collect();
    if nodes.is_empty() { Err(BadUrl("it names no server".to_owned())) } else { Ok(nodes) }
}

enum Client {
    Single(Box<redis::Client>),
    Cluster(Box<redis::cluster::ClusterClient>),
}

#[derive(Clone)]
enum Connection {
    Single(redis::aio::MultiplexedConnection),
    Cluster(redis::cluster_async::ClusterConnection),
}

impl Connection {
    /// Asks the same about every seat; the answers are in the seats' order.
    async fn ask(
        &self,
        seats: &[GateSeat],
        about: impl Fn(&mut Pipeline, &GateSeat),
    ) -> RedisResult<Vec<Value>> {
        let pipeline = |seats: &[GateSeat]| {
            let mut pipeline = redis::pipe();
            seats.iter().for_each(|seat| about(&mut pipeline, seat));
            pipeline
        };
        match self {
            Self::Single(connection) => answers(pipeline(seats), connection.clone()).await,
            Self::Cluster(connection) => {
                // A cluster takes no pipeline over several of its servers; an event's keys are on one of them.
                let events = seats.chunk_by(|seat, next| seat.0 == next.0);
                let asked = events.map(|seats| answers(pipeline(seats), connection.clone()));
                Ok(try_join_all(asked).await?.concat())
            }
        }
    }
}

async fn answers(pipeline: Pipeline, mut connection: impl ConnectionLike) -> RedisResult<Vec<Value>> {
    pipeline.query_async(&mut connection).await
}

/// A gate on Redis. Cheap to share; connects when it is first asked.
pub struct RedisGate {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    budget: Duration,
    connection: Mutex<Option<Connection>>,
    started: Instant,
    /// Until when the gate is bypassed, in µs after `started`.
    bypassed_until: AtomicU64,
    is_bypassed: AtomicBool,
    /// How many times in a row it was late.
    times_late: AtomicU32,
    /// The questions in a row to which every lock was somebody else's.
    refusals: parking_lot::Mutex<Option<Refusals>>,
}

/// Questions in a row to which every lock was somebody else's.
#[derive(Debug, Clone, Copy)]
struct Refusals {
    since: Duration,
    last: Duration,
    count: u32,
}

impl Refusals {
    /// One more, now. What was refused longer ago than a lock lives, other locks refused: the row begins anew.
    fn and(before: Option<Self>, now: Duration) -> Self {
        let goes_on = before.filter(|row| now.saturating_sub(row.last) <= Duration::from_millis(LOCK_MS));
        let (since, count) = goes_on.map_or((now, 0), |row| (row.since, row.count));
        Self { since, last: now, count: count.saturating_add(1) }
    }

    fn are_believed(&self) -> bool {
        self.count < REFUSALS_MIN || self.last.saturating_sub(self.since) <= Duration::from_millis(LOCK_MS)
    }
}

impl std::fmt::Debug for RedisGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisGate").field("budget", &self.inner.budget).finish_non_exhaustive()
    }
}

impl RedisGate {
    /// A gate that connects when it is first asked.
    ///
    /// # Errors
    /// A URL that cannot be understood.
    pub fn new(options: &RedisOptions) -> Result<Self, BadUrl> {
        let nodes = servers(&options.url)?;
        let bad = |error: RedisError| BadUrl(error.to_string());
        let client = match nodes[..] {
            [node] => Client::Single(Box::new(redis::Client::open(node).map_err(bad)?)),
            _ => {
                let cluster = redis::cluster::ClusterClient::builder(nodes);
                // Else a server that stands still keeps the connection's own task for ever.
                let cluster = cluster.response_timeout(Duration::from_millis(LOCK_MS));
                Client::Cluster(Box::new(cluster.build().map_err(bad)?))
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                budget: options.budget,
                connection: Mutex::default(),
                started: Instant::now(),
                bypassed_until: AtomicU64::new(0),
                is_bypassed: AtomicBool::new(false),
                times_late: AtomicU32::new(0),
                refusals: parking_lot::Mutex::default(),
            }),
        })
    }
}

impl Gate for RedisGate {
    fn take(&self, seats: Vec<GateSeat>) -> GateFuture<'_, Pass> {
        Box::pin(async move {
            if seats.is_empty() || self.inner.is_bypassed_now() {
                return Pass::default();
            }
            let token = rand::random::<u128>();
            match tokio::time::timeout(self.inner.budget, self.inner.take(&seats, token)).await {
                Ok(Ok(pass)) if self.inner.is_believed(&pass) => {
                    self.inner.works();
                    pass
                }
                Ok(Ok(_)) => {
                    self.inner.bypass("it has refused every lock for longer than a lock lives");
                    Pass::default()
                }
                Ok(Err(error)) => {
                    self.inner.bypass(&error.to_string());
                    self.release_some(token, seats);
                    Pass::default()
                }
                Err(_) => {
                    self.inner.note_late();
                    self.inner.bypass("it took longer than its budget");
                    self.release_some(token, seats);
                    Pass::default()
                }
            }
        })
    }

    fn release(&self, pass: Pass) {
        self.release_some(pass.token, pass.taken);
    }
}

impl RedisGate {
    /// Releases locks that were, or may have been, taken with a token.
    fn release_some(&self, token: u128, seats: Vec<GateSeat>) {
        if seats.is_empty() {
            return;
        }
        let inner = self.inner.clone();
        #[expect(clippy::disallowed_methods, reason = "what it does not do, time does: nobody waits for it")]
        tokio::spawn(async move {
            // What is not released ends by itself.
            let released =
                tokio::time::timeout(Duration::from_millis(LOCK_MS), inner.release(&seats, token)).await;
            if !matches!(released, Ok(Ok(()))) {
                tracing::debug!(
                    seats = seats.len(),
                    "locks of the gate could not be released; they end by themselves"
                );
            }
        });
    }
}

/// `lock:ticket:{evt_…}:17`.
fn key((event, seat): &GateSeat) -> String {
    format!("lock:ticket:{{{event}}}:{}", seat.0)
}

impl Inner {
    async fn take(&self, seats: &[GateSeat], token: u128) -> RedisResult<Pass> {
        let set = |pipeline: &mut Pipeline, seat: &GateSeat| {
            let set = pipeline.cmd("SET").arg(key(seat)).arg(token.to_string());
            set.arg("NX").arg("PX").arg(LOCK_MS);
        };
        let answers = match self.connection().await?.ask(seats, set).await {
            Ok(answers) => answers,
            Err(error) => {
                self.forget_connection().await;
                return Err(error);
            }
        };
        if answers.len() != seats.len() {
            return Err(RedisError::from((redis::ErrorKind::UnexpectedReturnType, "answers are missing")));
        }
        let mut pass = Pass { token, ..Pass::default() };
        for (seat, answer) in seats.iter().zip(answers) {
            match answer {
                Value::Okay => pass.taken.push(*seat),
                Value::Nil => pass.lost.push(*seat),
                // A server that says anything else is not understood, and keeps nobody from a seat.
                _ => {
                    return Err(RedisError::from((
                        redis::ErrorKind::UnexpectedReturnType,
                        "an answer is not understood",
                    )));
                }
            }
        }
        Ok(pass)
    }

    async fn release(&self, seats: &[GateSeat], token: u128) -> RedisResult<()> {
        let release = |pipeline: &mut Pipeline, seat: &GateSeat| {
            pipeline.cmd("EVAL").arg(RELEASE).arg(1).arg(key(seat)).arg(token.to_string());
        };
        self.connection().await?.ask(seats, release).await.map(drop)
    }

    async fn connection(&self) -> RedisResult<Connection> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let late = |_| RedisError::from((redis::ErrorKind::Io, "connecting took too long"));
        let made = match &self.client {
            Client::Single(client) => {
                let made = tokio::time::timeout(CONNECT_TIMEOUT, client.get_multiplexed_async_connection());
                Connection::Single(made.await.map_err(late)??)
            }
            Client::Cluster(client) => {
                let made = tokio::time::timeout(CONNECT_TIMEOUT, client.get_async_connection());
                Connection::Cluster(made.await.map_err(late)??)
            }
        };
        *connection = Some(made.clone());
        Ok(made)
    }

    async fn forget_connection(&self) {
        *self.connection.lock().await = None;
    }

    /// Gives up a connection over which nothing came for too long. Whoever is connecting anew is left alone, and not waited for.
    fn note_late(&self) {
        // Questions that were asked together are late together.
        if self.is_bypassed_now() || self.times_late.fetch_add(1, Ordering::AcqRel) + 1 < LATE_MIN {
            return;
        }
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn is_bypassed_now(&self) -> bool {
        self.micros() < self.bypassed_until.load(Ordering::Acquire)
    }

    /// Whether what the gate refuses may be so. A lock lives for [`LOCK_MS`], so that a server that refuses all of them for longer
    /// is wrong, or keeps buyers from seats for whose sake others never come to an end: either way the store decides.
    fn is_believed(&self, pass: &Pass) -> bool {
        let mut refusals = self.refusals.lock();
        if !pass.taken.is_empty() {
            *refusals = None;
            return true;
        }
        let row = Refusals::and(*refusals, self.started.elapsed());
        // Once it is not believed, what it says after that is another matter.
        *refusals = Some(row).filter(Refusals::are_believed);
        row.are_believed()
    }

    /// Opens the circuit: says so once, and looks again after a while.
    fn bypass(&self, reason: &str) {
        let until = self.micros() + u64::try_from(BYPASS.as_micros()).unwrap_or(u64::MAX);
        self.bypassed_until.store(until, Ordering::Release);
        metrics::counter!("flashtix_gate_failures_total").increment(1);
        if !self.is_bypassed.swap(true, Ordering::AcqRel) {
            metrics::gauge!("flashtix_gate_bypassed").set(1.0);
            tracing::warn!(reason, "the gate is bypassed; selling goes on without it");
        }
    }

    /// Closes the circuit again.
    fn works(&self) {
        self.times_late.store(0, Ordering::Release);
        if self.is_bypassed.swap(false, Ordering::AcqRel) {
            metrics::gauge!("flashtix_gate_bypassed").set(0.0);
            tracing::info!("the gate works again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the last of some refusals is believed that came at these times, in ms.
    fn are_believed(refusals: impl IntoIterator<Item = u64>) -> bool {
        let add = |row, at| Some(Refusals::and(row, Duration::from_millis(at)));
        refusals.into_iter().fold(None, add).is_none_or(|row| row.are_believed())
    }

    #[test]
    fn a_server_that_refuses_for_longer_than_a_lock_lives_is_not_believed() {
        assert!(are_believed((0..=5_000).step_by(50)));
        assert!(!are_believed((0..=5_050).step_by(50)));
        assert!(!are_believed((0..=7_000).step_by(1_000)));
    }

    #[test]
    fn races_that_were_lost_now_and_then_are_no_lie() {
        assert!(are_believed([0, 5_100]), "nobody asked in between");
        assert!(are_believed((0..100).map(|at| at * 5_100)), "each by another lock");
        assert!(are_believed([0, 3_000, 6_000, 9_000]), "a few");
        // A row that was over does not count for the next one.
        assert!(are_believed((0..=5_000).step_by(50).chain((20_000..=25_000).step_by(50))));
    }
}
