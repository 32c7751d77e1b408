//! Reads histories: where they stand, what was committed, and everything a desk begins with.

use std::sync::Arc;

use domain::command::Digest;
use domain::id::{EventId, Seq, Serial, Surrogate};
use domain::inventory::{AreaRow, Hold, SeatRow};
use domain::record::OrderRecord;
use domain::time::Timestamp;
use engine::ledger::Position;
use engine::store::{LedgerRow, Positions, Snapshot};
use tokio_postgres::GenericClient;

use super::super::error::Failure;
use super::super::rows::{self, column, id};
use super::super::{PostgresStore, all};
use crate::audit::StoredLimitKeys;
use crate::columns::event::EventRow;
use crate::columns::{keys, pseudonyms, signed};

/// By how much a clock that went backwards may hide a key, in ms: commits this much older are looked at too.
const KEYS_SLACK_MS: i64 = 3_600_000;

/// Ledger rows whose keys are read at a time.
const KEY_ROWS: i64 = 512;

/// A bound of a query.
pub(in crate::postgres) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Where an event's history stands; `None` when the event is gone.
pub(in crate::postgres) async fn position_of(
    client: &impl GenericClient,
    number: i64,
) -> Result<Option<Position>, Failure> {
    let row = client.query_opt("SELECT seq, head FROM heads WHERE event = $1", &[&number]).await?;
    row.map(|row| rows::position(&row, 0)).transpose()
}

/// Orders from one serial to another, oldest first, with their tickets.
pub(in crate::postgres) async fn orders_of(
    client: &impl GenericClient,
    number: i64,
    event: EventId,
    (first, last): (Serial, Serial),
    limit_rows: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    let sql = format!(
        "SELECT {} FROM orders WHERE event = $1 AND serial BETWEEN $2 AND $3 ORDER BY serial LIMIT $4",
        rows::ORDER
    );
    let (from, to) = (signed(first.0), signed(last.0));
    let found = client.query(&sql, &[&number, &from, &to, &limit(limit_rows)]).await?;
    found.iter().map(|row| rows::order(row, event)).collect()
}

/// Commits after `after`, oldest first, at most so many.
pub(in crate::postgres) async fn tail(
    client: &impl GenericClient,
    number: i64,
    after: Seq,
    limit_rows: usize,
) -> Result<Vec<LedgerRow>, Failure> {
    let sql =
        format!("SELECT {} FROM ledger WHERE event = $1 AND seq > $2 ORDER BY seq LIMIT $3", rows::LEDGER);
    let found = client.query(&sql, &[&number, &signed(after.0), &limit(limit_rows)]).await?;
    found.iter().map(rows::ledger).collect()
}

/// The pseudonyms that commits after `after` gave, with the units that each has now; at most so many commits'.
pub(in crate::postgres) async fn limit_keys_of(
    client: &impl GenericClient,
    number: i64,
    after: Seq,
    limit_commits: usize,
) -> Result<Vec<StoredLimitKeys>, Failure> {
    let sql = "SELECT seq, pseudonyms FROM ledger WHERE event = $1 AND seq > $2 AND pseudonyms <> '' \
               ORDER BY seq LIMIT $3";
    let found = client.query(sql, &[&number, &signed(after.0), &limit(limit_commits)]).await?;
    let mut given = all(&found, |row| {
        let seq = Seq(id(row, 0)?);
        Ok(StoredLimitKeys { seq, keys: pseudonyms::unpack(seq, column(row, 1)?)? })
    })?;
    let (Some(oldest), Some(newest)) = (given.first(), given.last()) else { return Ok(given) };
    let (from, to) = (Serial::new(oldest.seq, 0), Serial::new(newest.seq, u16::MAX));
    let sql = "SELECT surrogate, used FROM counters WHERE event = $1 AND surrogate BETWEEN $2 AND $3";
    let counted = client.query(sql, &[&number, &signed(from.0), &signed(to.0)]).await?;
    pseudonyms::count_again(&mut given, &all(&counted, rows::counter)?.into_iter().collect());
    Ok(given)
}

/// What a desk begins with, as one commit left it.
struct State {
    row: EventRow,
    position: Position,
    seats: Vec<SeatRow>,
    areas: Vec<AreaRow>,
    holds: Vec<Hold>,
    limits: Vec<(Digest, Surrogate, u32)>,
}

