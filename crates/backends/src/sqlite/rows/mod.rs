//! How the engine's records are rows, and back.
//!
//! One module a table or two. Every list of columns stands beside the function that reads it.

pub(super) mod event;
pub(super) mod hold;
pub(super) mod inventory;
pub(super) mod key;
pub(super) mod ledger;
pub(super) mod order;
pub(super) mod reply;

use domain::id::Serial;

use super::error::Failure;

/// A 64-bit pattern as SQLite keeps it.
pub(super) fn signed(bits: u64) -> i64 {
    bits.cast_signed()
}

/// The same, back.
pub(super) fn unsigned(bits: i64) -> u64 {
    bits.cast_unsigned()
}

/// A serial from its column.
pub(super) fn serial(bits: i64) -> Serial {
    Serial(unsigned(bits))
}

/// Reads a JSON column; what it holds stays out of the error, since it may be about people.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(text: &'a str, column: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::damaged(format!(
            "{column} cannot be read (line {}, column {})",
            error.line(),
            error.column()
        ))
    })
}

/// Writes a JSON column.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    // Lists of numbers and texts, written to memory, have no way to fail.
    let written = serde_json::to_string(value);
    assert!(written.is_ok(), "a JSON column could not be written to memory");
    written.unwrap_or_default()
}
