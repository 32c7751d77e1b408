//! Forgetting a person: their text goes, wherever it stands; places, money and counts stay.
//!
//! Rows that a commit may write as it read them are changed under the lock of their event, so that no commit that began
//! before puts a text back.

use domain::command::LimitKey;
use domain::id::{OrganizationId, Seq};
use engine::store::{Erased, StoreError};
use futures_util::FutureExt as _;
use tokio_postgres::Row;

use super::PostgresStore;
use super::error::Failure;
use super::rows::column;
use crate::columns::erase::{erase, in_json};
use crate::columns::{reply, signed, unsigned};

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
const LIMIT_KEYS: &str = "UPDATE limit_keys SET text = replace(text, $2, '') \
     WHERE event = $1 AND text <> '' AND (digest = $3 OR strpos(text, $2) > 0)";
const REPLIES: &str = "SELECT seq, replies FROM replies WHERE event = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const REPLY: &str = "UPDATE replies SET replies = $3 WHERE event = $1 AND seq = $2";

impl PostgresStore {
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
            let [holds, orders, limit_keys] = self.erase_rows(event, buyer.clone()).await?;
            erased.holds += holds;
            erased.orders += orders;
            erased.limit_keys += limit_keys;
            erased.replies += self.erase_replies(event, &buyer).await?;
        }
        Ok(erased)
    }

    async fn erase_rows(&self, event: i64, buyer: LimitKey) -> Result<[u64; 3], Failure> {
        let erase = self.write(move |transaction| {
            async move {
                let (text, escaped) = (&buyer.text, in_json(&buyer.text));
                transaction.query(LOCK, &[&event]).await?;
                Ok([
                    transaction.execute(HOLDS, &[&event, text]).await?,
                    transaction.execute(ORDERS, &[&event, text, &escaped]).await?,
                    transaction.execute(LIMIT_KEYS, &[&event, text, &&buyer.digest.0[..]]).await?,
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
                let packed: Vec<u8> = column(row, 1)?;
                let mut replies = reply::unpack(Seq(unsigned(seq)), &packed.into())?;
                let changed = erase(&mut replies, &buyer.text);
                if changed > 0 {
                    let packed = reply::pack(&replies);
                    let write = self.write(move |transaction| {
                        async move { Ok(transaction.execute(REPLY, &[&event, &seq, &packed]).await?) }.boxed()
                    });
                    write.await?;
                }
                erased += changed;
            }
            match seen.last() {
                Some(row) => after = column(row, 0)?,
                None => return Ok(erased),
            }
        }
    }
}
