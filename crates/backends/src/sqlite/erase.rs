//! Forgetting a person: their text goes, wherever it stands; places, money and counts stay.
//!
//! What is to change is found by readers, a piece at a time, and written by key, so that nobody waits for a walk over a
//! table. What the person does meanwhile is a new text, and not erased.

use domain::command::LimitKey;
use domain::id::{OrganizationId, Seq};
use domain::time::Timestamp;
use engine::store::{Erased, StoreError};
use rusqlite::{Connection, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::{all, limit};
use super::writer::{Done, Writer};
use crate::columns::erase::{erase, in_json, mentions};
use crate::columns::{reply, signed, unsigned};

/// Rows that one look of a reader goes over.
const LOOK_ROWS: i64 = 20_000;
/// Commits' replies that one look of a reader goes over; each may be large.
const LOOK_REPLIES: i64 = 50;
/// Rows that one transaction of the writer changes.
const SLICE_ROWS: usize = 500;

/// Tables of an event that have a person's text in rows of their own, found by a walk.
#[derive(Clone, Copy)]
enum Table {
    Holds,
    Orders,
    LimitKeys,
}

impl Table {
    /// Keys after one, each with whether its row is the person's.
    fn look(self) -> &'static str {
        match self {
            Self::Holds => {
                "SELECT serial, buyer = ?3 OR instr(coalesce(reference, ''), ?3) > 0 FROM holds \
                 WHERE event = ?1 AND serial > ?2 ORDER BY serial LIMIT ?5"
            }
            Self::Orders => {
                "SELECT serial, buyer = ?3 OR instr(coalesce(reference, ''), ?3) > 0 \
                     OR instr(coalesce(payment_ref, ''), ?3) > 0 \
                     OR instr(coalesce(changes, ''), substr(json_quote(?3), 2, length(json_quote(?3)) - 2)) > 0 \
                 FROM orders WHERE event = ?1 AND serial > ?2 ORDER BY serial LIMIT ?5"
            }
            Self::LimitKeys => {
                "SELECT surrogate, text <> '' AND (digest = ?4 OR instr(text, ?3) > 0) FROM limit_keys \
                 WHERE event = ?1 AND surrogate > ?2 ORDER BY surrogate LIMIT ?5"
            }
        }
    }

    /// Erases one row.
    fn erase(self) -> &'static str {
        match self {
            Self::Holds => {
                "UPDATE holds SET metadata = CASE WHEN buyer = ?3 THEN NULL ELSE metadata END, \
                 reference = nullif(replace(reference, ?3, ''), ''), buyer = replace(buyer, ?3, '') \
                 WHERE event = ?1 AND serial = ?2"
            }
            Self::Orders => {
                "UPDATE orders SET metadata = CASE WHEN buyer = ?3 THEN NULL ELSE metadata END, \
                 reference = nullif(replace(reference, ?3, ''), ''), \
                 payment_ref = nullif(replace(payment_ref, ?3, ''), ''), \
                 changes = replace(changes, substr(json_quote(?3), 2, length(json_quote(?3)) - 2), ''), \
                 buyer = replace(buyer, ?3, '') \
                 WHERE event = ?1 AND serial = ?2"
            }
            Self::LimitKeys => {
                "UPDATE limit_keys SET text = replace(text, ?3, '') WHERE event = ?1 AND surrogate = ?2"
            }
        }
    }
}

/// Events that are over, with people in them that came since they were last forgotten.
const OVER: &str = "SELECT number FROM (SELECT number, people_erased_at, \
         json_extract(settings, '$.starts_at') AS starts_at, json_extract(settings, '$.closes_at') AS closes_at, \
         coalesce((SELECT at FROM ledger WHERE event = number ORDER BY seq DESC LIMIT 1), created_at) AS last_at \
         FROM events) \
     WHERE max(coalesce(starts_at, last_at), coalesce(closes_at, last_at), last_at) < ?1 \
         AND coalesce(people_erased_at, -1) <= last_at";

/// The next people of an event, to be forgotten together; each statement returns the keys that it changed.
const HOLDS_OF_PEOPLE: &str = "UPDATE holds SET metadata = NULL, \
     reference = nullif(replace(reference, buyer, ''), ''), buyer = '' \
     WHERE event = ?1 AND serial IN (SELECT serial FROM holds \
         WHERE event = ?1 AND serial > ?2 AND buyer <> '' ORDER BY serial LIMIT ?3) RETURNING serial";
const ORDERS_OF_PEOPLE: &str = "UPDATE orders SET metadata = NULL, \
     reference = nullif(replace(reference, buyer, ''), ''), payment_ref = nullif(replace(payment_ref, buyer, ''), ''), \
     changes = replace(changes, substr(json_quote(buyer), 2, length(json_quote(buyer)) - 2), ''), buyer = '' \
     WHERE event = ?1 AND serial IN (SELECT serial FROM orders \
         WHERE event = ?1 AND serial > ?2 AND buyer <> '' ORDER BY serial LIMIT ?3) RETURNING serial";
const LIMIT_KEYS_OF_PEOPLE: &str = "UPDATE limit_keys SET text = '' \
     WHERE event = ?1 AND surrogate IN (SELECT surrogate FROM limit_keys \
         WHERE event = ?1 AND surrogate > ?2 AND text <> '' ORDER BY surrogate LIMIT ?3) RETURNING surrogate";

