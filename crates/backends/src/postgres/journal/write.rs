//! The second round trip: everything that a batch writes, a statement a table, whatever the number of events and rows.
//!
//! Each statement that changes rows raises an error of its own when it changed fewer than it must: the commit is on its way
//! by then, and must find the transaction aborted. Statements are simple and linear: values come as one array a column.

use std::sync::Arc;

use domain::id::Surrogate;
use domain::inventory::SeatRow;
use domain::place::ChannelKey;
use domain::record::HoldRecord;
use engine::store::{CommitWrite, OrderWrite};
use tokio_postgres::{Error, Row};

use super::super::EventKey;
use super::super::rows::column;
use super::super::session::Call;
use crate::columns::compact::compact;
use crate::columns::pseudonyms::{self, Counted};
use crate::columns::{event, hold, inventory, keys, order, reply, signed};

const HEADS: &str = "WITH changed AS (UPDATE heads SET seq = w.seq, head = w.head \
     FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[]) \
         AS w (event, seq_before, head_before, seq, head) \
     WHERE heads.event = w.event AND heads.seq = w.seq_before AND heads.head = w.head_before RETURNING 1) \
     SELECT 1 / (count(*) = $6::bigint)::integer, (pg_current_xact_id()::xid)::text FROM changed";
const SEATS_NEW: &str = "INSERT INTO seats (event, seat, version, status, owner, channel) \
     SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::smallint[], $5::bigint[], $6::text[])";
const SEATS: &str = "WITH changed AS (UPDATE seats SET version = w.version, status = w.status, owner = w.owner, \
         channel = w.channel \
     FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::smallint[], $5::bigint[], $6::text[], \
         $7::integer[]) AS w (event, seat, version, status, owner, channel, version_before) \
     WHERE seats.event = w.event AND seats.seat = w.seat AND seats.version = w.version_before RETURNING 1) \
     SELECT 1 / (count(*) = $8::bigint)::integer FROM changed";
const AREAS: &str = "INSERT INTO area_pools (event, area, channel, units, held, sold) \
     SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) \
     ON CONFLICT (event, area, channel) DO UPDATE SET units = excluded.units, held = excluded.held, \
         sold = excluded.sold";
/// What is counted again under a pseudonym that an earlier commit gave. The first count stands with the pseudonym.
const COUNTERS: &str = "INSERT INTO counters (event, surrogate, used) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) \
     ON CONFLICT (event, surrogate) DO UPDATE SET used = excluded.used";
const HOLDS_NEW: &str = "INSERT INTO holds (event, serial, salt, version, status, order_serial, order_salt, \
         buyer_surrogate, buyer, created_at, deadline, ended_at, lines, codes, claims, reference, metadata) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::smallint[], $6::bigint[], \
         $7::integer[], $8::bigint[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], \
         $14::text[], $15::text[], $16::text[], $17::text[])";
const HOLDS: &str = "WITH changed AS (UPDATE holds SET version = w.version, status = w.status, \
         order_serial = w.order_serial, order_salt = w.order_salt, deadline = w.deadline, ended_at = w.ended_at, \
         lines = w.lines, codes = w.codes \
     FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::smallint[], $6::bigint[], \
         $7::integer[], $8::bigint[], $9::bigint[], $10::text[], $11::text[]) \
         AS w (event, serial, salt, version, status, order_serial, order_salt, deadline, ended_at, lines, codes) \
     WHERE holds.event = w.event AND holds.serial = w.serial AND holds.salt = w.salt AND holds.status = 0 \
         AND holds.version < w.version RETURNING 1) \
     SELECT 1 / (count(*) = $12::bigint)::integer FROM changed";
const HOLDS_ENDED: &str = "WITH changed AS (UPDATE holds SET status = w.status, ended_at = w.ended_at, \
         version = holds.version + 1 \
     FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[]) AS w (event, serial, status, ended_at) \
     WHERE holds.event = w.event AND holds.serial = w.serial AND holds.status = 0 RETURNING 1) \
     SELECT 1 / (count(*) = $5::bigint)::integer FROM changed";
