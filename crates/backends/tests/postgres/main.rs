//! The PostgreSQL store on real servers, which the tests start and end.
#![expect(clippy::unwrap_used, reason = "a test stops at its first fault")]

mod batches;
mod conformance;
mod deadlines;
mod fleet;
mod moves;
mod nodes;
mod opening;

use std::sync::Arc;

use backends::postgres::{PostgresOptions, PostgresStore};
use testkit::hall::HallReader;

/// Options for a server that flushes nothing, as those of tests.
fn options(url: String) -> PostgresOptions {
    PostgresOptions { allow_unsafe_durability: true, pool_size: 4, writers: 2, ..PostgresOptions::new(url) }
}

async fn open(url: String) -> Arc<PostgresStore> {
    PostgresStore::open(options(url), Arc::new(HallReader)).await.unwrap()
}
