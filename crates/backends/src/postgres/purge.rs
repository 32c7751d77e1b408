//! Forgetting: what is kept for a while only, and test events that were deleted.
//!
//! In slices, each a short transaction, so that no buyer waits for housekeeping. Several nodes may do it at once: a slice
//! leaves out what another has locked.

use domain::id::EventId;
use domain::time::Timestamp;
use engine::store::StoreError;
use futures_util::FutureExt as _;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::PostgresStore;
use super::error::Failure;
use super::rows::column;
use crate::columns::signed;
use crate::purged::Purged;

/// Rows that one slice deletes at most.
const SLICE_ROWS: i64 = 1_000;

/// A confirmed hold stays: a payment that is told again, however late, gets its order.
const OLD_HOLDS: &str = "DELETE FROM holds USING (SELECT event, serial FROM holds \
     WHERE status IN (2, 3) AND ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) AS old \
     WHERE holds.event = old.event AND holds.serial = old.serial RETURNING 1";
const OLD_REPLIES: &str = "DELETE FROM replies USING (SELECT event, seq FROM replies \
     WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) AS old \
     WHERE replies.event = old.event AND replies.seq = old.seq RETURNING 1";
/// What was made for a request has the status 201; anything else is remembered for good.
const OLD_CATALOG_REPLIES: &str = "DELETE FROM catalog_replies WHERE key IN (SELECT key FROM catalog_replies \
     WHERE at < $1 AND status = 201 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1";

/// The tables that hold an event's rows, beside its head.
const TABLES_OF_EVENT: [&str; 11] = [
    "seats",
    "area_pools",
    "holds",
    "barcodes",
    "orders",
    "order_refs",
    "codes",
    "counters",
    "channel_notes",
    "replies",
    "ledger",
];

impl PostgresStore {
    /// Forgets what is older than it has to be kept, in ms, as of `now`.
    ///
    /// # Errors
    /// When the store cannot be written; what was forgotten until then is.
    pub async fn purge(
        &self,
        now: Timestamp,
        hold_keep_ms: i64,
        reply_keep_ms: i64,
    ) -> Result<Purged, StoreError> {
        let holds_before = now.0.saturating_sub(hold_keep_ms);
        let replies_before = now.0.saturating_sub(reply_keep_ms);
        // Each by itself: one that fails does not keep the others.
        let holds = self.in_slices(OLD_HOLDS, holds_before).await;
        let replies = self.in_slices(OLD_REPLIES, replies_before).await;
        let catalog_replies = self.in_slices(OLD_CATALOG_REPLIES, replies_before).await;
        let rows_of_deleted_events = self.forget_deleted_events().await?;
        Ok(Purged {
            holds: holds?,
            replies: replies?,
            catalog_replies: catalog_replies?,
            rows_of_deleted_events,
        })
    }

    /// Repeats a deletion by a number until there is nothing more to delete.
    async fn in_slices(&self, sql: &str, by: i64) -> Result<usize, Failure> {
        let mut deleted = 0;
        loop {
            let values: [&(dyn ToSql + Sync); 2] = [&by, &SLICE_ROWS];
            let slice = self.query(sql, &values).await?.len();
            deleted += slice;
            if slice == 0 {
                return Ok(deleted);
            }
        }
    }

    /// Deletes the rows of events that are gone for everybody already.
    async fn forget_deleted_events(&self) -> Result<usize, Failure> {
        let mut deleted = 0;
        for row in self.query("SELECT event FROM doomed_events", &[]).await? {
            let number: i64 = column(&row, 0)?;
            for table in TABLES_OF_EVENT {
                let sql = format!(
                    "DELETE FROM {table} WHERE event = $1 AND ctid = ANY(ARRAY( \
                     SELECT ctid FROM {table} WHERE event = $1 LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1"
                );
                deleted += self.in_slices(&sql, number).await?;
            }
            self.query(&forget_doomed(), &[&number]).await?;
        }
        Ok(deleted)
    }

    /// Deletes a test event: gone for everybody with this commit, its rows with the next purges.
    pub(super) async fn delete_test_event(&self, id: EventId) -> Result<bool, Failure> {
        let delete =
            self.write(move |transaction| async move { delete_event(transaction, id).await }.boxed());
        let is_deleted = delete.await?;
        self.forget(id);
        Ok(is_deleted)
    }
}

/// A row that another node's slice has locked is still there, and may stay: then the event is looked at once more next time.
fn forget_doomed() -> String {
    let mut sql = "DELETE FROM doomed_events WHERE event = $1".to_owned();
    for table in TABLES_OF_EVENT {
        sql += &format!(" AND NOT EXISTS (SELECT FROM {table} WHERE event = $1)");
    }
    sql
}

async fn delete_event(transaction: &Transaction<'_>, id: EventId) -> Result<bool, Failure> {
    let sql = "SELECT number FROM events WHERE id = $1 AND NOT livemode FOR UPDATE";
    let Some(row) = transaction.query_opt(sql, &[&signed(id.0)]).await? else { return Ok(false) };
    let number: i64 = column(&row, 0)?;
    // Whoever commits to the event waits for its head, and finds it gone.
    transaction.execute("DELETE FROM heads WHERE event = $1", &[&number]).await?;
    transaction.execute("DELETE FROM events WHERE number = $1", &[&number]).await?;
    transaction.execute("INSERT INTO doomed_events (event) VALUES ($1)", &[&number]).await?;
    Ok(true)
}
