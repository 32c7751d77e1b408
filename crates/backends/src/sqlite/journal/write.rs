//! Writes one event's commit, row by row, each row guarded.
//!
//! A statement that touches fewer rows than it must ends the batch: what the desk believed is not what is stored,
//! and nothing that rests on it may be committed.

use std::collections::HashMap;

use domain::entry::{Entry, Kind};
use domain::id::{Serial, Surrogate};
use domain::inventory::{AreaRow, HoldEnd, SeatRow};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use engine::store::{CommitWrite, OrderWrite};
use rusqlite::{CachedStatement, Connection, Params, params};

use super::super::error::Failure;
use super::super::rows::{event, hold, inventory, ledger, order, reply, signed};
use super::super::writer::EventKey;

/// A statement that must change exactly one row each time.
struct Guarded<'c> {
    statement: CachedStatement<'c>,
    what: &'static str,
}

impl<'c> Guarded<'c> {
    fn new(connection: &'c Connection, what: &'static str, sql: &str) -> Result<Self, Failure> {
        Ok(Self { statement: connection.prepare_cached(sql)?, what })
    }

    fn run(&mut self, values: impl Params) -> Result<(), Failure> {
        match self.statement.execute(values)? {
            1 => Ok(()),
            _ => Err(Failure::Stale(self.what)),
        }
    }
}

/// Writes everything of a commit. The event's own guard comes first: most of what can be stale is stale there.
pub(super) fn write(connection: &Connection, key: EventKey, write: &CommitWrite) -> Result<(), Failure> {
    let event = key.number;
    head(connection, event, write)?;
    seats(connection, event, &write.seats)?;
    areas(connection, event, &write.areas)?;
    counters(connection, event, write)?;
    holds(connection, event, write)?;
    holds_ended(connection, event, &write.holds_ended)?;
    orders(connection, event, &write.orders)?;
    unique_values(connection, event, write)?;
    settings(connection, event, write)?;
    let position = ledger_row(connection, key, write)?;
    replies(connection, event, position, write)
}

fn head(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    let (before, after) = (write.before, write.after);
    let sql = "UPDATE heads SET seq = ?4, head = ?5 WHERE event = ?1 AND seq = ?2 AND head = ?3";
    Guarded::new(connection, "the event's head", sql)?.run(params![
        event,
        signed(before.seq.0),
        before.head.0,
        signed(after.seq.0),
        after.head.0
    ])
}

