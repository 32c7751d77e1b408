//! Holds.

use std::sync::Arc;

use domain::basket::Line;
use domain::id::{EventId, HoldId, OrderId, Surrogate};
use domain::inventory::Hold;
use domain::money::Amount;
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use domain::record::{HoldRecord, HoldStatus};
use domain::time::Timestamp;
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::super::error::Failure;
use super::{json, serial, to_json};

/// One line: `s` seat or `a` area, `u` units, `q` ticket type, `p` price of a unit, `x` channel.
#[derive(Serialize, Deserialize)]
struct WireLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<u16>,
    u: u32,
    q: Arc<str>,
    p: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<Arc<str>>,
}

/// The lines as their column.
pub(in crate::sqlite) fn lines_to_json(lines: &[Line]) -> String {
    let wire: Vec<WireLine> = lines
        .iter()
        .map(|line| {
            let (s, a) = match line.place {
                Place::Seat(seat) => (Some(seat.0), None),
                Place::Area(area) => (None, Some(area.0)),
            };
            let x = line.channel.as_ref().map(|key| key.0.clone());
            WireLine { s, a, u: line.units, q: line.ticket_type.clone(), p: line.price.0, x }
        })
        .collect();
    to_json(&wire)
}

fn lines(text: &str) -> Result<Vec<Line>, Failure> {
    let wire: Vec<WireLine> = json(text, "holds.lines")?;
    wire.into_iter()
        .map(|line| {
            let place = match (line.s, line.a) {
                (Some(seat), None) => Place::Seat(SeatIndex(seat)),
                (None, Some(area)) => Place::Area(AreaIndex(area)),
                _ => return Err(Failure::damaged("holds.lines names no place")),
            };
            Ok(Line {
                place,
                units: line.u,
                ticket_type: line.q,
                price: Amount(line.p),
                channel: line.x.map(ChannelKey),
            })
        })
        .collect()
}

/// The barcodes as their column; none are none.
pub(in crate::sqlite) fn codes_to_json(codes: &[Vec<Option<Arc<str>>>]) -> Option<String> {
    (!codes.is_empty()).then(|| to_json(&codes))
}

/// The pseudonyms that a hold's units are counted under as their column: each with whether only while held.
pub(in crate::sqlite) fn claims_to_json(claims: &[(Surrogate, bool)]) -> String {
    to_json(&claims.iter().map(|(key, held_only)| (key.0, held_only)).collect::<Vec<_>>())
}

/// A status as its column, with the order that the hold became.
pub(in crate::sqlite) fn status_code(status: HoldStatus) -> (i64, Option<OrderId>) {
    match status {
        HoldStatus::Active => (0, None),
        HoldStatus::Confirmed(order) => (1, Some(order)),
        HoldStatus::Released => (2, None),
        HoldStatus::Expired => (3, None),
    }
}

fn status(code: i64, order: Option<OrderId>) -> Result<HoldStatus, Failure> {
    match (code, order) {
        (0, None) => Ok(HoldStatus::Active),
        (1, Some(order)) => Ok(HoldStatus::Confirmed(order)),
        (2, None) => Ok(HoldStatus::Released),
        (3, None) => Ok(HoldStatus::Expired),
        (other, _) => Err(Failure::damaged(format!("holds.status is {other}"))),
    }
}

/// The columns that [`record`] and [`claims`] read.
pub(in crate::sqlite) const COLUMNS: &str = "serial, salt, version, status, order_serial, order_salt, \
     buyer_surrogate, buyer, created_at, deadline, ended_at, lines, codes, reference, metadata, claims";

pub(in crate::sqlite) fn record(row: &Row<'_>, event: EventId) -> Result<HoldRecord, Failure> {
    let order = match (row.get::<_, Option<i64>>(4)?, row.get(5)?) {
        (Some(bits), Some(salt)) => Some(OrderId { event, serial: serial(bits), salt }),
        _ => None,
    };
    let codes = match row.get_ref(12)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(text) => json(text, "holds.codes")?,
        None => Vec::new(),
    };
    Ok(HoldRecord {
        id: HoldId { event, serial: serial(row.get(0)?), salt: row.get(1)? },
        version: row.get(2)?,
        status: status(row.get(3)?, order)?,
        buyer_surrogate: serial(row.get(6)?),
        buyer: row.get(7)?,
        created_at: Timestamp(row.get(8)?),
        deadline: Timestamp(row.get(9)?),
        ended_at: row.get::<_, Option<_>>(10)?.map(Timestamp),
        lines: lines(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?)?,
        codes,
        reference: row.get(13)?,
        metadata: row.get(14)?,
    })
}

pub(in crate::sqlite) fn claims(row: &Row<'_>) -> Result<Vec<(Surrogate, bool)>, Failure> {
    let text = row.get_ref(15)?.as_str().map_err(rusqlite::Error::from)?;
    let claims: Vec<(u64, bool)> = json(text, "holds.claims")?;
    Ok(claims.into_iter().map(|(key, held_only)| (domain::id::Serial(key), held_only)).collect())
}

/// A running hold as a desk keeps it.
pub(in crate::sqlite) fn running(row: &Row<'_>, event: EventId) -> Result<Hold, Failure> {
    let claims = claims(row)?;
    let HoldRecord { id, created_at, deadline, lines, buyer_surrogate, .. } = record(row, event)?;
    Ok(Hold { id, created_at, deadline, lines, buyer: buyer_surrogate, claims })
}
