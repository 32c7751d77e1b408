//! Reads histories: where they stand, what was committed, and everything a desk begins with.

use std::sync::Arc;

use domain::command::Digest;
use domain::id::{ChartId, EventId, Seq, Serial};
use domain::inventory::{AreaRow, Hold, SeatRow};
use domain::record::OrderRecord;
use domain::time::Timestamp;
use engine::ledger::{Head, Position};
use engine::store::{LedgerRow, Positions, Snapshot, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::super::SqliteStore;
use super::super::catalog;
use super::super::error::Failure;
use super::super::readers::at_one_commit;
use super::super::rows;
use super::super::writer::event_key;
use super::recent::Stored;
use crate::audit::StoredLimitKeys;
use crate::clock::WallClock;
use crate::columns::event::EventRow;
use crate::columns::{keys, pseudonyms, serial, signed, unsigned};

/// Ledger rows whose keys are read at a time.
const KEY_ROWS: usize = 512;
/// By how much a clock that went backwards may hide a key, in ms: commits this much older are looked at too.
const KEYS_SLACK_MS: i64 = 3_600_000;

/// Reads every row of a query.
pub(in crate::sqlite) fn all<T>(
    statement: &mut Statement<'_>,
    values: impl rusqlite::Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut rows = statement.query(values)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// A bound of a query.
pub(in crate::sqlite) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Where an event's history stands; `None` when the event is gone.
pub(in crate::sqlite) fn position_of(
    connection: &Connection,
    number: i64,
) -> Result<Option<Position>, Failure> {
    let mut statement = connection.prepare_cached("SELECT seq, head FROM heads WHERE event = ?1")?;
    Ok(statement.query_row([number], position).optional()?)
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    Ok(Position { seq: Seq(unsigned(row.get(0)?)), head: Head(row.get(1)?) })
}

pub(super) fn positions(
    connection: &Connection,
    events: &[EventId],
    clock: &dyn WallClock,
    history: u64,
) -> Result<Positions, Failure> {
    // Before the read: what is committed after this instant may be missing.
    let now = Timestamp(clock.now_ms());
    let mut positions = Vec::with_capacity(events.len());
    let mut damaged = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT heads.seq, heads.head FROM events JOIN heads ON heads.event = events.number WHERE events.id = ?1",
    )?;
    for &event in events {
        match statement.query_row([signed(event.0)], position).optional().map_err(Failure::from) {
            Ok(position) => positions.extend(position.map(|position| (event, position))),
            Err(failure) if failure.is_of_row() => damaged.push(event),
            Err(failure) => return Err(failure),
        }
    }
    if events.is_empty() {
        // Proof of life even for those who ask about nothing.
        connection.prepare_cached("SELECT count(*) FROM meta")?.query_row([], |_| Ok(()))?;
    }
    Ok(Positions { now, history, positions, damaged })
}

pub(super) fn contains(connection: &Connection, number: i64, position: Position) -> Result<bool, Failure> {
    if position.seq == Seq(0) {
        return Ok(position.head == Head::default());
    }
    let mut statement = connection.prepare_cached("SELECT hash FROM ledger WHERE event = ?1 AND seq = ?2")?;
    let head = statement.query_row(params![number, signed(position.seq.0)], |row| row.get(0)).optional()?;
    Ok(head.map(Head) == Some(position.head))
}

pub(super) fn tail_of(
    connection: &Connection,
    event: EventId,
    after: Seq,
    limit: usize,
) -> Result<Vec<LedgerRow>, Failure> {
    at_one_commit(connection, || match event_key(connection, event)? {
        Some(key) => tail(connection, key.number, after, limit),
        None => Ok(Vec::new()),
    })
}

/// Commits after `after`, oldest first, at most so many.
pub(in crate::sqlite) fn tail(
    connection: &Connection,
    number: i64,
    after: Seq,
    limit_rows: usize,
) -> Result<Vec<LedgerRow>, Failure> {
    let sql = format!(
        "SELECT {} FROM ledger WHERE event = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        rows::ledger::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    all(&mut statement, params![number, signed(after.0), limit(limit_rows)], rows::ledger::row)
}

/// The pseudonyms that commits after `after` gave, with the units that each has now; at most so many commits'.
pub(in crate::sqlite) fn limit_keys_of(
    connection: &Connection,
    number: i64,
    after: Seq,
    limit_commits: usize,
) -> Result<Vec<StoredLimitKeys>, Failure> {
    let sql = "SELECT seq, pseudonyms FROM ledger WHERE event = ?1 AND seq > ?2 AND pseudonyms <> x'' \
               ORDER BY seq LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut given = all(&mut statement, params![number, signed(after.0), limit(limit_commits)], |row| {
        let seq = Seq(unsigned(row.get(0)?));
        let packed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        Ok(StoredLimitKeys { seq, keys: pseudonyms::unpack(seq, packed)? })
    })?;
    let (Some(oldest), Some(newest)) = (given.first(), given.last()) else { return Ok(given) };
    let (from, to) = (Serial::new(oldest.seq, 0), Serial::new(newest.seq, u16::MAX));
    let sql = "SELECT surrogate, used FROM counters WHERE event = ?1 AND surrogate BETWEEN ?2 AND ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let counted = all(&mut statement, params![number, signed(from.0), signed(to.0)], |row| {
        Ok((serial(row.get(0)?), row.get::<_, u32>(1)?))
    })?;
    pseudonyms::count_again(&mut given, &counted.into_iter().collect());
    Ok(given)
}

