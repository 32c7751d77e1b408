//! One batch: lock, read, have it decided, write, commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::command::Digest;
use domain::id::{EventId, HoldId, OrderId, Serial};
use domain::record::{HoldRecord, HoldStatus, OrderRecord};
use domain::time::Timestamp;
use engine::store::{CommitWrite, Decider, Found, Locked, Probes, TransactError, Work};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::error::Failure;
use super::super::rows;
use super::super::writer::{CommitFailure, Done, EventKey, Writer};
use super::{GONE, read, write};
use crate::columns::{serial, signed, unsigned};

/// Commits that are read under the lock at most; a desk that is further behind catches up elsewhere.
const NEWS_MAX: u64 = 64;

/// Commits a batch, whole or not at all.
pub(super) fn transact(
    writer: &mut Writer,
    works: &[Work],
    decider: &dyn Decider,
) -> Result<(), TransactError> {
    let mut blamed = None;
    let done = writer.transaction(|writer| {
        let mut writes = Vec::with_capacity(works.len());
        for (at, work) in works.iter().enumerate() {
            let decided = decide(writer, at, work, decider);
            writes.extend(decided.inspect_err(|failure| blamed = culprit(work.event, failure))?);
        }
        if writes.is_empty() {
            return Ok(Done::Same(Vec::new()));
        }
        let (connection, recent) = writer.with_recent()?;
        let mut changes = Vec::with_capacity(writes.len());
        for (key, write) in &writes {
            let change = write::write(connection, recent, *key, write);
            changes.push(change.inspect_err(|failure| blamed = culprit(write.event, failure))?);
        }
        Ok(Done::Changed(changes))
    });
    match (done, blamed) {
        (Ok(changes), _) => {
            writer.keep(changes);
            Ok(())
        }
        (Err(CommitFailure::Nothing(failure)), Some(Culprit::Undecidable(event))) => {
            Err(TransactError::Undecidable(event, failure.into()))
        }
        (Err(_), Some(Culprit::Stale(event))) => Err(TransactError::Stale(event)),
        (Err(CommitFailure::Nothing(failure)), None) => Err(TransactError::Nothing(failure.into())),
        (Err(CommitFailure::Unknown(reason)), _) => Err(TransactError::Unknown(reason)),
    }
}

/// Whose part keeps a batch from being written.
enum Culprit {
    /// A guard stopped it.
    Stale(EventId),
    /// What it needs cannot be read, or its decision panicked.
    Undecidable(EventId),
}

fn culprit(event: EventId, failure: &Failure) -> Option<Culprit> {
    if failure.is_constraint() || matches!(failure, Failure::Stale(_)) {
        tracing::warn!(%event, %failure, "a guard stopped a commit");
        return Some(Culprit::Stale(event));
    }
    failure.is_of_part().then_some(Culprit::Undecidable(event))
}

/// Reads what one event's part must know, and has it decided.
fn decide(
    writer: &mut Writer,
    at: usize,
    work: &Work,
    decider: &dyn Decider,
) -> Result<Option<(EventKey, Arc<CommitWrite>)>, Failure> {
    let key = writer.event_key(work.event)?;
    let now = Timestamp(writer.now_ms());
    let locked = match key {
        Some(key) => lock(writer.connection()?, key, work, now)?,
        None => None,
    };
    if locked.is_none() {
        writer.forget(work.event);
    }
    let is_gone = locked.is_none();
    let locked =
        locked.unwrap_or_else(|| Locked { now, position: GONE, news: Vec::new(), found: Found::default() });
    let decided = catch_unwind(AssertUnwindSafe(|| decider.decide(at, locked)));
    let decided = decided.map_err(|_| Failure::Panicked)?;
    match (decided, key) {
        (None, _) => Ok(None),
        (Some(write), Some(key)) if !is_gone && write.event == work.event => Ok(Some((key, write))),
        (Some(_), _) => Err(Failure::damaged(format!("{} was decided as another event", work.event))),
    }
}

/// What one event's part must know; `None` when the event is gone.
fn lock(
    connection: &Connection,
    key: EventKey,
    work: &Work,
    now: Timestamp,
) -> Result<Option<Locked>, Failure> {
    let Some(position) = read::position_of(connection, key.number)? else { return Ok(None) };
    let behind = position.seq.0.saturating_sub(work.position.seq.0);
    let news = if behind == 0 || behind > NEWS_MAX {
        Vec::new()
    } else {
        read::tail(connection, key.number, work.position.seq, usize::try_from(behind).unwrap_or(0))?
    };
    let found = find(connection, key, work.event, &work.probes)?;
    Ok(Some(Locked { now, position, news, found }))
}

