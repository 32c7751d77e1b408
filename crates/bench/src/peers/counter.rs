//! An area as a row that everybody locks and counts down.

use deadpool_postgres::Pool;

use super::{Answer, Booked, Peer, Sale};

pub(super) struct Counter {
    pool: Pool,
}

impl Counter {
    /// Over a pool, with a counter of so many units.
    pub(super) async fn new(pool: Pool, units: u32) -> anyhow::Result<Self> {
        let client = pool.get().await?;
        client
            .batch_execute(&format!(
                "CREATE TABLE counters (id int PRIMARY KEY, available int NOT NULL, sold int NOT NULL) \
                 WITH (fillfactor = 10); INSERT INTO counters VALUES (1, {units}, 0)"
            ))
            .await?;
        drop(client);
        Ok(Self { pool })
    }

    async fn transact(&self) -> anyhow::Result<Booked> {
        let mut client = self.pool.get().await?;
        let look = client.prepare_cached("SELECT available FROM counters WHERE id = 1 FOR UPDATE").await?;
        let sell = client
            .prepare_cached(
                "UPDATE counters SET available = available - 1, sold = sold + 1 WHERE id = 1 RETURNING sold",
            )
            .await?;
        let transaction = client.transaction().await?;
        let available: i32 = transaction.query_one(&look, &[]).await?.try_get(0)?;
        if available == 0 {
            transaction.rollback().await?;
            return Ok(Booked::Taken);
        }
        let sold: i32 = transaction.query_one(&sell, &[]).await?.try_get(0)?;
        transaction.commit().await?;
        Ok(Booked::Sold(u32::try_from(sold)?))
    }

    /// It knows no buyers: each unit that it counted is an order.
    async fn counted(&self) -> anyhow::Result<Vec<Sale>> {
        let row = self.pool.get().await?.query_one("SELECT sold FROM counters WHERE id = 1", &[]).await?;
        let sold = u32::try_from(row.try_get::<_, i32>(0)?)?;
        Ok((1..=sold).map(|number| Sale { number, buyer: String::new() }).collect())
    }
}

impl Peer for Counter {
    fn book<'a>(&'a self, _: u32, _: &'a str) -> Answer<'a, Booked> {
        Box::pin(self.transact())
    }

    fn sold(&self) -> Answer<'_, Vec<Sale>> {
        Box::pin(self.counted())
    }
}