fn seats(connection: &Connection, event: i64, seats: &[(u32, SeatRow)]) -> Result<(), Failure> {
    if seats.is_empty() {
        return Ok(());
    }
    // Two statements and no upsert: an upsert would make a row that should have been there.
    let mut insert = Guarded::new(
        connection,
        "a seat",
        "INSERT INTO seats (event, seat, version, status, owner, channel) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut update = Guarded::new(
        connection,
        "a seat's version",
        "UPDATE seats SET version = ?3, status = ?4, owner = ?5, channel = ?6 \
         WHERE event = ?1 AND seat = ?2 AND version = ?7",
    )?;
    for (version_before, row) in seats {
        let (seat, status) = (row.seat.0, inventory::status_code(row.status));
        let (owner, channel) = (signed(row.owner.0), row.channel.as_ref().map(|key| &*key.0));
        if *version_before == 0 {
            insert.run(params![event, seat, row.version, status, owner, channel])?;
        } else {
            update.run(params![event, seat, row.version, status, owner, channel, version_before])?;
        }
    }
    Ok(())
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

/// New pseudonyms with the units they begin with, and the other counters as they are now.
fn counters(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    let mut used: HashMap<Surrogate, u32> = write.used.iter().copied().collect();
    if !write.mappings.is_empty() {
        let mut insert = Guarded::new(
            connection,
            "a limit key",
            "INSERT INTO limit_keys (event, surrogate, used, digest, text) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for mapping in &write.mappings {
            let used = used.remove(&mapping.surrogate).unwrap_or(0);
            insert.run(params![event, signed(mapping.surrogate.0), used, mapping.digest.0, mapping.text])?;
        }
    }
    if !used.is_empty() {
        let mut update = Guarded::new(
            connection,
            "a limit key's counter",
            "UPDATE limit_keys SET used = ?3 WHERE event = ?1 AND surrogate = ?2",
        )?;
        for (key, _) in &write.used {
            if let Some(used) = used.get(key) {
                update.run(params![event, signed(key.0), used])?;
            }
        }
    }
    Ok(())
}

fn holds(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    if write.holds.is_empty() {
        return Ok(());
    }
    let (new, changed): (Vec<_>, Vec<_>) =
        write.holds.iter().partition(|record| record.id.serial.seq() == write.after.seq);
    if !new.is_empty() {
        let claims = claims_of(&write.entries);
        let mut insert = Guarded::new(
            connection,
            "a hold",
            "INSERT INTO holds (event, serial, salt, version, status, order_serial, order_salt, buyer_surrogate, \
             buyer, created_at, deadline, ended_at, lines, claims, codes, reference, metadata) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?;
        for record in new {
            let claims = claims.get(&record.id.serial).map_or(&[][..], Vec::as_slice);
            insert_hold(&mut insert, event, record, claims)?;
        }
    }
    if !changed.is_empty() {
        let mut update = Guarded::new(
            connection,
            "a running hold",
            "UPDATE holds SET version = ?4, status = ?5, order_serial = ?6, order_salt = ?7, deadline = ?8, \
             ended_at = ?9, lines = ?10, codes = ?11 \
             WHERE event = ?1 AND serial = ?2 AND salt = ?3 AND status = 0 AND version < ?4",
        )?;
        for record in changed {
            update_hold(&mut update, event, record)?;
        }
    }
    Ok(())
}

fn insert_hold(
    insert: &mut Guarded<'_>,
    event: i64,
    record: &HoldRecord,
    claims: &[(Surrogate, bool)],
) -> Result<(), Failure> {
    let (status, order) = hold::status_code(record.status);
    insert.run(params![
        event,
        signed(record.id.serial.0),
        record.id.salt,
        record.version,
        status,
        order.map(|order| signed(order.serial.0)),
        order.map(|order| order.salt),
        signed(record.buyer_surrogate.0),
        &*record.buyer,
        record.created_at.0,
        record.deadline.0,
        record.ended_at.map(|at| at.0),
        hold::lines_to_json(&record.lines),
        hold::claims_to_json(claims),
        hold::codes_to_json(&record.codes),
        record.reference.as_deref(),
        record.metadata.as_deref(),
    ])
}

fn update_hold(update: &mut Guarded<'_>, event: i64, record: &HoldRecord) -> Result<(), Failure> {
    let (status, order) = hold::status_code(record.status);
    update.run(params![
        event,
        signed(record.id.serial.0),
        record.id.salt,
        record.version,
        status,
        order.map(|order| signed(order.serial.0)),
        order.map(|order| order.salt),
        record.deadline.0,
        record.ended_at.map(|at| at.0),
        hold::lines_to_json(&record.lines),
        hold::codes_to_json(&record.codes),
    ])
}

/// The keys that each new hold's units are counted under: its record does not name them, its entry does.
fn claims_of(entries: &[Entry]) -> HashMap<Serial, Vec<(Surrogate, bool)>> {
    let made = entries.iter().filter(|entry| entry.kind == Kind::Hold);
    made.filter_map(|entry| {
        let claims = entry.counted.iter().map(|counted| (counted.key, counted.held_only)).collect();
        Some((entry.hold?.serial, claims))
    })
    .collect()
}

fn holds_ended(connection: &Connection, event: i64, ended: &[HoldEnd]) -> Result<(), Failure> {
    if ended.is_empty() {
        return Ok(());
    }
    let mut update = Guarded::new(
        connection,
        "a running hold",
        "UPDATE holds SET status = ?3, ended_at = ?4, version = version + 1 \
         WHERE event = ?1 AND serial = ?2 AND status = 0",
    )?;
    for end in ended {
        let (status, _) = hold::status_code(end.status);
        update.run(params![event, signed(end.serial.0), status, end.at.0])?;
    }
    Ok(())
}

fn orders(connection: &Connection, event: i64, orders: &[OrderWrite]) -> Result<(), Failure> {
    if orders.is_empty() {
        return Ok(());
    }
    let mut insert = Guarded::new(
        connection,
        "an order",
        "INSERT INTO orders (event, serial, salt, version, seq, is_cancelled, buyer, buyer_surrogate, amount, \
         amount_cancelled, created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
    let mut update = Guarded::new(
        connection,
        "an order's version",
        "UPDATE orders SET version = ?4, seq = ?5, is_cancelled = ?6, buyer = ?7, buyer_surrogate = ?8, \
         amount = ?9, amount_cancelled = ?10, claims = ?11, payment_ref = ?12, reference = ?13, metadata = ?14 \
         WHERE event = ?1 AND serial = ?2 AND salt = ?3 AND version = ?15",
    )?;
    for OrderWrite { version_before, order } in orders {
        if *version_before == 0 {
            insert_order(&mut insert, event, order)?;
        } else {
            update_order(&mut update, event, order, *version_before)?;
        }
    }
    tickets(connection, event, orders)
}

fn insert_order(insert: &mut Guarded<'_>, event: i64, order: &OrderRecord) -> Result<(), Failure> {
    insert.run(params![
        event,
        signed(order.id.serial.0),
        order.id.salt,
        order.version,
        signed(order.seq.0),
        order.is_cancelled(),
        &*order.buyer,
        signed(order.buyer_surrogate.0),
        order.amount.0,
        order.amount_cancelled.0,
        order.created_at.0,
        order.hold.map(|hold| signed(hold.serial.0)),
        order.hold.map(|hold| hold.salt),
        order::claims_to_json(order),
        order.payment_ref.as_deref(),
        order.reference.as_deref(),
        order.metadata.as_deref(),
    ])
}

fn update_order(
    update: &mut Guarded<'_>,
    event: i64,
    order: &OrderRecord,
    version_before: u32,
) -> Result<(), Failure> {
    update.run(params![
        event,
        signed(order.id.serial.0),
        order.id.salt,
        order.version,
        signed(order.seq.0),
        order.is_cancelled(),
        &*order.buyer,
        signed(order.buyer_surrogate.0),
        order.amount.0,
        order.amount_cancelled.0,
        order::claims_to_json(order),
        order.payment_ref.as_deref(),
        order.reference.as_deref(),
        order.metadata.as_deref(),
        version_before,
    ])
}

/// Every ticket of the orders: new ones are appended, known ones can only be cancelled.
fn tickets(connection: &Connection, event: i64, orders: &[OrderWrite]) -> Result<(), Failure> {
    const INSERT: &str = "INSERT INTO tickets (event, order_serial, idx, seat, area, ticket_type, price, \
         is_cancelled, channel, code, replaces) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    const UPSERT: &str = "ON CONFLICT DO UPDATE SET is_cancelled = excluded.is_cancelled \
         WHERE seat IS excluded.seat AND area IS excluded.area";
    let mut insert = Guarded::new(connection, "a ticket", INSERT)?;
    let mut upsert = Guarded::new(connection, "a ticket", &format!("{INSERT} {UPSERT}"))?;
    for OrderWrite { version_before, order } in orders {
        let write = if *version_before == 0 { &mut insert } else { &mut upsert };
        for ticket in &order.tickets {
            let (seat, area) = order::place_columns(ticket.place);
            write.run(params![
                event,
                signed(order.id.serial.0),
                ticket.index,
                seat,
                area,
                &*ticket.ticket_type,
                ticket.price.0,
                ticket.is_cancelled,
                ticket.channel.as_ref().map(|key| &*key.0),
                ticket.code.as_deref(),
                ticket.replaces,
            ])?;
        }
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

fn settings(connection: &Connection, number: i64, write: &CommitWrite) -> Result<(), Failure> {
    let Some(settings) = &write.settings else { return Ok(()) };
    let sql = "UPDATE events SET settings = ?2, reference = ?3, metadata = ?4 WHERE number = ?1";
    Guarded::new(connection, "the event's settings", sql)?.run(params![
        number,
        event::settings_to_json(settings),
        settings.reference.as_deref(),
        settings.metadata.as_deref()
    ])
}

/// Returns the commit's position among the commits of all events.
fn ledger_row(connection: &Connection, key: EventKey, write: &CommitWrite) -> Result<i64, Failure> {
    let made = write.orders.iter().filter(|order| order.version_before == 0).count();
    let made = i64::try_from(made).unwrap_or(i64::MAX);
    let mut insert = Guarded::new(
        connection,
        "the ledger",
        "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, payload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.run(params![
        key.number,
        signed(write.after.seq.0),
        write.at.0,
        signed(key.organization.0),
        key.livemode,
        made,
        write.after.head.0,
        ledger::pack_keys(&write.keys),
        write.payload,
    ])?;
    Ok(connection.last_insert_rowid())
}

fn replies(connection: &Connection, event: i64, position: i64, write: &CommitWrite) -> Result<(), Failure> {
    if write.replies.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO replies (position, event, seq, at, replies) VALUES (?1, ?2, ?3, ?4, ?5)";
    Guarded::new(connection, "the replies", sql)?.run(params![
        position,
        event,
        signed(write.after.seq.0),
        write.at.0,
        reply::pack(&write.replies)
    ])
}
