//! The original engine's two layers: a lock in Redis with a life of five seconds, then an update that checks the version that was
//! read. The lock is released only by whoever has it, which the original did not see to.

use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::Pool;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands as _, ExistenceCheck, SetExpiry, SetOptions};

use super::{Answer, Booked, Peer, Sale, sold};

/// How long a lock lives, in seconds.
const LOCK_SECONDS: u64 = 5;
const RELEASE: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

pub(super) struct SetnxVersion {
    pool: Pool,
    redis: MultiplexedConnection,
    /// The name under which Redis keeps the release.
    release: String,
    next: AtomicU64,
}

impl SetnxVersion {
    pub(super) async fn new(pool: Pool, redis: &str) -> anyhow::Result<Self> {
        let mut redis = redis::Client::open(redis)?.get_multiplexed_async_connection().await?;
        let release = redis::cmd("SCRIPT").arg("LOAD").arg(RELEASE).query_async(&mut redis).await?;
        Ok(Self { pool, redis, release, next: AtomicU64::new(1) })
    }

    async fn transact(&self, seat: u32, buyer: &str) -> anyhow::Result<Booked> {
        let mut redis = self.redis.clone();
        let key = format!("lock:ticket:{seat}");
        let token = self.next.fetch_add(1, Ordering::Relaxed);
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(LOCK_SECONDS));
        let locked: Option<String> = redis.set_options(&key, token, options).await?;
        if locked.is_none() {
            return Ok(Booked::Contended);
        }
        let ended = self.update(seat, buyer).await;
        let mut release = redis::cmd("EVALSHA");
        let _: i64 = release.arg(&self.release).arg(1).arg(&key).arg(token).query_async(&mut redis).await?;
        ended
    }

    async fn update(&self, number: u32, buyer: &str) -> anyhow::Result<Booked> {
        let seat = i32::try_from(number)?;
        let client = self.pool.get().await?;
        let look = client.prepare_cached("SELECT status, version FROM tickets WHERE id = $1").await?;
        let row = client.query_one(&look, &[&seat]).await?;
        let (status, version): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        if status != "AVAILABLE" {
            return Ok(Booked::Taken);
        }
        let sell = client
            .prepare_cached("UPDATE tickets SET status = 'SOLD', buyer = $2, version = version + 1 WHERE id = $1 AND version = $3")
            .await?;
        let updated = client.execute(&sell, &[&seat, &buyer, &version]).await?;
        Ok(if updated == 1 { Booked::Sold(number) } else { Booked::Contended })
    }
}

impl Peer for SetnxVersion {
    fn book<'a>(&'a self, seat: u32, buyer: &'a str) -> Answer<'a, Booked> {
        Box::pin(self.transact(seat, buyer))
    }

    fn sold(&self) -> Answer<'_, Vec<Sale>> {
        Box::pin(sold(&self.pool))
    }
}
