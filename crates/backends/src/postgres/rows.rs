//! How rows are the engine's records. Every list of columns stands beside the function that reads it.

use std::sync::Arc;

use bytes::Bytes;
use domain::command::Digest;
use domain::id::{ChartId, EventId, HoldId, KeyId, OrderId, OrganizationId, Seq, Surrogate};
use domain::inventory::{AreaRow, Hold, Pool, SeatRow};
use domain::money::Amount;
use domain::place::{AreaIndex, ChannelKey, SeatIndex};
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use engine::ledger::{Head, Position};
use engine::store::{AccessKey, ChartRecord, KeyRecord, LedgerRow, StoredReply};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::error::Failure;
use crate::columns::compact::expand;
use crate::columns::event::{EventRow, settings_from_json};
use crate::columns::{hold, inventory, keys, order, pseudonyms, serial, unsigned};

/// A column, read as what it must be; what it holds stays out of the error.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, Failure> {
    row.try_get(at).map_err(|_| {
        let name = row.columns().get(at).map_or("?", |column| column.name());
        Failure::damaged(format!("column {name} cannot be read"))
    })
}

/// A number that must fit its type.
fn whole<T: TryFrom<i64>>(row: &Row, at: usize) -> Result<T, Failure> {
    let number: i64 = column(row, at)?;
    T::try_from(number).map_err(|_| Failure::damaged(format!("column {at} is out of its range")))
}

fn small<T: TryFrom<i32>>(row: &Row, at: usize) -> Result<T, Failure> {
    let number: i32 = column(row, at)?;
    T::try_from(number).map_err(|_| Failure::damaged(format!("column {at} is out of its range")))
}

fn salt(row: &Row, at: usize) -> Result<u32, Failure> {
    Ok(column::<i32>(row, at)?.cast_unsigned())
}

/// A fixed number of bytes.
pub(super) fn bytes<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], Failure> {
    let found: &[u8] = column(row, at)?;
    found.try_into().map_err(|_| Failure::damaged(format!("column {at} has {} bytes", found.len())))
}

/// Where a history stands, from its commit's number and the head after it.
pub(super) fn position(row: &Row, at: usize) -> Result<Position, Failure> {
    Ok(Position { seq: Seq(id(row, at)?), head: Head(bytes(row, at + 1)?) })
}

pub(super) fn text(row: &Row, at: usize) -> Result<Arc<str>, Failure> {
    Ok(Arc::from(column::<&str>(row, at)?))
}

pub(super) fn some_text(row: &Row, at: usize) -> Result<Option<Arc<str>>, Failure> {
    Ok(column::<Option<&str>>(row, at)?.map(Arc::from))
}

pub(super) fn id(row: &Row, at: usize) -> Result<u64, Failure> {
    Ok(unsigned(column(row, at)?))
}

/// The store's clock, in ms since 1970.
pub(super) const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// An order's identifier from its serial's column and the one after it.
pub(super) fn order_id(row: &Row, event: EventId, at: usize) -> Result<OrderId, Failure> {
    Ok(OrderId { event, serial: serial(column(row, at)?), salt: salt(row, at + 1)? })
}

/// A hold's identifier from its serial's column and the one after it.
pub(super) fn hold_id(row: &Row, event: EventId, at: usize) -> Result<HoldId, Failure> {
    Ok(HoldId { event, serial: serial(column(row, at)?), salt: salt(row, at + 1)? })
}

/// The columns that [`event`] reads.
pub(super) const EVENT: &str = "id, organization, livemode, chart, reference, metadata, settings, created_at";

pub(super) fn event(row: &Row) -> Result<EventRow, Failure> {
    Ok(EventRow {
        id: EventId(id(row, 0)?),
        organization: OrganizationId(id(row, 1)?),
        livemode: column(row, 2)?,
        chart: column::<Option<i64>>(row, 3)?.map(|bits| ChartId(unsigned(bits))),
        reference: some_text(row, 4)?,
        metadata: some_text(row, 5)?,
        settings: settings_from_json(column(row, 6)?)?,
        created_at: Timestamp(column(row, 7)?),
    })
}