const HOLDS_MOVED: &str = "WITH changed AS (UPDATE holds SET deadline = w.deadline, version = holds.version + 1 \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (event, serial, deadline) \
     WHERE holds.event = w.event AND holds.serial = w.serial AND holds.status = 0 RETURNING 1) \
     SELECT 1 / (count(*) = $4::bigint)::integer FROM changed";
const ORDERS_NEW: &str = "INSERT INTO orders (event, serial, salt, version, nth, is_cancelled, seq, buyer_surrogate, \
         amount, amount_cancelled, created_at, hold_serial, hold_salt, buyer, claims, payment_ref, reference, metadata, \
         tickets) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::boolean[], \
         $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::integer[], \
         $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[])";
const ORDERS: &str = "WITH changed AS (UPDATE orders SET version = w.version, is_cancelled = w.is_cancelled, \
         seq = w.seq, buyer_surrogate = w.buyer_surrogate, amount = w.amount, \
         amount_cancelled = w.amount_cancelled, buyer = w.buyer, claims = w.claims, payment_ref = w.payment_ref, \
         reference = w.reference, metadata = w.metadata, changes = w.changes, tickets = w.tickets \
     FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::boolean[], $6::bigint[], \
         $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], \
         $15::integer[], $16::text[], $18::text[]) AS w (event, serial, salt, version, is_cancelled, seq, \
         buyer_surrogate, amount, amount_cancelled, buyer, claims, payment_ref, reference, metadata, version_before, \
         changes, tickets) \
     WHERE orders.event = w.event AND orders.serial = w.serial AND orders.salt = w.salt \
         AND orders.version = w.version_before RETURNING 1) \
     SELECT 1 / (count(*) = $17::bigint)::integer FROM changed";
const BARCODES: &str = "INSERT INTO barcodes (event, order_serial, code) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) ON CONFLICT DO NOTHING";
const REFS: &str = "INSERT INTO order_refs (event, digest, fingerprint, order_serial, order_salt) \
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::integer[])";
const CODES: &str = "INSERT INTO codes (event, digest, order_serial, order_salt) \
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::integer[])";
const SETTINGS: &str = "WITH changed AS (UPDATE events SET settings = w.settings, reference = w.reference, \
         metadata = w.metadata, chart = w.chart \
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $6::bigint[]) \
         AS w (event, settings, reference, metadata, chart) \
     WHERE events.number = w.event AND (w.reference IS NULL OR NOT EXISTS ( \
         SELECT 1 FROM events AS other WHERE other.reference = w.reference \
             AND other.organization = events.organization AND other.livemode = events.livemode \
             AND other.number <> events.number)) RETURNING 1) \
     SELECT 1 / (count(*) = $5::bigint)::integer FROM changed";
const NOTES: &str = "INSERT INTO channel_notes (event, channel, note) \
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) \
     ON CONFLICT (event, channel) DO UPDATE SET note = excluded.note";
const LEDGER: &str = "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, payload, pseudonyms, \
         xid) \
     SELECT *, pg_current_xact_id()::text::bigint + $11::bigint \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::integer[], \
         $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])";
const REPLIES: &str = "INSERT INTO replies (event, seq, at, replies) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])";

/// Every statement that may be part of a batch, for tests of their plans.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 18] = [
    HEADS,
    SEATS_NEW,
    SEATS,
    AREAS,
    COUNTERS,
    HOLDS_NEW,
    HOLDS,
    HOLDS_MOVED,
    HOLDS_ENDED,
    ORDERS_NEW,
    ORDERS,
    BARCODES,
    REFS,
    CODES,
    SETTINGS,
    NOTES,
    LEDGER,
    REPLIES,
];

type Part = (EventKey, Arc<CommitWrite>);

/// Collects one field of many rows as an array.
fn each<R, T>(rows: &[(i64, R)], field: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(|(_, row)| field(row)).collect()
}

fn events<R>(rows: &[(i64, R)]) -> Vec<i64> {
    rows.iter().map(|(event, _)| *event).collect()
}

