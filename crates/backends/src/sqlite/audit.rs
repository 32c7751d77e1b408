//! Reads everything that is stored of an event, for whoever compares it with its history.
//!
//! An [`AuditReader`] sees the database as of one commit for as long as it lives, whatever is committed meanwhile.
//! That keeps the write-ahead log from being emptied: audit a busy store's backup rather than the store. All
//! lists come in pages, so that an event of any size can be compared in little memory. Everything here blocks.

use std::path::Path;

use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{EventId, OrderId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, SeatRow};
use domain::place::SeatIndex;
use domain::record::{HoldRecord, OrderRecord};
use engine::ledger::Position;
use engine::store::{LedgerRow, StoreError, StoredReply};
use rusqlite::{Connection, params};

use super::catalog;
use super::connection::open_reader;
use super::error::Failure;
use super::journal::{all, limit, orders_of, position_of, tail};
use super::rows;
use super::writer::event_key;
use crate::columns::{self, serial, signed, unsigned};

/// A hold as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    /// The record.
    pub record: HoldRecord,
    /// The pseudonyms that its units are counted under, and whether only while held.
    pub claims: Vec<(Surrogate, bool)>,
}

/// A limit key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLimitKey {
    /// The pseudonym with what is behind it.
    pub mapping: Mapping,
    /// The units it has.
    pub used: u32,
}

/// A reference of an order, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRef {
    /// The reference's digest.
    pub digest: Digest,
    /// The fingerprint of the request that took it.
    pub fingerprint: Digest,
    /// The order.
    pub order: OrderId,
}

/// The replies of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReplies {
    /// The commit.
    pub seq: Seq,
    /// Its replies, by the serial under which each is kept.
    pub replies: Vec<(Serial, StoredReply)>,
}

/// Reads a database as of one commit.
#[derive(Debug)]
pub struct AuditReader {
    connection: Connection,
}