/// Orders from one serial to another, oldest first, with their tickets.
pub(in crate::sqlite) fn orders_of(
    connection: &Connection,
    number: i64,
    event: EventId,
    first: Serial,
    last: Serial,
    limit_rows: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    let mut statement = connection.prepare_cached(&rows::order::by_serials())?;
    let bounds = params![number, signed(first.0), signed(last.0), limit(limit_rows)];
    all(&mut statement, bounds, |row| rows::order::record(row, event))
}

/// What a snapshot holds that changes with every commit, read at one of them.
struct State {
    number: i64,
    event: EventRow,
    position: Position,
    seats: Vec<SeatRow>,
    areas: Vec<AreaRow>,
    holds: Vec<Hold>,
    limits: Vec<(Digest, Serial, u32)>,
}

impl SqliteStore {
    /// Everything a desk begins with.
    pub(super) async fn load_snapshot(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> Result<Option<Snapshot>, StoreError> {
        // Before the state, so that the desk is at least as new as its clock.
        let now = Timestamp(self.clock.now_ms());
        let state =
            self.readers.run(move |connection| at_one_commit(connection, || state(connection, event)));
        let Some(state) = state.await? else { return Ok(None) };
        let charts = self.charts_of(&state.event).await?;
        let since = now.0.saturating_sub(keys_keep_ms).saturating_sub(KEYS_SLACK_MS);
        let keys = self.recent_keys(state.number, state.position.seq, since).await?;
        let State { event, position, seats, areas, holds, limits, .. } = state;
        let event = Arc::new(event.into_event(charts)?);
        let history = self.history;
        Ok(Some(Snapshot { event, position, history, now, seats, areas, holds, limits, keys }))
    }

    /// The digests of commits up to `last` that are not older than `since`.
    ///
    /// What is in the ledger never changes, so this needs no one transaction with the state; it is read in
    /// pieces, so that a day of keys does not keep the log from being emptied.
    async fn recent_keys(
        &self,
        number: i64,
        last: Seq,
        since: i64,
    ) -> Result<Vec<(Digest, Serial)>, StoreError> {
        let mut keys = Vec::new();
        let mut up_to = last;
        loop {
            let page = self.readers.run(move |connection| keys_page(connection, number, up_to, since));
            let (page, more) = page.await?;
            keys.extend(page);
            match more {
                Some(next) => up_to = next,
                None => return Ok(keys),
            }
        }
    }

    /// Every chart that an event sold over, from memory where they are.
    pub(in crate::sqlite) async fn charts_of(
        &self,
        event: &EventRow,
    ) -> Result<Vec<(ChartId, Arc<domain::chart::Chart>)>, StoreError> {
        let mut charts = Vec::new();
        for id in event.charts()? {
            let chart = match self.charts.get(id) {
                Some(chart) => chart,
                None => {
                    let read = self.readers.run(move |connection| catalog::document(connection, id));
                    let missing = || StoreError::Damaged(format!("{id} has no document"));
                    self.charts.read(id, read.await?.ok_or_else(missing)?).await?
                }
            };
            charts.push((id, chart));
        }
        Ok(charts)
    }
}

type KeysPage = (Vec<(Digest, Serial)>, Option<Seq>);

/// The keys of some commits, newest first, and where to go on.
fn keys_page(connection: &Connection, number: i64, up_to: Seq, since: i64) -> Result<KeysPage, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, keys FROM ledger WHERE event = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![number, signed(up_to.0), limit(KEY_ROWS)])?;
    let (mut keys, mut read, mut oldest) = (Vec::new(), 0, up_to);
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? < since {
            return Ok((keys, None));
        }
        oldest = Seq(unsigned(row.get(0)?));
        keys::unpack(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?, &mut keys)?;
        read += 1;
    }
    let more = (read == KEY_ROWS && oldest > Seq(1)).then(|| Seq(oldest.0 - 1));
    Ok((keys, more))
}

fn state(connection: &Connection, event: EventId) -> Result<Option<State>, Failure> {
    let Some(key) = event_key(connection, event)? else { return Ok(None) };
    let number = key.number;
    let Some(position) = position_of(connection, number)? else { return Ok(None) };
    let sql = format!("SELECT {} FROM events WHERE number = ?1", rows::event::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query([number])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let row = rows::event::row(row)?;
    let seats = Stored::read(connection, number)?.seats(connection, number, 0, usize::MAX)?;
    let sql = format!("SELECT {} FROM area_pools WHERE event = ?1", rows::inventory::AREA);
    let areas = all(&mut *connection.prepare_cached(&sql)?, [number], rows::inventory::area)?;
    let sql = format!("SELECT {} FROM holds WHERE event = ?1 AND status = 0", rows::hold::COLUMNS);
    let holds = all(&mut *connection.prepare_cached(&sql)?, [number], |row| rows::hold::running(row, event))?;
    let limits = pseudonyms::limits(limit_keys_of(connection, number, Seq(0), usize::MAX)?);
    Ok(Some(State { number, event: row, position, seats, areas, holds, limits }))
}