/// The columns that [`key`] reads.
pub(super) const KEY: &str =
    "id, organization, livemode, is_secret, hash, name, created_at, revoked_at, scope";

pub(super) fn key(row: &Row) -> Result<KeyRecord, Failure> {
    Ok(KeyRecord {
        id: KeyId(id(row, 0)?),
        organization: OrganizationId(id(row, 1)?),
        livemode: column(row, 2)?,
        is_secret: column(row, 3)?,
        hash: bytes(row, 4)?,
        name: column(row, 5)?,
        created_at: Timestamp(column(row, 6)?),
        revoked_at: column::<Option<i64>>(row, 7)?.map(Timestamp),
        scope: crate::columns::scope(column(row, 8)?)?,
    })
}

/// The columns that [`access_key`] reads.
pub(super) const ACCESS_KEY: &str = "number, secret, created_at, retired_at";

pub(super) fn access_key(row: &Row) -> Result<AccessKey, Failure> {
    Ok(AccessKey {
        number: access_number(row)?,
        secret: bytes(row, 1)?,
        created_at: Timestamp(column(row, 2)?),
        retired_at: column::<Option<i64>>(row, 3)?.map(Timestamp),
    })
}

/// The number of an access key, in the first column.
pub(super) fn access_number(row: &Row) -> Result<u32, Failure> {
    let number: i64 = column(row, 0)?;
    u32::try_from(number).map_err(|_| Failure::damaged("access_keys.number is out of range"))
}

/// The columns that [`chart`] reads.
pub(super) const CHART: &str =
    "id, organization, livemode, name, seats, capacity, reference, metadata, created_at, number";

pub(super) fn chart(row: &Row) -> Result<ChartRecord, Failure> {
    Ok(ChartRecord {
        id: ChartId(id(row, 0)?),
        organization: OrganizationId(id(row, 1)?),
        livemode: column(row, 2)?,
        name: column(row, 3)?,
        seats: whole(row, 4)?,
        capacity: id(row, 5)?,
        reference: some_text(row, 6)?,
        metadata: some_text(row, 7)?,
        created_at: Timestamp(column(row, 8)?),
    })
}

/// The columns that [`seat`] reads.
pub(super) const SEAT: &str = "seat, version, status, owner, channel";

pub(super) fn seat(row: &Row) -> Result<SeatRow, Failure> {
    Ok(SeatRow {
        seat: SeatIndex(small(row, 0)?),
        version: small(row, 1)?,
        status: inventory::status(i64::from(column::<i16>(row, 2)?))?,
        owner: serial(column(row, 3)?),
        channel: some_text(row, 4)?.map(ChannelKey),
    })
}

/// The columns that [`area`] reads.
pub(super) const AREA: &str = "area, channel, units, held, sold";

pub(super) fn area(row: &Row) -> Result<AreaRow, Failure> {
    let channel = text(row, 1)?;
    Ok(AreaRow {
        area: AreaIndex(small(row, 0)?),
        channel: (!channel.is_empty()).then_some(ChannelKey(channel)),
        pool: Pool { units: whole(row, 2)?, held: whole(row, 3)?, sold: whole(row, 4)? },
    })
}

/// The columns that [`hold()`] and [`running_hold`] read.
pub(super) const HOLD: &str = "serial, salt, version, status, order_serial, order_salt, buyer_surrogate, buyer, \
     created_at, deadline, ended_at, lines, codes, reference, metadata, claims";

