//! A row lock for each request.

use deadpool_postgres::Pool;

use super::{Answer, Booked, Peer, Sale, sold};

pub(super) struct ForUpdate {
    pool: Pool,
}

impl ForUpdate {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    async fn transact(&self, number: u32, buyer: &str) -> anyhow::Result<Booked> {
        let seat = i32::try_from(number)?;
        let mut client = self.pool.get().await?;
        let look = client.prepare_cached("SELECT status FROM tickets WHERE id = $1 FOR UPDATE").await?;
        let sell = client
            .prepare_cached(
                "UPDATE tickets SET status = 'SOLD', buyer = $2, version = version + 1 WHERE id = $1",
            )
            .await?;
        let transaction = client.transaction().await?;
        let status: String = transaction.query_one(&look, &[&seat]).await?.try_get(0)?;
        if status != "AVAILABLE" {
            transaction.rollback().await?;
            return Ok(Booked::Taken);
        }
        transaction.execute(&sell, &[&seat, &buyer]).await?;
        transaction.commit().await?;
        Ok(Booked::Sold(number))
    }
}

impl Peer for ForUpdate {
    fn book<'a>(&'a self, seat: u32, buyer: &'a str) -> Answer<'a, Booked> {
        Box::pin(self.transact(seat, buyer))
    }

    fn sold(&self) -> Answer<'_, Vec<Sale>> {
        Box::pin(sold(&self.pool))
    }
}
