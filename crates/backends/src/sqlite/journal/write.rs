//! Writes one event's commit, row by row, each row guarded.
//!
//! A statement that touches fewer rows than it must ends the batch: what the desk believed is not what is stored,
//! and nothing that rests on it may be committed.

use domain::id::{Seq, Surrogate};
use domain::inventory::AreaRow;
use domain::place::ChannelKey;
use engine::store::CommitWrite;
use rusqlite::{Connection, params};

use super::super::error::Failure;
use super::super::writer::EventKey;
use super::guard::Guarded;
use super::recent::{Change, Recent};
use super::records::{holds, holds_ended, holds_moved, orders};
use super::transact;
use crate::columns::compact::compact;
use crate::columns::pseudonyms::{Counted, split};
use crate::columns::{event, keys, reply, seats, signed};

/// Writes everything of a commit. What it changes about the recent seats counts once it is committed.
pub(super) fn write(
    connection: &Connection,
    recent: &mut Recent,
    key: EventKey,
    write: &CommitWrite,
) -> Result<Change, Failure> {
    let event = key.number;
    let Counted { pseudonyms, known } = split(write).ok_or(Failure::Stale("a limit key"))?;
    let change = recent.write(connection, event, write)?;
    head(connection, event, write, change.filed())?;
    areas(connection, event, &write.areas)?;
    counters(connection, event, &known)?;
    holds(connection, event, write)?;
    holds_moved(connection, event, &write.holds_moved)?;
    holds_ended(connection, event, &write.holds_ended)?;
    unique_values(connection, event, write)?;
    settings(connection, key, write)?;
    notes(connection, event, write)?;
    let position = ledger_row(connection, key, write, &pseudonyms)?;
    orders(connection, event, position, write)?;
    replies(connection, position, write)?;
    Ok(change)
}

fn head(connection: &Connection, event: i64, write: &CommitWrite, filed: Seq) -> Result<(), Failure> {
    let (before, after) = (write.before, write.after);
    let sql = "UPDATE heads SET seq = ?4, head = ?5, filed = ?6 WHERE event = ?1 AND seq = ?2 AND head = ?3";
    Guarded::new(connection, "the event's head", sql)?.run(params![
        event,
        signed(before.seq.0),
        before.head.0,
        signed(after.seq.0),
        after.head.0,
        signed(filed.0)
    ])
}

fn areas(connection: &Connection, event: i64, areas: &[AreaRow]) -> Result<(), Failure> {
    if areas.is_empty() {
        return Ok(());
    }
    let mut upsert = Guarded::new(
        connection,
        "an area's pool",
        "INSERT INTO area_pools (event, area, channel, units, held, sold) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO UPDATE SET units = excluded.units, held = excluded.held, sold = excluded.sold",
    )?;
    for row in areas {
        let channel = row.channel.as_ref().map_or("", |ChannelKey(key)| &**key);
        let pool = row.pool;
        upsert.run(params![event, row.area.0, channel, pool.units, pool.held, pool.sold])?;
    }
    Ok(())
}

/// Counters of pseudonyms that were given before; those of new ones are in the ledger's row.
fn counters(connection: &Connection, event: i64, known: &[(Surrogate, u32)]) -> Result<(), Failure> {
    if known.is_empty() {
        return Ok(());
    }
    let mut upsert = Guarded::new(
        connection,
        "a limit key's counter",
        "INSERT INTO counters (event, surrogate, used) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO UPDATE SET used = excluded.used",
    )?;
    for (surrogate, used) in known {
        upsert.run((event, signed(surrogate.0), used))?;
    }
    Ok(())
}

fn unique_values(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    if !write.refs.is_empty() {
        let mut insert = Guarded::new(
            connection,
            "an order's reference",
            "INSERT INTO order_refs (event, digest, fingerprint, order_serial, order_salt) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (digest, fingerprint, order) in &write.refs {
            insert.run(params![event, digest.0, fingerprint.0, signed(order.serial.0), order.salt])?;
        }
    }
    if !write.codes.is_empty() {
        let mut insert = Guarded::new(
            connection,
            "a barcode",
            "INSERT INTO codes (event, digest, order_serial, order_salt) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (digest, order) in &write.codes {
            insert.run(params![event, digest.0, signed(order.serial.0), order.salt])?;
        }
    }
    Ok(())
}

fn settings(connection: &Connection, key: EventKey, write: &CommitWrite) -> Result<(), Failure> {
    let Some(settings) = &write.settings else { return Ok(()) };
    if let Some(reference) = &settings.reference
        && transact::event_with(connection, key, reference)?.is_some()
    {
        return Err(Failure::Stale("the event's ref"));
    }
    let sql = "UPDATE events SET settings = ?2, reference = ?3, metadata = ?4, chart = ?5 WHERE number = ?1";
    Guarded::new(connection, "the event's settings", sql)?.run(params![
        key.number,
        event::settings_to_json(settings),
        settings.reference.as_deref(),
        settings.metadata.as_deref(),
        settings.chart_id().map(|chart| signed(chart.0))
    ])
}

fn notes(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    if write.notes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO channel_notes (event, channel, note) VALUES (?1, ?2, ?3) \
               ON CONFLICT DO UPDATE SET note = excluded.note";
    let mut upsert = Guarded::new(connection, "a channel's note", sql)?;
    write.notes.iter().try_for_each(|(channel, note)| upsert.run(params![event, &*channel.0, &**note]))
}

/// Returns the commit's position among the commits of all events.
fn ledger_row(
    connection: &Connection,
    key: EventKey,
    write: &CommitWrite,
    pseudonyms: &[u8],
) -> Result<i64, Failure> {
    let made = write.orders.iter().filter(|order| order.version_before == 0).count();
    let made = i64::try_from(made).unwrap_or(i64::MAX);
    let packed = seats::pack(write.seats.iter().map(|(_, row)| row))
        .ok_or_else(|| Failure::damaged("a channel's name is longer than any may be"))?;
    let mut insert = Guarded::new(
        connection,
        "the ledger",
        "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, pseudonyms, \
         payload, seats) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.run(params![
        key.number,
        signed(write.after.seq.0),
        write.at.0,
        signed(key.organization.0),
        key.livemode,
        made,
        write.after.head.0,
        keys::pack(&write.keys),
        pseudonyms,
        compact(&write.payload),
        packed,
    ])?;
    Ok(connection.last_insert_rowid())
}

fn replies(connection: &Connection, position: i64, write: &CommitWrite) -> Result<(), Failure> {
    if write.replies.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO replies (position, at, replies) VALUES (?1, ?2, ?3)";
    Guarded::new(connection, "the replies", sql)?.run(params![
        position,
        write.at.0,
        reply::pack(&write.replies)
    ])
}