pub(super) fn hold(row: &Row, event: EventId) -> Result<HoldRecord, Failure> {
    let order = match column::<Option<i64>>(row, 4)? {
        Some(bits) => Some(OrderId { event, serial: serial(bits), salt: salt(row, 5)? }),
        None => None,
    };
    Ok(HoldRecord {
        id: hold_id(row, event, 0)?,
        version: small(row, 2)?,
        status: hold::status(i64::from(column::<i16>(row, 3)?), order)?,
        buyer_surrogate: serial(column(row, 6)?),
        buyer: text(row, 7)?,
        created_at: Timestamp(column(row, 8)?),
        deadline: Timestamp(column(row, 9)?),
        ended_at: column::<Option<i64>>(row, 10)?.map(Timestamp),
        lines: hold::lines(column(row, 11)?)?,
        codes: hold::codes(column(row, 12)?)?,
        reference: some_text(row, 13)?,
        metadata: some_text(row, 14)?,
    })
}

/// A running hold as a desk keeps it.
pub(super) fn running_hold(row: &Row, event: EventId) -> Result<Hold, Failure> {
    let claims = hold::claims(column(row, 15)?)?;
    let HoldRecord { id, created_at, deadline, lines, buyer_surrogate, .. } = hold(row, event)?;
    Ok(Hold { id, created_at, deadline, lines, buyer: buyer_surrogate, claims })
}

/// The columns that [`order()`] reads.
pub(super) const ORDER: &str = "serial, salt, version, seq, buyer, buyer_surrogate, amount, amount_cancelled, \
     created_at, hold_serial, hold_salt, claims, payment_ref, reference, metadata, changes, tickets";

pub(super) fn order(row: &Row, event: EventId) -> Result<OrderRecord, Failure> {
    let buyer_surrogate = serial(column(row, 5)?);
    let hold = match column::<Option<i64>>(row, 9)? {
        Some(bits) => Some(HoldId { event, serial: serial(bits), salt: salt(row, 10)? }),
        None => None,
    };
    Ok(OrderRecord {
        id: OrderId { event, serial: serial(column(row, 0)?), salt: salt(row, 1)? },
        version: small(row, 2)?,
        seq: Seq(id(row, 3)?),
        buyer: text(row, 4)?,
        buyer_surrogate,
        amount: Amount(column(row, 6)?),
        amount_cancelled: Amount(column(row, 7)?),
        created_at: Timestamp(column(row, 8)?),
        hold,
        claims: order::claims(column(row, 11)?, buyer_surrogate)?,
        payment_ref: some_text(row, 12)?,
        reference: some_text(row, 13)?,
        metadata: some_text(row, 14)?,
        changes: order::changes(column(row, 15)?)?,
        tickets: order::tickets(column(row, 16)?)?,
    })
}

/// The columns that [`ledger`] reads.
pub(super) const LEDGER: &str = "seq, at, hash, payload, keys, pseudonyms";

pub(super) fn ledger(row: &Row) -> Result<LedgerRow, Failure> {
    let mut found = Vec::new();
    keys::unpack(column(row, 4)?, &mut found)?;
    let seq = Seq(id(row, 0)?);
    Ok(LedgerRow {
        seq,
        at: Timestamp(column(row, 1)?),
        head: Head(bytes(row, 2)?),
        payload: Bytes::from(expand(column(row, 3)?, "ledger.payload")?.into_owned()),
        keys: found,
        mappings: pseudonyms::mappings(seq, column(row, 5)?)?,
    })
}

/// A pseudonym and the units that are counted under it, from `surrogate, used`.
pub(super) fn counter(row: &Row) -> Result<(Surrogate, u32), Failure> {
    Ok((serial(column(row, 0)?), whole(row, 1)?))
}

/// The columns that [`catalog_reply`] reads.
pub(super) const REPLY: &str = "fingerprint, status, body";

pub(super) fn catalog_reply(row: &Row) -> Result<StoredReply, Failure> {
    Ok(StoredReply {
        fingerprint: Digest(bytes(row, 0)?),
        status: small(row, 1)?,
        body: Bytes::copy_from_slice(column(row, 2)?),
    })
}
