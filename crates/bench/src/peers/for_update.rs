//! A row lock for each request, in two round trips: `BEGIN` travels with the look, `COMMIT` with the sale.

use deadpool_postgres::Pool;
use tokio_postgres::types::ToSql;

use super::transaction::Transaction;
use super::{Answer, Booked, Peer, Sale, sold};

type Parameter<'a> = &'a (dyn ToSql + Sync);

pub(super) struct ForUpdate {
    pool: Pool,
}

impl ForUpdate {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    async fn transact(&self, number: u32, buyer: &str) -> anyhow::Result<Booked> {
        let seat = i32::try_from(number)?;
        let (place, sale): ([Parameter<'_>; 1], [Parameter<'_>; 2]) = ([&seat], [&seat, &buyer]);
        let transaction = Transaction::on(self.pool.get().await?);
        let client = transaction.client();
        let look = client.prepare_cached("SELECT status FROM tickets WHERE id = $1 FOR UPDATE").await?;
        let sell = client
            .prepare_cached(
                "UPDATE tickets SET status = 'SOLD', buyer = $2, version = version + 1 WHERE id = $1",
            )
            .await?;
        let ((), row) =
            tokio::try_join!(biased; client.batch_execute("BEGIN"), client.query_one(&look, &place))?;
        let status: String = row.try_get(0)?;
        if status != "AVAILABLE" {
            client.batch_execute("ROLLBACK").await?;
            transaction.close();
            return Ok(Booked::Taken);
        }
        tokio::try_join!(biased; client.execute(&sell, &sale), client.batch_execute("COMMIT"))?;
        transaction.close();
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