fn count<R>(rows: &[R]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

fn owned(text: Option<&Arc<str>>) -> Option<String> {
    text.map(|text| text.to_string())
}

/// Rows of all parts, each with its event's number.
fn rows<'a, R: 'a, I: IntoIterator<Item = R>>(
    parts: &'a [Part],
    of: impl Fn(&'a CommitWrite) -> I,
) -> Vec<(i64, R)> {
    parts.iter().flat_map(|(key, write)| of(write).into_iter().map(|row| (key.number, row))).collect()
}

/// Everything that a batch writes, in the order in which it is sent. The guard on the events comes first: most of what can be
/// stale is stale there. It is answered with the name of the transaction, as [`transaction`] reads it. `None` when a limit key is not as the desk believes. `xid_offset` is
/// [`Identity::xid_offset`](super::super::identity::Identity::xid_offset).
pub(super) fn calls(parts: &[Part], xid_offset: i64) -> Option<Vec<Call>> {
    let mut calls = vec![heads(parts)];
    let counted = parts.iter().map(|(_, write)| pseudonyms::split(write));
    let counted = counted.collect::<Option<Vec<Counted>>>()?;
    seats(parts, &mut calls);
    areas(parts, &mut calls);
    counters(&counted, parts, &mut calls);
    holds(parts, &mut calls);
    orders(parts, &mut calls);
    unique_values(parts, &mut calls);
    settings(parts, &mut calls);
    notes(parts, &mut calls);
    ledger(counted, parts, xid_offset, &mut calls);
    Some(calls)
}

/// The name of the transaction, of the answer to the first of [`calls`].
pub(super) fn transaction(heads: &Result<Vec<Row>, Error>) -> Option<String> {
    column(heads.as_ref().ok()?.first()?, 1).ok()
}

fn heads(parts: &[Part]) -> Call {
    let rows = rows(parts, |write| [write]);
    Call::new(HEADS)
        .with(events(&rows))
        .with(each(&rows, |write| signed(write.before.seq.0)))
        .with(each(&rows, |write| write.before.head.0.to_vec()))
        .with(each(&rows, |write| signed(write.after.seq.0)))
        .with(each(&rows, |write| write.after.head.0.to_vec()))
        .with(count(&rows))
}

fn seats(parts: &[Part], calls: &mut Vec<Call>) {
    let all = rows(parts, |write| &write.seats);
    let (new, known): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, (before, _))| *before == 0);
    let columns = |sql, rows: &[(i64, &(u32, SeatRow))]| {
        Call::new(sql)
            .with(events(rows))
            .with(each(rows, |(_, row)| row.seat.0.cast_signed()))
            .with(each(rows, |(_, row)| row.version.cast_signed()))
            .with(each(rows, |(_, row)| small(inventory::status_code(row.status))))
            .with(each(rows, |(_, row)| signed(row.owner.0)))
            .with(each(rows, |(_, row)| owned(row.channel.as_ref().map(|key| &key.0))))
    };
    if !new.is_empty() {
        calls.push(columns(SEATS_NEW, &new));
    }
    if !known.is_empty() {
        let before = each(&known, |(before, _)| before.cast_signed());
        calls.push(columns(SEATS, &known).with(before).with(count(&known)));
    }
}

/// A status, which has a handful of values.
fn small(code: i64) -> i16 {
    i16::try_from(code).unwrap_or(i16::MAX)
}

fn areas(parts: &[Part], calls: &mut Vec<Call>) {
    let rows = rows(parts, |write| &write.areas);
    if rows.is_empty() {
        return;
    }
    let channel = |key: &Option<ChannelKey>| key.as_ref().map_or_else(String::new, |key| key.0.to_string());
    calls.push(
        Call::new(AREAS)
            .with(events(&rows))
            .with(each(&rows, |row| i32::from(row.area.0)))
            .with(each(&rows, |row| channel(&row.channel)))
            .with(each(&rows, |row| i64::from(row.pool.units)))
            .with(each(&rows, |row| i64::from(row.pool.held)))
            .with(each(&rows, |row| i64::from(row.pool.sold))),
    );
}

