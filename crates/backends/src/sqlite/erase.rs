//! Forgetting a person: their text goes, wherever it stands; places, money and counts stay.
//!
//! What is to change is found by readers, a piece at a time, and written by key, so that nobody waits for a walk over a
//! table. What the person does meanwhile is a new text, and not erased.

use domain::command::LimitKey;
use domain::id::{OrganizationId, Seq};
use engine::store::{Erased, StoreError};
use rusqlite::{Connection, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::all;
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
                "SELECT serial, buyer = ?3 OR instr(coalesce(reference, '') || coalesce(payment_ref, ''), ?3) > 0 \
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
                 changes = replace(changes, ?4, ''), buyer = replace(buyer, ?3, '') \
                 WHERE event = ?1 AND serial = ?2"
            }
            Self::LimitKeys => {
                "UPDATE limit_keys SET text = replace(text, ?3, '') WHERE event = ?1 AND surrogate = ?2"
            }
        }
    }
}

impl SqliteStore {
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
                    let escaped = in_json(&text);
                    for key in &slice {
                        statement.execute(rusqlite::params_from_iter(
                            values_of(table, event, *key, &text, &escaped).iter(),
                        ))?;
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
            for (seq, packed) in seen.iter().filter_map(|(seq, packed)| Some((*seq, packed.clone()?))) {
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
            match seen.last() {
                Some((last, _)) => after = *last,
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

/// What each table's statement is given.
fn values_of(table: Table, event: i64, key: i64, text: &str, escaped: &str) -> Vec<rusqlite::types::Value> {
    let mut values = vec![event.into(), key.into(), text.to_owned().into()];
    if matches!(table, Table::Orders) {
        values.push(escaped.to_owned().into());
    }
    values
}
