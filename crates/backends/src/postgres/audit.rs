//! Reads everything that is stored of an event, for whoever compares it with its history.

use domain::command::Digest;
use domain::id::{EventId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, SeatRow};
use domain::place::SeatIndex;
use domain::record::OrderRecord;
use engine::ledger::Position;
use engine::store::{LedgerRow, StoreError};
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use super::connect::Connector;
use super::error::{Failure, OpenError};
use super::journal::{limit, limit_keys_of, orders_of, position_of, tail};
use super::options::PostgresOptions;
use super::rows::{self, bytes, column, id};
use crate::audit::{AuditReader, StoredHold, StoredLimitKeys, StoredReplies, StoredUnique, Unique};
use crate::columns::{hold, reply, signed, unsigned};

/// Reads a database as of one commit.
pub struct PostgresAudit {
    client: Client,
    runtime: Handle,
}

impl std::fmt::Debug for PostgresAudit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresAudit").finish_non_exhaustive()
    }
}

impl PostgresAudit {
    /// Connects, and begins the transaction in which everything is read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(options: &PostgresOptions) -> Result<Self, OpenError> {
        let connector = Connector::new(options)?;
        let no_connection = |reason: String| OpenError::Connect { hosts: connector.hosts(), reason };
        let link = connector.link().await.map_err(|failure| no_connection(failure.to_string()))?;
        // The transaction sees what was committed before its first query, which is this one.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";
        link.client.batch_execute(begin).await.map_err(|error| no_connection(super::error::told(&error)))?;
        Ok(Self { client: link.client, runtime: Handle::current() })
    }

    /// What the hot tables call an event.
    fn number(&self, event: EventId) -> Result<Option<i64>, Failure> {
        let found = self.query("SELECT number FROM events WHERE id = $1", &[&signed(event.0)])?;
        found.first().map(|row| column(row, 0)).transpose()
    }

    fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        Ok(self.runtime.block_on(self.client.query(sql, values))?)
    }

    /// Rows of an event after some key, at most so many.
    fn page<T>(
        &self,
        event: EventId,
        sql: &str,
        after: i64,
        limit_rows: usize,
        read: impl Fn(&Row) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        super::all(&self.query(sql, &[&number, &after, &limit(limit_rows)])?, read)
    }
}

impl AuditReader for PostgresAudit {
    fn events(&self) -> Result<Vec<EventId>, StoreError> {
        let found = self.query("SELECT id FROM events ORDER BY number", &[])?;
        Ok(super::all(&found, |row| Ok(EventId(id(row, 0)?)))?)
    }

    fn check_file(&self) -> Result<Vec<String>, StoreError> {
        // Checksums of pages are the server's own business: `pg_amcheck` looks deeper than any client can.
        Ok(Vec::new())
    }

