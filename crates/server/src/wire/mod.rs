//! What travels over HTTP, as types.

pub mod basket;
pub mod channel;
pub mod chart;
pub mod event;
pub mod export;
pub mod order;
pub mod purchase;
pub mod time;

/// The member that an object lacks, by what the JSON parser says of it.
pub(crate) fn missing_member(reason: &str) -> Option<&str> {
    reason.strip_prefix("missing field `")?.split('`').next()
}
