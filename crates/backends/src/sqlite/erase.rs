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
use super::journal::all;
use super::rows::ledger::REPLIES_AFTER;
use super::rows::order::{BY_COMMIT, NUMBER};
use super::writer::{Done, Writer};
use crate::columns::erase::erase_packed;
use crate::columns::{signed, unsigned};

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
}

/// Whom to forget.
#[derive(Clone)]
enum Whom {
    /// One person, whatever rows name them.
    One(LimitKey),
    /// Everybody, each in the rows that are theirs.
    Everybody,
}

impl Whom {
    /// The person's text; nobody's for everybody.
    fn text(&self) -> &str {
        match self {
            Self::One(buyer) => &buyer.text,
            Self::Everybody => "",
        }
    }
}

impl Table {
    /// Keys after one, each with whether its row has what is to be forgotten.
    fn look(self, whom: &Whom) -> String {
        let is_theirs = match (self, whom) {
            (Self::Holds, Whom::One(_)) => "buyer = ?3 OR instr(coalesce(reference, ''), ?3) > 0",
            (Self::Orders, Whom::One(_)) => {
                "buyer = ?3 OR instr(coalesce(reference, ''), ?3) > 0 \
                 OR instr(coalesce(payment_ref, ''), ?3) > 0 \
                 OR instr(coalesce(changes, ''), substr(json_quote(?3), 2, length(json_quote(?3)) - 2)) > 0"
            }
            (Self::Holds | Self::Orders, Whom::Everybody) => "buyer <> ''",
        };
        match self {
            Self::Holds => format!(
                "SELECT serial, {is_theirs} FROM holds WHERE event = ?1 AND serial > ?2 ORDER BY serial LIMIT ?4"
            ),
            Self::Orders => format!(
                "SELECT serial, {is_theirs} FROM {BY_COMMIT} WHERE ledger.event = ?1 AND ledger.seq >= ?2 >> 16 \
                 AND serial > ?2 ORDER BY ledger.seq, orders.number LIMIT ?4"
            ),
        }
    }

    /// Erases one row. Without a text (?3), its own buyer's.
    fn erase(self) -> String {
        match self {
            Self::Holds => {
                "UPDATE holds SET metadata = CASE WHEN buyer = theirs.text THEN NULL ELSE metadata END, \
                 reference = nullif(replace(reference, theirs.text, ''), ''), \
                 buyer = replace(buyer, theirs.text, '') \
                 FROM (SELECT coalesce(nullif(?3, ''), buyer) AS text FROM holds WHERE event = ?1 AND serial = ?2) AS theirs \
                 WHERE event = ?1 AND serial = ?2"
                    .to_owned()
            }
            Self::Orders => format!(
                "UPDATE orders SET metadata = CASE WHEN buyer = theirs.text THEN NULL ELSE metadata END, \
                 reference = nullif(replace(reference, theirs.text, ''), ''), \
                 payment_ref = nullif(replace(payment_ref, theirs.text, ''), ''), \
                 changes = replace(changes, substr(json_quote(theirs.text), 2, length(json_quote(theirs.text)) - 2), ''), \
                 buyer = replace(buyer, theirs.text, '') \
                 FROM (SELECT number, coalesce(nullif(?3, ''), buyer) AS text FROM orders WHERE number = {NUMBER}) AS theirs \
                 WHERE orders.number = theirs.number"
            ),
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

impl SqliteStore {
    /// Erases the people of events that were over before an instant.
    pub(super) async fn forget_people(&self, over_before: Timestamp) -> Result<u64, StoreError> {
        let over = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(OVER)?;
            all(&mut statement, [over_before.0], |row| Ok(row.get::<_, i64>(0)?))
        });
        let over = over.await?;
        for event in &over {
            for table in [Table::Holds, Table::Orders] {
                self.erase_rows(*event, table, &Whom::Everybody).await?;
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
        let (mut erased, whom) = (Erased::default(), Whom::One(buyer.clone()));
        for event in events.await? {
            erased.holds += self.erase_rows(event, Table::Holds, &whom).await?;
            erased.orders += self.erase_rows(event, Table::Orders, &whom).await?;
            erased.replies += self.erase_replies(event, &buyer).await?;
        }
        // The log keeps what was overwritten until it begins anew.
        self.change(|writer: &mut Writer| writer.empty_log()).await?;
        Ok(erased)
    }

    async fn erase_rows(&self, event: i64, table: Table, whom: &Whom) -> Result<u64, StoreError> {
        let (mut erased, mut after) = (0, i64::MIN);
        loop {
            let whom_to_see = whom.clone();
            let seen = self.readers.run(move |connection| {
                let mut statement = connection.prepare_cached(&table.look(&whom_to_see))?;
                let values = params![event, after, whom_to_see.text(), LOOK_ROWS];
                all(&mut statement, values, |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Option<bool>>(1)? == Some(true)))
                })
            });
            let seen = seen.await?;
            let theirs: Vec<i64> =
                seen.iter().filter(|(_, is_theirs)| *is_theirs).map(|(at, _)| *at).collect();
            for slice in theirs.chunks(SLICE_ROWS) {
                let (slice, text) = (slice.to_vec(), whom.text().to_owned());
                let write = move |connection: &Connection| {
                    let mut statement = connection.prepare_cached(&table.erase())?;
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
            let text = buyer.text.clone();
            let seen = self.readers.run(move |connection| {
                let sql = format!("SELECT seq, ledger.position, replies FROM {REPLIES_AFTER} LIMIT ?3");
                let mut statement = connection.prepare_cached(&sql)?;
                all(&mut statement, params![event, after, LOOK_REPLIES], |row| {
                    let (seq, position) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
                    let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                    Ok((seq, position, erase_packed(Seq(unsigned(seq)), packed, &text)))
                })
            });
            let seen = seen.await?;
            let last = seen.last().map(|(seq, ..)| *seq);
            for (_, position, without) in seen {
                let Some((changed, packed)) = without else { continue };
                erased += changed;
                let write = move |connection: &Connection| {
                    let sql = "UPDATE replies SET replies = ?2 WHERE position = ?1";
                    connection.prepare_cached(sql)?.execute(params![position, packed])?;
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
