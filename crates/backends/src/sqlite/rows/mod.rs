//! How the engine's records are rows, and back.
//!
//! One module a table or two. Every list of columns stands beside the function that reads it.

pub(super) mod event;
pub(super) mod hold;
pub(super) mod inventory;
pub(super) mod key;
pub(super) mod ledger;
pub(super) mod order;