/// Counters of pseudonyms that were given before; those of new ones are in the ledger's row.
fn counters(counted: &[Counted], parts: &[Part], calls: &mut Vec<Call>) {
    let of = |((key, _), counted): (&Part, &Counted)| {
        counted.known.iter().map(|row| (key.number, *row)).collect::<Vec<_>>()
    };
    let rows: Vec<(i64, (Surrogate, u32))> = parts.iter().zip(counted).flat_map(of).collect();
    if !rows.is_empty() {
        calls.push(
            Call::new(COUNTERS)
                .with(events(&rows))
                .with(each(&rows, |(surrogate, _)| signed(surrogate.0)))
                .with(each(&rows, |(_, used)| i64::from(*used))),
        );
    }
}

fn holds(parts: &[Part], calls: &mut Vec<Call>) {
    let mut new = Vec::new();
    let mut known = Vec::new();
    for (key, write) in parts {
        let claims = hold::claims_of(&write.entries);
        for record in &write.holds {
            if record.id.serial.seq() == write.after.seq {
                let claims = claims.get(&record.id.serial).map_or(&[][..], Vec::as_slice);
                new.push((key.number, (record, hold::claims_to_json(claims))));
            } else {
                known.push((key.number, record));
            }
        }
    }
    if !new.is_empty() {
        calls.push(new_holds(&new));
    }
    if !known.is_empty() {
        calls.push(known_holds(&known));
    }
    let moved = rows(parts, |write| &write.holds_moved);
    if !moved.is_empty() {
        calls.push(
            Call::new(HOLDS_MOVED)
                .with(events(&moved))
                .with(each(&moved, |moved| signed(moved.serial.0)))
                .with(each(&moved, |moved| moved.deadline.0))
                .with(count(&moved)),
        );
    }
    let ended = rows(parts, |write| &write.holds_ended);
    if !ended.is_empty() {
        calls.push(
            Call::new(HOLDS_ENDED)
                .with(events(&ended))
                .with(each(&ended, |end| signed(end.serial.0)))
                .with(each(&ended, |end| small(hold::status_code(end.status).0)))
                .with(each(&ended, |end| end.at.0))
                .with(count(&ended)),
        );
    }
}

fn order_serial(record: &HoldRecord) -> Option<i64> {
    hold::status_code(record.status).1.map(|order| signed(order.serial.0))
}

fn order_salt(record: &HoldRecord) -> Option<i32> {
    hold::status_code(record.status).1.map(|order| order.salt.cast_signed())
}

fn new_holds(rows: &[(i64, (&HoldRecord, String))]) -> Call {
    Call::new(HOLDS_NEW)
        .with(events(rows))
        .with(each(rows, |(record, _)| signed(record.id.serial.0)))
        .with(each(rows, |(record, _)| record.id.salt.cast_signed()))
        .with(each(rows, |(record, _)| record.version.cast_signed()))
        .with(each(rows, |(record, _)| small(hold::status_code(record.status).0)))
        .with(each(rows, |(record, _)| order_serial(record)))
        .with(each(rows, |(record, _)| order_salt(record)))
        .with(each(rows, |(record, _)| signed(record.buyer_surrogate.0)))
        .with(each(rows, |(record, _)| record.buyer.to_string()))
        .with(each(rows, |(record, _)| record.created_at.0))
        .with(each(rows, |(record, _)| record.deadline.0))
        .with(each(rows, |(record, _)| record.ended_at.map(|at| at.0)))
        .with(each(rows, |(record, _)| hold::lines_to_json(&record.lines)))
        .with(each(rows, |(record, _)| hold::codes_to_json(&record.codes)))
        .with(each(rows, |(_, claims)| claims.clone()))
        .with(each(rows, |(record, _)| owned(record.reference.as_ref())))
        .with(each(rows, |(record, _)| owned(record.metadata.as_ref())))
}

fn known_holds(rows: &[(i64, &HoldRecord)]) -> Call {
    Call::new(HOLDS)
        .with(events(rows))
        .with(each(rows, |record| signed(record.id.serial.0)))
        .with(each(rows, |record| record.id.salt.cast_signed()))
        .with(each(rows, |record| record.version.cast_signed()))
        .with(each(rows, |record| small(hold::status_code(record.status).0)))
        .with(each(rows, |record| order_serial(record)))
        .with(each(rows, |record| order_salt(record)))
        .with(each(rows, |record| record.deadline.0))
        .with(each(rows, |record| record.ended_at.map(|at| at.0)))
        .with(each(rows, |record| hold::lines_to_json(&record.lines)))
        .with(each(rows, |record| hold::codes_to_json(&record.codes)))
        .with(count(rows))
}