impl AuditReader {
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
            Ok(Self { connection })
        };
        Ok(open()?)
    }

    /// Every event, oldest first.
    ///
    /// # Errors
    /// When it cannot be read, like all that follow.
    pub fn events(&self) -> Result<Vec<EventId>, StoreError> {
        Ok(catalog::all_events(&self.connection)?)
    }

    /// What SQLite's own check of the file finds wrong; nothing, as a rule.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn check_file(&self) -> Result<Vec<String>, StoreError> {
        let check = || -> Result<Vec<String>, Failure> {
            let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
            all(&mut statement, [], |row| Ok(row.get(0)?))
        };
        Ok(check()?.into_iter().filter(|found| found != "ok").collect())
    }

    /// Where the event's history stands, by its own row.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn position(&self, event: EventId) -> Result<Option<Position>, StoreError> {
        Ok(self.of(event, None, |number| position_of(&self.connection, number))?)
    }

    /// Seats that ever changed, after one of them, in the order of the chart.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn seats(
        &self,
        event: EventId,
        after: Option<SeatIndex>,
        limit_rows: usize,
    ) -> Result<Vec<SeatRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM seats WHERE event = ?1 AND seat > ?2 ORDER BY seat LIMIT ?3",
            rows::inventory::SEAT
        );
        let after = after.map_or(-1, |seat| i64::from(seat.0));
        Ok(self.page(event, &sql, after, limit_rows, rows::inventory::seat)?)
    }

    /// Every pool of every area that ever changed.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn areas(&self, event: EventId) -> Result<Vec<AreaRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM area_pools WHERE event = ?1 AND area > ?2 ORDER BY area, channel LIMIT ?3",
            rows::inventory::AREA
        );
        Ok(self.page(event, &sql, -1, usize::MAX, rows::inventory::area)?)
    }

    /// Holds in any state, oldest first.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn holds(
        &self,
        event: EventId,
        after: Serial,
        limit_rows: usize,
    ) -> Result<Vec<StoredHold>, StoreError> {
        let sql = format!(
            "SELECT {} FROM holds WHERE event = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3",
            rows::hold::COLUMNS
        );
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StoredHold { record: rows::hold::record(row, event)?, claims: rows::hold::claims(row)? })
        };
        Ok(self.page(event, &sql, signed(after.0), limit_rows, read)?)
    }

    /// Orders with their tickets, oldest first.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn orders(
        &self,
        event: EventId,
        after: Serial,
        limit_rows: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let (first, last) = (Serial(after.0.saturating_add(1)), Serial(unsigned(i64::MAX)));
        let read = |number| orders_of(&self.connection, number, event, first, last, limit_rows);
        Ok(self.of(event, Vec::new(), read)?)
    }

    /// Limit keys, oldest first.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn limit_keys(
        &self,
        event: EventId,
        after: Surrogate,
        limit_rows: usize,
    ) -> Result<Vec<StoredLimitKey>, StoreError> {
        let sql = format!(
            "SELECT {}, used FROM limit_keys WHERE event = ?1 AND surrogate > ?2 ORDER BY surrogate LIMIT ?3",
            rows::ledger::MAPPING
        );
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StoredLimitKey { mapping: rows::ledger::mapping(row)?, used: row.get(3)? })
        };
        Ok(self.page(event, &sql, signed(after.0), limit_rows, read)?)
    }

    /// The ledger, oldest first, with the pseudonyms that each commit gave.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn ledger(
        &self,
        event: EventId,
        after: Seq,
        limit_rows: usize,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        Ok(self.of(event, Vec::new(), |number| tail(&self.connection, number, after, limit_rows))?)
    }

    /// Replies that are still kept, by commit, oldest first: at most so many commits' at a time.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn replies(
        &self,
        event: EventId,
        after: Seq,
        limit_commits: usize,
    ) -> Result<Vec<StoredReplies>, StoreError> {
        let sql = "SELECT seq, replies FROM replies WHERE event = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| {
            let seq = Seq(unsigned(row.get(0)?));
            let replies = columns::reply::unpack(seq, &row.get::<_, Vec<u8>>(1)?.into())?;
            Ok(StoredReplies { seq, replies })
        };
        Ok(self.page(event, sql, signed(after.0), limit_commits, read)?)
    }

    /// Every reference that an order of the event took.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn refs(&self, event: EventId) -> Result<Vec<StoredRef>, StoreError> {
        let sql = "SELECT digest, fingerprint, order_serial, order_salt FROM order_refs \
                   WHERE event = ?1 AND order_serial > ?2 LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StoredRef {
                digest: Digest(row.get(0)?),
                fingerprint: Digest(row.get(1)?),
                order: OrderId { event, serial: serial(row.get(2)?), salt: row.get(3)? },
            })
        };
        Ok(self.page(event, sql, -1, usize::MAX, read)?)
    }

    /// Every barcode that a ticket of the event took.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn codes(&self, event: EventId) -> Result<Vec<(Digest, OrderId)>, StoreError> {
        let sql = "SELECT digest, order_serial, order_salt FROM codes \
                   WHERE event = ?1 AND order_serial > ?2 LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((Digest(row.get(0)?), OrderId { event, serial: serial(row.get(1)?), salt: row.get(2)? }))
        };
        Ok(self.page(event, sql, -1, usize::MAX, read)?)
    }

    /// Rows that belong to nothing: tickets without their order. By their number in each table.
    ///
    /// # Errors
    /// See [`Self::events`].
    pub fn orphan_tickets(&self, event: EventId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM tickets WHERE event = ?1 AND order_serial > ?2 AND NOT EXISTS \
                   (SELECT 1 FROM orders WHERE orders.event = tickets.event \
                    AND orders.serial = tickets.order_serial) LIMIT ?3";
        let found = self.page(event, sql, -1, 1, |row| Ok(unsigned(row.get(0)?)))?;
        Ok(found.into_iter().sum())
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