impl SqliteStore {
    /// Erases the people of events that were over before an instant.
    pub(super) async fn forget_people(&self, over_before: Timestamp) -> Result<u64, StoreError> {
        let over = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(OVER)?;
            all(&mut statement, [over_before.0], |row| Ok(row.get::<_, i64>(0)?))
        });
        let over = over.await?;
        for event in &over {
            for statement in [HOLDS_OF_PEOPLE, ORDERS_OF_PEOPLE, LIMIT_KEYS_OF_PEOPLE] {
                self.forget_rows(*event, statement).await?;
            }
            let (event, now) = (*event, self.clock.now_ms());
            let mark = move |connection: &Connection| {
                let sql = "UPDATE events SET people_erased_at = ?2 WHERE number = ?1";
                connection.prepare_cached(sql)?.execute([event, now])?;
                Ok(1)
            };
            self.in_transaction(mark).await?;
        }
        if !over.is_empty() {
            self.change(|writer: &mut Writer| writer.empty_log()).await?;
        }
        Ok(over.len() as u64)
    }

    /// Runs a statement over an event's rows, some at a time, until it changes nothing more.
    async fn forget_rows(&self, event: i64, statement: &'static str) -> Result<(), StoreError> {
        let mut after = i64::MIN;
        loop {
            let slice = self.change(move |writer| {
                writer.transaction(|writer| {
                    let mut statement = writer.connection()?.prepare_cached(statement)?;
                    let values = params![event, after, limit(SLICE_ROWS)];
                    let changed = all(&mut statement, values, |row| Ok(row.get::<_, i64>(0)?))?;
                    // What is returned has no order.
                    let last = changed.into_iter().max();
                    Ok(if last.is_some() { Done::Changed(last) } else { Done::Same(last) })
                })
            });
            match slice.await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    /// Erases a person from all events of an organization and mode.
    pub(super) async fn forget_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> Result<Erased, StoreError> {
        let events = self.readers.run(move |connection| {
            let sql = "SELECT number FROM events WHERE organization = ?1 AND livemode = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            all(&mut statement, params![signed(organization.0), livemode], |row| Ok(row.get::<_, i64>(0)?))
        });
        let mut erased = Erased::default();
        for event in events.await? {
            erased.holds += self.erase_rows(event, Table::Holds, &buyer).await?;
            erased.orders += self.erase_rows(event, Table::Orders, &buyer).await?;
            erased.limit_keys += self.erase_rows(event, Table::LimitKeys, &buyer).await?;
            erased.replies += self.erase_replies(event, &buyer).await?;
        }
        // The log keeps what was overwritten until it begins anew.
        self.change(|writer: &mut Writer| writer.empty_log()).await?;
        Ok(erased)
    }

    async fn erase_rows(&self, event: i64, table: Table, buyer: &LimitKey) -> Result<u64, StoreError> {
        let (mut erased, mut after) = (0, i64::MIN);
        loop {
            let key = buyer.clone();
            let seen = self.readers.run(move |connection| {
                let mut statement = connection.prepare_cached(table.look())?;
                let values = params![event, after, key.text, key.digest.0, LOOK_ROWS];
                all(&mut statement, values, |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Option<bool>>(1)? == Some(true)))
                })
            });
            let seen = seen.await?;
            let theirs: Vec<i64> =
                seen.iter().filter(|(_, is_theirs)| *is_theirs).map(|(at, _)| *at).collect();
            for slice in theirs.chunks(SLICE_ROWS) {
                let (slice, text) = (slice.to_vec(), buyer.text.clone());
                let write = move |connection: &Connection| {
                    let mut statement = connection.prepare_cached(table.erase())?;
                    for key in &slice {
                        statement.execute(params![event, key, text])?;
                    }
                    Ok(slice.len() as u64)
                };
                erased += self.in_transaction(write).await?;
            }
            match seen.last() {
                Some((last, _)) => after = *last,
                None => return Ok(erased),
            }
        }
    }

    async fn erase_replies(&self, event: i64, buyer: &LimitKey) -> Result<u64, StoreError> {
        let (mut erased, mut after) = (0, -1);
        loop {
            let needle = in_json(&buyer.text).into_bytes();
            let seen = self.readers.run(move |connection| {
                let sql =
                    "SELECT seq, replies FROM replies WHERE event = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
                let mut statement = connection.prepare_cached(sql)?;
                all(&mut statement, params![event, after, LOOK_REPLIES], |row| {
                    let packed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                    let theirs = mentions(packed, &needle).then(|| packed.to_vec());
                    Ok((row.get::<_, i64>(0)?, theirs))
                })
            });
            let seen = seen.await?;
            let last = seen.last().map(|(seq, _)| *seq);
            for (seq, packed) in seen.into_iter().filter_map(|(seq, packed)| Some((seq, packed?))) {
                let mut replies = reply::unpack(Seq(unsigned(seq)), &packed.into())?;
                erased += erase(&mut replies, &buyer.text);
                let packed = reply::pack(&replies);
                let write = move |connection: &Connection| {
                    let sql = "UPDATE replies SET replies = ?3 WHERE event = ?1 AND seq = ?2";
                    connection.prepare_cached(sql)?.execute(params![event, seq, packed])?;
                    Ok(1)
                };
                self.in_transaction(write).await?;
            }
            match last {
                Some(last) => after = last,
                None => return Ok(erased),
            }
        }
    }

    async fn in_transaction(
        &self,
        write: impl FnOnce(&Connection) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.change(move |writer| {
            writer.transaction(|writer| Ok(Done::Changed(write(writer.connection()?)?)))
        })
        .await
    }
}
