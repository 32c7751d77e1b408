//! Reads everything that is stored of an event, for whoever compares it with its history.
//!
//! A [`SqliteAudit`] sees the database as of one commit for as long as it lives, whatever is committed meanwhile.
//! That keeps the write-ahead log from being emptied: audit a busy store's backup rather than the store. All
//! lists come in pages, so that an event of any size can be compared in little memory. Everything here blocks.

use std::cell::RefCell;
use std::path::Path;

use domain::command::Digest;
use domain::id::{EventId, OrderId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, SeatRow};
use domain::place::SeatIndex;
use domain::record::OrderRecord;
use engine::ledger::Position;
use engine::store::{LedgerRow, StoreError};
use rusqlite::{Connection, params};

use super::catalog;
use super::connection::open_reader;
use super::error::Failure;
use super::journal::{Stored, all, limit, limit_keys_of, orders_of, position_of, tail};
use super::rows;
use super::writer::event_key;
use crate::audit::{AuditReader, StoredHold, StoredLimitKeys, StoredReplies, StoredUnique, Unique};
use crate::columns::{self, serial, signed, unsigned};

/// Counts rows that are read through the ledger and are where it leads nobody; and what they are.
const STRAYS: [(&str, &str); 2] = [
    (
        "SELECT count(*) FROM orders LEFT JOIN ledger ON ledger.position = orders.number >> 16 \
         WHERE ledger.event IS NOT orders.event OR ledger.seq IS NOT orders.serial >> 16 \
             OR orders.number & 65535 <> orders.serial & 65535",
        "orders",
    ),
    (
        "SELECT count(*) FROM replies LEFT JOIN ledger ON ledger.position = replies.position \
         WHERE ledger.position IS NULL",
        "replies",
    ),
];

/// Reads a database as of one commit.
#[derive(Debug)]
pub struct SqliteAudit {
    connection: Connection,
    /// Seats of the event that was asked for last: what is stored stays the same, and they come in many pages.
    seats: RefCell<Option<(i64, Stored)>>,
}

impl SqliteAudit {
    /// Opens a database that any process may have in use.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || -> Result<Self, Failure> {
            let connection = open_reader(path)?;
            connection.execute_batch("BEGIN")?;
            // A transaction begins with its first read.
            connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
            Ok(Self { connection, seats: RefCell::new(None) })
        };
        Ok(open()?)
    }

    fn of<T>(
        &self,
        event: EventId,
        missing: T,
        read: impl FnOnce(i64) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match event_key(&self.connection, event)? {
            Some(key) => read(key.number),
            None => Ok(missing),
        }
    }

    /// A page of an event's seats.
    fn seats_of(&self, number: i64, first: u32, limit_rows: usize) -> Result<Vec<SeatRow>, Failure> {
        let mut seats = self.seats.borrow_mut();
        let stored = match &mut *seats {
            Some((of, stored)) if *of == number => stored,
            other => &mut other.insert((number, Stored::read(&self.connection, number)?)).1,
        };
        stored.seats(&self.connection, number, first, limit_rows)
    }

    /// Rows of an event after some key, at most so many.
    fn page<T>(
        &self,
        event: EventId,
        sql: &str,
        after: i64,
        limit_rows: usize,
        read: impl FnMut(&rusqlite::Row<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        self.of(event, Vec::new(), |number| {
            let mut statement = self.connection.prepare_cached(sql)?;
            all(&mut statement, params![number, after, limit(limit_rows)], read)
        })
    }
}

impl AuditReader for SqliteAudit {
    fn events(&self) -> Result<Vec<EventId>, StoreError> {
        Ok(catalog::all_events(&self.connection)?)
    }

    fn check_file(&self) -> Result<Vec<String>, StoreError> {
        let check = || -> Result<Vec<String>, Failure> {
            let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
            let mut found = all(&mut statement, [], |row| Ok(row.get(0)?))?;
            found.retain(|finding| finding != "ok");
            for (sql, whats) in STRAYS {
                let strays: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
                if strays > 0 {
                    found.push(format!("{whats} that no commit leads to: {strays}"));
                }
            }
            Ok(found)
        };
        Ok(check()?)
    }

    fn position(&self, event: EventId) -> Result<Option<Position>, StoreError> {
        Ok(self.of(event, None, |number| position_of(&self.connection, number))?)
    }

    fn seats(
        &self,
        event: EventId,
        after: Option<SeatIndex>,
        limit_rows: usize,
    ) -> Result<Vec<SeatRow>, StoreError> {
        let Some(first) = after.map_or(Some(0), |seat| seat.0.checked_add(1)) else { return Ok(Vec::new()) };
        Ok(self.of(event, Vec::new(), |number| self.seats_of(number, first, limit_rows))?)
    }