/// Answers the probes.
fn find(connection: &Connection, key: EventKey, event: EventId, probes: &Probes) -> Result<Found, Failure> {
    let mut found = Found::default();
    let Probes { holds, orders, refs, codes, event_refs, hold_refs } = probes;
    for id in holds {
        if let Some(hold) = hold_of(connection, key.number, event, id.serial)? {
            if let HoldStatus::Confirmed(order) = hold.status {
                find_order(connection, key, event, order.serial, &mut found)?;
            }
            found.holds.insert(id.serial, hold);
        }
    }
    for id in orders {
        find_order(connection, key, event, id.serial, &mut found)?;
    }
    for digest in refs {
        if let Some((fingerprint, order)) = find_ref(connection, key, event, digest)? {
            find_order(connection, key, event, order.serial, &mut found)?;
            found.refs.insert(*digest, (fingerprint, order));
        }
    }
    for digest in codes {
        if let Some(order) = find_code(connection, key, event, digest)? {
            found.codes.insert(*digest, order);
        }
    }
    for reference in event_refs {
        if let Some(other) = event_with(connection, key, reference)? {
            found.event_refs.insert(reference.clone(), other);
        }
    }
    for reference in hold_refs {
        find_holds_with(connection, key, event, reference, &mut found)?;
    }
    Ok(found)
}

fn find_order(
    connection: &Connection,
    key: EventKey,
    event: EventId,
    serial: Serial,
    found: &mut Found,
) -> Result<(), Failure> {
    if let Some(order) = order_of(connection, key.number, event, serial)? {
        found.orders.insert(serial, order);
    }
    Ok(())
}

fn find_ref(
    connection: &Connection,
    key: EventKey,
    event: EventId,
    digest: &Digest,
) -> Result<Option<(Digest, OrderId)>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT fingerprint, order_serial, order_salt FROM order_refs WHERE event = ?1 AND digest = ?2",
    )?;
    let found = statement.query_row(params![key.number, digest.0], |row| {
        let order = OrderId { event, serial: serial(row.get(1)?), salt: row.get(2)? };
        Ok((Digest(row.get(0)?), order))
    });
    Ok(found.optional()?)
}

fn find_code(
    connection: &Connection,
    key: EventKey,
    event: EventId,
    digest: &Digest,
) -> Result<Option<OrderId>, Failure> {
    let mut statement = connection
        .prepare_cached("SELECT order_serial, order_salt FROM codes WHERE event = ?1 AND digest = ?2")?;
    let found = statement.query_row(params![key.number, digest.0], |row| {
        Ok(OrderId { event, serial: serial(row.get(0)?), salt: row.get(1)? })
    });
    Ok(found.optional()?)
}

fn find_holds_with(
    connection: &Connection,
    key: EventKey,
    event: EventId,
    reference: &Arc<str>,
    found: &mut Found,
) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT serial, salt FROM holds WHERE event = ?1 AND reference = ?2 AND status = 0",
    )?;
    let mut rows = statement.query(params![key.number, reference])?;
    while let Some(row) = rows.next()? {
        let hold = HoldId { event, serial: serial(row.get(0)?), salt: row.get(1)? };
        found.hold_refs.push((reference.clone(), hold));
    }
    Ok(())
}

/// Another event of the same organization and mode that has this reference.
pub(super) fn event_with(
    connection: &Connection,
    key: EventKey,
    reference: &str,
) -> Result<Option<EventId>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM events WHERE reference = ?1 AND organization = ?2 AND livemode = ?3 AND number <> ?4",
    )?;
    let values = params![reference, signed(key.organization.0), key.livemode, key.number];
    Ok(statement.query_row(values, |row| row.get(0).map(|id| EventId(unsigned(id)))).optional()?)
}

/// A hold by its serial.
pub(in crate::sqlite) fn hold_of(
    connection: &Connection,
    number: i64,
    event: EventId,
    serial: Serial,
) -> Result<Option<HoldRecord>, Failure> {
    let sql = format!("SELECT {} FROM holds WHERE event = ?1 AND serial = ?2", rows::hold::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![number, signed(serial.0)])?;
    rows.next()?.map(|row| rows::hold::record(row, event)).transpose()
}

/// An order by its serial, with its tickets.
pub(in crate::sqlite) fn order_of(
    connection: &Connection,
    number: i64,
    event: EventId,
    serial: Serial,
) -> Result<Option<OrderRecord>, Failure> {
    let mut statement = connection.prepare_cached(&rows::order::by_serial())?;
    let mut rows = statement.query(params![number, signed(serial.0)])?;
    rows.next()?.map(|row| rows::order::record(row, event)).transpose()
}
