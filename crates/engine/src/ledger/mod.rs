//! The ledger: one row a commit, with all its entries in one payload, chained by hashes.
//!
//! The payload is JSON, so that it can be read with nothing but a database client: version 1 is
//! `{"v":1,"e":[entry, …]}`, with the entries' fields as [`wire`] documents them. It is stored, hashed and replayed
//! as bytes; nobody re-encodes it.

pub mod settings;
pub mod wire;

use domain::entry::Entry;
use domain::event::Event;
use domain::id::{EventId, Seq};
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// The hash over an event's history up to a commit; all zero before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Head(pub [u8; 32]);

impl Head {
    /// The head after one more commit: SHA-256 over the previous head, the event, the commit's number
    /// and time (each as 8 bytes, most significant first), and the payload.
    #[must_use]
    pub fn extended(self, event: EventId, seq: Seq, at: Timestamp, payload: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(event.0.to_be_bytes());
        hasher.update(seq.0.to_be_bytes());
        hasher.update(at.0.to_be_bytes());
        hasher.update(payload);
        Self(hasher.finalize().into())
    }

    /// As 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
    }
}

/// Where an event's history stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// The last commit.
    pub seq: Seq,
    /// The hash up to it.
    pub head: Head,
}

/// A payload that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is of a version or shape that this binary does not know.
    #[error("the ledger holds a payload that cannot be read")]
    Payload(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is about a chart that the event at hand does not know of: read the event anew.
    #[error("the ledger holds a payload about a later chart of the event")]
    LaterChart,
}

impl Unreadable {
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self::Payload(reason.into().into())
    }
}

/// The payload of a commit, in a version of those that all live nodes read; see [`crate::fleet`].
#[must_use]
pub fn encode(entries: &[Entry], version: u32) -> Vec<u8> {
    wire::encode(entries, version)
}

/// The entries of a payload; `event` supplies what settings do not carry, such as the charts. It may be newer than the payload.
///
/// # Errors
/// When the payload is of a version or shape that this binary does not know, or newer than the event's charts.
pub fn decode(payload: &[u8], event: &Event) -> Result<Vec<Entry>, Unreadable> {
    wire::decode(payload, event)
}