fn orders(parts: &[Part], calls: &mut Vec<Call>) {
    let all = rows(parts, |write| &write.orders);
    let (new, known): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, write)| write.version_before == 0);
    if !new.is_empty() {
        calls.push(new_orders(&new));
    }
    if !known.is_empty() {
        calls.push(known_orders(&known));
    }
    barcodes(parts, calls);
}

fn new_orders(rows: &[(i64, &OrderWrite)]) -> Call {
    let nth: Vec<i32> = (0..).take(rows.len()).collect();
    Call::new(ORDERS_NEW)
        .with(events(rows))
        .with(each(rows, |write| signed(write.order.id.serial.0)))
        .with(each(rows, |write| write.order.id.salt.cast_signed()))
        .with(each(rows, |write| write.order.version.cast_signed()))
        .with(nth)
        .with(each(rows, |write| write.order.is_cancelled()))
        .with(each(rows, |write| signed(write.order.seq.0)))
        .with(each(rows, |write| signed(write.order.buyer_surrogate.0)))
        .with(each(rows, |write| write.order.amount.0))
        .with(each(rows, |write| write.order.amount_cancelled.0))
        .with(each(rows, |write| write.order.created_at.0))
        .with(each(rows, |write| write.order.hold.map(|hold| signed(hold.serial.0))))
        .with(each(rows, |write| write.order.hold.map(|hold| hold.salt.cast_signed())))
        .with(each(rows, |write| write.order.buyer.to_string()))
        .with(each(rows, |write| order::claims_to_json(&write.order)))
        .with(each(rows, |write| owned(write.order.payment_ref.as_ref())))
        .with(each(rows, |write| owned(write.order.reference.as_ref())))
        .with(each(rows, |write| owned(write.order.metadata.as_ref())))
        .with(each(rows, |write| order::tickets_to_json(&write.order.tickets)))
}

fn known_orders(rows: &[(i64, &OrderWrite)]) -> Call {
    Call::new(ORDERS)
        .with(events(rows))
        .with(each(rows, |write| signed(write.order.id.serial.0)))
        .with(each(rows, |write| write.order.id.salt.cast_signed()))
        .with(each(rows, |write| write.order.version.cast_signed()))
        .with(each(rows, |write| write.order.is_cancelled()))
        .with(each(rows, |write| signed(write.order.seq.0)))
        .with(each(rows, |write| signed(write.order.buyer_surrogate.0)))
        .with(each(rows, |write| write.order.amount.0))
        .with(each(rows, |write| write.order.amount_cancelled.0))
        .with(each(rows, |write| write.order.buyer.to_string()))
        .with(each(rows, |write| order::claims_to_json(&write.order)))
        .with(each(rows, |write| owned(write.order.payment_ref.as_ref())))
        .with(each(rows, |write| owned(write.order.reference.as_ref())))
        .with(each(rows, |write| owned(write.order.metadata.as_ref())))
        .with(each(rows, |write| write.version_before.cast_signed()))
        .with(each(rows, |write| order::changes_to_json(&write.order.changes)))
        .with(count(rows))
        .with(each(rows, |write| order::tickets_to_json(&write.order.tickets)))
}

/// Where orders are found by their barcodes.
fn barcodes(parts: &[Part], calls: &mut Vec<Call>) {
    let mut coded: Vec<(i64, (i64, String))> = Vec::new();
    for (event, write) in rows(parts, |write| &write.orders) {
        let serial = signed(write.order.id.serial.0);
        let codes = write.order.tickets.iter().filter_map(|ticket| ticket.code.as_ref());
        coded.extend(codes.map(|code| (event, (serial, code.to_string()))));
    }
    if !coded.is_empty() {
        calls.push(
            Call::new(BARCODES)
                .with(events(&coded))
                .with(each(&coded, |(serial, _)| *serial))
                .with(each(&coded, |(_, code)| code.clone())),
        );
    }
}

