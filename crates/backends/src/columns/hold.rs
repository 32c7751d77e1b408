//! What a hold keeps beside its numbers.

use std::collections::HashMap;
use std::sync::Arc;

use domain::basket::Line;
use domain::entry::{Entry, Kind};
use domain::id::{OrderId, Serial, Surrogate};
use domain::money::Amount;
use domain::place::ChannelKey;
use domain::record::HoldStatus;
use serde::{Deserialize, Serialize};

use super::{Damaged, json, place, seat_or_area, to_json};

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
pub(crate) fn lines_to_json(lines: &[Line]) -> String {
    let wire: Vec<WireLine> = lines
        .iter()
        .map(|line| {
            let (s, a) = seat_or_area(line.place);
            let x = line.channel.as_ref().map(|key| key.0.clone());
            WireLine { s, a, u: line.units, q: line.ticket_type.clone(), p: line.price.0, x }
        })
        .collect();
    to_json(&wire)
}

/// The lines from their column.
pub(crate) fn lines(text: &str) -> Result<Vec<Line>, Damaged> {
    let wire: Vec<WireLine> = json(text, "holds.lines")?;
    wire.into_iter()
        .map(|line| {
            Ok(Line {
                place: place(line.s, line.a, "holds.lines")?,
                units: line.u,
                ticket_type: line.q,
                price: Amount(line.p),
                channel: line.x.map(ChannelKey),
            })
        })
        .collect()
}

/// The barcodes as their column; none are none.
pub(crate) fn codes_to_json(codes: &[Vec<Option<Arc<str>>>]) -> Option<String> {
    (!codes.is_empty()).then(|| to_json(&codes))
}

/// The pseudonyms that a hold's units are counted under as their column: each with whether only while held.
pub(crate) fn claims_to_json(claims: &[(Surrogate, bool)]) -> String {
    to_json(&claims.iter().map(|(key, held_only)| (key.0, held_only)).collect::<Vec<_>>())
}

/// A status as its column, with the order that the hold became.
pub(crate) fn status_code(status: HoldStatus) -> (i64, Option<OrderId>) {
    match status {
        HoldStatus::Active => (0, None),
        HoldStatus::Confirmed(order) => (1, Some(order)),
        HoldStatus::Released => (2, None),
        HoldStatus::Expired => (3, None),
    }
}

/// A status from its column.
pub(crate) fn status(code: i64, order: Option<OrderId>) -> Result<HoldStatus, Damaged> {
    match (code, order) {
        (0, None) => Ok(HoldStatus::Active),
        (1, Some(order)) => Ok(HoldStatus::Confirmed(order)),
        (2, None) => Ok(HoldStatus::Released),
        (3, None) => Ok(HoldStatus::Expired),
        (other, _) => Err(Damaged::new(format!("holds.status is {other}"))),
    }
}

/// The barcodes from their column.
pub(crate) fn codes(text: Option<&str>) -> Result<Vec<Vec<Option<Arc<str>>>>, Damaged> {
    text.map_or_else(|| Ok(Vec::new()), |text| json(text, "holds.codes"))
}

/// The pseudonyms from their column.
pub(crate) fn claims(text: &str) -> Result<Vec<(Surrogate, bool)>, Damaged> {
    let claims: Vec<(u64, bool)> = json(text, "holds.claims")?;
    Ok(claims.into_iter().map(|(key, held_only)| (Serial(key), held_only)).collect())
}

/// The keys that each new hold's units are counted under: its record does not name them, its entry does.
pub(crate) fn claims_of(entries: &[Entry]) -> HashMap<Serial, Vec<(Surrogate, bool)>> {
    let made = entries.iter().filter(|entry| entry.kind == Kind::Hold);
    made.filter_map(|entry| {
        let claims = entry.counted.iter().map(|counted| (counted.key, counted.held_only)).collect();
        Some((entry.hold?.serial, claims))
    })
    .collect()
}
