//! The journal: batches in, snapshots and commits out.

mod guess;
mod lock;
mod read;
mod transact;
mod write;

use std::sync::Arc;

use domain::id::{EventId, Seq};
use engine::ledger::{Head, Position};
use engine::store::{
    Decider, Journal, LedgerRow, Positions, Snapshot, StoreError, StoreFuture, TransactError, Waits, Work,
};
use tokio::sync::watch;

use super::PostgresStore;

pub(super) use guess::Guesses;
pub(super) use read::{limit, limit_keys_of, orders_of, position_of, tail};
/// Every statement of a batch, by its round trip, for tests of their plans.
#[cfg(test)]
pub(super) fn statements() -> (Vec<&'static str>, Vec<&'static str>) {
    ([&lock::STATEMENTS[..], &[guess::CHECK]].concat(), write::STATEMENTS.to_vec())
}

/// The position of an event that is gone: a history that no desk is in, so that each loads anew.
const GONE: Position = Position { seq: Seq(0), head: Head([0xff; 32]) };

impl Journal for PostgresStore {
    fn load(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> StoreFuture<'_, Result<Option<Snapshot>, StoreError>> {
        Box::pin(async move { Ok(self.load_snapshot(event, keys_keep_ms).await?) })
    }

    fn news(&self) -> Option<watch::Receiver<u64>> {
        Some(self.news.subscribe())
    }

    fn transact(
        &self,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> StoreFuture<'_, Result<Vec<usize>, TransactError>> {
        Box::pin(async move { self.commit_batch(&works, waits, &*decider).await })
    }

    fn contains(&self, event: EventId, position: Position) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move { Ok(self.resolve(event, position).await?) })
    }

    fn positions(&self, events: Vec<EventId>) -> StoreFuture<'_, Result<Positions, StoreError>> {
        Box::pin(async move { Ok(self.read_positions(&events).await?) })
    }

    fn tail(
        &self,
        event: EventId,
        after: Seq,
        limit: usize,
    ) -> StoreFuture<'_, Result<Vec<LedgerRow>, StoreError>> {
        Box::pin(async move { Ok(self.read_tail(event, after, limit).await?) })
    }
}