fn unique_values(parts: &[Part], calls: &mut Vec<Call>) {
    let refs = rows(parts, |write| &write.refs);
    if !refs.is_empty() {
        calls.push(
            Call::new(REFS)
                .with(events(&refs))
                .with(each(&refs, |(digest, ..)| digest.0.to_vec()))
                .with(each(&refs, |(_, fingerprint, _)| fingerprint.0.to_vec()))
                .with(each(&refs, |(.., order)| signed(order.serial.0)))
                .with(each(&refs, |(.., order)| order.salt.cast_signed())),
        );
    }
    let codes = rows(parts, |write| &write.codes);
    if !codes.is_empty() {
        calls.push(
            Call::new(CODES)
                .with(events(&codes))
                .with(each(&codes, |(digest, _)| digest.0.to_vec()))
                .with(each(&codes, |(_, order)| signed(order.serial.0)))
                .with(each(&codes, |(_, order)| order.salt.cast_signed())),
        );
    }
}

fn settings(parts: &[Part], calls: &mut Vec<Call>) {
    let rows = rows(parts, |write| &write.settings);
    if rows.is_empty() {
        return;
    }
    calls.push(
        Call::new(SETTINGS)
            .with(events(&rows))
            .with(each(&rows, |settings| event::settings_to_json(settings)))
            .with(each(&rows, |settings| owned(settings.reference.as_ref())))
            .with(each(&rows, |settings| owned(settings.metadata.as_ref())))
            .with(count(&rows))
            .with(each(&rows, |settings| settings.chart_id().map(|chart| signed(chart.0)))),
    );
}

/// The last note of each channel: one statement must not write a row twice.
fn notes(parts: &[Part], calls: &mut Vec<Call>) {
    let mut last = std::collections::BTreeMap::new();
    for (event, (channel, note)) in rows(parts, |write| &write.notes) {
        last.insert((event, channel.0.to_string()), note.to_string());
    }
    if last.is_empty() {
        return;
    }
    calls.push(
        Call::new(NOTES)
            .with(last.keys().map(|(event, _)| *event).collect::<Vec<i64>>())
            .with(last.keys().map(|(_, channel)| channel.clone()).collect::<Vec<String>>())
            .with(last.values().cloned().collect::<Vec<String>>()),
    );
}

fn ledger(counted: Vec<Counted>, parts: &[Part], xid_offset: i64, calls: &mut Vec<Call>) {
    let rows: Vec<(i64, &Part)> = parts.iter().map(|part| (part.0.number, part)).collect();
    let made = |write: &CommitWrite| write.orders.iter().filter(|order| order.version_before == 0).count();
    calls.push(
        Call::new(LEDGER)
            .with(events(&rows))
            .with(each(&rows, |(_, write)| signed(write.after.seq.0)))
            .with(each(&rows, |(_, write)| write.at.0))
            .with(each(&rows, |(key, _)| signed(key.organization.0)))
            .with(each(&rows, |(key, _)| key.livemode))
            .with(each(&rows, |(_, write)| i32::try_from(made(write)).unwrap_or(i32::MAX)))
            .with(each(&rows, |(_, write)| write.after.head.0.to_vec()))
            .with(each(&rows, |(_, write)| keys::pack(&write.keys)))
            .with(each(&rows, |(_, write)| compact(&write.payload).into_owned()))
            .with(counted.into_iter().map(|counted| counted.pseudonyms).collect::<Vec<_>>())
            .with(xid_offset),
    );
    let replied: Vec<(i64, &Part)> =
        rows.into_iter().filter(|(_, (_, write))| !write.replies.is_empty()).collect();
    if !replied.is_empty() {
        calls.push(
            Call::new(REPLIES)
                .with(events(&replied))
                .with(each(&replied, |(_, write)| signed(write.after.seq.0)))
                .with(each(&replied, |(_, write)| write.at.0))
                .with(each(&replied, |(_, write)| reply::pack(&write.replies))),
        );
    }
}
