//! The whole product from outside: the real server in this process over a store of its own, and the real binary for
//! commands and crashes.
//!
//! The modules mirror the routes; `client`, `sale`, `process`, `cluster`, `campaign`, `log` and `waiting` are what they stand on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a campaign says its seed and its verdict")]

mod campaign;
mod client;
mod cluster;
mod process;
mod sale;
mod waiting;

mod access;
mod audit;
mod availability;
mod blocks;
mod change;
mod chaos;
mod charts;
mod classic;
mod commands;
mod confirm;
mod crash;
mod deployment;
mod disconnect;
mod erase;
mod events;
mod exports;
mod feed;
mod fleet;
mod grace;
mod holds;
mod hostile;
mod idempotency;
mod import_orders;
mod integrations;
mod keys;
mod ledger;
mod manners;
mod moving;
mod operations;
mod orders;
mod outgrown;
mod read_only;
mod relay;
mod restore;
mod shutdown;
mod stampede;
mod store_failure;