/// An event's state; `None` when it is gone.
async fn state_of(
    client: &impl GenericClient,
    number: i64,
    event: EventId,
) -> Result<Option<State>, Failure> {
    let sql = format!("SELECT {} FROM events WHERE number = $1", rows::EVENT);
    let Some(row) = client.query_opt(&sql, &[&number]).await? else { return Ok(None) };
    let row = rows::event(&row)?;
    let Some(position) = position_of(client, number).await? else { return Ok(None) };
    let sql = format!("SELECT {} FROM seats WHERE event = $1", rows::SEAT);
    let seats = all(&client.query(&sql, &[&number]).await?, rows::seat)?;
    let sql = format!("SELECT {} FROM area_pools WHERE event = $1", rows::AREA);
    let areas = all(&client.query(&sql, &[&number]).await?, rows::area)?;
    let sql = format!("SELECT {} FROM holds WHERE event = $1 AND status = 0", rows::HOLD);
    let holds = all(&client.query(&sql, &[&number]).await?, |row| rows::running_hold(row, event))?;
    let limits = pseudonyms::limits(limit_keys_of(client, number, Seq(0), usize::MAX).await?);
    Ok(Some(State { row, position, seats, areas, holds, limits }))
}

impl PostgresStore {
    /// The store's clock.
    pub(in crate::postgres) async fn read_now(&self) -> Result<Timestamp, Failure> {
        let rows = self.query(rows::CLOCK, &[]).await?;
        let row = rows.first().ok_or_else(|| Failure::damaged("the clock says nothing"))?;
        Ok(Timestamp(column(row, 0)?))
    }

    pub(super) async fn read_positions(&self, events: &[EventId]) -> Result<Positions, Failure> {
        // The clock first: what is committed after that instant may be missing.
        let (now, history) = self.now_and_history().await?;
        let sql = "SELECT events.id, heads.seq, heads.head FROM events \
                   JOIN heads ON heads.event = events.number WHERE events.id = ANY($1)";
        let ids: Vec<i64> = events.iter().map(|event| signed(event.0)).collect();
        let (mut positions, mut damaged) = (Vec::with_capacity(ids.len()), Vec::new());
        for row in &self.query(sql, &[&ids]).await? {
            let event = EventId(id(row, 0)?);
            match rows::position(row, 1) {
                Ok(position) => positions.push((event, position)),
                Err(_) => damaged.push(event),
            }
        }
        Ok(Positions { now, history, positions, damaged })
    }

    pub(super) async fn read_tail(
        &self,
        event: EventId,
        after: Seq,
        limit_rows: usize,
    ) -> Result<Vec<LedgerRow>, Failure> {
        let Some(key) = self.event_keys([event]).await?.remove(&event) else { return Ok(Vec::new()) };
        let mut client = self.client().await?;
        let read = async {
            let transaction = client.snapshot().await?;
            let rows = tail(&*transaction, key.number, after, limit_rows).await?;
            transaction.commit().await?;
            Ok(rows)
        };
        let rows = self.in_time(2, read).await;
        client.after(rows)
    }

    /// Everything a desk begins with, read at one commit.
    pub(super) async fn load_snapshot(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> Result<Option<Snapshot>, Failure> {
        // Before the state, so that the desk is at least as new as its clock.
        let (now, history) = self.now_and_history().await?;
        let Some(key) = self.event_keys([event]).await?.remove(&event) else { return Ok(None) };
        let number = key.number;
        let mut client = self.client().await?;
        let read = async {
            let transaction = client.snapshot().await?;
            let state = state_of(&*transaction, number, event).await?;
            transaction.commit().await?;
            Ok(state)
        };
        let state = self.in_time(7, read).await;
        let Some(State { row, position, seats, areas, holds, limits }) = client.after(state)? else {
            self.forget(event);
            return Ok(None);
        };
        let since = now.0.saturating_sub(keys_keep_ms).saturating_sub(KEYS_SLACK_MS);
        let recent = self.recent_keys(number, position.seq, since).await?;
        let charts = self.charts_of(&row).await?;
        let event = Arc::new(row.into_event(charts)?);
        Ok(Some(Snapshot { event, position, history, now, seats, areas, holds, limits, keys: recent }))
    }

    /// The digests of commits up to `last` that are not older than `since`, newest first, in pieces.
    ///
    /// What is in the ledger never changes, so this needs no one transaction with the rest.
    async fn recent_keys(
        &self,
        number: i64,
        last: Seq,
        since: i64,
    ) -> Result<Vec<(Digest, Serial)>, Failure> {
        let sql = "SELECT at, keys FROM ledger WHERE event = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3";
        let mut recent = Vec::new();
        let mut up_to = last.0;
        loop {
            let page = self.query(sql, &[&number, &signed(up_to), &KEY_ROWS]).await?;
            for row in &page {
                if column::<i64>(row, 0)? < since {
                    return Ok(recent);
                }
                keys::unpack(column(row, 1)?, &mut recent)?;
            }
            let read = page.len() as u64;
            if read < KEY_ROWS.cast_unsigned() || read >= up_to {
                return Ok(recent);
            }
            up_to -= read;
        }
    }
}
