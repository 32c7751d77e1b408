//! Writes holds and orders.

use std::sync::LazyLock;

use domain::id::Surrogate;
use domain::inventory::{HoldEnd, HoldMove};
use domain::record::{HoldRecord, OrderRecord};
use engine::store::{CommitWrite, OrderWrite};
use rusqlite::{Connection, params};

use super::super::error::Failure;
use super::super::rows::order::{NUMBER, number};
use super::guard::Guarded;
use crate::columns::{hold, order, signed};

pub(super) fn holds(connection: &Connection, event: i64, write: &CommitWrite) -> Result<(), Failure> {
    if write.holds.is_empty() {
        return Ok(());
    }
    let (new, changed): (Vec<_>, Vec<_>) =
        write.holds.iter().partition(|record| record.id.serial.seq() == write.after.seq);
    if !new.is_empty() {
        let claims = hold::claims_of(&write.entries);
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

pub(super) fn holds_ended(connection: &Connection, event: i64, ended: &[HoldEnd]) -> Result<(), Failure> {
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

pub(super) fn holds_moved(connection: &Connection, event: i64, moved: &[HoldMove]) -> Result<(), Failure> {
    if moved.is_empty() {
        return Ok(());
    }
    let mut update = Guarded::new(
        connection,
        "a running hold",
        "UPDATE holds SET deadline = ?3, version = version + 1 WHERE event = ?1 AND serial = ?2 AND status = 0",
    )?;
    for HoldMove { serial, deadline } in moved {
        update.run(params![event, signed(serial.0), deadline.0])?;
    }
    Ok(())
}

static UPDATE_ORDER: LazyLock<String> = LazyLock::new(|| {
    format!(
        "UPDATE orders SET version = ?4, last_seq = ?5, is_cancelled = ?6, buyer = ?7, buyer_surrogate = ?8, \
         amount = ?9, amount_cancelled = ?10, claims = ?11, payment_ref = ?12, reference = ?13, metadata = ?14, \
         changes = ?16, tickets = ?17 WHERE number = {NUMBER} AND salt = ?3 AND version = ?15"
    )
});

/// Writes the orders of a commit that has its position.
pub(super) fn orders(
    connection: &Connection,
    event: i64,
    position: i64,
    write: &CommitWrite,
) -> Result<(), Failure> {
    let orders = &write.orders;
    if orders.is_empty() {
        return Ok(());
    }
    let mut insert = Guarded::new(
        connection,
        "an order",
        "INSERT INTO orders (event, serial, salt, version, last_seq, is_cancelled, buyer, buyer_surrogate, amount, \
         amount_cancelled, created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata, tickets, number) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    let mut update = Guarded::new(connection, "an order's version", &UPDATE_ORDER)?;
    for OrderWrite { version_before, order } in orders {
        if *version_before == 0 {
            // Its serial would be another commit's, where an order may have it.
            if order.id.serial.seq() != write.after.seq {
                return Err(Failure::Stale("an order's serial"));
            }
            insert_order(&mut insert, event, position, order)?;
        } else {
            update_order(&mut update, event, order, *version_before)?;
        }
    }
    barcodes(connection, event, orders)
}

fn insert_order(
    insert: &mut Guarded<'_>,
    event: i64,
    position: i64,
    order: &OrderRecord,
) -> Result<(), Failure> {
    insert
        .bind(1, event)?
        .bind(2, signed(order.id.serial.0))?
        .bind(3, order.id.salt)?
        .bind(4, order.version)?
        .bind(5, signed(order.seq.0))?
        .bind(6, order.is_cancelled())?
        .bind(7, &*order.buyer)?
        .bind(8, signed(order.buyer_surrogate.0))?
        .bind(9, order.amount.0)?
        .bind(10, order.amount_cancelled.0)?
        .bind(11, order.created_at.0)?
        .bind(12, order.hold.map(|hold| signed(hold.serial.0)))?
        .bind(13, order.hold.map(|hold| hold.salt))?
        .bind(14, order::claims_to_json(order))?
        .bind(15, order.payment_ref.as_deref())?
        .bind(16, order.reference.as_deref())?
        .bind(17, order.metadata.as_deref())?
        .bind(18, order::tickets_to_json(&order.tickets))?
        .bind(19, number(position, order.id.serial))?
        .run_bound()
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
        order::changes_to_json(&order.changes),
        order::tickets_to_json(&order.tickets),
    ])
}

/// Where orders are found by their barcodes.
fn barcodes(connection: &Connection, event: i64, orders: &[OrderWrite]) -> Result<(), Failure> {
    let sql = "INSERT INTO barcodes (event, order_serial, code) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut insert = connection.prepare_cached(sql)?;
    for OrderWrite { order, .. } in orders {
        for code in order.tickets.iter().filter_map(|ticket| ticket.code.as_deref()) {
            insert.execute(params![event, signed(order.id.serial.0), code])?;
        }
    }
    Ok(())
}
