//! Forgetting: what is kept for a while only, and test events that were deleted.
//!
//! Always in slices, each a short job of the writer, so that no buyer waits for housekeeping.

use domain::id::EventId;
use domain::time::Timestamp;
use engine::store::StoreError;
use rusqlite::{Connection, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::{all, limit};
use super::writer::{Done, Writer};
use crate::columns::signed;
use crate::purged::Purged;

/// Rows that one slice deletes at most; of an event's commits, until there are so many.
const SLICE_ROWS: usize = 1_000;
/// Rows that one slice looks at, at most, to find those that are old enough.
const SLICE_LOOK_ROWS: usize = 10_000;

/// The tables that hold an event's rows, with what tells them apart within it. Its commits, with what is found through them,
/// come after all of these, so that what is half deleted still has its history.
const TABLES_OF_EVENT: [(&str, &str); 8] = [
    ("filed_seats", "seat"),
    ("area_pools", "area, channel"),
    ("holds", "serial"),
    ("barcodes", "order_serial, code"),
    ("order_refs", "digest"),
    ("codes", "digest"),
    ("counters", "surrogate"),
    ("channel_notes", "channel"),
];

/// What one slice did: how many rows it deleted, and where the next one begins.
struct Slice {
    deleted: usize,
    next: Option<(i64, i64)>,
}

impl SqliteStore {
    /// Forgets holds that ended more than `hold_keep_ms` ago, replies older than `reply_keep_ms`, and what is left
    /// of test events that were deleted.
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
        let holds = self.in_slices(move |connection, from| old_holds(connection, from, holds_before)).await?;
        let replies =
            self.in_slices(move |connection, from| old_replies(connection, from, replies_before)).await?;
        let catalog_replies =
            self.in_slices(move |connection, _| old_catalog_replies(connection, replies_before)).await?;
        let rows_of_deleted_events = self.bury().await?;
        Ok(Purged { holds, replies, catalog_replies, rows_of_deleted_events })
    }

    /// Runs slices, each a transaction, until there is nothing more to do.
    async fn in_slices(
        &self,
        slice: impl Fn(&Connection, (i64, i64)) -> Result<Slice, Failure> + Copy + Send + 'static,
    ) -> Result<usize, StoreError> {
        let (mut deleted, mut from) = (0, (0, 0));
        loop {
            let done = self.change(move |writer| {
                writer.transaction(|writer| {
                    let slice = slice(writer.connection()?, from)?;
                    Ok(if slice.deleted > 0 { Done::Changed(slice) } else { Done::Same(slice) })
                })
            });
            let Slice { deleted: more, next } = done.await?;
            deleted += more;
            match next {
                Some(next) => from = next,
                None => return Ok(deleted),
            }
        }
    }

    /// Deletes a test event: at once for everybody, its rows in slices afterwards.
    pub(super) async fn delete_test_event(&self, id: EventId) -> Result<bool, StoreError> {
        let doomed = self.change(move |writer| writer.transaction(|writer| doom(writer, id))).await?;
        if doomed {
            self.bury().await?;
        }
        Ok(doomed)
    }

    /// Deletes what is left of events that are gone.
    async fn bury(&self) -> Result<usize, StoreError> {
        self.in_slices(|connection, _| bury_some(connection)).await
    }
}

/// Takes a test event out of everybody's sight.
fn doom(writer: &mut Writer, id: EventId) -> Result<Done<bool>, Failure> {
    let Some(key) = writer.event_key(id)? else { return Ok(Done::Same(false)) };
    if key.livemode {
        return Ok(Done::Same(false));
    }
    writer.forget(id);
    let connection = writer.connection()?;
    let gone = connection.execute("DELETE FROM events WHERE id = ?1 AND livemode = 0", [signed(id.0)])?;
    if gone == 0 {
        return Ok(Done::Same(false));
    }
    connection.execute("DELETE FROM heads WHERE event = ?1", [key.number])?;
    connection.execute("INSERT INTO doomed_events (event) VALUES (?1)", [key.number])?;
    Ok(Done::Changed(true))
}