    fn areas(&self, event: EventId) -> Result<Vec<AreaRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM area_pools WHERE event = ?1 AND area > ?2 ORDER BY area, channel LIMIT ?3",
            rows::inventory::AREA
        );
        Ok(self.page(event, &sql, -1, usize::MAX, rows::inventory::area)?)
    }

    fn holds(&self, event: EventId, after: Serial, limit_rows: usize) -> Result<Vec<StoredHold>, StoreError> {
        let sql = format!(
            "SELECT {} FROM holds WHERE event = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3",
            rows::hold::COLUMNS
        );
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StoredHold { record: rows::hold::record(row, event)?, claims: rows::hold::claims(row)? })
        };
        Ok(self.page(event, &sql, signed(after.0), limit_rows, read)?)
    }

    fn orders(
        &self,
        event: EventId,
        after: Serial,
        limit_rows: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let (first, last) = (Serial(after.0.saturating_add(1)), Serial(unsigned(i64::MAX)));
        let read = |number| orders_of(&self.connection, number, event, first, last, limit_rows);
        Ok(self.of(event, Vec::new(), read)?)
    }

    fn limit_keys(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredLimitKeys>, StoreError> {
        let read = |number| limit_keys_of(&self.connection, number, after, limit_commits);
        Ok(self.of(event, Vec::new(), read)?)
    }

    fn counters(
        &self,
        event: EventId,
        after: Surrogate,
        limit_rows: usize,
    ) -> Result<Vec<(Surrogate, u32)>, StoreError> {
        let sql = "SELECT surrogate, used FROM counters WHERE event = ?1 AND surrogate > ?2 \
                   ORDER BY surrogate LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| Ok((serial(row.get(0)?), row.get(1)?));
        Ok(self.page(event, sql, signed(after.0), limit_rows, read)?)
    }

    fn ledger(&self, event: EventId, after: Seq, limit_rows: usize) -> Result<Vec<LedgerRow>, StoreError> {
        Ok(self.of(event, Vec::new(), |number| tail(&self.connection, number, after, limit_rows))?)
    }

    fn replies(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredReplies>, StoreError> {
        let sql = format!("SELECT seq, replies FROM {} LIMIT ?3", rows::ledger::REPLIES_AFTER);
        let read = |row: &rusqlite::Row<'_>| {
            let seq = Seq(unsigned(row.get(0)?));
            let replies =
                columns::reply::unpack(seq, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            Ok(StoredReplies { seq, replies })
        };
        Ok(self.page(event, &sql, signed(after.0), limit_commits, read)?)
    }

    fn uniques(
        &self,
        event: EventId,
        kind: Unique,
        after: Option<Digest>,
        limit_rows: usize,
    ) -> Result<Vec<StoredUnique>, StoreError> {
        let sql = format!(
            "SELECT digest, order_serial, order_salt FROM {} \
             WHERE event = ?1 AND digest > ?2 ORDER BY digest LIMIT ?3",
            kind.table()
        );
        // Shorter than every digest, and so before all of them.
        let after = after.map_or_else(Vec::new, |digest| digest.0.to_vec());
        let read = |number| {
            let mut statement = self.connection.prepare_cached(&sql)?;
            all(&mut statement, params![number, after, limit(limit_rows)], |row| unique(row, event))
        };
        Ok(self.of(event, Vec::new(), read)?)
    }

    fn taken(
        &self,
        event: EventId,
        kind: Unique,
        digests: &[Digest],
    ) -> Result<Vec<StoredUnique>, StoreError> {
        let sql = format!(
            "SELECT digest, order_serial, order_salt FROM {} WHERE event = ?1 AND digest = ?2",
            kind.table()
        );
        let read = |number| {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut taken = Vec::new();
            for digest in digests {
                taken.extend(all(&mut statement, params![number, digest.0], |row| unique(row, event))?);
            }
            Ok(taken)
        };
        Ok(self.of(event, Vec::new(), read)?)
    }

    fn barcodes(
        &self,
        event: EventId,
        first: Serial,
        last: Serial,
    ) -> Result<Vec<(Serial, String)>, StoreError> {
        let sql = "SELECT order_serial, code FROM barcodes \
                   WHERE event = ?1 AND order_serial BETWEEN ?2 AND ?3 ORDER BY order_serial, code";
        let read = |number| {
            let mut statement = self.connection.prepare_cached(sql)?;
            all(&mut statement, params![number, signed(first.0), signed(last.0)], |row| {
                Ok((serial(row.get(0)?), row.get(1)?))
            })
        };
        Ok(self.of(event, Vec::new(), read)?)
    }
}

fn unique(row: &rusqlite::Row<'_>, event: EventId) -> Result<StoredUnique, Failure> {
    let order = OrderId { event, serial: serial(row.get(1)?), salt: row.get(2)? };
    Ok(StoredUnique { digest: Digest(row.get(0)?), order })
}
