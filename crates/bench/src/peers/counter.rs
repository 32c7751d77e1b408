//! An area as a row that everybody locks and counts down, in two round trips like a seat.

use deadpool_postgres::Pool;

use super::transaction::Transaction;
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
        let transaction = Transaction::on(self.pool.get().await?);
        let client = transaction.client();
        let look = client.prepare_cached("SELECT available FROM counters WHERE id = 1 FOR UPDATE").await?;
        let sell = client
            .prepare_cached(
                "UPDATE counters SET available = available - 1, sold = sold + 1 WHERE id = 1 RETURNING sold",
            )
            .await?;
        let ((), row) =
            tokio::try_join!(biased; client.batch_execute("BEGIN"), client.query_one(&look, &[]))?;
        let available: i32 = row.try_get(0)?;
        if available == 0 {
            client.batch_execute("ROLLBACK").await?;
            transaction.close();
            return Ok(Booked::Taken);
        }
        let (row, ()) =
            tokio::try_join!(biased; client.query_one(&sell, &[]), client.batch_execute("COMMIT"))?;
        transaction.close();
        let sold: i32 = row.try_get(0)?;
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