fn bury_some(connection: &Connection) -> Result<Slice, Failure> {
    let sql = "SELECT event FROM doomed_events ORDER BY event LIMIT 1";
    let doomed = all(&mut *connection.prepare_cached(sql)?, [], |row| Ok(row.get::<_, i64>(0)?))?;
    let Some(&event) = doomed.first() else { return Ok(Slice { deleted: 0, next: None }) };
    for (table, key) in TABLES_OF_EVENT {
        let sql = format!(
            "DELETE FROM {table} WHERE event = ?1 AND ({key}) IN \
             (SELECT {key} FROM {table} WHERE event = ?1 LIMIT ?2)"
        );
        let deleted = connection.prepare_cached(&sql)?.execute(params![event, limit(SLICE_ROWS)])?;
        if deleted > 0 {
            return Ok(Slice { deleted, next: Some((0, 0)) });
        }
    }
    let deleted = bury_commits(connection, event)?;
    if deleted > 0 {
        return Ok(Slice { deleted, next: Some((0, 0)) });
    }
    connection.prepare_cached("DELETE FROM doomed_events WHERE event = ?1")?.execute([event])?;
    Ok(Slice { deleted: 1, next: Some((0, 0)) })
}

/// Deletes some of an event's commits, each with all of its orders and replies.
fn bury_commits(connection: &Connection, event: i64) -> Result<usize, Failure> {
    let sql = "SELECT position FROM ledger WHERE event = ?1 ORDER BY seq LIMIT ?2";
    let values = params![event, limit(SLICE_ROWS)];
    let positions = all(&mut *connection.prepare_cached(sql)?, values, |row| Ok(row.get::<_, i64>(0)?))?;
    let mut deleted = 0;
    for position in positions {
        for sql in [
            "DELETE FROM orders WHERE number BETWEEN ?1 << 16 AND (?1 << 16) | 65535",
            "DELETE FROM replies WHERE position = ?1",
            "DELETE FROM ledger WHERE position = ?1",
        ] {
            deleted += connection.prepare_cached(sql)?.execute([position])?;
        }
        if deleted >= SLICE_ROWS {
            break;
        }
    }
    Ok(deleted)
}

/// Walks all holds in the order of their keys, and deletes those that ended before.
fn old_holds(connection: &Connection, from: (i64, i64), before: i64) -> Result<Slice, Failure> {
    // A confirmed hold stays: a payment that is told again, however late, gets its order.
    let sql = "SELECT event, serial, status IN (2, 3) AND ended_at < ?3 FROM holds \
               WHERE (event, serial) > (?1, ?2) ORDER BY event, serial LIMIT ?4";
    let values = params![from.0, from.1, before, limit(SLICE_LOOK_ROWS)];
    let seen = all(&mut *connection.prepare_cached(sql)?, values, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<bool>>(2)? == Some(true)))
    })?;
    let mut delete = connection.prepare_cached("DELETE FROM holds WHERE event = ?1 AND serial = ?2")?;
    let mut deleted = 0;
    for (event, serial, is_old) in &seen {
        if *is_old {
            deleted += delete.execute(params![event, serial])?;
            if deleted == SLICE_ROWS {
                return Ok(Slice { deleted, next: Some((*event, *serial)) });
            }
        }
    }
    let next = seen.last().filter(|_| seen.len() == SLICE_LOOK_ROWS);
    Ok(Slice { deleted, next: next.map(|(event, serial, _)| (*event, *serial)) })
}

fn old_replies(connection: &Connection, from: (i64, i64), before: i64) -> Result<Slice, Failure> {
    // By position, which is the order of time: the first that is young ends the walk.
    let sql = "SELECT position, at < ?2 FROM replies WHERE position > ?1 ORDER BY position LIMIT ?3";
    let values = params![from.0, before, limit(SLICE_ROWS)];
    let seen = all(&mut *connection.prepare_cached(sql)?, values, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
    })?;
    let mut delete = connection.prepare_cached("DELETE FROM replies WHERE position = ?1")?;
    let mut deleted = 0;
    for (position, is_old) in &seen {
        if !is_old {
            return Ok(Slice { deleted, next: None });
        }
        deleted += delete.execute([position])?;
    }
    let next = seen.last().filter(|_| seen.len() == SLICE_ROWS);
    Ok(Slice { deleted, next: next.map(|(position, _)| (*position, 0)) })
}

fn old_catalog_replies(connection: &Connection, before: i64) -> Result<Slice, Failure> {
    // What was made for a request has the status 201; anything else is remembered for good.
    let sql = "DELETE FROM catalog_replies WHERE key IN \
               (SELECT key FROM catalog_replies WHERE at < ?1 AND status = 201 LIMIT ?2)";
    let deleted = connection.prepare_cached(sql)?.execute(params![before, limit(SLICE_ROWS)])?;
    Ok(Slice { deleted, next: (deleted == SLICE_ROWS).then_some((0, 0)) })
}
