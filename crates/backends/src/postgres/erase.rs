//! Forgetting a person: their text goes, wherever it stands; places, money and counts stay.
//!
//! Rows that a commit may write as it read them are changed under the lock of their event, so that no commit that began
//! before puts a text back.

use domain::command::LimitKey;
use domain::id::{OrganizationId, Seq};
use domain::time::Timestamp;
use engine::store::{Erased, StoreError};
use futures_util::FutureExt as _;
use tokio_postgres::Row;

use super::PostgresStore;
use super::error::Failure;
use super::rows::column;
use crate::columns::erase::{erase_packed, in_json};
use crate::columns::{signed, unsigned};

/// Commits' replies that one look goes over; each may be large.
const LOOK_REPLIES: i64 = 50;

const EVENTS: &str = "SELECT number FROM events WHERE organization = $1 AND livemode = $2 ORDER BY number";
const LOCK: &str = "SELECT seq FROM heads WHERE event = $1 FOR UPDATE";
const HOLDS: &str = "UPDATE holds SET metadata = CASE WHEN buyer = $2 THEN NULL ELSE metadata END, \
     reference = nullif(replace(reference, $2, ''), ''), buyer = replace(buyer, $2, '') \
     WHERE event = $1 AND (buyer = $2 OR strpos(reference, $2) > 0)";
const ORDERS: &str = "UPDATE orders SET metadata = CASE WHEN buyer = $2 THEN NULL ELSE metadata END, \
     reference = nullif(replace(reference, $2, ''), ''), payment_ref = nullif(replace(payment_ref, $2, ''), ''), \
     changes = replace(changes, $3, ''), buyer = replace(buyer, $2, '') \
     WHERE event = $1 AND (buyer = $2 OR strpos(reference, $2) > 0 OR strpos(payment_ref, $2) > 0 \
         OR strpos(changes, $3) > 0)";
const REPLIES: &str = "SELECT seq, replies FROM replies WHERE event = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const REPLY: &str = "UPDATE replies SET replies = $3 WHERE event = $1 AND seq = $2";

/// Events that are over, with people in them that came since they were last forgotten.
const OVER: &str = "SELECT number FROM (SELECT number, people_erased_at, \
         (settings::json ->> 'starts_at')::bigint AS starts_at, (settings::json ->> 'closes_at')::bigint AS closes_at, \
         coalesce((SELECT at FROM ledger WHERE event = number ORDER BY seq DESC LIMIT 1), created_at) AS last_at \
         FROM events) AS event \
     WHERE greatest(starts_at, closes_at, last_at) < $1 AND coalesce(people_erased_at, -1) <= last_at \
     ORDER BY number";
const HOLDS_OF_PEOPLE: &str = "UPDATE holds SET metadata = NULL, \
     reference = nullif(replace(reference, buyer, ''), ''), buyer = '' WHERE event = $1 AND buyer <> ''";
const ORDERS_OF_PEOPLE: &str = "UPDATE orders SET metadata = NULL, \
     reference = nullif(replace(reference, buyer, ''), ''), payment_ref = nullif(replace(payment_ref, buyer, ''), ''), \
     changes = replace(changes, substr(to_json(buyer)::text, 2, length(to_json(buyer)::text) - 2), ''), buyer = '' \
     WHERE event = $1 AND buyer <> ''";
const ERASED: &str = "UPDATE events SET \
     people_erased_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE number = $1";

impl PostgresStore {
    /// Erases the people of events that were over before an instant.
    pub(super) async fn forget_people(&self, over_before: Timestamp) -> Result<u64, StoreError> {
        let over = self.query(OVER, &[&over_before.0]).await?;
        for row in &over {
            let event: i64 = column(row, 0)?;
            let forget = self.write(move |transaction| {
                async move {
                    transaction.query(LOCK, &[&event]).await?;
                    for statement in [HOLDS_OF_PEOPLE, ORDERS_OF_PEOPLE, ERASED] {
                        transaction.execute(statement, &[&event]).await?;
                    }
                    Ok(())
                }
                .boxed()
            });
            forget.await?;
        }
        Ok(over.len() as u64)
    }

    /// Erases a person from all events of an organization and mode.
    pub(super) async fn forget_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> Result<Erased, StoreError> {
        let events = self.query(EVENTS, &[&signed(organization.0), &livemode]).await?;
        let mut erased = Erased::default();
        for row in &events {
            let event: i64 = column(row, 0)?;
            let [holds, orders] = self.erase_rows(event, buyer.clone()).await?;
            erased.holds += holds;
            erased.orders += orders;
            erased.replies += self.erase_replies(event, &buyer).await?;
        }
        Ok(erased)
    }

    async fn erase_rows(&self, event: i64, buyer: LimitKey) -> Result<[u64; 2], Failure> {
        let erase = self.write(move |transaction| {
            async move {
                let (text, escaped) = (&buyer.text, in_json(&buyer.text));
                transaction.query(LOCK, &[&event]).await?;
                Ok([
                    transaction.execute(HOLDS, &[&event, text]).await?,
                    transaction.execute(ORDERS, &[&event, text, &escaped]).await?,
                ])
            }
            .boxed()
        });
        erase.await
    }

    async fn erase_replies(&self, event: i64, buyer: &LimitKey) -> Result<u64, StoreError> {
        let (mut erased, mut after) = (0, -1_i64);
        loop {
            let seen: Vec<Row> = self.query(REPLIES, &[&event, &after, &LOOK_REPLIES]).await?;
            for row in &seen {
                let seq: i64 = column(row, 0)?;
                let without = erase_packed(Seq(unsigned(seq)), column(row, 1)?, &buyer.text);
                let Some((changed, packed)) = without else { continue };
                let write = self.write(move |transaction| {
                    async move { Ok(transaction.execute(REPLY, &[&event, &seq, &packed]).await?) }.boxed()
                });
                write.await?;
                erased += changed;
            }
            match seen.last() {
                Some(row) => after = column(row, 0)?,
                None => return Ok(erased),
            }
        }
    }
}
