//! What is wrong with a body, and where.

use domain::chart::ChartFault;
use serde::Deserialize;
use serde_path_to_error::{Path, Segment};

use crate::wire::missing_member;

/// The longest pointer and the longest reason, in bytes: both may quote the body.
const QUOTE_BYTES_MAX: usize = 300;

/// Why a body is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct WireFault {
    /// A JSON pointer (RFC 6901) to the offending value, or to the object that lacks one; empty for the whole body.
    pub pointer: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether the body is not even JSON, which is a 400; what is merely wrong is a 422.
    pub malformed: bool,
}

impl From<ChartFault> for WireFault {
    fn from(ChartFault { pointer, reason }: ChartFault) -> Self {
        Self { pointer, reason, malformed: false }
    }
}

/// Parses a body: fast first, and once more with track of the path when that failed.
pub(super) fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, WireFault> {
    serde_json::from_slice(bytes).map_err(|error| {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Err(error) => fault(pointer(error.path()), error.inner()),
            // The value is fine; what follows it is not.
            Ok(_) => fault(String::new(), &error),
        }
    })
}

fn fault(pointer: String, error: &serde_json::Error) -> WireFault {
    let message = error.to_string();
    if let Some(name) = missing_member(&message) {
        let pointer = shortened(format!("{pointer}/{name}"));
        return WireFault { pointer, reason: "is missing".to_owned(), malformed: false };
    }
    // JSON does not bound its numbers, so one that fits no double is well-formed.
    let malformed = !error.is_data() && !message.starts_with("number out of range");
    let reason = message
        .replace("expected f64", "expected a number")
        .replace("expected u32", "expected a whole number from 0 to 4294967295")
        .replace("expected struct ", "expected ");
    WireFault { pointer: shortened(pointer), reason: shortened(reason), malformed }
}

fn shortened(mut text: String) -> String {
    if text.len() > QUOTE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(QUOTE_BYTES_MAX));
        text.push('…');
    }
    text
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => pointer.push_str(variant),
            // Where it broke off inside a key there is no path.
            Segment::Unknown => _ = pointer.pop(),
        }
    }
    pointer
}
