//! What the engine's records look like in a column, whatever the store: numbers, packed bytes, JSON.
//!
//! Stores read and write rows; what is inside a value is decided here, so that it is the same in each of them.

pub(crate) mod compact;
pub(crate) mod erase;
pub(crate) mod event;
pub(crate) mod hold;
pub(crate) mod inventory;
pub(crate) mod keys;
pub(crate) mod order;
pub(crate) mod pseudonyms;
pub(crate) mod reply;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod seats;

use domain::id::Serial;
use domain::place::{AreaIndex, Place, SeatIndex};
use engine::store::{Scope, StoreError};

/// What is stored cannot be understood: the table and column, and never the contents.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damaged(pub(crate) String);

impl Damaged {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl From<Damaged> for StoreError {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged.0)
    }
}

/// A 64-bit pattern as databases keep it.
pub(crate) fn signed(bits: u64) -> i64 {
    bits.cast_signed()
}

/// The same, back.
pub(crate) fn unsigned(bits: i64) -> u64 {
    bits.cast_unsigned()
}

/// A serial from its column.
pub(crate) fn serial(bits: i64) -> Serial {
    Serial(unsigned(bits))
}

/// A key's scope from its column.
pub(crate) fn scope(name: &str) -> Result<Scope, Damaged> {
    Scope::from_name(name).ok_or_else(|| Damaged::new("api_keys.scope is none that this version knows"))
}

/// A place as a JSON column names it: a seat, or an area.
fn seat_or_area(place: Place) -> (Option<u32>, Option<u16>) {
    match place {
        Place::Seat(seat) => (Some(seat.0), None),
        Place::Area(area) => (None, Some(area.0)),
    }
}

/// The place again.
fn place(seat: Option<u32>, area: Option<u16>, column: &str) -> Result<Place, Damaged> {
    match (seat, area) {
        (Some(seat), None) => Ok(Place::Seat(SeatIndex(seat))),
        (None, Some(area)) => Ok(Place::Area(AreaIndex(area))),
        _ => Err(Damaged(format!("{column} names no place"))),
    }
}

/// Reads a JSON column; what it holds stays out of the error, since it may be about people.
fn json<'a, T: serde::Deserialize<'a>>(text: &'a str, column: &str) -> Result<T, Damaged> {
    serde_json::from_str(text).map_err(|error| {
        Damaged(format!("{column} cannot be read (line {}, column {})", error.line(), error.column()))
    })
}

/// Writes a JSON column.
fn to_json<T: serde::Serialize>(value: &T) -> String {
    // Lists of numbers and texts, written to memory, have no way to fail.
    let written = serde_json::to_string(value);
    assert!(written.is_ok(), "a JSON column could not be written to memory");
    written.unwrap_or_default()
}