    fn position(&self, event: EventId) -> Result<Option<Position>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(None) };
        Ok(self.runtime.block_on(position_of(&self.client, number))?)
    }

    fn seats(
        &self,
        event: EventId,
        after: Option<SeatIndex>,
        limit_rows: usize,
    ) -> Result<Vec<SeatRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM seats WHERE event = $1 AND seat > $2::bigint ORDER BY seat LIMIT $3",
            rows::SEAT
        );
        let after = after.map_or(-1, |seat| i64::from(seat.0));
        Ok(self.page(event, &sql, after, limit_rows, rows::seat)?)
    }

    fn areas(&self, event: EventId) -> Result<Vec<AreaRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM area_pools WHERE event = $1 AND area > $2::bigint ORDER BY area, channel LIMIT $3",
            rows::AREA
        );
        Ok(self.page(event, &sql, -1, usize::MAX, rows::area)?)
    }

    fn holds(&self, event: EventId, after: Serial, limit_rows: usize) -> Result<Vec<StoredHold>, StoreError> {
        let sql = format!(
            "SELECT {} FROM holds WHERE event = $1 AND serial > $2 ORDER BY serial LIMIT $3",
            rows::HOLD
        );
        let read = |row: &Row| {
            Ok(StoredHold { record: rows::hold(row, event)?, claims: hold::claims(column(row, 15)?)? })
        };
        Ok(self.page(event, &sql, signed(after.0), limit_rows, read)?)
    }

    fn orders(
        &self,
        event: EventId,
        after: Serial,
        limit_rows: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        let bounds = (Serial(after.0.saturating_add(1)), Serial(unsigned(i64::MAX)));
        Ok(self.runtime.block_on(orders_of(&self.client, number, event, bounds, limit_rows))?)
    }

    fn limit_keys(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredLimitKeys>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        let read = limit_keys_of(&self.client, number, after, limit_commits);
        Ok(self.runtime.block_on(read)?)
    }

    fn counters(
        &self,
        event: EventId,
        after: Surrogate,
        limit_rows: usize,
    ) -> Result<Vec<(Surrogate, u32)>, StoreError> {
        let sql = "SELECT surrogate, used FROM counters WHERE event = $1 AND surrogate > $2 \
                   ORDER BY surrogate LIMIT $3";
        Ok(self.page(event, sql, signed(after.0), limit_rows, rows::counter)?)
    }

    fn ledger(&self, event: EventId, after: Seq, limit_rows: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        Ok(self.runtime.block_on(tail(&self.client, number, after, limit_rows))?)
    }

    fn replies(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredReplies>, StoreError> {
        let sql = "SELECT seq, replies FROM replies WHERE event = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let read = |row: &Row| {
            let seq = Seq(id(row, 0)?);
            Ok(StoredReplies { seq, replies: reply::unpack(seq, column(row, 1)?)? })
        };
        Ok(self.page(event, sql, signed(after.0), limit_commits, read)?)
    }

    fn uniques(
        &self,
        event: EventId,
        kind: Unique,
        after: Option<Digest>,
        limit_rows: usize,
    ) -> Result<Vec<StoredUnique>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT digest, order_serial, order_salt FROM {} \
             WHERE event = $1 AND digest > $2 ORDER BY digest LIMIT $3",
            kind.table()
        );
        // Shorter than every digest, and so before all of them.
        let after = after.map_or_else(Vec::new, |digest| digest.0.to_vec());
        let found = self.query(&sql, &[&number, &after, &limit(limit_rows)])?;
        Ok(super::all(&found, |row| unique(row, event))?)
    }

    fn taken(
        &self,
        event: EventId,
        kind: Unique,
        digests: &[Digest],
    ) -> Result<Vec<StoredUnique>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT digest, order_serial, order_salt FROM {} WHERE event = $1 AND digest = ANY($2)",
            kind.table()
        );
        let digests: Vec<&[u8]> = digests.iter().map(|digest| &digest.0[..]).collect();
        let found = self.query(&sql, &[&number, &digests])?;
        Ok(super::all(&found, |row| unique(row, event))?)
    }

    fn barcodes(
        &self,
        event: EventId,
        first: Serial,
        last: Serial,
    ) -> Result<Vec<(Serial, String)>, StoreError> {
        let Some(number) = self.number(event)? else { return Ok(Vec::new()) };
        let sql = "SELECT order_serial, code FROM barcodes \
                   WHERE event = $1 AND order_serial BETWEEN $2 AND $3 ORDER BY order_serial, code COLLATE \"C\"";
        let found = self.query(sql, &[&number, &signed(first.0), &signed(last.0)])?;
        Ok(super::all(&found, |row| Ok((Serial(id(row, 0)?), column(row, 1)?)))?)
    }
}

fn unique(row: &Row, event: EventId) -> Result<StoredUnique, Failure> {
    Ok(StoredUnique { digest: Digest(bytes(row, 0)?), order: rows::order_id(row, event, 1)? })
}
